"""Whether what the canceller left is still the reply, by its waveform. Pure.

Words that are left of a reply are speech, and look like the user's to whoever measures energy. But they begin wherever
the reply's waves begin, a fixed time later: the correlation with the reference has a peak there, and none where
somebody else speaks. Asked only when the ear is about to cut.
"""

from lived.units import MIC_RATE
from lived_workers.frontend.correlation import Correlation
from lived_workers.frontend.memory import BLOCK_MS, Memory

_LOOKED_AT_MS = 380
"""Of what is left: a syllable or two. With 260 some of the reply was not known, 510 were no better (docs/echo.md)."""
_LATEST_MS = 400
"""After its reference can an echo come: 100 ms where its delay was found, more until then."""
_LEFT_BLOCKS = _LOOKED_AT_MS // BLOCK_MS
_FAR_BLOCKS = (_LOOKED_AT_MS + _LATEST_MS) // BLOCK_MS
_CORRELATION = Correlation(_LOOKED_AT_MS * MIC_RATE // 1000, before=_LATEST_MS * MIC_RATE // 1000)

ECHO = 9.0
"""Peak over RMS from which on it is the reply. Voices that have nothing to do with it have 4 to 7, seldom more."""


def peak(memory: Memory) -> float:
    """Of the correlation of the last 380 ms with the reference up to 400 ms before, over its RMS: about 4 where they
    are strangers, 0 where either is silent or too little was heard."""
    if memory.heard < _FAR_BLOCKS:
        return 0.0
    return _CORRELATION.peak(memory.left(_LEFT_BLOCKS), memory.far(_FAR_BLOCKS)).height


def is_reply(memory: Memory) -> bool:
    """Whether it has the reply's waves."""
    return peak(memory) >= ECHO
