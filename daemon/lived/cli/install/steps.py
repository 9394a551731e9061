"""What an installation consists of. Each step says what it does, and does it; doing it twice does no harm."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lived.errors import LivedError

_PATIENCE_S = 90.0
"""systemctl start returns with READY, or when the unit gives up: TimeoutStartSec= and TimeoutStopSec= are 75 s."""


class Step(Protocol):
    """One thing that is done to the machine."""

    def describe(self) -> str:
        """In words, as an order. Never a secret."""

    def do(self) -> None:
        """Do it.

        Raises:
            LivedError: it failed; the sentence says what to do.
            OSError: a file or folder cannot be made or removed.
        """


@dataclass(frozen=True)
class MakeFolder:
    """A folder that is missing, and those above it."""

    path: Path
    mode: int

    def describe(self) -> str:
        return f"make {self.path} (mode {self.mode:04o})"

    def do(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(self.mode)


@dataclass(frozen=True)
class WriteFile:
    """A file as a whole: the old one stays until the new one is complete."""

    path: Path
    what: str
    mode: int
    content: str = field(repr=False)

    def describe(self) -> str:
        return f"write {self.path} ({self.what}, mode {self.mode:04o})"

    def do(self) -> None:
        new = self.path.with_name(f".{self.path.name}.new")
        new.unlink(missing_ok=True)  # of an installation that was interrupted
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, self.mode)
        with open(file, "w", encoding="utf-8") as output:  # noqa: PTH123  (a descriptor)
            os.fchmod(file, self.mode)  # whatever the umask
            output.write(self.content)
        new.replace(self.path)


@dataclass(frozen=True)
class Remove:
    """A file or a whole folder, if it is there."""

    path: Path

    def describe(self) -> str:
        return f"remove {self.path}"

    def do(self) -> None:
        if self.path.is_dir() and not self.path.is_symlink():
            shutil.rmtree(self.path)
        else:
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Run:
    """A program of the system."""

    command: tuple[str, ...]
    remedy: str = ""
    """What to do when it fails, for the sentence."""
    why: Callable[[], str] | None = field(default=None, compare=False, repr=False)
    """Knows the reason of a failure better than the program's own words."""

    def describe(self) -> str:
        return f"run '{' '.join(self.command)}'"

    def do(self) -> None:
        try:
            done = subprocess.run(
                self.command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S, stdin=subprocess.DEVNULL
            )
        except FileNotFoundError:
            raise LivedError(f"There is no program {self.command[0]} here: {self.remedy or 'install it'}.") from None
        except subprocess.TimeoutExpired:
            raise LivedError(f"'{' '.join(self.command)}' takes longer than {_PATIENCE_S:.0f} s.") from None
        if done.returncode:
            raise LivedError(self._failure(done))

    def _failure(self, done: "subprocess.CompletedProcess[str]") -> str:
        if self.why is not None and (why := self.why()):
            return why
        said = next((line for line in done.stderr.splitlines() if line.strip()), f"exit code {done.returncode}")
        remedy = f" Do this instead: {self.remedy}." if self.remedy else ""
        return f"'{' '.join(self.command)}' failed: {said.rstrip('.')}.{remedy}"
