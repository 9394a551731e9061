"""python -m bench.listening: what voice activity, barge-in by ear and wake words cost, and how right they are.

From the recordings in tests/speech alone: one reader, one synthetic speaker, synthetic noises. No room, no echo: for
those there is bench.room. CPU is that of this machine and of one core.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

import numpy as np

from bench.listening_scenes import BLOCK, RATE, SPEECH, Phrase, Samples, load, mixed, noises, phrases, talk
from lived.config.options import Bargein as BargeinOptions
from lived.config.options import Frontend, Speech, Uplink, Wake
from lived.config.options.frontend import WAKE_WORDS
from lived.units import MILLISECOND, NO_TURN, Ns, Turn
from lived_workers.frontend.bargein import Bargein, Cut, Duck
from lived_workers.frontend.listener import Listener
from lived_workers.frontend.noise import cleaner
from lived_workers.frontend.speech import SpeechTracker
from lived_workers.frontend.vad import Detector, detector
from lived_workers.frontend.vad.earshot_engine import Earshot
from lived_workers.frontend.vad.silero_engine import Silero
from lived_workers.frontend.wake import spotter

SPAN = Ns(10 * MILLISECOND)
NOISE_S = 60
TURN = Turn(1)
NEVER = float("nan")

ENGINES: dict[str, Callable[[], Detector]] = {
    "silero": Silero,
    "earshot": Earshot,
    "silero behind earshot": lambda: detector("silero"),
}
MODULES = {
    "numpy": "import numpy",
    "earshot": "import numpy; from lived_workers.frontend.vad.earshot_engine import Earshot; Earshot()",
    "silero": "from lived_workers.frontend.vad.silero_engine import Silero; Silero().probability(bytes(1024))",
    "wake word": "import numpy; from lived_workers.frontend.wake.micro import Micro, builtin; "
    "Micro([builtin('okay_nabu')])",
}


def blocks(samples: Samples) -> Iterator[bytes]:
    """10 ms each."""
    for begin in range(0, len(samples) - BLOCK + 1, BLOCK):
        yield samples[begin : begin + BLOCK].tobytes()


def cpu_percent(work: Callable[[bytes], object], samples: Samples) -> float:
    """Of one core, in real time."""
    pieces = list(blocks(samples))
    begin = time.process_time()
    for piece in pieces:
        work(piece)
    return 100 * (time.process_time() - begin) / (len(pieces) * 0.01)


class Ear(NamedTuple):
    """What the front end finds in one recording."""

    likely: list[bool]
    """Block by block: over the threshold of speech."""
    speech_s: float
    starts: int
    duck: float
    """Seconds from the recording's begin to the first duck, if a reply were heard all the time; NaN = none."""
    cut: float
    cuts: int


def hear(engine: Detector, samples: Samples) -> Ear:
    """Through voice activity, speech and barge-in, as in the worker, with the defaults."""
    tracker, bargein = SpeechTracker(Speech()), Bargein(BargeinOptions())
    likely, speaking, starts, duck, cut, cuts = [], 0, 0, NEVER, NEVER, 0
    for number, piece in enumerate(blocks(samples)):
        at = Ns(number * SPAN)
        probability = engine.probability(piece)
        change = tracker.take(probability, at, SPAN)
        starts += change is not None and change.on
        likely.append(probability >= Speech().start_percent / 100)
        speaking += tracker.speaking
        end = Ns(at + SPAN)
        match bargein.take(sounding=tracker.sounding, turn=TURN, trusted=True, span=SPAN, now=end):
            case Duck():
                duck = end / 1e9 if duck != duck else duck
            case Cut():
                cuts += 1
                cut = end / 1e9 if cut != cut else cut
    return Ear(likely, speaking * 0.01, starts, duck, cut, cuts)


def delays(make: Callable[[], Detector], spoken: list[Phrase]) -> str:
    """From the first syllable of a phrase to duck and cut, in ms."""
    ears = [(hear(make(), phrase.samples), phrase.begin / RATE) for phrase in spoken]
    ducks = np.array([1000 * (ear.duck - begin) for ear, begin in ears])
    cuts = np.array([1000 * (ear.cut - begin) for ear, begin in ears])
    missed = int(np.isnan(cuts).sum())
    return f"duck {_spread(ducks)}, cut {_spread(cuts)}, never cut {missed} of {len(ears)}"


