"""A session whose model calls functions: what tests of it share."""

from typing import Any

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.effects import Note
from lived_workers.simulator.phases import Phase
from simulator.harness import QUIET, Player, World

THINKING = "gemini-3.8-live-extended-thinking"
OLD = "gemini-2.5-flash-native-audio"
CALLS = 'calls = [{name = "weather", args = {city = "Berlin"}}]\n'
REPLY = QUIET + "[[reply]]\nmarks_s = 1.0\n" + CALLS
SOUND = {"audio", "silence"}


def tools(behavior: str | None = None, *names: str) -> list[dict[str, Any]]:
    """A setup's tools: functions of one behaviour."""
    extra = {"behavior": behavior} if behavior else {}
    return [{"functionDeclarations": [{"name": name, **extra} for name in names or ("weather",)]}]


def called(text: str = REPLY, behavior: str | None = "BLOCKING", wait: float = 2.0, **setup: Any) -> Player:
    """A session whose user has typed a question, `wait` seconds ago."""
    player = World(text).connect(tools=setup.pop("tools", tools(behavior)), **setup)
    player.tell(said.Text("What is the weather in Berlin?"))
    player.run(wait)
    return player


def calls(player: Player) -> list[dict[str, Any]]:
    """All function calls that went out."""
    frames = [frame["toolCall"]["functionCalls"] for frame in player.frames() if "toolCall" in frame]
    return [call for frame in frames for call in frame]


def answer(player: Player, number: str, response: Any = None, **fields: Any) -> None:
    """The client answers one call."""
    body = {"id": number, "name": "weather", "response": {"result": "sunny"} if response is None else response}
    player.tell(said.ToolResponse([{**body, **fields}]))


def verdicts(player: Player) -> list[str]:
    """What became of the answers."""
    return [e.detail["verdict"] for _, e in player.effects if isinstance(e, Note) and e.kind == "answer"]


def kinds(player: Player) -> list[str]:
    """The frames in order, without setup, handles and activity."""
    aside = {"setupComplete", "sessionResumptionUpdate", "voiceActivity", "inputTranscription"}
    return [kind for kind in player.order() if kind not in aside]


def phase(player: Player) -> Phase:
    """What the model is doing."""
    assert player.session.conversation is not None
    return player.session.conversation.model.phase
