"""What the daemon knows of itself: swaps, a session that sleeps, and money."""

from lived.cli.commands.status import lines
from lived.supervisor.child import Child
from lived.supervisor.member import Limits, Spec
from lived.supervisor.picture import Picture
from lived.supervisor.process import Process
from lived.supervisor.states import State
from lived.units import Epoch, Frames, Ms, Ns, Position
from lived.wire.events import Idle, Loss, SessionState, Spent, Swapped


def _never(module: str, _path: str | None) -> Process:
    raise AssertionError(f"{module} is not to be started")


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


def pictured() -> tuple[Picture, Child]:
    """A conversation with one essential worker that runs."""
    child = Child(Spec("gateway", "no.module"), _never, Limits.of(1, 1, 1))
    child.state = State.RUNNING
    child.say(True, "")
    return Picture(Ns(0), conversing=True, muted=False, volume=100), child


def test_asleep_is_ready() -> None:
    """Nothing is wrong and nothing is being waited for, until the session is opened again."""
    picture, child = pictured()
    picture.take(SessionState(state="open"))
    assert picture.state([child])[0] == "ready"
    picture.take(SessionState(state="off", text="Asleep."))
    picture.take(Idle(awake=False))
    assert picture.state([child]) == ("ready", "asleep, because nobody spoke")
    picture.take(SessionState(state="connecting"))
    assert picture.state([child])[0] == "starting"


def test_what_it_costs() -> None:
    """Nothing is said before the gateway has; then the newest of it."""
    picture, child = pictured()
    assert picture.status([child], Ns(0))["usage"] == {}
    picture.take(Spent(currency="EUR", turn=0.1, session=0.2, day=0.3, budget=2.0, tokens={"audio_in": 5}))
    assert picture.status([child], Ns(0))["usage"] == {
        "currency": "EUR",
        "turn": 0.1,
        "session": 0.2,
        "day": 0.3,
        "budget": 2.0,
        "saved": 0.0,
        "tokens": {"audio_in": 5},
    }
