"""Sound on the audio bus: topic, 40-byte header, PCM (docs/protocol.md, "Audio bus").

Plain ``struct`` rather than a schema library: this runs in the sound callback.
"""

import struct
from enum import StrEnum
from typing import NamedTuple

from lived.errors import WireError
from lived.units import BYTES_PER_SAMPLE, Epoch, Frames, Hz, Ns, Position, Turn

VERSION = 1
FORMAT_S16LE = 1
MAX_PCM_BYTES = 65_536
"""Nobody sends more than 40 ms (1,920 B); the bound only keeps garbage from costing memory."""

FLAG_OVERFLOW = 1
"""The card reported lost sound just before this chunk; the position already accounts for it."""
FLAG_MUTED = 2
"""The gap before this chunk is intended: the microphone was muted or closed, nothing was lost."""

FLAG_MEANT = 4
"""Meant for the model, says the front end (voice): where it decides what is sent, the rest is kept on the device."""

HEADER = struct.Struct("<BBBBIQQQQ")
"""version, format, channels, flags, rate Hz, epoch, position, time ns, turn."""


class Stream(StrEnum):
    """The named flows of sound."""

    MIC = "mic"
    VOICE = "voice"
    MODEL = "model"
    SPEAKER = "speaker"

    @property
    def topic(self) -> bytes:
        """Ends in a slash, because SUB sockets match prefixes."""
        return f"{self.value}/".encode()

    @property
    def again_topic(self) -> bytes:
        """Where chunks that somebody asked for again are repeated, so that nobody else hears them twice."""
        return f"again/{self.value}/".encode()


_STREAM_OF = {s.topic: s for s in Stream} | {s.again_topic: s for s in Stream}


class Chunk(NamedTuple):
    """An immutable piece of one stream."""

    stream: Stream
    epoch: Epoch
    """Which life of the stream."""
    position: Position
    """Index of the first frame since the epoch began."""
    time: Ns
    """CLOCK_MONOTONIC at which the first frame passed the ADC (mic, voice) or passes the DAC (speaker);
    for model, when it was received."""
    turn: Turn
    """The model's reply this belongs to (model), or that was heard (speaker); of the first chunk that is meant for the
    model (voice): how many frames before it are meant too; 0 elsewhere."""
    rate: Hz
    pcm: bytes
    """Interleaved s16le, whole frames."""
    channels: int = 1
    flags: int = 0

    @property
    def frames(self) -> Frames:
        """Length in frames."""
        return Frames(len(self.pcm) // (BYTES_PER_SAMPLE * self.channels))

    @property
    def end(self) -> Position:
        """Position of the frame after the last one."""
        return Position(self.position + self.frames)


def encode_header(  # the fields of the header: called from the sound callback, so no object in between
    epoch: int, position: int, time: int, turn: int, rate: int, channels: int = 1, flags: int = 0
) -> bytes:
    """The 40 bytes before the PCM. Raises ``struct.error`` when a value does not fit: our own bug."""
    return HEADER.pack(VERSION, FORMAT_S16LE, channels, flags, rate, epoch, position, time, turn)


def header_of(chunk: Chunk) -> bytes:
    """The header that describes ``chunk``."""
    return encode_header(chunk.epoch, chunk.position, chunk.time, chunk.turn, chunk.rate, chunk.channels, chunk.flags)


def decode_chunk(frames: list[bytes]) -> Chunk:
    """Parse the three frames of one audio message.

    Raises:
        WireError: anything that docs/protocol.md does not allow; never another exception.
    """
    if len(frames) != 3:
        raise WireError(f"An audio message has 3 frames, this one has {len(frames)}.")
    topic, header, pcm = frames
    stream = _STREAM_OF.get(topic)
    if stream is None:
        raise WireError(f"Unknown audio topic {topic[:32]!r}.")
    if len(header) != HEADER.size:
        raise WireError(f"An audio header has {HEADER.size} bytes, this one has {len(header)}.")
    version, fmt, channels, flags, rate, epoch, position, time, turn = HEADER.unpack(header)
    if version != VERSION or fmt != FORMAT_S16LE:
        raise WireError(f"Audio header of version {version}, format {fmt}; this program speaks 1, 1.")
    if not channels or not rate:
        raise WireError("An audio header with no channels or no rate.")
    if len(pcm) > MAX_PCM_BYTES or len(pcm) % (BYTES_PER_SAMPLE * channels):
        raise WireError(f"{len(pcm)} bytes of PCM: not whole frames, or over {MAX_PCM_BYTES}.")
    return Chunk(stream, Epoch(epoch), Position(position), Ns(time), Turn(turn), Hz(rate), pcm, channels, flags)
