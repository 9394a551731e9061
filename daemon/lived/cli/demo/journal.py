"""What the stand-in wrote down: the sound it received and when, the sound it sent and for which turn."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from lived.cli.demo.measure import Message
from lived.errors import InputError
from lived.units import BYTES_PER_SAMPLE, Ns


class Journal(NamedTuple):
    """One demo as the stand-in saw it."""

    received: bytes
    """All sound, in order of arrival."""
    messages: list[Message]
    sent: list[bytes]
    """The sound of each reply, in order."""


def read(folder: Path) -> Journal:
    """Read it after the stand-in has ended.

    Raises:
        InputError: it is incomplete.
    """
    try:
        lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
        received = (folder / "heard.pcm").read_bytes()
        spoken = (folder / "spoken.pcm").read_bytes()
        return Journal(received, messages(lines), sent(lines, spoken))
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"The stand-in's journal in {folder} cannot be used: {error!r}.") from error


def messages(lines: Iterable[dict[str, Any]]) -> list[Message]:
    """The messages of sound that arrived."""
    return [
        Message(Ns(line["t_ns"]), line["offset"] // BYTES_PER_SAMPLE, line["bytes"] // BYTES_PER_SAMPLE)
        for line in lines
        if line["kind"] == "audio"
    ]


def sent(lines: Iterable[dict[str, Any]], spoken: bytes) -> list[bytes]:
    """The sound of each reply, in the order of their beginnings."""
    turns: dict[int, bytearray] = {}
    for line in lines:
        if line["kind"] == "sent" and "offset" in line:
            piece = spoken[line["offset"] : line["offset"] + line["bytes"]]
            turns.setdefault(line["turn"], bytearray()).extend(piece)
    return [bytes(pcm) for pcm in turns.values()]
