"""Connections that are replaced: planned ones, forced ones, and the rungs of the ladder. With the real SDK."""

import json
import time
from typing import Any

import pytest

from fakes.microphone import Microphone
from gateway.talk import Talk, Talking, await_complete, await_sound, sound_of, speaking
from gateway.test_uplink_processes import assert_whole, received
from lived.wire.events import Heartbeat, SessionState, Swapped, TurnPlayed
from lived.wire.orders import Say

pytestmark = pytest.mark.processes

DEAF = "[vad]\nstart_db = 60.0\n"
"""The server never thinks that the user speaks."""

SAID = {"lines": [{"side": "user", "text": "My name is Ada."}, {"side": "model", "text": "Hello Ada."}]}


def swapped(talk: Talk, count: int = 1, timeout: float = 20.0) -> Swapped:
    """The account of the ``count``th swap."""
    talk.bus.wait_for(lambda: len(talk.bus.heard(Swapped)) >= count, f"swap {count}", timeout)
    found = talk.bus.heard(Swapped)[count - 1]
    assert isinstance(found, Swapped)
    return found


def handled(talk: Talk) -> None:
    """The gateway has a handle."""
    before = len(talk.bus.heard(Heartbeat))
    talk.simulator.wait_for("sent", "sessionResumptionUpdate")
    talk.bus.wait_for(lambda: len(talk.bus.heard(Heartbeat)) > before + 1, "the handle to arrive")


def counter(talk: Talk, name: str) -> int:
    """As told in the newest heartbeat."""
    beats = [e for e in talk.bus.heard(Heartbeat) if isinstance(e, Heartbeat)]
    return int(beats[-1].counters.get(name, 0)) if beats else 0


def history_of(talk: Talk) -> list[dict[str, Any]]:
    """What the newest session knows."""
    connections = talk.simulator.state()["connections"]
    return list(connections[-1]["history"])


def remembered(talk: Talk) -> None:
    """A former process has left a transcript."""
    (talk.bus.directory / "history.json").write_text(json.dumps({**SAID, "saved_at": time.time()}))


# planned


def test_go_away_at_a_quiet_moment(talking: Talking) -> None:
    """Replaced at once, long before the end; resumed, nothing lost or doubled, and nobody is warned."""
    with talking(DEAF) as talk, Microphone(talk.bus) as microphone:
        talk.open()
        handled(talk)
        talk.simulator.inject(do="go_away", s=50.0)
        told = swapped(talk)
        assert (told.cause, told.kept, told.lost) == ("goaway", "resumed", 0)
        assert told.gap_ms < 3_000
        assert talk.await_open(2).resumed
        talk.simulator.wait_for("audio", count=200)
        assert_whole(received(talk, microphone), microphone)
        assert not talk.states("retrying")
        assert [e.state for e in talk.bus.events if isinstance(e, SessionState)] == [
            "connecting",
            "open",
            "connecting",
            "open",
        ]
        assert counter(talk, "connections_lost") == 0


def test_go_away_waits_until_the_reply_was_heard(talking: Talking) -> None:
    """Not while playback is at it."""
    with talking(DEAF) as talk:
        talk.open()
        handled(talk)
        talk.simulator.say(marks_s=2.0, burst=1.0)
        await_sound(talk, 1, 4_800)
        talk.simulator.inject(do="go_away", s=50.0)
        ended = await_complete(talk, 1)
        assert ended.reason == ""
        assert not talk.bus.heard(Swapped)
        talk.bus.say(TurnPlayed(turn=ended.turn, frames=ended.frames))
        assert swapped(talk).cause == "goaway"


