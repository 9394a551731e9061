"""Running the programs of the system: never longer than asked, never an exception."""

import subprocess
from collections.abc import Mapping
from typing import NamedTuple

from lived import credentials

PATIENCE_S = 3.0
"""systemctl, iw and vcgencmd answer within a tenth of a second where all is well."""

_ADMIN = "/usr/sbin:/sbin:/opt/vc/bin"
"""Folders that an ordinary user's PATH may lack: iw, vcgencmd."""


class Ran(NamedTuple):
    """A program that has ended."""

    code: int
    out: str
    err: str


def run(environ: Mapping[str, str], *command: str, text: str = "", patience_s: float = PATIENCE_S) -> Ran | None:
    """``command`` with ``text`` on its standard input; None where it is not installed or did not end in time."""
    surroundings = credentials.scrubbed(environ)
    surroundings["PATH"] = f"{surroundings.get('PATH', '/usr/bin:/bin')}:{_ADMIN}"
    surroundings["LC_ALL"] = "C"
    try:
        done = subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=patience_s,
            check=False,
            env=surroundings,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Ran(done.returncode, done.stdout, done.stderr)
