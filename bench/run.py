"""``make bench``: one JSON with every budget of the design, as measured here, beside the naive way."""

import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from fakes.soundcard import SPEAKER, SoundcardError, VirtualSoundcard


def measure(cuts: int, starts: int, steady_s: float, folder: Path, card: VirtualSoundcard) -> dict[str, Any]:
    """Everything, for both programs in turn."""
    # PortAudio reads these when it is loaded
    os.environ.update(card.environ)
    from bench import course, rows, session, subjects, tape

    kinds: dict[str, session.Kind] = {"lived": subjects.Lived, "naive": subjects.Naive}
    card_ms = tape.card_delay_ms(SPEAKER, 24_000)
    seen: dict[str, rows.Seen] = {}
    for name, kind in kinds.items():
        say(f"{name}: cold start")
        cold = [session.cold_start_ms(kind, card, folder / f"{name}-cold-{i}") for i in range(starts)]
        say(f"{name}: a conversation with {cuts} interruptions")
        talk = session.take(kind, course.conversation(cuts), card, folder / f"{name}-talk")
        say(f"{name}: {steady_s:.0f} s of reply with all cores busy")
        busy = session.take(
            kind, course.steady(steady_s), card, folder / f"{name}-busy", session.Trouble(hogs=os.cpu_count() or 1)
        )
        say(f"{name}: the network is away for 5 s")
        gone = session.Trouble(away=(4.0, 9.0))
        lonely = session.take(kind, course.listening(16.0), card, folder / f"{name}-away", gone)
        seen[name] = rows.Seen(cold, talk, busy, lonely)
    return {"machine": machine(), "rows": rows.table(seen["lived"], seen["naive"], card_ms)}


def machine() -> dict[str, Any]:
    """What it was measured on."""
    model = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith(("model name", "Model"))
    ]
    return {
        "cpu": model[0] if model else platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sound": "PulseAudio null sinks (scripts/virtual-soundcard)",
    }


def say(text: str) -> None:
    """Progress, for whoever waits; the JSON alone goes to stdout."""
    click.echo(f"bench: {text}", err=True)


@click.command()
@click.option("--cuts", default=12, show_default=True, help="Interruptions of each program.")
@click.option("--starts", default=3, show_default=True, help="Cold starts of each program.")
@click.option("--steady", default=20.0, show_default=True, help="Seconds of the reply with all cores busy.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep recordings and journals here.")
def main(cuts: int, starts: int, steady: float, keep: Path | None) -> None:
    """Measure lived and the naive way side by side. Exit code 0 only if every row is ok."""
    try:
        with VirtualSoundcard() as card, tempfile.TemporaryDirectory(prefix="lived-bench-") as scratch:
            result = measure(cuts, starts, steady, keep or Path(scratch), card)
    except SoundcardError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(result, indent=2))
    sys.exit(0 if all(row["ok"] for row in result["rows"]) else 1)


if __name__ == "__main__":
    main()
