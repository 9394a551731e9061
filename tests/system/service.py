"""lived.service in the booted system: how it is configured, started, and looked at."""

import json
from pathlib import Path
from typing import Any

from processes.talk import spoken_wav
from system.machine import KEY, STAND_IN, Machine, eventually

CONFIG = f"""
[live]
base_url = "https://127.0.0.1:8443"
ca_file = "{STAND_IN}/ca.pem"

[audio]
input = "file:/srv/user.wav"
loop = true
output = "null"
"""

SCENARIO = """
[[reply]]
marks_s = 1.0
"""
"""Whatever the user says, the answer is a second of sound."""

DROP_IN = "/etc/systemd/system/lived.service.d/test.conf"
ERROR = 3
"""Priority of an error in the journal."""

START_S = 30
"""A busy machine's start, conversation and all; a quiet one needs two."""


class Service:
    """The unit. Whoever changes how it is set up leaves it to the next test to mend that."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine = machine
        machine.write("/srv/user.wav", spoken_wav(folder / "user.wav", (1, 1.5), (2.5, 0)).read_bytes())
        self._sound = False

    def make_sound(self) -> None:
        """As installed, and ready."""
        if not self._sound:
            self.machine.run(f"systemctl stop lived; systemctl reset-failed lived 2>/dev/null; rm -f {DROP_IN}")
            self.machine.write("/etc/lived/lived.toml", CONFIG)
            self.machine.write("/etc/lived/api-key", f"{KEY}\n", mode="0600")
            self.machine.run("systemctl daemon-reload")
            self._sound = True
        self.machine.run("systemctl start lived")
        self.wait_ready()

    def configure(self, more: str, drop_in: str = "") -> None:
        """Another configuration for the next start or reload."""
        self._sound = False
        self.machine.write("/etc/lived/lived.toml", more)
        if drop_in:
            self.machine.write(DROP_IN, drop_in)
            self.machine.run("systemctl daemon-reload")

    def set_key(self, content: str | None) -> None:
        """Another key for the next start; None: no file."""
        self._sound = False
        if content is None:
            self.machine.run("rm -f /etc/lived/api-key")
        else:
            self.machine.write("/etc/lived/api-key", content, mode="0600")

    def wait_ready(self) -> dict[str, Any]:
        """The status of a conversation that goes on."""
        found: dict[str, Any] = self.machine.probe("ready", str(START_S))
        return found

    def workers(self) -> dict[str, int]:
        """Their process ids, by name."""
        return {worker["name"]: worker["pid"] for worker in self.machine.probe("status")["workers"]}

    def main_pid(self) -> int:
        """Of the supervisor."""
        return int(self.machine.show("lived", "MainPID")["MainPID"])

    def restarts(self) -> int:
        """How often systemd has started it anew by itself."""
        return int(self.machine.show("lived", "NRestarts")["NRestarts"])

    def processes(self) -> set[int]:
        """All in its control group."""
        text = self.machine.run("cat /sys/fs/cgroup/system.slice/lived.service/cgroup.procs 2>/dev/null || true")
        return {int(line) for line in text.split()}

    def wait_until_other_main(self, before: int, timeout: float) -> None:
        """systemd has started it anew, and it is ready."""
        other = f"test $(systemctl show lived -P MainPID) != {before} && systemctl is-active -q lived"
        eventually(self.machine, other, timeout)
        self.wait_ready()

    def now(self) -> int:
        """The clock of its journal, us."""
        return int(self.machine.run("date +%s%6N"))

    def journal(self, since: int, worst: int = 7) -> list[dict[str, str]]:
        """What was said of it since ``since``, as important as ``worst`` (a priority), oldest first."""
        # not --after-cursor together with -p: 252 then leaves entries out
        entries = [json.loads(line) for line in self.machine.run("journalctl -u lived -o json --no-pager").splitlines()]
        return [e for e in entries if int(e["__REALTIME_TIMESTAMP"]) > since and int(e["PRIORITY"]) <= worst]

    def heard_by_server(self) -> list[dict[str, Any]]:
        """The journal of the stand-in."""
        return [json.loads(line) for line in self.machine.run(f"cat {STAND_IN}/journal.jsonl").splitlines()]
