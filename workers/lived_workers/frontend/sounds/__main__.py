"""Writes the sounds anew: python -m lived_workers.frontend.sounds."""

import wave

from lived.units import BYTES_PER_SAMPLE, MODEL_RATE
from lived_workers.frontend.sounds import FOLDER
from lived_workers.frontend.sounds.tune import NOTES, tune

for name in NOTES:
    with wave.open(str(FOLDER / f"{name}.wav"), "wb") as file:
        file.setparams((1, BYTES_PER_SAMPLE, MODEL_RATE, 0, "NONE", ""))
        file.writeframes(tune(name))
