"""Where a value came from, and the sentence about a wrong one. Pure."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from lived.config.schema import Option, Value, nearest, options, sections, tables
from lived.config.values import shown
from lived.errors import ConfigError, LivedError, UsageError

EXAMPLE = "lived.example.toml"
_SECRET_NAMES = frozenset(
    {"api_key", "apikey", "key", "token", "gemini_api_key", "google_api_key", "secret", "password"}
)


class Source(msgspec.Struct, frozen=True):
    """What set a value. ``name`` is the file's path or the variable; ``line`` is counted from 1, 0 = unknown."""

    kind: Literal["default", "file", "environment", "command line"]
    name: str = ""
    line: int = 0

    def __str__(self) -> str:
        if self.kind == "command line":
            return "--set"
        return (f"{self.name}, line {self.line}" if self.line else self.name) or self.kind


DEFAULT = Source("default")
COMMAND_LINE = Source("command line")


class Given(NamedTuple):
    """A value that somebody set, checked, and who set it."""

    value: Value
    source: Source


def mistake(source: Source, text: str) -> LivedError:
    """``text`` as the error that fits ``source``: the command line's user is told by another exit code."""
    return (UsageError if source.kind == "command line" else ConfigError)(f"{source}: {text}")


def wrong_value(source: Source, option: Option, value: object, expected: str) -> LivedError:
    """The sentence for a value that does not fit ``option``."""
    end = "" if expected.endswith("?") else "."
    told = shown(value) if source.kind == "environment" else f"{option.key} = {shown(value)}"
    return mistake(source, f"{told} is not possible; expected {expected}{end}")


def unknown_key(source: Source, key: str, *, is_section: bool = False) -> LivedError:
    """The sentence for a key that is no option, with the nearest one. The value is never told: it may be a secret."""
    kind = "section" if is_section else "option"
    told = f"{_plain(key)} is no {kind}" if source.kind != "environment" else f"there is no such {kind}"
    if key.rpartition(".")[2].lower() in _SECRET_NAMES and not is_section:
        where = "GEMINI_API_KEY or in the systemd credential api-key"
        return mistake(source, f"{told}; a key for the API does not belong here but in {where}.")
    close = nearest(key, _names(key, is_section, source.kind == "file"))
    if close and close in options() and source.kind == "environment":
        close = options()[close].variable
    return mistake(source, f"{told}; {f'did you mean {close}?' if close else f'{EXAMPLE} lists all of them.'}")


def not_an_option(source: Source, section: str) -> LivedError:
    """The sentence for a single value where a whole section belongs."""
    names = [option.name for option in options().values() if option.section == section]
    return mistake(
        source, f"{section} is a section, not an option; set one of its options, such as {section}.{names[0]}."
    )


def not_a_list(source: Source, name: str) -> LivedError:
    """The sentence for a list of tables that is written as something else."""
    if source.kind != "file":
        return mistake(source, f"{name} is a list of tables; write them into a file, each as [[{name}]].")
    return mistake(source, f"{name} is a list of tables; begin each of them with [[{name}]].")


def missing(source: Source, name: str, absent: Sequence[str]) -> LivedError:
    """The sentence for a table without what every one of its list needs."""
    needed = [field for field, option in tables()[name].items() if option.required]
    return mistake(source, f"[[{name}]] has no {_listed(absent)}; each one needs {_listed(needed)}.")


def _listed(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _names(key: str, is_section: bool, in_file: bool) -> list[str]:
    """What ``key`` may have been meant to be."""
    within = tables().get(key.partition(".")[0])
    if within is not None and in_file:
        return [option.key for option in within.values()]
    lists = list(tables()) if in_file else []
    return [*sections(), *lists] if is_section else [*options(), *sections(), *lists]


def _plain(key: str) -> str:
    """``key`` on one line of a sentence: as it is where it is made of ordinary characters, else quoted or hidden."""
    told = shown(key)
    return key if told == f'"{key}"' and " " not in key else told
