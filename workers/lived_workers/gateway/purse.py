"""The account of what the conversation costs: adds up, tells everybody, and keeps the day's sum over restarts."""

import contextlib
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from lived.config.options import Usage as Limits
from lived.units import SECOND, Frames, Ns, Turn
from lived.wire.events import Budget, Event
from lived.wire.events import Usage as UsageEvent
from lived_workers.gateway.costs import Alarm, Day, Till
from lived_workers.gateway.happenings import Usage
from lived_workers.gateway.store import write_safely

log = logging.getLogger("lived.gateway")

SAVE_EVERY = Ns(10 * SECOND)
"""A turn costs a few thousandths: that much may be forgotten after a power cut, and an SD card is spared."""


def today() -> str:
    """The date of the device's own clock and time zone."""
    return datetime.now().astimezone().date().isoformat()


class Purse:
    """One gateway's."""

    def __init__(self, limits: Limits, state_dir: Path, publish: Callable[[Event], None]) -> None:
        self._limits = limits
        self._file = state_dir / "usage.json"
        self._publish = publish
        self._till = Till(limits, self._kept())
        self._unsaved = self._warned = False
        self._saved_at = Ns(0)
        self.alarmed: Callable[[Alarm], None] = lambda _: None
        """Called when the budget is nearly spent, and when it is spent."""

    @property
    def spent(self) -> bool:
        """Whether nothing more may be spent today."""
        return self._till.spent(today())

    @property
    def warning(self) -> str:
        """What the model tells the user when the budget is nearly spent."""
        return (
            f"Tell the user in one short sentence that today's budget for talking is nearly spent "
            f"({self._limits.warn_percent} % of {self._amount}), and that the conversation will end when it is."
        )

    @property
    def refusal(self) -> str:
        """One sentence: why nothing is said any more today."""
        return (
            f"Today's budget of {self._amount} is spent: the conversation goes on at midnight by itself, or with a"
            " higher usage.daily_budget."
        )

    def book(self, turn: Turn, usage: Usage) -> None:
        """The server counted tokens for ``turn``."""
        booked = self._till.book(turn, usage, today())
        self._publish(UsageEvent(turn=turn, cost=round(booked.cost, 6), **usage._asdict()))
        self._publish(self._till.event())
        self._unsaved = True
        if booked.alarm is not Alarm.NONE:
            spent = booked.alarm is Alarm.SPENT
            share = f"{self._limits.warn_percent} % of today's {self._amount} are spent."
            self._publish(Budget(spent=spent, text=self.refusal if spent else share))
            self.save()  # that it was said, and that nothing is left, must not be forgotten
            self.alarmed(booked.alarm)

    def spare(self, sound: Frames) -> None:
        """So much of the microphone's sound was not sent."""
        if sound:
            self._till.spare(sound, today())
            self._publish(self._till.event())
            self._unsaved = True

    def tell(self) -> None:
        """Say how things stand, to those who came late."""
        self._till.spent(today())
        self._publish(self._till.event())

    def new_conversation(self) -> None:
        """The session's sum begins anew."""
        self._till.new_conversation()

    def tick(self, now: Ns) -> None:
        """Several times a second."""
        if self._unsaved and now - self._saved_at >= SAVE_EVERY:
            self._saved_at = now
            self.save()

    def save(self) -> None:
        """Write the day's sum."""
        if not self._unsaved:
            return
        self._unsaved = False
        problem = write_safely(self._file, msgspec.json.encode(self._till.day), durable=False)
        if problem and not self._warned:
            self._warned = True
            log.warning("Cannot keep the day's cost in %s (%s): make it writable.", self._file, problem)

    @property
    def _amount(self) -> str:
        return f"{self._limits.daily_budget:.2f} {self._limits.currency}"

    def _kept(self) -> Day:
        with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return msgspec.json.decode(self._file.read_bytes(), type=Day)
        return Day()
