"""The writer's thread: segments, a disk that is full, a disk that stands still."""

import errno
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from fakes.daemon import wait_until
from lived.recording import writer as writing
from lived.recording.mixdown import Block
from lived.recording.output import Folder, SingleFile
from lived.recording.segment import FileSegment, Format, Note
from lived.recording.writer import Limits, Writer
from lived.units import MIC_RATE, SECOND, Ns
from lived_workers.simulator.marks import marked, runs

BLOCK = 1600


def form(kind: str = "wav", transcript: bool = True) -> Format:
    """Of stream mic."""
    return Format("mic", kind, Ns(10 * SECOND), transcript)


def blocks(count: int, first: int = 0) -> Iterator[Block]:
    """Numbered samples."""
    for at in range(first, first + count * BLOCK, BLOCK):
        yield Block(at, marked(at, BLOCK))


def finished(writer: Writer) -> list[Path]:
    """Its files, once it has ended."""
    writer.finish()
    assert writer.wait(Ns(20 * SECOND))
    assert not writer.state.trouble
    return writer.files


def log_of(path: Path) -> list[dict[str, object]]:
    """The lines beside it."""
    return [json.loads(line) for line in path.with_suffix(".jsonl").read_text().splitlines()]


def sound_of(path: Path) -> bytes:
    """What a reader reads."""
    sound, _ = soundfile.read(path, dtype="int16")
    return bytes(sound.tobytes())


@pytest.mark.parametrize("kind", ["wav", "flac"])
@pytest.mark.parametrize("frames", [BLOCK, 4000, 100_000])
def test_segments_lose_nothing(tmp_path: Path, kind: str, frames: int) -> None:
    """Cut at the frame, wherever blocks end; each log says where its file begins."""
    writer = Writer(SingleFile(tmp_path / f"x.{kind}", form(kind)), Limits(frames))
    for block in blocks(20):
        assert writer.put(block)
    files = finished(writer)
    found = [sound_of(path) for path in files]
    assert b"".join(found) == marked(0, 20 * BLOCK)
    assert all(len(pcm) == 2 * frames for pcm in found[:-1])
    assert [log_of(path)[0]["frame"] for path in files] == [n * frames for n in range(len(files))]
    assert [path.name for path in files[:2]] == [f"x.{kind}", f"x-2.{kind}"][: len(files)]
    assert all(path.stat().st_mode & 0o7 == 0 for path in files)


