"""Blocks of any length in, chunks of one length out."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from lived.units import Frames, Position
from lived_workers.capture.chunker import Chunker


@given(st.binary(max_size=4_000), st.lists(st.integers(0, 2_000), max_size=20), st.integers(1, 300))
def test_splitting_the_input_anywhere_gives_the_same_pieces(sound: bytes, cuts: list[int], frames: int) -> None:
    """The pieces do not depend on how the input came in blocks."""
    sound = sound[: len(sound) // 2 * 2]
    edges = sorted({0, len(sound), *(min(2 * c, len(sound)) for c in cuts)})
    whole, split = Chunker(Frames(frames)), Chunker(Frames(frames))

    expected = [*whole.put(sound), *whole.flush()]
    got = [p for a, b in itertools.pairwise(edges) for p in split.put(sound[a:b])] + split.flush()

    assert got == expected
    assert b"".join(p.pcm for p in got) == sound
    assert all(len(p.pcm) == 2 * frames for p in got[:-1])
    assert [p.position for p in got] == [n * frames for n in range(len(got))]


def test_restart_forgets_what_is_left() -> None:
    """Nothing heard before a restart comes out behind it."""
    chunker = Chunker(Frames(4))
    chunker.put(b"\1\0" * 3)

    chunker.restart(Position(100))

    assert chunker.put(b"\2\0" * 4) == [(100, b"\2\0" * 4)]
