"""Every metric there is: name, kind, labels, meaning. docs/metrics.md has the same table, held equal by a test. Pure.

A label has a fixed set of values; what is not in it counts as ``other``. The exception is ``worker``, which has the
names that the supervisor uses: as many as the configuration runs.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from lived.delays import BOUNDS_US

OTHER = "other"

FINE_S = tuple(bound / 1_000_000 for bound in BOUNDS_US)
"""Buckets of what has a budget of milliseconds; the same as those of a heartbeat's delays."""

COARSE_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Buckets of what a network or a program takes."""


class Kind(StrEnum):
    """Of Prometheus."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(NamedTuple):
    """One family."""

    name: str
    kind: Kind
    help: str
    labels: Mapping[str, tuple[str, ...]] = {}
    """By label its values; none where they are names of workers or a currency."""
    bounds: tuple[float, ...] = ()
    """Of a histogram, in seconds."""


_STREAMS = ("mic", "voice", "model", "speaker", OTHER)
_WORKER: Mapping[str, tuple[str, ...]] = {"worker": ()}
_CURRENCY: Mapping[str, tuple[str, ...]] = {"currency": ()}
_SESSION = ("off", "connecting", "open", "retrying", "failed")
_FLOORS = ("off", "nobody", "user", "model")
_COUNTER, _GAUGE, _HISTOGRAM = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM

_DAEMON = (
    Metric("lived_build_info", _GAUGE, "Always 1; the version is a label.", {"version": ()}),
    Metric(
        "lived_health",
        _GAUGE,
        "1 for the state that the daemon is in, as livectl status says it.",
        {"state": ("starting", "ready", "degraded", "off")},
    ),
    Metric(
        "lived_worker_state",
        _GAUGE,
        "1 for the state that a worker's process is in.",
        {"worker": (), "state": ("starting", "running", "backoff", "stopping", "exited", "fatal")},
    ),
    Metric("lived_worker_ready", _GAUGE, "1 while a worker does its job.", _WORKER),
    Metric("lived_worker_restarts_total", _COUNTER, "How often a worker was started again, whatever for.", _WORKER),
    Metric(
        "lived_worker_memory_bytes",
        _GAUGE,
        "Memory of a process, proportional: what several share is counted once in all.",
        _WORKER,
    ),
    Metric("lived_worker_cpu_seconds_total", _COUNTER, "CPU time that a worker has used, over all its lives.", _WORKER),
    Metric(
        "lived_bad_messages_total",
        _COUNTER,
        "Messages on the buses that a worker could not read, and ignored.",
        _WORKER,
    ),
)

_SOUND = (
    Metric(
        "lived_capture_handover_seconds",
        _HISTOGRAM,
        "Last sample of 20 ms at the ADC until the card handed it over.",
        bounds=FINE_S,
    ),
    Metric(
        "lived_uplink_delay_seconds",
        _HISTOGRAM,
        "First sample of a message at the ADC until its bytes are on the socket.",
        bounds=FINE_S,
    ),
    Metric(
        "lived_first_sound_seconds",
        _HISTOGRAM,
        "First byte of a reply until its first sample passes the DAC.",
        bounds=(*FINE_S, 2.0, 5.0),
    ),
    Metric(
        "lived_cut_silence_seconds",
        _HISTOGRAM,
        "Order of a cut until the first silent sample passes the DAC; only of cuts that silenced something.",
        {"cause": ("server", "user", "stop", "mute", "local", OTHER)},
        FINE_S,
    ),
    Metric(
        "lived_cuts_total",
        _COUNTER,
        "Replies that were cut.",
        {"cause": ("server", "user", "stop", "mute", "local", OTHER)},
    ),
    Metric("lived_card_overflows_total", _COUNTER, "The card lost sound of the microphone before it was taken."),
    Metric("lived_card_underflows_total", _COUNTER, "The card was not given sound in time, and played something else."),
    Metric("lived_underruns_total", _COUNTER, "Sound of a reply came too late, and it fell silent in the middle."),
    Metric(
        "lived_lost_frames_total",
        _COUNTER,
        "Frames that are lost for good: by the card, or by a reader that nobody could repeat them to.",
        {"stream": _STREAMS, "by": ("card", "gateway", "playback", OTHER)},
    ),
    Metric(
        "lived_dropped_frames_total",
        _COUNTER,
        "Frames of replies that playback refused: full (ten minutes wait already), stale (of an older turn).",
        {"reason": ("full", "stale")},
    ),
    Metric("lived_device_opened_total", _COUNTER, "How often a worker has opened its device.", _WORKER),
    Metric("lived_playback_buffer_seconds", _GAUGE, "Sound of replies that waits to be heard."),
    Metric("lived_echo_erle_decibels", _GAUGE, "How much of the echo the front end takes out; in the middle of 10 s."),
    Metric("lived_echo_delay_seconds", _GAUGE, "How much later the echo comes than the cards' times tell."),
    Metric("lived_echo_drift_ppm", _GAUGE, "How much faster the loudspeaker's clock is than the microphone's."),
    Metric("lived_echo_diverged_ratio", _GAUGE, "Share of the last 10 s of replies whose echo was not taken out."),
    Metric("lived_echo_half_duplex", _GAUGE, "1 while the microphone is silenced during replies."),
    Metric("lived_echo_jumps_total", _COUNTER, "How often the reference was laid anew, because a card stood still."),
    Metric("lived_frontend_absent_total", _COUNTER, "How often the microphone took the place of the front end."),
    Metric("lived_uplink_waiting_messages", _GAUGE, "Messages that wait to be handed to the socket; 50 are a second."),
)

