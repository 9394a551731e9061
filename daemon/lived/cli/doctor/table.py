"""Every check. In the order in which they are told."""

from collections.abc import Callable
from typing import NamedTuple

from lived.cli.doctor.finding import Finding
from lived.cli.doctor.probe import frontend, live, machine, network, service, sound
from lived.cli.doctor.site import Site


class Check(NamedTuple):
    """One look at the device."""

    name: str
    look: Callable[[Site], list[Finding]]


CHECKS = (
    Check("python", machine.python),
    Check("configuration", service.configuration),
    Check("daemon", service.daemon),
    Check("service", service.scope),
    Check("leftovers", service.leftovers),
    Check("sound server", sound.server),
    Check("groups", sound.groups),
    Check("card", sound.holders),
    Check("sound", sound.soundcheck),
    Check("front end", frontend.frontend),
    Check("real time", machine.realtime),
    Check("clock", machine.clock),
    Check("disk", machine.disk),
    Check("temperature", machine.temperature),
    Check("throttling", machine.throttling),
    Check("wi-fi", network.wifi),
    Check("proxy", network.proxy),
    Check("dns", network.dns),
    Check("tls", network.tls),
)
"""Side by side."""

LAST = (Check("session", live.session),)
"""Importing the SDK keeps a small board busy, which would spoil the sound."""
