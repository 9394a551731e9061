"""The camera in the whole daemon: begun only when configured, replaced when it dies, no affair of the conversation."""

from pathlib import Path

import pytest
from PIL import Image as Picture

from fakes.daemon import wait_until
from lived.wire.events import Image
from processes.talk import DEAF, Talk

pytestmark = pytest.mark.processes


def test_a_camera_comes_back_and_goes_with_the_conversation(tmp_path: Path) -> None:
    """Pictures while the session is open; killed with SIGKILL, it is back; at the end the last picture is gone."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    Picture.new("RGB", (640, 480), "blue").save(folder / "a.png")
    options = (f"camera.device=folder:{folder}", "camera.when=conversation")
    with Talk(tmp_path, DEAF, *options) as talk:
        ear = talk.ear
        assert ear is not None
        assert talk.daemon.worker("camera")["text"] == "no conversation"
        talk.start()
        wait_until(lambda: len(ear.of(Image)) >= 2, 10, lambda: talk.daemon.log)
        pictures = Path(ear.of(Image)[-1].path)
        assert pictures.parent.parent == talk.folder / "run" / "inner"

        seen = len(ear.of(Image))
        talk.back("camera", talk.kill("camera"), 10)
        wait_until(lambda: len(ear.of(Image)) > seen, 10, lambda: talk.daemon.log)
        assert talk.daemon.worker("camera")["text"] == f"{folder}, 1 file"
        assert talk.daemon.ask("status")["state"] == "ready"

        talk.daemon.ask("stop")
        wait_until(lambda: not pictures.exists(), 10, lambda: talk.daemon.log)


def test_no_camera_without_a_device(tmp_path: Path) -> None:
    """Nothing is begun that nobody asked for."""
    with Talk(tmp_path, DEAF) as talk:
        assert "camera" not in [worker["name"] for worker in talk.daemon.ask("status")["workers"]]
