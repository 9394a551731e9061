"""Options: taking turns, choosing words."""

from typing import Annotated, Literal

import msgspec

from lived.config.options.field import option


class Vad(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When somebody speaks, who decides that, and what happens then."""

    mode: Annotated[
        Literal["automatic", "hybrid", "manual"],
        option(
            'Who says that speech begins and ends: the server; the server, helped by the front end ("hybrid"); '
            'whoever presses a button (livectl talk, "manual")'
        ),
    ] = "automatic"
    preroll_ms: Annotated[
        int,
        option("Sound from before the button was pressed that is sent too (manual)", unit="ms", ge=0, le=1000),
    ] = 300
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


class Generation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the model chooses its words. What is not set is left to the server."""

    temperature: Annotated[float, option("How much chance plays a part", ge=0, le=2)] | None = None
    top_p: Annotated[float, option("Share of the likely words that are considered", ge=0, le=1)] | None = None
    top_k: Annotated[int, option("Number of likely words that are considered", ge=1, le=1000)] | None = None
    max_output_tokens: (
        Annotated[int, option("Longest reply; 25 tokens are a second of speech", unit="tokens", ge=1, le=65_536)] | None
    ) = None
    seed: Annotated[int, option("Begin of the chance, to repeat an answer", ge=0, le=2**31 - 1)] | None = None
    thinking_level: Annotated[
        Literal["", "minimal", "low", "medium", "high"],
        option("How long the model thinks; which models take or demand it: livectl config check"),
    ] = ""
    media_resolution: Annotated[
        Literal["low", "medium", "high", ""],
        option('Tokens spent on an image: 64, 256, 256 with zoom; "" leaves it to the server'),
    ] = "low"
    affective_dialog: Annotated[bool, option("Let the model adapt its tone to the user's (2.5 models only)")] = False
    proactive: Annotated[
        Literal["", "on", "off"],
        option('Let the model ignore what was not meant for it; "" leaves it to the server'),
    ] = ""


_Block = Literal["", "off", "none", "high", "medium", "low"]
_BLOCK = (
    'refused from this likelihood on ("low" refuses most); "off" and "none" refuse nothing; "" leaves it to the server'
)


class Safety(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the server refuses to say."""

    harassment: Annotated[_Block, option(f"Harassment: {_BLOCK}")] = ""
    hate_speech: Annotated[_Block, option(f"Hate speech: {_BLOCK}")] = ""
    sexually_explicit: Annotated[_Block, option(f"Sexual content: {_BLOCK}")] = ""
    dangerous_content: Annotated[_Block, option(f"Dangerous content: {_BLOCK}")] = ""
