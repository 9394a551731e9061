"""A worker as the supervisor sees it, whoever started it. Its state changes only through ``states.TABLE``."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from lived.supervisor.policy import Pulse
from lived.supervisor.states import ALIVE, Happening, State, after
from lived.units import SECOND, Ns


@dataclass(frozen=True)
class Spec:
    """What the supervisor knows of a worker before it runs."""

    name: str
    module: str
    essential: bool = True
    """The conversation needs it: without its progress there is no watchdog beat and no READY."""
    path: str | None = None
    """Of somebody's own worker: the folder that has its module, or "". None: a worker of lived."""


@dataclass(frozen=True)
class Limits:
    """How patient the supervisor is, from the configuration."""

    grace: Ns
    """Until the first heartbeat: imports take 4 to 14 s on the slowest devices."""
    hang: Ns
    """Without progress."""
    stop: Ns
    """Between asking and the stack dump."""

    @classmethod
    def of(cls, start_s: float, hang_s: float, stop_s: float) -> "Limits":
        """From seconds."""
        return cls(Ns(int(start_s * SECOND)), Ns(int(hang_s * SECOND)), Ns(int(stop_s * SECOND)))


class Member(ABC):
    """One worker, over all its lives: a child of the supervisor, or a guest that its own unit starts."""

    def __init__(self, spec: Spec, limits: Limits) -> None:
        self.spec = spec
        self.state = State.EXITED
        self.text = ""
        """One sentence: why it is in this state, or what it said last."""
        self.ready = False
        self.counters: dict[str, int] = {}
        self.restarts = 0
        self.since = Ns(0)
        self.exit_code: int | None = None
        self.on_change: Callable[[Member], None] = lambda _: None
        self._limits = limits
        self._pulse: Pulse | None = None

    @property
    def name(self) -> str:
        """The worker's name: capture, gateway ..."""
        return self.spec.name

    @property
    @abstractmethod
    def pid(self) -> int | None:
        """Of the living process, as far as it is known."""

    @property
    def stranger(self) -> bool:
        """Whether it beats and has to introduce itself: who it is and how things are is not known here."""
        return False

    @abstractmethod
    def start(self, launch: Callable[[], bytes], now: Ns) -> int | None:
        """Start it, or expect it; a pidfd that becomes readable when it ends, None while there is no process to watch.
        ``launch`` makes what it is told."""

    @abstractmethod
    def hello(self, pid: int, now: Ns) -> bool:
        """Process ``pid`` can be given orders; whether that is the one that is meant."""

    def beat(self, progress: int, counters: dict[str, int], now: Ns) -> bool:
        """A heartbeat arrived; whether it was the first sign that orders can be given."""
        self.counters = counters
        if self._pulse:
            self._pulse.beat(progress, now)
        return False

    def say(self, ready: bool, text: str) -> None:
        """It told whether it does its job."""
        if (ready, text) != (self.ready, self.text):
            self.ready, self.text = ready, text
            self.on_change(self)

    @abstractmethod
    def progressing(self, now: Ns, limit: Ns) -> bool:
        """Whether it got on within ``limit``, or is nothing that starting the whole daemon anew would help."""

    def excuse(self, now: Ns) -> None:
        """The supervisor slept; nobody is hung for that."""
        if self._pulse:
            self._pulse.excuse(now)

    @abstractmethod
    def reap(self, now: Ns) -> None:
        """The process ended."""

    @abstractmethod
    def due(self, now: Ns) -> bool:
        """Whether it is time to start it again."""

    @abstractmethod
    def stop(self, now: Ns, again: bool = False) -> None:
        """Have it end; with ``again`` it is started anew once it has ended."""

    @abstractmethod
    def kill(self) -> None:
        """End its process at once, where that is ours to do."""

    @abstractmethod
    def tick(self, now: Ns, ask: Callable[[str], None]) -> None:
        """Several times a second. ``ask(name)`` orders it to stop."""

    @property
    def alive(self) -> bool:
        """Whether there is a process, or one is expected."""
        return self.state in ALIVE

    def _become(self, happening: Happening, text: str) -> None:
        before, self.state = self.state, after(self.state, happening)
        if self.state is not before or text != self.text:
            self.text = text
            self.on_change(self)
