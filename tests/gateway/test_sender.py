"""What the sender makes of a connection's end: what was not read is sent again, what was read is not."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from lived.units import Frames
from lived_workers.gateway.acknowledged import Connection
from lived_workers.gateway.closing import Cause, LinkLostError
from lived_workers.gateway.messages import Message, Text
from lived_workers.gateway.pings import Answered
from lived_workers.gateway.sender import Sender
from lived_workers.gateway.store import Store
from lived_workers.gateway.uplink import Uplink

BREAKER = Text("the one that breaks it")
TEXTS = [Text(str(n)) for n in range(8)]


class Wire:
    """A connection whose other machine acknowledges everything, and whose program reads, or does not."""

    def __init__(self, reads: bool, breaks_after: int) -> None:
        self.connection = Connection(None)  # everything handed over counts as acknowledged
        self.sent: list[Message] = []
        self._reads, self._breaks_after = reads, breaks_after

    async def send_audio(self, pcm: bytes) -> None:
        """Nobody speaks here."""
        raise AssertionError(pcm)

    async def send(self, message: Message) -> None:
        """Works so many times."""
        if len(self.sent) >= self._breaks_after:
            raise LinkLostError(Cause.CLOSED, 1006)
        self.sent.append(message)

    async def ping(self) -> Answered:
        """Answered at once, or never."""
        return lambda: self._reads


class Stage:
    """A sender over several connections."""

    def __init__(self, folder: Path) -> None:
        self.uplink = Uplink(Frames(16_000))
        self.sender = Sender(self.uplink, Store(folder, folder), lambda _: None)

    def connect(self, reads: bool, breaks_after: int) -> list[Message]:
        """One connection to its end; what was sent on it."""
        wire = Wire(reads, breaks_after)
        with contextlib.suppress(LinkLostError):
            asyncio.run(self._run(wire))
        self.sender.settle(wire.connection)
        self.sender.lost()
        return wire.sent

    async def _run(self, wire: Wire) -> None:
        self.uplink.put(BREAKER)
        await self.sender.run(wire)


@pytest.mark.parametrize("reads", [False, True])
def test_a_server_that_breaks_off_in_a_burst(tmp_path: Path, reads: bool) -> None:
    """It accepts, its machine takes what was kept, and it is gone: known to be read is only what it has answered
    behind."""
    stage = Stage(tmp_path)
    stage.connect(reads=True, breaks_after=0)
    stage.uplink.put(Text("so that a ping goes out"))
    stage.connect(reads=True, breaks_after=2)
    stage.uplink.clear()
    for text in TEXTS:
        stage.uplink.put(text)
    assert stage.connect(reads, breaks_after=8) == TEXTS
    assert stage.connect(reads=True, breaks_after=1) == [BREAKER if reads else TEXTS[0]]
