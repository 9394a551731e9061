"""Which workers a changed option concerns."""

import pytest

from lived.config import Camera, Config
from lived.config.schema import options, tables
from lived.supervisor.roster import concerned, roster

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


def test_a_worker_that_does_not_run_yet_needs_a_new_daemon() -> None:
    """A camera that is configured for the first time, or taken away, is not silently left as it was."""
    with_camera = {spec.name for spec in roster(Config(camera=Camera(device="/dev/video0")))}
    without = {spec.name for spec in roster(Config())}
    assert concerned(["camera.device"], without, with_camera) == (set(), {"camera.device"})
    assert concerned(["camera.device"], with_camera, without) == (set(), {"camera.device"})
    assert concerned(["camera.fps"], without, without) == (set(), set())
    assert concerned(["camera.fps"], with_camera, with_camera) == ({"camera"}, set())
