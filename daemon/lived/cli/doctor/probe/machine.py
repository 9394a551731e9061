"""Looking at the board."""

import contextlib
import ctypes
import os
import resource
import shutil
import struct
import sys
import threading
import time
from pathlib import Path

import lived
from lived.cli.doctor import programs
from lived.cli.doctor.finding import Finding
from lived.cli.doctor.judge import machine as judge
from lived.cli.doctor.site import Site

_TIMEX_BYTES = 512
"""struct timex has 208; zeroes mean: tell, change nothing."""
_TIME_ERROR = 5
_POLICY = 38
"""Field of /proc/PID/stat counted behind the name: the scheduling policy, 1 for FIFO (proc(5))."""
_FIFO = "1"


def python(_: Site) -> list[Finding]:
    """The interpreter that runs this."""
    return [judge.python(sys.version_info[:3], 8 * struct.calcsize("P"))]


def disk(site: Site) -> list[Finding]:
    """The state directory, and the one of recordings."""
    folders = [site.state_dir, *([Path(site.config.record.directory)] if site.config.record.directory else [])]
    found = []
    for folder in folders:
        existing = next((place for place in (folder, *folder.parents) if place.is_dir()), None)
        if existing:
            found.append(judge.Disk(str(folder), shutil.disk_usage(existing).free // 1_000_000))
    return [judge.disk(found)]


def temperature(site: Site) -> list[Finding]:
    """The hottest zone that the kernel knows."""
    found = []
    for zone in (site.root / "sys/class/thermal").glob("thermal_zone*/temp"):
        with contextlib.suppress(OSError, ValueError):
            found.append(int(zone.read_text()) / 1000)
    return [judge.temperature(max(found, default=None))]


def throttling(site: Site) -> list[Finding]:
    """What the Pi's firmware says."""
    ran = programs.run(site.environ, "vcgencmd", "get_throttled")
    flags = None
    if ran and not ran.code:
        with contextlib.suppress(ValueError):
            flags = int(ran.out.partition("=")[2], 16)
    return [judge.throttling(flags)]


def clock(_: Site) -> list[Finding]:
    """The kernel's word, which needs no program."""
    state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    synchronised = None if state < 0 else state != _TIME_ERROR
    return [judge.clock(judge.Clock(time.time(), Path(lived.__file__).stat().st_mtime, synchronised))]


def realtime(site: Site) -> list[Finding]:
    """The running daemon's threads; else what a thread of ours is told when it asks."""
    granted = None
    pids = [pid for pid, name in site.workers.items() if name in ("capture", "playback")]
    if pids:
        policies = [policy for pid in pids for policy in _policies(site.root / "proc" / str(pid))]
        granted = _FIFO in policies if policies else None
    facts = judge.RealTime("" if pids else _refusal(), granted, site.config.daemon.realtime)
    return [judge.realtime(facts)]


def _policies(process: Path) -> list[str]:
    found = []
    for stat in process.glob("task/*/stat"):
        with contextlib.suppress(OSError, IndexError):
            found.append(stat.read_text().rpartition(")")[2].split()[_POLICY])
    return found


def _refusal() -> str:
    """Asked in a thread that ends at once, so that nothing keeps the priority."""
    said: list[str] = []

    def ask() -> None:
        from lived.soundcard import realtime

        said.append(realtime.ask())

    if os.geteuid() and resource.getrlimit(resource.RLIMIT_RTPRIO)[0] == 0:
        return "its limit is 0"
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(1)
    return said[0] if said else "no answer"
