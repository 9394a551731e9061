"""Run inside the booted system, with the Python of the installed project: looks at processes, and harms them.

python probe.py status                      what the door answers
python probe.py ready SECONDS               the same, once a conversation goes on; fails when none does in time
python probe.py hurt WORKER SIGNAL SECONDS  send it; how long until there was another one, which answers, and until the
                                            conversation went on
python probe.py find PID,PID                the text on standard input: which of these have it in their memory, which
                                            processes of all have it in their environment or command line
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from lived.bus import DoorClient, Endpoints
from lived.errors import LivedError

Status = dict[str, Any]


def status() -> Status:
    """Empty while nobody answers."""
    try:
        with DoorClient(Endpoints(Path("/run/lived")), timeout_ms=500) as client:
            return client.ask("status")
    except LivedError:
        return {}


def worker(status: Status, name: str) -> Status:
    """Its part of the status."""
    found: Status = next((w for w in status.get("workers", []) if w["name"] == name), {})
    return found


def ready(seconds: float) -> Status:
    """The first status that says so."""
    deadline = time.monotonic() + seconds
    while (found := status()).get("state") != "ready":
        if time.monotonic() > deadline:
            sys.exit(f"not ready within {seconds} s: {found}")
        time.sleep(0.02)
    return found


def hurt(name: str, number: int, seconds: float) -> Status:
    """Times in seconds."""
    before = worker(status(), name)["pid"]
    began = time.monotonic()
    os.kill(before, number)
    while (now := worker(status(), name)).get("pid") in (None, before) or now["state"] != "running":
        if time.monotonic() > began + seconds:
            sys.exit(f"not back within {seconds} s: {now}")
        time.sleep(0.02)
    back = time.monotonic() - began
    ready(seconds)
    return {"before": before, "after": now["pid"], "back": back, "ready": time.monotonic() - began}


def find(pids: list[int], text: bytes) -> dict[str, list[int]]:
    """Ids of processes."""
    others = [int(p.name) for p in Path("/proc").glob("[0-9]*") if int(p.name) != os.getpid()]
    return {
        "memory": [pid for pid in pids if _in_memory(pid, text)],
        "environment": [pid for pid in others if text in _read(pid, "environ")],
        "command line": [pid for pid in others if text in _read(pid, "cmdline")],
    }


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # ended meanwhile
        return b""


def _in_memory(pid: int, text: bytes) -> bool:
    with Path(f"/proc/{pid}/mem").open("rb") as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if not rights.startswith("r"):
                continue
            start, end = (int(edge, 16) for edge in span.split("-"))
            try:
                memory.seek(start)
                if text in memory.read(end - start):
                    return True
            except (OSError, OverflowError):  # not pages that can be read: the kernel's own
                continue
    return False


def main(verb: str, *rest: str) -> object:
    """What is printed, as JSON."""
    match verb, rest:
        case "status", ():
            return status()
        case "ready", (seconds,):
            return ready(float(seconds))
        case "hurt", (name, number, seconds):
            return hurt(name, signal.Signals[number], float(seconds))
        case "find", (pids,):
            return find([int(pid) for pid in pids.split(",")], sys.stdin.buffer.read())
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))  # noqa: T201
