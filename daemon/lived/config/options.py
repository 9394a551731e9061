"""Every option of lived, each written once: type, range, default, unit and help stand in one place.

lived.example.toml, docs/configuration.md, ``livectl config show`` and the sentences about wrong values are all
made from these fields. The structs are frozen and survive ``msgspec.json``: workers get the configuration whole
and never read a file. Nothing here reads a file, the environment or a clock.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

INSTRUCTION_BYTES = 64 * 1024
"""Longest system instruction, UTF-8 bytes: about 16,000 tokens, an eighth of the model's window."""

NAME_CHARACTERS = 256
"""Longest device, voice or model name that is taken seriously."""

PATH_CHARACTERS = 4096
"""PATH_MAX of Linux, with the ``file:`` in front."""


def option(
    text: str,
    *,
    unit: str = "",
    ge: float | None = None,
    le: float | None = None,
    pattern: str | None = None,
    max_length: int | None = None,
    expected: str = "",
    path: Literal["", "path", "sound"] = "",
    lines: bool = False,
) -> Meta:
    """Describe one option.

    ``text`` is its help, one line. ``expected`` replaces the generated "what was expected" where the type
    alone does not tell. ``path`` says that the value (``sound``: the part after ``file:``) is a path, made
    absolute on loading. ``lines`` allows line breaks and tabs in a string.
    """
    extra = {"unit": unit, "expected": expected, "path": path, "lines": lines}
    # Meta's stub knows numbers or strings, not "whichever was given"
    given: dict[str, Any] = {"ge": ge, "le": le, "pattern": pattern, "max_length": max_length}
    return Meta(**given, description=text, extra=extra)


