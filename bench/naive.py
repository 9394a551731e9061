"""The naive way, for comparison: one asyncio process that reads the microphone, sends, receives and plays.

Written as the common examples for the Live API are: blocks of 1,024 frames read and written by blocking calls in a
thread, a queue of five blocks towards the network, an endless queue towards the loudspeaker, which is emptied when
``receive()`` ends (that is: when a turn ends) and, kinder than most, when the server says ``interrupted``.

    python bench/naive.py --base-url https://127.0.0.1:8443 --ca-file ca.pem --input vmic --output vspeaker \\
        --report naive.json

It runs until SIGTERM, then writes what it saw of itself (times: CLOCK_MONOTONIC ns).
"""

import asyncio
import json
import os
import signal
import ssl
import time
from pathlib import Path
from typing import Any

import click
import sounddevice
from google import genai
from google.genai import types

BLOCK = 1024
"""Frames, in both directions: what the examples use."""
MIC_RATE = 16_000
SPEAKER_RATE = 24_000
MIC_QUEUE = 5
"""Blocks; the examples' number."""


class Naive:
    """Microphone, session and loudspeaker in one loop, and notes of when what happened."""

    def __init__(self, device_in: str, device_out: str) -> None:
        self._device_in = device_in
        self._device_out = device_out
        self._to_send: asyncio.Queue[bytes] = asyncio.Queue(maxsize=MIC_QUEUE)
        self._to_play: asyncio.Queue[bytes] = asyncio.Queue()
        self.notes: dict[str, Any] = {
            "first_frame_ns": 0,
            "overflows": 0,
            "captured_ns": [],
            "sent_ns": [],
            "received_ns": [],
            "written_ns": [],
            "interrupted_ns": [],
            "turn_ended_ns": [],
            "emptied_bytes": 0,
        }

    async def converse(self, client: genai.Client, model: str) -> None:
        """Until cancelled, or until the connection is lost."""
        config = {"response_modalities": ["AUDIO"]}
        async with (
            client.aio.live.connect(model=model, config=config) as session,  # type: ignore[arg-type]
            asyncio.TaskGroup() as tasks,
        ):
            tasks.create_task(self._listen())
            tasks.create_task(self._send(session))
            tasks.create_task(self._receive(session))
            tasks.create_task(self._play())

    async def _listen(self) -> None:
        stream = await asyncio.to_thread(self._open_microphone)
        while True:
            data, overflowed = await asyncio.to_thread(stream.read, BLOCK)
            began = time.monotonic_ns() - BLOCK * 1_000_000_000 // MIC_RATE
            self.notes["first_frame_ns"] = self.notes["first_frame_ns"] or began
            self.notes["overflows"] += bool(overflowed)
            self.notes["captured_ns"].append(began)
            await self._to_send.put(bytes(data))

    def _open_microphone(self) -> sounddevice.RawInputStream:
        stream = sounddevice.RawInputStream(
            samplerate=MIC_RATE, blocksize=BLOCK, device=self._device_in, channels=1, dtype="int16", latency="low"
        )
        stream.start()
        return stream

    async def _send(self, session: Any) -> None:
        while True:
            data = await self._to_send.get()
            await session.send_realtime_input(audio=types.Blob(data=data, mime_type="audio/pcm;rate=16000"))
            self.notes["sent_ns"].append(time.monotonic_ns())

    async def _receive(self, session: Any) -> None:
        while True:
            async for response in session.receive():
                self._take(response.server_content)
            self.notes["turn_ended_ns"].append(time.monotonic_ns())
            self._empty()

    def _take(self, content: Any) -> None:
        if content is None:
            return
        if content.interrupted:
            self.notes["interrupted_ns"].append(time.monotonic_ns())
            self._empty()
        for part in (content.model_turn.parts or []) if content.model_turn else []:
            if part.inline_data and part.inline_data.data:
                self.notes["received_ns"].append(time.monotonic_ns())
                self._to_play.put_nowait(part.inline_data.data)

    def _empty(self) -> None:
        while not self._to_play.empty():
            self.notes["emptied_bytes"] += len(self._to_play.get_nowait())

    async def _play(self) -> None:
        stream = await asyncio.to_thread(self._open_loudspeaker)
        while True:
            data = await self._to_play.get()
            self.notes["written_ns"].append(time.monotonic_ns())
            await asyncio.to_thread(stream.write, data)

    def _open_loudspeaker(self) -> sounddevice.RawOutputStream:
        stream = sounddevice.RawOutputStream(
            samplerate=SPEAKER_RATE, blocksize=BLOCK, device=self._device_out, channels=1, dtype="int16", latency="low"
        )
        stream.start()
        return stream


async def _run(naive: Naive, base_url: str, ca_file: str, model: str) -> None:
    trust = ssl.create_default_context(cafile=ca_file)
    key = os.environ.get("GEMINI_API_KEY", "naive")
    options = {"base_url": base_url, "api_version": "v1beta", "async_client_args": {"ssl": trust, "proxy": None}}
    client = genai.Client(api_key=key, http_options=options)  # type: ignore[arg-type]
    task = asyncio.ensure_future(naive.converse(client, model))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await asyncio.wait([task])
    if not task.cancelled() and task.exception():
        naive.notes["ended_by"] = repr(task.exception())


@click.command()
@click.option("--base-url", required=True)
@click.option("--ca-file", required=True)
@click.option("--model", default="gemini-3.8-live")
@click.option("--input", "device_in", default="default")
@click.option("--output", "device_out", default="default")
@click.option("--report", type=click.Path(path_type=Path), required=True)
def main(base_url: str, ca_file: str, model: str, device_in: str, device_out: str, report: Path) -> None:
    """Converse in the naive way until SIGTERM; then write the report (JSON)."""
    naive = Naive(device_in, device_out)
    try:
        asyncio.run(_run(naive, base_url, ca_file, model))
    finally:
        report.write_text(json.dumps(naive.notes))
        # a thread may be inside read() or write(): closing the stream under it would crash, so nothing is closed
        os._exit(0)


if __name__ == "__main__":
    main()
