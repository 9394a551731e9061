"""The sound of a reply: bundled recordings, any text through flite or espeak-ng, numbered samples, or the parrot.

Everything comes out as s16le mono at 24 kHz. Nothing here blocks the event loop: programs run as subprocesses.
"""

import asyncio
import io
import shutil
import tempfile
import tomllib
import wave
from collections import OrderedDict
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from lived_workers.simulator.content_faults import Content
from lived_workers.simulator.effects import Prepare
from lived_workers.simulator.frames import OUTPUT_RATE
from lived_workers.simulator.marks import marked
from lived_workers.simulator.scenario import Reply
from lived_workers.simulator.script import Script

DIRECTORY: Final = Path(__file__).parent / "speech"
CACHE_ENTRIES: Final = 64
"""Spoken texts kept: a sentence is about 200 kB, so some 13 MB at most."""
SECONDS_PER_CHARACTER: Final = 0.065
"""How long an English text takes, for machines that cannot speak it."""
_TIMEOUT_S: Final = 30.0


def resample(pcm: bytes, rate: int, to: int = OUTPUT_RATE) -> bytes:
    """s16le mono at `rate` Hz -> the same at `to` Hz."""
    if rate == to or not pcm:
        return pcm
    return bytes(soxr.resample(np.frombuffer(pcm, "<i2"), rate, to, quality="HQ").astype("<i2").tobytes())


def read_wav(data: bytes) -> bytes:
    """A 16-bit mono WAV as s16le mono at 24 kHz; raises ValueError for any other."""
    with wave.open(io.BytesIO(data)) as sound:
        if (sound.getsampwidth(), sound.getnchannels()) != (2, 1):
            raise ValueError("expected 16-bit mono")
        return resample(sound.readframes(sound.getnframes()), sound.getframerate())


class Recordings:
    """What is in the speech directory, by name; read and resampled when first wanted."""

    def __init__(self) -> None:
        index = tomllib.loads((DIRECTORY / "recordings.toml").read_text(encoding="utf-8"))
        self.answers: list[str] = list(index["answers"])
        self._texts: dict[str, str] = {**index["answers"], **index["questions"]}
        self._loaded: dict[str, Content] = {}

    @property
    def names(self) -> frozenset[str]:
        """All recordings."""
        return frozenset(self._texts)

    def named(self, name: str) -> Content:
        """One recording, or several joined by "+"; KeyError for an unknown one."""
        if name not in self._loaded and "+" in name:
            parts = [self.named(part) for part in name.split("+")]
            joined = Content(b"".join(part.pcm for part in parts), " ".join(part.transcript for part in parts))
            self._loaded[name] = joined
        elif name not in self._loaded:
            pcm = read_wav((DIRECTORY / f"{name}.wav").read_bytes())
            self._loaded[name] = Content(pcm, self._texts[name])
        return self._loaded[name]

    def saying(self, text: str) -> Content | None:
        """A recording of exactly these words."""
        return next((self.named(name) for name, words in self._texts.items() if words == text), None)


async def _run(*command: str) -> bytes | None:
    """The output of a program, None if it failed or took too long."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            output, _ = await process.communicate()
    except BaseException as error:
        if process.returncode is None:
            process.kill()
            await process.wait()
        if isinstance(error, TimeoutError):
            return None
        raise
    return output if process.returncode == 0 else None


async def _flite(text: str) -> bytes | None:
    with tempfile.TemporaryDirectory(prefix="lived-simulator-") as directory:
        path = Path(directory) / "speech.wav"  # flite seeks in its output: a pipe will not do
        await _run("flite", "-voice", "slt", "-t", text, "-o", str(path))
        return path.read_bytes() if path.exists() else None


async def _espeak(text: str) -> bytes | None:
    return await _run("espeak-ng", "-v", "en-us", "--stdout", "--", text)


async def synthesise(text: str) -> bytes | None:
    """`text` spoken by flite, else by espeak-ng, as s16le mono at 24 kHz; None where neither can."""
    for program, speak in (("flite", _flite), ("espeak-ng", _espeak)):
        if shutil.which(program) is not None and (data := await speak(text)):
            return read_wav(data)
    return None


class Speech:
    """Makes the sound for each turn. Owned by the event loop."""

    def __init__(self, recordings: Recordings, script: Script) -> None:
        self._recordings, self._script = recordings, script
        self._spoken: OrderedDict[str, bytes] = OrderedDict()

    async def prepare(self, replies: list[Reply]) -> None:
        """Speak the scenario's texts beforehand, so that the first sound is on time."""
        for reply in replies:
            for text in (reply.text, reply.filler):
                if text is not None:
                    await self._text(text)

    async def content(self, wanted: Prepare) -> Content:
        """What is said in a turn."""
        content = await self._make(wanted)
        reply = wanted.reply
        pcm = resample(content.pcm, OUTPUT_RATE, 48_000) if "rate_48k" in reply.faults else content.pcm
        return Content(pcm, content.transcript if reply.transcript is None else reply.transcript)

    async def _make(self, wanted: Prepare) -> Content:
        reply = wanted.reply
        if reply.text is not None:
            return Content(await self._text(reply.text), reply.text)
        if reply.marks_s is not None:
            frames = round(reply.marks_s * OUTPUT_RATE)
            first = self._script.take_marks(frames)
            return Content(marked(first, frames), f"Marks from {first}.")
        if reply.parrot:
            return Content(resample(wanted.utterance, wanted.rate), reply.heard or "You said this.")
        return self._recordings.named(reply.recording or self._recordings.answers[0])

    async def _text(self, text: str) -> bytes:
        recording = self._recordings.saying(text)
        if recording is not None:
            return recording.pcm
        if text not in self._spoken:
            self._spoken[text] = await synthesise(text) or self._stand_in(text)
            while len(self._spoken) > CACHE_ENTRIES:
                self._spoken.popitem(last=False)
        return self._spoken[text]

    def _stand_in(self, text: str) -> bytes:
        """Other words of about the length of `text`: where no program can speak, something must still be heard."""
        pcm = self._recordings.named(self._recordings.answers[0]).pcm
        length = round(len(text) * SECONDS_PER_CHARACTER * OUTPUT_RATE) * 2
        return (pcm * (length // len(pcm) + 1))[:length]
