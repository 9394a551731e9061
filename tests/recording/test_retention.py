"""What goes, what stays."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from lived.recording import names
from lived.recording.retention import Kept, Rules, doomed, has_room, largest

kept = st.builds(
    Kept, st.text("abc", min_size=1, max_size=3), st.integers(0, 10**9), st.floats(0, 10**7, allow_nan=False)
)


@given(
    st.lists(kept, unique_by=lambda one: one.stem),
    st.floats(0, 100),
    st.integers(1, 95),
    st.sets(st.text("abc", min_size=1, max_size=3), max_size=3),
)
def test_what_is_left_fits(found: list[Kept], days: float, percent: int, written: set[str]) -> None:
    """Nothing too old, no more than the share unless it is being written; the oldest go first, nothing goes twice."""
    now, disk = 10.0**7, 10**10
    gone = doomed(found, Rules(days, percent), now, disk, written)
    left = [one for one in found if one.stem not in gone]
    assert len(set(gone)) == len(gone)
    assert not written & set(gone)
    free = [one for one in left if one.stem not in written]
    assert not days or all(now - one.changed <= days * 86_400 for one in free)
    assert not free or sum(one.size for one in left) <= disk * percent // 100
    by_stem = {one.stem: one for one in found}
    aged = {one.stem for one in found if days and now - one.changed > days * 86_400}
    for stem in set(gone) - aged:
        assert all(one.changed >= by_stem[stem].changed for one in free)


def test_room_has_hysteresis() -> None:
    """It stops with little left, and goes on with twice as much."""
    disk = 10 * 1024**3
    least = 32 * 1024**2
    assert has_room(least, disk, had=True)
    assert not has_room(least - 1, disk, had=True)
    assert not has_room(2 * least - 1, disk, had=False)
    assert has_room(2 * least, disk, had=False)
    assert has_room(100_000, 1_000_000, had=True), "a tiny disk has a tiny reserve"


def test_a_file_is_never_the_whole_share() -> None:
    """Else there would be nothing to delete."""
    assert largest(1000, Rules(0, 20), 10_000) == 500
    assert largest(100, Rules(0, 20), 10_000) == 100


@given(st.datetimes().filter(lambda wall: wall.year >= 1000), st.sampled_from(["mic", "stereo"]), st.integers(1, 9))
def test_names_are_known_again_and_sort(wall: datetime, stream: str, number: int) -> None:
    """A stem has a place for each second, and is found in all its files' names."""
    stem = list(names.numbered(names.timed(wall, stream)))[number - 1]
    for extension in (*names.EXTENSIONS, *names.BESIDE):
        assert names.stem_of(f"{stem}.{extension}") == stem
    assert names.timed(wall, stream)[6:25] == wall.strftime("%Y-%m-%dT%H-%M-%S")


@given(st.text(max_size=40))
def test_foreign_files_are_foreign(name: str) -> None:
    """Nobody else's file has such a name by chance."""
    assert names.stem_of(name) is None
    assert names.stem_of(f"lived-{name}.flac") is None
    assert names.stem_of("holiday.wav") is None
