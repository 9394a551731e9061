"""livectl record beside a whole conversation of numbered samples."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fakes.daemon import wait_until
from lived.units import MIC_RATE, MODEL_RATE, SECOND
from lived_workers.simulator.marks import runs
from processes.talk import DEAF, Talk, marked_wav

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180)]


def record(talk: Talk, *arguments: str) -> "subprocess.Popen[bytes]":
    """livectl record."""
    command = [sys.executable, "-c", "from lived.cli import main; main()", "record", *arguments]
    command += ["--runtime-dir", str(talk.daemon.endpoints.directory)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=talk.folder)


def ended(process: "subprocess.Popen[bytes]", code: int) -> tuple[bytes, str]:
    """Its output and its words, once it has ended as expected."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err.decode()
    return out, err.decode()


def read(path: Path) -> "np.ndarray[tuple[int, int], np.dtype[np.int16]]":
    """Frames by channels."""
    sound, _ = soundfile.read(path, dtype="int16", always_2d=True)
    return sound  # type: ignore[no-any-return]


def began(path: Path) -> int:
    """CLOCK_MONOTONIC of its first frame."""
    found: int = json.loads(path.with_suffix(".jsonl").read_text().splitlines()[0])["monotonic"]
    return found


def test_every_frame_where_it_was(tmp_path: Path) -> None:
    """A reply and the microphone at the same time, in all formats: each numbered frame once, at its device's time."""
    with Talk(tmp_path, DEAF, audio=marked_wav(tmp_path / "user.wav", 60)).start() as talk:
        stereo = {kind: record(talk, f"stereo-{kind}.{kind}") for kind in ("wav", "flac", "opus")}
        mic = record(talk, "mic.flac", "--stream", "mic")
        names = ("stereo-wav.jsonl", "stereo-flac.jsonl", "stereo-opus.jsonl", "mic.jsonl")
        wait_until(lambda: all((tmp_path / name).exists() for name in names), 30)
        pipe = record(talk, "-", "--stream", "mic", "--seconds", "3")
        raw, words = ended(pipe, 0)
        assert "16000 Hz, 1 channel; signed 16-bit" in words
        talk.simulator.say(marks_s=4.0)
        talk.wait_played(4, 20)
        for process in (*stereo.values(), mic):
            process.send_signal(signal.SIGINT)
        said = [ended(process, 0)[0].decode() for process in (*stereo.values(), mic)]
        chunks = talk.recording.of("mic")
        speaker = talk.recording.of("speaker")
    assert all("no gaps." in words for words in said), said
    assert len(raw) == 3 * MIC_RATE * 2
    assert len(runs(raw)) == 1
    # the microphone: every frame, at its time
    (run,) = runs(read(tmp_path / "mic.flac").tobytes())
    assert run.frames >= 6 * MIC_RATE
    number = next(chunk for chunk in chunks if chunk.time > began(tmp_path / "mic.flac") + SECOND)
    place = (number.time - began(tmp_path / "mic.flac")) * MIC_RATE / SECOND
    first = runs(number.pcm)[0].first
    assert (run.first + round(place) - run.at - first) % 32768 in (0, 1, 32767)
    # the loudspeaker: every frame of the reply, at its time
    heard = next(chunk for chunk in speaker if runs(chunk.pcm))
    for kind in ("wav", "flac"):
        path = tmp_path / f"stereo-{kind}.{kind}"
        found = runs(read(path)[:, 1].tobytes())
        assert [run.frames for run in found] == [4 * MODEL_RATE]
        place = (heard.time - began(path)) * MODEL_RATE / SECOND + runs(heard.pcm)[0].at
        assert abs(found[0].at - place) <= 1
    _opus_sounds_the_same(tmp_path)


