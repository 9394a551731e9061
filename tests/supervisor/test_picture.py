"""What the daemon knows of itself: swaps, and what they cost."""

from lived.cli.commands.status import lines
from lived.supervisor.picture import Picture
from lived.units import Epoch, Frames, Ms, Ns, Position
from lived.wire.events import Loss, Swapped


def loss(worker: str, frames: int) -> Loss:
    """Frames that nobody could repeat."""
    return Loss(worker=worker, stream="mic", epoch=Epoch(1), position=Position(0), frames=Frames(frames))


def test_swaps_and_lost_words_are_counted() -> None:
    """The user's sound in milliseconds; what playback missed is another matter."""
    picture = Picture(Ns(0), conversing=True, muted=False, volume=100)
    for _ in range(4):
        picture.take(Swapped(cause="age", kept="resumed", gap_ms=Ms(300), lost=Frames(0)))
    status = picture.status([], Ns(0))
    assert (status["session"]["swaps"], status["session"]["lost_ms"]) == (4, 0)
    assert any("swaps 4, words lost 0" in line for line in lines(status, 80))
    picture.take(loss("playback", 24_000))
    picture.take(loss("gateway", 19_200))
    status = picture.status([], Ns(0))
    assert status["session"]["lost_ms"] == 1200
    assert any("swaps 4, 1.2 s of words lost" in line for line in lines(status, 80))
