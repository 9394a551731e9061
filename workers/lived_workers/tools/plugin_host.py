"""``python -m lived_workers.tools.plugin_host``: the process that one call of a plugin runs in.

It imports the plugins named on its command line (so that this is done before somebody waits), then reads one line of
JSON on its standard input. ``{"describe": true}`` asks what there is; ``{"plugin": NAME, "args": {...}}`` runs one,
as a program of [[tools]] would: intermediate answers as lines ``{"partial": ...}``, then the answer. It ends after
that, so whatever a plugin does to its process it does once. Standard output belongs to the answers; what a plugin
prints goes to standard error.
"""

import asyncio
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import msgspec

GROUP = "lived.tools"
EVERY = "*"
"""In place of names: all that are installed."""


class Described(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a plugin says of itself, or ``error``: why it cannot be used."""

    name: str
    error: str = ""
    description: str = ""
    parameters: dict[str, Any] = {}
    behavior: str = ""
    scheduling: str = "when_idle"
    timeout_s: float = 10.0


class Plugin:
    """One entry point, imported: a callable with type hints, or an object with ``call(args)`` and a description."""

    def __init__(self, name: str, thing: Any) -> None:
        """Look at it.

        Raises:
            TypeError: it is neither, or its arguments cannot be described.
        """
        self._thing = thing
        call = getattr(thing, "call", None)
        if callable(call) and hasattr(thing, "parameters"):
            self._run: Callable[[dict[str, Any]], Any] = call
            parameters = dict(thing.parameters)
        elif callable(thing):
            arguments = _arguments(thing)
            parameters = _schema(arguments)
            self._run = lambda args: thing(**_given(msgspec.convert(args, arguments, strict=False)))
        else:
            raise TypeError("it is neither a callable nor an object with 'parameters' and 'call'")
        self.described = msgspec.convert(
            {
                "name": name,
                "description": str(getattr(thing, "description", "") or inspect.getdoc(thing) or ""),
                "parameters": parameters,
                **{key: getattr(thing, key) for key in ("behavior", "scheduling", "timeout_s") if hasattr(thing, key)},
            },
            Described,
        )

    def answers(self, args: dict[str, Any]) -> Iterator[tuple[bool, Any]]:
        """Run it: (more follow, answer) pairs, the last one final."""
        value = self._run(args)
        if inspect.isasyncgen(value):
            value = _waited(value)
        if inspect.iscoroutine(value):
            value = asyncio.run(value)
        if inspect.isgenerator(value):
            value = yield from _partial(value)
        yield False, value


def _partial(generator: Iterator[Any]) -> Any:
    while True:
        try:
            yield True, next(generator)
        except StopIteration as end:
            return end.value


def _waited(generator: Any) -> Iterator[Any]:
    with asyncio.Runner() as runner:
        while True:
            try:
                yield runner.run(anext(generator))
            except StopAsyncIteration:
                return


def _arguments(function: Callable[..., Any]) -> type[msgspec.Struct]:
    """A struct with the function's parameters as fields."""
    hints = inspect.get_annotations(function if inspect.isroutine(function) else type(function).__call__, eval_str=True)
    fields: list[Any] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise TypeError(f"the model cannot give its parameter '{name}': use plain named parameters")
        hint = hints.get(name, Any)
        if parameter.default is parameter.empty:
            fields.append((name, hint))
        else:  # a factory, since a default may be a list
            fields.append((name, hint, msgspec.field(default_factory=partial(_itself, parameter.default))))
    return msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True)


def _itself(value: Any) -> Any:
    return value


def _given(arguments: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in arguments.__struct_fields__}


def _schema(arguments: type[msgspec.Struct]) -> dict[str, Any]:
    """JSON Schema of the struct, without a level of references around it."""
    (_,), parts = msgspec.json.schema_components([arguments], ref_template="#/$defs/{name}")
    schema = {key: value for key, value in parts.pop("Arguments").items() if key != "title"}
    return schema | ({"$defs": parts} if parts else {})


def found(wanted: list[str]) -> Iterator[tuple[str, EntryPoint | None]]:
    """The entry points that are wanted; None for one that is not installed."""
    installed = {point.name: point for point in entry_points(group=GROUP)}
    for name in sorted(installed) if EVERY in wanted else wanted:
        yield name, installed.get(name)


def loaded(name: str, point: EntryPoint | None) -> Plugin | str:
    """The plugin, or why it cannot be used."""
    if point is None:
        return f"no package that has it in its entry points ({GROUP}) is installed"
    try:
        return Plugin(name, point.load())
    except Exception as error:  # noqa: BLE001  (somebody else's code: whatever it raises is what is wrong with it)
        return f"{type(error).__name__}: {error}"


def main() -> None:
    """Import, wait for the line, do what it says."""
    answer = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    plugins = {name: loaded(name, point) for name, point in found(sys.argv[1:])}
    line = sys.stdin.buffer.readline()
    if not line:
        return  # not needed
    order = msgspec.json.decode(line)
    if order.get("describe"):
        told = [Described(n, error=p) if isinstance(p, str) else p.described for n, p in plugins.items()]
        answer.write(msgspec.json.encode(told))
        return
    plugin = plugins[order["plugin"]]
    if isinstance(plugin, str):
        sys.exit(plugin)
    for more, value in plugin.answers(order["args"]):
        told_value = msgspec.json.encode({"partial" if more else "result": value})
        answer.write(told_value + b"\n")


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # noqa: BLE001  (a plugin's: the last line is what the model is told, the rest is for the log)
        import traceback

        traceback.print_exc()
        sys.exit(f"{type(error).__name__}: {error}")
