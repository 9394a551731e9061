"""Why there is a conversation but no connection: nobody spoke for long, or the day's money is spent. A table. Pure."""

from enum import StrEnum


class Rest(StrEnum):
    """How the conversation is."""

    OFF = "off"
    """None is wanted."""
    AWAKE = "awake"
    ASLEEP = "asleep"
    """Hung up because nobody spoke; the handle is kept."""
    BROKE = "broke"
    """Hung up because the day's budget is spent; the handle is kept."""


class Input(StrEnum):
    """What can happen to it."""

    START = "start"
    STOP = "stop"
    WAKE = "wake"
    """Somebody wants to speak: typed text, a button."""
    TIRED = "tired"
    """Nobody has spoken for conversation.idle_minutes."""
    SPENT = "spent"
    NEW_DAY = "new day"


TABLE: dict[tuple[Rest, Input], Rest] = {
    (Rest.OFF, Input.START): Rest.AWAKE,
    (Rest.OFF, Input.STOP): Rest.OFF,
    (Rest.OFF, Input.WAKE): Rest.OFF,
    (Rest.OFF, Input.TIRED): Rest.OFF,
    (Rest.OFF, Input.SPENT): Rest.OFF,
    (Rest.OFF, Input.NEW_DAY): Rest.OFF,
    (Rest.AWAKE, Input.START): Rest.AWAKE,
    (Rest.AWAKE, Input.STOP): Rest.OFF,
    (Rest.AWAKE, Input.WAKE): Rest.AWAKE,
    (Rest.AWAKE, Input.TIRED): Rest.ASLEEP,
    (Rest.AWAKE, Input.SPENT): Rest.BROKE,
    (Rest.AWAKE, Input.NEW_DAY): Rest.AWAKE,
    (Rest.ASLEEP, Input.START): Rest.AWAKE,
    (Rest.ASLEEP, Input.STOP): Rest.OFF,
    (Rest.ASLEEP, Input.WAKE): Rest.AWAKE,
    (Rest.ASLEEP, Input.TIRED): Rest.ASLEEP,
    (Rest.ASLEEP, Input.SPENT): Rest.BROKE,
    (Rest.ASLEEP, Input.NEW_DAY): Rest.ASLEEP,
    (Rest.BROKE, Input.START): Rest.BROKE,
    (Rest.BROKE, Input.STOP): Rest.OFF,
    (Rest.BROKE, Input.WAKE): Rest.BROKE,
    (Rest.BROKE, Input.TIRED): Rest.BROKE,
    (Rest.BROKE, Input.SPENT): Rest.BROKE,
    (Rest.BROKE, Input.NEW_DAY): Rest.AWAKE,
}
"""What wakes nobody who is broke would spend what is not there."""
