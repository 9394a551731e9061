"""What a status says as events."""

import pytest

from fakes.door import STATUS
from lived.errors import WireError
from lived.supervisor.picture import Picture
from lived.units import Ns, Turn
from lived.wire.events import (
    FloorChanged,
    Health,
    MicChanged,
    Ready,
    SessionState,
    Spent,
    Unready,
    VolumeChanged,
    WorkerState,
)
from lived.wire.snapshot import states


def test_the_states_of_a_status() -> None:
    """One of each, workers too."""
    spent = Spent(currency="USD", turn=0.1, session=0.2, day=0.3)
    usage = {"currency": "USD", "turn": 0.1, "session": 0.2, "day": 0.3, "budget": 0.0, "tokens": {}}
    waiting = {"name": "camera", "state": "running", "ready": False, "text": "No camera.", "pid": 9}
    dying = {"name": "hooks", "state": "backoff", "ready": False, "text": "killed", "pid": None}
    told = states(STATUS | {"usage": usage, "workers": [*STATUS["workers"], waiting, dying]})
    assert told == [
        Health(state="ready"),
        FloorChanged(floor="nobody", turn=Turn(41)),
        MicChanged(muted=False),
        VolumeChanged(percent=100),
        SessionState(state="open", connection=1),
        spent,
        WorkerState(worker="capture", state="running"),
        Ready(worker="capture", text="USB Audio at 48000 Hz, 2 channels"),
        WorkerState(worker="gateway", state="running"),
        Ready(worker="gateway"),
        WorkerState(worker="camera", state="running"),
        Unready(worker="camera", text="No camera."),
        WorkerState(worker="hooks", state="backoff"),
    ]


def test_an_error_has_its_sentence() -> None:
    """Where something is amiss or waited for, and nowhere else."""
    broken = STATUS | {"usage": {}, "state": "degraded", "text": "gateway: no network"}
    assert states(broken)[0] == Health(state="degraded", text="gateway: no network")


def test_what_the_supervisor_makes_is_one() -> None:
    """Not only what this test writes by hand."""
    status = Picture(Ns(0), conversing=False, muted=True, volume=40).status([], Ns(0))
    assert MicChanged(muted=True) in states(status)


@pytest.mark.parametrize("status", [{}, STATUS | {"usage": {"currency": 1}}, STATUS | {"workers": [{}], "usage": {}}])
def test_anything_else_is_one_error(status: dict[str, object]) -> None:
    """Data from outside."""
    with pytest.raises(WireError, match="Not a status"):
        states(status)
