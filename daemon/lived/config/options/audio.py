"""Options: microphone and loudspeaker."""

from typing import Annotated

import msgspec

from lived.config.options.field import PATH_CHARACTERS, option


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
    ] = 100
    volume: Annotated[int, option("Loudness of the replies", unit="%", ge=0, le=100)] = 100
    stall_ms: Annotated[
        int,
        option("A card that asks for nothing for so long is stalled and opened anew", unit="ms", ge=200, le=60_000),
    ] = 1000
