"""The table of README: a row for each budget, both programs beside it. Pure."""

from statistics import median
from typing import Any, NamedTuple

from bench import judge
from bench.figures import percentile
from bench.session import Record
from bench.tape import BLOCK_MS

PREBUFFER_MS = 100.0
"""As it comes (audio.prebuffer_ms)."""


class Seen(NamedTuple):
    """All measurements of one program."""

    cold_ms: list[float]
    talk: Record
    busy: Record
    away: Record


def table(lived: Seen, naive: Seen, card_ms: float) -> list[dict[str, Any]]:
    """Every row; smaller is better but for the tail. ``card_ms``: see ``tape.card_delay_ms``."""
    return [
        *_cut_rows(lived, naive, card_ms),
        *_uplink_rows(lived, naive),
        *_reply_rows(lived, naive, card_ms),
        *_cost_rows(lived, naive),
        _row("cold start to first captured frame", "ms", 1000.0, median(lived.cold_ms), median(naive.cold_ms)),
    ]


def _row(
    what: str,
    unit: str,
    budget: float | None,
    lived: float,
    naive: float | None,
    more_is_better: bool = False,
    **note: Any,
) -> dict[str, Any]:
    """One row. ``ratio``: how many times better lived is; ``ahead``: not behind the naive way; ``ok``: within its
    budget, or ahead where there is none."""
    within = budget is None or (lived >= budget if more_is_better else lived <= budget)
    ratio = None
    if naive is not None:
        better, worse = (naive, lived) if more_is_better else (lived, naive)
        ratio = 1.0 if better == worse else (round(worse / better, 2) if better else None)
    ahead = naive is None or (lived >= naive if more_is_better else lived <= naive)
    return {
        "what": what,
        "unit": unit,
        "budget": budget,
        "lived": round(lived, 2),
        "naive": None if naive is None else round(naive, 2),
        "ratio": ratio,
        "ahead": ahead,
        "ok": ahead if budget is None else within,
        **note,
    }


def _cut_rows(lived: Seen, naive: Seen, card: float) -> list[dict[str, Any]]:
    ours, theirs = judge.cuts(lived.talk), judge.cuts(naive.talk)
    a, b = [c.silent_ms for c in ours], [c.silent_ms for c in theirs]
    inside = [(silent - ordered) / 1e6 for ordered, silent in lived.talk.notes.get("cuts", [])]
    return [
        _row("interrupted on the wire to silence, p50", "ms", None, percentile(a, 50), percentile(b, 50)),
        _row("interrupted on the wire to silence, p99", "ms", None, percentile(a, 99), percentile(b, 99), cuts=len(a)),
        _row(
            "cut to silence at the DAC, p99",
            "ms",
            round(BLOCK_MS + 5 + card, 1),
            percentile(inside, 99),
            None,
            note=f"device period + 5 ms + {card:.1f} ms that the card had been handed before the cut",
        ),
        _row("replies heard again after their cut", "", 0.0, _came_back(ours), _came_back(theirs)),
    ]


def _came_back(cuts: list[judge.CutHeard]) -> float:
    return float(sum(c.came_back for c in cuts))


def _uplink_rows(lived: Seen, naive: Seen) -> list[dict[str, Any]]:
    a, b = judge.uplink(lived.talk), judge.uplink(naive.talk)
    busy_a, busy_b = judge.uplink(lived.busy), judge.uplink(naive.busy)
    counters = {w["name"]: w["counters"] for w in lived.talk.notes["status"]["workers"]}
    late, inside = counters["capture"]["handover_p99_us"] / 1000, counters["gateway"]["uplink_p99_us"] / 1000
    away_a, away_b = judge.uplink(lived.away), judge.uplink(naive.away)
    return [
        _row("ADC to stand-in, p50", "ms", None, a.delay_p50_ms, b.delay_p50_ms),
        _row("ADC to stand-in, p99", "ms", None, a.delay_p99_ms, b.delay_p99_ms),
        _row(
            "ADC to the bytes on the socket, p99, of the last minute",
            "ms",
            round(a.message_ms + 2.0 + late + lived.talk.lateness_ms, 1),
            inside,
            None,
            note=f"message + 2 ms + {late:.1f} ms (p99) after which the card gave us a block that had passed its ADC "
            f"+ {lived.talk.lateness_ms:.1f} ms (p99) by which this machine woke an idle timer late",
        ),
        _row("frames lost or doubled on the way up", "", 0.0, _off(a), _off(b)),
        _row("frames lost or doubled on the way up, all cores busy", "", 0.0, _off(busy_a), _off(busy_b)),
        _row("frames lost or doubled on the way up, network away for 5 s", "", 0.0, _off(away_a), _off(away_b)),
    ]


def _off(uplink: judge.Uplink) -> float:
    return float(uplink.missing + uplink.extra)


def _reply_rows(lived: Seen, naive: Seen, card: float) -> list[dict[str, Any]]:
    ours, theirs = judge.replies(lived.talk), judge.replies(naive.talk)
    began_a, began_b = judge.beginnings(lived.talk), judge.beginnings(naive.talk)
    busy_a, busy_b = judge.replies(lived.busy), judge.replies(naive.busy)
    return [
        _row(
            "first byte of a reply to sound that goes on, p50",
            "ms",
            round(PREBUFFER_MS + BLOCK_MS + card, 1),
            percentile([b.first_sound_ms for b in began_a], 50),
            percentile([b.first_sound_ms for b in began_b], 50),
        ),
        _row("replies that stop again in their first second", "", 0.0, _stopped(began_a), _stopped(began_b)),
        _row("frames lost or doubled of a whole reply", "", 0.0, _wrong(ours[:1]), _wrong(theirs[:1])),
        _row("frames lost or doubled of a whole reply, all cores busy", "", 0.0, _wrong(busy_a), _wrong(busy_b)),
        _row("heard of a reply whose turnComplete is early", "%", 100.0, _share(ours[1:2]), _share(theirs[1:2]), True),
    ]


def _stopped(beginnings: list[judge.Beginning]) -> float:
    return float(sum(b.holes > 0 for b in beginnings))


def _wrong(replies: list[judge.Reply]) -> float:
    return float(sum(r.sent - r.heard + r.doubled for r in replies))


def _share(replies: list[judge.Reply]) -> float:
    sent = sum(r.sent for r in replies)
    return 100.0 * sum(r.heard for r in replies) / sent if sent else 0.0


def _cost_rows(lived: Seen, naive: Seen) -> list[dict[str, Any]]:
    a, b = lived.talk, naive.talk
    return [
        _cost("CPU listening", "% of a core", 15.0, a.cpu["listening"], b.cpu["listening"]),
        _cost("CPU talking", "% of a core", 15.0, a.cpu["talking"], b.cpu["talking"]),
        _cost("memory, proportional", "MB", 100.0, a.memory, b.memory),
    ]


def _cost(what: str, unit: str, budget: float, lived: dict[str, float], naive: dict[str, float]) -> dict[str, Any]:
    parts = {name: round(value, 1) for name, value in lived.items()}
    return _row(what, unit, budget, sum(lived.values()), sum(naive.values()), parts=parts)
