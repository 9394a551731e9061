"""Two ways to play against the simulator: its pure core on a clock of our own, and the real SDK over TLS."""

import asyncio
import json
import ssl
import time
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from google import genai
from google.genai import types
from google.genai.live import AsyncSession

from lived_workers.simulator.app import Ready, serve
from lived_workers.simulator.client_messages import Audio, ClientMessage, Setup
from lived_workers.simulator.content_faults import Content
from lived_workers.simulator.effects import CloseSocket, Effect, Prepare, Send
from lived_workers.simulator.faults import Fault
from lived_workers.simulator.marks import marked
from lived_workers.simulator.resumption import Sessions
from lived_workers.simulator.scenario import Scenario, handle_lifetime, parse_scenario
from lived_workers.simulator.script import Mode, Script
from lived_workers.simulator.session import Session
from lived_workers.simulator.settings import Settings
from lived_workers.simulator.speech import DIRECTORY, Recordings

MODEL = "gemini-3.8-live"
CHUNK = 640
"""20 ms at 16 kHz."""
RECORDINGS = Recordings()
QUIET = "[timing]\njitter_ms = 0\n"
LONG = QUIET + "[[reply]]\nmarks_s = 20.0\n"


def question(name: str = "question_weather") -> bytes:
    """A recorded user, s16le mono at 16 kHz."""
    with wave.open(str(DIRECTORY / f"{name}.wav")) as sound:
        return bytes(sound.readframes(sound.getnframes()))


def silence(seconds: float) -> bytes:
    """Zeros at 16 kHz."""
    return bytes(round(seconds * 16_000) * 2)


def scenario(text: str) -> Scenario:
    """A scenario from TOML."""
    return parse_scenario(text, RECORDINGS.names)


class World:
    """What connections share, with handles that can be read."""

    def __init__(self, text: str = "", mode: Mode = Mode.MARKS) -> None:
        self.script = Script(scenario(text), mode, RECORDINGS.answers)
        self._handles = 0
        lifetime = handle_lifetime(self.script.scenario)
        self.sessions = Sessions(self.script.scenario.old_socket, self._handle, lifetime)

    def _handle(self) -> str:
        self._handles += 1
        return f"handle-{self._handles}"

    def connect(self, number: int = 1, faults: list[Fault] | None = None, now: float = 0.0, **setup: Any) -> "Player":
        """A connection whose setup is done, unless `setup` says `bare=True`."""
        player = Player(Session(number, "v1beta", self.script, self.sessions, faults or []), self.script, now)
        if not setup.pop("bare", False):
            player.tell(Setup({"model": f"models/{MODEL}", **setup}))
            player.run(0.1)
        return player


class Player:
    """Drives one session on a clock that only moves here."""

    def __init__(self, session: Session, script: Script, now: float) -> None:
        self.session, self.now = session, now
        self._script = script
        self.effects: list[tuple[float, Effect]] = []

    def tell(self, *messages: ClientMessage) -> None:
        """One frame from the client."""
        self.session.receive(self.now, list(messages))

    def run(self, seconds: float) -> None:
        """Let time pass, each effect at its moment."""
        until = self.now + seconds
        while (at := self.session.next_at()) is not None and at <= until:
            self.now = max(self.now, at)
            self._pop()
        self.now = until

    def hear(self, pcm: bytes) -> None:
        """The microphone in real time, 20 ms at a time."""
        for at in range(0, len(pcm), CHUNK):
            self.run(len(pcm[at : at + CHUNK]) / 32_000)
            self.tell(Audio(pcm[at : at + CHUNK], 16_000))

    def sent(self, what: str | None = None) -> list[tuple[float, Send]]:
        """What went out, with its time."""
        return [(at, e) for at, e in self.effects if isinstance(e, Send) and what in (None, e.what)]

    def frames(self) -> list[dict[str, Any]]:
        """What went out, decoded."""
        return [json.loads(send.data) for _, send in self.sent()]

    def order(self) -> list[str]:
        """The kinds of frames in order, repeats and heartbeats left out."""
        kinds = [send.what for _, send in self.sent() if send.what != "heartbeat"]
        return [kind for index, kind in enumerate(kinds) if index == 0 or kinds[index - 1] != kind]

    def close(self) -> CloseSocket | None:
        """How the server closed, if it did."""
        return next((e for _, e in self.effects if isinstance(e, CloseSocket)), None)

    def _pop(self) -> None:
        while (effect := self.session.pop(self.now)) is not None:
            self.effects.append((self.now, effect))
            if isinstance(effect, Prepare):
                reply = effect.reply
                frames = round((5.0 if reply.marks_s is None else reply.marks_s) * 24_000)
                words = "these are the words of the reply" if reply.transcript is None else reply.transcript
                content = Content(marked(self._script.take_marks(frames), frames), words)
                self.session.content_ready(self.now, effect.turn, content)


