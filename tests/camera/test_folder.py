"""A folder in a camera's place."""

import logging
from pathlib import Path

import pytest
from PIL import Image

from lived.errors import DeviceError
from lived_workers.camera.folder import Folder


def save(path: Path, width: int) -> None:
    """A picture that is known by its width."""
    Image.new("RGB", (width, 20)).save(path)


def widths(folder: Folder, count: int) -> list[int]:
    """Of the next pictures; 0 for none."""
    return [picture.width if (picture := folder.picture()) else 0 for _ in range(count)]


def test_one_after_the_other_round_and_round(tmp_path: Path) -> None:
    """By name; what is added is seen in the next round; what is hidden is not."""
    save(tmp_path / "b.png", 20)
    save(tmp_path / "a.jpg", 10)
    save(tmp_path / ".c.jpg", 99)
    (tmp_path / "folder.jpg").mkdir()
    folder = Folder(tmp_path, 768, 75)
    assert folder.open() == f"{tmp_path}, 2 files"
    assert widths(folder, 3) == [10, 20, 10]
    save(tmp_path / "c.jpg", 30)
    assert widths(folder, 4) == [20, 10, 20, 30]


def test_odd_files_are_passed_over_with_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Once each, however many rounds."""
    save(tmp_path / "a.jpg", 10)
    (tmp_path / "b.txt").write_text("not a picture")
    (tmp_path / "c.jpg").write_bytes(b"\xff\xd8\xff")
    folder = Folder(tmp_path, 768, 75)
    folder.open()
    with caplog.at_level(logging.WARNING):
        assert widths(folder, 5) == [10] * 5
    assert [record.getMessage().split(" is passed")[0] for record in caplog.records] == [
        str(tmp_path / "b.txt"), str(tmp_path / "c.jpg"),
    ]  # fmt: skip
    assert folder.skipped >= 8


def test_nothing_to_show(tmp_path: Path) -> None:
    """No folder, an empty one, one without pictures, one that goes away: each says so."""
    for path, words in ((tmp_path / "no", "cannot be read"), (tmp_path, "no picture")):
        with pytest.raises(DeviceError, match=words):
            Folder(path, 768, 75).open()
    (tmp_path / "x.txt").write_text("x")
    folder = Folder(tmp_path, 768, 75)
    folder.open()
    assert folder.picture() is None
    assert folder.ended == f"No file in {tmp_path} is a picture."

    gone = tmp_path / "gone"
    gone.mkdir()
    save(gone / "a.jpg", 10)
    folder = Folder(gone, 768, 75)
    folder.open()
    folder.poll()
    assert (folder.frames, folder.ended) == (1, "")
    (gone / "a.jpg").unlink()
    gone.rmdir()
    folder.poll()
    assert folder.ended == f"The folder {gone} is gone."
