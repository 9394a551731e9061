"""The nursery: a small process that has imported what all workers share, and forks itself into a worker.

A forked worker shares those pages until one side writes to them, and starts without the imports. The nursery has one
thread and opens nothing, since only such a process may be forked; it never sees a secret. The supervisor is the
worker's parent all the same: the process in between ends at once, and the supervisor adopts orphans.

Started as ``python -m lived.worker.nursery`` with a SOCK_SEQPACKET to the supervisor as standard input, or by the
supervisor forking itself (``serve``) before it opened anything.
"""

import gc
import importlib
import os
import runpy
import socket

import msgspec

from lived import native

PRELOADED = (
    "lived.worker",
    "lived.stream",
    "lived.ledger",
    "lived.delays",
    "lived.soundcard",
    # what sounddevice imports, for two workers; itself it would begin to look for cards
    "_sounddevice",
    "locale",
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

REQUEST_BYTES = 262_144
"""The environment of a worker; execve takes 128 KiB for one variable."""


class Birth(msgspec.Struct, frozen=True):
    """What the supervisor asks for; the worker's standard input comes with it (SCM_RIGHTS)."""

    module: str
    environ: dict[str, str]


def warm() -> None:
    """Import what workers share, and put it where no garbage collection touches its pages."""
    for module in PRELOADED:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()


def serve() -> None:
    """Fork a worker for each request on standard input; returns when the supervisor is gone.

    Answers a request with the process id, and with a second message once the worker is the supervisor's own child;
    with 0 when there can be no more processes now.
    """
    native.limit_arenas(ARENAS)
    control = socket.socket(fileno=0)
    while True:
        request, stdin, _flags, _address = socket.recv_fds(control, REQUEST_BYTES, 1)
        if not request:
            return
        if not _bear(control):
            os.close(stdin[0])
            continue
        control.detach()
        _be(msgspec.json.decode(request, type=Birth), stdin[0])
        return


def _bear(control: socket.socket) -> bool:
    """Fork; True in the worker."""
    try:
        middle = os.fork()
    except OSError:
        control.send(b"0")
        return False
    if not middle:
        return _leave_behind(control)
    _pid, status = os.waitpid(middle, 0)
    control.send(b"0" if status else b"born")
    return False


def _leave_behind(control: socket.socket) -> bool:
    """The process in between: forks, and ends. True in the worker."""
    try:
        worker = os.fork()
    except OSError:
        os._exit(1)  # the nursery says so
    if worker:
        control.send(str(worker).encode())
        os._exit(0)
    return True


def _be(birth: Birth, stdin: int) -> None:
    """Become the worker, as if ``python -m module`` had been executed with this environment and standard input."""
    os.setsid()  # Ctrl-C reaches the supervisor alone
    os.dup2(stdin, 0)
    os.closerange(3, 1 << 20)
    os.environ.clear()
    os.environ.update(birth.environ)
    name = birth.module.rpartition(".")[2]
    native.rename_process(f"lived-{name}", ["python", "-m", birth.module])
    runpy.run_module(birth.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    warm()
    serve()