_CONVERSATION = (
    Metric("lived_session_state", _GAUGE, "1 for the state that the session is in.", {"state": _SESSION}),
    Metric("lived_session_changes_total", _COUNTER, "How often the session came into a state.", {"state": _SESSION}),
    Metric(
        "lived_session_swaps_total",
        _COUNTER,
        "Connections that were replaced by another: why, and what the model knows afterwards.",
        {
            "cause": ("goaway", "age", "hung", "lost", "settings", OTHER),
            "kept": ("resumed", "reseeded", "forgotten", OTHER),
        },
    ),
    Metric(
        "lived_session_gap_seconds",
        _HISTOGRAM,
        "End of a connection until the next one was set up; what is said meanwhile is kept.",
        bounds=COARSE_S,
    ),
    Metric("lived_session_goaways_total", _COUNTER, "The server announced that it would close the connection."),
    Metric("lived_floor", _GAUGE, "1 for who may be heard.", {"floor": _FLOORS}),
    Metric("lived_floor_seconds_total", _COUNTER, "How long each had the floor.", {"floor": _FLOORS}),
    Metric("lived_muted", _GAUGE, "1 while the microphone is muted."),
    Metric("lived_volume_ratio", _GAUGE, "Loudness of the model, 0 to 1."),
    Metric("lived_turns_total", _COUNTER, "Replies that began."),
    Metric("lived_heard_seconds_total", _COUNTER, "Sound of replies that was really heard."),
    Metric(
        "lived_tokens_total",
        _COUNTER,
        "Tokens, by what they are paid as.",
        {"kind": ("audio_in", "audio_out", "image_in", "text_in", "text_out", OTHER)},
    ),
    Metric("lived_cost_total", _COUNTER, "What the conversation has cost.", _CURRENCY),
    Metric(
        "lived_spent",
        _GAUGE,
        "What the last turn, this session and this day have cost.",
        {"period": ("turn", "session", "day"), "currency": ()},
    ),
    Metric("lived_budget", _GAUGE, "What a day may cost (usage.daily_budget); 0 = no limit.", _CURRENCY),
    Metric("lived_tool_calls_total", _COUNTER, "Calls of tools that ended.", {"outcome": ("result", "error")}),
    Metric("lived_tool_seconds", _HISTOGRAM, "How long a tool took.", bounds=COARSE_S),
    Metric(
        "lived_hook_runs_total",
        _COUNTER,
        "Programs of [[hooks]] that were run.",
        {"outcome": ("ok", "failed", "timeout", "flood")},
    ),
    Metric("lived_hook_dropped_total", _COUNTER, "Events that a hook was too slow for."),
)

CATALOGUE: Mapping[str, Metric] = {m.name: m for m in (*_DAEMON, *_SOUND, *_CONVERSATION)}
