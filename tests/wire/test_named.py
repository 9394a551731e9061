"""Events by the names that people write, and their families."""

import re
from pathlib import Path

import pytest

from lived.wire.events import STATES, AnyEvent, CutDone, Heartbeat, SessionState, topic_of
from lived.wire.events.named import TYPES, fields_of, nearest, types_of

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()


def test_families_are_those_of_the_page() -> None:
    """State or happening: the table of docs/protocol.md says it."""
    rows = [line for line in PAGE.splitlines() if re.match(r"\| `[a-z.]+` .*\| (state|happening) \|", line)]
    told = {name: "| state |" in row for row in rows for name in re.findall(r"`([a-z.]+)`", row.split(" | ")[0])}
    assert told == {name: cls in STATES for name, cls in TYPES.items()}
    assert len(told) == len(AnyEvent.__args__)


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_type_is_that_type(name: str) -> None:
    """Also where others begin with it (cut, cut.done)."""
    (found,) = types_of(name)
    assert topic_of(found) == f"{name}/".encode()


def test_families() -> None:
    """All that begin so, less what is said twice a second; nothing for what does not exist."""
    assert SessionState in types_of("session")
    assert Heartbeat not in types_of("worker")
    assert types_of("worker.heartbeat") == [Heartbeat]
    assert CutDone not in types_of("cut")
    assert types_of("sess") == types_of("session.") == types_of("") == []
    assert {"pid", "state"} <= fields_of(types_of("worker"))
    assert (nearest("flor"), nearest("sesion"), nearest("mike")) == ("floor", "session", "mic")
