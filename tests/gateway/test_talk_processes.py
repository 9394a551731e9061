"""Conversations: the gateway as a process, the real SDK, TLS, and the stand-in for the Live API."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from fakes.microphone import Microphone
from gateway.talk import SECRET, Talk, Talking
from lived.units import Epoch, Ns, Position, Turn
from lived.wire import Chunk
from lived.wire.events import (
    AnyEvent,
    Cut,
    Heartbeat,
    Ready,
    SessionState,
    Speech,
    Transcript,
    TurnBegan,
    TurnComplete,
    TurnGenerated,
    Unready,
    Usage,
)
from lived.wire.orders import Again, Converse, Mute, Reload, Say
from lived_workers.gateway.downlink import CHUNK_FRAMES
from lived_workers.simulator.frame_faults import FRAME_FAULTS
from lived_workers.simulator.marks import runs

pytestmark = pytest.mark.processes

MARKS = '[[reply]]\nmarks_s = 4.0\nheard = "How are you?"\n'


def sound_of(talk: Talk, turn: int) -> bytes:
    """Everything published of one turn."""
    return b"".join(c.pcm for c in list(talk.bus.chunks) if c.stream == "model" and c.turn == turn)


def await_sound(talk: Talk, turn: int, frames: int) -> None:
    """So much of the turn has been published."""
    talk.bus.wait_for(lambda: len(sound_of(talk, turn)) >= frames * 2, f"{frames} frames of turn {turn}")


def await_complete(talk: Talk, turn: int, timeout: float = 20.0) -> TurnComplete:
    """The end of a turn."""
    complete = talk.bus.wait_event(TurnComplete, timeout, turn=turn)
    assert isinstance(complete, TurnComplete)
    return complete


@contextmanager
def speaking(talk: Talk) -> Iterator[Microphone]:
    """A user who is silent until told otherwise."""
    with Microphone(talk.bus) as microphone:
        microphone.numbered = False
        yield microphone


def speak(microphone: Microphone, seconds: float) -> None:
    """Say something, and stop."""
    microphone.numbered = True
    time.sleep(seconds)
    microphone.numbered = False


def test_a_spoken_turn(talking: Talking) -> None:
    """A question, and its answer whole: sound to the frame, and the events around it in their order."""
    with talking(MARKS) as talk, speaking(talk) as microphone:
        talk.open()
        speak(microphone, 1.0)
        complete = await_complete(talk, 1)
        await_sound(talk, 1, complete.frames)

        chunks: list[Chunk] = [c for c in talk.bus.chunks if c.stream == "model"]
        (run,) = runs(sound_of(talk, 1))
        assert (run.at, run.first, run.frames) == (0, 0, 96_000)
        assert len(sound_of(talk, 1)) == 2 * complete.frames
        assert all(0 < c.frames <= CHUNK_FRAMES for c in chunks)
        assert all(a.end == b.position for a, b in itertools.pairwise(chunks))
        kinds = (Speech, Transcript, TurnBegan, TurnGenerated, Usage, TurnComplete)
        seen = [type(e) for e in talk.bus.events if isinstance(e, kinds)]
        assert [k for n, k in enumerate(seen) if k not in seen[:n]] == list(kinds)
        texts = [e for e in talk.bus.events if isinstance(e, Transcript)]
        assert {e.turn for e in texts} == {1}
        assert "".join(e.text for e in texts if e.side == "user") == "How are you?"
        assert talk.bus.heard(TurnGenerated, turn=1, frames=complete.frames)


def test_the_setup_on_the_wire(talking: Talking) -> None:
    """What the server gets is the suggested setup, spelling normalised; the key is in a header and nowhere else."""
    with talking() as talk:
        talk.configure(instruction="Be brief.")
        talk.open()
        entry = talk.simulator.wait_for("setup")
        assert entry["setup"] == {
            "model": "models/gemini-3.8-live",
            "generationConfig": {
                "responseModalities": ["AUDIO"],
                "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}},
            },
            "systemInstruction": {"parts": [{"text": "Be brief."}], "role": "user"},
            "inputAudioTranscription": {},
            "outputAudioTranscription": {},
            "realtimeInputConfig": {
                "automaticActivityDetection": {"prefixPaddingMs": 100, "silenceDurationMs": 600},
                "activityHandling": "START_OF_ACTIVITY_INTERRUPTS",
                "turnCoverage": "TURN_INCLUDES_ONLY_ACTIVITY",
            },
            "contextWindowCompression": {"triggerTokens": 32_000, "slidingWindow": {"targetTokens": 16_000}},
            "sessionResumption": {},
        }
        assert "/v1beta" in str(talk.simulator.journal("open")) or "v1beta" in str(talk.simulator.journal())


INTERRUPTIONS = ["normal", "after_generation", "double", "late_audio", "no_turn_complete"]


@pytest.mark.parametrize("manner", INTERRUPTIONS)
def test_after_interrupted_no_frame_of_that_turn(talking: Talking, manner: str) -> None:
    """Whatever the server does around `interrupted`: the turn is cut, nothing of it is published afterwards, and the
    next reply is whole."""
    scenario = f'[[reply]]\nmarks_s = 20.0\ninterrupted = "{manner}"\n[[reply]]\nmarks_s = 2.0\n'
    with talking(scenario) as talk, speaking(talk) as microphone:
        talk.open()
        speak(microphone, 0.6)
        await_sound(talk, 1, 24_000)
        speak(microphone, 1.2)
        talk.bus.wait_event(Cut, turn=1, cause="server")
        sent = 0
        for entry in talk.simulator.journal("sent"):
            if entry["what"] == "interrupted":
                break
            sent += entry.get("bytes", 0)
        assert len(sound_of(talk, 1)) == sent
        complete = await_complete(talk, 2)
        await_sound(talk, 2, complete.frames)
        assert [run.frames for run in runs(sound_of(talk, 2))] == [48_000]
        assert len(sound_of(talk, 1)) == sent
        assert await_complete(talk, 1).frames == sent // 2


def test_a_local_cut_stops_the_publishing(talking: Talking) -> None:
    """Somebody here cuts while the server goes on: no more of it is published, and the next turn is heard."""
    with talking("[[reply]]\nmarks_s = 6.0\nburst = 1.0\n[[reply]]\nmarks_s = 1.0\n") as talk:
        talk.open()
        talk.simulator.say(marks_s=6.0, burst=1.0)
        await_sound(talk, 1, 12_000)
        talk.bus.say(Cut(turn=Turn(1), cause="user", time=Ns(time.monotonic_ns())))
        complete = await_complete(talk, 1)
        assert complete.frames * 2 == len(sound_of(talk, 1)) < 3 * 48_000
        talk.simulator.say(marks_s=1.0)
        await_complete(talk, 2)
        assert runs(sound_of(talk, 2))[0].frames == 24_000


@pytest.mark.parametrize("end", ["early", "late"])
def test_the_end_of_a_turn_takes_nothing_away(talking: Talking, end: str) -> None:
    """turnComplete early or late: every frame is published, in turns that only grow."""
    with talking() as talk:
        talk.open()
        talk.simulator.say(marks_s=3.0, turn_complete=end)
        talk.bus.wait_for(lambda: talk.bus.heard(TurnComplete), "the end of the turn")
        pcm = b"".join(c.pcm for c in talk.bus.chunks if c.stream == "model")
        assert runs(pcm)[0].frames == 72_000


ODD = sorted(set(FRAME_FAULTS) - {"code_envelope", "lone_turn_complete", "lone_interrupted"})
"""A code envelope is the server's way to hang up; the other two are about turns."""


