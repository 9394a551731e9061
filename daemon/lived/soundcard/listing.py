"""The list of devices for ``livectl devices``."""

from msgspec.structs import replace

from lived.soundcard import portaudio
from lived.soundcard.device import DeviceInfo


def devices() -> list[DeviceInfo]:
    """Every device with the rates it accepts. Opens each for a moment, so a busy one accepts none.

    Raises:
        DeviceError: PortAudio is missing.
    """
    return [
        replace(d, input_rates=portaudio.rates(d, "input"), output_rates=portaudio.rates(d, "output"))
        for d in portaudio.listed()
    ]
