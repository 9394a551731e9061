"""Sound devices: the only importer of sounddevice, and it imports it only when a card is really wanted.

``Keeper`` (of ``lived.device``) keeps one open through everything; ``CardInput`` and ``CardOutput`` are the devices
of PortAudio; ``PacedThread`` stands in for a card's thread where a file or nothing takes its place.
"""

from lived.device import Keeper
from lived.soundcard.card import CardInput, CardOutput, Wish
from lived.soundcard.device import DeviceInfo
from lived.soundcard.listing import devices
from lived.soundcard.paced import Pace, PacedThread
from lived.soundcard.portaudio import hush
from lived.soundcard.timeline import Timeline

__all__ = [
    "CardInput",
    "CardOutput",
    "DeviceInfo",
    "Keeper",
    "Pace",
    "PacedThread",
    "Timeline",
    "Wish",
    "devices",
    "hush",
]
