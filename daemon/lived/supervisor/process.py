"""Worker processes. The first of each is forked off the daemon before that opens anything; later ones are executed.

A forked worker shares what the daemon has imported until one side writes to it, and starts without the imports. A
process may be forked only while it has one thread, no socket, no device and no secret, so this is done once, at the
very beginning; each of these workers then waits on its standard input until it is wanted.
"""

import contextlib
import gc
import importlib
import os
import runpy
import select
import sys
from collections.abc import Iterable, Mapping

from lived import native

PRELOADED = (
    "lived.worker",
    "lived.stream",
    "lived.ledger",
    "lived.delays",
    "lived.soundcard",
    # what sounddevice imports of the standard library, for two workers; itself it would begin to look for cards
    "ctypes.util",
    "subprocess",
    "shutil",
    "tempfile",
    "selectors",
    "array",
    "mmap",
)
"""Used by several workers, and harmless: no socket, thread or device comes with an import of these."""

ARENAS = 2
"""Of malloc. One for each core and thread would cost each process a megabyte that it does not use."""


def environ_for(environ: Mapping[str, str], path: str | None = None) -> dict[str, str]:
    """``environ``, which is without secrets, for the process of a worker; ``path``: where somebody's own is."""
    found = dict(environ) | {"MALLOC_ARENA_MAX": str(ARENAS)}
    if path:
        found["PYTHONPATH"] = os.pathsep.join(filter(None, (path, environ.get("PYTHONPATH"))))
    return found


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


class Starter:
    """Starts workers as children of this process, in sessions of their own: Ctrl-C reaches the daemon alone."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """``environ`` is the workers', without secrets."""
        self._environ = environ_for(environ)
        self._forked: dict[str, Process] = {}

    def fork(self, modules: Iterable[str]) -> str:
        """Fork a worker for each of ``modules``. In a worker: the module that it has to ``become``; here: "".

        Only while there is one thread, no socket, no device, and no secret in memory.
        """
        for name in PRELOADED:
            importlib.import_module(name)
        gc.collect()
        gc.freeze()  # the collector would write into each of the shared pages
        for module in modules:
            theirs, ours = os.pipe2(os.O_CLOEXEC)
            pid = os.fork()
            if not pid:
                os.dup2(theirs, 0)
                return module
            os.close(theirs)
            self._forked[module] = Process(pid, ours)
        return ""

    def become(self, module: str) -> None:
        """In a forked worker: wait until it is wanted, then be what ``python -m module`` would be."""
        os.setsid()
        os.closerange(3, 1 << 20)
        native.limit_arenas(ARENAS)
        native.write_command_line(["python", "-m", module])
        wanted = select.poll()
        wanted.register(0, select.POLLIN)
        if not wanted.poll()[0][1] & select.POLLIN:
            return  # the daemon ended before it began
        os.environ.clear()
        os.environ.update(self._environ)
        runpy.run_module(module, run_name="__main__", alter_sys=True)

    def dismiss(self) -> None:
        """End those that were forked and never wanted, and wait for that. Idempotent."""
        while self._forked:
            _, process = self._forked.popitem()
            process.hang_up()
            process.wait()

    def start(self, module: str, path: str | None = None) -> Process:
        """A process of ``python -m module``; with a ``path`` somebody's own, which is looked for there first.

        Raises:
            OSError: there can be no more processes now.
        """
        if path is not None:
            return self._execute(module, path)
        return self._forked.pop(module, None) or self._execute(module)

    def _execute(self, module: str, path: str = "") -> Process:
        """All descriptors of this process but the standard ones close on exec."""
        theirs, ours = os.pipe2(os.O_CLOEXEC)
        try:
            pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-m", module],
                environ_for(self._environ, path),
                file_actions=[(os.POSIX_SPAWN_DUP2, theirs, 0)],
                setsid=True,
            )
        except OSError:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        return Process(pid, ours)
