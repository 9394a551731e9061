"""The exception tree, and the exit codes that the supervisor and systemd understand.

Panic (let the process die) when our own contract is broken; never on data from outside: that is a
``WireError``, counted, logged, and the program goes on.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a daemon or worker process says when it ends (the numbers above 1 are those of sysexits.h)."""

    DONE = 0
    """Asked to stop, stopped."""
    CRASHED = 1
    """Our fault: Python's own code for an uncaught exception. Restarted."""
    USAGE = 64
    """Wrong command line. Not restarted."""
    NO_INPUT = 66
    """A file that the configuration names is missing or unreadable. Not restarted."""
    TEMPORARY = 75
    """Cannot work now (runtime directory, port, disk); worth another try. Restarted."""
    CONFIG = 78
    """The configuration or the credential has to be changed by a person. Not restarted."""


DO_NOT_RESTART = frozenset({ExitCode.USAGE, ExitCode.NO_INPUT, ExitCode.CONFIG})
"""systemd/lived.service repeats these in RestartPreventExitStatus= (a test compares them)."""


class LivedError(Exception):
    """Base of all. ``str(error)`` is one sentence for a person: what happened, what to do next."""

    exit_code = ExitCode.CRASHED


class UsageError(LivedError):
    """The command line asks for something that does not exist."""

    exit_code = ExitCode.USAGE


class ConfigError(LivedError):
    """The configuration cannot be used; the sentence names file, line or key, value, and what was expected."""

    exit_code = ExitCode.CONFIG


class CredentialError(ConfigError):
    """No API key, or one that nobody can read. Never contains the key."""


class InputError(LivedError):
    """A file named in the configuration is missing, unreadable or of the wrong kind."""

    exit_code = ExitCode.NO_INPUT


class RuntimeDirError(LivedError):
    """The sockets cannot be made: directory not writable, another daemon is alive, disk full."""

    exit_code = ExitCode.TEMPORARY


class DeviceError(LivedError):
    """A sound device is missing, busy, or refuses the format. Worth another try."""

    exit_code = ExitCode.TEMPORARY


class WireError(LivedError):
    """Bytes that do not follow docs/protocol.md. The only error that decoding raises."""


class ProgramError(LivedError):
    """A program that the configuration names cannot be started."""


class DoorError(LivedError):
    """The daemon refused a request, or did not answer. ``code`` is one of docs/protocol.md, "The door"."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class NotRunningError(LivedError):
    """Nobody answers at the door."""