def test_odd_frames_change_nothing(talking: Talking) -> None:
    """All of them in the middle of a reply: it stays whole, on the same connection, and the bad ones are counted."""
    with talking() as talk:
        talk.open()
        for number, fault in enumerate(ODD):
            talk.simulator.inject(do=fault, on="turn:1", at_s=0.1 + 0.05 * number)
        talk.simulator.say(marks_s=3.0, burst=2.0)
        complete = await_complete(talk, 1)
        await_sound(talk, 1, complete.frames)
        assert [run.frames for run in runs(sound_of(talk, 1))] == [72_000]
        assert len(talk.states("open")) == 1

        def counted() -> list[AnyEvent]:
            return [e for e in talk.bus.events if isinstance(e, Heartbeat) and e.counters.get("bad_frames", 0) >= 4]

        talk.bus.wait_for(counted, "the count of bad frames")


def test_ends_without_a_turn_change_nothing(talking: Talking) -> None:
    """interrupted and turnComplete out of the blue, and in the middle: what is sent afterwards is heard."""
    with talking() as talk:
        talk.open()
        for fault in ("lone_interrupted", "lone_turn_complete"):
            talk.simulator.inject(do=fault)
        talk.simulator.inject(do="lone_turn_complete", on="turn:1", at_s=0.2)
        talk.simulator.say(marks_s=2.0)
        talk.bus.wait_for(lambda: sum(e.frames for e in ends(talk)) >= 48_000, "the whole reply")
        pcm = b"".join(c.pcm for c in talk.bus.chunks if c.stream == "model")
        assert [run.frames for run in runs(pcm)] == [48_000]
        assert [e.turn for e in ends(talk)] == [1, 2]


