"""`lived-simulator`: the stand-in for the Live API, from the shell."""

import asyncio
import signal
import sys
import tempfile
from pathlib import Path

import click
import msgspec

from lived_workers.simulator.app import Ready, serve
from lived_workers.simulator.faults import ScenarioError
from lived_workers.simulator.profiles import DEFAULT_MODEL
from lived_workers.simulator.script import Mode
from lived_workers.simulator.settings import Settings


def _announce(settings: Settings, ready: Ready, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(ready))
        return
    plain = f", ws://{settings.host}:{ready.plain_port}" if ready.plain_port is not None else ""
    click.echo(
        f"listening on https://{settings.host}:{ready.port}{plain}, CA in {ready.ca_file};"
        f" control {ready.control}, journal {ready.journal}"
    )


async def _run(settings: Settings, as_json: bool) -> None:
    """Serve until SIGINT or SIGTERM, which end it without an error."""
    task = asyncio.ensure_future(serve(settings, lambda ready: _announce(settings, ready, as_json)))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--dir", "directory", type=click.Path(file_okay=False, path_type=Path), help="Journal, CA, control socket."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8443, show_default=True, type=click.IntRange(0, 65535), help="TLS port; 0 = any.")
@click.option("--plain-port", type=click.IntRange(0, 65535), help="Also listen without TLS; 0 = any.")
@click.option("--scenario", type=click.Path(path_type=Path), help="TOML file with replies and faults.")
@click.option("--mode", type=click.Choice([m.value for m in Mode]), default=Mode.SPEECH.value, show_default=True)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Whose manners count before setup.")
@click.option("--key", envvar="LIVED_SIMULATOR_KEY", help="The one API key to take (default: any).")
@click.option("--json", "as_json", is_flag=True, help="Say where it listens as JSON.")
def main(
    directory: Path | None,
    host: str,
    port: int,
    plain_port: int | None,
    scenario: Path | None,
    mode: str,
    model: str,
    key: str | None,
    as_json: bool,
) -> None:
    """A stand-in for the Gemini Live API: it hears, speaks, and misbehaves on order."""
    try:
        directory = directory or Path(tempfile.mkdtemp(prefix="lived-simulator-"))
        directory.mkdir(parents=True, exist_ok=True)
        settings = Settings(directory, host, port, plain_port, scenario, Mode(mode), model, key)
        asyncio.run(_run(settings, as_json))
    except ScenarioError as error:
        click.echo(f"lived-simulator: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        click.echo(f"lived-simulator: {error.strerror or error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
