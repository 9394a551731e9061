"""A reply laid out in time."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived_workers.simulator.content_faults import Content
from lived_workers.simulator.marks import marked
from lived_workers.simulator.phases import Event
from lived_workers.simulator.scenario import GenerationComplete, Reply, TurnComplete
from lived_workers.simulator.timeline import BYTES_PER_SECOND, Step, Style, chunk_sizes, fragments, lay_out

STYLE = Style(4.0, True, True, 200, 8.0, 2000.0, True)
WORDS = "one two three four five six seven eight nine ten"


def seeded(seed: int) -> random.Random:
    """The same chances every time."""
    return random.Random(seed)  # noqa: S311 - no secret


def plan(seconds: float = 5.0, style: Style = STYLE, **reply: Any) -> list[Step]:
    """The steps of a reply of numbered samples."""
    content = Content(marked(0, round(seconds * 24_000)), WORDS)
    return lay_out(content, Reply(**reply), style, seeded(1))


def step(steps: list[Step], what: str) -> Step:
    """The only step of a kind."""
    (found,) = [s for s in steps if s.what == what]
    return found


def sound(steps: list[Step]) -> bytes:
    """What is spoken, without the trailing silence."""
    return b"".join(s.pcm for s in steps if s.what == "audio")


@given(st.integers(0, 100_000), st.integers(0, 99), st.floats(0.5, 30), st.booleans())
def test_nothing_is_lost_and_time_runs_forward(frames: int, seed: int, burst: float, odd: bool) -> None:
    """Whatever its length, pace and chunks: the sound adds up to the reply, the order of time is the order of sound."""
    content = Content(marked(7, frames), WORDS)
    reply = Reply(burst=burst, faults=["odd_bytes"] if odd else [])
    steps = lay_out(content, reply, STYLE, seeded(seed))
    assert sound(steps) == content.pcm
    assert [s.at_s for s in steps] == sorted(s.at_s for s in steps)
    assert [s.what for s in steps][-2:] == ["generationComplete", "turnComplete"]


@given(st.integers(0, 3_000_000), st.integers(0, 99))
def test_chunk_sizes(half: int, seed: int) -> None:
    """A tiny one first, then 7680 to 15360 bytes, all even; together the whole."""
    sizes = chunk_sizes(half * 2, None, False, seeded(seed))
    assert sum(sizes) == half * 2
    assert all(size % 2 == 0 for size in sizes)
    assert all(7_680 <= size <= 15_360 for size in sizes[1:-1])


@given(st.lists(st.text(alphabet="abc ", max_size=6), max_size=40).map(" ".join), st.integers(1, 60))
def test_fragments_join_to_the_transcript(transcript: str, chunks: int) -> None:
    """The pieces, joined as they are, are the transcript."""
    spread = fragments(transcript, chunks)
    assert "".join(spread[key] for key in sorted(spread)) == transcript
    assert all(key < chunks for key in spread)


@given(st.floats(0.1, 20), st.floats(1, 20))
def test_turn_complete_waits_for_the_sound(seconds: float, burst: float) -> None:
    """turnComplete comes at first sound + duration, or after the last frame if that is later."""
    steps = plan(seconds, burst=burst)
    duration = sum(len(s.pcm) for s in steps) / BYTES_PER_SECOND
    generated = step(steps, "generationComplete").at_s
    assert step(steps, "turnComplete").at_s == pytest.approx(max(duration, generated), abs=0.01)


def test_burst() -> None:
    """At four times real time five seconds take a bit over one."""
    last = max(s.at_s for s in plan() if s.what == "audio")
    assert 1.0 < last < 1.4


def test_early_late_never() -> None:
    """turnComplete with the last sound, after its time, or not at all (but the model still ends)."""
    early = plan(turn_complete=TurnComplete.EARLY)
    assert step(early, "turnComplete").at_s - step(early, "generationComplete").at_s < 0.01
    assert step(plan(turn_complete=TurnComplete.LATE), "turnComplete").at_s == pytest.approx(7.2, abs=0.01)
    never = step(plan(turn_complete=TurnComplete.NEVER), "turnComplete")
    assert never.data is None
    assert never.event is Event.TURN_DONE


def test_generation_complete_missing() -> None:
    """The frame is not sent."""
    assert step(plan(generation_complete=GenerationComplete.MISSING), "generationComplete").data is None


def test_stall() -> None:
    """A stall moves everything after it, and nothing before."""
    plain = [s.at_s for s in plan() if s.what == "audio"]
    stalled = [s.at_s for s in plan(stall_after_s=2.0, stall_s=3.0) if s.what == "audio"]
    late = [round(b - a, 6) for a, b in zip(plain, stalled, strict=True)]
    assert set(late) == {0.0, 3.0}
    assert late == sorted(late)


def test_first_chunk() -> None:
    """Its size can be chosen, and the next one keeps its distance."""
    audio = [s for s in plan(first_chunk_bytes=2) if s.what == "audio"]
    assert len(audio[0].pcm) == 2
    assert audio[1].at_s >= 0.06


def test_usage_is_in_the_turn_complete_frame() -> None:
    """25 tokens for each second of sound, in the same frame as turnComplete."""
    data = step(plan(), "turnComplete").data
    assert data is not None
    frame = json.loads(data)
    assert frame["serverContent"] == {"turnComplete": True}
    assert frame["usageMetadata"]["responseTokenCount"] == 130


def test_frames_are_binary_indented_json() -> None:
    """As the API writes them: bytes, several lines, a heartbeat before each chunk."""
    steps = plan()
    assert all(isinstance(s.data, bytes) for s in steps)
    assert b'\n  "serverContent": {' in step(steps, "generationComplete").data  # type: ignore[operator]
    audio = [s.what for s in steps if s.what in {"audio", "heartbeat"}]
    assert audio[:4] == ["heartbeat", "audio", "heartbeat", "audio"]


def test_text_opcode_fault() -> None:
    """The whole reply as text frames."""
    assert all(isinstance(s.data, str) for s in plan(faults=["all_text_opcode"]))


@pytest.mark.parametrize(
    ("fault", "mime"),
    [
        ("missing_rate", "audio/pcm"),
        ("wrong_rate", "audio/pcm;rate=16000"),
        ("rate_48k", "audio/pcm;rate=48000"),
        ("thought", "audio/pcm;rate=24000"),
    ],
)
def test_mime_faults(fault: str, mime: str) -> None:
    """What the frames say about their sound."""
    frames = [json.loads(s.data or b"{}") for s in plan(faults=[fault]) if s.what == "audio"]
    assert {f["serverContent"]["modelTurn"]["parts"][0]["inlineData"]["mimeType"] for f in frames} == {mime}


def test_two_parts() -> None:
    """The sound of a frame in two parts, in order."""
    audio = [s for s in plan(faults=["two_parts"]) if s.what == "audio" and len(s.pcm) > 2]
    parts = [json.loads(s.data or b"{}")["serverContent"]["modelTurn"]["parts"] for s in audio]
    assert all(len(p) == 2 for p in parts)


def test_transcript_only() -> None:
    """Words, no sound, and the turn ends."""
    steps = plan(faults=["transcript_only"])
    assert sound(steps) == b""
    assert [s.what for s in steps] == ["transcript", "generationComplete", "turnComplete"]
