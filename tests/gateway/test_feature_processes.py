"""What the conversation can do beside hearing and speaking: the gateway as a process, the real SDK, the stand-in."""

import itertools
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.test_images import jpeg
from fakes.microphone import Microphone
from gateway.talk import Talk, Talking, await_complete, await_sound, sound_of, speaking
from lived.config.options import Conversation, Toolbox, Usage, Vad
from lived.units import Frames, Ns, Turn
from lived.wire.events import (
    Budget,
    Cut,
    CutDone,
    Function,
    Grounding,
    Hello,
    Idle,
    Loss,
    Ready,
    Said,
    SessionState,
    Speech,
    Spent,
    Swapped,
    ToolAnswer,
    ToolCall,
    ToolCancel,
    ToolsOffered,
    ToolTaken,
    Transcript,
    TurnComplete,
    TurnPlayed,
    Unready,
)
from lived.wire.orders import Converse, Instruct, Mute, Say, Show
from lived.wire.orders import Talk as TalkOrder
from lived_workers.simulator.marks import PERIOD, runs

pytestmark = pytest.mark.processes

THINKING = "gemini-3.8-live-extended-thinking"
OLD = "gemini-2.5-flash-native-audio-preview-12-2025"
WEATHER = Function(
    name="get_weather",
    description="The weather of a town.",
    parameters={"type": "object", "properties": {"town": {"type": "string"}}},
    behavior="blocking",
)
CALL = 'calls = [{name = "get_weather", args = {town = "Berlin"}}]\n'
RAIN = {"result": "It rains."}


def with_tools(talk: Talk, *functions: Function, **launch: object) -> None:
    """Open a session in which these may be called; this test is the worker that runs them."""
    talk.config = msgspec.structs.replace(talk.config, toolbox=Toolbox())
    greeted = len(talk.bus.heard(Hello, worker="gateway"))
    opened = len(talk.states("open"))
    talk.start(**launch)
    talk.bus.wait_for(lambda: len(talk.bus.heard(Hello, worker="gateway")) > greeted, "the gateway's hello")
    talk.bus.say(ToolsOffered(functions=list(functions)))
    talk.await_open(opened + 1)


def asked(talk: Talk, count: int = 1) -> ToolCall:
    """The ``count``th call that was passed on."""
    talk.bus.wait_for(lambda: len(talk.bus.heard(ToolCall)) >= count, f"call {count}")
    call = talk.bus.heard(ToolCall)[count - 1]
    assert isinstance(call, ToolCall)
    return call


def answer(talk: Talk, call: str, **fields: Any) -> None:
    """The worker has run it."""
    talk.bus.say(ToolAnswer(**({"call": call, "name": "get_weather", "response": RAIN} | fields)))


def vad(talk: Talk, mode: Any, **fields: Any) -> None:
    """Turn taking of another kind."""
    talk.configure(vad=Vad(mode=mode, **fields))


def test_a_function_call_there_and_back(talking: Talking) -> None:
    """Declared in the setup, asked on the bus, answered on the wire; the reply follows, the worker is told."""
    with talking(f"[[reply]]\nmarks_s = 1.0\n{CALL}") as talk:
        with_tools(talk, WEATHER)
        (tools,) = talk.simulator.wait_for("setup")["setup"]["tools"]
        assert tools["functionDeclarations"][0]["name"] == "get_weather"
        talk.bus.order("gateway", Say(text="How is the weather?"))
        call = asked(talk)
        assert (call.name, call.args, call.turn) == ("get_weather", {"town": "Berlin"}, Turn(1))
        answer(talk, call.call)
        assert talk.simulator.wait_for("answer")["verdict"] == "taken"
        talk.bus.wait_event(ToolTaken, call=call.call, number=0)
        complete = await_complete(talk, 1)
        await_sound(talk, 1, complete.frames)
        assert [run.frames for run in runs(sound_of(talk, 1))] == [24_000]


def test_a_function_that_nobody_runs_is_answered(talking: Talking) -> None:
    """The worker is gone before it answered, and another one begins: the model gets an error, the session goes on."""
    with talking(f"[[reply]]\nmarks_s = 1.0\n{CALL}") as talk:
        with_tools(talk, WEATHER)
        talk.bus.say(Hello(worker="tools", pid=1))
        talk.bus.order("gateway", Say(text="How is the weather?"))
        call = asked(talk)
        talk.bus.say(Hello(worker="tools", pid=2))
        talk.simulator.wait_for("answer")
        await_complete(talk, 1)
        assert talk.bus.heard(ToolCancel, calls=[call.call])
        response = talk.simulator.journal("toolResponse")[0]
        assert "interrupted" in str(response)


