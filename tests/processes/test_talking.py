"""Button, instruction and image from the door to the server: the real daemon, the stand-in, no sound card."""

import base64
from pathlib import Path

import pytest

from core.test_images import jpeg
from fakes.daemon import wait_until
from lived.errors import DoorError
from lived.wire.events import Said, Speech, Spent, TurnPlayed
from processes.talk import DEAF, Talk, marked_wav

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

SCENARIO = DEAF + '[[reply]]\nmarks_s = 0.5\ntranscript = "It rains."\n'


def test_from_the_door_to_the_server(tmp_path: Path) -> None:
    """Pressed and let go at the door: one turn on the wire, its answer is heard and said; instruction and image
    arrive; a gateway that is killed is told again; the status knows what it costs."""
    audio = marked_wav(tmp_path / "user.wav", 60)
    with Talk(tmp_path, SCENARIO, "live.vad.mode=manual", audio=audio) as talk:
        daemon, simulator, ear = talk.start().daemon, talk.simulator, talk.ear
        assert ear is not None
        assert daemon.ask("talk", on=True) == {"on": True}
        simulator.wait_for("audio", count=20)
        assert daemon.ask("talk", on="toggle") == {"on": False}
        simulator.wait_for("activityEnd")
        said = ear.wait_for(Said, 20, lambda event: event.side == "model")
        assert (said.text, said.cut) == ("It rains.", False)
        assert ear.of(TurnPlayed)
        assert [event.on for event in ear.of(Speech)][:2] == [True, False]
        ear.wait_for(Spent, 10, lambda event: event.day > 0)
        assert daemon.ask("status")["usage"]["day"] > 0

        assert daemon.ask("instruct", text="Speak like a pirate.") == {}
        assert "pirate" in str(simulator.wait_for("contextUpdate"))
        image = jpeg(64, 48) + bytes(1_000_000)
        shown = daemon.ask("show", mime="image/jpeg", data=base64.b64encode(image).decode())
        assert shown == {"width": 64, "height": 48}
        assert simulator.wait_for("video")["bytes"] == len(image)

        talk.kill("gateway")  # its successor knows nothing of all that, until it is told
        wait_until(
            lambda: "pirate" in str([*simulator.journal("setup")[1:], *simulator.journal("contextUpdate")[1:]]),
            30,
            lambda: str(simulator.journal("setup")),
        )


def test_what_the_door_refuses(tmp_path: Path) -> None:
    """One sentence each, with what to do; the daemon goes on."""
    with Talk(tmp_path, DEAF) as talk:
        daemon = talk.start().daemon
        for words, op, arguments in (
            ("manual", "talk", {"on": True}),
            ("true, false", "talk", {"on": 1}),
            ("60000 bytes", "instruct", {"text": "x" * 60_001}),
            ("'mime'", "show", {}),
            ("JPEG", "show", {"mime": "image/jpeg", "data": "AAAA"}),
        ):
            with pytest.raises(DoorError, match=words):
                daemon.ask(op, **arguments)
        daemon.ask("stop")
        for op, arguments in (("say", {"text": "Hello"}), ("show", {"mime": "image/jpeg", "data": "AAAA"})):
            with pytest.raises(DoorError, match="livectl start"):
                daemon.ask(op, **arguments)
