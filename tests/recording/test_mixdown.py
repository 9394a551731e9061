"""Channels side by side."""

from hypothesis import given
from hypothesis import strategies as st

from lived.recording.mixdown import Mixdown
from lived.recording.track import Piece
from lived.units import Hz

RATE = Hz(1000)


def samples(pcm: bytes) -> list[int]:
    """As numbers."""
    return list(memoryview(pcm).cast("h"))


PIECES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 300), st.integers(1, 300)), max_size=20)
"""(channel, silence before it, frames)"""


@given(PIECES, st.integers(1, 500))
def test_each_frame_once_in_its_place(pieces: list[tuple[int, int, int]], step: int) -> None:
    """Whatever comes when: blocks are contiguous, and sound that was in time is where it belongs."""
    mixdown, at, now, out = Mixdown(2, RATE), [0, 0], 0, []
    wanted: dict[tuple[int, int], int] = {}
    for channel, gap, frames in pieces:
        first = at[channel] + gap
        late = mixdown.put(channel, Piece(first, (7).to_bytes(2, "little") * frames))
        for frame in range(first + late, first + frames):
            wanted[channel, frame] = 7
        at[channel] = first + frames
        now += step
        out += mixdown.due(now)
    out += mixdown.due(now, last=True)
    heard = samples(b"".join(block.pcm for block in out))
    assert [block.first for block in out] == [0, *[b.first + len(b.pcm) // 4 for b in out]][: len(out)]
    assert len(heard) == 2 * max(now, *at)
    assert {(c, f): heard[2 * f + c] for f in range(len(heard) // 2) for c in (0, 1) if heard[2 * f + c]} == wanted


def test_nobody_is_waited_for_too_long() -> None:
    """A channel without sound is silent after 600 ms; what comes for it then is late, and counted."""
    mixdown = Mixdown(2, RATE)
    mixdown.put(0, Piece(0, b"\1\0" * 2000))
    assert mixdown.due(500) == []
    assert sum(len(block.pcm) // 4 for block in mixdown.due(1000)) == 400
    assert mixdown.put(1, Piece(300, b"\1\0" * 200)) == 100


def test_garbage_costs_no_memory() -> None:
    """A time far in the future is not believed."""
    mixdown = Mixdown(1, RATE)
    assert mixdown.put(0, Piece(10**12, b"\1\0" * 100)) == 100
    assert mixdown.due(2000)
    assert mixdown.first == 1400
