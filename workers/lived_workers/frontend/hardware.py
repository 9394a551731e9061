"""Microphones that cancel their loudspeaker's echo by themselves, by their names. Pure.

A second canceller behind theirs has no reference that fits, and takes the user's words.
"""

CANCELLING = (
    "jabra speak", "powerconf", "speakerphone", "anker s330", "respeaker xvf", "xvf3800", "xvf3500",
    "emeet", "poly sync", "konftel", "echo-cancel", "echo cancel",
)  # fmt: skip
"""Parts of names, in lower case: speakerphones, microphone arrays with a canceller, the sound servers' own module."""


def cancels(device: str) -> bool:
    """Whether the device of this name does."""
    name = device.lower()
    return any(part in name for part in CANCELLING)
