"""Which workers a changed option concerns."""

import pytest

from lived.config import Camera, Config
from lived.config.options import Hook, Metrics, Record, Toolbox, Worker
from lived.config.options.subscribers import TAKEN
from lived.config.schema import changed, options, tables
from lived.supervisor.roster import concerned, forked, in_detail, roster

ALL = {"capture", "playback", "gateway", "tools", "camera", "recorder", "metrics", "hooks", "simulator"}


@pytest.mark.parametrize(
    ("key", "workers"),
    [
        ("audio.input", {"capture"}),
        ("audio.volume", set()),
        ("live.model", {"gateway"}),
        ("live.vad.preroll_ms", {"gateway"}),
        ("live.backlog_s", {"capture", "gateway"}),
        ("conversation.autostart", set()),
        ("conversation.idle_minutes", {"gateway"}),
        ("usage.price.audio_in", {"gateway"}),
        ("usage.daily_budget", {"gateway"}),
        ("tools", {"tools"}),
        ("mcp", {"tools"}),
        ("toolbox.parallel", {"tools"}),
        ("camera.fps", {"camera"}),
        ("record.format", {"recorder"}),
        ("metrics.listen", {"metrics"}),
        ("hooks", {"hooks"}),
        ("simulator.mode", {"simulator"}),
    ],
)
def test_a_changed_option_concerns_these(key: str, workers: set[str]) -> None:
    """They are replaced, nobody else, and the daemon goes on."""
    assert concerned([key], ALL, ALL) == (workers, set())


def test_every_option_has_a_place() -> None:
    """What only a new daemon takes is about the daemon itself, or about workers that it does not know."""
    _, beyond = concerned([*options(), *tables()], ALL, ALL)
    assert {key.partition(".")[0] for key in beyond} == {"daemon", "workers"}
    assert "daemon.realtime" not in beyond


BELL = Worker(name="bell", module="bell", path="/opt/bell", settings={"pin": 17})
FULL = Config(
    camera=Camera(device="/dev/video0"),
    toolbox=Toolbox(builtin=("mute",)),
    record=Record(directory="/srv"),
    metrics=Metrics(listen="127.0.0.1:9464"),
    hooks=(Hook(event="floor", command=("true",)),),
    workers=(BELL,),
)


def test_a_worker_of_ones_own_is_not_essential_and_not_forked() -> None:
    """It gets no part of the daemon's memory, and the conversation does not need it; no other worker has its name."""
    own = roster(FULL)[-1]
    assert (own.name, own.module, own.path, own.essential) == ("bell", "bell", "/opt/bell", False)
    assert "bell" not in forked(roster(FULL))
    assert {spec.name for spec in roster(FULL)} - {"bell"} <= set(TAKEN)


@pytest.mark.parametrize(
    ("after", "restarted", "beyond"),
    [
        ((BELL,), set(), set()),
        ((Worker(name="bell", module="bell", path="/opt/bell", settings={"pin": 18}),), {"bell"}, set()),
        ((Worker(name="bell", module="chime"),), {"bell"}, set()),
        ((BELL, Worker(name="gong", module="gong")), set(), {"workers.gong"}),
        ((), set(), {"workers.bell"}),
        ((Worker(name="gong", module="bell"),), set(), {"workers.gong", "workers.bell"}),
    ],
)
def test_a_changed_entry_concerns_its_worker(after: tuple[Worker, ...], restarted: set[str], beyond: set[str]) -> None:
    """Restarted where it is the same worker; a new daemon where there is another one, or none."""
    old, new = Config(workers=(BELL,)), Config(workers=after)
    keys = in_detail(changed(old, new), old, new)
    names = [{spec.name for spec in roster(config)} for config in (old, new)]
    assert concerned(keys, *names) == (restarted, beyond)


def test_a_worker_that_does_not_run_yet_needs_a_new_daemon() -> None:
    """A camera that is configured for the first time, or taken away, is not silently left as it was."""
    with_camera = {spec.name for spec in roster(Config(camera=Camera(device="/dev/video0")))}
    without = {spec.name for spec in roster(Config())}
    assert concerned(["camera.device"], without, with_camera) == (set(), {"camera.device"})
    assert concerned(["camera.device"], with_camera, without) == (set(), {"camera.device"})
    assert concerned(["camera.fps"], without, without) == (set(), set())
    assert concerned(["camera.fps"], with_camera, with_camera) == ({"camera"}, set())
