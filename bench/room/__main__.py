"""python -m bench.room: the table of docs/echo.md on stderr, all figures as JSON on stdout."""

import json
import sys
from statistics import median
from typing import NamedTuple

import click

from bench.listening_scenes import Samples
from bench.room.cost import costs
from bench.room.passage import likely, send
from bench.room.rooms import HELD_OUT, QUICK, TUNING, Room
from bench.room.scene import make
from bench.room.score import Score, score
from bench.room.words import Recogniser, Understood, cut_out, found_recogniser, percent
from lived.config.options import Frontend

ENGINES = {
    "AEC3": Frontend(linear_stage=False),
    "linear + AEC3": Frontend(),
    "off": Frontend(echo="off"),
    "half duplex": Frontend(echo="half_duplex"),
}
ECHO_S = 40.0
QUICK_ECHO_S = 12.0
HEAD = (
    "room                engine         ERLE  false/h  VAD echo  kept  alone   WER  clean  cut ms      missed"
    "  trust  half  ppm"
)


class Row(NamedTuple):
    """One room, one engine."""

    room: Room
    engine: str
    score: Score
    understood: Understood | None
    """None: no recogniser is installed."""
    clean: Understood | None


def _rows(room: Room, echo_s: float, seed: int, engines: list[str], recogniser: Recogniser | None) -> list[Row]:
    scene = make(room, seed, echo_s)
    right = likely(scene.user, Frontend())

    def understood(samples: Samples) -> Understood | None:
        return recogniser.errors(cut_out(samples, *scene.double), scene.said) if recogniser else None

    clean, rows = understood(scene.user), []
    for name in engines:
        passed = send(scene, ENGINES[name], seed)
        if passed.missing:
            print(f"{name}: {passed.missing}", file=sys.stderr)
        rows.append(Row(room, name, score(scene, passed, right), understood(passed.voice), clean))
        print(_line(rows[-1]), file=sys.stderr, flush=True)
    return rows


def _line(row: Row) -> str:
    found = row.score
    cut = "/".join(f"{ms:.0f}" for ms in found.cut_ms) or "-"
    return (
        f"{row.room.name:19.19} {row.engine:14} {found.erle_db:4.0f} {3600 * found.false_cuts / found.echo_s:8.0f} "
        f"{100 * found.echo_speech:8.1f}% {100 * found.kept:4.0f}% {100 * found.alone_kept:5.0f}% "
        f"{percent(row.understood)} {percent(row.clean)}  {cut:11} {found.missed:6} {100 * found.trusted:5.0f}% "
        f"{100 * found.half_duplex:4.0f}% {found.drift_ppm:4}"
    )


def _summary(rows: list[Row]) -> str:
    scores = [row.score for row in rows]
    cuts = sorted(ms for found in scores for ms in found.cut_ms)
    hours = sum(found.echo_s for found in scores) / 3600
    wrong = [row.understood for row in rows if row.understood]
    wer = f", WER {100 * sum(w for w, _ in wrong) / sum(n for _, n in wrong):.0f} %" if wrong else ""
    return (
        f"{sum(found.false_cuts for found in scores)} false barge-ins in {hours:.2f} h of echo, "
        f"kept {100 * sum(found.kept for found in scores) / len(scores):.0f} %{wer}, "
        f"cut {f'{median(cuts):.0f} ms (most {cuts[-1]:.0f})' if cuts else 'never'}, "
        f"{sum(found.missed for found in scores)} of {len(cuts) + sum(found.missed for found in scores)} not cut"
    )


@click.command()
@click.option("--quick", is_flag=True, help="Four rooms, the first two engines, short.")
@click.option("--seed", default=1, show_default=True)
@click.option("--echo-s", type=float, help="How long the device speaks in each room before the user does.")
@click.option("--only", default="", help="Rooms whose name has this in it.")
@click.option("--engine", "engines", multiple=True, type=click.Choice(list(ENGINES)), help="Default: all.")
def main(*, quick: bool, seed: int, echo_s: float | None, only: str, engines: tuple[str, ...]) -> None:
    """Simulated rooms through the front end."""
    chosen = list(engines) or list(ENGINES)[: 2 if quick else None]
    rooms = [room for room in (QUICK if quick else TUNING + HELD_OUT) if only in room.name]
    length = echo_s or (QUICK_ECHO_S if quick else ECHO_S)
    recogniser = found_recogniser()
    print(HEAD, file=sys.stderr)
    rows = [row for room in rooms for row in _rows(room, length, seed, chosen, recogniser)]
    for held_out, title in ((False, "tuning"), (True, "held out")):
        for name in chosen:
            some = [row for row in rows if row.engine == name and row.room.held_out == held_out]
            if some:
                print(f"{title}, {name}: {_summary(some)}", file=sys.stderr)
    cost = costs(make(TUNING[0], seed, QUICK_ECHO_S))
    print("CPU, % of a core: " + ", ".join(f"{name} {value:.2f}" for name, value in cost.items()), file=sys.stderr)
    print(json.dumps({"rooms": [_plain(row) for row in rows], "cpu_percent": cost}))


def _plain(row: Row) -> dict[str, object]:
    found = {"words": row.understood, "words_clean": row.clean, **row.score._asdict()}
    return {"room": row.room._asdict(), "engine": row.engine, **found}


if __name__ == "__main__":
    main()
