"""Keeps one device open while it is wanted: opens, watches, closes, waits, tries again."""

import logging
from collections.abc import Callable
from typing import Protocol

from lived.clock import monotonic_ns
from lived.device.states import OPEN, TABLE, Backoff, Input, State, Watch
from lived.errors import DeviceError
from lived.units import Ns, seconds

log = logging.getLogger("lived.device")


class Back(Protocol):
    """What plays, records or looks: a card, a camera, a file, nothing. Used by one thread; ``frames`` and ``ended``
    may be changed by the device's own thread at any moment."""

    frames: int
    """Moved since ``open``."""
    ended: str
    """A sentence when the device has ended by itself since ``open``."""
    trouble: str
    """A sentence while the device moves frames but does not do its job (disk full)."""

    def open(self) -> str:
        """Open and begin to move frames; the text says what was opened and how.

        Raises:
            DeviceError: not now; worth another try.
        """

    def close(self) -> None:
        """Stop at once and let go; the device's thread calls no more when this returns. Legal in any state."""


class Keeper:
    """One device and its state. Belongs to the main thread."""

    def __init__(
        self,
        back: Back,
        stall: Ns,
        ready: Callable[[str], None],
        unready: Callable[[str], None],
        moves: str = "sound",
    ) -> None:
        """``ready`` and ``unready`` are told what to say to people; ``stall`` is the longest standstill; ``moves``
        names what the device moves."""
        self._back = back
        self._stall = stall
        self._ready = ready
        self._unready = unready
        self._moves = moves
        self._backoff = Backoff()
        self._watch = Watch(stall, Ns(0))
        self._what = ""
        self._due = Ns(0)
        self._flowing_since = Ns(0)
        self._trouble = ""
        self.state = State.CLOSED
        self.opened = 0
        """Times the device was opened."""

    @property
    def is_open(self) -> bool:
        """Whether the device's thread may be calling."""
        return self.state in OPEN

    def want(self, on: bool) -> None:
        """Open the device, or close it. Idempotent."""
        if on and self.state is State.CLOSED:
            self._backoff.reset()
        self._step(Input.WANTED if on else Input.UNWANTED)

    def tick(self, now: Ns) -> None:
        """Look after the device; call it a few times a second."""
        if self.state is State.WAITING and now >= self._due:
            self._step(Input.DUE)
        elif self.is_open:
            self._look(now)

    def _look(self, now: Ns) -> None:
        if self._back.ended:
            self._fail(self._back.ended)
        elif self._watch.stalled(self._back.frames, now):
            self._fail(f"{self._what} stalled: no {self._moves} moved for {seconds(self._stall):g} s.")
        elif self.state is State.OPENING and self._back.frames:
            self._flowing_since = now
            self._step(Input.FLOWS)
            self._ready(self._what)
        elif self.state is State.FLOWING and self._back.trouble != self._trouble:
            self._trouble = self._back.trouble
            (self._unready if self._trouble else self._ready)(self._trouble or self._what)

    def _step(self, what: Input) -> None:
        old, self.state = self.state, TABLE[self.state, what]
        if old in OPEN and self.state not in OPEN:
            self._back.close()
        if self.state is State.OPENING and old is not State.OPENING:
            self._open()

    def _open(self) -> None:
        self._what, self._trouble, self._flowing_since = "The device", "", Ns(0)
        try:
            self._what = self._back.open()
        except DeviceError as error:
            self._fail(str(error))
            return
        self.opened += 1
        self._watch = Watch(self._stall, monotonic_ns())

    def _fail(self, why: str) -> None:
        now = monotonic_ns()
        wait = self._backoff.failed(Ns(now - self._flowing_since) if self._flowing_since else Ns(0))
        self._due = Ns(now + wait)
        self._step(Input.FAILED)
        self._unready(f"{why} Trying again in {seconds(wait):g} s.")
