"""``make soak SEED=n HOURS=72``: days of conversation in minutes, with everything going wrong that can. One JSON.

The stand-in's ten minutes, its goAway and the lifetime of its handles pass SCALE times as fast, and so does our own
clock for swaps; the sound does not. The user's sound is numbered, so that each lost or doubled frame is known.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click
import psutil

from bench.troubles import Trouble, plan
from bench.verdict import MOST_TWICE, MOST_UNACKNOWLEDGED, Uplink, growth, uplink
from fakes.daemon import wait_until
from fakes.simulator import SimulatorError
from lived.errors import LivedError
from lived.wire.events import Loss, SessionState, Swapped, TurnComplete, TurnPlayed
from processes.talk import DEAF, Talk, marked_wav

SCENARIO = DEAF + "[[reply]]\nmarks_s = 0.4\nburst = 8.0\n"
"""Short replies: between two of them there has to be a quiet moment in each of the short connections."""

ASK_EVERY_S = 2.5
LOOK_EVERY_S = 2.0
LATE_S = 3.0
WARM_S = 150.0
"""Until then a process fills its memories of microphone or model (``live.backlog_s`` and a minute)."""
MEMORY_MIB = 4.0
"""Growth that is still flat, of all processes together: the allocator's breath."""
MESSAGE = 640
"""Bytes: 20 ms of 16 kHz mono s16le, as much as one message to the server has."""
KNOWN = {"goaway", "age", "hung", "lost", "settings"}


class Soak:
    """One run."""

    def __init__(self, talk: Talk, troubles: list[Trouble], seconds: float) -> None:
        self.talk, self._seconds = talk, seconds
        self._troubles = troubles
        self.done: Counter[str] = Counter()
        self.asked: list[str] = []
        self.memory: list[float] = []
        self.lives: dict[int, list[float]] = {}
        """Of each process, by its id: one that was killed begins with empty memories, so each is compared with itself.
        By its resident pages: its share of common ones grows when another that shared them is killed."""

    def run(self) -> None:
        """To its end; nothing is judged here."""
        began = time.monotonic()
        ask = look = 0.0
        while (now := time.monotonic() - began) < self._seconds:
            if self._troubles and now >= self._troubles[0].at:
                trouble = self._troubles.pop(0)
                self._make(trouble, now - trouble.at)
            if now >= ask:
                ask = now + ASK_EVERY_S
                self._ask()
            if now >= look:
                look = now + LOOK_EVERY_S
                self._weigh()
            time.sleep(0.05)
        self._settle()

    def _make(self, trouble: Trouble, late: float) -> None:
        """Do it, if there is something to do it to, and if it is not overdue: two kills in a row are another test."""
        if late > LATE_S:
            self.done["too late"] += 1
            return
        try:
            if trouble.worker:
                old = self.talk.kill(trouble.worker)
                self._ask()  # before anybody has noticed: what is accepted now must not be lost either
                self.talk.back(trouble.worker, old, 60)
            else:
                self.talk.simulator.inject(**trouble.fault)
        except SimulatorError:  # nobody is connected: that is trouble enough
            self.done["nobody there"] += 1
            return
        self.done[trouble.name] += 1

    def _ask(self) -> None:
        text = f"Question {len(self.asked) + 1}."
        try:
            self.talk.daemon.ask("say", text=text)
        except LivedError:
            return
        self.asked.append(text)

    def _weigh(self) -> None:
        tree = psutil.Process(self.talk.daemon.process.pid)
        try:
            parts = {p.pid: p.memory_full_info() for p in (tree, *tree.children(recursive=True))}
        except psutil.Error:  # one of them has just been killed
            return
        if len(parts) >= 4:
            self.memory.append(sum(part.pss for part in parts.values()) / 2**20)
        for pid, part in parts.items():
            self.lives.setdefault(pid, []).append(part.rss / 2**20)

    def growth(self) -> float:
        """MiB, of all processes that lived on after they were warm."""
        return sum(max(0.0, growth(life[int(WARM_S / LOOK_EVERY_S) :])) for life in self.lives.values())

    def _settle(self) -> None:
        """Wait until the session is open and all that was captured has arrived."""
        talk = self.talk
        wait_until(lambda: talk.daemon.ask("status")["session"]["state"] == "open", 120, lambda: talk.daemon.log)
        talk.daemon.ask("mute", on=True)
        end = time.monotonic() + 10
        before = -1
        while before != (before := len(talk.simulator.heard())) and time.monotonic() < end:
            time.sleep(2.0)


