"""Two daemons on one card: the second is told who has it, and waits.

ALSA alone does not do: a card may have several substreams, or go to whoever asks first after a failure. So a daemon
marks the card itself: a lock on its control device, one byte for each PCM and direction. Every process that may use the
card reaches that file, whichever systemd or sandbox it belongs to, and nobody else does; the kernel lets go when its
holder dies.
Devices of a sound server or of dmix are shared on purpose, and not marked.
"""

import fcntl
import os
import struct
from pathlib import Path

from lived.errors import DeviceError
from lived.soundcard.device import DeviceInfo, Direction, hardware

_SND = Path("/dev/snd")
_FLOCK = "hhqqi4x"
"""struct flock of 64-bit Linux: type, whence, start, length, process."""


class Claim:
    """One direction of one PCM of a card, held until released."""

    def __init__(self, file: int) -> None:
        """``file``: the descriptor that holds the lock; less than 0 where nothing is held."""
        self._file = file

    @classmethod
    def of(cls, device: DeviceInfo, direction: Direction) -> "Claim":
        """Mark it. What is no hardware, or cannot be marked, is not: then the card's own "busy" has to do.

        Raises:
            DeviceError: another daemon has it.
        """
        place = hardware(device.name)
        if place is None:
            return cls(-1)
        card, number = place
        try:
            file = os.open(_SND / f"controlC{card}", os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return cls(-1)
        start = 2 * number + (direction == "output")
        # of the open file, not of the process: ALSA opens and closes the same device in this process
        wanted = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, start, 1, 0)
        try:
            fcntl.fcntl(file, fcntl.F_OFD_SETLK, wanted)
        except BlockingIOError:
            os.close(file)
            kind = "microphone" if direction == "input" else "loudspeaker"
            raise DeviceError(f"The {kind} {taken(device)}") from None
        except OSError:
            os.close(file)
            return cls(-1)
        return cls(file)

    def release(self) -> None:
        """Let others have it. Idempotent."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def taken(device: DeviceInfo) -> str:
    """What to tell the second daemon's people, behind "The loudspeaker"."""
    return (
        f"'{device.name}' is in use by another lived on this machine: 'livectl status' and 'sudo livectl status' tell "
        "which; stop one of them with 'livectl stop --daemon', or give them different cards."
    )
