"""From streams to figures: known faults give known figures."""

from collections.abc import Iterator

from lived.cli.demo import measure
from lived.cli.demo.measure import FADE, Message, Toll
from lived.units import MIC_RATE, MODEL_RATE, SECOND, Epoch, Frames, Hz, Ns, Position, Turn
from lived.wire import Chunk, Stream
from lived.wire.events import AnyEvent, Cut, CutDone, TurnComplete, TurnHeard

from .test_align import noise

EPOCH = Epoch(5)
BEGAN = Ns(1_000 * SECOND)


def chunks(pcm: bytes, frames: int, stream: Stream, rate: Hz, turns: dict[int, int] | None = None) -> list[Chunk]:
    """``pcm`` as it would be published, in chunks of ``frames``; ``turns``: of chunk number ... on."""
    found, turn = [], 0
    for number, at in enumerate(range(0, len(pcm) // 2, frames)):
        turn = (turns or {}).get(number, turn)
        time = Ns(BEGAN + at * SECOND // rate)
        piece = pcm[2 * at : 2 * (at + frames)]
        found.append(Chunk(stream, EPOCH, Position(at), time, Turn(turn), rate, piece))
    return found


def mic(pcm: bytes) -> list[Chunk]:
    """10 ms chunks at 16 kHz."""
    return chunks(pcm, 160, Stream.MIC, MIC_RATE)


def speaker(*pieces: tuple[int, bytes]) -> list[Chunk]:
    """(turn, sound) one after the other, in blocks of 10 ms at 24 kHz; each piece fills whole blocks."""
    pcm, turns = b"", {}
    for turn, piece in pieces:
        turns[len(pcm) // 480] = turn
        pcm += piece + bytes(-len(piece) % 480)
    return chunks(pcm, 240, Stream.SPEAKER, MODEL_RATE, turns)


USER = noise(32_000)
REPLY = noise(24_000, seed=7)


def test_up_without_fault() -> None:
    """Everything that was captured has arrived."""
    assert measure.up(mic(USER), USER)[0] == Toll(0, 0, 0)


def test_up_lost_doubled_strange() -> None:
    """One lost chunk, one doubled, one that nobody captured."""
    assert measure.up(mic(USER), USER[:3_200] + USER[3_520:])[0] == Toll(160, 0, 0)
    assert measure.up(mic(USER), USER[:3_520] + USER[3_200:])[0] == Toll(0, 160, 0)
    assert measure.up(mic(USER), USER[:3_200] + noise(160, seed=3) + USER[3_200:])[0] == Toll(0, 0, 160)


def test_up_beginning_is_lost_and_the_newest_is_on_its_way() -> None:
    """What was captured first must arrive too; the last second may still be on its way, older sound may not."""
    assert measure.up(mic(USER), USER[320:])[0].lost == 160
    assert measure.up(mic(USER), USER[:-16_000])[0].lost == 0
    assert measure.up(mic(USER), USER[:-40_000])[0].lost == 4_000


def test_delays() -> None:
    """From the ADC time of a message's first frame to its arrival; older ones than ``since`` do not count."""
    _, alignment = measure.up(mic(USER), USER)
    sent = [Message(Ns(BEGAN + (at + 20 + at // 100) * 1_000_000), at * 16, 320) for at in range(0, 2_000, 20)]
    found = measure.delays(mic(USER), sent, alignment, BEGAN)
    assert found == (29.0, 39.0, 100)
    later = measure.delays(mic(USER), sent, alignment, Ns(BEGAN + SECOND))
    assert later is not None
    assert later.messages == 50
    assert measure.delays(mic(USER), [], alignment, BEGAN) is None


def test_delays_after_a_loss() -> None:
    """A loss shifts everything behind it in what arrived; the delays are those of the right frames."""
    received = USER[:3_200] + USER[3_840:]
    _, alignment = measure.up(mic(USER), received)
    late = Message(Ns(BEGAN + 141_000_000), 1_600 + 320, 320)  # captured at frame 2,240 = 140 ms
    found = measure.delays(mic(USER), [late], alignment, BEGAN)
    assert found == (1.0, 1.0, 1)


def test_down_without_fault() -> None:
    """A reply between silences, in blocks that do not fit it."""
    played = speaker((0, bytes(4_800)), (1, REPLY), (0, bytes(4_800)))
    assert measure.down(played, {Turn(1): REPLY}, {}) == Toll(0, 0, 0)


def test_down_lost_and_doubled() -> None:
    """A loss and a double in the middle of a reply are counted to the frame."""
    lost = speaker((1, REPLY[:9_600] + REPLY[10_080:]))
    assert measure.down(lost, {Turn(1): REPLY}, {}) == Toll(240, 0, 0)
    doubled = speaker((1, REPLY[:9_600] + REPLY[9_120:]))
    assert measure.down(doubled, {Turn(1): REPLY}, {}) == Toll(0, 240, 0)


def test_down_tail_is_cut_off() -> None:
    """The end of a reply that was not heard is lost."""
    played = speaker((1, REPLY[:-9_600]))
    assert measure.down(played, {Turn(1): REPLY}, {}).lost == 4_800 - FADE


def test_down_reply_never_heard() -> None:
    """A reply of which nothing was played is lost as a whole."""
    assert measure.down(speaker((0, bytes(4_800))), {Turn(1): REPLY}, {}).lost == 24_000 - FADE


def test_down_underrun_with_fades_loses_nothing() -> None:
    """Silence between two faded halves: late, but all of it was heard."""
    half = len(REPLY) // 2
    faded = noise(FADE, seed=8)
    played = speaker((1, REPLY[: half - 2 * FADE] + faded + bytes(2_400) + faded + REPLY[half + 2 * FADE :]))
    assert measure.down(played, {Turn(1): REPLY}, {}) == Toll(0, 0, 0)


def test_down_cut() -> None:
    """Of a turn that was cut only what was heard counts, its last frames softer."""
    heard = 4_800
    played = speaker((1, REPLY[: 2 * (heard - FADE)] + noise(FADE, seed=8) + bytes(200)), (0, bytes(4_800)))
    assert measure.down(played, {Turn(1): REPLY}, {Turn(1): heard}) == Toll(0, 0, 0)


def test_down_sound_after_the_cut_is_found() -> None:
    """Frames of a cut turn that are played on are found, beyond the fade."""
    heard = 4_800
    played = speaker((1, REPLY[: 2 * (heard + 1_000)]), (0, bytes(4_800)))
    toll = measure.down(played, {Turn(1): REPLY}, {Turn(1): heard})
    assert 800 <= toll.strange <= 1_000
    assert toll.lost == 0


def test_down_two_turns() -> None:
    """Turns one after the other are each compared with their own sound."""
    second = noise(4_800, seed=11)
    played = speaker((1, REPLY), (2, second))
    assert measure.down(played, {Turn(1): REPLY, Turn(2): second}, {}) == Toll(0, 0, 0)
    assert measure.down(played, {Turn(1): second, Turn(2): REPLY}, {}).lost > 20_000


def test_interruptions() -> None:
    """From the first order to silence; a cut of what was silent already is none."""
    events: list[AnyEvent] = [
        Cut(turn=Turn(3), cause="server", time=Ns(1_000_000)),
        Cut(turn=Turn(3), cause="user", time=Ns(9_000_000)),
        CutDone(turn=Turn(3), heard_turn=Turn(3), heard_frames=Frames(480), silent_at=Ns(13_000_000)),
        Cut(turn=Turn(4), cause="server", time=Ns(20_000_000)),
        CutDone(turn=Turn(4), heard_turn=Turn(0), heard_frames=Frames(0), silent_at=Ns(20_000_000)),
    ]
    (only,) = measure.interruptions(events)
    assert (only.turn, only.heard_frames, only.to_silence_ms) == (3, 480, 12.0)


def test_replies() -> None:
    """Heard and complete are two things."""
    events: list[AnyEvent] = [TurnHeard(turn=Turn(1), time=Ns(0)), TurnComplete(turn=Turn(2), frames=Frames(0))]
    assert measure.replies(events) == ((1,), (2,))


def test_stretch_fills_holes_with_silence() -> None:
    """A chunk that this listener missed is a hole of its length."""
    published = mic(USER[:960])
    assert measure.stretch([published[0], published[2]]) == USER[:320] + bytes(320) + USER[640:960]


def test_one_life() -> None:
    """The newest epoch, in order."""

    def life(epoch: int) -> Iterator[Chunk]:
        return (chunk._replace(epoch=Epoch(epoch)) for chunk in mic(USER[:640]))

    found = measure.one_life([*life(2), *life(1)][::-1])
    assert [(chunk.epoch, chunk.position) for chunk in found] == [(2, 0), (2, 160)]
    assert measure.one_life([]) == []
