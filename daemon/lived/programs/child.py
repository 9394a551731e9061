"""A child process on the event loop: its pipes, its end, its limits. Its whole process group is ended with it."""

import asyncio
import contextlib
import fcntl
import logging
import os
import resource
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from lived.errors import ProgramError
from lived.programs.leftovers import Running

log = logging.getLogger("lived.programs")

STDIN_BYTES = 131_072
"""Room in the pipe to a child: it is told 65,536 bytes at most, so writing never waits for one that does not read."""

GRACE_S = 1.0
"""Between SIGTERM and SIGKILL."""

KILLED_S = 1.0
"""For the kernel to end what was killed: a millisecond, unless it cannot be killed."""

LEFT_S = 0.3
"""After its end, for what is still in its pipes: somebody whom it has left behind may hold them open for ever."""

PIECE = 16_384
LINE_CHARACTERS = 500
LOGGED_LINES = 100
"""Lines of stderr of one run that reach the log: a program in a loop must not fill the disk."""


class Child:
    """One process. ``run`` it or ``end`` it."""

    def __init__(self, name: str, command: Sequence[str], environ: Mapping[str, str], cwd: Path, memory: int) -> None:
        """Start it. ``memory``, in bytes, is what each of its processes may write to.

        Raises:
            ProgramError: there is no such program, or it cannot be started.
        """
        self.name = name
        self.last_words = ""
        """The last line that it wrote to stderr."""
        self._lines = 0
        self._stderr = b""
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=dict(environ),
                cwd=cwd,
                start_new_session=True,  # a process group of its own, to be ended as a whole
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise ProgramError(f"The program of {name} cannot be started: {reason}.") from error
        _limit(self._process.pid, memory)

    def tell(self, data: bytes) -> None:
        """Write ``data`` to its standard input and close that; one that does not listen is no error."""
        stdin = _pipe(self._process.stdin)
        with contextlib.suppress(PermissionError):  # beyond what one user may have in pipes: then it may have to wait
            fcntl.fcntl(stdin, fcntl.F_SETPIPE_SZ, STDIN_BYTES)
        with contextlib.suppress(BrokenPipeError):
            os.write(stdin.fileno(), data)
        stdin.close()

    async def run(self, take: Callable[[bytes], bool], running: Running) -> int:
        """Hand what it writes to ``take``, until it ends or ``take`` returns False (then it is ended); its exit code,
        negative for a signal. Left by a cancellation, it is ended too."""
        running.add(self._process.pid)
        out = asyncio.create_task(_listen(_pipe(self._process.stdout), take))
        err = asyncio.create_task(_listen(_pipe(self._process.stderr), self._log))
        ended = asyncio.create_task(self._ended())
        try:
            await asyncio.wait((out, ended), return_when=asyncio.FIRST_COMPLETED)
            if ended.done() or out.result():  # it may close its output long before its end
                await ended
                await asyncio.wait((out, err), timeout=LEFT_S)
        finally:
            await self._kill()
            await _cancelled(out, err, ended)
            running.remove(self._process.pid)
        return -signal.SIGKILL if self._process.returncode is None else self._process.returncode

    async def end(self) -> None:
        """End one that was never run."""
        await self._kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            _pipe(pipe).close()

    async def _kill(self) -> None:
        """SIGTERM, a moment, SIGKILL, to all of its group; nothing when it has ended by itself."""
        if self._process.returncode is None and not self._is_zombie():
            try:
                self._signal(signal.SIGTERM)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(GRACE_S):
                        await self._ended()
            finally:
                self._signal(signal.SIGKILL)
        with contextlib.suppress(
            subprocess.TimeoutExpired
        ):  # one that is another user's by now, or stuck in the kernel
            self._process.wait(KILLED_S)

    def failure(self, code: int) -> str:
        """One sentence for an exit code that is not 0, with the last line on its standard error."""
        if code < 0:
            try:
                how = f"crashed ({signal.Signals(-code).name})"
            except ValueError:
                how = f"crashed (signal {-code})"
        else:
            how = f"failed (exit code {code})"
        return f"{self.name} {how}" + (f": {self.last_words.rstrip('.')}." if self.last_words else ".")

    @property
    def gone(self) -> bool:
        """Whether it has ended by itself."""
        return self._process.poll() is not None

    def _is_zombie(self) -> bool:
        """Ended and not yet waited for: until then its number is nobody else's."""
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    async def _ended(self) -> None:
        loop, event = asyncio.get_running_loop(), asyncio.Event()
        pidfd = os.pidfd_open(self._process.pid)
        loop.add_reader(pidfd, event.set)
        try:
            await event.wait()
        finally:
            loop.remove_reader(pidfd)
            os.close(pidfd)

    def _log(self, piece: bytes) -> bool:
        *lines, rest = (self._stderr + piece).split(b"\n")
        self._stderr = rest[:LINE_CHARACTERS]
        for line in (*lines, self._stderr) if not piece else lines:
            text = line[:LINE_CHARACTERS].decode("utf-8", "replace").strip()
            if not text:
                continue
            self.last_words = text
            self._lines += 1
            if self._lines <= LOGGED_LINES:
                log.info("%s: %s", self.name, text)
        return True


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101  (PIPE was asked for)
    return pipe


async def _listen(pipe: IO[bytes], take: Callable[[bytes], bool]) -> bool:
    """Hand everything in ``pipe`` to ``take``, and b"" at its end; False when ``take`` had enough."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, pipe)
    try:
        while piece := await reader.read(PIECE):
            if not take(piece):
                return False
        take(b"")
    finally:
        transport.close()
    return True


async def _cancelled(*tasks: "asyncio.Task[bool] | asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def _limit(pid: int, memory: int) -> None:
    """RLIMIT_DATA: what a process can write to. Not RLIMIT_AS, since some runtimes reserve gigabytes of addresses that
    they never use; not a cgroup, since the service may not make one. A process that has ended already, or has become
    another user's (sudo), has no limit."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        resource.prlimit(pid, resource.RLIMIT_DATA, (memory, memory))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
