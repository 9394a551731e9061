"""What the user says in the demo, when, and what the stand-in answers."""

import random
import wave
from array import array
from pathlib import Path
from typing import NamedTuple

from lived.units import MIC_RATE, SECOND, Ns

SPEECH = Path(__file__).parent.parent / "demo_speech"

SILENCE_MS = 600
"""Quiet after which the server takes the user to have finished: the default of live.vad.silence_ms."""
FIRST_AUDIO_MS = 300
"""From there to the first sound of a reply, as the scenario below has it."""
OPENING_S = 1.5
"""Before the first word: the session is being opened. Were it too short, nothing would be lost, only late."""
PAUSE_S = 0.6
"""Between the end of an answer and the next question."""
TALK_OVER_S = 2.5
"""How far into the second answer the user interrupts."""
ROOM_S = 30.0
"""Length of the recording: it outlasts the demo, so there is never digital silence."""

_NOISE = 8
"""Amplitude of the room's noise (-78 dBFS): nobody hears it, and it makes every frame one of its kind, so that a loss
in the silence is found too."""
_SEED = 1


class Answer(NamedTuple):
    """What the stand-in is told to say; ``recordings`` are its own."""

    recordings: tuple[str, ...]
    seconds: float


class Exchange(NamedTuple):
    """A sentence of the user, and its answer."""

    recording: str
    text: str
    answer: Answer
    over: bool = False
    """It is spoken over the answer before it."""


EXCHANGES = (
    Exchange("ask_weather", "What is the weather like today?", Answer(("answer_weather",), 3.3)),
    Exchange("ask_story", "Please tell me a story.", Answer(("answer_story", "answer_train", "answer_music"), 10.2)),
    Exchange("enough", "Thank you, that is enough.", Answer(("answer_goodbye",), 2.6), over=True),
)


class Cue(NamedTuple):
    """When a sentence begins and ends, in seconds since the recording began."""

    exchange: Exchange
    begin: float
    end: float


def cues(lengths: dict[str, float]) -> list[Cue]:
    """The times of all sentences, given the length of each recording in seconds."""
    found: list[Cue] = []
    begin = OPENING_S
    for exchange, following in zip(EXCHANGES, [*EXCHANGES[1:], None], strict=True):
        end = begin + lengths[exchange.recording]
        found.append(Cue(exchange, begin, end))
        answered = end + (SILENCE_MS + FIRST_AUDIO_MS) / 1000
        over = following is not None and following.over
        begin = answered + (TALK_OVER_S if over else exchange.answer.seconds + PAUSE_S)
    return found


def scenario() -> str:
    """The stand-in's script, TOML."""
    replies = "\n".join(_reply(exchange) for exchange in EXCHANGES)
    return f"seed = {_SEED}\n\n[timing]\nsetup_ms = 50\nfirst_audio_ms = {FIRST_AUDIO_MS}\n\n{replies}"


def _reply(exchange: Exchange) -> str:
    return f'[[reply]]\nrecording = "{"+".join(exchange.answer.recordings)}"\nheard = "{exchange.text}"\n'


def write(path: Path) -> list[Cue]:
    """Make the user's recording, 16 kHz mono 16-bit WAV; when each sentence is in it.

    Raises OSError: it cannot be written.
    """
    sentences = {exchange.recording: _read(exchange.recording) for exchange in EXCHANGES}
    times = cues({name: len(samples) / MIC_RATE for name, samples in sentences.items()})
    sound = _noise(int(ROOM_S * MIC_RATE))
    for cue in times:
        start = int(cue.begin * MIC_RATE)
        for index, sample in enumerate(sentences[cue.exchange.recording], start):
            sound[index] += sample
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MIC_RATE)
        file.writeframes(sound.tobytes())
    return times


def talk_over(times: list[Cue], began: Ns) -> Ns:
    """When the user begins to talk over the answer, the recording having begun at ``began``."""
    return Ns(began + int(next(cue.begin for cue in times if cue.exchange.over) * SECOND))


def _read(name: str) -> "array[int]":
    with wave.open(str(SPEECH / f"{name}.wav"), "rb") as file:
        return array("h", file.readframes(file.getnframes()))


def _noise(frames: int) -> "array[int]":
    # not for secrecy: the same noise each time is wanted
    values = random.Random(_SEED).randbytes(frames)  # noqa: S311
    return array("h", (value % (2 * _NOISE + 1) - _NOISE for value in values))