def ends(talk: Talk) -> list[TurnComplete]:
    """All turns that ended."""
    return [e for e in talk.bus.heard(TurnComplete) if isinstance(e, TurnComplete)]


ENDS: list[tuple[dict[str, Any], str]] = [
    ({"code": 1000, "reason": ""}, "now and then"),
    ({"code": 1011, "reason": "Deadline expired before operation could complete."}, "longest duration"),
]


@pytest.mark.parametrize(("close", "words"), ENDS)
def test_a_closed_connection_is_resumed(talking: Talking, close: dict[str, Any], words: str) -> None:
    """In the middle of a reply: the turn ends as lost, the sentence says why, and the session goes on."""
    with talking() as talk:
        talk.open()
        talk.simulator.say(marks_s=8.0, burst=1.0)
        await_sound(talk, 1, 4_800)
        talk.simulator.inject(do="close", **close)
        assert await_complete(talk, 1).reason == "lost"
        again = talk.await_open(2)
        assert again.resumed
        (retrying,) = talk.states("retrying")
        assert words in retrying.text
        assert "Trying again in" in retrying.text
        assert [e for e in talk.bus.heard(Unready) if e == Unready(worker="gateway", text=retrying.text)]


def test_a_quota_waits_for_minutes(talking: Talking) -> None:
    """No hammering; the sentence says what is wrong and when it goes on."""
    with talking() as talk:
        talk.open()
        talk.simulator.inject(do="close", code=1011, reason="You exceeded your current quota, please check your plan")
        talk.bus.wait_for(lambda: talk.states("retrying"), "the sentence")
        (retrying,) = talk.states("retrying")
        assert "plan and billing" in retrying.text
        assert float(retrying.text.split()[-2]) >= 30


STOPS = [
    ('do = "refuse"\nstatus = 403', "GEMINI_API_KEY"),
    ('do = "refuse"\nstatus = 404', "live.api_version"),
    ('do = "close"\ncode = 1008\nreason = "models/x is not found for API version v1beta"', "live.model"),
    ('do = "close"\ncode = 1007\nreason = "Request contains an invalid argument."', "under live"),
]


@pytest.mark.parametrize(("fault", "words"), STOPS)
def test_what_needs_a_person_is_not_retried(talking: Talking, fault: str, words: str) -> None:
    """One connection, one sentence; a new order to converse tries again."""
    with talking(f'[[fault]]\non = "connect:1"\n{fault}\n') as talk:
        talk.start()
        talk.bus.wait_for(lambda: talk.states("failed"), "the failure")
        (failed,) = talk.states("failed")
        assert words in failed.text
        assert "rying again" not in failed.text
        assert talk.bus.heard(Unready, text=failed.text)
        assert talk.relay.accepted == 1
        talk.bus.order("gateway", Converse(on=True))
        talk.await_open(1)