def _opus_sounds_the_same(folder: Path) -> None:
    """Lossy: the same tone in the same place, to a few ms."""
    path = folder / "stereo-opus.opus"
    shift = round((began(path) - began(folder / "stereo-wav.wav")) * MODEL_RATE / SECOND)
    for channel in (0, 1):
        loud = [
            np.flatnonzero(np.abs(read(p)[:, channel].astype(int)) > 3000) for p in (folder / "stereo-wav.wav", path)
        ]
        if channel:  # the microphone has been loud since before the recordings
            assert abs(loud[0][0] - shift - loud[1][0]) < MODEL_RATE // 100
        assert len(loud[1]) > 3 * MODEL_RATE


def test_muting_is_silence_of_the_exact_length(tmp_path: Path) -> None:
    """The numbers go on behind it as if nobody had stopped counting; the log says how long it was."""
    with Talk(tmp_path, DEAF, audio=marked_wav(tmp_path / "user.wav", 60)).start() as talk:
        path = tmp_path / "mic.wav"
        process = record(talk, "mic.wav", "--stream", "mic")
        wait_until(lambda: path.exists() and path.stat().st_size > 2 * MIC_RATE, 20)
        talk.daemon.ask("mute", on=True)
        wait_until(lambda: b'"muted":true' in path.with_suffix(".jsonl").read_bytes(), 20)
        size = path.stat().st_size
        wait_until(lambda: path.stat().st_size > size + MIC_RATE, 20)
        talk.daemon.ask("mute", on=False)
        wait_until(lambda: b'"gap"' in path.with_suffix(".jsonl").read_bytes(), 20)
        size = path.stat().st_size
        wait_until(lambda: path.stat().st_size > size + MIC_RATE, 20)
        process.send_signal(signal.SIGINT)
        out, _ = ended(process, 0)
    first, second = runs(read(path).tobytes())
    silence = second.at - first.at - first.frames
    assert (second.first - first.end) % 32768 == silence % 32768
    (gap,) = [line for line in map(json.loads, path.with_suffix(".jsonl").read_text().splitlines()) if "cause" in line]
    assert (gap["frames"], gap["cause"]) == (silence, "muted")
    assert b"1 gap." in out


def test_the_daemon_ends(tmp_path: Path) -> None:
    """The file is complete, exit code 3 and a sentence."""
    with Talk(tmp_path, DEAF, audio=marked_wav(tmp_path / "user.wav", 60)).start() as talk:
        process = record(talk, "mic.flac", "--stream", "mic")
        wait_until((tmp_path / "mic.flac").exists, 20)
        talk.daemon.ask("shutdown")
        _, words = ended(process, 3)
    assert "The daemon has ended, and the recording with it" in words
    assert '"end"' in (tmp_path / "mic.jsonl").read_text()
    assert soundfile.info(tmp_path / "mic.flac").frames > 0


def test_a_disk_that_takes_no_more(tmp_path: Path) -> None:
    """Ends with a sentence, exit code 1; what was written is readable; the conversation does not notice."""
    limit = 100_000
    with Talk(tmp_path, DEAF, audio=marked_wav(tmp_path / "user.wav", 60)).start() as talk:
        process = record(talk, "mic.wav", "--stream", "mic")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
        _, words = ended(process, 1)
        assert talk.daemon.ask("status")["state"] == "ready"
    assert "cannot be written (File too large)" in words
    assert "Traceback" not in words
    sound = read(tmp_path / "mic.wav")
    assert len(sound) * 2 >= limit - 4000
    assert len(runs(sound.tobytes())) == 1


def test_nobody_reads_the_pipe(tmp_path: Path) -> None:
    """livectl record - | head: it ends, quietly."""
    with Talk(tmp_path, DEAF, audio=marked_wav(tmp_path / "user.wav", 60)).start() as talk:
        process = record(talk, "-", "--stream", "mic")
        with process:
            assert process.stdout
            assert process.stderr
            assert len(os.read(process.stdout.fileno(), 1000)) > 0
            process.stdout.close()
            words = process.stderr.read().decode()
            assert process.wait(20) == 1
    assert "Traceback" not in words
