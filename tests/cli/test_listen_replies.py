"""Replies come in bursts and are heard in order; what is cut is not heard."""

from hypothesis import given
from hypothesis import strategies as st

from fakes.sound import is_run, numbered, samples_of
from lived.cli.listen.replies import CAPACITY, PREBUFFER, Replies
from lived.units import MODEL_RATE, Epoch, Ns, Position, Turn
from lived.wire import Chunk, Stream

BLOCK = 480
FIRST = 1_000
"""Loud enough that a fade leaves one frame silent, its first."""


def piece(position: int, frames: int, turn: int = 1) -> Chunk:
    """Of the stream ``model``; the number of its first frame is ``FIRST`` + position + 1."""
    pcm = numbered(FIRST + position, frames)
    return Chunk(Stream.MODEL, Epoch(1), Position(position), Ns(0), Turn(turn), MODEL_RATE, pcm)


def heard(replies: Replies, blocks: int) -> bytes:
    """The next blocks."""
    return b"".join(replies.read(BLOCK, Ns(0)) for _ in range(blocks))


def sound(pcm: bytes) -> tuple[int, ...]:
    """What is not silent, without fades of 72 frames."""
    return tuple(sample for sample in samples_of(pcm) if sample)[71:-72]


def test_two_replies_at_once_are_heard_one_after_the_other() -> None:
    """Every frame, in order."""
    replies = Replies()
    for number in range(20):
        replies.put(piece(960 * number, 960, turn=1 + number // 10))
    found = sound(heard(replies, 60))
    assert len(found) == 20 * 960 - 144
    assert is_run(found)


def test_a_cut_silences_what_is_heard_and_what_still_comes() -> None:
    """The next reply is heard whole; frames of the cut one never again."""
    replies = Replies()
    for number in range(10):
        replies.put(piece(960 * number, 960))
    heard(replies, 5)
    replies.cut = Turn(1)
    replies.put(piece(9600, 960))
    assert not any(samples_of(heard(replies, 6))[72:])
    for number in range(11, 21):
        replies.put(piece(960 * number, 960, turn=2))
    found = sound(heard(replies, 40))
    assert found[0] == FIRST + 960 * 11 + 73
    assert is_run(found)
    assert replies.lost == 0


def test_a_last_word_is_heard_though_it_is_short() -> None:
    """Less than the prebuffer, and nothing behind it."""
    replies = Replies()
    replies.put(piece(0, PREBUFFER // 2))
    assert not any(samples_of(heard(replies, 10)))
    assert len(sound(heard(replies, 40))) == PREBUFFER // 2 - 144


def test_a_loss_is_silence() -> None:
    """Of its length, and counted."""
    replies = Replies()
    replies.put(piece(0, 4800))
    replies.put(piece(4800 + 240, 4800))
    pcm = samples_of(heard(replies, 22))
    assert not any(pcm[4800:5040])
    assert pcm[5040:5100] == samples_of(numbered(FIRST + 5040, 60))
    assert replies.lost == 240


def test_memory_is_bounded() -> None:
    """Eleven minutes at once: ten are kept, the rest is counted."""
    replies = Replies()
    second = piece(0, MODEL_RATE)
    for number in range(660):
        replies.put(second._replace(position=Position(number * MODEL_RATE)))
    assert replies.lost == 60 * MODEL_RATE
    assert sum(len(pcm) // 2 for _, pcm in replies._queue) == CAPACITY


@given(st.lists(st.one_of(st.integers(1, 1500), st.just(0), st.just(-1)), max_size=60))
def test_any_order_of_sound_cuts_and_blocks(steps: list[int]) -> None:
    """Blocks are always whole; after a cut nothing older is given out, but for the fade."""
    replies, position, turn = Replies(), 0, 1
    for step in steps:
        if step > 0:
            replies.put(piece(position, step, turn))
            position += step
        elif step == 0:
            assert len(replies.read(BLOCK, Ns(0))) == 2 * BLOCK
        else:
            replies.cut = Turn(turn)
            turn += 1
            assert not any(samples_of(replies.read(BLOCK, Ns(0)))[72:])
    assert replies._gone + sum(len(pcm) // 2 for _, pcm in replies._queue) <= replies._arrived
