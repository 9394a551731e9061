"""Tokens become money by the price list, and the day's budget warns once and ends once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.config.options import Price
from lived.config.options import Usage as Limits
from lived.units import MIC_RATE, Frames, Ns, Turn
from lived.wire.events import Budget, Event, Spent
from lived.wire.events import Usage as UsageEvent
from lived_workers.gateway.costs import Alarm, Day, Till, cost_of, priced
from lived_workers.gateway.happenings import Usage
from lived_workers.gateway.purse import SAVE_EVERY, Purse

TURN = Usage(626, 63, 729, {"AUDIO": 287, "TEXT": 312}, {"AUDIO": 63}, thoughts=40)
"""A recorded turn: 27 tokens of the prompt are in no detail."""
MONDAY, TUESDAY = "2026-11-23", "2026-11-24"


def test_what_is_paid_for() -> None:
    """Sound, text and images apart; thoughts are text, and so is what the server does not break down."""
    assert priced(TURN) == {"audio_in": 287, "text_in": 339, "audio_out": 63, "text_out": 40}
    assert cost_of(priced(TURN), Price()) == pytest.approx((287 * 3 + 339 * 0.75 + 63 * 12 + 40 * 4.5) / 1e6)


def test_other_modalities() -> None:
    """Images and video have one price; what nobody knows is text where it was given, sound where it was produced."""
    odd = Usage(10, 5, 15, {"IMAGE": 4, "VIDEO": 3, "SMELL": 2}, {"TEXT": 2}, tools=7)
    assert priced(odd) == {"image_in": 7, "text_in": 2 + 1 + 7, "text_out": 2, "audio_out": 3}
    assert priced(Usage(0, 0, 0, {}, {})) == {}


@given(st.integers(0, 10**6), st.dictionaries(st.sampled_from(["AUDIO", "TEXT", "IMAGE", "X"]), st.integers(0, 10**6)))
def test_no_token_is_forgotten_or_paid_twice(prompt: int, details: dict[str, int]) -> None:
    """As many as the server counts, or as it breaks down when that is more."""
    assert sum(priced(Usage(prompt, 0, 0, details, {})).values()) == max(prompt, sum(details.values()))


def till(budget: float = 0.0, kept: Day | None = None) -> Till:
    """Every report of ``TURN`` costs 0.00205."""
    return Till(Limits(daily_budget=budget), kept or Day())


def test_sums_of_turn_session_and_day() -> None:
    """A turn may be reported in pieces; a new conversation begins its own sum; midnight begins the day's."""
    one = cost_of(priced(TURN), Price())
    counted = till()
    for turn in (1, 1, 2):
        counted.book(Turn(turn), TURN, MONDAY)
    event = counted.event()
    assert (event.turn, event.session, event.day) == pytest.approx((one, 3 * one, 3 * one), abs=1e-6)
    assert event.tokens["audio_in"] == 3 * 287
    counted.new_conversation()
    counted.book(Turn(3), TURN, TUESDAY)
    event = counted.event()
    assert (event.session, event.day) == pytest.approx((one, one), abs=1e-6)
    assert event.tokens["audio_in"] == 287


def test_what_was_not_sent_is_money_too() -> None:
    """An hour of silence that stayed on the device is 90,000 tokens of sound; a new day begins at nothing."""
    till = Till(Limits(), Day())
    till.spare(Frames(3600 * MIC_RATE), MONDAY)
    assert till.event().saved == pytest.approx(90_000 * 3 / 1e6)
    till.book(Turn(1), TURN, MONDAY)
    assert till.event().saved == pytest.approx(0.27)
    till.spare(Frames(0), TUESDAY)
    assert till.event().saved == 0


def test_the_budget_warns_once_and_ends_once() -> None:
    """At its share, and when it is spent; the next day begins anew."""
    counted = till(budget=0.01)
    alarms = [counted.book(Turn(n), TURN, MONDAY).alarm for n in range(7)]
    assert [a for a in alarms if a is not Alarm.NONE] == [Alarm.WARNED, Alarm.SPENT]
    assert alarms.index(Alarm.WARNED) == 3
    assert counted.spent(MONDAY)
    assert not counted.spent(TUESDAY)
    assert counted.book(Turn(9), TURN, TUESDAY).alarm is Alarm.NONE


def test_without_a_budget_nothing_is_said() -> None:
    """However much it costs."""
    counted = till()
    assert {counted.book(Turn(n), TURN, MONDAY).alarm for n in range(100)} == {Alarm.NONE}
    assert not counted.spent(MONDAY)


def test_the_day_outlives_the_process(tmp_path: Path) -> None:
    """A restart goes on with the sum, does not warn again, and knows that nothing is left."""
    events: list[Event] = []
    limits = Limits(daily_budget=0.01)
    purse = Purse(limits, tmp_path, events.append)
    for turn in range(1, 7):
        purse.book(Turn(turn), TURN)
    purse.save()
    assert [e.spent for e in events if isinstance(e, Budget)] == [False, True]
    assert purse.spent
    again = Purse(limits, tmp_path, events.append)
    assert again.spent
    events.clear()
    again.book(Turn(8), TURN)
    assert not any(isinstance(e, Budget) for e in events)
    (told,) = [e for e in events if isinstance(e, Spent)]
    assert told.day == pytest.approx(7 * cost_of(priced(TURN), Price()), abs=1e-6)
    (usage,) = [e for e in events if isinstance(e, UsageEvent)]
    assert (usage.prompt, usage.thoughts) == (626, 40)
    assert usage.cost == pytest.approx(0.002051, abs=1e-6)
    assert (tmp_path / "usage.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b'{"day": 3}', b"\xff\xfe"])
def test_a_broken_file_costs_only_the_memory(tmp_path: Path, content: bytes) -> None:
    """The day begins anew, and the file is written again."""
    (tmp_path / "usage.json").write_bytes(content)
    purse = Purse(Limits(daily_budget=1.0), tmp_path, lambda _: None)
    assert not purse.spent
    purse.book(Turn(1), TURN)
    purse.tick(SAVE_EVERY)
    assert Purse(Limits(daily_budget=0.001), tmp_path, lambda _: None).spent


def test_it_is_written_now_and_then(tmp_path: Path) -> None:
    """Not with every turn: an SD card wears out."""
    purse = Purse(Limits(), tmp_path, lambda _: None)
    purse.book(Turn(1), TURN)
    purse.tick(SAVE_EVERY)
    written = (tmp_path / "usage.json").read_bytes()
    purse.book(Turn(2), TURN)
    purse.tick(Ns(2 * SAVE_EVERY - 1))
    assert (tmp_path / "usage.json").read_bytes() == written
    purse.tick(Ns(2 * SAVE_EVERY))
    assert (tmp_path / "usage.json").read_bytes() != written
