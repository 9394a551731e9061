"""livectl listen: a stream on this machine's own sound card."""

from typing import Any

import click

from lived.cli.door import answers, ask_at, directory_of
from lived.cli.options import Exit, Options, common, pass_options, say
from lived.errors import NotRunningError

STREAMS = ("speaker", "mic", "voice", "model", "stereo")
_USERS = frozenset({"mic", "voice", "stereo"})
"""Those in which the microphone is heard."""


@click.command()
@click.argument("stream", required=False, default=STREAMS[0], type=click.Choice(STREAMS))
@click.option("--output", default="default", show_default=True, metavar="DEVICE", help="As audio.output takes it.")
@common
@pass_options
def listen(options: Options, stream: str, output: str) -> int:
    """Hear a stream on this machine's own sound card, until Ctrl-C.

    \b
    speaker   what is played now, silence included (the usual one)
    mic       the microphone
    voice     what is sent to the model
    model     what the model said, each reply in full unless it was cut
    stereo    left mic, right speaker
    """
    from lived.cli.listen.session import Listening
    from lived.wire import Stream

    directory = directory_of(options)
    status = ask_at(directory, "status")
    stream = _substituted(stream, status)
    streams = (Stream.MIC, Stream.SPEAKER) if stream == "stereo" else (Stream(stream),)

    def look_after() -> None:
        if not answers(directory):
            raise NotRunningError("The daemon has ended: start it with 'livectl start'.")

    listening = Listening(directory, streams, output)
    try:
        _introduce(stream, listening.open(), status)
        listening.go_on(look_after)
    except KeyboardInterrupt:
        say(options, "", listening.tally()._asdict())
        return Exit.DONE
    finally:
        listening.close()


def _introduce(stream: str, opened: str, status: dict[str, Any]) -> None:
    """What will be heard, and what may be in the way."""
    _tell(f"Listening to {stream} on {opened}; Ctrl-C ends it.")
    if not status.get("conversing"):
        _tell("There is no conversation now; it will be heard when it begins ('livectl start').")
    if stream in _USERS and microphone_of(status) == device_in(opened):
        _tell(f"The microphone is on '{device_in(opened)}' too and may hear itself: use headphones, or --output.")


def _substituted(stream: str, status: dict[str, Any]) -> str:
    if stream != "voice" or any(worker["name"] == "frontend" for worker in status["workers"]):
        return stream
    _tell("There is no front end, so the model is sent 'mic' as it is.")
    return "mic"


def microphone_of(status: dict[str, Any]) -> str:
    """The device that capture has open, by what it says of it; "" while it has none."""
    texts = [worker["text"] for worker in status["workers"] if worker["name"] == "capture" and worker["ready"]]
    return device_in(texts[0]) if texts else ""


def device_in(text: str) -> str:
    """The device out of "USB Audio (the first of 2 that match 'USB') at 48000 Hz, 2 channels"; "" without one."""
    return text.rpartition(" at ")[0].partition(" (the first of ")[0]


def _tell(sentence: str) -> None:
    click.echo(f"livectl: {sentence}", err=True)