def test_a_broken_setup_with_a_handle_is_tried_fresh(talking: Talking) -> None:
    """1007 on resumption: once more without the handle, and that works."""
    with talking('[[fault]]\ndo = "close"\non = "connect:2"\ncode = 1007\n') as talk:
        talk.open()
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        talk.simulator.inject(do="reset")
        assert not talk.await_open(2).resumed


def test_an_untrusted_certificate(talking: Talking) -> None:
    """A sentence that names what to look at, and another try: the device's date may be what is wrong."""
    with talking() as talk:
        talk.configure(ca_file="")
        talk.start()
        talk.bus.wait_for(lambda: talk.states("retrying"), "the sentence")
        assert "ca_file" in talk.states("retrying")[0].text


def test_no_key(talking: Talking) -> None:
    """Says which variable to set, and does not even connect."""
    with talking() as talk:
        talk.start(secret="")
        talk.bus.wait_for(lambda: talk.states("failed"), "the failure")
        assert "GEMINI_API_KEY" in talk.states("failed")[0].text
        assert talk.relay.accepted == 0


def test_a_silent_server_times_out(talking: Talking) -> None:
    """No setupComplete: after live.setup_timeout_s another attempt."""
    with talking('[[fault]]\ndo = "no_setup_complete"\non = "connect:1"\n') as talk:
        talk.configure(setup_timeout_s=1.0)
        talk.start()
        talk.await_open(1)
        assert "setup_timeout_s" in talk.states("retrying")[0].text


def test_the_key_is_nowhere(talking: Talking, capfd: pytest.CaptureFixture[str]) -> None:
    """Not in what is logged, published or kept, not even when the server repeats it in a close reason."""
    with talking() as talk:
        talk.config = msgspec.structs.replace(
            talk.config, daemon=msgspec.structs.replace(talk.config.daemon, log_level="debug")
        )
        worker = talk.open()
        talk.simulator.inject(do="close", code=1008, reason=f"Bad key {SECRET}")
        talk.bus.wait_for(lambda: talk.states("failed"), "the failure")
        assert worker.stdin is not None
        worker.stdin.close()
        assert worker.wait(5) == 0
        said = capfd.readouterr()
        everything = said.out + said.err + repr(talk.bus.events)
        everything += "".join(p.read_text(errors="replace") for p in talk.bus.directory.iterdir() if p.is_file())
        assert "Bad key [hidden]" in everything
        assert SECRET not in everything


def test_the_end_of_a_conversation(talking: Talking) -> None:
    """Off: the socket is closed at once, the session is not resumed later; on: a new one."""
    with talking() as talk, speaking(talk):
        talk.open()
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        talk.bus.order("gateway", Converse(on=False))
        talk.simulator.wait_for("close", timeout=2.0)
        assert talk.states("off")
        before = len(talk.simulator.heard())
        talk.bus.order("gateway", Converse(on=True))
        again = talk.await_open(2)
        assert not again.resumed
        talk.bus.wait_for(lambda: len(talk.simulator.heard()) > before, "sound again")
        assert not (talk.bus.directory / "session.json").exists() or again.connection == 1


def test_a_gateway_without_a_conversation_connects_to_nobody(talking: Talking) -> None:
    """It is ready all the same: there is nothing to do."""
    with talking() as talk:
        talk.start(conversing=False)
        talk.bus.wait_event(Ready, worker="gateway", text="no conversation")
        talk.bus.wait_for(lambda: len(talk.bus.heard(Heartbeat)) >= 3, "heartbeats")
        assert talk.relay.accepted == 0
        talk.bus.order("gateway", Converse(on=True))
        talk.await_open(1)


