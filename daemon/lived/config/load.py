"""Files, environment and command line become one valid Config, or one sentence about what is wrong."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from lived.config import checks, files
from lived.config.options import Config
from lived.config.page import Page, Row, contents
from lived.config.problem import Problem
from lived.config.schema import NOT_OPTIONS, PREFIX, Option, options, sections, table_values, tables, values
from lived.config.sources import (
    COMMAND_LINE,
    DEFAULT,
    Given,
    Source,
    mistake,
    not_a_list,
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
    """As ``load``, and what set each option, by dotted key; of a table in a list by ``tools[0]``."""
    home = environ.get("HOME")
    givens: dict[str, Given] = {}
    rows: dict[str, list[Row]] = {name: [] for name in tables()}
    located = files.located(path, environ)
    for file in located.files:
        found = contents(Page(file, files.read_text(file), located.folder, home))
        givens.update({key: Given(value, Source("file", str(file))) for key, value in found.options.items()})
        for name, more in found.rows.items():
            rows[name] += more
    givens.update(_from_environment(environ, home))
    givens.update(_from_overrides(overrides, home))
    _read_instruction(givens)
    config = checks.settled(_assembled(givens, rows))
    sources = {key: givens[key].source if key in givens else DEFAULT for key in options()}
    sources |= {f"{name}[{index}]": row.source for name in rows for index, row in enumerate(rows[name])}
    if (problem := checks.problem(config)) is not None:
        raise _described(problem, config, sources)
    return config, sources


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
        else:
            raise _no_option(source, key)
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
        else:
            raise _no_option(COMMAND_LINE, key)
    return found


def _no_option(source: Source, key: str) -> LivedError:
    if key in sections():
        return not_an_option(source, key)
    return not_a_list(source, key) if key in tables() else unknown_key(source, key)


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


def _assembled(givens: Mapping[str, Given], rows: Mapping[str, Sequence[Row]]) -> Config:
    tree: dict[str, Any] = {name: [row.values for row in table] for name, table in rows.items()}
    for key, given in givens.items():
        *above, name = key.split(".")
        table = tree
        for part in above:
            table = table.setdefault(part, {})
        table[name] = given.value
    return msgspec.convert(tree, Config)


def _described(problem: Problem, config: Config, sources: Mapping[str, Source]) -> LivedError:
    """The sentence for a problem of the whole, naming every option in it and what set it."""
    flat = values(config) | table_values(config)
    blamed = [key for key in problem.keys if _source(sources, key).kind != "default"] or list(problem.keys)
    source = _with_line(_source(sources, blamed[-1]), blamed[-1])
    if len(problem.keys) == 1:
        return wrong_value(source, _option(blamed[-1]), flat[blamed[-1]], problem.expected)
    told = " and ".join(f"{_option(key).key} = {shown(flat[key])} ({_source(sources, key)})" for key in problem.keys)
    return mistake(source, f"{told} do not go together: {problem.expected}.")


def _source(sources: Mapping[str, Source], key: str) -> Source:
    """What set ``key``; a table in a list was set as a whole."""
    table, bracket, _ = key.partition("]")
    return sources[table + bracket]


def _option(key: str) -> Option:
    table, bracket, field = key.partition("[")
    return tables()[table][field.partition(".")[2]] if bracket else options()[key]


def _with_line(source: Source, key: str) -> Source:
    if source.kind != "file" or source.line:
        return source
    return msgspec.structs.replace(source, line=files.line_of(files.read_text(Path(source.name)), key.split(".")))
