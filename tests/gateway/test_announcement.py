"""What is said aloud where there is no API key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lived.wire.events import Heartbeat
from lived_workers.gateway.announcement import Announcement
from lived_workers.gateway.happenings import Complete, Generated, Happening, Sound


class Mouth:
    """In place of a downlink."""

    def __init__(self) -> None:
        self.said: list[Happening] = []

    def take(self, happening: Happening, _now: int) -> None:
        """One thing."""
        self.said.append(happening)


def announcement(mouth: Mouth, folder: Path, wanted: Callable[[], bool] = lambda: True) -> Announcement:
    """One gateway's."""
    return Announcement(mouth, folder, wanted)  # type: ignore[arg-type]


def beat(worker: str = "playback", opened: int = 1) -> Heartbeat:
    """A worker's sign of life."""
    return Heartbeat(worker=worker, progress=1, counters={"opened": opened})


def test_once_a_boot(tmp_path: Path) -> None:
    """As a whole turn, once, whatever number of gateways there are until the device is started anew."""
    mouth = Mouth()
    one = announcement(mouth, tmp_path)
    one.beat(beat())
    one.beat(beat())
    sound, generated, complete = mouth.said
    assert isinstance(sound, Sound)
    assert 3 * 48_000 < len(sound.pcm) < 10 * 48_000
    assert (generated, complete) == (Generated(), Complete(""))
    announcement(mouth, tmp_path).beat(beat())
    assert len(mouth.said) == 3
    (tmp_path / "announced").write_bytes(b"another boot")
    announcement(mouth, tmp_path).beat(beat())
    assert len(mouth.said) == 6


@pytest.mark.parametrize("early", [beat(opened=0), beat("capture")])
def test_not_before_somebody_can_hear_it(tmp_path: Path, early: Heartbeat) -> None:
    """A loudspeaker has to be open, and a conversation wanted; then it is said, and not sooner."""
    mouth, wanted = Mouth(), [False]
    one = announcement(mouth, tmp_path, lambda: wanted[0])
    one.beat(early)
    one.beat(beat())
    assert mouth.said == []
    wanted[0] = True
    one.beat(early)
    assert mouth.said == []
    one.beat(beat())
    assert len(mouth.said) == 3


def test_a_mark_that_cannot_be_written(tmp_path: Path) -> None:
    """It is said all the same."""
    (tmp_path / "file").write_bytes(b"")
    mouth = Mouth()
    announcement(mouth, tmp_path / "file").beat(beat())
    assert len(mouth.said) == 3
