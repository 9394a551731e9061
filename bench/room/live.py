"""python -m bench.room.live: the rooms through the real processes, in real time. A table on stderr, JSON on stdout.

The virtual sound card, the room between its loudspeaker and its microphone (``live_room``), the stand-in, the daemon
with its front end. In each room twice: as it comes, for what it does of itself and what cuts it; and with barge-in
switched off, so that the user speaks into a reply that goes on, as offline.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import click

from bench.listening_scenes import clipped
from bench.room.live_room import RoomError
from bench.room.live_score import Found, Into, fault, into, judged
from bench.room.rooms import HELD_OUT, TUNING, Room
from bench.room.visit import LEARNED_S, Visit
from bench.room.words import Recogniser, Understood, found_recogniser, percent
from fakes.soundcard import SoundcardError, VirtualSoundcard

ENGINES = {"linear + AEC3": {}, "AEC3": {"frontend.linear_stage": "false"}}
WHICH = ("equal", "echo +6 dB", "RT60 0.6 s", "noise 10 dB")
ECHO_S = 40.0
HEAD = (
    "room                engine        delay ms     ERLE (told)  false  of s  cut ms       silent ms     missed  "
    "goes on: kept  WER clean  cut: kept alone  CPU front end, all  MB"
)


class Row(NamedTuple):
    """One room, one engine."""

    room: Room
    engine: str
    found: Found
    into: Into
    understood: Understood | None
    clean: Understood | None
    fault: str


def visited(room: Room, engine: str, seed: int, echo_s: float, folder: Path, recogniser: Recogniser | None) -> Row:
    """Both visits to one room."""
    with VirtualSoundcard() as card:
        with Visit(card, room, seed, folder / "cut", ENGINES[engine]) as visit:
            visit.alone(echo_s)
            for number in range(len(visit.single)):
                visit.talk_over(number)
            visit.talk_alone()
            seen = visit.seen
        off = {**ENGINES[engine], "frontend.bargein.on": "false"}
        with Visit(card, room, seed, folder / "goes-on", off) as visit:
            visit.talk_over(len(visit.single), LEARNED_S)
            gone_on, whole = visit.seen, visit.whole
    left = into(gone_on)
    understood = recogniser.errors(left.voice, whole.names) if recogniser else None
    clean = recogniser.errors(clipped(whole.sound), whole.names) if recogniser else None
    return Row(room, engine, judged(seen), left, understood, clean, fault(seen) or fault(gone_on))


def _line(row: Row) -> str:
    found, delay = row.found, row.found.delay
    cut, silent = ("/".join(f"{ms:.0f}" for ms in some) or "-" for some in (found.cut_ms, found.silent_ms))
    erle = "-" if found.erle_db is None else f"{found.erle_db:.0f}"
    return (
        f"{row.room.name:19.19} {row.engine:13} {delay.middle:3.0f} ({delay.least:.0f}-{delay.most:.0f})  "
        f"{erle:>5} ({found.told_erle_db})  {len(found.false_at_s):8} {found.echo_s:5.0f}  {cut:12} {silent:13} "
        f"{found.missed:6} {100 * row.into.kept:15.0f}% {percent(row.understood)} {percent(row.clean)} "
        f"{100 * found.kept:9.0f}% {100 * found.alone_kept:5.0f}% {found.cpu_frontend:9.1f}% {found.cpu_all:5.1f}% "
        f"{found.memory_frontend:4.0f}, {found.memory_all:.0f}{f'  INVALID: {row.fault}' if row.fault else ''}"
    )


def _plain(row: Row) -> dict[str, object]:
    found = row.found._asdict() | {"delay": row.found.delay._asdict(), "kept_goes_on": row.into.kept}
    words = {"words": row.understood, "words_clean": row.clean}
    return {"room": row.room._asdict(), "engine": row.engine, "fault": row.fault, **found, **words}


@click.command()
@click.option("--only", "names", multiple=True, help=f"Name of a room. Default: {', '.join(WHICH)}.")
@click.option("--engine", "engines", multiple=True, type=click.Choice(list(ENGINES)), help="Default: linear + AEC3.")
@click.option("--echo-s", default=ECHO_S, show_default=True, help="How long the device speaks before the user does.")
@click.option("--seed", default=1, show_default=True, help="Of the noise, and of where the device begins.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep logs and recordings here.")
def main(names: tuple[str, ...], engines: tuple[str, ...], echo_s: float, seed: int, keep: Path | None) -> None:
    """Simulated rooms through the real processes. Exit code 1 when a measurement is invalid."""
    every = {room.name: room for room in TUNING + HELD_OUT}
    if unknown := [name for name in names or WHICH if name not in every]:
        raise click.BadParameter(f"There is no room {unknown[0]!r}: use one of {', '.join(every)}.")
    rooms = [every[name] for name in names or WHICH]
    if told := [room.name for room in rooms if room.drift_ppm or room.lost_ms]:
        raise click.BadParameter(f"Both virtual cards run by one clock: {told[0]!r} can only be had with 'make room'.")
    recogniser, rows = found_recogniser(), []
    print(HEAD, file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="lived-room-", dir="/tmp") as scratch:
        for number, (room, engine) in enumerate(
            (room, engine) for room in rooms for engine in engines or ["linear + AEC3"]
        ):
            try:
                rows.append(visited(room, engine, seed, echo_s, (keep or Path(scratch)) / str(number), recogniser))
            except (SoundcardError, RoomError) as error:
                raise click.ClickException(str(error)) from error
            print(_line(rows[-1]), file=sys.stderr, flush=True)
    print(json.dumps([_plain(row) for row in rows]))
    sys.exit(1 if any(row.fault for row in rows) else 0)


if __name__ == "__main__":
    main()
