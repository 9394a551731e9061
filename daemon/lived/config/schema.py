"""The table of options, read off the structs in options.py, and the search for the nearest known name."""

import difflib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, cast, get_args, get_origin, get_type_hints

import msgspec

from lived.config.options import Config

Value = str | int | float | bool | tuple[str, ...] | dict[str, Any] | None
"""What one option can hold; None = not set, the server decides."""

PREFIX = "LIVED_"
NOT_OPTIONS = frozenset({"LIVED_CONFIG"})
"""Variables that begin like an option and are none."""


class Option(NamedTuple):
    """One option. ``key`` is dotted (``live.vad.silence_ms``), ``type`` is what msgspec converts to."""

    key: str
    type: Any
    default: Value
    unit: str
    help: str
    expected: str
    """Completes "expected …" in a sentence."""
    limits: str
    """The same for a table: ``5..40``, ``true, false``, the choices; "" for any string."""
    path: Literal["", "path", "sound", "folder", "command"]
    lines: bool
    choices: tuple[str, ...]
    base: Any
    """The plain type: str, int, float, bool, dict, or a tuple of strings."""
    optional: bool
    """May be left to the server: ``None``, written ``""``."""
    required: bool
    """Has no default: only in a table of a list, such as [[tools]]."""

    @property
    def section(self) -> str:
        """Dotted name of the section it stands in."""
        return self.key.rpartition(".")[0]

    @property
    def name(self) -> str:
        """Last part of the key."""
        return self.key.rpartition(".")[2]

    @property
    def variable(self) -> str:
        """Environment variable that sets it."""
        return PREFIX + self.key.replace(".", "__").upper()


@cache
def options() -> Mapping[str, Option]:
    """Every option by its dotted key, in the order of options.py."""
    found: dict[str, Option] = {}
    for section, struct in sections().items():
        hints = get_type_hints(struct, include_extras=True)
        for field in msgspec.structs.fields(struct):
            if not _is_section(field.type) and not _is_tables(field.type):
                key = f"{section}.{field.name}"
                found[key] = _option(key, hints[field.name], field.default)
    return found


@cache
def tables() -> Mapping[str, Mapping[str, Option]]:
    """The lists of tables, such as [[tools]]: name to the options of one table, by field name."""
    found: dict[str, Mapping[str, Option]] = {}
    for field in msgspec.structs.fields(Config):
        if _is_tables(field.type):
            struct = get_args(field.type)[0]
            hints = get_type_hints(struct, include_extras=True)
            found[field.name] = {
                inner.name: _option(f"{field.name}.{inner.name}", hints[inner.name], _default(inner))
                for inner in msgspec.structs.fields(struct)
            }
    return found


@cache
def sections() -> Mapping[str, type[msgspec.Struct]]:
    """Every section by its dotted name, the outer before the inner."""
    found: dict[str, type[msgspec.Struct]] = {}
    waiting: list[tuple[str, type[msgspec.Struct]]] = [("", Config)]
    while waiting:
        name, struct = waiting.pop(0)
        inner = [
            (f"{name}.{f.name}".lstrip("."), f.type) for f in msgspec.structs.fields(struct) if _is_section(f.type)
        ]
        if name:
            found[name] = struct
        waiting = inner + waiting
    return found


def values(config: Config) -> dict[str, Value]:
    """The configuration as dotted keys, in the order of options.py."""
    flat: dict[str, Value] = {}
    for key in options():
        holder: Any = config
        for part in key.split("."):
            holder = getattr(holder, part)
        flat[key] = holder
    return flat


def table_values(config: Config) -> dict[str, Value]:
    """What the lists of tables hold, as ``tools[0].name``, in the order of the configuration."""
    return {
        f"{name}[{index}].{field}": getattr(row, field)
        for name, fields in tables().items()
        for index, row in enumerate(getattr(config, name))
        for field in fields
    }


def changed(old: Config, new: Config) -> set[str]:
    """Dotted keys of the options that differ; of a list of tables its name."""
    before, after = values(old), values(new)
    lists = {name for name in tables() if getattr(old, name) != getattr(new, name)}
    return {key for key in after if before[key] != after[key]} | lists


def nearest(key: str, known: Iterable[str]) -> str | None:
    """The name in ``known`` that ``key`` was probably meant to be, or None.

    The right name in the wrong section comes first, then a similar name in the same section, then the most
    similar of all.
    """
    names = list(known)
    section, _, last = key.lower().rpartition(".")
    moved = [name for name in names if name.rpartition(".")[2] == last]
    if moved:
        return max(moved, key=lambda name: difflib.SequenceMatcher(None, key, name).ratio())
    beside = {name.rpartition(".")[2]: name for name in names if name.rpartition(".")[0] == section}
    close = difflib.get_close_matches(last, beside, n=1) if section else []
    if close:
        return beside[close[0]]
    return next(iter(difflib.get_close_matches(key.lower(), names, n=1)), None)


def _is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)


def _is_tables(annotation: object) -> bool:
    """Whether it is a list of tables, such as [[tools]]."""
    return get_origin(annotation) is tuple and _is_section(get_args(annotation)[0])


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _option(key: str, annotation: Any, default: Any) -> Option:
    base, meta = _described(annotation)
    extra = meta.extra or {}
    choices = get_args(base) if get_origin(base) is Literal else ()
    optional = get_origin(annotation) is not Annotated
    unset = ' or ""' if optional else ""
    return Option(
        key=key,
        type=annotation,
        default=None if default is msgspec.NODEFAULT else cast("Value", default),
        unit=extra["unit"],
        help=meta.description or "",
        expected=extra["expected"] or _expected(base, meta, choices) + unset,
        limits=_limits(base, meta, choices) + unset,
        path=extra["path"],
        lines=extra["lines"],
        choices=choices,
        base=str if choices else base,
        optional=optional,
        required=default is msgspec.NODEFAULT,
    )


def _described(annotation: Any) -> tuple[Any, msgspec.Meta]:
    """The plain type and the description of an option, also of one that may be left unset."""
    if get_origin(annotation) is not Annotated:
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    base, meta = get_args(annotation)
    return base, meta


def _limits(base: Any, meta: msgspec.Meta, choices: tuple[str, ...]) -> str:
    if choices:
        return ", ".join(f'"{choice}"' for choice in choices)
    if base is bool:
        return "true, false"
    return f"{meta.ge:g}..{meta.le:.15g}" if base in (int, float) else ""


def _expected(base: Any, meta: msgspec.Meta, choices: tuple[str, ...]) -> str:
    if choices:
        return "one of " + ", ".join(f'"{choice}"' for choice in choices)
    if base is bool:
        return "true or false"
    if base is str:
        return f"a string of at most {meta.max_length} characters"
    if get_origin(base) is tuple:
        return f"a list of at most {meta.max_length} strings"
    if get_origin(base) is dict:
        return "a table of text, numbers, true, false, lists and tables"
    unit = meta.extra["unit"] if meta.extra else ""
    kind = "a whole number" if base is int else "a number"
    return f"{kind} from {meta.ge:g} to {meta.le:.15g}{f' ({unit})' if unit else ''}"