def test_segments_by_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file ends soon after it has the size; the sound goes on in the next."""
    monkeypatch.setattr(writing, "SETTLE", Ns(0))  # looks at the size after each item
    writer = Writer(Folder(tmp_path / "new", form()), Limits(bytes=20_000))
    for block in blocks(20):
        writer.put(block)
    files = finished(writer)
    assert len(files) > 2
    assert b"".join(sound_of(path) for path in files) == marked(0, 20 * BLOCK)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o750


class Slow(SingleFile):
    """A disk that stands still while it has no ``answer``; ``asked`` says that it does."""

    def __init__(self, path: Path, form: Format) -> None:
        super().__init__(path, form)
        self.asked, self.answer = threading.Event(), threading.Event()

    def has_room(self, had: bool) -> bool:
        """There is, in the end."""
        if had and not self.answer.is_set():
            self.asked.set()
            assert self.answer.wait(20)
        return True


def test_what_is_handed_over_last_while_the_disk_settles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end may come at any moment: it found nothing waiting, looks at the disk, and there is more, and the end."""
    monkeypatch.setattr(writing, "SETTLE", Ns(SECOND // 20))
    output = Slow(tmp_path / "x.wav", form())
    output.answer.set()
    writer = Writer(output, Limits())
    writer.put(next(blocks(1)))
    wait_until(lambda: writer.frames == BLOCK and not writer._waiting, 20)
    output.answer.clear()
    assert output.asked.wait(20)
    for block in blocks(5, BLOCK):
        writer.put(block)
    writer.finish()
    output.answer.set()
    (file,) = finished(writer)
    assert sound_of(file) == marked(0, 6 * BLOCK)


class Flaky(SingleFile):
    """A disk that can be full."""

    def __init__(self, path: Path, form: Format) -> None:
        super().__init__(path, form)
        self.full = False

    def has_room(self, had: bool) -> bool:  # noqa: ARG002
        """As it is told."""
        return not self.full


def test_a_full_disk_stops_it_and_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written stays; when there is room again, a new file begins, and the gap is told to the frame."""
    monkeypatch.setattr(writing, "SETTLE", Ns(0))
    monkeypatch.setattr(writing, "RETRY", Ns(0))
    output = Flaky(tmp_path / "x.wav", form())
    writer = Writer(output, Limits())
    before, missing, after = blocks(5), blocks(5, 5 * BLOCK), blocks(5, 10 * BLOCK)
    for block in before:
        writer.put(block)
    wait_until(lambda: writer.frames == 5 * BLOCK, 20)
    output.full = True
    writer.put(Note(Ns(0), {"type": "x"}))
    wait_until(lambda: bool(writer.state.trouble), 20)
    assert "is full: recording goes on when there is room again." in writer.state.trouble
    assert writer.state.error is not None
    assert writer.state.error.errno == errno.ENOSPC
    for block in missing:
        writer.put(block)
    wait_until(lambda: not writer._waiting, 20)
    output.full = False
    for block in after:
        writer.put(block)
    wait_until(lambda: not writer.state.trouble, 20)
    first, second = finished(writer)
    assert sound_of(first) == marked(0, 5 * BLOCK)
    found = sound_of(second)
    assert found == marked(15 * BLOCK - len(found) // 2, len(found) // 2)
    assert sum(gap.frames for gap in writer.gaps) == 10 * BLOCK - len(found) // 2
    assert log_of(second)[1]["cause"] == "disk"


def test_a_disk_that_stands_still_costs_silence_of_the_same_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who hands over is never kept; what does not fit is a gap in the file."""
    monkeypatch.setattr(writing, "MOST_BYTES", 4 * BLOCK * 2)
    still, entered = threading.Event(), threading.Event()
    write = FileSegment.write

    def slow(segment: FileSegment, pcm: bytes) -> None:
        entered.set()
        assert still.wait(20)
        write(segment, pcm)

    monkeypatch.setattr(FileSegment, "write", slow)
    writer = Writer(SingleFile(tmp_path / "x.wav", form()), Limits())
    sent = list(blocks(20))
    assert writer.put(sent[0])
    assert entered.wait(20)
    assert [writer.put(block) for block in sent[1:15]].count(True) == 4
    still.set()
    wait_until(lambda: writer.frames == 5 * BLOCK, 20)
    for block in sent[15:]:
        while not writer.put(block):
            wait_until(lambda: not writer._waiting, 20)
    (path,) = finished(writer)
    found = sound_of(path)
    assert len(found) == 2 * 20 * BLOCK
    assert [(run.at, run.frames) for run in runs(found)] == [(0, 5 * BLOCK), (15 * BLOCK, 5 * BLOCK)]
    assert [(gap.first, gap.frames, gap.cause) for gap in writer.gaps] == [(5 * BLOCK, 10 * BLOCK, "disk")]


def test_words_only_where_they_are_wanted(tmp_path: Path) -> None:
    """Without a transcript there are no captions, and no words in the log; gaps are there all the same."""
    writer = Writer(SingleFile(tmp_path / "x.wav", form(transcript=False)), Limits())
    for block in blocks(2):
        writer.put(block)
    writer.put(Note(Ns(11 * SECOND), {"type": "said", "text": "secret"}, words=True))
    writer.put(Note(Ns(11 * SECOND), {"type": "gap"}))
    (path,) = finished(writer)
    assert [line["type"] for line in log_of(path)] == ["begin", "gap", "end"]
    assert log_of(path)[1]["t"] == 1.0
    assert not path.with_suffix(".vtt").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Neither a file of that name nor one beside it; and nothing half-made is left."""
    (tmp_path / "x.jsonl").write_text("mine")
    (tmp_path / "x-2.wav").write_text("mine")
    writer = Writer(SingleFile(tmp_path / "x.wav", form()), Limits())
    for block in blocks(1):
        writer.put(block)
    assert [path.name for path in finished(writer)] == ["x-3.wav"]
    assert not (tmp_path / "x.wav").exists()
    assert (tmp_path / "x.jsonl").read_text() == "mine"


def test_mic_rate_is_what_it_was(tmp_path: Path) -> None:
    """The rate in the header is the stream's."""
    writer = Writer(SingleFile(tmp_path / "x.opus", form("opus")), Limits())
    for block in blocks(20):
        writer.put(block)
    (path,) = finished(writer)
    info = soundfile.info(path)
    assert (info.samplerate, info.frames) == (MIC_RATE, 20 * BLOCK)
