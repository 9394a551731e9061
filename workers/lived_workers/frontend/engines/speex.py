"""libspeexdsp's canceller through ctypes: linear, keeps a user who talks over a loud reply, and leaves some echo.

Debian's package libspeexdsp1. Stands before another canceller (``Cascade``), never alone.
"""

import ctypes
import ctypes.util

from lived.units import MIC_RATE, Ms, frames_in

FRAMES = 160
TAIL = frames_in(Ms(300), MIC_RATE)
"""How long an echo may come after its reference, its reverberation included."""

_SET_SAMPLING_RATE = 24


class SpeexMissingError(Exception):
    """The library is not there."""


class Speex:
    """See Canceller."""

    def __init__(self) -> None:
        """Raises SpeexMissingError."""
        name = ctypes.util.find_library("speexdsp")
        if name is None:
            raise SpeexMissingError
        self._library = library = ctypes.CDLL(name)
        library.speex_echo_state_init.restype = ctypes.c_void_p
        library.speex_echo_state_init.argtypes = [ctypes.c_int, ctypes.c_int]
        library.speex_echo_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
        library.speex_echo_cancellation.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p]
        library.speex_echo_state_reset.argtypes = [ctypes.c_void_p]
        self._state = library.speex_echo_state_init(FRAMES, TAIL)  # for the life of the process
        library.speex_echo_ctl(self._state, _SET_SAMPLING_RATE, ctypes.byref(ctypes.c_int(MIC_RATE)))
        self._out = ctypes.create_string_buffer(2 * FRAMES)

    def process(self, near: bytes, far: bytes) -> bytes:
        """See Canceller."""
        self._library.speex_echo_cancellation(self._state, near, far, self._out)
        return self._out.raw

    def reset(self) -> None:
        """See Canceller."""
        self._library.speex_echo_state_reset(self._state)
