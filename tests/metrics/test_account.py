"""What events do to the metrics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.units import Epoch, Frames, Ms, Ns, Position, Turn
from lived.wire.events import (
    Cut,
    CutDone,
    Event,
    FloorChanged,
    Hello,
    Loss,
    Ready,
    SessionState,
    Spent,
    Swapped,
    ToolAnswer,
    TurnBegan,
    TurnHeard,
    TurnPlayed,
    WorkerState,
)
from lived_workers.metrics.account import ANSWERS_KEPT, Account
from lived_workers.metrics.catalogue import CATALOGUE, OTHER, Kind
from lived_workers.metrics.climb import Climb
from lived_workers.metrics.store import Histogram
from lived_workers.metrics.turns import KEPT
from metrics.stage import ages, beat, began
from wire.strategies import EVENTS

MS = 1_000_000


def told(*events: Event, account: Account | None = None) -> Account:
    """An account of these events, a second apart."""
    account = account or Account("1.2.3")
    for second, event in enumerate(events):
        account.take(event, Ns(second * 1000 * MS))
    return account


def number(account: Account, name: str, *labels: str) -> float:
    """One value."""
    (found,) = [s.value for s in account.store.samples() if (s.metric.name, s.labels) == (name, labels)]
    return found


def histogram(account: Account, name: str, *labels: str) -> Histogram:
    """One histogram."""
    return account.store.histogram(name, *labels)


def counters(account: Account) -> dict[tuple[str, tuple[str, ...]], float]:
    """All series that only grow."""
    return {(s.metric.name, s.labels): s.value for s in account.store.samples() if s.metric.kind is Kind.COUNTER}


@given(st.lists(EVENTS, min_size=1, max_size=30))
def test_no_event_breaks_it_and_no_label_is_made_up(events: list[Event]) -> None:
    """Whatever is said: counters never fall, and labels have the values of the catalogue."""
    account = Account("1")
    before = counters(account)
    for second, event in enumerate(events):
        account.take(event, Ns(second))
        now = counters(account)
        assert all(now[key] >= value for key, value in before.items())
        before = now
    supervised = {e.worker for e in events if isinstance(e, WorkerState)}
    for sample in account.store.samples():
        for (label, allowed), value in zip(sample.metric.labels.items(), sample.labels, strict=True):
            assert not allowed or value in (*allowed, OTHER)
            assert label != "worker" or value in supervised


def test_a_counter_goes_on_over_a_restart() -> None:
    """What a process counts begins at 0 with each of its lives; the metric does not."""
    account = told(*began("capture"), beat("capture", overflows=3), beat("capture", overflows=5))
    assert number(account, "lived_card_overflows_total") == 5
    told(*began("capture"), beat("capture", overflows=2), account=account)
    assert number(account, "lived_card_overflows_total") == 7


def test_what_was_before_us_is_not_ours() -> None:
    """A worker that was there first: only what it counts from now on; a count that it did not have yet is new."""
    account = told(WorkerState(worker="capture", state="running"), beat("capture", overflows=100))
    assert number(account, "lived_card_overflows_total") == 0
    told(beat("capture", overflows=101, opened=1), account=account)
    assert number(account, "lived_card_overflows_total") == 1
    assert number(account, "lived_device_opened_total", "capture") == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=40))
def test_a_climb_is_the_sum_of_its_steps(steps: list[tuple[bool, int]]) -> None:
    """Whatever begins anew in between."""
    climb, count, sum_of_rises = Climb(), 0, 0.0
    climb.fresh("a")
    for again, step in steps:
        if again:
            climb.fresh("a")
            count = 0
        count += step
        sum_of_rises += climb.rises("a", {"n": count})["n"]
    assert sum_of_rises == sum(step for _, step in steps)


def test_delays_are_histograms() -> None:
    """Added up over lives, in seconds."""
    account = told(*began("gateway"), beat("gateway", uplink=ages(us25000=3)))
    told(*began("gateway"), beat("gateway", uplink=ages(us25000=1, us50000=2)), account=account)
    found = histogram(account, "lived_uplink_delay_seconds")
    assert [(b, c) for b, c in zip(found.bounds, found.counts, strict=False) if c] == [(0.025, 4), (0.05, 2)]
    assert found.sum == pytest.approx(4 * 0.025 + 2 * 0.05)
    assert histogram(account, "lived_capture_handover_seconds").sum == 0


def test_depths_are_what_they_are_now() -> None:
    """Seconds of sound that wait."""
    account = told(*began("playback"), beat("playback", waiting_frames=24_000), beat("playback", waiting_frames=6_000))
    assert number(account, "lived_playback_buffer_seconds") == 0.25


def cut(turn: int, at_ms: int, cause: str = "user") -> Cut:
    """Ordered."""
    return Cut(turn=Turn(turn), cause=cause, time=Ns(at_ms * MS))


def silent(turn: int, heard: int, at_ms: int) -> CutDone:
    """Obeyed."""
    return CutDone(turn=Turn(turn), heard_turn=Turn(heard), heard_frames=Frames(1), silent_at=Ns(at_ms * MS))


def test_a_cut_is_measured_from_its_first_order() -> None:
    """By its cause, once; a cut that silenced nothing is no measurement."""
    account = told(
        cut(4, 1000), cut(4, 1009, "server"), silent(4, 4, 1012), silent(4, 4, 1900), cut(5, 2000), silent(5, 0, 2500)
    )
    found = histogram(account, "lived_cut_silence_seconds", "user")
    assert (sum(found.counts), round(found.sum, 6)) == (1, 0.012)
    assert number(account, "lived_cuts_total", "user") == 2
    assert number(account, "lived_cuts_total", "server") == 0


def test_first_sound() -> None:
    """From the first byte to the DAC, once for each reply, also when it fell silent in between."""
    start = TurnBegan(turn=Turn(7), epoch=Epoch(1), position=Position(0), time=Ns(100 * MS))
    heard = TurnHeard(turn=Turn(7), time=Ns(230 * MS))
    account = told(start, heard, heard)
    found = histogram(account, "lived_first_sound_seconds")
    assert (sum(found.counts), round(found.sum, 6)) == (1, 0.13)
    assert number(account, "lived_turns_total") == 1


def test_heard_sound_counts_once() -> None:
    """A turn may be said to be played again, with more of it."""
    played = [TurnPlayed(turn=Turn(3), frames=Frames(frames)) for frames in (24_000, 36_000, 36_000)]
    assert number(told(*played), "lived_heard_seconds_total") == 1.5


def test_turns_that_nothing_comes_of_are_forgotten() -> None:
    """Memory is bounded."""
    account = Account("1")
    for turn in range(1, 200):
        account.take(cut(turn, turn), Ns(turn))
        account.take(TurnBegan(turn=Turn(turn), epoch=Epoch(1), position=Position(0), time=Ns(1)), Ns(turn))
    assert len(account._turns._cut) == len(account._turns._began) == KEPT


def test_the_floor_is_timed() -> None:
    """Seconds of each, up to the moment of asking."""
    account = told(FloorChanged(floor="nobody"), FloorChanged(floor="model"), FloorChanged(floor="nobody"))
    account.tick(Ns(5000 * MS))
    assert number(account, "lived_floor_seconds_total", "nobody") == 4
    assert number(account, "lived_floor_seconds_total", "model") == 1
    assert (number(account, "lived_floor", "nobody"), number(account, "lived_floor", "model")) == (1, 0)


def test_restarts_and_states() -> None:
    """The first start is none; a worker that is not running is not ready."""
    states = [WorkerState(worker="hooks", state=s) for s in ("starting", "running")]
    account = told(*states, Ready(worker="hooks"), Ready(worker="stranger"))
    assert number(account, "lived_worker_restarts_total", "hooks") == 0
    assert number(account, "lived_worker_ready", "hooks") == 1
    told(WorkerState(worker="hooks", state="backoff"), *states, account=account)
    assert number(account, "lived_worker_restarts_total", "hooks") == 1
    assert number(account, "lived_worker_ready", "hooks") == 0
    assert number(account, "lived_worker_state", "hooks", "running") == 1
    assert number(account, "lived_worker_state", "hooks", "backoff") == 0


def test_processes_come_and_go() -> None:
    """Only those that the supervisor has named, while they live."""
    account = told(*began("capture", 7), Hello(worker="stranger", pid=8))
    assert account.crew.pids == {"capture": 7}
    told(WorkerState(worker="capture", state="backoff"), account=account)
    assert account.crew.pids == {}


def test_sessions() -> None:
    """Swaps by cause and outcome; states that were entered; unknown causes are one."""
    swap = Swapped(cause="goaway", kept="resumed", gap_ms=Ms(640), lost=Frames(0))
    account = told(
        *(SessionState(state=s) for s in ("connecting", "open", "open", "retrying", "open")),
        *(swap, swap, Swapped(cause="magic", kept="luck", gap_ms=Ms(0), lost=Frames(0))),
    )
    assert number(account, "lived_session_changes_total", "open") == 2
    assert number(account, "lived_session_state", "open") == 1
    assert number(account, "lived_session_swaps_total", "goaway", "resumed") == 2
    assert number(account, "lived_session_swaps_total", "other", "other") == 1
    assert round(histogram(account, "lived_session_gap_seconds").sum, 3) == 1.28


def spent(day: float, **tokens: int) -> Spent:
    """What a day has cost."""
    return Spent(currency="EUR", turn=0.1, session=0.2, day=day, budget=2.0, tokens=tokens)


def test_money_goes_on_over_midnight() -> None:
    """The day's sums begin at 0 again; the counters do not. What was spent before us is not ours."""
    account = told(spent(0.5, audio_in=100), spent(0.75, audio_in=160, text_in=5), spent(0.25, audio_in=10))
    assert number(account, "lived_cost_total", "EUR") == 0.5
    assert number(account, "lived_tokens_total", "audio_in") == 70
    assert number(account, "lived_tokens_total", "text_in") == 5
    assert number(account, "lived_spent", "day", "EUR") == 0.25
    assert number(account, "lived_budget", "EUR") == 2.0


