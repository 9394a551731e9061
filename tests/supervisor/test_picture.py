"""What the status says of a session that sleeps, and of money."""

from lived.supervisor.child import Child, Limits, Spec
from lived.supervisor.picture import Picture
from lived.supervisor.states import State
from lived.units import Ns
from lived.wire.events import Idle, SessionState, Spent


def pictured() -> tuple[Picture, Child]:
    """A conversation with one essential worker that runs."""
    child = Child(Spec("gateway", "no.module"), {}, Limits.of(1, 1, 1))
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
        "tokens": {"audio_in": 5},
    }