def asked(text: str = LONG, **setup: Any) -> Player:
    """A session whose user has just asked something."""
    player = World(text).connect(**setup)
    player.hear(question() + silence(0.9))
    return player


class Stand:
    """A simulator in this process, and SDK clients for it."""

    def __init__(self, directory: Path, ready: Ready) -> None:
        self.directory, self.ready = directory, ready
        self._trust = ssl.create_default_context(cafile=ready.ca_file)

    def client(self, key: str = "sim", version: str = "v1beta") -> genai.Client:
        """The SDK, unpatched."""
        arguments: dict[str, Any] = {
            "ssl": self._trust,
            "max_size": None,
            "max_queue": None,
            "proxy": None,
            "compression": None,
        }
        arguments |= {"ping_interval": 20, "ping_timeout": None, "open_timeout": 5, "close_timeout": 0.5}
        options = types.HttpOptions(
            base_url=f"https://127.0.0.1:{self.ready.port}", api_version=version, async_client_args=arguments
        )
        return genai.Client(api_key=key, http_options=options)

    @asynccontextmanager
    async def connect(self, model: str = MODEL, key: str = "sim", **config: Any) -> AsyncIterator[AsyncSession]:
        """A session with transcripts on."""
        settings: dict[str, Any] = {
            "response_modalities": ["AUDIO"],
            "input_audio_transcription": {},
            "output_audio_transcription": {},
            **config,
        }
        client = self.client(key)
        async with client.aio.live.connect(model=model, config=types.LiveConnectConfig(**settings)) as session:
            yield session

    def heard(self) -> bytes:
        """All PCM received."""
        return Path(self.ready.heard).read_bytes()

    def spoken(self) -> bytes:
        """All PCM sent."""
        return Path(self.ready.spoken).read_bytes()

    def journal_text(self) -> str:
        """The journal as it stands in its file."""
        return Path(self.ready.journal).read_text()

    def journal(self, kind: str | None = None, what: str | None = None) -> list[dict[str, Any]]:
        """The journal so far."""
        entries = [json.loads(line) for line in self.journal_text().splitlines()]
        return [e for e in entries if kind in (None, e["kind"]) and what in (None, e.get("what"))]


def _pass_on(ended: asyncio.Task[None], found: asyncio.Future[Ready]) -> None:
    """A simulator that could not start: its error is that of whoever waits for it."""
    if not found.done() and not ended.cancelled():
        found.set_exception(ended.exception() or RuntimeError("the simulator ended by itself"))


@asynccontextmanager
async def stand(directory: Path, text: str = "", **settings: Any) -> AsyncIterator[Stand]:
    """A running simulator."""
    path = directory / "scenario.toml"
    path.write_text(text)
    found: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(Settings(directory, scenario=path, **settings), found.set_result))
    task.add_done_callback(lambda ended: _pass_on(ended, found))
    try:
        yield Stand(directory, await found)
    finally:
        task.cancel()
        await asyncio.wait([task])


async def speak(session: AsyncSession, pcm: bytes, pace: float = 1.0) -> None:
    """The microphone: 20 ms per message, `pace` times real time."""
    for at in range(0, len(pcm), CHUNK):
        blob = types.Blob(data=pcm[at : at + CHUNK], mime_type="audio/pcm;rate=16000")
        await session.send_realtime_input(audio=blob)
        await asyncio.sleep(0.02 / pace)


class Heard:
    """What a client made of one or more turns: the messages, and the sound in them."""

    def __init__(self) -> None:
        self.messages: list[tuple[float, types.LiveServerMessage]] = []
        self.pcm = b""
        self.order: list[str] = []
        self.input_text = ""
        self.output_text = ""
        self.pcm_at_interruption: int | None = None

    def take(self, message: types.LiveServerMessage) -> None:
        """Note one message."""
        self.messages.append((time.monotonic(), message))
        if message.session_resumption_update:
            self.note("update")
        content = message.server_content
        if content is None:
            return
        self._take_content(content)

    def _take_content(self, content: types.LiveServerContent) -> None:
        for part in (content.model_turn.parts or []) if content.model_turn else []:
            if part.inline_data and part.inline_data.data:
                self.pcm += part.inline_data.data
                self.note("audio")
        self.input_text += (content.input_transcription and content.input_transcription.text) or ""
        self.output_text += (content.output_transcription and content.output_transcription.text) or ""
        for name in ("generation_complete", "interrupted", "turn_complete"):
            if getattr(content, name):
                self.note(name)
        if content.interrupted:
            self.pcm_at_interruption = len(self.pcm)

    def note(self, what: str) -> None:
        """Add to the order, without repeats."""
        if not self.order or self.order[-1] != what:
            self.order.append(what)


async def hear_turn(
    session: AsyncSession, heard: Heard | None = None, until: Callable[[Heard], bool] = lambda _: False
) -> Heard:
    """One turn, as `receive()` ends it, or less if `until` says so."""
    heard = heard or Heard()
    async for message in session.receive():
        heard.take(message)
        if until(heard):
            break
    return heard
