"""The demo from curtain to curtain: set the stage, let the user speak, listen, end everything, measure."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from lived.cli.demo import journal, measure, mix, recording, report
from lived.cli.demo.cost import Meter, Share
from lived.cli.demo.lateness import Lateness
from lived.cli.demo.listen import Listener
from lived.cli.demo.recording import Cue
from lived.cli.demo.show import Show
from lived.cli.demo.stage import Stage
from lived.cli.door import ask_at
from lived.clock import monotonic_ns
from lived.config import Config
from lived.config.schema import values
from lived.errors import InputError, LivedError
from lived.units import MILLISECOND, SECOND, Ns, Turn

SHOW_S = 26.0
"""From the beginning until the conversation is broken off, so that everything has ended within 30 s."""
TAIL = Ns(300 * MILLISECOND)
"""Listened on after the last reply: its last block is still on its way."""
LOOK_MS = 50
WAV = Path("lived-demo.wav")


class Wishes(NamedTuple):
    """What was asked for."""

    live: Config | None = None
    """With this configuration's sound card instead of files."""
    keep: Path | None = None
    """Where everything is kept: sound, journal, logs."""


class Outcome(NamedTuple):
    """What came of it."""

    figures: list[report.Figure]
    wav: Path
    kept: Path | None


class _Performance(NamedTuple):
    listener: Listener
    began: Ns
    memory_bytes: int
    share: Share
    lateness_p99_ms: float


def perform(wishes: Wishes, write: Callable[[str], None]) -> Outcome:
    """The whole demo. ``write`` shows what happens while it happens.

    Raises:
        LivedError: it could not be carried out; says why. Nothing is left running, whatever is raised.
    """
    deadline = Ns(monotonic_ns() + int(SHOW_S * SECOND))
    with ExitStack() as cleanup:
        folder = cleanup.enter_context(_folder(wishes.keep))
        # sockets have short paths; the folder to keep may have a long one
        runtime = Path(tempfile.mkdtemp(prefix="lived-demo-", dir="/tmp"))
        cleanup.callback(shutil.rmtree, runtime, ignore_errors=True)
        cues = [] if wishes.live else recording.write(folder / "user.wav")
        stage = cleanup.enter_context(Stage(folder, runtime, os.environ))
        write("Starting the stand-in for the Live API, and the daemon.\n")
        stage.start_daemon(_overrides(wishes, stage, folder, runtime))
        show = Show(write, monotonic_ns())
        listener = Listener(runtime, show.event)
        cleanup.callback(listener.close)
        if wishes.live:
            show.line(monotonic_ns(), "ask something; then ask again, and talk over the answer")
        shown = _converse(stage, listener, deadline)
        show.end()
        stage.end_daemon()
        listener.wait(0)
        stage.end_stand_in()
        found = _measured(shown, journal.read(stage.stand_in_dir), cues, wishes)
        wav = _mixed(listener, wishes.keep)
        return Outcome(report.figures(found), wav, wishes.keep)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="lived-demo-") as folder:
            yield Path(folder)
        return
    keep.mkdir(parents=True, exist_ok=True)
    if any(keep.iterdir()):
        raise InputError(f"{keep} is not empty: name a new folder.")
    yield keep.absolute()


def _overrides(wishes: Wishes, stage: Stage, folder: Path, runtime: Path) -> list[str]:
    """Start the stand-in, and tell the daemon about it and about its sound."""
    scenario = folder / "scenario.toml"
    scenario.write_text(recording.scenario())
    facts = stage.start_stand_in(scenario)
    return [
        f"live.base_url=https://127.0.0.1:{facts['port']}",
        f"live.ca_file={facts['ca_file']}",
        f"daemon.runtime_dir={runtime}",
        f"daemon.state_dir={folder / 'state'}",
        "conversation.autostart=false",
        *_sound(wishes.live, folder),
    ]


def _sound(live: Config | None, folder: Path) -> list[str]:
    if live is None:
        return [f"audio.input=file:{folder / 'user.wav'}", f"audio.output=file:{folder / 'speaker.wav'}"]
    return [f"{key}={value}" for key, value in _plain(live).items() if key.startswith("audio.")]


def _plain(config: Config) -> dict[str, Any]:
    """Options as --set takes them."""
    return {key: str(value).lower() if isinstance(value, bool) else value for key, value in values(config).items()}


def _follow(stage: Stage, listener: Listener, meter: Meter, deadline: Ns) -> None:
    """Listen until the last reply has been heard, or the time is over."""
    over_at: Ns | None = None
    while (now := monotonic_ns()) < deadline and (over_at is None or now < over_at + TAIL):
        listener.wait(LOOK_MS)
        stage.check()
        if not meter.running and listener.opened_at is not None:
            meter.begin(now)
        if over_at is None and len(listener.finished()) >= len(recording.EXCHANGES):
            over_at = now


def _converse(stage: Stage, listener: Listener, deadline: Ns) -> _Performance:
    """Begin the conversation and follow it to its end."""
    began = monotonic_ns()
    meter = Meter(*stage.pids)
    with Lateness() as lateness:
        ask_at(stage.runtime, "start")
        _follow(stage, listener, meter, deadline)
        share = meter.share(monotonic_ns())
    return _Performance(listener, began, meter.memory_bytes(), share, lateness.p99_ms)


def _measured(shown: _Performance, stand_in: journal.Journal, cues: Sequence[Cue], wishes: Wishes) -> report.Measured:
    listener = shown.listener
    if not listener.mic or not listener.speaker:
        raise LivedError("No sound was captured or played: --keep DIR keeps the logs that say why.")
    mic, speaker = measure.one_life(listener.mic), measure.one_life(listener.speaker)
    cuts = measure.interruptions(listener.events)
    up, alignment = measure.up(mic, stand_in.received)
    # turns are numbered by each side for itself; their order is the same
    sent = dict(zip(listener.turns(), stand_in.sent, strict=False))
    heard_of_cut: dict[Turn, int] = {cut.turn: cut.heard_frames for cut in cuts}
    return report.Measured(
        turns=len(measure.replies(listener.events).heard),
        turns_expected=None if wishes.live else len(recording.EXCHANGES),
        cuts=cuts,
        cut_expected=not wishes.live,
        block_ms=(wishes.live or Config()).audio.block_ms,
        reaction_ms=_reaction_ms(mic[0].time, cuts, cues),
        delays=measure.delays(mic, stand_in.messages, alignment, listener.opened_at or shown.began),
        lateness_p99_ms=max(shown.lateness_p99_ms, measure.handover_p99_ms(listener.events)),
        socket_delays=measure.socket_delays(listener.events),
        up=up,
        down=measure.down(speaker, sent, heard_of_cut),
        memory_bytes=shown.memory_bytes,
        cpu_percent=shown.share.daemon,
        others_percent=shown.share.others,
    )


def _reaction_ms(began: Ns, cuts: Sequence[measure.Interruption], cues: Sequence[Cue]) -> float | None:
    if not cuts or not cues:
        return None
    return (cuts[0].silent - recording.talk_over(list(cues), began)) / MILLISECOND


def _mixed(listener: Listener, keep: Path | None) -> Path:
    """Write the stereo WAV where it will be found, in the temporary folder when not here."""
    mic, speaker = measure.one_life(listener.mic), measure.one_life(listener.speaker)
    wanted = (keep / WAV if keep else WAV).absolute()
    try:
        mix.write(wanted, mic, speaker)
    except PermissionError:
        wanted = Path(tempfile.gettempdir()) / WAV
        mix.write(wanted, mic, speaker)
    return wanted
