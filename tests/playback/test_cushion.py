"""The cushion: as small as the network allows, never above what was configured."""

from hypothesis import given
from hypothesis import strategies as st

from fakes.jitter import BLOCK, Rig
from lived.units import MODEL_RATE, Frames, Ms, Turn, frames_in
from lived_workers.playback.cushion import FIRST, LEAST, Cushion
from lived_workers.playback.fade import FADE
from lived_workers.playback.turns import Heard, Starved


@given(st.integers(0, 24_000), st.lists(st.booleans(), max_size=200))
def test_it_stays_within_its_bounds(most: int, dry: list[bool]) -> None:
    """Never above the configured prebuffer, never below the least; one that ran dry is at its bound at once."""
    cushion = Cushion(Frames(most))
    for ran_dry in dry:
        before = cushion.frames
        if ran_dry:
            cushion.ran_dry()
            assert cushion.frames == most
        else:
            cushion.went_well()
            assert cushion.frames <= before
        assert min(LEAST, most) <= cushion.frames <= most


def test_good_replies_make_it_small_again() -> None:
    """After one hole and some dozen good replies it is at its least."""
    cushion = Cushion(frames_in(Ms(120), MODEL_RATE))
    cushion.ran_dry()
    for _ in range(36):
        cushion.went_well()
    assert cushion.frames == LEAST


@given(
    first=st.sampled_from([1, 240, 1_200, 3_840]),
    gap_ms=st.integers(50, 90),
    pieces=st.lists(st.tuples(st.integers(3_840, 7_680), st.integers(20, 120)), min_size=1, max_size=8),
)
def test_a_regular_server_never_runs_dry(first: int, gap_ms: int, pieces: list[tuple[int, int]]) -> None:
    """A first piece of any size, the second within 90 ms, later ones of 160 ms and more within 120 ms: no hole, and
    the first sound within a block of the second piece's arrival."""
    rig = Rig(prebuffer_ms=120)
    arrivals = [(0, first)]
    at = gap_ms
    for size, wait in pieces:
        arrivals.append((at, size))
        at += wait
    total = sum(size for _, size in arrivals)
    clock = 0
    while arrivals:
        while arrivals and arrivals[0][0] <= clock:
            rig.put(1, arrivals.pop(0)[1])
        rig.read()
        clock += 1000 * BLOCK // MODEL_RATE
    rig.buffer.total(Turn(1), total)
    rig.read_until_idle()

    assert rig.of(Starved) == []
    assert rig.heard == {1: total}
    (heard,) = [notice for notice in rig.notices if isinstance(notice, Heard)]
    assert heard.at <= frames_in(Ms(gap_ms + 10), MODEL_RATE) + BLOCK


def test_a_first_piece_that_lasts_begins_before_the_second() -> None:
    """50 ms of sound and a wait of at most 90: it begins 40 ms later, and a block and a fade."""
    rig = Rig(prebuffer_ms=120)
    rig.put(1, 1_200)
    silent = 0
    while not any(rig.read()):
        silent += BLOCK
    assert FIRST - 1_200 + FADE < silent <= FIRST - 1_200 + FADE + 2 * BLOCK
