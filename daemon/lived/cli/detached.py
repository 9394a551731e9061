"""Starting a daemon without systemd: in a session of its own, its log in the state directory."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lived.cli.options import Options
from lived.config import places
from lived.config.load import load
from lived.errors import LivedError

LOG = "lived.log"
ROTATE_BYTES = 1_048_576
"""A log longer than this becomes lived.log.1 at the next start: at most the last two are kept."""

_LAST_WORDS = 4_096
"""Bytes at the end of the log in which the reason for an end is looked for."""
_LOG_LINE = re.compile(r"^\d\d:\d\d:\d\d (\w+) +\S+: ")
_PROGRAM = re.compile(r"^lived: ")


class Detached:
    """A daemon that this process started, until it is known to be up."""

    def __init__(self, command: Sequence[str], log: Path, folder: Path | None = None) -> None:
        """Start ``command``, its output appended to ``log``.

        Raises:
            LivedError: the log or the process cannot be made.
        """
        self.log = log
        try:
            log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if log.exists() and log.stat().st_size > ROTATE_BYTES:
                log.replace(log.with_suffix(".log.1"))
            with log.open("ab") as output:
                self._began_at = output.tell()
                self.process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=folder,
                    start_new_session=True,  # it outlives this terminal
                )
        except OSError as error:
            raise LivedError(
                f"Cannot start the daemon: {error.filename}: {error.strerror}; set daemon.state_dir to a folder "
                "this user can write."
            ) from error

    def failure(self) -> str:
        """Why it ended, in its own last words; empty while it lives."""
        code = self.process.poll()
        if code is None:
            return ""
        reason = last_words(self._said()) or f"it ended with code {code}"
        return f"The daemon ended: {reason} (log: {self.log})"

    def _said(self) -> str:
        with self.log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._began_at, size - _LAST_WORDS))
            return log.read().decode(errors="replace")


def last_words(said: str) -> str:
    """The sentence in a daemon's output that tells best why it ended: its last error, else its last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if _PROGRAM.match(line) or ((m := _LOG_LINE.match(line)) and m[1] == "error")]
    best = (errors or lines or [""])[-1]
    return _PROGRAM.sub("", _LOG_LINE.sub("", best))


def command_of(options: Options) -> list[str]:
    """The daemon of this call, with the same options."""
    command = [sys.executable, "-m", "lived"]
    if options.config:
        command += ["--config", str(options.config)]
    for override in options.overrides:
        command += ["--set", override]
    if options.runtime_dir:
        command += ["--set", f"daemon.runtime_dir={options.runtime_dir.absolute()}"]
    return command


def log_of(options: Options) -> Path:
    """Where it logs.

    Raises:
        LivedError: the configuration cannot be used; the daemon would say the same.
    """
    config = load(options.config, options.overrides, os.environ)
    return places.state_dir(config, os.environ) / LOG


def command_line(pid: int, proc: Path = Path("/proc")) -> tuple[list[str], Path]:
    """The command and the folder that a running daemon was started with, to start it again.

    Raises:
        LivedError: it belongs to somebody else.
    """
    try:
        words = (proc / str(pid) / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        return [os.fsdecode(word) for word in words], (proc / str(pid) / "cwd").readlink()
    except OSError as error:
        raise LivedError(
            f"Cannot see how process {pid} was started ({error.strerror}): restart it as the user that started it."
        ) from error
