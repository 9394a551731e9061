"""What happened, in files that a test can read while it happens: journal.jsonl, heard.pcm, spoken.pcm.

Every line is flushed when written (to the kernel, not to the disk). `t_ns` is CLOCK_MONOTONIC, the clock of all
processes here. No key, token or handle is ever written.
"""

import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.effects import Send

MOST_ENTRIES: Final = 5_000
"""Lines that one `since` returns: at 200 bytes each about 1 MB."""


class Journal:
    """Writes the three files of one directory; raises OSError when the disk is full. Owned by the event loop."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "journal.jsonl"
        self.heard_path = directory / "heard.pcm"
        self.spoken_path = directory / "spoken.pcm"
        # unbuffered: one write per entry, at once readable by others
        self._lines = self.path.open("wb", buffering=0)
        self._heard = self.heard_path.open("wb", buffering=0)
        self._spoken = self.spoken_path.open("wb", buffering=0)
        self._encoder = msgspec.json.Encoder()
        self._heard_bytes = 0
        self._spoken_bytes = 0
        self.entries = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for file in (self._lines, self._heard, self._spoken):
            file.close()

    def write(self, connection: int | None, kind: str, t_ns: int | None = None, **detail: Any) -> None:
        """One line; `t_ns` is now unless given."""
        entry = {
            "n": self.entries,
            "t_ns": t_ns or time.monotonic_ns(),
            "connection": connection,
            "kind": kind,
            **detail,
        }
        self._lines.write(self._encoder.encode(entry) + b"\n")
        self.entries += 1

    def received(self, connection: int, t_ns: int, size: int, messages: list[said.ClientMessage]) -> None:
        """The messages of one frame of `size` bytes."""
        for message in messages:
            detail: dict[str, Any] = {"frame_bytes": size}
            if isinstance(message, said.Audio):
                detail |= {"offset": self._heard_bytes, "bytes": len(message.pcm), "rate": message.rate}
                self._heard.write(message.pcm)
                self._heard_bytes += len(message.pcm)
            else:
                detail |= _detail(message)
            self.write(connection, _KINDS[type(message)], t_ns, **detail)

    def sent(self, connection: int, send: Send) -> None:
        """A frame that is going out."""
        detail: dict[str, Any] = {"what": send.what, "frame_bytes": len(send.data)}
        if send.turn is not None:
            detail["turn"] = send.turn
        if send.pcm:
            detail |= {"offset": self._spoken_bytes, "bytes": len(send.pcm)}
            self._spoken.write(send.pcm)
            self._spoken_bytes += len(send.pcm)
        self.write(connection, "sent", **detail)

    def since(self, n: int) -> list[dict[str, Any]]:
        """The lines from number `n` on, at most MOST_ENTRIES."""
        with self.path.open("rb") as lines:
            wanted = (line for number, line in enumerate(lines) if n <= number < n + MOST_ENTRIES)
            return [msgspec.json.decode(line) for line in wanted]


_KINDS: Final[dict[type[msgspec.Struct], str]] = {
    said.Setup: "setup",
    said.Audio: "audio",
    said.Video: "video",
    said.Text: "text",
    said.ActivityStart: "activityStart",
    said.ActivityEnd: "activityEnd",
    said.AudioStreamEnd: "audioStreamEnd",
    said.ClientContent: "clientContent",
    said.ToolResponse: "toolResponse",
    said.ContextUpdate: "contextUpdate",
}


def _detail(message: said.ClientMessage) -> dict[str, Any]:
    if isinstance(message, said.Setup):
        return {"setup": without_handle(message.body)}
    if isinstance(message, said.Video):
        return {"bytes": len(message.image), "mime_type": message.mime_type}
    return msgspec.to_builtins(message)  # type: ignore[no-any-return]


def without_handle(setup: dict[str, Any]) -> dict[str, Any]:
    """The setup with its resumption handle, which is a secret, replaced by a word."""
    resumption = setup.get("sessionResumption")
    if not isinstance(resumption, dict) or not resumption.get("handle"):
        return setup
    return {**setup, "sessionResumption": {**resumption, "handle": "(a handle)"}}
