"""Function calls gone wrong, by name: which are made, and what else happens then. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from lived_workers.simulator.faults import Fault
from lived_workers.simulator.frame_faults import NO_SUCH_FUNCTION
from lived_workers.simulator.scenario import Call, Reply
from lived_workers.simulator.toolbox import Toolbox

PARALLEL: Final = 30
MALFORMED: Final = {"": None, "unexpected": [1, {"deeper": "\u0000"}], "city": {"not": "a string"}}
"""An object, but none that any schema asks for."""
MISHAPS: Final[Mapping[str, tuple[float, Fault]]] = {
    "call_then_close": (0.02, Fault(do="close", code=1011)),
    "call_during_reconnect": (0.0, Fault(do="go_away_and_close", s=1.0)),
    "go_away_mid_call": (0.1, Fault(do="go_away_and_close", s=50.0)),
}
"""What happens so many seconds after the call."""

_CHANGES: Final[Mapping[str, Callable[[list[Call]], list[Call]]]] = {
    "unknown_function": lambda calls: [replace(call, name=NO_SUCH_FUNCTION) for call in calls],
    "malformed_args": lambda calls: [replace(call, args=MALFORMED) for call in calls],
    "thirty_calls": lambda calls: (calls * PARALLEL)[:PARALLEL],
}


def issued(reply: Reply, toolbox: Toolbox) -> list[Call]:
    """The calls that are really made: of declared functions, then as the reply's faults leave them."""
    undeclared_too = "unknown_function" in reply.faults
    calls = [call for call in reply.calls if undeclared_too or call.name in toolbox.functions]
    for name in reply.faults:
        if (change := _CHANGES.get(name)) is not None:
            calls = change(calls)
    return calls


def mishaps(reply: Reply) -> Iterator[tuple[float, Fault]]:
    """What else happens, with its seconds after the call."""
    for name in reply.faults:
        if name in MISHAPS:
            yield MISHAPS[name]