def _spread(found: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> str:
    return "/".join(f"{value:.0f}" for value in np.nanpercentile(found, [50, 90, 100]))


def voice_activity() -> None:
    """The engines side by side."""
    spoken, voice = list(phrases()), talk()
    quiet = noises(NOISE_S)
    clean = hear(Silero(), voice).likely
    for name, make in ENGINES.items():
        print(f"\n## {name}")
        print(f"CPU: {cpu_percent(make().probability, voice):.2f} % while somebody speaks, ", end="")
        print(", ".join(f"{cpu_percent(make().probability, noise):.2f} % {kind}" for kind, noise in quiet.items()))
        print(f"onset, median/90 %/most ms ({len(spoken)} phrases): {delays(make, spoken)}")
        for kind, noise in quiet.items():
            ear = hear(make(), noise)
            print(
                f"{kind}: speech {100 * ear.speech_s / NOISE_S:.1f} %, {ear.starts} starts and {ear.cuts} cuts a minute"
            )
        for decibels in (15, 5):
            for kind in ("pink -30 dBFS", "keys"):
                found = hear(make(), mixed(voice, quiet[kind], decibels)).likely
                kept = [now for now, before in zip(found, clean, strict=True) if before]
                print(
                    f"{kind} {decibels} dB below the voice: {100 * sum(kept) / len(kept):.0f} % of the speech is found"
                )


def words(*names: str) -> Frontend:
    """Options with which these are listened for."""
    return Frontend(uplink=Uplink(mode="wake"), wake=Wake(words=names))


def wake_words() -> None:
    """Each word: heard, and when; everything else: not heard."""
    everything = words(*WAKE_WORDS)
    around = noises(1)["quiet"]
    for path in sorted(SPEECH.glob("wake_*.wav")):
        samples = np.concatenate([around, load(path), around])
        listening = spotter(everything)
        found = [
            (word, number / 100) for number, piece in enumerate(blocks(samples)) if (word := listening.hear(piece))
        ]
        print(f"{path.stem}: " + ", ".join(f"{word} at {at:.2f} s" for word, at in found))
    listening, seconds, false = spotter(everything), 0.0, 0
    for samples in (talk(), *noises(NOISE_S).values()):
        false += sum(listening.hear(piece) is not None for piece in blocks(samples))
        seconds += len(samples) / RATE
    print(f"false alarms in {seconds:.0f} s of speech and noise: {false}")
    for options in (words("okay_nabu"), everything):
        print(f"CPU of {len(options.wake.words)} word(s): {cpu_percent(spotter(options).hear, talk()):.2f} %")


def together() -> None:
    """All that runs on every block, tables included, without the canceller."""
    options = words("okay_nabu")
    for kind, samples in (("while somebody speaks", talk()), ("in a quiet room", noises(20)["quiet"])):
        ear, clock = Listener(options, detector(options.vad), spotter(options)), count()

        def take(pcm: bytes, ear: Listener = ear, clock: "count[int]" = clock) -> None:
            at = Ns(next(clock) * SPAN)
            ear.take(pcm, at, turn=NO_TURN, trusted=True, now=at)

        print(f"CPU {kind}: {cpu_percent(take, samples):.2f} %")


def memory() -> None:
    """Of a fresh process, in MB (proportional)."""
    read = "print([line.split()[1] for line in open('/proc/self/smaps_rollup') if line.startswith('Pss:')][0])"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    for name, statement in {"nothing": "pass", **MODULES}.items():
        command = [sys.executable, "-c", f"{statement}\n{read}"]
        subprocess.run(command, env=environment, check=True, capture_output=True)  # writes the bytecode
        out = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
        print(f"{name}: {int(out) / 1024:.1f} MB")


def main() -> None:
    """All of it."""
    print("# Voice activity and barge-in")
    voice_activity()
    print("\n# Wake words")
    wake_words()
    print("\n# Noise suppression and gain control")
    for options in (Frontend(noise_suppression="moderate"), Frontend(gain_control=True)):
        print(f"CPU: {cpu_percent(cleaner(options).process, talk()):.2f} %")
    print("\n# Voice activity, barge-in, one wake word and attention together")
    together()
    print("\n# Memory")
    memory()


if __name__ == "__main__":
    main()
