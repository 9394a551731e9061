"""Whether the open connection is still good, from all that happens on it: why to replace it. Pure: time is a parameter.

Puts together the clock for planned swaps (``rotation``), the look-out for answers (``watchdog``) and the network's
own word (bytes that nobody acknowledges).
"""

from collections.abc import Callable
from typing import NamedTuple

from lived.config import Config
from lived.models import Feature, profile_of
from lived.units import MILLISECOND, SECOND, Ns
from lived_workers.gateway.happenings import (
    Activity,
    Call,
    Complete,
    Generated,
    GoingAway,
    Handle,
    Happening,
    Interrupted,
    Sound,
    Transcript,
    Working,
)
from lived_workers.gateway.rotation import Moment, Rotation
from lived_workers.gateway.watchdog import Act, Watchdog

STUCK = Ns(8 * SECOND)
"""Nothing acknowledged for so long although something is under way: with the second or two that a new connection
takes, that is what ``live.backlog_s`` keeps. Uplinks of living networks were seen to stall for 3.6 s."""

MOST_ASKED = 2_000
"""Characters of a question that are kept to be asked again: two minutes of speech."""

ANSWERS = (Sound, Generated, Complete, Interrupted, Working)


class Flow(NamedTuple):
    """How our own sending gets on, in bytes."""

    acknowledged: int
    held: int
    """Handed over and not acknowledged."""


class Limits(NamedTuple):
    """The options that matter here."""

    swap_after: Ns
    nudge: Ns
    hung: Ns
    proactive: bool
    """The model may choose to say nothing."""


def limits_of(config: Config) -> Limits:
    """As configured. A model that nobody here knows may be silent on purpose."""
    live, profile = config.live, profile_of(config.live.model)
    wanted = live.generation.proactive == "on" or profile.prefix == ""
    proactive = profile.proactive is Feature.ALWAYS or (wanted and profile.proactive is not Feature.NONE)
    after, nudge, hung = (Ns(round(s * SECOND)) for s in (live.swap_after_s, live.nudge_s, live.hung_s))
    return Limits(after, nudge, hung, proactive)


class Health:
    """Of one connection after the other."""

    def __init__(self, limits: Limits) -> None:
        self._rotation = Rotation(limits.swap_after)
        self._watchdog = Watchdog(limits.nudge, limits.hung, limits.proactive)
        self._acknowledged = 0
        self._moved = Ns(0)
        self._question = ""
        self.answered = False
        """Whether anything of a reply came on this connection."""
        self._obey: dict[type, Callable[..., None]] = {
            GoingAway: lambda going, now: self._rotation.go_away(now, Ns(going.time_left_ms * MILLISECOND)),
            Handle: lambda handle, now: self._rotation.handle(now, handle.resumable),
            Activity: self._activity,
            Transcript: self._transcript,
            Call: lambda _, now: self._called(now),
            **dict.fromkeys(ANSWERS, lambda _, __: self._answered()),
        }

    def opened(self, now: Ns) -> None:
        """A connection is set up."""
        self._rotation.opened(now)
        self._watchdog.opened(now)
        self._acknowledged, self._moved, self.answered = -1, now, False

    def closed(self) -> str:
        """It has ended: the question that is still owed an answer, "" when there is none."""
        question = self._question if self._watchdog.owed else ""
        self._rotation.closed()
        self._question = ""
        return question

    def take(self, happening: Happening, now: Ns) -> None:
        """Something that the server said."""
        obey = self._obey.get(type(happening))
        if obey is not None:
            obey(happening, now)

    def frame(self, now: Ns) -> None:
        """The server sent anything, if only ``{}``."""
        self._watchdog.sign(now)

    def pong(self, now: Ns) -> None:
        """It answered a ping."""
        self._watchdog.pong(now)

    def typed(self, text: str, now: Ns) -> None:
        """The user's typed text was sent."""
        self._ask(f" {text}" if self._question else text)
        self._watchdog.ended(now, sure=True)

    def spoke(self, on: bool, now: Ns) -> None:
        """The user began or ended to speak, as heard here, or held a button."""
        if on:
            self._watchdog.began()
        else:
            self._watchdog.ended(now)

    def wish(self, cause: str) -> None:
        """Another connection at the next quiet moment, for the sake of new settings."""
        self._rotation.wish(cause)

    def stuck(self, flow: Flow, now: Ns) -> bool:
        """Whether what we send has not arrived for too long."""
        if flow.acknowledged != self._acknowledged or not flow.held:
            self._acknowledged, self._moved = flow.acknowledged, now
        return now - self._moved >= STUCK

    def look(self, now: Ns) -> Act:
        """Whether an answer is overdue. To be asked several times a second, and obeyed."""
        return self._watchdog.due(now)

    def due(self, now: Ns, quiet: bool, calls: int) -> str:
        """Why to swap now, or "": goaway, age, or what was wished for. To be asked and obeyed likewise."""
        return self._rotation.due(now, Moment(quiet and not self._watchdog.busy, calls))

    def _activity(self, activity: Activity, now: Ns) -> None:
        self.spoke(activity.on, now)

    def _transcript(self, piece: Transcript, now: Ns) -> None:
        if piece.side == "user":
            self._ask(piece.text)
            self._watchdog.ended(now)
        else:
            self._answered()

    def _called(self, now: Ns) -> None:
        """That is an answer, and no moment to leave until its own is given."""
        self._answered()
        self._rotation.called(now)

    def _ask(self, text: str) -> None:
        self._question = (self._question + text)[-MOST_ASKED:]

    def _answered(self) -> None:
        self.answered = True
        self._question = ""
        self._watchdog.answered()
