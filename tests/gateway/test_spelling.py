"""What is sent, as the real SDK puts it on the wire."""

import asyncio
import json
from typing import Any

import msgspec
import pytest
from google import genai
from google.genai.live import AsyncSession

from lived.config import Config
from lived.wire.events import Function
from lived_workers.gateway.messages import (
    ActivityEnd,
    ActivityStart,
    Answer,
    Context,
    Message,
    Picture,
    Prompt,
    StreamEnd,
    Text,
)
from lived_workers.gateway.spelling import spell

CONFIG = Config()
THINKING = msgspec.structs.replace(
    CONFIG, live=msgspec.structs.replace(CONFIG.live, model="gemini-3.8-live-extended-thinking")
)
VERTEX = msgspec.structs.replace(CONFIG, live=msgspec.structs.replace(CONFIG.live, vertex=True, project="p"))
CLOCK = Function(name="clock", description="The time.", parameters={"type": "object"}, behavior="blocking")


class Socket:
    """What is sent."""

    def __init__(self) -> None:
        self.frames: list[Any] = []

    async def send(self, frame: str) -> None:
        """One frame."""
        self.frames.append(json.loads(frame))


class Vertex:
    """As much of a client of Vertex AI as a session looks at."""

    vertexai = True


def on_the_wire(message: Message, config: Config = CONFIG) -> Any:
    """The frame that the SDK makes of it."""
    socket = Socket()
    client = Vertex() if config.live.vertex else genai.Client(api_key="k", vertexai=False)._api_client
    session = AsyncSession(api_client=client, websocket=socket)  # type: ignore[arg-type]
    said = spell(message, config)
    assert said is not None
    asyncio.run(getattr(session, said.method)(**said.arguments))
    (frame,) = socket.frames
    return frame


ANSWER = Answer("c1", "weather", {"result": "rain"})


@pytest.mark.parametrize(
    ("message", "frame"),
    [
        (Text("Hi"), {"realtime_input": {"text": "Hi"}}),
        (StreamEnd(), {"realtime_input": {"audioStreamEnd": True}}),
        (ActivityStart(), {"realtime_input": {"activityStart": {}}}),
        (ActivityEnd(), {"realtime_input": {"activityEnd": {}}}),
        (
            Picture(b"\xff\xd8\xff", "image/jpeg", keep=True),
            {"realtime_input": {"video": {"data": "_9j_", "mime_type": "image/jpeg"}}},
        ),
        (Prompt(), {"client_content": {"turnComplete": True}}),
        (
            ANSWER,
            {"tool_response": {"functionResponses": [{"id": "c1", "name": "weather", "response": {"result": "rain"}}]}},
        ),
        (
            Context("New rules.", None),
            {"contextUpdate": {"systemInstruction": {"parts": [{"text": "New rules."}], "role": "user"}}},
        ),
        (Context(None, ()), {"contextUpdate": {"tools": {"tools": []}}}),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, dict) else "",
)
def test_every_message(message: Message, frame: dict[str, Any]) -> None:
    """Exactly what the server expects, key by key."""
    assert on_the_wire(message) == frame


def test_an_answer_says_when_it_is_spoken_of() -> None:
    """Where the model knows such a thing; where it does not, the field would close the session."""
    answer = ANSWER._replace(scheduling="when_idle")
    (body,) = on_the_wire(answer)["tool_response"]["functionResponses"]
    assert body["scheduling"] == "WHEN_IDLE"
    (body,) = on_the_wire(answer, THINKING)["tool_response"]["functionResponses"]
    assert "scheduling" not in body


def test_a_generator_says_whether_it_goes_on() -> None:
    """Each of its answers, the last one too; others never do."""
    bodies = [
        on_the_wire(ANSWER._replace(more=more, number=number))["tool_response"]["functionResponses"][0]
        for more, number in ((True, 0), (True, 1), (False, 2))
    ]
    assert [body["will_continue"] for body in bodies] == [True, True, False]


def test_what_vertex_ai_does_not_take_is_not_sent() -> None:
    """The SDK would refuse it with an error in the middle of a conversation."""
    assert spell(StreamEnd(), VERTEX) is None
    assert spell(ANSWER._replace(more=True), VERTEX) is None
    (body,) = on_the_wire(ANSWER._replace(number=2), VERTEX)["tool_response"]["functionResponses"]
    assert body == {"id": "c1", "name": "weather", "response": {"result": "rain"}}


def test_functions_in_an_open_session() -> None:
    """As in the setup: with their schema, and the search beside them."""
    searching = msgspec.structs.replace(CONFIG, live=msgspec.structs.replace(CONFIG.live, google_search=True))
    tools = on_the_wire(Context(None, (CLOCK,)), searching)["contextUpdate"]["tools"]["tools"]
    found = {key: value for tool in tools for key, value in tool.items()}
    assert set(found) == {"googleSearch", "functionDeclarations"}
    (clock,) = found["functionDeclarations"]
    assert clock["name"] == "clock"
    assert clock["behavior"] == "BLOCKING"
