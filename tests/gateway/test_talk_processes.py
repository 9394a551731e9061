"""Conversations: the gateway as a process, the real SDK, TLS, and the stand-in for the Live API."""

import itertools
import time

import pytest

from gateway.talk import Talking, await_complete, await_sound, ends, sound_of, speak, speaking
from lived.units import Epoch, Ns, Position, Turn
from lived.wire import Chunk
from lived.wire.events import (
    AnyEvent,
    Cut,
    Heartbeat,
    Speech,
    Transcript,
    TurnBegan,
    TurnComplete,
    TurnGenerated,
    Usage,
)
from lived.wire.orders import Again, Mute, Say
from lived_workers.gateway.downlink import CHUNK_FRAMES
from lived_workers.simulator.frame_faults import FRAME_FAULTS
from lived_workers.simulator.marks import runs

pytestmark = pytest.mark.processes

MARKS = '[[reply]]\nmarks_s = 4.0\nheard = "How are you?"\n'


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
                "mediaResolution": "MEDIA_RESOLUTION_LOW",
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
        (opened,) = talk.simulator.journal("open")
        assert ".v1beta." in opened["path"]
        assert opened["auth"] == "header"


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


def test_nothing_of_before_a_mute_is_sent_after_it(talking: Talking) -> None:
    """What waits for a network that is away when somebody mutes the microphone is never sent; what is typed is."""
    with talking() as talk, speaking(talk) as microphone:
        talk.open()
        talk.simulator.wait_for("sent", "sessionResumptionUpdate")
        talk.relay.refuse()
        talk.relay.reset()
        talk.bus.wait_for(lambda: talk.states("retrying"), "the loss to be noticed")
        before = len(talk.simulator.heard())
        speak(microphone, 1.0)  # numbered: would be seen
        microphone.muted = True
        talk.bus.order("gateway", Mute(on=True))
        talk.bus.order("gateway", Say(text="Are you there?"))
        talk.relay.accept()
        talk.simulator.wait_for("text")
        talk.simulator.wait_for("audioStreamEnd", timeout=5.0)
        assert runs(talk.simulator.heard()[before:]) == []


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
        # the first one was heard by a server that never answered it: it is asked again, before the second
        assert talk.simulator.wait_for("text", count=2)["text"] == "What time is it?"
        assert talk.simulator.wait_for("text", count=3)["text"] == "Are you there?"


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
