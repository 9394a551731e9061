"""What is sent, in the SDK's spelling: which of its methods with which arguments. Pure: dicts, no SDK."""

from typing import Any, NamedTuple

from lived.config import Config
from lived.models import profile_of
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
from lived_workers.gateway.setup import tools_of


class Said(NamedTuple):
    """One call of the SDK's session."""

    method: str
    arguments: dict[str, Any]


def spell(message: Message, config: Config) -> Said | None:
    """``message``, anything but sound, for the model that ``config`` names; None = it takes no such thing."""
    match message:
        case StreamEnd() | Answer(more=True) if config.live.vertex:
            return None  # the SDK refuses both for Vertex AI; the last part of an answer is answer enough
        case Prompt():  # no turns and yet complete: the model speaks
            return Said("send_client_content", {"turn_complete": True})
        case Answer():
            return Said("send_tool_response", {"function_responses": [_response(message, config)]})
        case Context():
            return Said("send_context_update", _context(message, config))
        case _:
            return Said("send_realtime_input", _realtime(message))


def _realtime(message: Message) -> dict[str, Any]:
    match message:
        case Text(text=text):
            return {"text": text}
        case StreamEnd():
            return {"audio_stream_end": True}
        case ActivityStart():
            return {"activity_start": {}}
        case ActivityEnd():
            return {"activity_end": {}}
        case Picture(data=data, mime=mime):
            return {"video": {"data": data, "mime_type": mime}}
        case _:
            raise AssertionError(f"not spelt here: {type(message)}")


def _response(answer: Answer, config: Config) -> dict[str, Any]:
    response: dict[str, Any] = {"id": answer.call, "name": answer.name, "response": answer.response}
    if answer.scheduling and profile_of(config.live.model).scheduling:
        response["scheduling"] = answer.scheduling.upper()
    # a generator says each time whether it goes on; others never do
    if (answer.more or answer.number) and not config.live.vertex:
        response["will_continue"] = answer.more
    return response


def _context(context: Context, config: Config) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if context.instruction is not None:
        wanted["system_instruction"] = config.instruction_text(context.instruction)
    if context.functions is not None:
        wanted["tools"] = tools_of(config, context.functions)
    return wanted
