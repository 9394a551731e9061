"""One file of the configuration, with the places in it; and what its lists of tables hold."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lived.config import files
from lived.config.schema import Option, Value, options, sections, tables
from lived.config.sources import Source, missing, not_a_list, not_an_option, unknown_key, wrong_value
from lived.config.values import WrongValueError, absolute, checked


class Page(NamedTuple):
    """A file that was read. ``folder`` and ``home`` are where its relative paths and ``~/`` start."""

    path: Path
    text: str
    folder: Path
    home: str | None

    def place(self, key: Sequence[str | int]) -> Source:
        """Where ``key`` stands; a number is an index into a list of tables."""
        return Source("file", str(self.path), files.line_of(self.text, key))


class Row(NamedTuple):
    """One table of a list, such as one [[tools]]: its values by field name, and where it begins."""

    values: dict[str, Value]
    source: Source


class Contents(NamedTuple):
    """What one file says."""

    options: dict[str, Value]
    """By dotted key."""
    rows: dict[str, list[Row]]
    """By name of the list."""


def contents(page: Page) -> Contents:
    """Everything in ``page``, checked. Raises ConfigError."""
    found = Contents({}, {})
    table = files.parse(page.path, page.text)
    for name in tables():
        if name in table:
            found.rows[name] = list(_rows(page, name, table.pop(name)))
    for key, value in _leaves(page, table, ()):
        option = options()[".".join(key)]
        found.options[option.key] = _fitting(page, option, value, key)
    return found


def _fitting(page: Page, option: Option, value: object, key: Sequence[str | int]) -> Value:
    try:
        return absolute(option, checked(option, value), page.folder, page.home)
    except WrongValueError as error:
        raise wrong_value(page.place(key), option, value, error.expected) from None


def _leaves(page: Page, table: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    """The options in ``table``, as (key parts, value). Raises ConfigError for what is none."""
    for name, value in table.items():
        key = (*above, name)
        dotted = ".".join(key)
        if dotted in sections() and isinstance(value, dict):
            yield from _leaves(page, value, key)
        elif dotted in sections():
            raise not_an_option(page.place(key), dotted)
        elif dotted in options():
            yield key, value
        else:
            raise unknown_key(page.place(key), dotted, is_section=isinstance(value, dict))


def _rows(page: Page, name: str, found: object) -> Iterator[Row]:
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise not_a_list(page.place((name,)), name)
    fields = tables()[name]
    for index, row in enumerate(found):
        source = page.place((name, index))
        values: dict[str, Value] = {}
        for field, value in row.items():
            key = (name, index, field)
            if field not in fields:
                raise unknown_key(page.place(key), f"{name}.{field}")
            values[field] = _fitting(page, fields[field], value, key)
        absent = [field for field, option in fields.items() if option.required and field not in values]
        if absent:
            raise missing(source, name, absent)
        yield Row(values, source)
