"""A whole conversation under test: the stand-in, the daemon, and an ear on what is captured and played."""

import os
import sys
import threading
import wave
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np

from fakes.daemon import Daemon, wait_until
from fakes.simulator import Simulator, environment
from lived.bus import Bus
from lived.units import MIC_RATE, MODEL_RATE
from lived.wire import FLAG_MUTED, Chunk, decode_chunk
from lived_workers.simulator.marks import Run, marked, runs

EXACT = "[timing]\ntrailing_silence_ms = 0\n"
"""A scenario in which a reply has exactly the frames that were asked for."""

DEAF = EXACT + "[vad]\nstart_db = 60.0\n"
"""A scenario in which the server never thinks that the user speaks: numbered samples are no speech."""


def marked_wav(path: Path, seconds: float) -> Path:
    """A WAV at 16 kHz whose samples are numbered from 0."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MIC_RATE)
        file.writeframes(marked(0, int(seconds * MIC_RATE)))
    return path


def spoken_wav(path: Path, *pieces: tuple[float, float]) -> Path:
    """A WAV of (seconds of silence, seconds of a voice-like sound) pairs."""
    rng = np.random.default_rng(1)
    sound = b""
    for silence_s, voice_s in pieces:
        t = np.arange(int(voice_s * MIC_RATE)) / MIC_RATE
        voice = 0.3 * np.sin(2 * np.pi * 180 * t) * (1 + 0.5 * np.sin(2 * np.pi * 4 * t)) + 0.02 * rng.standard_normal(
            t.size
        )
        sound += bytes(2 * int(silence_s * MIC_RATE)) + (voice * 16_000).astype("<i2").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MIC_RATE)
        file.writeframes(sound)
    return path


class Recording:
    """Everything on some streams of the audio bus, from now on."""

    def __init__(self, daemon: Daemon, *topics: bytes) -> None:
        self.chunks: list[Chunk] = []
        self._bus = Bus(daemon.endpoints)
        self._subscriber = self._bus.audio(*topics)
        self._subscriber.await_greeting()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._ending.is_set():
            self._subscriber.wait(50)
            self.chunks += [decode_chunk(frames) for frames in self._subscriber.drain()]

    def of(self, stream: str) -> list[Chunk]:
        """The chunks of one stream so far."""
        return [c for c in list(self.chunks) if c.stream == stream]

    def pcm(self, stream: str) -> bytes:
        """The sound of one stream so far; fails when this ear itself lost anything."""
        chunks = self.of(stream)
        for before, after in pairwise(chunks):
            same = before.epoch == after.epoch
            intended = after.flags & FLAG_MUTED
            assert not same or intended or after.position == before.end, f"{stream} jumps at {before.end}"
        return b"".join(c.pcm for c in chunks)

    def runs(self, stream: str) -> list[Run]:
        """The numbered stretches in one stream."""
        return runs(self.pcm(stream))

    def close(self) -> None:
        """Stop listening."""
        self._ending.set()
        self._thread.join()
        self._subscriber.close()
        self._bus.close()


class Talk:
    """Context manager: everything runs inside, everything has ended outside."""

    def __init__(
        self,
        folder: Path,
        scenario: str = DEAF,
        *overrides: str,
        audio: Path | None = None,
        base_url: Callable[[Simulator], str] = lambda simulator: simulator.base_url,
        environ: dict[str, str] | None = None,
        but_for: tuple[str, ...] = (),
    ) -> None:
        """``audio`` is what the user says; ``base_url`` may put something between daemon and server; the workers of
        ``but_for`` are not expected to run."""
        self.folder = folder
        self._scenario = scenario
        self._overrides = overrides
        self._audio = audio
        self._base_url = base_url
        self._environ = environ or {}
        self._but_for = but_for
        self._open()

    def __enter__(self) -> Self:
        return self

    def _open(self) -> None:
        self.simulator = Simulator(self.folder / "simulator", self._scenario).__enter__()
        settings = {
            "live.base_url": self._base_url(self.simulator),
            "live.ca_file": self.simulator.ca_file,
            "audio.input": f"file:{self._audio}" if self._audio else "null",  # overrides may name a card
            "audio.output": "null",
            "daemon.runtime_dir": self.folder / "run",
            "daemon.state_dir": self.folder / "state",
            "conversation.autostart": "false",
        }
        command = [sys.executable, "-m", "lived"]
        for setting in [f"{k}={v}" for k, v in settings.items()] + list(self._overrides):
            command += ["--set", setting]
        environ = {**environment(), "GEMINI_API_KEY": "AIzaNeverToBeSeen0123456789", **self._environ}
        self.daemon = Daemon(command, self.folder, environ)
        try:
            self.daemon.up()
            wait_until(self._all_running, 20, lambda: self.daemon.log)
            self.ear = self.daemon.ear
            assert self.ear is not None
            self.recording = Recording(self.daemon, b"mic/", b"speaker/", b"model/")
        except BaseException:
            self.__exit__()
            raise

    def _all_running(self) -> bool:
        workers = self.daemon.ask("status")["workers"]
        return all(w["state"] == "running" for w in workers if w["name"] not in self._but_for)

    def __exit__(self, *_: object) -> None:
        recording = getattr(self, "recording", None)
        if recording:
            recording.close()
        self.daemon.__exit__()
        self.simulator.__exit__()

    def start(self) -> Self:
        """Begin the conversation and wait until sound flows."""
        self.daemon.ask("start")
        self.daemon.wait_state("ready")
        return self

    def kill(self, worker: str) -> int:
        """SIGKILL; returns the process id it had."""
        pid: int = self.daemon.worker(worker)["pid"]
        os.kill(pid, 9)
        return pid

    def back(self, worker: str, old: int, timeout: float) -> None:
        """Wait until ``worker`` works again as another process."""

        def there() -> bool:
            now = self.daemon.worker(worker)
            return now["pid"] not in (None, old) and now["ready"]

        wait_until(there, timeout, lambda: f"{worker} not back\n{self.daemon.log}")

    def heard_by_server(self) -> list[Run]:
        """The numbered stretches in what the server received."""
        return runs(self.simulator.heard())

    def wait_server_heard(self, seconds: float, timeout: float) -> None:
        """Until the server has received so much sound."""
        wait_until(
            lambda: self.simulator.heard_bytes() >= seconds * MIC_RATE * 2,
            timeout,
            lambda: f"{self.simulator.heard_bytes()} bytes\n{self.daemon.log}",
        )

    def wait_played(self, seconds: float, timeout: float, since: int = 0) -> None:
        """Until so much of numbered sound was played, in all."""
        wait_until(
            lambda: sum(r.frames for r in self.recording.runs("speaker")[since:]) >= seconds * MODEL_RATE,
            timeout,
            lambda: f"{self.recording.runs('speaker')}\n{self.daemon.log}",
            every=0.1,  # all of it is looked at each time
        )

    def counters(self) -> dict[str, Any]:
        """All workers' counters."""
        return {w["name"]: w["counters"] for w in self.daemon.ask("status")["workers"]}
