"""The questions, put to a person at a terminal. On stderr: stdout is for what was asked for. Ctrl-C ends all of it."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Literal

import click
from msgspec.structs import replace

from lived.cli.setup import trial
from lived.cli.setup.choices import Device, Offer, bar, offers, verdict
from lived.cli.setup.key import Opinion
from lived.config import Audio
from lived.config.voices import VOICES, canonical, nearest_voice
from lived.credentials import plausible
from lived.errors import CredentialError, DeviceError

Way = Literal["input", "output"]

CANCELLER = "pywebrtc_audio"
"""The module that cancels echo; of lived[echo]."""

_KIND = {"input": "microphone", "output": "loudspeaker"}


class Interview:
    """Asks one thing after the other; changes nothing."""

    def __init__(self, audio: Audio) -> None:
        """``audio``: as configured, for all that is not asked."""
        self._audio = audio
        self._devices: Sequence[Device] | None = None

    def key(self, there: bool, opinion: Callable[[str], Opinion]) -> str:
        """The API key; "" keeps the one that is ``there``, or does without. Asked again until the server takes it."""
        without = "keeps the one that is there" if there else "does without for now"
        while True:
            text = _asked(f"API key (it is not shown; Enter {without})", "", hidden=True).strip()
            if not text:
                return ""
            try:
                key = plausible(text, "this answer")
            except CredentialError as error:
                _tell(str(error))
                continue
            _tell("Asking the server ...")
            said = opinion(key)
            _tell(_IN_WORDS[said.key] + (f" {said.sentence}" if said.sentence else ""))
            if said.key != "refused":
                return key

    def device(self, way: Way, current: str) -> str:
        """A microphone or a loudspeaker, tried."""
        while True:
            value = self._chosen(way, current)
            if value == "null" or value.startswith("file:"):
                return value
            try:
                good = self._hears(value) if way == "input" else self._plays(value)
            except DeviceError as error:
                _tell(str(error))
                good = not click.confirm("Another one?", default=True, err=True)
            if good:
                return value
            current = value

    def front_end(self, current: bool) -> bool:
        """Whether the microphone hears the loudspeaker, so that its echo has to be taken out."""
        if find_spec(CANCELLER) is None:
            _tell("Echo cannot be cancelled here (pip install 'lived[echo,vad,wake]'): a headset, or a speakerphone.")
            return current
        question = "Does the microphone hear the loudspeaker? (A headset or a speakerphone: no)"
        return click.confirm(question, default=True, err=True)

    def voice(self, current: str) -> str:
        """One of the voices, or a locale id; "" leaves it to the server."""
        while True:
            name = _asked("Voice (? lists them)", current)
            if name == "?":
                _tell(", ".join(VOICES))
                continue
            found = canonical(name)
            if found is not None:
                return found
            near = nearest_voice(name)
            _tell(f"There is no voice {name!r}{f'; did you mean {near}?' if near else '.'}")

    def language(self, current: str) -> str:
        """In words; "-" for whichever the user speaks."""
        answer = _asked("Language to speak, such as German (- for the user's own)", current or "-").strip()
        return "" if answer == "-" else answer

    def _chosen(self, way: Way, current: str) -> str:
        listed = offers(self._found(), way, current)
        _tell(f"\nWhich {_KIND[way]}?")
        for number, offer in enumerate(listed, start=1):
            _tell(f"  {number}  {offer.words}")
        now = next(number for number, offer in enumerate(listed, start=1) if offer.value == current)
        number = click.prompt(_KIND[way].capitalize(), type=click.IntRange(1, len(listed)), default=now, err=True)
        return _value(listed, int(number))

    def _found(self) -> Sequence[Device]:
        if self._devices is None:
            try:
                self._devices = trial.devices()
            except DeviceError as error:
                _tell(str(error))
                self._devices = ()
        return self._devices

    def _plays(self, value: str) -> bool:
        _tell("Three notes ...")
        trial.play(replace(self._audio, output=value))
        return click.confirm("Did you hear them?", default=True, err=True)

    def _hears(self, value: str) -> bool:
        _tell(f"Say something, for {trial.LISTEN_S:.0f} seconds:")
        loudest: float | None = None
        for peak in trial.listen(replace(self._audio, input=value)):
            click.echo(f"\r  {bar(peak)}", nl=False, err=True)
            loudest = peak if loudest is None else max(loudest, peak if peak is not None else loudest)
        _tell("")
        wrong = verdict(loudest)
        _tell(wrong or f"You were heard ({loudest:.0f} dBFS at most).")
        return not wrong or not click.confirm("Try again, or another one?", default=True, err=True)


_IN_WORDS = {
    "accepted": "The server takes this key.",
    "refused": "The server refuses it.",
    "unknown": "Nobody could be asked whether it is right.",
}


def _value(listed: Sequence[Offer], number: int) -> str:
    return listed[number - 1].value


def _asked(question: str, default: str, hidden: bool = False) -> str:
    return str(click.prompt(question, default=default, show_default=bool(default), hide_input=hidden, err=True))


def _tell(words: str) -> None:
    click.echo(words, err=True)
