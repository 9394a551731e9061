"""The real google-genai SDK, unpatched, over TLS: turns, interruptions, resumption, keys."""

import asyncio
from pathlib import Path

import pytest
from google.genai import errors, types
from google.genai.live import AsyncSession
from websockets.exceptions import InvalidStatus

from lived_workers.simulator.marks import runs
from lived_workers.simulator.script import Mode
from simulator.harness import Heard, hear_turn, question, silence, speak, stand
from simulator.sdk_steps import FAST, SHORT, ask, handle_of, in_loop, settled, turn

EARLY = FAST + "[[reply]]\nturn_complete = 'early'\n"


QUICK_CUT = FAST + "interrupt_ms = 200\n[[reply]]\n"


@in_loop
async def test_spoken_turn(tmp_path: Path) -> None:
    """Speech in real time is heard, transcribed and answered with a recording; the journal has all of it."""
    async with stand(
        tmp_path, FAST + "[[reply]]\nrecording = 'answer_timer'\nturn_complete = 'early'\nheard = 'A timer, please.'\n"
    ) as simulator:
        async with simulator.connect() as session:
            sending = asyncio.create_task(speak(session, question() + silence(1.0)))
            heard = await hear_turn(session)
            await sending
        await settled(lambda: simulator.journal("close"))
        assert heard.input_text == "A timer, please."
        assert heard.output_text == "I have set a timer for ten minutes."
        assert heard.order == ["update", "audio", "generation_complete", "turn_complete"]
        assert heard.pcm == simulator.spoken()
        assert simulator.heard() == question() + silence(1.0)
        offsets = [(e["offset"], e["bytes"]) for e in simulator.journal("audio")]
        assert [at for at, _ in offsets] == [sum(size for _, size in offsets[:i]) for i in range(len(offsets))]
        assert simulator.journal("open")[0]["auth"] == "header"
        assert simulator.journal("setup")[0]["setup"]["model"] == "models/gemini-3.8-live"


@in_loop
async def test_marks_arrive_whole(tmp_path: Path) -> None:
    """Numbered samples come through the SDK as one run, over two turns."""
    async with (
        stand(tmp_path, FAST + "[[reply]]\nmarks_s = 0.5\nburst = 20\n") as simulator,
        simulator.connect() as session,
    ):
        first, second = await turn(session), await turn(session)
    (one,), (two,) = runs(first.pcm), runs(second.pcm)
    assert (one.frames, two.frames) == (12_000, 12_000)
    assert two.first == one.end


@in_loop
async def test_parrot(tmp_path: Path) -> None:
    """It plays back what it heard, at 24 kHz."""
    async with (
        stand(tmp_path, EARLY, mode=Mode.PARROT) as simulator,
        simulator.connect() as session,
    ):
        heard = await turn(session)
    assert len(heard.pcm) / 48_000 == pytest.approx(len(question()) / 32_000 + 0.3, abs=0.4)


@in_loop
async def test_text_to_speech(tmp_path: Path) -> None:
    """Any text is spoken (by whatever this machine has), and typed input is answered."""
    async with (
        stand(tmp_path, SHORT.replace("marks_s = 1", "text = 'Anything at all.'")) as simulator,
        simulator.connect() as session,
    ):
        await session.send_realtime_input(text="Say something.")
        heard = await hear_turn(session)
    assert heard.output_text == "Anything at all."
    assert len(heard.pcm) > 24_000


async def barge_in(session: AsyncSession, when: str) -> Heard:
    """Ask, wait until the reply is `when`, talk over it; what was heard of that turn."""
    await ask(session)
    heard = await hear_turn(session, until=lambda h: when in h.order)
    talking = asyncio.create_task(speak(session, question("question_stop")[6400:38_400], pace=4))
    await hear_turn(session, heard)
    await talking
    return heard


@in_loop
async def test_barge_in_while_generating(tmp_path: Path) -> None:
    """audio, interrupted, turn_complete: no generation_complete, no sound after interrupted."""
    async with (
        stand(tmp_path, QUICK_CUT + "marks_s = 20\n") as simulator,
        simulator.connect() as session,
    ):
        heard = await barge_in(session, "audio")
    assert heard.order[-3:] == ["audio", "interrupted", "turn_complete"]
    assert heard.pcm_at_interruption == len(heard.pcm)
    (run,) = runs(heard.pcm)
    assert run.frames < 20 * 24_000


@in_loop
async def test_barge_in_after_generation(tmp_path: Path) -> None:
    """generation_complete, then interrupted, then turn_complete, long before the sound could have been played."""
    async with (
        stand(tmp_path, QUICK_CUT + "marks_s = 20\nburst = 100\n") as simulator,
        simulator.connect() as session,
    ):
        heard = await barge_in(session, "generation_complete")
    assert heard.order[-3:] == ["generation_complete", "interrupted", "turn_complete"]
    (run,) = runs(heard.pcm)
    assert run.frames == 20 * 24_000


