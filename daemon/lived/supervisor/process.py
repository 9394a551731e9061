"""Worker processes: born in the nursery, or executed while there is none."""

import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Collection, Mapping

import msgspec

from lived import native
from lived.units import MILLISECOND, SECOND, Ns, seconds
from lived.worker import nursery
from lived.worker.nursery import Birth

log = logging.getLogger("lived.supervisor")

PATIENCE = Ns(500 * MILLISECOND)
"""For an answer of the nursery, which takes 2 ms. Meanwhile the supervisor does nothing else; sound goes on."""

PAUSE = Ns(10 * SECOND)
"""Between two starts of a nursery: one that dies at once must not be a loop."""


class Process:
    """A child of this process, told things on its standard input."""

    def __init__(self, pid: int, stdin: int) -> None:
        """``stdin``: the end that is written to."""
        self.pid = pid
        self._stdin = stdin

    def tell(self, text: bytes) -> None:
        """Write all of it; silently nothing when the process has ended, which its pidfd tells."""
        with contextlib.suppress(BrokenPipeError):
            while text:
                text = text[os.write(self._stdin, text) :]

    def hang_up(self) -> None:
        """End its standard input, which asks it to end. Idempotent."""
        if self._stdin >= 0:
            os.close(self._stdin)
            self._stdin = -1

    def wait(self) -> int:
        """Its exit code, or less than 0: the signal that killed it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def send_signal(self, number: int) -> None:
        """Until it has been waited for, its id is nobody else's."""
        os.kill(self.pid, number)


class Nursery:
    """The supervisor's side of ``lived.worker.nursery``."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """``environ`` is the workers', without secrets."""
        self._environ = dict(environ) | {"MALLOC_ARENA_MAX": str(nursery.ARENAS)}
        self._pid = 0
        self._control: socket.socket | None = None
        self._start_at = Ns(0)
        native.adopt_orphans()

    def fork(self) -> bool:
        """Make it out of this very process, with which it then shares pages; True in the new process, whose caller
        has to call ``serve``.

        Only while there is one thread, no socket, no device, and no secret in memory.
        """
        nursery.warm()
        ours, theirs = _pair()
        self._pid = os.fork()
        if self._pid:
            self._hold(ours, theirs)
            return False
        os.setsid()
        os.dup2(theirs.fileno(), 0)
        for end in (ours, theirs):
            end.close()
        native.rename_process("lived-nursery", ["python", "-m", nursery.__name__])
        return True

    serve = staticmethod(nursery.serve)

    def start(self, module: str) -> Process:
        """A process of ``python -m module``.

        Raises:
            OSError: there can be no more processes now.
        """
        process = self._start(module, self._born) or self._start(module, self._execute)
        assert process is not None  # noqa: S101 (_execute raises, or says which process)
        return process

    def tick(self, children: Collection[int], now: Ns) -> None:
        """Several times a second: bury what ended and is not one of ``children``, keep the nursery alive."""
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                break
            if ended is None or ended.si_pid in children:
                break
            os.waitpid(ended.si_pid, 0)
            if ended.si_pid == self._pid:
                self._lost()
        if not self._pid and now >= self._start_at:
            self._start_at = Ns(now + PAUSE)
            self._again()

    def close(self) -> None:
        """It ends when nobody can ask it any more."""
        if self._control:
            self._control.close()
            self._control = None

    def _lost(self) -> None:
        log.warning("the nursery of the workers has ended; until there is another, workers start more slowly")
        self.close()
        self._pid = 0

    def _again(self) -> None:
        """By executing it: this process may not be forked any more. What it is asked for during its imports waits."""
        ours, theirs = _pair()
        self._pid = self._execute(nursery.__name__, theirs.fileno())
        self._hold(ours, theirs)

    def _hold(self, ours: socket.socket, theirs: socket.socket) -> None:
        theirs.close()
        ours.settimeout(seconds(PATIENCE))
        self._control = ours

    def _start(self, module: str, how: Callable[[str, int], int]) -> Process | None:
        """With a standard input of its own, so that one that is born too late finds its end, and ends."""
        theirs, ours = os.pipe2(os.O_CLOEXEC)
        pid = 0
        try:
            pid = how(module, theirs)
        finally:
            os.close(theirs)
            if not pid:
                os.close(ours)
        return Process(pid, ours) if pid else None

    def _born(self, module: str, stdin: int) -> int:
        """The process id; 0 when the nursery does not do its job."""
        if self._control is None:
            return 0
        request = msgspec.json.encode(Birth(module, self._environ))
        try:
            socket.send_fds(self._control, [request], [stdin])
            pid = int(self._control.recv(16) or 0)
            if pid:
                self._control.recv(16)  # now it is our child
        except OSError as error:
            log.warning("the nursery of the workers does not answer: %s", error)
            self.close()
            os.kill(self._pid, signal.SIGKILL)  # tick() finds it dead
            return 0
        return pid

    def _execute(self, module: str, stdin: int) -> int:
        """All descriptors of this process but the standard ones close on exec."""
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", module],
            self._environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, stdin, 0)],
            setsid=True,
        )


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
