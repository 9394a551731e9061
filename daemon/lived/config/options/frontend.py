"""Options: hearing only the user: echo, noise, voice activity, barge-in by ear, wake words."""

from pathlib import PurePath
from typing import Annotated, Literal

import msgspec

from lived.config.options.field import NAME_CHARACTERS, PATH_CHARACTERS, option

WAKE_WORDS = ("alexa", "hey_jarvis", "hey_mycroft", "okay_nabu")
"""Those whose models come with ``lived[wake]``."""


class Speech(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When sound counts as speech."""

    start_percent: Annotated[int, option("Likelihood of speech from which on it may begin", unit="%", ge=1, le=99)] = 50
    stop_percent: Annotated[
        int, option("Likelihood below which it may end; smaller than start_percent", unit="%", ge=1, le=99)
    ] = 35
    start_ms: Annotated[
        int, option("It has begun when it was likely for so long; shorter is a click", unit="ms", ge=10, le=1000)
    ] = 90
    stop_ms: Annotated[
        int, option("It has ended when it was unlikely for so long; shorter is a pause", unit="ms", ge=50, le=5000)
    ] = 500


class Bargein(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Speaking over a reply, as heard on the device: quicker than the server."""

    on: Annotated[bool, option("Silence the reply when the user speaks over it")] = True
    suspect_ms: Annotated[int, option("Speech after which the reply gets quieter", unit="ms", ge=10, le=2000)] = 40
    sure_ms: Annotated[
        int,
        option(
            "Speech after which it is cut; what is shorter was a cough, and it gets loud again",
            unit="ms",
            ge=20,
            le=5000,
        ),
    ] = 160
    restore_ms: Annotated[
        int, option("It gets loud again so long after the last suspicion", unit="ms", ge=100, le=5000)
    ] = 400
    duck_percent: Annotated[
        int, option("Loudness of a reply that somebody may be speaking over", unit="%", ge=0, le=100)
    ] = 25


class Uplink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of the microphone's sound the model is sent. Push to talk is live.vad.mode = "manual"."""

    mode: Annotated[
        Literal["always", "vad", "wake"],
        option('What is sent: everything; speech only ("vad"); what follows a wake word ("wake")'),
    ] = "always"
    preroll_ms: Annotated[
        int, option("Sound from before speech was recognised that is sent too", unit="ms", ge=0, le=3000)
    ] = 500
    tail_ms: Annotated[
        int,
        option(
            "Sound after the last word that is sent too; longer than a pause between words", unit="ms", ge=0, le=5000
        ),
    ] = 800


class Wake(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Wake words (extra ``lived[wake]``), listened for when uplink.mode is "wake" or there are stop words."""

    words: Annotated[
        tuple[str, ...],
        option('Wake words that come with it: "alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"', max_length=4),
    ] = ("okay_nabu",)
    models: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=PATH_CHARACTERS)], ...],
        option("Wake words of your own: microWakeWord models (.json beside the .tflite)", max_length=8, path="path"),
    ] = ()
    stop_words: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=NAME_CHARACTERS)], ...],
        option("Those of them (a model's file name without .json) that silence a reply and wake nobody", max_length=8),
    ] = ()
    listen_s: Annotated[
        float, option("After the wake word: how long it waits for somebody to speak", unit="s", ge=1, le=60)
    ] = 6.0
    follow_up_s: Annotated[
        float, option("After a reply: how long no wake word is needed; 0 = always needed", unit="s", ge=0, le=120)
    ] = 8.0
    sounds: Annotated[bool, option("Play a short sound when it wakes up, and one when it falls asleep")] = True

    @property
    def names(self) -> tuple[str, ...]:
        """Of all words that are listened for; a model is named like its file."""
        return (*self.words, *(PurePath(path).stem for path in self.models))


class Frontend(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Between microphone and model: hears the user and nothing else."""

    enabled: Annotated[bool, option("Clean the microphone's sound before it is sent")] = False
    echo: Annotated[
        Literal["auto", "aec", "half_duplex", "off"],
        option(
            'Its own voice in the microphone: cancelled ("aec"), or silenced with all the rest ("half_duplex"); '
            '"auto" takes what works; "off" for headphones, and for cards that cancel by themselves'
        ),
    ] = "auto"
    linear_stage: Annotated[
        bool,
        option("libspeexdsp before the canceller: hears who talks over a loud reply. Not installed: done without"),
    ] = True
    noise_suppression: Annotated[
        Literal["off", "low", "moderate", "high"],
        option("Take steady noise out; the model hears well without"),
    ] = "off"
    gain_control: Annotated[bool, option("Bring the user's voice to an even loudness")] = False
    vad: Annotated[
        Literal["silero", "earshot", "off"],
        option('Who says what is speech: the better one (extra lived[vad]), the light one, nobody ("off")'),
    ] = "silero"
    speech: Speech = Speech()
    bargein: Bargein = Bargein()
    uplink: Uplink = Uplink()
    wake: Wake = Wake()