def test_losses() -> None:
    """By stream and by who missed them."""
    missed = Loss(worker="gateway", stream="mic", epoch=Epoch(1), position=Position(0), frames=Frames(320))
    foreign = Loss(worker="x", stream="y", epoch=Epoch(1), position=Position(0), frames=Frames(1))
    account = told(missed, missed, foreign, *began("capture"), beat("capture", lost_frames=160))
    assert number(account, "lived_lost_frames_total", "mic", "gateway") == 640
    assert number(account, "lived_lost_frames_total", "mic", "card") == 160
    assert number(account, "lived_lost_frames_total", "other", "other") == 1


def test_an_answer_counts_once() -> None:
    """It is repeated whenever a session opens; a part of one is none."""

    def answer(call: str, more: bool = False) -> ToolAnswer:
        return ToolAnswer(call=call, name="x", response={"error": "No."}, took_ms=Ms(200), more=more)

    account = told(answer("a", more=True), answer("a"), answer("a"))
    assert number(account, "lived_tool_calls_total", "error") == 1
    assert histogram(account, "lived_tool_seconds").sum == 0.2
    for n in range(2 * ANSWERS_KEPT):
        account.take(answer(str(n)), Ns(0))
    assert len(account._answered) == ANSWERS_KEPT


def test_the_catalogue_follows_the_conventions() -> None:
    """Prefix, unit, _total for counters and for nothing else; buckets in order."""
    for metric in CATALOGUE.values():
        assert metric.name.startswith("lived_")
        assert (metric.kind is Kind.COUNTER) == metric.name.endswith("_total"), metric.name
        assert (metric.kind is Kind.HISTOGRAM) == bool(metric.bounds), metric.name
        assert list(metric.bounds) == sorted(set(metric.bounds))
        assert metric.help.endswith(".")
