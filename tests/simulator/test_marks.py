"""Numbered samples: what a test may conclude from them."""

from hypothesis import given
from hypothesis import strategies as st

from lived_workers.simulator.marks import NO_MARK, PERIOD, Run, marked, marks, runs

positions = st.integers(0, 10**9)
lengths = st.integers(1, 3000)


@given(positions, lengths)
def test_every_sample_names_its_position(first: int, frames: int) -> None:
    """marks(marked(p, n)) is p, p+1, … modulo the period."""
    assert marks(marked(first, frames)).tolist() == [(first + i) % PERIOD for i in range(frames)]


@given(positions, st.integers(8, 3000))
def test_whole_is_one_run(first: int, frames: int) -> None:
    """Nothing lost, nothing doubled: exactly one run."""
    assert runs(marked(first, frames)) == [Run(0, first % PERIOD, frames)]


@given(positions, lengths, st.data())
def test_pieces_can_be_looked_at_alone(first: int, frames: int, data: st.DataObject) -> None:
    """A piece cut out anywhere decodes as it does in the whole."""
    pcm = marked(first, frames)
    cut = data.draw(st.integers(0, frames))
    assert marks(pcm[: cut * 2]).tolist() + marks(pcm[cut * 2 :]).tolist() == marks(pcm).tolist()


@given(positions, st.integers(20, 500), st.integers(1, PERIOD - 1), st.integers(20, 500))
def test_loss_splits_the_run(first: int, before: int, lost: int, after: int) -> None:
    """A loss of any size but a multiple of the period shows as a second run that does not continue the first."""
    found = runs(marked(first, before) + marked(first + before + lost, after))
    assert [run.frames for run in found] == [before, after]
    assert found[1].first != found[0].end


def test_silence_carries_no_mark() -> None:
    """Zeros are NO_MARK, and a run goes around them."""
    pcm = bytes(20) + marked(5, 100) + bytes(20)
    assert marks(bytes(20)).tolist() == [NO_MARK] * 10
    assert runs(pcm) == [Run(10, 5, 100)]


def test_nothing_is_no_run() -> None:
    """Empty sound has no runs."""
    assert runs(b"") == []


def test_marks_are_loud() -> None:
    """They are far from silence everywhere: any energy detector takes them for sound."""
    samples = memoryview(marked(0, PERIOD)).cast("h")
    for at in range(0, PERIOD, 240):
        window = samples[at : at + 240]
        assert max(window) - min(window) > 20_000