def verdict(soak: Soak, hours: float, scale: float, seed: int) -> dict[str, Any]:
    """What came of it, and what is wrong with that."""
    talk = soak.talk
    assert talk.ear
    said = talk.recording.pcm("mic")
    said = said[: len(said) // MESSAGE * MESSAGE]  # a last half of a message is muted before it has its other half
    sound = uplink(said, talk.simulator.heard())
    swaps = talk.ear.of(Swapped)
    opened = sum(e.state == "open" for e in talk.ear.of(SessionState))
    texts = [e["text"] for e in talk.simulator.journal("text")]
    heard = {e.turn: e.frames for e in talk.ear.of(TurnPlayed) if not e.cut}
    whole = {e.turn: e.frames for e in talk.ear.of(TurnComplete) if e.frames}
    short = [turn for turn, frames in whole.items() if turn in heard and heard[turn] < frames]
    result = {
        "seed": seed, "hours": hours, "scale": scale, "minutes": round(hours * 60 / scale, 1),
        "troubles": dict(soak.done), "connections": opened,
        "swaps": dict(Counter(f"{e.cause}, {e.kept}" for e in swaps)),
        "gap_ms": {"median": _median([e.gap_ms for e in swaps]), "longest": max((e.gap_ms for e in swaps), default=0)},
        "sound": sound._asdict(), "lost_by_our_own_account": sum(e.frames for e in talk.ear.of(Loss)),
        "questions": len(soak.asked),
        "questions_never_heard": sum(all(asked not in text for text in texts) for asked in soak.asked),
        "questions_asked_again": len(texts) - len(set(texts)),
        "replies": len(whole), "replies_cut_short": short,
        "memory_mib": round(_median(soak.memory), 1), "memory_growth_mib": round(soak.growth(), 2),
    }  # fmt: skip
    return result | {"wrong": _wrong(soak, result, sound, swaps)}


def _wrong(soak: Soak, result: dict[str, Any], sound: Uplink, swaps: list[Swapped]) -> list[str]:
    kills, deaf = soak.done["kill gateway"], soak.done["half_open"]
    broken = kills + sum(e.cause == "lost" for e in swaps)
    wrong = {
        "sound was lost": sound.lost or sound.strange,
        # what the other machine had received and not acknowledged when it or the gateway was gone, and what a server
        # had read that could not say so any more
        "sound came twice although nothing broke": sound.twice_times > broken + deaf,
        "more sound came twice than was under way": sound.twice > broken * MOST_UNACKNOWLEDGED + deaf * MOST_TWICE,
        "a question was never heard": result["questions_never_heard"],
        "a reply that had arrived was not heard to its end": result["replies_cut_short"]
        and not soak.done["kill playback"],
        "memory grows": soak.growth() > MEMORY_MIB,
        "a swap is not explained": any(e.cause not in KNOWN for e in swaps)
        or result["connections"] > len(swaps) + kills + 1,
    }
    return [what for what, is_so in wrong.items() if is_so]


def _median(values: list[Any]) -> float:
    return float(sorted(values)[len(values) // 2]) if values else 0.0


@click.command()
@click.option("--seed", default=1, show_default=True, help="What goes wrong, and when.")
@click.option("--hours", default=72.0, show_default=True, help="Of simulated time.")
@click.option("--scale", default=360.0, show_default=True, help="How much faster the server's clocks run.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep journals and logs here.")
def main(seed: int, hours: float, scale: float, keep: Path | None) -> None:
    """Days of conversation in minutes. Exit code 0 only if nothing was lost, nothing grew, and all is explained."""
    seconds = hours * 3600 / scale
    click.echo(f"soak: {hours:g} h in {seconds / 60:.1f} min, seed {seed}", err=True)
    with tempfile.TemporaryDirectory(prefix="lived-soak-") as scratch:
        folder = keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        options = (f"live.swap_after_s={max(1.0, 540 / scale):.2f}", "live.backlog_s=120", "live.nudge_s=4",
                   "live.hung_s=8")  # fmt: skip
        audio = marked_wav(folder / "user.wav", seconds + 120)
        with Talk(folder, f"time_scale = {scale}\n" + SCENARIO, *options, audio=audio).start() as talk:
            soak = Soak(talk, plan(seed, seconds), seconds)
            soak.run()
            result = verdict(soak, hours, scale, seed)
            (folder / "events.txt").write_text("\n".join(map(repr, talk.ear.events if talk.ear else [])))
    click.echo(json.dumps(result, indent=2))
    sys.exit(1 if result["wrong"] else 0)


if __name__ == "__main__":
    main()
