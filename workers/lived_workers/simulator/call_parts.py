"""The two parts of a reply that calls functions, what is said before and after, and the ids of calls. Pure."""

import random
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from lived_workers.simulator.scenario import CallIds, Reply

LONGEST_ANSWER: Final = 400
"""Characters of an answer that are spoken: some 30 s."""
FILLER: Final = "Let me see."
"""What an extended model says when the scenario gives it no words."""
_IDS: Final[Mapping[CallIds, tuple[str, int]]] = {
    CallIds.FUNCTION_CALL: ("function-call-", 19),
    CallIds.FC: ("fc_", 16),
    CallIds.CALL: ("call_", 16),
}
"""What an id begins with, and how many digits follow."""


def new_id(style: CallIds, rng: random.Random) -> str:
    """The id of a call."""
    prefix, digits = _IDS[style]
    return prefix + str(rng.randrange(10 ** (digits - 1), 10**digits))


def before(reply: Reply, call_ms: float, blocking: bool, extended: bool) -> Reply:
    """The part of a reply before its functions are answered; without a filler it has no sound."""
    filler = reply.filler or (FILLER if extended else None)
    if filler is not None:
        return Reply(text=filler, heard=reply.heard, first_audio_ms=reply.first_audio_ms)
    wait_ms = 0.0 if blocking else call_ms + 5.0  # its turn is complete when the call is made
    return Reply(marks_s=0.0, transcript="", heard=reply.heard, first_audio_ms=wait_ms)


def after(reply: Reply, said: list[str], answer_ms: float) -> Reply:
    """What is spoken when the functions have answered `said`, `answer_ms` after the last answer."""
    wait_ms = answer_ms if reply.answer_ms is None else reply.answer_ms
    spoken = replace(reply, calls=[], filler=None, first_audio_ms=wait_ms)
    if not (reply.speak_answer and said):
        return spoken
    text = " ".join(said)[:LONGEST_ANSWER]
    return replace(spoken, text=text, recording=None, marks_s=None, parrot=False, speak_answer=False)
