"""microWakeWord through pymicro-wakeword: TensorFlow Lite, four models in the wheel. Its only importer.

A model of one's own is a .json with its .tflite beside it, as the trainer of microWakeWord writes them.
"""

import json
from pathlib import Path

from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

from lived_workers.frontend.wake.once import Once

_MAGIC = slice(4, 8)
_TFLITE = b"TFL3"
"""File identifier of TensorFlow Lite (schema 3); the library crashes on anything else."""


class ModelError(Exception):
    """A model cannot be used. The text is a sentence for the user."""


class Word:
    """One word: its model, its name, and whether it was told already."""

    def __init__(self, name: str, model: MicroWakeWord) -> None:
        self.name = name
        self.model = model
        self.once = Once()


class Micro:
    """See Spotter. All words share one computation of features."""

    missing = ""

    def __init__(self, words: list[Word]) -> None:
        self._features = MicroWakeWordFeatures()
        self._words = words

    def hear(self, pcm: bytes) -> str | None:
        """See Spotter."""
        found: set[str] = set()
        for features in self._features.process_streaming(pcm):
            found.update(word.name for word in self._words if word.model.process_streaming(features))
        told = [word.name for word in self._words if word.once.take(heard=word.name in found)]
        return told[0] if told else None

    def reset(self) -> None:
        """See Spotter. Takes 20 ms a word: the library loads the models anew."""
        self._features.reset()
        for word in self._words:
            word.model.reset()
            word.once = Once()


def builtin(name: str) -> Word:
    """One of the words in the wheel."""
    return Word(name, MicroWakeWord.from_builtin(Model(name)))


def own(path: Path) -> Word:
    """A model of one's own, named like its file. Raises ModelError."""
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
        model = path.parent / description["model"]
        with model.open("rb") as file:
            identifier = file.read(8)[_MAGIC]
    except OSError as error:
        raise ModelError(f"{error.filename} cannot be read ({error.strerror}); correct frontend.wake.models.") from None
    except (ValueError, KeyError, TypeError):
        raise ModelError(f"{path} does not describe a microWakeWord model; take the trainer's .json.") from None
    if identifier != _TFLITE:
        raise ModelError(f"{model} is no TensorFlow Lite model; take the trainer's .tflite.")
    try:
        return Word(path.stem, MicroWakeWord.from_config(path))
    except (ValueError, KeyError, TypeError, RuntimeError):
        raise ModelError(f"{path} does not describe a microWakeWord model; take the trainer's .json.") from None
