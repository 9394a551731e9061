"""Sound devices: the only importer of sounddevice, and it imports it only when a card is really wanted.

``Keeper`` keeps one device open through everything; ``CardInput`` and ``CardOutput`` are the devices of PortAudio;
``PacedThread`` stands in for a card's thread where a file or nothing takes its place.
"""

from lived.soundcard.card import CardInput, CardOutput, Wish
from lived.soundcard.device import DeviceInfo
from lived.soundcard.keeper import Keeper, SoundBack
from lived.soundcard.listing import devices
from lived.soundcard.paced import Pace, PacedThread
from lived.soundcard.portaudio import hush
from lived.soundcard.states import State
from lived.soundcard.timeline import Timeline

__all__ = [
    "CardInput",
    "CardOutput",
    "DeviceInfo",
    "Keeper",
    "Pace",
    "PacedThread",
    "SoundBack",
    "State",
    "Timeline",
    "Wish",
    "devices",
    "hush",
]
