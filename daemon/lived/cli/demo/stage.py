"""The processes of the demo: the stand-in and the daemon, each real, and their end on any way out."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from lived.cli.demo import tree
from lived.cli.detached import last_words
from lived.cli.door import answers, ask_at
from lived.errors import LivedError

BEHIND = 10
"""Niceness of the stand-in, and of who watches."""

START_S = 10.0
"""For each process to be up."""
END_S = 4.0
"""For each to end by itself once asked."""
_LOOK_S = 0.02
_SUPERVISED = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "RUNTIME_DIRECTORY", "STATE_DIRECTORY")
_KEYS = ("GOOGLE_API_KEY", "CREDENTIALS_DIRECTORY")


class Stage:
    """Two processes. A context manager: they end with it."""

    def __init__(self, folder: Path, runtime: Path, environ: Mapping[str, str]) -> None:
        """``folder`` for logs and journal, ``runtime`` for sockets; both exist."""
        self.folder = folder
        self.runtime = runtime
        self.stand_in_dir = folder / "stand-in"
        self._environ = environment(environ)
        self._stand_in: subprocess.Popen[bytes] | None = None
        self._daemon: subprocess.Popen[bytes] | None = None
        self._workers: list[int] = []
        """Descriptors of the daemon's processes as they were at its start: a dead daemon has no descendants."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # a second Ctrl-C must not leave anything behind; what follows is bounded
        before = [(number, signal.signal(number, signal.SIG_IGN)) for number in (signal.SIGINT, signal.SIGTERM)]
        try:
            self.end_daemon()
            self.end_stand_in()
        finally:
            for number, handler in before:
                signal.signal(number, handler)

    def start_stand_in(self, scenario: Path) -> dict[str, Any]:
        """Start the stand-in for the Live API; what it says of itself (port, ca_file ...).

        Raises:
            LivedError: it is not installed, or ends.
        """
        self.stand_in_dir.mkdir()
        command = [*_stand_in_program(), "--dir", str(self.stand_in_dir), "--scenario", str(scenario), "--port", "0"]
        self._stand_in = self._start(command, "stand-in")
        told = self.stand_in_dir / "simulator.json"
        self._await(self._stand_in, "stand-in", told.exists)
        # a real server is another machine: this one must not push the daemon off the processor in the middle of a send
        os.setpriority(os.PRIO_PROCESS, self._stand_in.pid, BEHIND)
        facts: dict[str, Any] = json.loads(told.read_text())
        return facts

    @property
    def pids(self) -> tuple[int, int]:
        """The daemon's and the stand-in's, while both are there."""
        if self._daemon is None or self._stand_in is None:
            raise ValueError("the stage is empty")
        return self._daemon.pid, self._stand_in.pid

    def start_daemon(self, overrides: Sequence[str]) -> None:
        """Start the daemon without a conversation.

        Raises:
            LivedError: it ends; in its own words.
        """
        command = [sys.executable, "-m", "lived", "--config", os.devnull]
        for override in overrides:
            command += ["--set", override]
        self._daemon = self._start(command, "daemon")
        self._await(self._daemon, "daemon", self._daemon_is_up)
        self._workers = _descriptors(tree.pids(self._daemon.pid))
        os.setpriority(os.PRIO_PROCESS, 0, BEHIND)  # who watches must not be in the way; not before: it is inherited

    def check(self) -> None:
        """Raises LivedError when a process has ended that should not have."""
        for process, name in ((self._daemon, "daemon"), (self._stand_in, "stand-in")):
            if process is not None and process.poll() is not None:
                raise LivedError(self._reason(process, name))

    def end_daemon(self) -> None:
        """Ask, wait, terminate, kill; its workers too, should any be left."""
        process, self._daemon = self._daemon, None
        if process is None:
            return
        family = self._workers + _descriptors(tree.pids(process.pid))
        self._workers = []
        if process.poll() is None:
            with suppress(LivedError, OSError):
                ask_at(self.runtime, "shutdown")
        _end(process)
        for descriptor in family:
            if not select.select([descriptor], [], [], 1.0)[0]:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            os.close(descriptor)

    def end_stand_in(self) -> None:
        """Terminate, wait, kill. Its journal is complete afterwards."""
        process, self._stand_in = self._stand_in, None
        if process is not None:
            process.terminate()
            _end(process)

    def _daemon_is_up(self) -> bool:
        if not answers(self.runtime):
            return False
        workers = ask_at(self.runtime, "status")["workers"]
        return bool(workers) and all(worker["state"] == "running" for worker in workers)

    def _start(self, command: Sequence[str], name: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("wb") as log:
            # a session of its own: Ctrl-C reaches us alone, and we end it
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environ,
                cwd=self.folder,
                start_new_session=True,
            )

    def _await(self, process: "subprocess.Popen[bytes]", name: str, up: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_S
        while not up():
            if process.poll() is not None:
                raise LivedError(self._reason(process, name))
            if time.monotonic() > deadline:
                raise LivedError(f"The {name} is not up after {START_S:.0f} s; --keep DIR keeps its log.")
            time.sleep(_LOOK_S)

    def _reason(self, process: "subprocess.Popen[bytes]", name: str) -> str:
        said = (self.folder / f"{name}.log").read_text(errors="replace")
        return f"The {name} ended: {last_words(said) or f'code {process.returncode}'}"


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` without this user's settings of lived, without keys, and with one that only the stand-in takes."""
    dropped = {*_SUPERVISED, *_KEYS}
    kept = {name: value for name, value in environ.items() if not name.startswith("LIVED_") and name not in dropped}
    return kept | {"GEMINI_API_KEY": "demo"}


def _stand_in_program() -> list[str]:
    """The stand-in beside this Python, else on PATH.

    Raises:
        LivedError: it is not installed.
    """
    beside = Path(sys.executable).with_name("lived-simulator")
    program = str(beside) if beside.exists() else shutil.which("lived-simulator")
    if program is None:
        raise LivedError("The stand-in for the Live API is missing: 'pip install \"lived[simulator]\"' installs it.")
    return [program]


def _descriptors(pids: Sequence[int]) -> list[int]:
    """File descriptors of living processes: a pid could be somebody else's by the time it is used."""
    found = []
    for pid in pids:
        with suppress(ProcessLookupError):
            found.append(os.pidfd_open(pid))
    return found


def _end(process: "subprocess.Popen[bytes]") -> None:
    for order in (process.terminate, process.kill):
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            order()
    process.wait(END_S)
