"""A reply laid out in time: which frame goes out how long after the first sound. Pure and seeded."""

import random
from collections.abc import Mapping
from typing import Final

import msgspec

from lived_workers.simulator import frames
from lived_workers.simulator.content_faults import OTHER_LANGUAGE, Content
from lived_workers.simulator.frame_faults import FRAME_FAULTS, garbage
from lived_workers.simulator.frames import OUTPUT_RATE, Frame, encode
from lived_workers.simulator.phases import Event
from lived_workers.simulator.scenario import GenerationComplete, Reply, TurnComplete
from lived_workers.simulator.usage import AUDIO_TOKENS_PER_SECOND

FIRST_CHUNKS: Final = (2, 480, 2400)
"""Bytes of the first chunk, one of these: shorter than the gap to the second one."""
FIRST_GAP_S: Final = 0.06
"""First chunk to the second, however short the first is: a naive player runs dry here."""
SMALLEST_CHUNK: Final = 7_680
LARGEST_CHUNK: Final = 15_360
BYTES_PER_SECOND: Final = OUTPUT_RATE * 2
AFTER_LAST_S: Final = 0.003
"""Last sound to generationComplete, and that to an early turnComplete."""
WORDS_PER_FRAGMENT: Final = 3
THOUGHT: Final = "**Considering the request** I should answer shortly."
THOUGHT_TOKENS: Final = 40


class Style(msgspec.Struct, frozen=True):
    """How the model's profile and the scenario's timing lay a reply out."""

    burst: float
    role: bool
    heartbeats: bool
    trailing_silence_ms: int
    jitter_ms: float
    late_ms: float
    transcripts: bool
    prompt: Mapping[str, int] = msgspec.field(default_factory=lambda: {"TEXT": 312, "AUDIO": 0})
    """Tokens of the prompt by modality, for the usage."""
    status: str | None = None
    """interactionStatus beside turnComplete."""
    thoughts: bool = False
    """A thought part before the sound."""
    search: str | None = None
    """A Google search that the reply rests on."""
    ends: bool = True
    """Whether generationComplete and turnComplete follow; otherwise the turn waits for a function."""


class Step(msgspec.Struct, frozen=True):
    """One frame, `at_s` seconds after the first sound. `data` None: only the event, nothing is sent."""

    at_s: float
    data: bytes | str | None
    what: str
    pcm: bytes = b""
    event: Event | None = None


def chunk_sizes(total: int, first: int | None, odd: bool, rng: random.Random) -> list[int]:
    """Sizes in bytes that add up to `total`: a tiny one, then 7680 to 15360, even unless `odd`."""
    sizes: list[int] = []
    size = first or rng.choice(FIRST_CHUNKS)
    while total > 0:
        sizes.append(min(total, size - odd if size > 2 else size))
        total -= sizes[-1]
        size = rng.randrange(SMALLEST_CHUNK, LARGEST_CHUNK + 1, 2)
    return sizes


def fragments(transcript: str, chunks: int) -> dict[int, str]:
    """The transcript in pieces, by the chunk they ride on: about twice as fast as the sound; joined, the whole."""
    words = transcript.split(" ")
    pieces = [" ".join(words[i : i + WORDS_PER_FRAGMENT]) for i in range(0, len(words), WORDS_PER_FRAGMENT)]
    spread: dict[int, str] = {}
    for index, piece in enumerate(pieces):
        at = index * chunks // (2 * len(pieces))
        spread[at] = spread.get(at, "") + (" " if index else "") + piece
    return spread


def mime_type(faults: list[str]) -> str:
    """What the frames say about their sound."""
    if "missing_rate" in faults:
        return "audio/pcm"
    if "wrong_rate" in faults:
        return "audio/pcm;rate=16000"
    return "audio/pcm;rate=48000" if "rate_48k" in faults else f"audio/pcm;rate={OUTPUT_RATE}"


