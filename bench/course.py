"""What is said to the program under test, and what it is answered: the same for everyone."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import lived_workers.simulator
from bench.figures import Samples

RATE = 16_000
SPEECH = Path(lived_workers.simulator.__file__).parent / "speech"
BED = 40
"""Loudest sample of the noise under everything: -58 dB, inaudible to the stand-in. It makes every 64 samples unique."""

ANSWER_S = 2.0
"""End of a question to the first sound of its reply: silence that ends the turn 0.8 s, thinking 0.5 s, and room."""


@dataclass(frozen=True)
class Course:
    """The user's sound, the scenario for the stand-in, and the windows (s) in which CPU is counted."""

    sound: Samples
    scenario: str
    listening: tuple[float, float]
    talking: tuple[float, float]

    @property
    def seconds(self) -> float:
        """How long the user's sound lasts."""
        return len(self.sound) / RATE

    def write(self, path: Path) -> Path:
        """The user's sound as a WAV."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(self.sound.tobytes())
        return path


def _question(name: str) -> Samples:
    with wave.open(str(SPEECH / f"question_{name}.wav")) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


def conversation(cuts: int) -> Course:
    """Silence; a question with a reply that is heard out; one whose ``turnComplete`` comes early; then replies of a
    minute that are talked over, ``cuts`` times."""
    questions: list[tuple[float, str]] = [(10.0, "weather"), (26.0, "story")]
    at = 38.0
    for i in range(cuts + 1):
        questions.append((at, "stop" if i else "weather"))
        at += 7.0 if i < cuts else 4.0
    replies = ['marks_s = 10.0\nheard = "steady"', 'marks_s = 6.0\nturn_complete = "early"']
    replies += ["marks_s = 60.0"] * cuts + ["marks_s = 0.5"]
    return Course(_said(questions, at), _scenario(replies), listening=(1.0, 9.0), talking=(14.5, 21.5))


def steady(seconds: float) -> Course:
    """One question, and a reply of ``seconds`` that is heard out while the user goes on being heard."""
    end = 3.0 + ANSWER_S + seconds + 6.0
    return Course(_said([(1.0, "weather")], end), _scenario([f"marks_s = {seconds}"]), (0.0, 0.0), (0.0, 0.0))


def listening(seconds: float) -> Course:
    """Nobody asks anything; the noise of the room is sent."""
    return Course(_said([], seconds), _scenario(["silent = true"]), (0.0, 0.0), (0.0, 0.0))


def _said(questions: list[tuple[float, str]], seconds: float) -> Samples:
    # the seed is fixed: every program hears the same
    bed = np.random.default_rng(24).integers(-BED, BED + 1, int(seconds * RATE)).astype(np.int32)
    for at, name in questions:
        voice = _question(name)
        begin = int(at * RATE)
        bed[begin : begin + len(voice)] += voice[: len(bed) - begin]
    return np.clip(bed, -32768, 32767).astype(np.int16)


def _scenario(replies: list[str]) -> str:
    return "".join(f"[[reply]]\n{reply}\n\n" for reply in replies)
