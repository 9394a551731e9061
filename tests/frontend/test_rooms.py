"""The front end in simulated rooms, as bench.room has them: it does not interrupt itself, and it hears the user."""

import numpy as np
import pytest
from bench.room.acoustics import RATE, Place, active_rms, at_clock, response
from bench.room.passage import likely, send
from bench.room.rooms import Room
from bench.room.scene import make
from bench.room.score import score
from bench.room.words import distance

from lived.config.options import Frontend
from lived_workers.frontend.chain import Chain


def test_it_does_not_interrupt_itself_and_the_user_alone_passes() -> None:
    """Clocks 100 ppm apart, an echo as loud as the user: no cut while nobody else speaks, and no word lost after it."""
    scene = make(Room("test", drift_ppm=100), seed=1, echo_s=12)
    found = score(scene, send(scene, Frontend(), 1), likely(scene.user, Frontend()))
    assert found.false_cuts == 0
    assert found.erle_db > 20
    assert found.echo_speech < 0.02
    assert found.alone_kept > 0.85
    assert abs(found.drift_ppm + 100) < 40
    assert found.half_duplex == 0


def test_a_reply_whose_echo_moves_is_known_as_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its delay gets shorter by 60 ms and no time tells: what passes until the canceller has found it cuts nothing."""
    scene = make(Room("test", echo_db=6, rt60_s=0.5, delay_ms=160, jump_ms=-60, held_out=True), seed=1, echo_s=16)
    clean = likely(scene.user, Frontend())
    assert score(scene, send(scene, Frontend(), 1), clean).false_cuts == 0
    monkeypatch.setattr(Chain, "left_is_echo", lambda _: False)
    assert score(scene, send(scene, Frontend(), 1), clean).false_cuts > 0


def test_a_user_as_loud_as_the_reply_cuts_it() -> None:
    """With the linear stage, within 600 ms of the first syllable; without any canceller the reply cuts itself."""
    scene = make(Room("test"), seed=1, echo_s=8)
    clean = likely(scene.user, Frontend())
    found = score(scene, send(scene, Frontend(), 1), clean)
    assert found.missed == 0
    assert max(found.cut_ms) < 600
    assert score(scene, send(scene, Frontend(echo="off"), 1), clean).false_cuts > 0


def test_a_room_reverberates_as_long_as_it_should() -> None:
    """RT60 by the slope of the energy that is still to come, between 5 and 25 dB down."""
    for wanted in (0.2, 0.4):
        impulse = response(Place(4.2, 3.4, 2.6), Place(1.25, 1.2, 1.2), Place(2.3, 2.1, 1.5), wanted)
        left = np.cumsum(impulse[::-1] ** 2)[::-1]
        db = 10 * np.log10(left / left[0])
        five, twenty_five = np.argmax(db < -5), np.argmax(db < -25)
        assert 0.7 * wanted < 3 * (twenty_five - five) / RATE < 1.5 * wanted


def test_another_clock_is_another_length_and_nothing_else() -> None:
    """A tone of 1 kHz at 16 000 * 1.0002 frames a second is one of 999.8 Hz of its frames, as loud."""
    frames = np.arange(RATE)
    tone = np.sin(2 * np.pi * 1000 / RATE * frames)
    slower = at_clock(tone, 200)
    wanted = np.sin(2 * np.pi * 1000 / RATE / 1.0002 * frames)
    assert np.abs(slower - wanted)[100:-100].max() < 0.01
    assert abs(active_rms(slower) - active_rms(tone)) < 0.01


def test_words_are_counted() -> None:
    """Changed, left out, added."""
    assert distance(["he", "was", "not"], ["he", "was", "not"]) == 0
    assert distance(["he", "was", "not", "ill"], ["he", "is", "not"]) == 2
    assert distance([], ["word"]) == 1
