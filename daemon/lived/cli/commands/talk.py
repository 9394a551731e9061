"""livectl talk, instruct, show: holding the button, another instruction, an image."""

import base64
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click

from lived.cli.door import ask, ask_at, directory_of
from lived.cli.options import Options, common, pass_options, say
from lived.errors import UsageError

_WORDS = {True: "You have the floor: speak.", False: "Over to the model."}


@click.command()
@click.argument("what", required=False, type=click.Choice(["on", "off", "toggle", "hold"]))
@common
@pass_options
def talk(options: Options, what: str | None) -> None:
    """Hold the button to speak (live.vad.mode = "manual").

    \b
    on, off, toggle   for buttons and scripts
    hold              for as long as this command runs: end it to let go
    (nothing)         in a terminal: Enter begins, Enter again ends, Ctrl-D leaves

    A button that is held for a minute counts as let go.
    """
    if what == "hold":
        _hold(options)
    elif what is not None:
        wanted: bool | str = {"on": True, "off": False}.get(what, "toggle")
        result = ask(options, "talk", on=wanted)
        say(options, _WORDS[bool(result.get("on"))], result)
    elif sys.stdin.isatty():
        _enter_by_enter(options)
    else:
        raise UsageError("Say on, off, toggle or hold: without a terminal there is no Enter to press.")


def _hold(options: Options) -> None:
    """Until Ctrl-C, SIGTERM, or the end of standard input where that is a pipe."""
    directory = directory_of(options)
    result = ask_at(directory, "talk", on=True)
    try:
        with _ended_by(signal.SIGTERM, signal.SIGHUP):
            say(options, _WORDS[True], result)
            sys.stdout.flush()
            _wait()
    except (KeyboardInterrupt, _EndedError):
        pass  # that is how one lets go
    finally:
        ask_at(directory, "talk", on=False)


def _wait() -> None:
    """As long as nobody ends this process. Standard input counts when somebody writes to it: its end is a release."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty() or Path("/dev/null").samefile("/dev/fd/0"):
        while True:
            select.select([], [], [], 3600)
    sys.stdin.read()


def _enter_by_enter(options: Options) -> None:
    directory = directory_of(options)
    click.echo("Enter: begin to speak, Enter: end, Ctrl-D: leave.", err=True)
    on = False
    try:
        for _ in iter(sys.stdin.readline, ""):
            on = bool(ask_at(directory, "talk", on=not on).get("on"))
            say(options, _WORDS[on], {"on": on})
    finally:
        if on:
            ask_at(directory, "talk", on=False)


class _EndedError(Exception):
    """A signal asked this process to end."""


@contextmanager
def _ended_by(*numbers: signal.Signals) -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> None:
        raise _EndedError

    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command()
@click.argument("text", nargs=-1)
@click.option("--file", "path", type=click.Path(path_type=Path), help="Take the text from this file (UTF-8).")
@click.option("--configured", is_flag=True, help="Go back to the instruction of the configuration.")
@common
@pass_options
def instruct(options: Options, text: tuple[str, ...], path: Path | None, configured: bool) -> None:
    """Give the model another instruction, until the daemon ends: livectl instruct Speak like a pirate."""
    given = [bool(text), path is not None, configured]
    if sum(given) != 1:
        raise UsageError("Give a text, or --file, or --configured: one of them.")
    words = " ".join(text) if text else _text_in(path) if path is not None else ""
    if not configured and not words.strip():
        raise UsageError("An empty instruction: --configured goes back to the configured one.")
    result = ask(options, "instruct", text=words)
    say(options, "Back to the configured instruction." if configured else "Instructed.", result)


def _text_in(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8.") from None


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@common
@pass_options
def show(options: Options, file: Path) -> None:
    """Let the model see an image: livectl show photo.jpg (JPEG or PNG)."""
    from lived.images import MOST_BYTES, look

    data = file.read_bytes()
    found = look(data)
    if found is None or len(data) > MOST_BYTES:
        data = _smaller(file, data, MOST_BYTES, bool(found))
        found = look(data)
    if found is None:
        raise UsageError(f"{file} is neither a JPEG nor a PNG: convert it first.")
    result: dict[str, Any] = ask(options, "show", mime=found.mime, data=base64.b64encode(data).decode())
    say(options, f"Shown: {result.get('width')} x {result.get('height')} pixels.", result)


def _smaller(file: Path, data: bytes, most: int, known: bool) -> bytes:
    """``data`` as a JPEG of at most 1,536 pixels, where Pillow is installed.

    Raises:
        UsageError: it is not, or the file is no image.
    """
    try:
        from PIL import Image
    except ImportError:
        what = f"is larger than {most:,} bytes: scale it down" if known else "is neither a JPEG nor a PNG: convert it"
        raise UsageError(f"{file} {what}, or install Pillow, which lived uses then.") from None
    return _scaled(Image.open, file, data)


def _scaled(open_image: Callable[..., Any], file: Path, data: bytes) -> bytes:
    import io

    try:
        with open_image(io.BytesIO(data)) as image:
            image.thumbnail((1536, 1536))
            out = io.BytesIO()
            image.convert("RGB").save(out, "JPEG", quality=85)
    except (OSError, ValueError, SyntaxError):
        raise UsageError(f"{file} is no image that can be read: convert it to JPEG.") from None
    return out.getvalue()
