"""What clients write is understood in every spelling, and refused in Google's words."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived_workers.simulator import client_messages as said
from lived_workers.simulator.client_messages import read_frame
from lived_workers.simulator.closes import REASON_LIMIT, ProtocolViolationError
from lived_workers.simulator.normalise import camel, decode_base64, normalise

CAPTURED = [json.loads(line) for line in (Path(__file__).parent / "frames.jsonl").read_text().splitlines()]
FRAMES = [entry for entry in CAPTURED if "raw" in entry]
PCM = bytes(range(64))


def messages() -> list[Any]:
    """The captured frames of the case that sends one of each, as read."""
    return [read_frame(entry["raw"])[0] for entry in FRAMES if entry["case"] == "messages-v1beta"]


@pytest.mark.parametrize("entry", FRAMES, ids=lambda entry: f"{entry['case']}-{entry['n']}"[:60])
def test_every_captured_frame_is_read(entry: dict[str, Any]) -> None:
    """Whatever the real SDK put on the wire is taken, as text and as binary."""
    as_text = read_frame(entry["raw"])
    assert as_text
    assert read_frame(entry["raw"].encode()) == as_text


def test_captured_frames_mean_what_was_sent() -> None:
    """Audio, video, text, marks, contents and tool answers come out as they went into the SDK."""
    found = messages()
    assert found[1] == said.Audio(PCM, 16_000)
    assert found[3].image.startswith(b"\xff\xd8\xff")
    assert found[4].text == 'Hello, "world" — ünïcode 🎙'
    assert found[5] == said.ActivityStart()
    assert found[7] == said.ActivityEnd()
    assert [found[8].ended, found[9].ended] == [True, False]
    assert found[10] == said.Audio(PCM, 16_000, legacy=True)
    assert [found[11].complete, found[12].complete, found[22].complete] == [True, False, True]
    assert found[16].responses[0]["response"] == {"result": "ok", "snake_key": {"inner_key": 1}}
    assert found[17].responses[1]["willContinue"] is False
    assert found[19].body["systemInstruction"]["parts"] == [{"text": "New rules."}]


def test_setup_is_camel_case_everywhere() -> None:
    """The full setup of the SDK, snake_case inside, comes out in one spelling."""
    raw = next(entry["raw"] for entry in FRAMES if entry["case"] == "setup-full-v1beta")
    setup = read_frame(raw)[0]
    assert isinstance(setup, said.Setup)
    voice = setup.body["generationConfig"]["speechConfig"]["voiceConfig"]["prebuiltVoiceConfig"]
    assert "voiceName" in voice
    assert "silenceDurationMs" in setup.body["realtimeInputConfig"]["automaticActivityDetection"]


def test_callers_own_keys_keep_their_spelling() -> None:
    """Inside args, response, schemas and labels nothing is renamed."""
    value = {"function_responses": [{"response": {"a_b": 1}, "will_continue": True}], "labels": {"x_y": "z"}}
    assert normalise(value) == {
        "functionResponses": [{"response": {"a_b": 1}, "willContinue": True}],
        "labels": {"x_y": "z"},
    }


@pytest.mark.parametrize(
    ("mime", "rate"),
    [
        ("audio/pcm", 16_000),
        ("audio/pcm;rate=44100", 44_100),
        ("audio/pcm; rate=8000", 8_000),
        ("Audio/L16;x=1", 16_000),
    ],
)
def test_rate_of_the_mime(mime: str, rate: int) -> None:
    """The rate is read from the mime; bare means 16 kHz."""
    assert said.audio_rate(mime) == rate


@given(st.binary(max_size=200), st.booleans(), st.booleans())
def test_both_base64_alphabets(data: bytes, url_safe: bool, padded: bool) -> None:
    """Standard and URL-safe, padded or not: the same bytes."""
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()
    assert decode_base64(text if padded else text.rstrip("="), "x") == data


@given(st.text(alphabet="abc", min_size=1, max_size=8), st.text(alphabet="xyz", min_size=1, max_size=8))
def test_camel(first: str, second: str) -> None:
    """snake_case becomes camelCase; camelCase stays."""
    joined = first + second[0].upper() + second[1:]
    assert camel(f"{first}_{second}") == joined
    assert camel(joined) == joined


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("{ this is not JSON", "Invalid JSON payload received. Unexpected token."),
        ("", "Invalid JSON payload received."),
        ("[]", "Invalid JSON payload received."),
        ('{"foo": {}}', 'Invalid JSON payload received. Unknown name "foo": Cannot find field.'),
        ('{"realtimeInput": {"sound": 1}}', "Unknown name \"sound\" at 'realtime_input'"),
        ('{"setup": {}, "realtimeInput": {}}', "Request contains an invalid argument."),
        ("{}", "Request contains an invalid argument."),
        ('{"realtimeInput": {"audio": {"data": "A===A", "mimeType": "audio/pcm"}}}', "Base64 decoding failed"),
        ('{"realtimeInput": {"audio": {"data": "AAAA", "mimeType": "audio/pcm"}}}', "invalid argument"),
        ('{"realtimeInput": {"audio": {"data": "AAA=", "mimeType": "image/png"}}}', "invalid argument"),
        ('{"realtimeInput": {"audio": {"data": "AAA=", "mimeType": "audio/pcm;rate=0"}}}', "invalid argument"),
        ('{"realtimeInput": {"audioStreamEnd": "yes"}}', "TYPE_BOOL"),
        ('{"clientContent": {"turns": 3}}', "TYPE_MESSAGE"),
        ("[" * 100_000, "Invalid JSON payload received."),
    ],
)
def test_breaches_have_googles_words(raw: str, reason: str) -> None:
    """What is wrong is refused with 1007 and a reason that says what."""
    with pytest.raises(ProtocolViolationError) as caught:
        read_frame(raw)
    assert caught.value.close.code == 1007
    assert reason in caught.value.close.reason
    assert len(caught.value.close.cut_reason.encode()) <= REASON_LIMIT


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["audio", "video", "data", "mimeType", "turns", "parts", "x", "turn_complete", "text"]),
            inner,
        )
    ),
    max_leaves=8,
)
tops = st.sampled_from(["setup", "realtime_input", "clientContent", "tool_response", "contextUpdate"])


@given(st.binary(max_size=80) | st.dictionaries(tops, json_values, max_size=2).map(lambda v: json.dumps(v).encode()))
def test_anything_is_read_or_refused(raw: bytes) -> None:
    """Arbitrary bytes and arbitrary JSON give messages or the one error, nothing else."""
    try:
        assert isinstance(read_frame(raw), list)
    except ProtocolViolationError as violation:
        assert violation.close.code == 1007
