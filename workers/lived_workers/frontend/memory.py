"""What was heard, played and left lately: for those who look back at it now and then. Pure."""

from collections import deque
from itertools import islice

import numpy as np

from lived_workers.frontend.correlation import Samples

BLOCK_MS = 10
BLOCKS = 160
"""1.6 s: what the longest look (``delay``) wants of the reference."""
_SILENCE = bytes(320)


class Memory:
    """Block by block of 10 ms, 16 kHz mono s16le: 154 kB. What was before is silence."""

    def __init__(self) -> None:
        self._near: deque[bytes] = deque(maxlen=BLOCKS)
        self._far: deque[bytes] = deque(maxlen=BLOCKS)
        self._left: deque[bytes] = deque(maxlen=BLOCKS)
        self.heard = 0
        """Blocks since ``reset``, as many as are kept: a correlation of few is no proof."""
        self.reset()

    def take(self, near: bytes, far: bytes, left: bytes) -> None:
        """What the microphone heard, the reference, and what the canceller left."""
        self._near.append(near)
        self._far.append(far)
        self._left.append(left)
        self.heard = min(self.heard + 1, BLOCKS)

    def reset(self) -> None:
        """Another microphone, or another place of the reference: what was does not fit what comes."""
        for blocks in (self._near, self._far, self._left):
            blocks.extend([_SILENCE] * BLOCKS)
        self.heard = 0

    def near(self, blocks: int, before: int = 0) -> Samples:
        """The microphone's last ``blocks``, without the ``before`` newest."""
        return _samples(self._near, blocks, before)

    def far(self, blocks: int) -> Samples:
        """The reference's last ``blocks``."""
        return _samples(self._far, blocks)

    def left(self, blocks: int) -> Samples:
        """The last ``blocks`` of what is left."""
        return _samples(self._left, blocks)


def _samples(blocks: deque[bytes], count: int, before: int = 0) -> Samples:
    end = BLOCKS - before
    return np.frombuffer(b"".join(islice(blocks, end - count, end)), np.int16).astype(np.float64)
