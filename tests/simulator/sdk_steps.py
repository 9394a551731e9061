"""Steps that tests with the real SDK share."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

from google.genai.live import AsyncSession

from simulator.harness import Heard, hear_turn, question, silence, speak

FAST = "[timing]\nsetup_ms = 5\nfirst_audio_ms = 20\n"


SHORT = FAST + "[[reply]]\nmarks_s = 1\nburst = 20\nturn_complete = 'early'\n"
HYBRID_S = 0.1


Test = Callable[..., Awaitable[None]]


def in_loop(test: Test) -> Callable[..., None]:
    """Run an async test; 20 s are far more than any takes."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 20))

    return run


async def ask(session: AsyncSession) -> None:
    """A question, faster than real time, its end marked as a client with a detector of its own does."""
    await speak(session, silence(0.1) + question() + silence(HYBRID_S), pace=40)
    await session.send_realtime_input(audio_stream_end=True)


async def turn(session: AsyncSession) -> Heard:
    """Ask, and hear the answer out."""
    await ask(session)
    return await hear_turn(session)


async def settled(condition: Callable[[], object]) -> None:
    """Wait until something holds; the test's own limit is the deadline."""
    while not condition():  # noqa: ASYNC110 - what is waited for is in a file
        await asyncio.sleep(0.01)


def handle_of(heard: Heard) -> str:
    """The newest resumable handle."""
    updates = [m.session_resumption_update for _, m in heard.messages if m.session_resumption_update]
    assert updates[-1].resumable
    assert updates[-1].new_handle
    return updates[-1].new_handle
