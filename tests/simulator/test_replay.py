"""What the real SDK was seen to put on the wire, replayed row by row: taken or refused as the Live API would.

frames.jsonl is a capture of google-genai 3.4.0 against a bare WebSocket server. Rows count from 0; a row that is a
handshake or a client's frame has its expectation here. The others say what the SDK did by itself (an exception before
anything was sent, a result, its own close) and are no business of a server.
"""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fakes.simulator import Simulator
from simulator.sdk_steps import in_loop
from simulator.test_client_messages import CAPTURED

pytestmark = pytest.mark.processes

TAKEN = (101, "")
NO_SUCH_PATH = (404, "")
NO_MANUAL = (1007, "Request contains an invalid argument.")
"""activityStart and activityEnd while the detector is on."""

HANDSHAKES = {
    0: TAKEN,  # v1
    3: TAKEN,
    6: TAKEN,  # v1beta
    9: TAKEN,
    12: TAKEN,
    15: TAKEN,
    18: TAKEN,
    43: TAKEN,
    47: TAKEN,
    51: TAKEN,
    55: TAKEN,
    59: TAKEN,
    64: TAKEN,
    69: TAKEN,
    73: TAKEN,  # v1alpha, constrained, with a token
    76: TAKEN,  # v1, constrained, with a token
    79: NO_SUCH_PATH,  # /proxy//ws/...: a proxy would have taken its own prefix away
    82: TAKEN,  # v1alpha, with a header of the application's
    88: NO_SUCH_PATH,  # /any/path, which the SDK uses as it stands for Vertex with a base URL and no project
}

FRAMES = {
    1: TAKEN,  # setup, minimal
    4: TAKEN,  # setup without configuration: the modality is AUDIO by default
    7: (1007, "Thinking level is not supported for this model."),  # setup with everything the SDK has, on 3.8
    10: TAKEN,  # setup, manual activity, compression with defaults
    13: TAKEN,  # setup, sessionResumption {}
    16: TAKEN,  # setup, a Python function: additionalProperties is fine in parametersJsonSchema
    19: TAKEN,  # setup
    20: TAKEN,  # audio
    21: TAKEN,
    22: TAKEN,  # video
    23: TAKEN,  # text, not ASCII
    24: NO_MANUAL,  # activityStart
    25: NO_MANUAL,
    26: NO_MANUAL,  # activityEnd
    27: TAKEN,  # audioStreamEnd true
    28: TAKEN,  # audioStreamEnd false
    29: (1007, "Request contains an invalid argument."),  # mediaChunks: gone since 3.1
    30: TAKEN,  # clientContent
    31: TAKEN,  # two turns, more to come
    32: TAKEN,  # with an image
    33: TAKEN,  # nothing but turnComplete
    34: TAKEN,  # nothing and not complete
    35: TAKEN,  # toolResponse, snake_case inside it
    36: TAKEN,  # two, with scheduling and will_continue
    37: TAKEN,  # INTERRUPT
    38: TAKEN,  # contextUpdate: instruction
    39: TAKEN,  # tools
    40: TAKEN,  # no tools
    41: TAKEN,  # the deprecated send(): turn_complete
    44: TAKEN,  # setup; what the SDK refused afterwards was never sent (also 48, 52, 56, 70)
    48: TAKEN,
    52: TAKEN,
    56: TAKEN,
    60: TAKEN,
    62: TAKEN,  # audio of no bytes
    65: TAKEN,
    67: TAKEN,  # text of no characters
    70: TAKEN,
    74: TAKEN,  # with a token
    77: TAKEN,
    80: NO_SUCH_PATH,
    83: TAKEN,
    89: NO_SUCH_PATH,
}
ROWS = HANDSHAKES | FRAMES
_OF_THE_HANDSHAKE = {
    "host",
    "upgrade",
    "connection",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "user-agent",
}
"""What every WebSocket client writes itself."""


def first(row: int, **wanted: Any) -> dict[str, Any]:
    """The first row of the same case with these values."""
    case = CAPTURED[row]["case"]
    return next(
        r for r in CAPTURED if r["case"] == case and all(r.get(name) == value for name, value in wanted.items())
    )


@asynccontextmanager
async def replayed(simulator: Simulator, handshake: dict[str, Any]) -> AsyncIterator[ClientConnection]:
    """The captured handshake: its path, its headers."""
    headers = [(name, value) for name, value in handshake["headers"] if name.lower() not in _OF_THE_HANDSHAKE]
    trust = ssl.create_default_context(cafile=simulator.ca_file)
    uri = f"wss://127.0.0.1:{simulator.port}{handshake['path']}"
    async with connect(
        uri, ssl=trust, additional_headers=headers, proxy=None, ping_interval=None, max_queue=None
    ) as client:
        yield client


async def outcome(client: ClientConnection, raw: str) -> tuple[int, str]:
    """What sending a frame leads to, once the server has surely looked at it."""
    try:
        await client.send(raw)
        for _ in range(3):  # a pong may overtake the close once
            await (await client.ping())
    except ConnectionClosed:
        pass
    return TAKEN if client.close_code is None else (client.close_code, client.close_reason or "")


async def replay(simulator: Simulator, row: int) -> tuple[int, str]:
    """Do what the row says, after what had come before it: 101, an HTTP status, or a close."""
    try:
        async with replayed(simulator, first(row, dir="handshake")) as client:
            if row in HANDSHAKES:
                return TAKEN
            setup = first(row, n=0)
            if setup is not CAPTURED[row]:
                assert await outcome(client, setup["raw"]) == TAKEN
                assert "setupComplete" in json.loads(await client.recv())
            return await outcome(client, CAPTURED[row]["raw"])
    except InvalidStatus as refused:
        return refused.response.status_code, ""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row}-{CAPTURED[row]['case']}"[:50])
@in_loop
async def test_replay(simulator: Simulator, row: int) -> None:
    """Each row ends as its expectation says."""
    assert await replay(simulator, row) == ROWS[row]


def test_every_row_is_accounted_for() -> None:
    """No handshake and no frame of the capture is without an expectation."""
    sent = {row for row, entry in enumerate(CAPTURED) if entry["dir"] == "handshake" or "raw" in entry}
    assert sent == set(ROWS)
    assert len(CAPTURED) == 94