@in_loop
async def test_no_interruption(tmp_path: Path) -> None:
    """With NO_INTERRUPTION talking over the reply changes nothing."""
    handling = types.RealtimeInputConfig(activity_handling=types.ActivityHandling.NO_INTERRUPTION)
    async with (
        stand(tmp_path, QUICK_CUT + "marks_s = 2\nburst = 2\nturn_complete = 'early'\n") as simulator,
        simulator.connect(realtime_input_config=handling) as session,
    ):
        heard = await barge_in(session, "audio")
    assert heard.order[-3:] == ["audio", "generation_complete", "turn_complete"]
    assert len(runs(heard.pcm)) == 1


@in_loop
async def test_resumption(tmp_path: Path) -> None:
    """A handle from before the loss brings the session back, which goes on with the next reply."""
    replies = "[[reply]]\nmarks_s = 0.5\n[[reply]]\nrecording = 'answer_goodbye'\nburst = 20\nturn_complete = 'early'\n"
    async with stand(tmp_path, FAST + replies) as simulator:
        async with simulator.connect() as session:
            await turn(session)
            heard = await hear_turn(session, until=lambda h: "update" in h.order)
        resume = types.SessionResumptionConfig(handle=handle_of(heard))
        async with simulator.connect(session_resumption=resume) as session:
            assert (await turn(session)).output_text == "You are welcome. Talk to you later."
        assert handle_of(heard) not in simulator.journal_text()


@in_loop
async def test_resuming_while_the_old_socket_is_open(tmp_path: Path) -> None:
    """Not before the old connection is closed: 1011."""
    async with stand(tmp_path, FAST) as simulator, simulator.connect() as session:
        heard = await hear_turn(session, until=lambda h: "update" in h.order)
        resume = types.SessionResumptionConfig(handle=handle_of(heard))
        with pytest.raises(errors.APIError) as caught:
            async with simulator.connect(session_resumption=resume):
                pass
    assert caught.value.code == 1011


@in_loop
async def test_foreign_handle(tmp_path: Path) -> None:
    """A handle that nobody issued is refused, and is not in the journal."""
    async with stand(tmp_path, FAST) as simulator:
        with pytest.raises(errors.APIError) as caught:
            async with simulator.connect(session_resumption=types.SessionResumptionConfig(handle="secret-handle")):
                pass
        assert "secret-handle" not in simulator.journal_text()
    assert caught.value.code == 1007


@pytest.mark.parametrize(
    ("key", "model", "expected"),
    [
        ("right", "gemini-3.8-live", None),
        ("wrong", "gemini-3.8-live", 1008),
        ("wrong", "gemini-2.5-flash-native-audio", 401),
    ],
)
@in_loop
async def test_keys(tmp_path: Path, key: str, model: str, expected: int | None) -> None:
    """Only the one key; a wrong one is refused in the model's manner, and never written down."""
    async with stand(tmp_path, FAST, key="right", model=model) as simulator:
        try:
            async with simulator.connect(model, key):
                found = None
        except errors.APIError as error:
            found = error.code
        except InvalidStatus as error:
            found = error.response.status_code
        assert found == expected
        assert key not in simulator.journal_text()


@pytest.mark.filterwarnings("ignore:The SDK's ephemeral token support")
@in_loop
async def test_ephemeral_token(tmp_path: Path) -> None:
    """The SDK's token goes to the constrained path, and is taken there."""
    async with stand(tmp_path, FAST) as simulator:
        async with simulator.connect(key="auth_tokens/abc"):
            pass
        (opened,) = simulator.journal("open")
    assert opened["auth"] == "token header"
    assert opened["path"].endswith("BidiGenerateContentConstrained")


@in_loop
async def test_two_and_a_half(tmp_path: Path) -> None:
    """The other profile: no role, no voice activity, transcripts word by word, deprecated media chunks taken."""
    async with (
        stand(tmp_path, FAST + "[[reply]]\nmarks_s = 0.5\nheard = 'a b c'\n") as simulator,
        simulator.connect("gemini-2.5-flash-native-audio-preview-12-2025") as session,
    ):
        await session.send_realtime_input(media=types.Blob(data=silence(0.02), mime_type="audio/pcm;rate=16000"))
        heard = await turn(session)
    assert not any(m.voice_activity for _, m in heard.messages)
    pieces = [
        m.server_content.input_transcription.text
        for _, m in heard.messages
        if m.server_content and m.server_content.input_transcription
    ]
    assert pieces == ["a ", "b ", "c "]
