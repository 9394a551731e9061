"""Options: when there is a conversation, and what it may cost."""

from typing import Annotated, Literal

import msgspec

from lived.config.options.field import INSTRUCTION_BYTES, option


class Conversation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When there is a conversation."""

    autostart: Annotated[bool, option("Begin the conversation when the daemon starts")] = True
    greet: Annotated[
        Literal["never", "boot", "start"],
        option(
            'When the model speaks first: once after the device has started ("boot"), or whenever a conversation begins'
        ),
    ] = "never"
    greeting: Annotated[
        str,
        option(
            'What the model is told to greet with, such as "Greet the guest."; "" lets it find its own words',
            max_length=INSTRUCTION_BYTES,
            lines=True,
        ),
    ] = ""
    announce: Annotated[
        bool, option("Say aloud that there is no API key, once after the device has started (in English)")
    ] = True
    idle_minutes: Annotated[
        float,
        option(
            "Hang up when nobody has spoken for so long; livectl start or say resumes; 0 = never",
            unit="min",
            ge=0,
            le=1440,
        ),
    ] = 0.0


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prices of a million tokens, those of gemini-3.8-live in US dollars as they come."""

    text_in: Annotated[float, option("Text that the model is given", ge=0, le=10_000)] = 0.75
    audio_in: Annotated[float, option("Sound that the model is given", ge=0, le=10_000)] = 3.0
    image_in: Annotated[float, option("Images that the model is given", ge=0, le=10_000)] = 1.0
    text_out: Annotated[float, option("Text and thoughts that the model produces", ge=0, le=10_000)] = 4.5
    audio_out: Annotated[float, option("Sound that the model produces", ge=0, le=10_000)] = 12.0


class Usage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the conversation costs, and how much it may."""

    currency: Annotated[str, option("Name of the currency of price and budget", max_length=8)] = "USD"
    daily_budget: Annotated[
        float, option("Most that a day (local time) may cost; then the conversation ends; 0 = no limit", ge=0, le=1e6)
    ] = 0.0
    warn_percent: Annotated[
        int, option("Share of the budget at which the model tells the user", unit="%", ge=1, le=100)
    ] = 80
    price: Price = Price()