def test_a_muted_microphone_ends_the_stream_once(talking: Talking) -> None:
    """After a second of mute the server is told, once; sound begins again by itself."""
    with talking() as talk, speaking(talk) as microphone:
        talk.open()
        talk.simulator.wait_for("audio", count=20)
        microphone.muted = True
        talk.bus.order("gateway", Mute(on=True))
        talk.simulator.wait_for("audioStreamEnd", timeout=3.0)
        count = len(talk.simulator.journal("audio"))
        microphone.muted = False
        talk.bus.order("gateway", Mute(on=False))
        talk.simulator.wait_for("audio", count=count + 20)
        assert len(talk.simulator.journal("audioStreamEnd")) == 1


def test_typed_input_is_sent_also_after_an_outage(talking: Talking) -> None:
    """What is typed while there is no connection waits for one."""
    with talking() as talk:
        talk.open()
        talk.bus.order("gateway", Say(text="What time is it?"))
        assert talk.simulator.wait_for("text")["text"] == "What time is it?"
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        talk.relay.refuse()
        talk.relay.reset()
        talk.bus.wait_for(lambda: talk.states("retrying"), "the loss to be noticed")
        talk.bus.order("gateway", Say(text="Are you there?"))
        talk.relay.accept()
        assert talk.simulator.wait_for("text", count=2)["text"] == "Are you there?"


def test_a_reply_is_repeated_for_a_player_that_missed_it(talking: Talking) -> None:
    """From the position asked for to the end, and with the last cut before it."""
    with talking() as talk:
        talk.open()
        talk.simulator.say(marks_s=2.0)
        await_complete(talk, 1)
        began = talk.bus.wait_event(TurnBegan, turn=1)
        assert isinstance(began, TurnBegan)
        talk.bus.say(Cut(turn=Turn(1), cause="user", time=Ns(1)))
        first = len(talk.bus.chunks)
        talk.bus.order("gateway", Again(stream="model", epoch=Epoch(began.epoch), position=Position(24_000)))

        def again() -> bytes:
            return b"".join(c.pcm for c in talk.bus.chunks[first:])

        talk.bus.wait_for(lambda: len(again()) >= 48_000, "the repetition")
        (run,) = runs(again())
        assert run.end == 48_000 - 32_768
        assert 24_000 <= run.frames <= 24_000 + CHUNK_FRAMES
        assert len(talk.bus.heard(Cut, turn=1)) == 2


def test_new_settings_reconnect_with_the_session(talking: Talking) -> None:
    """Another voice: the same session, with the new setup, and nothing else is disturbed."""
    with talking() as talk, speaking(talk):
        talk.open()
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        time.sleep(0.1)
        talk.configure(voice="Puck")
        talk.bus.order("gateway", Reload(config=msgspec.Raw(msgspec.json.encode(talk.config))))
        assert talk.await_open(2).resumed
        voice = talk.simulator.wait_for("setup", count=2)["setup"]["generationConfig"]["speechConfig"]
        assert voice == {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Puck"}}}


def test_turn_ids_grow_over_a_killed_gateway(talking: Talking) -> None:
    """A reply after SIGKILL has a higher id than any before, though the process knows of none."""
    with talking() as talk:
        worker = talk.open()
        talk.simulator.say(marks_s=0.5)
        await_complete(talk, 1)
        worker.kill()
        worker.wait()
        talk.open()
        talk.simulator.say(marks_s=0.5)
        talk.bus.wait_for(lambda: len(ends(talk)) == 2, "another turn")
        assert ends(talk)[1].turn > 1


def test_states_are_told_in_their_order(talking: Talking) -> None:
    """connecting, open, and off at the end."""
    with talking() as talk:
        talk.open()
        talk.bus.order("gateway", Converse(on=False))
        talk.bus.wait_for(lambda: talk.states("off"), "the end")
        assert [e.state for e in talk.bus.events if isinstance(e, SessionState)] == ["connecting", "open", "off"]