@pytest.mark.parametrize("answered", ["before", "after"])
def test_a_call_outlives_its_connection(talking: Talking, answered: str) -> None:
    """The session is resumed from before the call: it is told the answer as text, once, whenever that came."""
    with talking(f"[[reply]]\nmarks_s = 1.0\n{CALL}[[reply]]\nmarks_s = 1.0\n") as talk:
        with_tools(talk, WEATHER)
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        talk.bus.order("gateway", Say(text="How is the weather?"))
        call = asked(talk)
        talk.relay.refuse()
        talk.relay.reset()
        talk.bus.wait_for(lambda: talk.states("retrying"), "the loss to be noticed")
        if answered == "before":
            answer(talk, call.call)
        talk.relay.accept()
        talk.await_open(2)
        if answered == "after":
            answer(talk, call.call)

        def told() -> list[str]:
            return [e["text"] for e in talk.simulator.journal("text") if "The answer" in e["text"]]

        talk.bus.wait_for(told, "the answer as text")
        talk.bus.wait_event(ToolTaken, call=call.call)
        assert len(told()) == 1
        assert "It rains." in told()[0]
        assert not talk.simulator.journal("toolResponse")


def test_functions_that_come_later(talking: Talking) -> None:
    """The open session is told of them, without a new connection."""
    with talking() as talk:
        with_tools(talk)
        talk.bus.say(ToolsOffered(functions=[WEATHER]))
        entry = talk.simulator.wait_for("contextUpdate")
        assert "get_weather" in str(entry)
        assert len(talk.states("open")) == 1


def test_a_button_says_whose_turn_it_is(talking: Talking) -> None:
    """Between the markers there is the sound from a little before the pressing to the release, to the frame; outside
    of them nothing is sent, and that is no loss."""
    with talking("[[reply]]\nmarks_s = 1.0\n") as talk, Microphone(talk.bus) as microphone:
        vad(talk, "manual", preroll_ms=300)
        talk.open()
        for number in (1, 2):
            talk.bus.catch_up_by(0.5)
            pressed = microphone.frames
            talk.bus.order("gateway", TalkOrder(on=True))
            talk.simulator.wait_for("activityStart", count=number)
            talk.bus.catch_up_by(0.7)
            talk.bus.order("gateway", TalkOrder(on=False))
            talk.simulator.wait_for("activityEnd", count=number)
            released = microphone.frames
            found = runs(talk.simulator.heard(), shortest=1)
            assert len(found) == number
            first, frames = found[-1].first, found[-1].frames
            assert 4_800 - 1_600 <= (pressed - first) % PERIOD <= 4_800 + 1_600
            assert 0 <= (released - first - frames) % PERIOD <= 8_000
            await_complete(talk, number)
        kinds = [e["kind"] for e in talk.simulator.journal() if e["kind"] in ("activityStart", "audio", "activityEnd")]
        assert [kind for kind, _ in itertools.groupby(kinds)] == 2 * ["activityStart", "audio", "activityEnd"]
        speech = [e.on for e in talk.bus.heard(Speech) if isinstance(e, Speech) and e.source == "local"]
        assert speech == [True, False, True, False]
        assert not talk.bus.heard(Loss)
        assert not talk.simulator.journal("audioStreamEnd")


def test_a_button_that_is_held_over_a_broken_connection(talking: Talking) -> None:
    """The next connection hears that it is held, the rest of the sound, and the end."""
    with talking("[[reply]]\nmarks_s = 1.0\n") as talk, Microphone(talk.bus):
        vad(talk, "manual", preroll_ms=0)
        talk.open()
        talk.bus.order("gateway", TalkOrder(on=True))
        talk.simulator.wait_for("audio", count=20)
        talk.relay.refuse()
        talk.relay.reset()
        talk.bus.wait_for(lambda: talk.states("retrying"), "the loss to be noticed")
        talk.bus.order("gateway", TalkOrder(on=False))
        talk.relay.accept()
        talk.simulator.wait_for("activityEnd")
        kinds = [
            e["kind"]
            for e in talk.simulator.journal()
            if e.get("connection") == 2 and e["kind"] in ("activityStart", "audio", "activityEnd")
        ]
        assert [kind for kind, _ in itertools.groupby(kinds)] == ["activityStart", "audio", "activityEnd"]
        (run,) = runs(talk.simulator.heard(), shortest=1)
        assert run.frames > 20 * 320


