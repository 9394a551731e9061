"""livectl setup: from a fresh installation to a conversation."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lived.cli.options import Exit, Options, common, pass_options, say
from lived.errors import CredentialError, NotRunningError, UsageError

if TYPE_CHECKING:
    from lived.cli.setup.place import Place
    from lived.config import Config


@click.command()
@click.option("--key-file", type=click.Path(path_type=Path), metavar="F", help="A file with the API key; - for stdin.")
@click.option("--output", metavar="NAME", help="Loudspeaker, as in audio.output; not asked for then.")
@click.option("--input", metavar="NAME", help="Microphone, as in audio.input; not asked for then.")
@click.option("--front-end/--no-front-end", default=None, help="Take the loudspeaker out of the microphone, or not.")
@click.option("--voice", metavar="NAME", help="Voice, as in live.voice; not asked for then.")
@click.option("--language", metavar="WORDS", help="Language, as in live.language; not asked for then.")
@click.option("--yes", is_flag=True, help="Ask nothing: what is not given stays as it is. Needs no terminal.")
@click.option("--no-start", is_flag=True, help="Write the answers, and start nothing.")
@common
@pass_options
def setup(options: Options, /, key_file: Path | None, yes: bool, no_start: bool, **given: Any) -> int:
    """Ask for key, loudspeaker, microphone, echo, voice and language; try them, write them, start.

    Written are conf.d/10-setup.toml, with what differs from the configuration, and the file api-key beside the
    configuration: a service of the system reads /etc/lived (use sudo), everybody else ~/.config/lived. Nothing is
    written before the last answer: Ctrl-C leaves everything as it was.
    """
    from lived.cli.install import look
    from lived.cli.setup.place import place_of
    from lived.config.load import load

    if not yes and not sys.stdin.isatty():
        raise UsageError("There is no terminal to ask at: add --yes, and options for what is to change.")
    place = place_of(options.config, look.facts(), os.environ)
    config = load(options.config, options.overrides, os.environ)
    answers = {_OPTION[name]: value for name, value in given.items() if value is not None}
    _check(options, answers)
    key = _given_key(options, config, key_file) if key_file else ""
    if not yes:
        key = _interview(options, config, place, key, answers)
    written = _write(options, config, place, key, answers)
    say(options, "", {"folder": str(place.folder), "written": written, "key": bool(key)})
    return Exit.DONE if no_start else _start(options, key, ask=not yes)


_OPTION = {
    "output": "audio.output",
    "input": "audio.input",
    "front_end": "frontend.enabled",
    "voice": "live.voice",
    "language": "live.language",
}


def _given_key(options: Options, config: "Config", file: Path) -> str:
    """From ``--key-file``. Raises CredentialError: unusable, or the server refuses it."""
    from lived.cli.setup.key import opinion
    from lived.credentials import key_in

    key = key_in(Path("/dev/stdin") if str(file) == "-" else file)
    said = opinion(options, config, key)
    if said.key == "refused":
        raise CredentialError(f"Nothing was changed: {said.sentence}")
    if said.sentence:
        _tell(options, f"The key is {said.key}: {said.sentence}")
    return key


def _interview(options: Options, config: "Config", place: "Place", key: str, answers: dict[str, Any]) -> str:
    """Ask for what is not among ``answers`` yet, and put it there; the key, "" = none."""
    from lived.cli.setup.interview import Interview
    from lived.cli.setup.key import is_wanted, opinion
    from lived.config.files import key_files
    from lived.credentials import api_key

    person, audio, live = Interview(config.audio), config.audio, config.live
    if is_wanted(config) and not key:
        try:
            there = bool(api_key(os.environ, [place.key, *key_files(options.config, os.environ)]))
        except CredentialError:
            there = False
        key = person.key(there, lambda text: opinion(options, config, text))
    ask: tuple[tuple[str, Callable[[], str | bool]], ...] = (
        ("audio.output", lambda: person.device("output", audio.output)),
        ("audio.input", lambda: person.device("input", audio.input)),
        ("frontend.enabled", lambda: person.front_end(config.frontend.enabled)),
        ("live.voice", lambda: person.voice(live.voice)),
        ("live.language", lambda: person.language(live.language)),
    )
    with _cards_free(options, {"audio.output", "audio.input"} - answers.keys()):
        for option, question in ask:
            if option not in answers:
                answers[option] = question()
    _check(options, answers)
    return key


@contextmanager
def _cards_free(options: Options, wanted: set[str]) -> Iterator[None]:
    """While sound is tried the daemon lets go of the cards: one that it holds can be opened by nobody else."""
    from lived.cli.door import ask_at, running

    directory = running(options) if wanted else None
    if directory is None or not ask_at(directory, "status").get("conversing"):
        yield
        return
    _tell(options, "The conversation pauses meanwhile.")
    ask_at(directory, "stop")
    try:
        yield
    finally:
        ask_at(directory, "start")


def _check(options: Options, answers: dict[str, Any]) -> None:
    """Raises UsageError with a sentence about what no configuration takes."""
    from lived.config.load import load

    load(
        options.config,
        [*options.overrides, *(f"{key}={_spelled(value)}" for key, value in answers.items())],
        os.environ,
    )


def _spelled(value: str | bool) -> str:
    """As --set takes it."""
    return value if isinstance(value, str) else str(value).lower()


def _write(options: Options, config: "Config", place: "Place", key: str, answers: dict[str, Any]) -> list[str]:
    """What was written, in words."""
    from lived.cli.setup.writing import steps
    from lived.config.load import load_with_sources
    from lived.config.schema import values

    before = values(config)
    todo = steps(place, key, {name: value for name, value in answers.items() if value != before[name]})
    for step in todo:
        step.do()
        _tell(options, f"  {step.describe()}")
    if not todo:
        _tell(options, "Nothing to write: everything is as it was.")
    after, sources = load_with_sources(options.config, options.overrides, os.environ)
    for name, value in answers.items():
        if values(after)[name] != value:
            _tell(options, f"{name} stays {values(after)[name]!r}: {sources[name]} has the last word.")
    return [step.describe() for step in todo]


def _start(options: Options, key: str, ask: bool) -> int:
    """Have the daemon take what was written: start it, or let it read its configuration again."""
    from lived.cli.commands.start import LIMIT_S, begin, door_of, launch
    from lived.cli.door import ask_at, running
    from lived.cli.service import installed, running_as

    deadline = time.monotonic() + LIMIT_S
    directory = running(options)
    if directory is None:
        if ask and not click.confirm("Start lived now?", default=True, err=True):
            return Exit.DONE
        failure = launch(options)
        return begin(options, door_of(options, failure, deadline), failure, deadline)
    try:
        service = running_as(int(ask_at(directory, "status")["pid"]))
    except NotRunningError:  # it has just seen the new key, and is being started anew for it
        service = installed()
    if service is not None and key:  # systemd hands it over at a start
        service.stop()
        service.start()
        return begin(options, door_of(options, service.failure, deadline), service.failure, deadline)
    if ask_at(directory, "reload").get("need_restart"):
        from lived.cli.commands.restart import whole_daemon

        return whole_daemon(options)
    return begin(options, directory, lambda: "", deadline)


def _tell(options: Options, words: str) -> None:
    if not options.json:
        click.echo(words, err=True)