class Audio(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Microphone and loudspeaker."""

    input: Annotated[
        str,
        option(
            'Microphone: "default", a device name or a part of it, an ALSA card id, "file:PATH", "null" (silence)',
            max_length=PATH_CHARACTERS,
            path="sound",
        ),
    ] = "default"
    output: Annotated[
        str,
        option(
            'Loudspeaker: "default", a device name or a part of it, an ALSA card id, "file:PATH", "null"',
            max_length=PATH_CHARACTERS,
            path="sound",
        ),
    ] = "default"
    loop: Annotated[bool, option("Begin an input file again when it ends")] = False
    input_channels: Annotated[
        int, option("Which channel of the microphone is heard, counted from 1; 0 mixes all of them", ge=0, le=64)
    ] = 0
    input_rate: Annotated[
        int,
        option("Sample rate of the microphone; 0 takes the best one that the card has", unit="Hz", ge=0, le=192_000),
    ] = 0
    output_rate: Annotated[
        int,
        option("Sample rate of the loudspeaker; 0 takes the best one that the card has", unit="Hz", ge=0, le=192_000),
    ] = 0
    block_ms: Annotated[int, option("Sound card period: smaller is quicker and costs more", unit="ms", ge=5, le=40)] = (
        10
    )
    latency_ms: Annotated[
        int,
        option("Buffer asked from the card; 0 takes what the card calls its low latency", unit="ms", ge=0, le=1000),
    ] = 0
    prebuffer_ms: Annotated[
        int,
        option("Sound of a reply kept back before it begins, against a jittery network", unit="ms", ge=0, le=1000),
    ] = 120
    volume: Annotated[int, option("Loudness of the replies", unit="%", ge=0, le=100)] = 100
    stall_ms: Annotated[
        int,
        option("A card that asks for nothing for so long is stalled and opened anew", unit="ms", ge=200, le=60_000),
    ] = 1000


class Vad(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the server thinks that somebody speaks, and what it does then."""

    start_sensitivity: Annotated[
        Literal["", "low", "high"],
        option('How easily speech begins: "low" starts less often by mistake; "" leaves it to the server'),
    ] = ""
    end_sensitivity: Annotated[
        Literal["", "low", "high"],
        option('How easily speech ends: "low" waits longer; "" leaves it to the server'),
    ] = ""
    prefix_padding_ms: Annotated[
        int,
        option("Speech that must be heard before it counts; more means fewer false starts", unit="ms", ge=0, le=2000),
    ] = 100
    silence_ms: Annotated[
        int,
        option("Silence that ends what the user says; the server cuts it to about 2000", unit="ms", ge=100, le=6000),
    ] = 600
    interruption: Annotated[bool, option("Speaking over a reply silences it")] = True
    coverage: Annotated[
        Literal["only_activity", "all_input", "audio_activity_and_all_video", ""],
        option('What becomes part of a turn, and is paid for; "" leaves it to the server'),
    ] = "only_activity"


class Live(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The session with the Gemini Live API."""

    model: Annotated[
        str,
        option(
            "Model id, without or with models/ before it",
            pattern=r"\A[A-Za-z0-9][A-Za-z0-9._/-]*\Z",
            max_length=NAME_CHARACTERS,
            expected='a model id such as "gemini-3.8-live"',
        ),
    ] = "gemini-3.8-live"
    voice: Annotated[
        str,
        option(
            'One of the 30 voices, or a locale id such as "en-us-tavi"; "" leaves it to the server',
            max_length=NAME_CHARACTERS,
        ),
    ] = "Kore"
    instruction: Annotated[
        str,
        option("System instruction: who the device is and how it talks", max_length=INSTRUCTION_BYTES, lines=True),
    ] = ""
    instruction_file: Annotated[
        str,
        option("File with the system instruction (UTF-8, at most 64 KiB)", max_length=PATH_CHARACTERS, path="path"),
    ] = ""
    language: Annotated[
        str,
        option('Language to speak, in words, such as "German"; added to the instruction', max_length=100),
    ] = ""
    api_version: Annotated[Literal["v1", "v1beta", "v1alpha"], option("Version of the API")] = "v1beta"
    base_url: Annotated[
        str,
        option('Another server than Google\'s, "https://HOST:PORT"; "" for Google\'s', max_length=PATH_CHARACTERS),
    ] = ""
    ca_file: Annotated[
        str,
        option(
            'Certificates (PEM) that base_url is checked against; "" for those of the system',
            max_length=PATH_CHARACTERS,
            path="path",
        ),
    ] = ""
    input_transcript: Annotated[bool, option("Ask for what the user said, as text")] = True
    output_transcript: Annotated[bool, option("Ask for what the model said, as text")] = True
    resumption: Annotated[bool, option("Go on with the same session after a lost connection")] = True
    compression: Annotated[
        bool, option("Forget the oldest turns when the context grows; without it a session ends after 15 minutes")
    ] = True
    compression_trigger_tokens: Annotated[
        int, option("Size of the context at which it is compressed", unit="tokens", ge=1000, le=131_072)
    ] = 32_000
    compression_target_tokens: Annotated[
        int, option("Size of the context afterwards; smaller than the trigger", unit="tokens", ge=500, le=131_072)
    ] = 16_000
    setup_timeout_s: Annotated[
        float, option("Longest wait for the server to open a session", unit="s", ge=1, le=120)
    ] = 10.0
    backlog_s: Annotated[
        float,
        option("Sound kept while there is no session, and sent when there is one", unit="s", ge=0, le=120),
    ] = 10.0
    vad: Vad = Vad()


class Conversation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When there is a conversation."""

    autostart: Annotated[bool, option("Begin the conversation when the daemon starts")] = True


class Daemon(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The supervisor and its workers."""

    runtime_dir: Annotated[
        str,
        option(
            'Folder of the sockets; "" takes the usual one (docs/configuration.md, Folders)',
            max_length=PATH_CHARACTERS,
            path="path",
        ),
    ] = ""
    state_dir: Annotated[
        str,
        option(
            'Folder of what outlives a restart; "" takes the usual one (docs/configuration.md, Folders)',
            max_length=PATH_CHARACTERS,
            path="path",
        ),
    ] = ""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], option("Least important message shown")] = "info"
    door_group: Annotated[
        str,
        option(
            'Group that may control the daemon; "" for nobody but its own user',
            pattern=r"\A([A-Za-z_][A-Za-z0-9_.-]*)?\Z",
            max_length=32,
            expected="the name of a group",
        ),
    ] = "lived"
    hang_s: Annotated[
        float, option("A worker without progress for so long is hung and replaced", unit="s", ge=0.5, le=600)
    ] = 10.0
    start_s: Annotated[float, option("A worker has so long to become ready", unit="s", ge=0.5, le=600)] = 20.0
    stop_s: Annotated[
        float, option("Patience at each step of stopping a worker: ask, dump, kill", unit="s", ge=0.1, le=60)
    ] = 3.0
    realtime: Annotated[bool, option("Ask for real-time priority for the sound thread")] = True


class Simulator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The stand-in for the Live API: demo and tests, no key needed."""

    enabled: Annotated[bool, option("Run the stand-in, and talk to it instead of Google")] = False
    port: Annotated[int, option("Local port; 0 takes a free one", ge=0, le=65_535)] = 0
    scenario: Annotated[
        str, option("File that scripts replies and faults (TOML)", max_length=PATH_CHARACTERS, path="path")
    ] = ""
    mode: Annotated[
        Literal["speech", "parrot", "marks"],
        option('What it answers: "speech", what it heard ("parrot"), numbered samples ("marks")'),
    ] = "speech"
    dir: Annotated[
        str,
        option(
            'Folder of its journal and certificate; "" takes simulator in runtime_dir',
            max_length=PATH_CHARACTERS,
            path="path",
        ),
    ] = ""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole configuration, as ``lived.config.load`` returns it: valid, paths absolute, no secret in it."""

    audio: Audio = Audio()
    live: Live = Live()
    conversation: Conversation = Conversation()
    daemon: Daemon = Daemon()
    simulator: Simulator = Simulator()

    def instruction_text(self) -> str:
        """The system instruction to send: the text (a file's was read by ``load``) and the language hint."""
        hint = f"Speak {self.live.language}, unless the user asks for another language." if self.live.language else ""
        return "\n\n".join(part for part in (self.live.instruction, hint) if part)
