"""The states of the connection to the Live API, as a table. Pure."""

from enum import StrEnum


class Link(StrEnum):
    """As in the event ``session.state``."""

    OFF = "off"
    CONNECTING = "connecting"
    OPEN = "open"
    RETRYING = "retrying"
    """Lost or refused; the next attempt is a matter of time."""
    FAILED = "failed"
    """A person is needed."""


class Step(StrEnum):
    """What can happen to it."""

    DIAL = "dial"
    OPENED = "opened"
    SWAP = "swap"
    """Given up for another one, as planned."""
    LOST = "lost"
    REFUSED = "refused"
    HANG_UP = "hang up"
    SPENT = "spent"
    """There is no money for it."""


TABLE: dict[tuple[Link, Step], Link] = {
    (Link.OFF, Step.DIAL): Link.CONNECTING,
    (Link.OFF, Step.HANG_UP): Link.OFF,
    (Link.OFF, Step.SPENT): Link.FAILED,
    (Link.CONNECTING, Step.OPENED): Link.OPEN,
    (Link.CONNECTING, Step.LOST): Link.RETRYING,
    (Link.CONNECTING, Step.REFUSED): Link.FAILED,
    (Link.CONNECTING, Step.HANG_UP): Link.OFF,
    (Link.CONNECTING, Step.SPENT): Link.FAILED,
    (Link.OPEN, Step.SWAP): Link.CONNECTING,
    (Link.OPEN, Step.LOST): Link.RETRYING,
    (Link.OPEN, Step.REFUSED): Link.FAILED,
    (Link.OPEN, Step.HANG_UP): Link.OFF,
    (Link.OPEN, Step.SPENT): Link.FAILED,
    (Link.RETRYING, Step.DIAL): Link.CONNECTING,
    (Link.RETRYING, Step.HANG_UP): Link.OFF,
    (Link.RETRYING, Step.SPENT): Link.FAILED,
    (Link.FAILED, Step.DIAL): Link.CONNECTING,
    (Link.FAILED, Step.HANG_UP): Link.OFF,
    (Link.FAILED, Step.SPENT): Link.FAILED,
}
"""What is missing cannot happen: it would be a fault in this program."""
