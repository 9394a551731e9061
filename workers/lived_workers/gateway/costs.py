"""What the conversation costs, and how much it may. Pure: prices, tokens and the day's name are parameters."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec

from lived.config.options import Price
from lived.config.options import Usage as Limits
from lived.units import MIC_RATE, Frames, Turn
from lived.wire.events import Spent
from lived_workers.gateway.happenings import Usage

_MILLION = 1_000_000

TOKENS_PER_S = 25
"""Of sound, either way."""

_GIVEN = {"AUDIO": "audio_in", "TEXT": "text_in", "DOCUMENT": "text_in", "IMAGE": "image_in", "VIDEO": "image_in"}
_PRODUCED = {"AUDIO": "audio_out", "TEXT": "text_out"}
"""Modalities, and what their tokens are paid as."""


def priced(usage: Usage) -> dict[str, int]:
    """The tokens of one report by price. What the server counts and does not break down is text where it was given
    (the instruction, functions, answers of tools), and sound where it was produced."""
    given = _sorted(usage.prompt_details, _GIVEN, "text_in")
    given["text_in"] += max(0, usage.prompt - given.total()) + usage.tools
    produced = _sorted(usage.response_details, _PRODUCED, "audio_out")
    produced["audio_out"] += max(0, usage.response - produced.total())
    produced["text_out"] += usage.thoughts
    return dict(+(given + produced))


def _sorted(details: Mapping[str, int], keys: Mapping[str, str], other: str) -> Counter[str]:
    sums: Counter[str] = Counter()
    for modality, tokens in details.items():
        sums[keys.get(modality, other)] += tokens
    return sums


def cost_of(tokens: Mapping[str, float], price: Price) -> float:
    """In the currency of ``price``."""
    return sum(count * float(getattr(price, key)) for key, count in tokens.items()) / _MILLION


class Alarm(StrEnum):
    """How the day's budget stands."""

    NONE = "none"
    WARNED = "nearly spent"
    SPENT = "spent"


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day's sums, as they are kept on disk."""

    day: str = ""
    """Its date, local time."""
    cost: float = 0.0
    tokens: dict[str, int] = {}
    alarm: Alarm = Alarm.NONE
    saved: float = 0.0


class Booked(NamedTuple):
    """What one report came to."""

    cost: float
    """Of this report."""
    alarm: Alarm
    """NONE unless this report has made it worse."""


class Till:
    """Adds up."""

    def __init__(self, limits: Limits, kept: Day) -> None:
        """``kept``: what a former process of the same day has written down."""
        self._limits = limits
        self.day = kept
        self._turn = Turn(0)
        self._turn_cost = 0.0
        self._session_cost = 0.0

    def book(self, turn: Turn, usage: Usage, today: str) -> Booked:
        """The server counted ``usage``, for ``turn``."""
        tokens = priced(usage)
        cost = cost_of(tokens, self._limits.price)
        if turn != self._turn:
            self._turn, self._turn_cost = turn, 0.0
        self._turn_cost += cost
        self._session_cost += cost
        before = self._begin(today)
        sums = Counter(before.tokens) + Counter(tokens)
        day = msgspec.structs.replace(before, cost=before.cost + cost, tokens=dict(sums))
        alarm = self._judge(day.cost)
        self.day = msgspec.structs.replace(day, alarm=alarm)
        return Booked(cost, Alarm.NONE if alarm is before.alarm else alarm)

    def spare(self, sound: Frames, today: str) -> None:
        """So much of the microphone's sound was not sent."""
        tokens = sound / MIC_RATE * TOKENS_PER_S
        before = self._begin(today)
        self.day = msgspec.structs.replace(
            before, saved=before.saved + cost_of({"audio_in": tokens}, self._limits.price)
        )

    def spent(self, today: str) -> bool:
        """Whether nothing may be spent any more."""
        return self._judge(self._begin(today).cost) is Alarm.SPENT

    def new_conversation(self) -> None:
        """The session's sum begins anew."""
        self._session_cost = self._turn_cost = 0.0

    def event(self) -> Spent:
        """Everything, for all."""
        return Spent(
            currency=self._limits.currency,
            turn=_rounded(self._turn_cost),
            session=_rounded(self._session_cost),
            day=_rounded(self.day.cost),
            budget=self._limits.daily_budget,
            tokens=self.day.tokens,
            saved=_rounded(self.day.saved),
        )

    def _begin(self, today: str) -> Day:
        if self.day.day != today:
            self.day = Day(day=today)
        return self.day

    def _judge(self, cost: float) -> Alarm:
        budget = self._limits.daily_budget
        if not budget or cost < budget * self._limits.warn_percent / 100:
            return Alarm.NONE
        return Alarm.SPENT if cost >= budget else Alarm.WARNED


def _rounded(cost: float) -> float:
    return round(cost, 6)
