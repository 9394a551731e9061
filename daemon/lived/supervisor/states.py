"""The states of a worker process as the supervisor sees it. All changes are in this table.

STARTING: the process exists, its job is not done yet. RUNNING: it said hello and answers. BACKOFF: it ended or was
ended, and will be started again. STOPPING: it was asked to end. EXITED: it ended as asked. FATAL: starting it again
would not help; a person has to change something.
"""

from enum import StrEnum


class State(StrEnum):
    """The states."""

    STARTING = "starting"
    RUNNING = "running"
    BACKOFF = "backoff"
    STOPPING = "stopping"
    EXITED = "exited"
    FATAL = "fatal"


class Happening(StrEnum):
    """What can happen to a worker."""

    STARTED = "started"
    HELLO = "hello"
    DIED = "died"
    DIED_FOR_GOOD = "died for good"
    ASKED_TO_STOP = "asked to stop"


TABLE: dict[tuple[State, Happening], State] = {
    (State.EXITED, Happening.STARTED): State.STARTING,
    (State.EXITED, Happening.ASKED_TO_STOP): State.EXITED,
    (State.BACKOFF, Happening.STARTED): State.STARTING,
    (State.BACKOFF, Happening.ASKED_TO_STOP): State.EXITED,
    (State.FATAL, Happening.STARTED): State.STARTING,
    (State.FATAL, Happening.ASKED_TO_STOP): State.EXITED,
    (State.STARTING, Happening.HELLO): State.RUNNING,
    (State.STARTING, Happening.DIED): State.BACKOFF,
    (State.STARTING, Happening.DIED_FOR_GOOD): State.FATAL,
    (State.STARTING, Happening.ASKED_TO_STOP): State.STOPPING,
    (State.RUNNING, Happening.HELLO): State.RUNNING,
    (State.RUNNING, Happening.DIED): State.BACKOFF,
    (State.RUNNING, Happening.DIED_FOR_GOOD): State.FATAL,
    (State.RUNNING, Happening.ASKED_TO_STOP): State.STOPPING,
    # late news of a process that is on its way out
    (State.STOPPING, Happening.HELLO): State.STOPPING,
    (State.STOPPING, Happening.ASKED_TO_STOP): State.STOPPING,
    (State.STOPPING, Happening.DIED): State.EXITED,
    (State.STOPPING, Happening.DIED_FOR_GOOD): State.EXITED,
}

ALIVE = frozenset({State.STARTING, State.RUNNING, State.STOPPING})
"""States with a process."""


def after(state: State, happening: Happening) -> State:
    """The next state.

    Raises:
        ValueError: the table has no such transition: a bug of the supervisor.
    """
    try:
        return TABLE[state, happening]
    except KeyError:
        raise ValueError(f"A worker that is {state} cannot have {happening}.") from None
