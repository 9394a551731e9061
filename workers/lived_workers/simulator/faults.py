"""What can be made to go wrong, by name: where each fault may stand and how it is written in a scenario.

A new fault: a name here, and its doing where the group says (`frame_faults` for frames, `timeline` for the shape of a
reply, `content_faults` for what it says, `calling` for functions, `misconduct` for the session, `server` for the
handshake); and a row in docs/simulator.md.
"""

import difflib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from lived_workers.simulator.closes import (
    CONTEXT_EXHAUSTED,
    DEADLINE,
    INTERNAL,
    QUOTA,
    TOKEN_EXPIRED,
    TOKEN_SPENT,
    UNAVAILABLE,
    Close,
)
from lived_workers.simulator.content_faults import CONTENT_FAULTS
from lived_workers.simulator.frame_faults import FRAME_FAULTS


class ScenarioError(ValueError):
    """The scenario is wrong; the text is one sentence for its author."""


class TriggerKind(StrEnum):
    """What a fault waits for; the number after the colon says which one, or how long."""

    NOW = "now"
    CONNECT = "connect"
    """The Nth connection, from 1; the fault takes the place of what would come next."""
    TURN = "turn"
    """The first sound of the Nth turn of the model (counted over all connections)."""
    CALL = "call"
    """The Nth toolCall."""
    ANSWER = "answer"
    """The Nth toolCall of which every call is answered."""
    RESUME = "resume"
    """The Nth connection that brings a handle; like connect, before setupComplete."""
    SPEECH = "speech"
    """The Nth time that the user begins to speak."""
    AFTER_S = "after_s"
    """So many seconds after setupComplete, in the first connection that lives so long (or in the first `times`)."""


UPGRADE_FAULTS: Final = frozenset({"refuse", "no_upgrade"})
SETUP_FAULTS: Final = frozenset({"no_setup_complete", "slow_setup", "handle_rejected", "last_turn_lost"})
NAMED_CLOSES: Final[Mapping[str, Close]] = {
    "context_exhausted": CONTEXT_EXHAUSTED,
    "deadline": DEADLINE,
    "internal_error": INTERNAL,
    "quota": QUOTA,
    "token_expired": TOKEN_EXPIRED,
    "token_spent": TOKEN_SPENT,
    "unavailable": UNAVAILABLE,
    "cap_reached": Close(1000),
}
"""Closes of which nobody should have to remember code and words."""
SESSION_FAULTS: Final = frozenset(
    {
        "close",
        "reset",
        "half_open",
        "stall_reading",
        "go_away",
        "go_away_and_close",
        "go_away_silence",
        "go_away_now",
        "garbage",
        "stall_reply",
        "interrupt",
        "double_interrupted",
        "interruption_storm",
        "unasked_reply",
        *NAMED_CLOSES,
        *FRAME_FAULTS,
    }
)
SHAPE_FAULTS: Final = frozenset(
    {
        "all_text_opcode",
        "two_parts",
        "odd_bytes",
        "rate_48k",
        "wrong_rate",
        "missing_rate",
        "transcript_only",
        "transcript_after_audio",
    }
)
CALL_FAULTS: Final = frozenset(
    {
        "call_reissued",
        "answered_call_cancelled",
        "unknown_function",
        "malformed_args",
        "args_not_object",
        "thirty_calls",
        "call_during_reconnect",
        "call_then_close",
        "go_away_mid_call",
        "promise_no_call",
        "audio_aborts_call",
    }
)
"""They need a reply with `calls`."""
ONLY_REPLY_FAULTS: Final = SHAPE_FAULTS | frozenset(CONTENT_FAULTS) | CALL_FAULTS
"""In a [[fault]], or injected, they are for the next reply."""
REPLY_FAULTS: Final = ONLY_REPLY_FAULTS | frozenset(FRAME_FAULTS) | {"garbage"}
KNOWN_FAULTS: Final = UPGRADE_FAULTS | SETUP_FAULTS | SESSION_FAULTS | ONLY_REPLY_FAULTS
_UNSENDABLE: Final = frozenset({1004, 1005, 1006, 1015})


def nearest(word: str, known: Iterable[str]) -> str:
    """ " (did you mean `x`?)" for a misspelt word, else the list of what there is."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f" (did you mean `{close[0]}`?)" if close else f"; there are {', '.join(names)}"


class Trigger(msgspec.Struct, frozen=True):
    """A parsed `on`."""

    kind: TriggerKind
    number: float | None
    """None: any."""


def parse_trigger(text: str) -> Trigger:
    """`"turn:2"` -> Trigger; raises ScenarioError."""
    name, colon, number = text.partition(":")
    if name not in set(TriggerKind):
        raise ScenarioError(f"unknown trigger `{text}`{nearest(name, TriggerKind)}")
    kind = TriggerKind(name)
    if kind is TriggerKind.NOW:
        return Trigger(kind, 0)
    if number == "*" and kind is not TriggerKind.AFTER_S:
        return Trigger(kind, None)
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not colon or value < 0 or (kind is not TriggerKind.AFTER_S and (value < 1 or value != int(value))):
        raise ScenarioError(f"`{text}` needs a number after the colon, as in `{name}:2`")
    return Trigger(kind, value)


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to go wrong. Which fields count depends on `do`."""

    do: str
    on: str = "now"
    at_s: float = 0.0
    """Seconds to wait after the trigger."""
    s: float = 3.0
    """Seconds: how long a stall lasts, a slow setup takes, the time left that goAway names."""
    code: int = 1011
    """Close code."""
    reason: str | None = None
    """Close reason; None = what the API says with this code."""
    status: int = 503
    """HTTP status of a refused upgrade."""
    count: int = 1
    """How often a frame is sent."""
    times: int = 1
    """How often the trigger may fire it; 0 = always."""

    @property
    def trigger(self) -> Trigger:
        """`on`, parsed; raises ScenarioError."""
        return parse_trigger(self.on)


class Armed(msgspec.Struct):
    """A fault that waits; `left` is how often it may still fire (it goes below 0 for one that may always)."""

    fault: Fault
    left: int

    def waits_for(self, kind: TriggerKind, number: int | None) -> bool:
        """Whether the `number`th `kind` sets it off; None: any."""
        trigger = self.fault.trigger
        return trigger.kind is kind and (number is None or trigger.number in (None, number))


def check_fault(fault: Fault) -> None:
    """Raises ScenarioError for a fault that could never be carried out."""
    if fault.do not in KNOWN_FAULTS:
        raise ScenarioError(f"unknown fault `{fault.do}`{nearest(fault.do, KNOWN_FAULTS)}")
    kind = fault.trigger.kind
    while_connecting = (
        {TriggerKind.CONNECT} if fault.do in UPGRADE_FAULTS else {TriggerKind.CONNECT, TriggerKind.RESUME}
    )
    if fault.do in UPGRADE_FAULTS | SETUP_FAULTS and kind not in while_connecting:
        raise ScenarioError(f'`{fault.do}` happens while connecting: write on = "connect:1"')
    if not 1000 <= fault.code <= 4999 or fault.code in _UNSENDABLE:
        raise ScenarioError(f"close code {fault.code} cannot be sent (use `reset` for what a client sees as 1006)")
    if not 400 <= fault.status <= 599:
        raise ScenarioError(f"HTTP status {fault.status} does not refuse anything: use 400 to 599")
    if min(fault.s, fault.at_s, fault.times) < 0 or fault.count < 1:
        raise ScenarioError(f"a number of fault `{fault.do}` is negative, or its count under 1")
