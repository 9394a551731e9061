"""Options: the session with the Gemini Live API."""

from typing import Annotated, Literal

import msgspec

from lived.config.options.field import INSTRUCTION_BYTES, NAME_CHARACTERS, PATH_CHARACTERS, option
from lived.config.options.turns import Generation, Safety, Vad


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
    headers_file: Annotated[
        str,
        option(
            'File with HTTP headers for a relay of your own, one "Name: value" a line; "" for none',
            max_length=PATH_CHARACTERS,
            path="path",
        ),
    ] = ""
    token_url: Annotated[
        str,
        option(
            "Address that gives an ephemeral token in place of a key (https; JSON with name, or plain text)",
            max_length=PATH_CHARACTERS,
        ),
    ] = ""
    token_command: Annotated[
        tuple[str, ...],
        option("Program that prints an ephemeral token, with its arguments; no shell", max_length=64, path="command"),
    ] = ()
    token_file: Annotated[
        str,
        option("File that somebody else keeps an ephemeral token in", max_length=PATH_CHARACTERS, path="path"),
    ] = ""
    vertex: Annotated[bool, option("Use Vertex AI in place of the Developer API")] = False
    project: Annotated[str, option("Project of Vertex AI", max_length=NAME_CHARACTERS)] = ""
    location: Annotated[
        str,
        option(
            "Region of Vertex AI",
            pattern=r"\A[a-z][a-z0-9-]*\Z",
            max_length=NAME_CHARACTERS,
            expected='a region such as "us-central1", or "global"',
        ),
    ] = "us-central1"
    credentials_file: Annotated[
        str,
        option(
            'Service account of Vertex AI (JSON); "" takes GOOGLE_APPLICATION_CREDENTIALS or the credential vertex',
            max_length=PATH_CHARACTERS,
            path="path",
        ),
    ] = ""
    google_search: Annotated[bool, option("Let the model search the web")] = False
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
    swap_after_s: Annotated[
        float,
        option(
            "Age at which a connection is replaced at the next quiet moment; the server ends it at ten minutes",
            unit="s",
            ge=30,
            le=3600,
        ),
    ] = 540.0
    nudge_s: Annotated[
        float,
        option(
            "Silence after a question until the server is asked whether it is still there",
            unit="s",
            ge=2,
            le=600,
        ),
    ] = 15.0
    hung_s: Annotated[
        float,
        option("Silence after a question until the connection is replaced", unit="s", ge=5, le=600),
    ] = 45.0
    history_file: Annotated[
        str,
        option(
            'What was said before a new session begins: lines {"side": "user" or "model", "text": "..."}',
            max_length=PATH_CHARACTERS,
            path="path",
        ),
    ] = ""
    reseed_characters: Annotated[
        int,
        option(
            "How much of our own transcript a new session is told when the old one is lost; 0 = nothing",
            unit="characters",
            ge=0,
            le=100_000,
        ),
    ] = 8000
    vad: Vad = Vad()
    generation: Generation = Generation()
    safety: Safety = Safety()
