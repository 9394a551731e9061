"""The stand-in for the Live API as a process: start it, read its journal, make it misbehave.

with Simulator(tmp_path / "sim", scenario='[[reply]]\\nmarks_s = 20.0') as simulator:
    ... connect to simulator.base_url, trusting simulator.ca_file ...
    simulator.wait_for("audio")
    simulator.inject(do="close", code=1011)
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

Entry = dict[str, Any]

START_S = 15.0


class SimulatorError(Exception):
    """The simulator did not start, or refused a request."""


class Simulator:
    """A running `lived-simulator`. Context manager; everything it wrote stays in `directory` afterwards."""

    def __init__(self, directory: Path, scenario: str | None = None, *options: str) -> None:
        """`scenario` is TOML text; `options` go to the command line as they are (`--mode`, `marks`)."""
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "lived_workers.simulator.cli",
            "--dir",
            str(directory),
            "--port",
            "0",
            *options,
        ]
        if scenario is not None:
            path = directory / "scenario.toml"
            path.write_text(scenario, encoding="utf-8")
            command += ["--scenario", str(path)]
        self._log = directory / "simulator.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._about: dict[str, Any] = {}
        self._entries: list[Entry] = []
        self._read = 0

    def __enter__(self) -> Self:
        try:
            self._await_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        """SIGTERM, then SIGKILL; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(5)
        self.process.kill()
        return self.process.wait()

    @property
    def log(self) -> str:
        """What it said on stdout and stderr."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def port(self) -> int:
        """The TLS port."""
        return int(self._about["port"])

    @property
    def base_url(self) -> str:
        """For the SDK's `http_options.base_url`."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca_file(self) -> Path:
        """The certificate authority to trust."""
        return Path(self._about["ca_file"])

    def heard(self) -> bytes:
        """All PCM received so far, in the order of arrival."""
        return (self.directory / "heard.pcm").read_bytes()

    def heard_bytes(self) -> int:
        """How much that is."""
        return (self.directory / "heard.pcm").stat().st_size

    def spoken(self) -> bytes:
        """All PCM sent so far."""
        return (self.directory / "spoken.pcm").read_bytes()

    def journal(self, kind: str | None = None, what: str | None = None) -> list[Entry]:
        """The journal so far, or only entries of a kind (and, of those sent, one `what`)."""
        with (self.directory / "journal.jsonl").open("rb") as lines:
            lines.seek(self._read)
            for line in lines:
                if line.endswith(b"\n"):
                    self._read += len(line)
                    self._entries.append(json.loads(line))
        return [e for e in self._entries if kind in (None, e["kind"]) and what in (None, e.get("what"))]

    def wait_for(
        self,
        kind: str,
        what: str | None = None,
        timeout: float = 10.0,
        count: int = 1,
        fits: Callable[[Entry], bool] = lambda _: True,
    ) -> Entry:
        """The `count`th fitting entry, as soon as it is there; AssertionError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            found = [entry for entry in self.journal(kind, what) if fits(entry)]
            if len(found) >= count:
                return found[count - 1]
            if time.monotonic() > deadline or self.process.poll() is not None:
                tail = "\n".join(map(str, self._entries[-20:]))
                raise AssertionError(
                    f"no {kind} {what or ''} within {timeout} s; the journal ends:\n{tail}\n{self.log}"
                )
            time.sleep(0.01)

    def inject(self, connection: int | None = None, **fault: Any) -> None:
        """A fault, written as in a scenario: now, or when its `on` says. Raises SimulatorError when refused."""
        request: dict[str, Any] = {"op": "inject", "fault": fault}
        self.ask(request if connection is None else {**request, "connection": connection})

    def say(self, text: str | None = None, **reply: Any) -> None:
        """Make the model speak though nobody asked. Raises SimulatorError when it is busy."""
        self.ask({"op": "say", "text": text} if text is not None else {"op": "say", "reply": reply})

    def state(self) -> dict[str, Any]:
        """Connections, phases, histories, counts."""
        return self.ask({"op": "state"})

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request on the control socket. Raises SimulatorError when it is refused."""
        with socket.socket(socket.AF_UNIX) as client, client.makefile("rw", encoding="utf-8") as lines:
            client.settimeout(10)
            client.connect(str(self.directory / "control.sock"))
            lines.write(json.dumps(request) + "\n")
            lines.flush()
            answer: dict[str, Any] = json.loads(lines.readline())
        if not answer.pop("ok"):
            raise SimulatorError(answer["error"])
        return answer

    def _await_ready(self) -> None:
        ready = self.directory / "simulator.json"
        for _ in _until(START_S):
            if ready.exists():
                self._about = json.loads(ready.read_bytes())
                if self._about["pid"] == self.process.pid:
                    return
            if self.process.poll() is not None:
                break
        raise SimulatorError(f"the simulator did not start (exit code {self.process.poll()}): {self.log}")


def _until(timeout: float) -> Iterator[None]:
    """Yields every 10 ms for `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        yield
        time.sleep(0.01)


def environment() -> dict[str, str]:
    """The environment for a process that talks to a simulator: no proxies in between."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