def test_muting_lets_the_button_go(talking: Talking) -> None:
    """The user's turn ends, as if the button had been let go."""
    with talking() as talk, Microphone(talk.bus):
        vad(talk, "manual")
        talk.open()
        talk.bus.order("gateway", TalkOrder(on=True))
        talk.simulator.wait_for("audio", count=5)
        talk.bus.order("gateway", Mute(on=True))
        talk.simulator.wait_for("activityEnd")


def test_the_front_end_hears_the_end_first(talking: Talking) -> None:
    """hybrid: the server is told, and does not wait for its own silence; automatic: it is not."""
    with talking() as talk, speaking(talk):
        vad(talk, "hybrid")
        talk.open()
        talk.simulator.wait_for("audio", count=20)
        talk.bus.say(Speech(on=True, source="local"))
        talk.bus.say(Speech(on=False, source="local"))
        talk.simulator.wait_for("audioStreamEnd")
        talk.simulator.wait_for("audio", count=len(talk.simulator.journal("audio")) + 5)


def test_a_greeting_once_a_boot(talking: Talking) -> None:
    """A new session is asked to speak; one that goes on is not, and no other process asks again."""
    with talking("[[reply]]\nmarks_s = 0.5\n") as talk:
        talk.config = msgspec.structs.replace(talk.config, conversation=Conversation(greet="boot"))
        worker = talk.open()
        assert talk.simulator.wait_for("clientContent")
        await_complete(talk, 1)
        worker.kill()
        worker.wait()
        talk.open()
        talk.bus.order("gateway", Say(text="Hello"))
        talk.simulator.wait_for("text")
        assert len(talk.simulator.journal("clientContent")) == 1


def test_another_instruction(talking: Talking) -> None:
    """In the open session where the model can, and in the setup of every later connection."""
    with talking() as talk:
        talk.configure(instruction="Be brief.")
        talk.open()
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        talk.bus.order("gateway", Instruct(text="Speak like a pirate."))
        assert "pirate" in str(talk.simulator.wait_for("contextUpdate"))
        talk.relay.reset()
        talk.await_open(2)
        setup = talk.simulator.wait_for("setup", count=2)["setup"]
        assert setup["systemInstruction"]["parts"] == [{"text": "Speak like a pirate."}]
        assert len(talk.simulator.journal("contextUpdate")) == 1


def test_another_instruction_for_a_model_that_cannot_be_told(talking: Talking) -> None:
    """At the next quiet moment a new connection takes the place of the old one, and the session goes on."""
    with talking(f'model = "{OLD}"') as talk:
        talk.configure(model=OLD)
        talk.open()
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        talk.bus.order("gateway", Instruct(text="Speak like a pirate."))
        talk.bus.wait_event(Swapped, cause="settings", kept="resumed")
        setup = talk.simulator.wait_for("setup", count=2)["setup"]
        assert setup["systemInstruction"]["parts"] == [{"text": "Speak like a pirate."}]


def test_an_image(talking: Talking, tmp_path: Path) -> None:
    """Read from its file and sent; what is no image is counted and left alone."""
    file = tmp_path / "shown.jpeg"
    file.write_bytes(jpeg(64, 48) + bytes(50_000))
    with talking() as talk:
        talk.open()
        talk.bus.order("gateway", Show(path=str(tmp_path / "missing.jpeg"), mime="image/jpeg"))
        talk.bus.order("gateway", Show(path=str(file), mime="image/jpeg"))
        entry = talk.simulator.wait_for("video")
        assert entry["bytes"] == file.stat().st_size
        assert len(talk.simulator.journal("video")) == 1


SPOKEN = '[[reply]]\nmarks_s = 2.0\ntranscript = "It rains. It is cold outside today."\n'


def said(talk: Talk, side: str) -> list[Said]:
    """Whole sentences so far."""
    return [e for e in talk.bus.heard(Said, side=side) if isinstance(e, Said)]


def test_sentences_when_they_were_heard(talking: Talking) -> None:
    """The reply's are said when it was played, and are its transcript."""
    with talking(SPOKEN) as talk:
        talk.open()
        talk.bus.order("gateway", Say(text="How is the weather?"))
        complete = await_complete(talk, 1)
        assert not said(talk, "model")
        talk.bus.say(TurnPlayed(turn=Turn(1), frames=complete.frames))
        talk.bus.wait_for(lambda: len(said(talk, "model")) == 2, "two sentences")
        assert [s.text for s in said(talk, "model")] == ["It rains.", "It is cold outside today."]
        assert not any(s.cut for s in said(talk, "model"))


