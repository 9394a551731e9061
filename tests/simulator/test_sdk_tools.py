"""The real google-genai SDK calls functions, thinks at length, and is told to go."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from google.genai import errors, types
from google.genai.live import AsyncSession
from pydantic import ValidationError

from simulator.harness import Heard, hear_turn, stand
from simulator.sdk_steps import FAST, in_loop, settled

CALLS = "calls = [{name = 'weather', args = {city = 'Berlin'}}]\nburst = 20\n"
QUICK = FAST + "call_ms = 50\nanswer_ms = 20\nreissue_ms = [100, 200]\n[[reply]]\nmarks_s = 1\n" + CALLS
THINKING = "gemini-3.8-live-extended-thinking"


def declared(behavior: types.Behavior | None = None) -> dict[str, Any]:
    """A config with one function."""
    return {"tools": [{"function_declarations": [{"name": "weather", "behavior": behavior}]}]}


async def called(session: AsyncSession, heard: Heard) -> types.FunctionCall:
    """Hear until the model calls something."""
    await hear_turn(session, heard, until=lambda h: bool(h.messages and h.messages[-1][1].tool_call))
    call = heard.messages[-1][1].tool_call
    assert call is not None
    assert call.function_calls is not None
    return call.function_calls[0]


async def respond(session: AsyncSession, call: types.FunctionCall, **fields: Any) -> None:
    """Answer a call."""
    response = types.FunctionResponse(id=call.id, name=call.name, response={"result": "sunny"}, **fields)
    await session.send_tool_response(function_responses=response)


@in_loop
async def test_blocking_call(tmp_path: Path) -> None:
    """Asked, called, answered, spoken: one turn; the journal has the call and the answer."""
    async with (
        stand(tmp_path, QUICK) as simulator,
        simulator.connect(**declared(types.Behavior.BLOCKING)) as session,
    ):
        await session.send_realtime_input(text="What is the weather?")
        heard = Heard()
        call = await called(session, heard)
        assert (call.name, call.args) == ("weather", {"city": "Berlin"})
        assert heard.pcm == b""
        await respond(session, call)
        await hear_turn(session, heard)
        assert heard.pcm
        (noted,) = simulator.journal("call")
        assert (noted["ids"], noted["names"], noted["blocking"]) == ([call.id], ["weather"], True)
        (answer,) = simulator.journal("answer")
        assert (answer["id"], answer["verdict"]) == (call.id, "taken")


@in_loop
async def test_non_blocking_call_that_interrupts(tmp_path: Path) -> None:
    """The filler goes on while the function works; the answer cuts it and is a turn of its own."""
    text = QUICK.replace("burst = 20\n", "burst = 1\nfiller = 'I will look, just a moment please, it may take long.'\n")
    async with stand(tmp_path, text) as simulator, simulator.connect(**declared()) as session:
        await session.send_realtime_input(text="What is the weather?")
        heard = Heard()
        call = await called(session, heard)
        await hear_turn(session, heard, until=lambda h: bool(h.pcm))
        await respond(session, call, scheduling=types.FunctionResponseScheduling.INTERRUPT)
        await hear_turn(session, heard)
        assert heard.order[-2:] == ["interrupted", "turn_complete"]
        second = await hear_turn(session)
        assert second.pcm


@in_loop
async def test_the_call_comes_again_after_a_barge_in(tmp_path: Path) -> None:
    """The first id is dead, the second lives."""
    async with (
        stand(tmp_path, QUICK) as simulator,
        simulator.connect(**declared(types.Behavior.BLOCKING)) as session,
    ):
        await session.send_realtime_input(text="What is the weather?")
        first = await called(session, Heard())
        await session.send_realtime_input(text="Hurry up.")
        second = await called(session, Heard())
        assert first.id != second.id
        await respond(session, first)
        await respond(session, second)
        heard = await hear_turn(session)
        assert heard.pcm
        assert [entry["verdict"] for entry in simulator.journal("answer")] == ["dropped", "taken"]


@in_loop
async def test_extended_thinking(tmp_path: Path) -> None:
    """One receive() from the filler over the call to the end: IN_PROGRESS does not end it, IDLE does."""
    config = {**declared(), "thinking_config": {"thinking_level": "LOW"}}
    async with stand(tmp_path, QUICK) as simulator, simulator.connect(THINKING, **config) as session:
        await session.send_realtime_input(text="What is the weather?")
        heard = Heard()
        async for message in session.receive():
            heard.take(message)
            if message.tool_call and message.tool_call.function_calls:
                await respond(session, message.tool_call.function_calls[0])
        status = [m.server_content.interaction_status for _, m in heard.messages if m.server_content]
        assert [s.value for s in status if s is not None] == ["IN_PROGRESS", "IDLE"]
        assert heard.order.count("turn_complete") == 2


@pytest.mark.parametrize(("fault", "raises"), [("args_not_object", True), ("malformed_args", False)])
@in_loop
async def test_wrong_arguments(tmp_path: Path, fault: str, raises: bool) -> None:
    """Arguments that are no object make the SDK raise; wrong ones inside reach the function."""
    async with (
        stand(tmp_path, QUICK + f"faults = ['{fault}']\n") as simulator,
        simulator.connect(**declared(types.Behavior.BLOCKING)) as session,
    ):
        await session.send_realtime_input(text="What is the weather?")
        if raises:
            with pytest.raises(ValidationError):
                await called(session, Heard())
        else:
            call = await called(session, Heard())
            assert call.args is not None
            assert "unexpected" in call.args


@in_loop
async def test_the_cap_in_two_seconds(tmp_path: Path) -> None:
    """Ten minutes at 300 times: goAway with what is really left, then 1011."""
    async with stand(tmp_path, "time_scale = 300\n" + FAST) as simulator, simulator.connect() as session:
        heard = Heard()
        with pytest.raises(errors.APIError) as caught:
            while True:
                await hear_turn(session, heard)
        (left,) = [m.go_away.time_left for _, m in heard.messages if m.go_away]
        assert left == "0.167s"
        assert (caught.value.code, caught.value.details) == (1011, "Deadline expired before operation could complete.")


@in_loop
async def test_search_and_usage(tmp_path: Path) -> None:
    """The SDK reads groundingMetadata and the tokens by modality."""
    text = FAST + "[[reply]]\nmarks_s = 1\nburst = 20\nturn_complete = 'early'\nsearch = 'weather'\n"
    async with stand(tmp_path, text) as simulator, simulator.connect(tools=[{"google_search": {}}]) as session:
        await session.send_realtime_input(text="What is the weather?")
        heard = await hear_turn(session)
    contents = [m.server_content for _, m in heard.messages if m.server_content]
    (grounding,) = [content.grounding_metadata for content in contents if content.grounding_metadata]
    assert grounding.web_search_queries == ["weather"]
    (usage,) = [m.usage_metadata for _, m in heard.messages if m.usage_metadata]
    assert {d.modality.value for d in usage.prompt_tokens_details or [] if d.modality} == {"TEXT", "AUDIO"}
    assert usage.response_token_count == 30


@in_loop
async def test_a_fault_of_a_reply_through_the_control_socket(tmp_path: Path) -> None:
    """What belongs to a reply is for the next one; a reply that is said unasked may call functions."""
    async with (
        stand(tmp_path, QUICK) as simulator,
        simulator.connect(**declared(types.Behavior.BLOCKING)) as session,
    ):
        reader, writer = await asyncio.open_unix_connection(simulator.ready.control)
        say = {"calls": [{"name": "weather"}], "call_ms": 20}
        for request in ({"op": "inject", "fault": {"do": "thirty_calls"}}, {"op": "say", "reply": say}):
            writer.write(json.dumps(request).encode() + b"\n")
            assert json.loads(await reader.readline()) == {"ok": True}
            await settled(lambda: simulator.journal("fault"))
        heard = Heard()
        await called(session, heard)
        writer.close()
        message = heard.messages[-1][1].tool_call
        assert message is not None
        assert len(message.function_calls or []) == 30
