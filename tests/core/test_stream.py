"""A follower loses and doubles nothing, whatever order chunks come in."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from lived.stream import ASK_AGAIN, PATIENCE, Follower, Gap, Recent
from lived.units import Epoch, Frames, Hz, Ns, Position, Turn
from lived.wire import FLAG_MUTED, FLAG_OVERFLOW, Chunk, Stream

RATE = Hz(1000)  # 1 frame = 1 ms, for convenience


def chunk(position: int, frames: int = 10, epoch: int = 1, flags: int = 0) -> Chunk:
    """Samples count frames: sample value = position."""
    pcm = b"".join((p & 0x7FFF).to_bytes(2, "little") for p in range(position, position + frames))
    at = Ns(position * 1_000_000)
    return Chunk(Stream.MIC, Epoch(epoch), Position(position), at, Turn(0), RATE, pcm, flags=flags)


def samples(got: Sequence[Chunk | Gap]) -> list[int]:
    """The frames delivered, by their numbers."""
    pcm = b"".join(c.pcm for c in got if isinstance(c, Chunk))
    return [int.from_bytes(pcm[i : i + 2], "little") for i in range(0, len(pcm), 2)]


def test_chunks_in_order_pass_through() -> None:
    """The plain case costs nothing: what comes in goes out."""
    follower = Follower("mic")
    got = [x for p in range(0, 50, 10) for x in follower.take(chunk(p), Ns(p))]
    assert got == [chunk(p) for p in range(0, 50, 10)]
    assert follower.wanted(Ns(1)) is None


def test_a_hole_is_asked_for_once_and_filled() -> None:
    """What is behind a hole waits for the repetition, then everything follows in order."""
    follower = Follower("mic")
    follower.take(chunk(0), Ns(0))
    assert follower.take(chunk(30), Ns(1)) == []
    wanted = follower.wanted(Ns(1))
    assert wanted is not None
    assert (wanted.epoch, wanted.position) == (1, 10)
    assert follower.wanted(Ns(1)) is None
    assert samples(follower.take(chunk(10), Ns(2))) == list(range(10, 20))
    assert samples(follower.take(chunk(20), Ns(3))) == list(range(20, 40))


def test_a_request_that_brings_nothing_is_repeated() -> None:
    """The bus may have lost it; not while the hole is being filled, and from where it is filled up to."""
    follower = Follower("mic")
    follower.take(chunk(0), Ns(0))
    follower.take(chunk(30), Ns(0))
    assert follower.wanted(Ns(0)) is not None
    assert follower.wanted(Ns(ASK_AGAIN - 1)) is None
    wanted = follower.wanted(Ns(ASK_AGAIN))
    assert wanted is not None
    assert wanted.position == 10
    follower.take(chunk(10), Ns(ASK_AGAIN))
    assert follower.wanted(Ns(2 * ASK_AGAIN)) is None, "it is coming"
    wanted = follower.wanted(Ns(3 * ASK_AGAIN))
    assert wanted is not None
    assert wanted.position == 20
    assert PATIENCE > 3 * ASK_AGAIN


def test_a_hole_that_nobody_fills_becomes_a_gap() -> None:
    """Sound goes on after the patience, and the loss is known to the frame."""
    follower = Follower("mic")
    follower.take(chunk(0), Ns(0))
    follower.take(chunk(30), Ns(5))
    assert follower.tick(Ns(4 + PATIENCE)) == []
    got = follower.tick(Ns(5 + PATIENCE))
    assert got[0] == Gap(Epoch(1), Position(10), Frames(20))
    assert samples(got) == list(range(30, 40))


def test_a_reader_that_resumes_asks_for_what_it_missed() -> None:
    """A restarted process continues at the frame where the dead one left off."""
    follower = Follower("mic")
    follower.resume_at(Epoch(1), Position(15))
    assert follower.take(chunk(40), Ns(0)) == []
    wanted = follower.wanted(Ns(1))
    assert wanted is not None
    assert wanted.position == 15
    got = [x for p in (10, 20, 30) for x in follower.take(chunk(p), Ns(1))]
    assert samples(got) == list(range(15, 50))


def test_a_new_epoch_starts_anew_and_an_old_one_is_ignored() -> None:
    """A restarted publisher is followed; stragglers of its predecessor are not."""
    follower = Follower("mic")
    follower.take(chunk(100, epoch=1), Ns(0))
    assert samples(follower.take(chunk(0, epoch=2), Ns(1))) == list(range(10))
    assert follower.take(chunk(110, epoch=1), Ns(2)) == []


def test_an_intended_gap_is_no_loss() -> None:
    """Muting skips positions; nobody waits for them or counts them."""
    follower = Follower("mic")
    follower.take(chunk(0), Ns(0))
    got = follower.take(chunk(500, flags=FLAG_MUTED), Ns(1))
    assert samples(got) == list(range(500, 510))
    assert not any(isinstance(x, Gap) for x in got)


def test_a_loss_at_the_card_is_a_gap_at_once() -> None:
    """Nobody can repeat what the card dropped."""
    follower = Follower("mic")
    follower.take(chunk(0), Ns(0))
    got = follower.take(chunk(20, flags=FLAG_OVERFLOW), Ns(1))
    assert got[0] == Gap(Epoch(1), Position(10), Frames(10))


@given(st.permutations(list(range(12))), st.lists(st.integers(0, 11), max_size=12))
def test_any_order_and_doubles_give_each_frame_once(order: list[int], doubles: list[int]) -> None:
    """Live and repeated chunks may interleave in any way."""
    follower = Follower("mic")
    follower.resume_at(Epoch(1), Position(0))
    got = [x for i in [*order, *doubles] for x in follower.take(chunk(i * 10), Ns(0))]
    assert samples(got) == list(range(120))


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(1, 25)), max_size=30))
def test_never_doubled_never_backwards(pieces: list[tuple[int, int]]) -> None:
    """Whatever arrives, frames go out in growing order, and gaps account for every frame between."""
    follower = Follower("mic")
    got: list[Chunk | Gap] = []
    for i, (position, frames) in enumerate(pieces):
        got += follower.take(chunk(position, frames), Ns(i))
    got += follower.tick(Ns(len(pieces) + PATIENCE))
    at = got[0].position if got else Position(0)
    for x in got:
        assert x.position == at
        at = Position(at + x.frames)
    out = samples(got)
    assert out == sorted(set(out))


@given(st.integers(0, 60), st.integers(1, 200))
def test_the_memory_repeats_what_it_has(position: int, capacity: int) -> None:
    """A repetition begins no later than asked, as far as the memory reaches, and has no holes."""
    recent = Recent(Frames(capacity), Frames(10))
    for p in range(0, 60, 10):
        recent.add(chunk(p))
    again = recent.since(Epoch(1), Position(position))
    assert all(c.end > position for c in again)
    assert samples(again) == list(range(again[0].position, 60)) if again else position >= 60
    assert recent.since(Epoch(2), Position(0)) == []