def test_go_away_has_a_deadline(talking: Talking) -> None:
    """A reply that goes on and on ends five seconds before the connection does, and the microphone's sound is whole."""
    with talking(DEAF) as talk, Microphone(talk.bus) as microphone:
        talk.open()
        handled(talk)
        talk.simulator.say(marks_s=30.0, burst=1.0)
        await_sound(talk, 1, 4_800)
        began = time.monotonic()
        talk.simulator.inject(do="go_away", s=8.0)
        assert swapped(talk).cause == "goaway"
        assert 2.5 < time.monotonic() - began < 6.5
        assert await_complete(talk, 1).reason == "lost"
        assert_whole(received(talk, microphone), microphone)


def test_go_away_with_no_time_left(talking: Talking) -> None:
    """At once, in the middle of a reply."""
    with talking(DEAF) as talk, Microphone(talk.bus) as microphone:
        talk.open()
        handled(talk)
        talk.simulator.say(marks_s=30.0, burst=1.0)
        await_sound(talk, 1, 4_800)
        talk.simulator.inject(do="go_away", s=0.0)
        assert swapped(talk).cause == "goaway"
        assert_whole(received(talk, microphone), microphone)


def test_a_reply_that_was_all_there_is_not_shortened(talking: Talking) -> None:
    """Sent four times faster than it is spoken: the connection ends under it, and every frame is there."""
    with talking(DEAF + "[timing]\ntrailing_silence_ms = 0\n") as talk:
        talk.open()
        handled(talk)
        talk.simulator.say(marks_s=12.0, burst=20.0)
        await_sound(talk, 1, 12 * 24_000)
        talk.simulator.wait_for("sent", "generationComplete")
        talk.simulator.inject(do="go_away", s=0.0)
        swapped(talk)
        ended = await_complete(talk, 1)
        assert ended.frames == 12 * 24_000 == len(sound_of(talk, 1)) // 2


def test_go_away_then_silence_then_the_end(talking: Talking) -> None:
    """The server says no more after goAway, and closes when it said it would: we are gone by then."""
    with talking(DEAF) as talk, Microphone(talk.bus) as microphone:
        talk.open()
        handled(talk)
        talk.simulator.say(marks_s=30.0, burst=1.0)
        await_sound(talk, 1, 4_800)
        talk.simulator.inject(do="stall_reply", s=30.0)
        talk.simulator.inject(do="go_away_and_close", s=9.0)
        assert swapped(talk).cause == "goaway"
        assert_whole(received(talk, microphone), microphone)
        assert not talk.states("retrying")


def test_the_age_of_a_connection(talking: Talking) -> None:
    """Replaced by our own clock: a server may end it without a word."""
    with talking(DEAF) as talk, Microphone(talk.bus) as microphone:
        talk.configure(swap_after_s=5.0)
        talk.open()
        assert (swapped(talk).cause, swapped(talk, 2).cause) == ("age", "age")
        assert_whole(received(talk, microphone), microphone)


def test_the_cap_without_go_away(talking: Talking) -> None:
    """The server just closes at its cap: resumed, and told as lost."""
    with talking(TEN_MINUTES) as talk:
        talk.open()
        assert (swapped(talk).cause, swapped(talk).kept) == ("lost", "resumed")


TEN_MINUTES = "time_scale = 120.0\n[limits]\ngo_away_s = []\n" + DEAF
"""They pass in five seconds."""


# the ladder


def test_a_handle_that_is_refused_twice_leads_to_our_own_transcript(talking: Talking) -> None:
    """Resumed twice in vain; then a new session knows what had been said, without having answered it."""
    rejected = "".join(f'[[fault]]\non = "connect:{n}"\ndo = "close"\ncode = 1011\n' for n in (2, 3))
    with talking(DEAF + rejected) as talk:
        remembered(talk)
        talk.open()
        handled(talk)
        talk.simulator.inject(do="close", code=1001)  # an end of the server's own: nothing of it lingers there
        told = swapped(talk)
        assert (told.cause, told.kept) == ("lost", "reseeded")
        assert not talk.states("open")[-1].resumed
        talk.bus.wait_for(lambda: len(history_of(talk)) >= 2, "the history")
        assert [said["text"] for said in history_of(talk)] == ["My name is Ada.", "Hello Ada."]
        assert not talk.simulator.journal("sent", "audio")