def test_sentences_of_a_reply_that_was_cut(talking: Talking) -> None:
    """Only what was heard, to a word's end; more of the text had come by then."""
    with talking(SPOKEN) as talk:
        talk.open()
        talk.bus.order("gateway", Say(text="How is the weather?"))
        complete = await_complete(talk, 1)
        talk.bus.say(Cut(turn=Turn(1), cause="user", time=Ns(time.monotonic_ns())))
        talk.bus.say(
            CutDone(turn=Turn(1), heard_turn=Turn(1), heard_frames=Frames(complete.frames // 2), silent_at=Ns(1))
        )
        talk.bus.wait_for(lambda: said(talk, "model"), "what was heard")
        heard = " ".join(s.text for s in said(talk, "model"))
        whole = "".join(t.text for t in talk.bus.heard(Transcript, side="model") if isinstance(t, Transcript))
        assert whole.startswith(heard)
        assert len(heard) < len(whole)
        assert said(talk, "model")[-1].cut


def test_what_it_costs(talking: Talking) -> None:
    """Each turn is counted; the day's sum grows, and outlives the process."""
    with talking("[[reply]]\nmarks_s = 0.5\n") as talk:
        worker = talk.open()
        talk.bus.order("gateway", Say(text="Hello"))
        await_complete(talk, 1)
        talk.bus.wait_for(lambda: spent(talk)[-1].day > 0, "the costs")
        day = spent(talk)[-1].day
        assert worker.stdin
        worker.stdin.close()
        worker.wait()
        before = len(spent(talk))
        talk.open()
        talk.bus.wait_for(lambda: len(spent(talk)) > before, "the account")
        assert spent(talk)[-1].day == day


def spent(talk: Talk) -> list[Spent]:
    """The account so far."""
    return [e for e in talk.bus.heard(Spent) if isinstance(e, Spent)]


def test_the_budget_ends_the_conversation(talking: Talking) -> None:
    """Hung up with a sentence that says until when; starting it again does not help, nor does speaking."""
    with talking("[[reply]]\nmarks_s = 0.5\n") as talk:
        talk.config = msgspec.structs.replace(talk.config, usage=Usage(daily_budget=0.0001))
        talk.open()
        talk.bus.order("gateway", Say(text="Hello"))
        talk.bus.wait_event(Budget, spent=True)
        talk.bus.wait_for(lambda: talk.states("failed"), "the end")
        assert "midnight" in talk.states("failed")[0].text
        talk.bus.wait_event(Unready, text=talk.states("failed")[0].text)
        talk.simulator.wait_for("close")
        talk.bus.order("gateway", Converse(on=True))
        talk.bus.wait_for(lambda: len(talk.states("failed")) == 2, "the same sentence")
        assert len(talk.simulator.journal("open")) == 1


def test_the_budget_is_nearly_spent(talking: Talking) -> None:
    """The model is told to say so, once the reply was heard."""
    with talking("[[reply]]\nmarks_s = 0.5\n") as talk:
        talk.config = msgspec.structs.replace(talk.config, usage=Usage(daily_budget=1.0, warn_percent=1))
        talk.config = msgspec.structs.replace(
            talk.config, usage=msgspec.structs.replace(talk.config.usage, daily_budget=0.02)
        )
        talk.open()
        talk.bus.order("gateway", Say(text="Hello"))
        talk.bus.wait_event(Budget, spent=False)
        complete = await_complete(talk, 1)
        talk.bus.say(TurnPlayed(turn=Turn(1), frames=complete.frames))
        assert "budget" in talk.simulator.wait_for("text", count=2)["text"]


def test_asleep_and_awake_again(talking: Talking) -> None:
    """Nobody speaks: hung up, the microphone goes nowhere; typed text wakes the same session."""
    with talking("[[reply]]\nmarks_s = 0.5\n") as talk, speaking(talk):
        talk.config = msgspec.structs.replace(talk.config, conversation=Conversation(idle_minutes=0.02))
        talk.open()
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        talk.bus.wait_event(Idle, awake=False)
        talk.simulator.wait_for("close")
        talk.bus.wait_for(lambda: talk.states("off"), "the state")
        assert "Asleep" in talk.states("off")[-1].text
        heard = len(talk.simulator.heard())
        talk.bus.order("gateway", Say(text="Are you there?"))
        assert talk.await_open(2).resumed
        talk.bus.wait_event(Idle, awake=True)
        assert talk.simulator.wait_for("text")["text"] == "Are you there?"
        await_complete(talk, 1)
        # what the microphone heard in between was not kept: at most what came since it woke
        assert len(talk.simulator.journal("text")) == 1
        assert len(talk.simulator.heard()) - heard < 16_000 * 2 * 10


def test_asleep_until_it_is_started(talking: Talking) -> None:
    """The button wakes it too, and stop ends what sleeps."""
    with talking() as talk, Microphone(talk.bus):
        vad(talk, "manual", preroll_ms=300)
        talk.config = msgspec.structs.replace(talk.config, conversation=Conversation(idle_minutes=0.01))
        talk.open()
        talk.bus.wait_event(Idle, awake=False)
        talk.bus.order("gateway", TalkOrder(on=True))
        talk.simulator.wait_for("activityStart")
        talk.simulator.wait_for("audio", count=10)
        talk.bus.order("gateway", TalkOrder(on=False))
        talk.simulator.wait_for("activityEnd")
        talk.bus.wait_for(
            lambda: len(talk.bus.heard(Idle, awake=False)) == 2, "sleep again", 60
        )  # after nudge_s too: nobody answers
        talk.bus.order("gateway", Converse(on=False))
        talk.bus.wait_event(SessionState, state="off", text="")
        sessions, markers = len(talk.simulator.journal("open")), len(talk.simulator.journal("activityStart"))
        talk.bus.order("gateway", TalkOrder(on=True))  # of no effect: nothing is wanted
        talk.bus.order("gateway", TalkOrder(on=False))
        talk.bus.order("gateway", Converse(on=True))
        talk.simulator.wait_for("open", count=sessions + 1)
        talk.bus.order("gateway", TalkOrder(on=True))
        talk.simulator.wait_for("activityStart", count=markers + 1)
        talk.simulator.wait_for("audio", count=len(talk.simulator.journal("audio")) + 5)
        talk.bus.order("gateway", TalkOrder(on=False))
        talk.simulator.wait_for("activityEnd", count=markers + 1)


def test_a_reply_that_the_server_refuses(talking: Talking) -> None:
    """Said in the status until the next reply is over, and not tried again."""
    scenario = '[[reply]]\nmarks_s = 0.2\nturn_complete_reason = "RESPONSE_REJECTED"\n[[reply]]\nmarks_s = 0.2\n'
    with talking(scenario) as talk:
        talk.open()
        talk.bus.order("gateway", Say(text="Say something bad."))
        talk.bus.wait_event(TurnComplete, reason="RESPONSE_REJECTED")
        talk.bus.wait_for(lambda: "rejected" in ready(talk)[-1], "the sentence")
        talk.bus.order("gateway", Say(text="Say something good."))
        talk.bus.wait_for(lambda: ready(talk)[-1] == "talking to the Live API", "all is well")
        assert len(talk.simulator.journal("text")) == 2


def ready(talk: Talk) -> list[str]:
    """What the gateway said of itself."""
    return [e.text for e in talk.bus.heard(Ready, worker="gateway") if isinstance(e, Ready)]


def test_where_an_answer_comes_from(talking: Talking) -> None:
    """The pages of a search, with what must be shown beside them."""
    with talking('[[reply]]\nmarks_s = 0.5\nsearch = "weather in Berlin"\n') as talk:
        talk.configure(google_search=True)
        talk.open()
        talk.bus.order("gateway", Say(text="How is the weather?"))
        found = talk.bus.wait_event(Grounding)
        assert isinstance(found, Grounding)
        assert found.turn == Turn(1)
        assert found.queries
        assert found.sources[0].uri.startswith("http")
        assert found.suggestions


def test_a_model_that_thinks_for_long(talking: Talking) -> None:
    """Its first turn ends while it works on; the call in the middle is answered, the last turn is whole."""
    scenario = f'model = "{THINKING}"\n[[reply]]\nmarks_s = 1.0\nfiller = "One moment."\n{CALL}'
    with talking(scenario) as talk:
        talk.configure(
            model=THINKING, generation=msgspec.structs.replace(talk.config.live.generation, thinking_level="low")
        )
        with_tools(talk, WEATHER)
        talk.bus.order("gateway", Say(text="How is the weather?"))
        call = asked(talk)
        answer(talk, call.call, scheduling="when_idle")
        talk.simulator.wait_for("answer")
        talk.bus.wait_for(lambda: len(talk.bus.heard(TurnComplete)) >= 2, "both turns", 40.0)
        (response,) = talk.simulator.journal("toolResponse")
        assert "scheduling" not in str(response).replace("scheduling': None", "").lower()
