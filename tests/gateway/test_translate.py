"""What the SDK's messages mean, in the order to obey them."""

from collections import Counter
from types import SimpleNamespace as Message
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived_workers.gateway.happenings import (
    Activity,
    Complete,
    Generated,
    GoingAway,
    Handle,
    Interrupted,
    Sound,
    Transcript,
    Usage,
)
from lived_workers.gateway.translate import Translator, milliseconds


def content(**fields: Any) -> Message:
    """A message with serverContent."""
    return Message(server_content=Message(**fields))


def sound(*pieces: bytes, mime: str | None = "audio/pcm;rate=24000", **more: Any) -> Message:
    """A message with parts of sound."""
    parts = [Message(inline_data=Message(data=piece, mime_type=mime)) for piece in pieces]
    return content(model_turn=Message(parts=parts), **more)


def said(*messages: Any) -> list[Any]:
    """The happenings of a connection that says these messages."""
    translator = Translator(Counter())
    return [happening for message in messages for happening in translator.take(message)]


def test_an_empty_message_says_nothing() -> None:
    """Half of what the server sends is {}."""
    assert said(Message(), content(), Message(server_content=None, usage_metadata=None)) == []


def test_every_part_is_heard() -> None:
    """Two parts in one turn are two sounds."""
    assert said(sound(b"ab", b"cd")) == [Sound(b"ab"), Sound(b"cd")]


def test_thoughts_are_not_spoken() -> None:
    """A thought part is neither sound nor text, even with sound in it."""
    thought = Message(thought=True, text="hm", inline_data=Message(data=b"ab", mime_type="audio/pcm"))
    assert said(content(model_turn=Message(parts=[thought]))) == []


@given(st.lists(st.binary(max_size=9), max_size=20))
def test_samples_survive_any_cutting(pieces: list[bytes]) -> None:
    """However the server cuts its sound, whole samples come out, and together they are the same bytes."""
    got = [happening.pcm for happening in said(*(sound(piece) for piece in pieces))]
    whole = b"".join(pieces)
    assert all(pcm and len(pcm) % 2 == 0 for pcm in got)
    assert b"".join(got) == whole[: len(whole) & ~1]


def test_half_a_sample_does_not_reach_the_next_reply() -> None:
    """The odd byte of a reply that ended or was cut is forgotten."""
    assert said(sound(b"abc"), content(turn_complete=True), sound(b"de")) == [Sound(b"ab"), Complete(""), Sound(b"de")]
    assert said(sound(b"abc"), content(interrupted=True), sound(b"de")) == [Sound(b"ab"), Interrupted(), Sound(b"de")]


@pytest.mark.parametrize("mime", ["audio/pcm;rate=24000", "audio/pcm; rate=24000", "audio/pcm", "", None])
def test_sound_at_our_rate(mime: str | None) -> None:
    """24 kHz, said in any way or not at all."""
    assert said(sound(b"ab", mime=mime)) == [Sound(b"ab")]


@pytest.mark.parametrize(
    ("mime", "counter"), [("audio/pcm;rate=48000", "sound_of_wrong_rate_bytes"), ("image/png", "parts_not_sound")]
)
def test_what_nobody_can_play_is_counted(mime: str, counter: str) -> None:
    """Another rate would be played at the wrong pitch: it is dropped, and counted."""
    counters: Counter[str] = Counter()
    assert Translator(counters).take(sound(b"abcd", mime=mime)) == []
    assert counters[counter] > 0


def test_the_order_within_one_message() -> None:
    """Cut before sound, sound before its end, tokens before the end of their turn."""
    message = sound(b"ab", interrupted=True, generation_complete=True, turn_complete=True, turn_complete_reason=None)
    message.server_content.output_transcription = Message(text="Hi")
    message.usage_metadata = Message(prompt_token_count=1, response_token_count=2, total_token_count=3)
    message.voice_activity = Message(voice_activity_type=Message(value="ACTIVITY_START"))
    kinds = [type(happening) for happening in said(message)]
    assert kinds == [Activity, Interrupted, Transcript, Sound, Generated, Usage, Complete]


def test_transcripts_say_whose_they_are() -> None:
    """Input is the user, output is the model; an empty text is nothing."""
    message = content(input_transcription=Message(text="What?"), output_transcription=Message(text=""))
    assert said(message) == [Transcript("user", "What?")]


def test_tokens_are_summed_by_modality() -> None:
    """Two details of one modality are added; missing numbers are 0; enums and plain strings both name it."""
    detail = [Message(modality=Message(value="AUDIO"), token_count=2), Message(modality="AUDIO", token_count=None)]
    usage = Message(prompt_token_count=5, prompt_tokens_details=detail, total_token_count=7)
    assert said(Message(usage_metadata=usage)) == [Usage(5, 0, 7, {"AUDIO": 2}, {})]


def test_a_handle_counts_only_when_it_can_be_used() -> None:
    """resumable and not empty; and it never shows in a repr."""
    updates = [("secret-handle", True), ("other-handle", None), ("", True), (None, None)]
    got = said(*(Message(session_resumption_update=Message(new_handle=h, resumable=r)) for h, r in updates))
    assert [handle.resumable for handle in got] == [True, False, False, False]
    assert "secret" not in repr(got[0])
    assert got[0] == Handle("secret-handle", True)


@pytest.mark.parametrize(
    ("time_left", "expected"),
    [("49.850s", 49_850), ("50s", 50_000), ("0s", 0), (" 7 ", 7_000), (None, 0), ("soon", 0), ("-3s", 0), ("9e9s", 0)],
)
def test_the_time_left(time_left: str | None, expected: int) -> None:
    """Seconds with or without a fraction; nonsense is no time at all."""
    assert said(Message(go_away=Message(time_left=time_left))) == [GoingAway(expected)]


@given(st.text())
def test_any_time_left_is_a_sane_number(text: str) -> None:
    """Whatever the server writes, the result fits."""
    assert 0 <= milliseconds(text) <= 3_600_000


def test_unknown_reasons_pass_as_they_are() -> None:
    """A reason the SDK does not know is a plain string."""
    assert said(content(turn_complete=True, turn_complete_reason="BRAND_NEW")) == [Complete("BRAND_NEW")]
    assert said(content(turn_complete=True, turn_complete_reason=Message(value="BLOCKLIST"))) == [Complete("BLOCKLIST")]
