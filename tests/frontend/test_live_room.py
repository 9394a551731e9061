"""The rooms that bench.room.live puts between the virtual cards: what comes back is what the room makes of it, when it
says so; and what is found in a visit is what happened in it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bench.listening_scenes import BLOCK, Samples, clipped
from bench.room.acoustics import RATE, Sound, active_rms, softened, through
from bench.room.air import Air, sayings
from bench.room.live_score import delay, fault, into, judged, sentences
from bench.room.rooms import Room
from bench.room.scene import USER_RMS, answers, from_loudspeaker, to_16k
from bench.room.seen import Reply, Seen, Track
from bench.room.visit import Visit

from fakes.soundcard import VirtualSoundcard
from lived.units import MIC_RATE, MODEL_RATE, SECOND, Epoch, Frames, Hz, Ns, Position, Turn
from lived.wire import Chunk, Stream
from lived.wire.events import Cut, CutDone

QUIET = 300
"""Decibels between the user and the noise."""
BEGAN = 50 * SECOND


def blocks(air: Air, played: Samples) -> Sound:
    """All of it, 10 ms at a time."""
    heard = [air.block(played[at : at + BLOCK]) for at in range(0, len(played) - BLOCK + 1, BLOCK)]
    return np.concatenate(heard).astype(np.float64)


def unlike(sound: Sound, wanted: Sound) -> float:
    """What is left of ``sound`` when ``wanted`` is taken out of it, as loud as it is in there; share of its power."""
    left = sound - wanted * (sound @ wanted) / (wanted @ wanted)
    return float((left @ left) / (sound @ sound))


def test_block_by_block_the_room_is_the_one_of_the_offline_bench() -> None:
    """Convolved, as late and as loud as it says, the user on top of it; and later by the jump."""
    played = clipped(answers()[: 8 * RATE] * 32_767)
    air = Air(Room("test", echo_db=6, delay_ms=70, jump_ms=40, snr_db=QUIET), seed=1, elsewhere_ms=30)
    echo = blocks(air, played)
    late = round(0.040 * RATE)
    wanted = through(softened(played / 32_768), from_loudspeaker(Room("test")))
    assert unlike(echo[late:], wanted[: len(echo) - late]) < 3e-3  # the loudspeaker is turned up: another distortion
    assert unlike(echo[late + 8 :], wanted[: len(echo) - late - 8]) > 0.1
    assert 20 * np.log10(active_rms(echo) / USER_RMS) == pytest.approx(6, abs=1.5)
    air.jump()
    later = blocks(air, played)[RATE:]
    assert unlike(later, np.roll(wanted, 2 * late)[RATE : RATE + len(later)]) < 3e-3
    saying = sayings(Room("test"))[1]
    silence = np.zeros(len(saying.sound) // BLOCK * BLOCK, np.int16)
    blocks(air, silence)
    air.say(saying.sound)
    assert unlike(blocks(air, silence), saying.sound[: len(silence)]) < 1e-3


@pytest.mark.alone
@pytest.mark.processes
@pytest.mark.soundcard
def test_the_daemon_hears_the_room(tmp_path: Path, soundcard: VirtualSoundcard) -> None:
    """What the loudspeaker played comes back convolved and delayed as the room says, to the frame what the room gave;
    and the user where the room says."""
    room = Room("test", delay_ms=150, snr_db=30)
    with Visit(soundcard, room, 1, tmp_path / "visit", {}) as visit:
        visit.alone(4)
        visit.talk_alone()
        seen = visit.seen
    assert fault(seen) == ""
    assert delay(seen).middle == pytest.approx(150, abs=25)  # the virtual cards' times wander by some ms
    reply = seen.alone[0]
    begin = seen.speaker.index_at(reply.begin)
    played = to_16k(seen.speaker.sound[begin : begin + 3 * MODEL_RATE].astype(np.float64))
    wanted = blocks(Air(replace_delay(room), 1, 0), clipped(played))
    heard = seen.mic.sound[seen.mic.index_at(reply.begin) :][: 4 * RATE].astype(np.float64)
    offsets = np.correlate(heard, wanted[: 2 * RATE], "valid")
    at = int(np.argmax(offsets))
    assert unlike(heard[at : at + 2 * RATE], wanted[: 2 * RATE]) < 0.01
    said = sentences(seen)[0]
    alone = seen.mic.sound[said.first : said.first + len(said.saying.sound)].astype(np.float64)
    assert unlike(alone, said.saying.sound[: len(alone)]) < 0.01


def replace_delay(room: Room) -> Room:
    """The same, at once and without noise."""
    return room._replace(delay_ms=0, snr_db=QUIET)


def track(stream: Stream, sound: Samples, rate: Hz) -> Track:
    """Its first frame at ``BEGAN``, position 0."""
    block = rate // 100
    places = [(Position(at), Ns(BEGAN + at * SECOND // rate)) for at in range(0, len(sound), block)]
    pieces = [sound[at : at + block].tobytes() for at, _ in places]
    return Track(
        [Chunk(stream, Epoch(1), at, time, Turn(0), rate, pcm) for (at, time), pcm in zip(places, pieces, strict=True)]
    )


@pytest.fixture(scope="module")
def seen() -> Seen:
    """20 s: two sentences over a reply, at 3 and 12 s, and one alone; each begins 300 ms after the room has begun."""
    single, _, last = sayings(Room("test"))
    heard = np.random.default_rng(1).normal(0, 30, 30 * RATE)
    said = [(single[0], 3 * RATE), (single[1], 12 * RATE), (last, 20 * RATE)]
    for saying, at in said:
        heard[at : at + len(saying.sound)] += saying.sound
    room = np.concatenate([np.random.default_rng(2).normal(0, 30, 4_800), heard])
    mic = clipped(room)
    speaker = np.zeros(30 * MODEL_RATE, np.int16)
    return Seen(
        track(Stream.MIC, mic[4_800:], MIC_RATE), track(Stream.VOICE, mic[4_800:], MIC_RATE),
        track(Stream.SPEAKER, speaker, MODEL_RATE), mic,
        [(saying, at + 4_800) for saying, at in said], [],
        [Reply(Turn(1), Ns(BEGAN + 2 * SECOND), 9.0), Reply(Turn(2), Ns(BEGAN + 11 * SECOND), 8.0)], [], [],
        cpu={"main": 1.0, "frontend": 4.0}, memory={"main": 20.0, "frontend": 25.0},
    )  # fmt: skip


def cut(turn: int, at_s: float, cause: str = "local") -> Cut:
    """Ordered then."""
    return Cut(turn=Turn(turn), cause=cause, time=Ns(BEGAN + int(at_s * SECOND)))


def test_a_cut_is_late_by_what_it_is_late(seen: Seen) -> None:
    """Counted from the first syllable; one while nobody speaks is false, one of the server's is another's."""
    onsets = [3 + seen.said[0][0].onsets[0], 12 + seen.said[1][0].onsets[0]]
    silent = Ns(BEGAN + int((onsets[0] + 0.29) * SECOND))
    done = CutDone(turn=Turn(1), heard_turn=Turn(1), heard_frames=Frames(0), silent_at=silent)
    cuts = [cut(1, 2.5), cut(1, onsets[0] + 0.25), cut(2, onsets[1] + 2.0), cut(2, 19.0, "server")]
    found = judged(replace(seen, cuts=cuts, silent=[done]))
    assert fault(seen) == ""
    assert found.cut_ms == [pytest.approx(250, abs=1)]
    assert found.silent_ms == [pytest.approx(290, abs=1)]
    assert (found.false_at_s, found.other_cuts, found.missed) == ([0.5], 1, 1)
    assert found.echo_s == pytest.approx(onsets[0] - 2 + onsets[1] - 11, abs=0.01)
    assert (found.cpu_frontend, found.cpu_all, found.memory_all) == (4, 5, 45)


def test_words_that_are_there_are_kept_and_others_are_not(seen: Seen) -> None:
    """All of what the user says, and nothing of it where the voice is silent."""
    assert judged(seen).kept > 0.95
    assert judged(seen).alone_kept > 0.95
    deaf = replace(seen, voice=track(Stream.VOICE, np.zeros(30 * RATE, np.int16), MIC_RATE))
    assert (judged(deaf).kept, judged(deaf).alone_kept, into(deaf).kept) == (0, 0, 0)


def test_a_room_that_was_late_is_told(seen: Seen) -> None:
    """A hole of 20 ms in what was captured, and 20 ms that nobody gave."""
    sound = seen.mic.sound
    holed = np.concatenate([sound[: 5 * RATE], sound[5 * RATE + 320 :]])
    filled = np.concatenate([sound[: 5 * RATE], np.zeros(320, np.int16), sound[5 * RATE :]])
    for wrong in (holed, filled):
        assert "the room was late" in fault(replace(seen, mic=track(Stream.MIC, wrong, MIC_RATE)))
    short = track(Stream.MIC, sound[:RATE], MIC_RATE)
    assert "did not hear the room" in fault(replace(seen, mic=short, written=np.zeros(RATE, np.int16)))
