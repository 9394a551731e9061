"""Trying a microphone or a loudspeaker, in a program of its own (``lived.cli.setup.sound``)."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import msgspec

from lived.cli.setup.choices import Device
from lived.config import Audio
from lived.credentials import scrubbed
from lived.errors import DeviceError

LISTEN_S = 5.0
PATIENCE_S = 30.0
"""A card with many rates takes seconds to be asked for them, a small board seconds to import."""


class _News(msgspec.Struct, frozen=True):
    """A line of that program."""

    error: str = ""
    devices: tuple[Device, ...] = ()
    peak: float | None = None


def devices() -> tuple[Device, ...]:
    """All there are. Raises DeviceError: they cannot be listed."""
    return next((news.devices for news in _running({"do": "list"})), ())


def play(audio: Audio) -> None:
    """The test sound, from ``audio.output``; returns when it is over. Raises DeviceError."""
    for _ in _running({"do": "play", "audio": audio}):
        pass


def listen(audio: Audio) -> Iterator[float | None]:
    """How loud ``audio.input`` is: peaks in dBFS, None = digital silence, ten a second. Raises DeviceError."""
    for news in _running({"do": "listen", "audio": audio, "seconds": LISTEN_S}):
        yield news.peak


def _running(job: dict[str, object]) -> Iterator[_News]:
    with subprocess.Popen(
        [sys.executable, "-m", "lived.cli.setup.sound"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=scrubbed(os.environ),
        start_new_session=True,  # Ctrl-C is ours: it is ended below
    ) as program:
        clock = threading.Timer(PATIENCE_S, program.kill)
        clock.start()
        try:
            assert program.stdin is not None  # noqa: S101  (PIPE was asked for)
            assert program.stdout is not None  # noqa: S101
            program.stdin.write(msgspec.json.encode(job) + b"\n")
            program.stdin.close()
            for line in program.stdout:
                news = msgspec.json.decode(line, type=_News)
                if news.error:
                    raise DeviceError(news.error)
                yield news
            program.wait()
        finally:
            clock.cancel()
            program.kill()
    if program.returncode:
        raise DeviceError("The sound driver crashed or hung: try another device, or 'livectl doctor'.")
