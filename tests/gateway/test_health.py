"""Whether the open connection is still good, from all that happens on it."""

import msgspec
import pytest

from lived.config import Config
from lived.units import SECOND, Ns
from lived_workers.gateway.happenings import Activity, Call, Complete, GoingAway, Handle, Sound, Transcript
from lived_workers.gateway.health import MOST_ASKED, STUCK, Flow, Health, Limits, limits_of
from lived_workers.gateway.watchdog import Act

LIMITS = Limits(Ns(540 * SECOND), Ns(15 * SECOND), Ns(45 * SECOND), proactive=False)


class Patient:
    """A health on a clock that only moves here."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.now = Ns(1_000 * SECOND)
        self.health = Health(limits)
        self.health.opened(self.now)

    def take(self, *happenings: object) -> None:
        """What the server says, now."""
        for happening in happenings:
            self.health.take(happening, self.now)  # type: ignore[arg-type]

    def due(self, seconds: float, quiet: bool = True, calls: int = 0) -> str:
        """Let time pass; the first cause for a swap."""
        for _ in range(int(seconds * 10)):
            self.now = Ns(self.now + SECOND // 10)
            if cause := self.health.due(self.now, quiet, calls):
                return cause
        return ""


def test_nobody_is_left_while_an_answer_is_on_its_way() -> None:
    """The user has asked: the swap waits for the reply, or until none can be hoped for."""
    p = Patient()
    p.take(Activity(True), GoingAway(60_000))
    assert p.due(5) == ""
    p.take(Transcript("user", "What time is it?"), Activity(False))
    assert p.due(5) == ""
    p.take(Sound(bytes(2)), Complete(""))
    assert p.due(1) == "goaway"


def test_a_call_holds_the_swap_until_its_handle() -> None:
    """The answer has left, and the handle that knows of it is here."""
    p = Patient()
    p.take(Call("1", "f", {}), GoingAway(120_000))
    assert p.due(5, calls=1) == ""
    assert p.due(5) == ""
    p.take(Handle("h", True))
    assert p.due(1) == "goaway"


def test_a_question_that_is_owed_an_answer_is_kept() -> None:
    """Typed or heard, until something comes back."""
    p = Patient()
    p.health.typed("Are you there?", p.now)
    assert p.health.closed() == "Are you there?"
    p.health.opened(p.now)
    p.take(Transcript("user", "What "), Transcript("user", "now?"), Activity(False))
    assert p.health.closed() == "What now?"
    p.health.opened(p.now)
    p.take(Transcript("user", "And?"), Activity(False), Sound(bytes(2)))
    assert p.health.closed() == ""


def test_a_very_long_question_keeps_its_end() -> None:
    """Bounded."""
    p = Patient()
    p.health.typed("x" * 5_000 + "!", p.now)
    question = p.health.closed()
    assert len(question) == MOST_ASKED
    assert question.endswith("!")


def test_stuck() -> None:
    """Something is under way and nothing is acknowledged: eight seconds. Progress, or nothing to send, is no stall."""
    p = Patient()
    assert not p.health.stuck(Flow(100, 500), p.now)
    later = Ns(p.now + STUCK - 1)
    assert not p.health.stuck(Flow(100, 900), later)
    assert p.health.stuck(Flow(100, 900), Ns(later + 1))
    assert not p.health.stuck(Flow(101, 900), Ns(later + 2))
    assert not p.health.stuck(Flow(101, 0), Ns(later + 10 * STUCK))
    assert not p.health.stuck(Flow(101, 5), Ns(later + 11 * STUCK - 1))


def test_a_hung_server_is_told_by_look() -> None:
    """Nudge, then swap."""
    p = Patient()
    p.health.typed("Hello?", p.now)
    acts = [p.health.look(Ns(p.now + s * SECOND)) for s in range(60)]
    assert [act for act in acts if act is not Act.NOTHING] == [Act.NUDGE, Act.SWAP]
    assert p.health.closed() == "Hello?", "it is asked again"


@pytest.mark.parametrize(
    ("model", "proactive"),
    [
        ("gemini-3.8-live", True),
        ("gemini-3.8-live-extended-thinking", False),
        ("gemini-3.1-flash-live-preview", False),
        ("gemini-2.5-flash-native-audio-preview-12-2025", False),
        ("somebody-elses", True),
    ],
)
def test_which_models_may_be_silent(model: str, proactive: bool) -> None:
    """By profile; a model that nobody knows gets the benefit of the doubt."""
    config = Config()
    live = msgspec.structs.replace(config.live, model=model)
    limits = limits_of(msgspec.structs.replace(config, live=live))
    assert limits == Limits(Ns(540 * SECOND), Ns(15 * SECOND), Ns(45 * SECOND), proactive)
