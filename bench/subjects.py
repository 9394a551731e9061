"""The programs under test: how each is started, asked, and ended."""

import json
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench import tree
from fakes.daemon import Daemon, Ear
from fakes.soundcard import MIC, SPEAKER
from lived.bus import Bus
from lived.units import MIC_RATE
from lived.wire import Stream, decode_chunk
from lived.wire.events import Cut, CutDone, Underrun

NAIVE = Path(__file__).with_name("naive.py")
KEY = {"GEMINI_API_KEY": "bench"}


class Server(NamedTuple):
    """Where the stand-in is, or the relay before it."""

    base_url: str
    ca_file: str


class Subject(ABC):
    """A running program under test."""

    name = ""
    process: "subprocess.Popen[bytes]"

    def __init__(self) -> None:
        self.exec_ns = time.monotonic_ns()
        """When it was started."""

    @abstractmethod
    def first_frame_ns(self) -> int:
        """When the first frame that it captured passed the ADC. To be asked when sound has reached the server."""

    @abstractmethod
    def end(self) -> dict[str, Any]:
        """End it, and what it noted about itself."""

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds of each process so far, by what it is."""
        return tree.cpu_s(self.process.pid)

    def memory(self) -> dict[str, float]:
        """Proportional memory of each process in MB (10^6 bytes), by what it is."""
        return tree.memory(self.process.pid)


class Naive(Subject):
    """bench/naive.py."""

    name = "naive"

    def __init__(self, server: Server, folder: Path, environ: Mapping[str, str]) -> None:
        super().__init__()
        self._report = folder / "naive.json"
        command = [sys.executable, str(NAIVE), "--base-url", server.base_url, "--ca-file", server.ca_file]
        with (folder / "naive.log").open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--input", MIC, "--output", SPEAKER, "--report", str(self._report)],
                env=os.environ | KEY | dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._notes: dict[str, Any] = {}

    def first_frame_ns(self) -> int:
        """From its report, so the program is ended."""
        return int(self.end()["first_frame_ns"])

    def end(self) -> dict[str, Any]:
        """SIGTERM, then its report."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
            self._notes = json.loads(self._report.read_text())
        return self._notes


class Lived(Subject):
    """The daemon, configured with the virtual sound card and the stand-in, else as it comes."""

    name = "lived"

    def __init__(self, server: Server, folder: Path, environ: Mapping[str, str]) -> None:
        super().__init__()
        folder.mkdir(parents=True, exist_ok=True)
        settings = {
            "daemon.runtime_dir": folder / "run",
            "daemon.state_dir": folder / "state",
            "live.base_url": server.base_url,
            "live.ca_file": server.ca_file,
            "audio.input": MIC,
            "audio.output": SPEAKER,
        }
        overrides = [f"--set={key}={value}" for key, value in settings.items()]
        self._daemon = Daemon([sys.executable, "-m", "lived", *overrides], folder, KEY | dict(environ))
        self.process = self._daemon.process
        self._ear: Ear | None = None

    def attend(self) -> None:
        """Note the events from now on."""
        self._daemon.up()
        self._ear = self._daemon.ear

    def first_frame_ns(self) -> int:
        """From the first chunk of ``mic`` that can be had: its position tells when the first of all was."""
        bus = Bus(self._daemon.endpoints)
        try:
            subscriber = bus.audio(Stream.MIC.topic)
            if not subscriber.wait(20_000):
                raise TimeoutError(self._daemon.log)
            chunk = decode_chunk(next(iter(subscriber.drain())))
            return chunk.time - chunk.position * 1_000_000_000 // MIC_RATE
        finally:
            bus.close()

    def end(self) -> dict[str, Any]:
        """Stop the daemon; its cuts (ordered, silent at the DAC: ns) and counters."""
        notes: dict[str, Any] = {"status": self._daemon.ask("status")} if self._ear else {}
        if self._ear:
            cuts = {cut.turn: cut.time for cut in reversed(self._ear.of(Cut))}
            done = self._ear.of(CutDone)
            notes["cuts"] = [(cuts[d.turn], d.silent_at) for d in done if d.turn in cuts and d.heard_turn]
            notes["underruns"] = len(self._ear.of(Underrun))
        self._daemon.__exit__()
        notes["log"] = self._daemon.log
        return notes
