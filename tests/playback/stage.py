"""What the tests of playback share: its settings, and what it was heard to play."""

from pathlib import Path

from fakes.bus import BusFixture
from fakes.sound import samples_of
from lived.config import Audio, Config
from lived.wire import Chunk
from lived.wire.chunk import Stream

PLAYBACK = "lived_workers.playback"
BLOCK_NS = 10_000_000


def config(path: Path, **audio: object) -> Config:
    """Playing into a file."""
    return Config(audio=Audio(**({"output": f"file:{path}"} | audio)))  # type: ignore[arg-type]


def speaker(bus: BusFixture, turn: int | None = None) -> list[Chunk]:
    """What was published so far, of one turn or all."""
    return [c for c in list(bus.chunks) if c.stream is Stream.SPEAKER and turn in (None, c.turn)]


def samples(chunks: list[Chunk]) -> tuple[int, ...]:
    """Their samples that are not silent."""
    return tuple(s for s in samples_of(b"".join(c.pcm for c in chunks)) if s)
