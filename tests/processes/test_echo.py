"""A loudspeaker beside the microphone, and a server that takes what is as loud as a quiet voice for speech: without
the front end the model interrupts itself, with it it does not."""

from pathlib import Path

import pytest

from fakes.daemon import wait_until
from fakes.simulator import SimulatorError
from fakes.soundcard import MIC, SPEAKER, VirtualSoundcard
from lived.wire.events import Cut, TurnBegan, TurnPlayed
from processes.talk import EXACT, Talk

pytestmark = [pytest.mark.processes, pytest.mark.soundcard]

DEVICES = (f"audio.input={MIC}", f"audio.output={SPEAKER}")
STORY = (
    "Once upon a time there was a lighthouse keeper who talked to the sea. Every evening he told it what he had seen. "
    "One night the sea answered him, and from then on he was never alone again."
)


def told_once_more(talk: Talk) -> bool:
    """The story begins anew, once everything that was said before is over: at the server, and in this room."""
    assert talk.ear is not None
    played = {event.turn for event in talk.ear.of(TurnPlayed)}
    if any(event.turn not in played for event in talk.ear.of(TurnBegan)):
        return False
    try:
        talk.simulator.say(STORY)
    except SimulatorError:
        return False
    return True


@pytest.mark.parametrize("front_end", [pytest.param(True, marks=pytest.mark.alone), False])
def test_the_model_does_not_hear_itself(tmp_path: Path, soundcard: VirtualSoundcard, front_end: bool) -> None:
    """The speaker is fed back into the microphone at half its loudness, 100 ms later; a reply of some seconds."""
    settings = (*DEVICES, f"frontend.enabled={str(front_end).lower()}")
    soundcard.echo(delay_ms=100, gain_percent=50)
    with Talk(tmp_path, EXACT, *settings, environ=soundcard.environ) as talk:
        talk.start()
        assert talk.ear is not None
        talk.simulator.say(STORY)
        if not front_end:
            assert talk.ear.wait_for(Cut, 30).cause == "server"
            return
        talk.ear.wait_for(TurnPlayed, 60)
        # the canceller has never heard this room: its first second may pass, and be answered
        wait_until(lambda: told_once_more(talk), 60, lambda: talk.daemon.log)
        first = talk.ear.of(TurnPlayed)[-1]
        second = talk.ear.wait_for(TurnPlayed, 60, lambda e: e.turn > first.turn)
        assert not second.cut
        assert all(cut.turn <= first.turn for cut in talk.ear.of(Cut))
        wait_until(lambda: talk.counters()["frontend"]["echo_erle_db"] >= 10, 10, lambda: str(talk.counters()))
