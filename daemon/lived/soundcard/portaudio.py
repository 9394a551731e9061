"""PortAudio itself: loading, refreshing, listing, and its errors as sentences. The only importer of sounddevice."""

import contextlib
import faulthandler
import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lived.errors import DeviceError
from lived.soundcard.device import RATES, DeviceInfo, Direction, hardware

UNAVAILABLE = -9985
"""paDeviceUnavailable: somebody else has it."""
WRONG_FORMAT = frozenset({-9997, -9998, -9994})
"""paInvalidSampleRate, paInvalidChannelCount, paSampleFormatNotSupported: another format may do."""

_ASOUND = Path("/proc/asound")


def load() -> Any:
    """The sounddevice module; PortAudio is initialised with the first call.

    Raises:
        DeviceError: the library is missing or does not start.
    """
    try:
        with quiet():
            import sounddevice
    except OSError as error:
        raise DeviceError("PortAudio is missing: install it with 'sudo apt install libportaudio2'.") from error
    except Exception as error:  # its PortAudioError cannot be named while its import fails
        raise DeviceError(f"PortAudio does not start: {error}.") from error
    return sounddevice


def refresh() -> None:
    """Look for devices again: PortAudio does so only when it begins (10-90 ms). Kills this process's streams.

    Raises:
        DeviceError: it does not start again.
    """
    sd = load()
    with quiet():
        try:
            if sd._initialized:  # 0 when the last attempt ended between the two calls
                sd._terminate()
            sd._initialize()
        except sd.PortAudioError as error:
            raise DeviceError(f"PortAudio does not start: {sentence(error)}.") from error


def listed() -> list[DeviceInfo]:
    """The devices PortAudio knows, without the rates (finding those out opens every device).

    Raises:
        DeviceError: PortAudio is missing.
    """
    sd = load()
    with quiet():
        found = [dict(d) for d in sd.query_devices()]
        apis = sd.query_hostapis()
    # a machine's default is that of its first API with devices: ALSA here
    default_input = next((a["default_input_device"] for a in apis if a["default_input_device"] >= 0), -1)
    default_output = next((a["default_output_device"] for a in apis if a["default_output_device"] >= 0), -1)
    return [
        DeviceInfo(
            index=index,
            name=d["name"],
            card_id=_card_id(d["name"]),
            inputs=d["max_input_channels"],
            outputs=d["max_output_channels"],
            default_rate=int(d["default_samplerate"]),
            default_input=index == default_input,
            default_output=index == default_output,
        )
        for index, d in enumerate(found)
    ]


def accepts(device: DeviceInfo, direction: Direction, rate: int, channels: int) -> bool:
    """Whether ``device`` takes 16-bit sound like this. Opens it for a moment: False when it is busy."""
    sd = load()
    check = sd.check_input_settings if direction == "input" else sd.check_output_settings
    with quiet():
        try:
            check(device=device.index, channels=channels, dtype="int16", samplerate=rate)
        except (sd.PortAudioError, ValueError):
            return False
    return True


def rates(device: DeviceInfo, direction: Direction) -> tuple[int, ...]:
    """Those of ``RATES`` that ``device`` accepts, in mono or with all its channels."""
    most = device.channels(direction)
    counts = [n for n in (1, 2, most) if n <= most]
    return tuple(r for r in RATES if any(accepts(device, direction, r, n) for n in counts))


def sentence(error: Exception) -> str:
    """What PortAudio says, without its framing."""
    message = str(error.args[0]) if error.args else str(error)
    host = error.args[2][2] if len(error.args) > 2 else ""
    return f"{message}: {host}" if host else message


def user_of(device: DeviceInfo, direction: Direction) -> str:
    """Which program has opened a busy ALSA device; "" where that cannot be known."""
    place = hardware(device.name)
    if not place:
        return ""
    card, number = place
    status = _ASOUND / f"card{card}" / f"pcm{number}{direction[0].replace('i', 'c').replace('o', 'p')}/sub0/status"
    with contextlib.suppress(OSError, ValueError):
        for line in status.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "owner_pid":
                return Path(f"/proc/{int(value)}/comm").read_text().strip()
    return ""


def _card_id(name: str) -> str:
    place = hardware(name)
    with contextlib.suppress(OSError):
        return (_ASOUND / f"card{place[0]}" / "id").read_text().strip() if place else ""
    return ""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No text of ALSA, PortAudio or JACK on stderr meanwhile: they complain about devices nobody asked for."""
    sys.stderr.flush()
    kept = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(null, 2)
    os.close(null)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def hush() -> None:
    """For sound workers: what libraries write to stderr goes nowhere from now on, what Python logs goes on.

    A device that vanishes makes PortAudio print from its own thread at any time, so a moment's ``quiet`` will not do.
    """
    sys.stderr.flush()
    ours = os.fdopen(os.dup(2), "w", buffering=1)
    null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(null, 2)
    os.close(null)
    sys.stderr = ours
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(ours)
    faulthandler.enable(ours)
    faulthandler.register(signal.SIGUSR1, file=ours, all_threads=True)
