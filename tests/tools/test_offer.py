"""What the model is offered: names that fit, no name twice, no more than fits."""

import re

from hypothesis import given
from hypothesis import strategies as st

from lived.wire import decode_event, encode_event
from lived.wire.events import Function
from lived_workers.tools.offer import fitting, offered, summary
from lived_workers.tools.tool import Args, More, Response, Tool

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")


async def _run(args: Args, more: More) -> Response:
    return {"result": 1}


def tool(name: str, origin: str = "", description: str = "") -> Tool:
    """A tool that is never run."""
    return Tool(
        Function(name=name, description=description, parameters={"$schema": "x", "type": "object"}), _run, origin=origin
    )


@given(st.lists(st.tuples(st.text(max_size=80), st.sampled_from(["", "home", "a b"])), max_size=20))
def test_names_fit_and_are_unique(named: list[tuple[str, str]]) -> None:
    """Whatever servers call their tools, the Live API takes the names, and each tool can be called."""
    offer = offered(tool(name, origin) for name, origin in named)
    assert len(offer.tools) == len(named)
    for name, found in offer.tools.items():
        assert NAME.fullmatch(name)
        assert found.function.name == name
        assert found.function.parameters == {"type": "object"}


def test_the_first_keeps_its_name() -> None:
    """The device's own tools come first; a server's gets the server's name in front."""
    offer = offered([tool("mute"), tool("mute", "home"), tool("mute", "home")])
    assert list(offer.tools) == ["mute", "home_mute", "home_mute_2"]
    assert fitting("größe/1") == "gr__e_1"
    assert fitting("1st") == "_1st"


def test_what_does_not_fit_is_left_out_and_said() -> None:
    """A server with a hundred long descriptions must not silence all others."""
    offer = offered(tool(f"t{n}", "home", "x" * 2_000) for n in range(100))
    event = offer.event(complete=True)
    assert decode_event(encode_event(event)) == event
    assert len(offer.tools) + len(offer.left_out) == 100
    assert summary(offer, []).endswith(f"no room for {len(offer.left_out)} more: set mcp.allow")


def test_status_says_whose_tools_they_are() -> None:
    """And what is wrong."""
    offer = offered([*(tool(f"t{n}") for n in range(5)), tool("a", "home"), tool("b", "home")])
    assert summary(offer, []) == "7 tools (2 from MCP server home)"
    assert summary(offered([tool("a")]), ["MCP server home cannot be reached (no answer in time)"]) == (
        "1 tool; MCP server home cannot be reached (no answer in time)"
    )