class _Layout:
    """Collects the steps of one reply; lives as long as one call of `lay_out`."""

    def __init__(self, content: Content, reply: Reply, style: Style, rng: random.Random) -> None:
        self._content, self._reply, self._style, self._rng = content, reply, style, rng
        self._burst = reply.burst or style.burst
        self._rate_bytes = BYTES_PER_SECOND * (2 if "rate_48k" in reply.faults else 1)
        self._text = "all_text_opcode" in reply.faults
        self.steps: list[Step] = []

    def _data(self, frame: Frame) -> bytes | str:
        data = encode(frame)
        return data.decode() if self._text else data

    def sound(self) -> float:
        """Lay out the sound; returns when the last of it goes out."""
        pcm, reply = self._content.pcm, self._reply
        sizes = chunk_sizes(len(pcm), reply.first_chunk_bytes, "odd_bytes" in reply.faults, self._rng)
        spread = self._spread(len(sizes))
        sent, at, stall = 0, 0.0, 0.0
        for index, size in enumerate(sizes):
            jitter = self._rng.uniform(0, self._style.jitter_ms / 1000) if index else 0.0
            if sent / self._rate_bytes >= reply.stall_after_s:
                stall = reply.stall_s
            gap = FIRST_GAP_S if index else 0.0
            at = max(at + 1e-6, gap + sent / self._rate_bytes / self._burst + jitter + stall)
            self._chunk(at, pcm[sent : sent + size], spread.get(index), first=index == 0)
            sent += size
        return at

    def _spread(self, chunks: int) -> dict[int, Frame]:
        """The transcript's frames by the chunk that they ride on."""
        if not self._style.transcripts or not chunks:
            return {}
        faults, transcript = self._reply.faults, self._content.transcript
        whole = {"empty_transcript", "long_transcript"} & set(faults)
        spread = {0: transcript} if whole else fragments(transcript, chunks)
        language = OTHER_LANGUAGE if "language_switch" in faults else None
        return {at: frames.output_transcription(text, language if at else None) for at, text in spread.items()}

    def _chunk(self, at: float, pcm: bytes, fragment: Frame | None, first: bool) -> None:
        faults = self._reply.faults
        middle = len(pcm) // 4 * 2 if "two_parts" in faults else len(pcm)
        parts = [frames.inline_audio(piece, mime_type(faults)) for piece in (pcm[:middle], pcm[middle:]) if piece]
        frame = frames.model_turn(parts, self._style.role)
        late = "transcript_after_audio" in faults
        if fragment and not late:
            frame = frames.merge([frame, fragment])
        if self._style.heartbeats:
            self.steps.append(Step(at, self._data({}), "heartbeat"))
        event = Event.FIRST_AUDIO if first else None
        self.steps.append(Step(at, self._data(frame), "audio", pcm, event))
        if fragment and late:
            self.steps.append(Step(at + 0.001, self._data(fragment), "transcript"))

    def silence(self, at: float) -> float:
        """The frame of zeros before generationComplete; returns when it goes out."""
        length = self._style.trailing_silence_ms * self._rate_bytes // 2000 * 2
        if not length or not self._content.pcm:
            return at
        frame = frames.model_turn([frames.inline_audio(bytes(length), mime_type(self._reply.faults))], self._style.role)
        self.steps.append(Step(at + AFTER_LAST_S, self._data(frame), "silence", bytes(length)))
        return at + AFTER_LAST_S

    def transcript_only(self) -> None:
        """A turn of words without sound."""
        frame = frames.output_transcription(self._content.transcript)
        self.steps.append(Step(0.0, self._data(frame), "transcript"))

    def beside(self, last: float) -> None:
        """What comes with the sound and is none: a thought before it, the search's sources with the last of it."""
        if self._style.thoughts:
            self.steps.append(Step(0.0, self._data(frames.thought(THOUGHT, self._style.role)), "thought"))
        if self._style.search is not None:
            self.steps.append(Step(last, self._data(frames.grounding(self._style.search)), "grounding"))

    def insert_faults(self) -> None:
        """The reply's bad frames, in the middle of its sound."""
        audio = [step.at_s for step in self.steps if step.what == "audio"]
        at = audio[len(audio) // 2] if audio else 0.0
        for name in self._reply.faults:
            bad = garbage() if name == "garbage" else FRAME_FAULTS[name]() if name in FRAME_FAULTS else []
            self.steps += [Step(at, data, name) for data in bad]

    def end(self, last: float) -> None:
        """generationComplete and turnComplete after the last sound at `last`."""
        reply, style = self._reply, self._style
        generated = last + AFTER_LAST_S
        missing = reply.generation_complete is GenerationComplete.MISSING
        data = None if missing else self._data(frames.content(generationComplete=True))
        self.steps.append(Step(generated, data, "generationComplete", event=Event.GENERATED))
        sound = sum(len(step.pcm) for step in self.steps)
        done = max(generated + AFTER_LAST_S, sound / self._rate_bytes)
        if reply.turn_complete is TurnComplete.EARLY:
            done = generated + AFTER_LAST_S
        elif reply.turn_complete is TurnComplete.LATE:
            done += style.late_ms / 1000
        never = reply.turn_complete is TurnComplete.NEVER
        rejected = "RESPONSE_REJECTED" if "response_rejected" in reply.faults else None
        frame = turn_complete(style, sound, reply.turn_complete_reason or rejected)
        data = None if never else self._data(frame)
        self.steps.append(Step(done, data, "turnComplete", event=Event.TURN_DONE))


def turn_complete(style: Style, sound_bytes: int, reason: str | None = None) -> Frame:
    """turnComplete with the turn's usage in the same frame."""
    response = round(AUDIO_TOKENS_PER_SECOND * sound_bytes / BYTES_PER_SECOND)
    fields = {"turnCompleteReason": reason, "interactionStatus": style.status}
    said = {key: value for key, value in fields.items() if value is not None}
    usage = frames.usage(style.prompt, {"AUDIO": response}, THOUGHT_TOKENS if style.thoughts else 0)
    return frames.merge([frames.content(turnComplete=True, **said), usage])


def lay_out(content: Content, reply: Reply, style: Style, rng: random.Random) -> list[Step]:
    """The steps of a reply in order of time. Their PCM adds up to the content, then the trailing silence.

    For "rate_48k" the caller gives the content at 48 kHz.
    """
    layout = _Layout(content, reply, style, rng)
    if "transcript_only" in reply.faults:
        layout.transcript_only()
        last = 0.0
    else:
        last = layout.sound()
        last = layout.silence(last) if style.ends else last
    layout.beside(last)
    layout.insert_faults()
    if style.ends:
        layout.end(last)
    return sorted(layout.steps, key=lambda step: step.at_s)
