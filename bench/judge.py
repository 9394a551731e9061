"""From what was recorded to figures. Pure."""

from typing import Any, NamedTuple

import numpy as np

from bench.figures import (
    AUDIBLE,
    Piece,
    Samples,
    first_audible,
    last_audible,
    lost,
    pause_after,
    percentile,
    pieces,
    source_of,
)
from bench.session import Record

SPEAKER_RATE = 24_000
MIC_RATE = 16_000
SILENT_S = 0.2
"""A pause so long is the end of a reply, not a hole in it."""
HOLE = 120
"""Frames (5 ms): a shorter pause is no pause to anybody."""
EDGE = 240
"""Frames (10 ms) at the edge of a piece that may be fades: heard, though not the same."""


class Uplink(NamedTuple):
    """The way of the user's sound to the stand-in."""

    delay_p50_ms: float
    """From the ADC to the stand-in, of the first frame of each message."""
    delay_p99_ms: float
    message_ms: float
    """Sound in one message: no program can be quicker than that."""
    missing: int
    extra: int


def uplink(record: Record) -> Uplink:
    """Compare what the stand-in heard with what the microphone gave."""
    assert record.heard is not None
    audio = [e for e in record.entries if e["kind"] == "audio"]
    parts = pieces(record.heard, record.mic.sound)
    known = [p for p in parts if p.frames >= MIC_RATE // 100]
    if not known:
        return Uplink(0.0, 0.0, 0.0, len(record.mic.sound), 0)
    first, last = known[0].at, known[-1].at + known[-1].frames
    delays = []
    for entry in audio:
        source = source_of(known, entry["offset"] // 2)
        if source is not None:
            delays.append((entry["t_ns"] - record.mic.time_of(source)) / 1e6)
    message_ms = percentile([e["bytes"] / 2 / MIC_RATE * 1000 for e in audio], 50)
    found = lost(known, last - first)
    return Uplink(
        percentile(delays, 50),
        percentile(delays, 99),
        message_ms,
        found.missing + _never_came(known, record.mic.sound),
        found.extra,
    )


def _never_came(parts: list[Piece], said: Samples) -> int:
    """Frames behind the last one that arrived, up to the last that was said (digital silence follows it)."""
    end = int(np.flatnonzero(said)[-1]) + 1
    return max(0, end - (parts[-1].source + parts[-1].frames))


class Reply(NamedTuple):
    """One turn: what was sent, and how much of it was heard."""

    turn: int
    sent: int
    heard: int
    doubled: int


def _sent(record: Record, what: str) -> list[dict[str, Any]]:
    return [e for e in record.entries if e["kind"] == "sent" and e["what"] == what]


def _turns(record: Record) -> dict[int, list[dict[str, Any]]]:
    """The sound of each turn as it was sent, turns in order."""
    found: dict[int, list[dict[str, Any]]] = {}
    for entry in _sent(record, "audio"):
        found.setdefault(entry["turn"], []).append(entry)
    return found


def replies(record: Record) -> list[Reply]:
    """What was heard of each reply that nobody talked over."""
    assert record.spoken is not None
    turns = _turns(record)
    interrupted = {e["turn"] for e in _sent(record, "interrupted") if "turn" in e}
    starts = {turn: sent[0]["t_ns"] for turn, sent in turns.items()}
    out = []
    for turn, sent in turns.items():
        if turn in interrupted:
            continue
        later = [t for t in starts.values() if t > starts[turn]]
        window = record.speaker.sound[
            record.speaker.index_at(starts[turn]) : record.speaker.index_at(min(later)) if later else None
        ]
        whole = np.concatenate([record.spoken[e["offset"] // 2 : (e["offset"] + e["bytes"]) // 2] for e in sent])
        out.append(_reply(turn, whole, window))
    return out


def _reply(turn: int, whole: Samples, window: Samples) -> Reply:
    parts = pieces(window, whole)
    covered = np.zeros(len(whole), dtype=np.int32)
    for part in parts:
        before, behind = _faded(window, part)
        covered[max(0, part.source - before) : part.source + part.frames + behind] += 1
    heard = int(np.count_nonzero(covered))
    # overlapping edges are fades, not doubles
    doubled = max(0, sum(p.frames for p in parts) - heard)
    return Reply(turn, len(whole), heard, doubled)


class Beginning(NamedTuple):
    """How one reply began, also of one that was talked over later."""

    first_sound_ms: float
    """First byte on the wire to sound that goes on: it does not stop again within its first second."""
    holes: int
    """How often it stopped for more than ``HOLE`` frames in its first second."""


def beginnings(record: Record) -> list[Beginning]:
    """Of every reply that was heard at all."""
    firsts = sorted(sent[0]["t_ns"] for sent in _turns(record).values())
    found = []
    for first, following in zip(firsts, [*firsts[1:], None], strict=True):
        end = record.speaker.index_at(following) if following else None
        starts = begins(record.speaker.sound[record.speaker.index_at(first) : end])
        if starts:
            found.append(Beginning(1000 * starts[-1] / SPEAKER_RATE, len(starts) - 1))
    return found


def begins(window: Samples) -> list[int]:
    """Indices at which sound begins, and begins again behind each hole of its first second; empty for silence."""
    first = first_audible(window)
    if first is None:
        return []
    loud = first + np.flatnonzero(np.abs(window[first : first + SPEAKER_RATE].astype(np.int32)) > AUDIBLE)
    return [first, *(int(behind) for behind in loud[1:][np.diff(loud) > HOLE])]


def _faded(window: Samples, part: Piece) -> tuple[int, int]:
    """How many audible frames touch ``part`` on either side."""
    before = window[max(0, part.at - EDGE) : part.at]
    behind = window[part.at + part.frames : part.at + part.frames + EDGE]
    quiet = np.flatnonzero(before == 0)
    left = len(before) - (int(quiet[-1]) + 1 if len(quiet) else 0)
    last = np.flatnonzero(behind == 0)
    return left, int(last[0]) if len(last) else len(behind)


class CutHeard(NamedTuple):
    """One interruption, as it was heard."""

    silent_ms: float
    """``interrupted`` on the wire to silence at the loudspeaker."""
    came_back: bool
    """Sound of the old reply was heard again after it had gone silent."""


def cuts(record: Record) -> list[CutHeard]:
    """Every interruption of a reply that was being heard."""
    sound = record.speaker.sound
    begins = sorted(sent[0]["t_ns"] for sent in _turns(record).values())
    out = []
    for entry in _sent(record, "interrupted"):
        at = record.speaker.index_at(entry["t_ns"])
        before = sound[max(0, at - SPEAKER_RATE // 10) : at]
        if last_audible(before) is None:
            continue
        silent = pause_after(sound, at, int(SILENT_S * SPEAKER_RATE))
        if silent is None:
            continue
        following = next((t for t in begins if t > entry["t_ns"]), None)
        rest = sound[silent : record.speaker.index_at(following) if following else None]
        out.append(CutHeard(1000 * (silent - at) / SPEAKER_RATE, last_audible(rest) is not None))
    return out