def test_a_transcript_that_is_refused_leads_to_an_excuse(talking: Talking) -> None:
    """The last rung: the model is told to say that it lost the thread, and it speaks."""
    rejected = "".join(f'[[fault]]\non = "connect:{n}"\ndo = "close"\ncode = 1007\n' for n in (2, 3))
    with talking(DEAF + rejected) as talk:
        remembered(talk)
        talk.open()
        handled(talk)
        talk.simulator.inject(do="reset")
        assert swapped(talk).kept == "forgotten"
        heard = talk.simulator.wait_for("text")
        assert "lost the thread" in str(heard)
        talk.simulator.wait_for("sent", "audio")


def test_where_nothing_was_said_there_is_nothing_to_excuse(talking: Talking) -> None:
    """A fresh session begins without a word."""
    with talking(DEAF + '[[fault]]\non = "connect:2"\ndo = "close"\ncode = 1007\n') as talk:
        talk.open()
        handled(talk)
        talk.simulator.inject(do="reset")
        assert swapped(talk).kept == "forgotten"
        talk.bus.wait_for(lambda: len(talk.bus.heard(Heartbeat)) > 4, "a while")
        assert not talk.simulator.journal("text")


def test_a_conversation_begins_with_what_a_file_says(talking: Talking) -> None:
    """live.history_file."""
    with talking(DEAF) as talk:
        path = talk.bus.directory / "before.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in SAID["lines"]))
        talk.configure(history_file=str(path))
        talk.open()
        talk.bus.wait_for(lambda: len(history_of(talk)) >= 2, "the history")
        assert not talk.bus.heard(Swapped)


# servers that hang


def test_a_question_without_an_answer(talking: Talking) -> None:
    """Typed, acknowledged, never answered: a nudge, then another connection, where it is asked again; the ladder goes
    down, and in the end there is peace."""
    with talking(DEAF + "[[reply]]\nsilent = true\n") as talk, speaking(talk):
        talk.configure(nudge_s=2.0, hung_s=5.0)
        talk.open()
        handled(talk)
        talk.bus.order("gateway", Say(text="Are you there?"))
        talk.bus.wait_for(lambda: counter(talk, "nudges"), "the nudge")
        talk.simulator.wait_for("audioStreamEnd")
        first, second, third = (swapped(talk, n) for n in (1, 2, 3))
        assert {first.cause, second.cause, third.cause} == {"hung"}
        assert (first.kept, second.kept) == ("resumed", "forgotten")
        beats = len(talk.bus.heard(Heartbeat))
        talk.bus.wait_for(lambda: len(talk.bus.heard(Heartbeat)) > beats + 14, "seven quiet seconds")
        assert len(talk.bus.heard(Swapped)) == 3
        assert len(talk.simulator.journal("text")) == 3, "asked again on a resumed session, and on a fresh one"


def test_half_open_is_noticed(talking: Talking) -> None:
    """No packet arrives any more and nobody says so: within ten seconds it is given up. The server believes in the old
    connection for longer and refuses the handle twice; the conversation goes on with it all the same."""
    with talking(DEAF) as talk, Microphone(talk.bus) as microphone:
        talk.configure(backlog_s=30.0)  # 8 s until it is noticed, and up to 6 s of tries
        talk.open()
        handled(talk)
        talk.simulator.wait_for("audio", count=50)
        talk.relay.cut()
        began = time.monotonic()
        talk.bus.wait_for(lambda: talk.states("retrying"), "the loss to be noticed")
        assert time.monotonic() - began < 11.0
        talk.bus.wait_for(lambda: len(talk.states("retrying")) >= 3, "the handle to be refused twice")
        talk.relay.reset()  # now the server learns of it
        assert swapped(talk).kept == "resumed"
        assert_whole(received(talk, microphone), microphone)
