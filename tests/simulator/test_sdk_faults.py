"""The real google-genai SDK, unpatched, over TLS: what it sees of each fault."""

import asyncio
from pathlib import Path

import pytest
from google.genai import errors, types
from google.genai.live import AsyncSession
from pydantic import ValidationError
from websockets.exceptions import InvalidStatus

from lived_workers.simulator.marks import runs
from simulator.harness import Heard, hear_turn, question, speak, stand
from simulator.sdk_steps import FAST, SHORT, ask, handle_of, in_loop, settled, turn

HALF_OPEN = FAST + "[[reply]]\nmarks_s = 0.5\n[[fault]]\non = 'after_s:0.05'\ndo = 'half_open'\n"


async def failure(session: AsyncSession) -> errors.APIError:
    """The error that ends receive()."""
    with pytest.raises(errors.APIError) as caught:
        while True:
            await hear_turn(session)
    return caught.value


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1000, ""),
        (1001, "going away"),
        (1007, "Request contains an invalid argument."),
        (1008, "The operation was aborted."),
        (1011, "You exceeded your current quota, please check your plan and billing details"),
    ],
)
@in_loop
async def test_close_codes(tmp_path: Path, code: int, reason: str) -> None:
    """Every close is an APIError with its code and reason, mid-session and before setupComplete."""
    fault = f"do = 'close'\ncode = {code}\nreason = '{reason}'\n"
    text = FAST + f"[[fault]]\non = 'after_s:0.05'\n{fault}[[fault]]\non = 'connect:2'\n{fault}"
    async with stand(tmp_path, text) as simulator:
        async with simulator.connect() as session:
            error = await failure(session)
        with pytest.raises(errors.APIError) as caught:
            async with simulator.connect():
                pass
    assert (error.code, error.details) == (code, reason)
    assert (caught.value.code, caught.value.details) == (code, reason)


@in_loop
async def test_reset(tmp_path: Path) -> None:
    """A TCP reset is 1006."""
    async with (
        stand(tmp_path, FAST + "[[fault]]\non = 'after_s:0.05'\ndo = 'reset'\n") as simulator,
        simulator.connect() as session,
    ):
        error = await failure(session)
    assert error.code == 1006


@in_loop
async def test_half_open(tmp_path: Path) -> None:
    """No close, no data: nothing arrives, and the handle can be used elsewhere."""
    async with stand(tmp_path, HALF_OPEN) as simulator, simulator.connect() as session:
        heard = await hear_turn(session, until=lambda h: "update" in h.order)
        await settled(lambda: simulator.journal("sent", "half open"))
        await ask(session)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await hear_turn(session, heard)
        resume = types.SessionResumptionConfig(handle=handle_of(heard))
        async with simulator.connect(session_resumption=resume) as other:
            assert (await turn(other)).pcm


@pytest.mark.parametrize("status", [401, 403, 404, 429, 503])
@in_loop
async def test_refused_upgrade(tmp_path: Path, status: int) -> None:
    """An HTTP status instead of the upgrade."""
    async with stand(tmp_path, FAST + f"[[fault]]\non = 'connect:1'\ndo = 'refuse'\nstatus = {status}\n") as simulator:
        with pytest.raises(InvalidStatus) as caught:
            async with simulator.connect():
                pass
    assert caught.value.response.status_code == status


@pytest.mark.parametrize("fault", ["no_upgrade", "no_setup_complete", "slow_setup"])
@in_loop
async def test_never_ready(tmp_path: Path, fault: str) -> None:
    """No upgrade, no setupComplete or a late one: connect() hangs until its caller gives up, the next one is served."""
    async with stand(tmp_path, FAST + f"[[fault]]\non = 'connect:1'\ndo = '{fault}'\ns = 8\n") as simulator:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4), simulator.connect():
                pass
        async with simulator.connect():
            pass


@in_loop
async def test_go_away_first(tmp_path: Path) -> None:
    """goAway as the first frame counts as connected for the SDK."""
    async with (
        stand(tmp_path, FAST + "[[fault]]\non = 'connect:1'\ndo = 'go_away'\ns = 50\n") as simulator,
        simulator.connect() as session,
    ):
        message = await anext(session.receive())
        assert message.setup_complete is not None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("unknown_top_level", TypeError),
        ("error_envelope", TypeError),
        ("snake_case", TypeError),
        ("code_envelope", errors.ClientError),
        ("not_json", ValueError),
        ("wrong_type", ValidationError),
        ("empty_flood", None),
        ("empty_frame", None),
        ("empty_content", None),
        ("unknown_beside_known", None),
        ("unknown_nested", None),
        ("unknown_enum", None),
        ("text_opcode", None),
        ("big_frame", None),
        ("zero_audio", None),
        ("thought", None),
        ("usage_only", None),
    ],
)
@pytest.mark.filterwarnings("ignore:ACTIVITY_OF_TOMORROW")
@in_loop
async def test_bad_frames(tmp_path: Path, fault: str, error: type[Exception] | None) -> None:
    """A bad frame in a reply: what the SDK raises, and that receive() goes on with the next frame, nothing lost."""
    text = SHORT + f"faults = ['{fault}']\n"
    async with stand(tmp_path, text) as simulator, simulator.connect() as session:
        await session.send_realtime_input(text="Go on.")
        heard, seen = Heard(), []
        while "turn_complete" not in heard.order:
            try:
                await hear_turn(session, heard)
            except (TypeError, ValueError, errors.ClientError) as caught:
                seen.append(type(caught))
    assert seen == ([] if error is None else [error])
    (run,) = runs(heard.pcm)
    assert run.frames == 24_000


@pytest.mark.parametrize("fault", ["all_text_opcode", "two_parts", "odd_bytes", "missing_rate", "wrong_rate"])
@in_loop
async def test_shapes_lose_nothing(tmp_path: Path, fault: str) -> None:
    """However the sound is cut and labelled, its bytes joined are the reply."""
    text = SHORT + f"faults = ['{fault}']\n"
    async with stand(tmp_path, text) as simulator, simulator.connect() as session:
        await session.send_realtime_input(text="Go on.")
        heard = await hear_turn(session)
    (run,) = runs(heard.pcm)
    assert run.frames == 24_000


@in_loop
async def test_48_khz(tmp_path: Path) -> None:
    """A reply at 48 kHz has twice the bytes and says so."""
    text = SHORT + "faults = ['rate_48k']\n"
    async with stand(tmp_path, text) as simulator, simulator.connect() as session:
        await session.send_realtime_input(text="Go on.")
        heard = await hear_turn(session)
    mimes = {
        part.inline_data.mime_type
        for _, m in heard.messages
        if m.server_content and m.server_content.model_turn
        for part in m.server_content.model_turn.parts or []
        if part.inline_data
    }
    assert mimes == {"audio/pcm;rate=48000"}
    assert len(heard.pcm) / 96_000 == pytest.approx(1.2, abs=0.01)


@in_loop
async def test_stop_reading(tmp_path: Path) -> None:
    """While the server does not read, nothing is lost: all arrives afterwards, in order."""
    async with stand(tmp_path, FAST + "[[fault]]\non = 'after_s:0'\ndo = 'stall_reading'\ns = 0.7\n") as simulator:
        async with simulator.connect() as session:
            await settled(lambda: simulator.journal("deaf"))
            await speak(session, question(), pace=50)
            assert len(simulator.journal("audio")) < 3
            await settled(lambda: sum(e["bytes"] for e in simulator.journal("audio")) == len(question()))
        assert simulator.heard() == question()
