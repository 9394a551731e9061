"""Files, environment and command line become one valid Config, or one sentence about what is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from lived.config import checks, files
from lived.config.options import Config
from lived.config.schema import NOT_OPTIONS, PREFIX, Option, options, sections, values
from lived.config.sources import (
    COMMAND_LINE,
    DEFAULT,
    Given,
    Source,
    mistake,
    not_an_option,
    unknown_key,
    wrong_value,
)
from lived.config.values import WrongValueError, absolute, checked, from_text, shown, unprintable
from lived.errors import InputError, LivedError, UsageError

INSTRUCTION = "live.instruction"
INSTRUCTION_FILE = "live.instruction_file"


def load(path: Path | None, overrides: Sequence[str], environ: Mapping[str, str]) -> Config:
    """The configuration: defaults, then files, then environment, then ``overrides`` (--set), the last wins.

    ``path`` is --config, None where it was not given; ``overrides`` are ``section.key=value``. Every value is
    checked, also one that a later one replaces. Raises ConfigError (a wrong file or variable), InputError (a file
    that is missing or unreadable), UsageError (a wrong override).
    """
    return load_with_sources(path, overrides, environ)[0]


def load_with_sources(
    path: Path | None, overrides: Sequence[str], environ: Mapping[str, str]
) -> tuple[Config, Mapping[str, Source]]:
    """As ``load``, and what set each option, by dotted key."""
    home = environ.get("HOME")
    givens: dict[str, Given] = {}
    located = files.located(path, environ)
    for file in located.files:
        givens.update(_from_file(file, located.folder, home))
    givens.update(_from_environment(environ, home))
    givens.update(_from_overrides(overrides, home))
    _read_instruction(givens)
    config = checks.settled(_assembled(givens))
    sources = {key: givens[key].source if key in givens else DEFAULT for key in options()}
    if (problem := checks.problem(config)) is not None:
        raise _described(problem, config, sources)
    return config, sources


def _from_file(path: Path, folder: Path, home: str | None) -> dict[str, Given]:
    text = files.read_text(path)
    found: dict[str, Given] = {}
    for key, value in _leaves(path, text, files.parse(path, text), ()):
        option = options()[".".join(key)]
        try:
            right = absolute(option, checked(option, value), folder, home)
        except WrongValueError as error:
            raise wrong_value(_place(path, text, key), option, value, error.expected) from None
        found[option.key] = Given(right, Source("file", str(path)))
    return found


def _leaves(
    path: Path, text: str, table: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], object]]:
    """The options in ``table``, as (key parts, value). Raises ConfigError for what is none."""
    for name, value in table.items():
        key = (*above, name)
        dotted = ".".join(key)
        if dotted in sections() and isinstance(value, dict):
            yield from _leaves(path, text, value, key)
        elif dotted in sections():
            raise not_an_option(_place(path, text, key), dotted)
        elif dotted in options():
            yield key, value
        else:
            raise unknown_key(_place(path, text, key), dotted, is_section=isinstance(value, dict))


def _place(path: Path, text: str, key: tuple[str, ...]) -> Source:
    return Source("file", str(path), files.line_of(text, key))


def _from_environment(environ: Mapping[str, str], home: str | None) -> dict[str, Given]:
    variables = {option.variable: option for option in options().values()}
    found: dict[str, Given] = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in NOT_OPTIONS:
            continue
        source = Source("environment", name)
        key = name.removeprefix(PREFIX).lower().replace("__", ".")
        if name in variables:
            found[variables[name].key] = _from_string(variables[name], environ[name], source, home)
        elif key in sections():
            raise not_an_option(source, key)
        else:
            raise unknown_key(source, key)
    return found


def _from_overrides(overrides: Sequence[str], home: str | None) -> dict[str, Given]:
    found: dict[str, Given] = {}
    for override in overrides:
        key, equals, text = override.partition("=")
        key = key.strip()
        if not equals or not key:
            raise UsageError(f"--set {shown(override)}: write section.key=value, such as audio.volume=50.")
        if key in options():
            found[key] = _from_string(options()[key], text.strip(), COMMAND_LINE, home)
        elif key in sections():
            raise not_an_option(COMMAND_LINE, key)
        else:
            raise unknown_key(COMMAND_LINE, key)
    return found


def _from_string(option: Option, text: str, source: Source, home: str | None) -> Given:
    value = from_text(option, text)
    try:
        right = checked(option, value)
    except WrongValueError as error:
        raise wrong_value(source, option, value, error.expected) from None
    # relative paths from the environment and the command line start where the program was started
    return Given(absolute(option, right, files.here(), home) if option.path else right, source)


def _read_instruction(givens: dict[str, Given]) -> None:
    """Put the text of instruction_file into instruction, so that nobody has to read a file later.

    Raises InputError, or ConfigError where both are set and say different things.
    """
    given = givens.get(INSTRUCTION_FILE)
    if given is None or not given.value:
        return
    path = Path(str(given.value))
    try:
        text = files.read_text(path).replace("\r\n", "\n").strip()
    except InputError as error:
        raise InputError(f"{given.source}: {INSTRUCTION_FILE}: {error}") from None
    if unprintable(text, lines=True):
        raise InputError(f"{given.source}: {INSTRUCTION_FILE}: {path} holds control characters; it must be plain text.")
    inline = givens.get(INSTRUCTION)
    if inline is not None and inline.value not in ("", text):
        both = f"{INSTRUCTION} ({inline.source}) and {INSTRUCTION_FILE} ({given.source}) are both set"
        last = inline.source if inline.source.kind == "command line" else given.source
        raise mistake(last, f"{both}; keep one of them.")
    givens[INSTRUCTION] = Given(text, Source("file", str(path)))


def _assembled(givens: Mapping[str, Given]) -> Config:
    tree: dict[str, Any] = {}
    for key, given in givens.items():
        *above, name = key.split(".")
        table = tree
        for part in above:
            table = table.setdefault(part, {})
        table[name] = given.value
    return msgspec.convert(tree, Config)


def _described(problem: checks.Problem, config: Config, sources: Mapping[str, Source]) -> LivedError:
    """The sentence for a problem of the whole, naming every option in it and what set it."""
    flat = values(config)
    blamed = [key for key in problem.keys if sources[key].kind != "default"] or list(problem.keys)
    source = sources[blamed[-1]]
    if len(problem.keys) == 1:
        return wrong_value(_with_line(source, blamed[-1]), options()[blamed[-1]], flat[blamed[-1]], problem.expected)
    told = " and ".join(f"{key} = {shown(flat[key])} ({sources[key]})" for key in problem.keys)
    return mistake(_with_line(source, blamed[-1]), f"{told} do not go together: {problem.expected}.")


def _with_line(source: Source, key: str) -> Source:
    if source.kind != "file":
        return source
    return msgspec.structs.replace(source, line=files.line_of(files.read_text(Path(source.name)), key.split(".")))
