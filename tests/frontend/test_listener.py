"""The whole ear with its real engines and real recordings: words are meant whole, replies are cut in time."""

import numpy as np
import pytest

from frontend.recordings import RATE, blocks, recording
from lived.config.options import Bargein, Frontend, Uplink, Wake
from lived.units import MILLISECOND, Ns, Turn
from lived_workers.frontend.attention import Sound
from lived_workers.frontend.bargein import Cut, Duck
from lived_workers.frontend.listener import Heard, Listener
from lived_workers.frontend.vad import detector
from lived_workers.frontend.wake import spotter

TEN = Ns(10 * MILLISECOND)
WAKE = Frontend(uplink=Uplink(mode="wake"))


def listener(options: Frontend) -> Listener:
    """With what the options ask for."""
    return Listener(options, detector(options.vad), spotter(options))


def hear(ear: Listener, pcm: bytes, turn: int = 0, begin: int = 0, *, trusted: bool = True) -> list[Heard]:
    """All of it, from block ``begin`` on, while that reply is heard."""
    return [
        ear.take(block, Ns(n * TEN), turn=Turn(turn), trusted=trusted, now=Ns((n + 2) * TEN))
        for n, block in enumerate(blocks(pcm), start=begin)
    ]


def stretches(heard: list[Heard]) -> list[tuple[float, float]]:
    """What the model gets: begin and end in seconds. Only a first block reaches back."""
    assert not any(
        one.before for one, last in zip(heard, [None, *heard], strict=False) if not one.meant or (last and last.meant)
    )
    found: list[list[float]] = []
    for n, (one, last) in enumerate(zip(heard, [None, *heard], strict=False)):
        if one.meant and not (last and last.meant):
            found.append([n / 100 - one.before / RATE, 0.0])
        if one.meant:
            found[-1][1] = (n + 1) / 100
    return [(begin, end) for begin, end in found]


def orders(heard: list[Heard], kind: type) -> list[float]:
    """Seconds at whose end they were given."""
    return [(n + 1) / 100 for n, one in enumerate(heard) if isinstance(one.order, kind)]


def test_a_sentence_with_its_wake_word_is_meant_whole() -> None:
    """From before the first syllable of the wake word until after the last word of the sentence; no sound into it."""
    word = recording("wake_okay_nabu_piper", 3.0)[: round(3.95 * RATE) * 2]  # without the silence behind it
    sentence = recording("human_f_0880", 0.0, 3.0)
    heard = hear(listener(WAKE), word + sentence)
    ((begin, end),) = stretches(heard)
    assert 1.5 < begin < 3.25
    assert end > len(word + recording("human_f_0880")) / 2 / RATE
    assert end < len(word + sentence) / 2 / RATE - 1.0
    assert [one.word for one in heard if one.word] == ["okay_nabu"]
    assert not any(one.sound for one in heard)


def test_a_wake_word_and_then_a_question() -> None:
    """The word alone is not sent; it answers with a sound; the question is meant from its pre-roll on."""
    word, sentence = recording("wake_hey_jarvis_piper", 2.0, 2.0), recording("human_f_0890", 0.0, 2.0)
    options = Frontend(uplink=Uplink(mode="wake"), wake=Wake(words=("hey_jarvis",)))
    heard = hear(listener(options), word + sentence)
    ((begin, end),) = stretches(heard)
    asked = len(word) / 2 / RATE
    assert asked - 0.6 < begin < asked + 0.2
    assert end > asked + 5.0
    assert [one.sound for one in heard if one.sound] == [Sound.AWAKE]


def test_without_the_wake_word_nothing_is_meant() -> None:
    """People talk, there is music, somebody types."""
    names = ("human_f_0870", "noise_music", "human_f_0890", "noise_keys")
    assert stretches(hear(listener(WAKE), b"".join(recording(name) for name in names))) == []


@pytest.mark.parametrize("name", ["human_f_0870", "human_f_0880", "human_f_0890", "human_f_0930"])
def test_mode_vad_sends_the_words(name: str) -> None:
    """From before the first syllable, with a tail; not the silence around it."""
    heard = hear(listener(Frontend(uplink=Uplink(mode="vad"))), recording(name, 4.0, 4.0))
    ((begin, end),) = stretches(heard)
    said = len(recording(name)) / 2 / RATE
    assert 3.3 < begin < 4.1
    assert 4 + said - 0.1 < end < 4 + said + 1.2


def _syllable(name: str) -> float:
    """Second in which the first one begins: 16 dB below the loud parts. This reader breathes in before."""
    samples = np.frombuffer(recording(name), np.int16)
    loudness = np.array([samples[n : n + 160].astype(np.float64).std() for n in range(0, len(samples), 160)])
    return float(np.argmax(loudness > np.percentile(loudness, 90) * 10 ** (-16 / 20))) / 100


@pytest.mark.parametrize("name", ["human_f_0870", "human_f_0880", "human_f_0890", "wake_alexa_piper"])
def test_who_speaks_over_a_reply_is_heard_in_time(name: str) -> None:
    """Quieter within 200 ms of the first syllable, cut within 300 ms (most within 250: bench.listening)."""
    heard = hear(listener(Frontend()), recording(name, 2.0), turn=9)
    syllable = 2.0 + _syllable(name)
    assert syllable < orders(heard, Duck)[0] < syllable + 0.2
    assert syllable < orders(heard, Cut)[0] < syllable + 0.3


@pytest.mark.parametrize("noise", ["noise_keys", "noise_fan", "noise_music"])
def test_noise_over_a_reply_changes_nothing(noise: str) -> None:
    """No duck, no cut."""
    assert not any(one.order for one in hear(listener(Frontend()), recording(noise) * 3, turn=9))


def test_where_the_echo_is_not_cancelled_only_a_word_cuts() -> None:
    """Speech does not; the wake word does, found in the sound before it was silenced."""
    ear = listener(Frontend(uplink=Uplink(mode="wake")))
    assert not any(one.order for one in hear(ear, recording("human_f_0870"), turn=9, trusted=False))
    word = recording("wake_okay_nabu_piper", 2.0, 1.0)
    heard = [
        ear.take(bytes(320), Ns(n * TEN), turn=Turn(9), trusted=False, now=Ns(n * TEN), unsilenced=block)
        for n, block in enumerate(blocks(word), start=711)
    ]
    assert [one.order for one in heard if one.order] == [Cut(Turn(9))]


def test_what_is_the_reply_after_all_cuts_nothing() -> None:
    """Speech that is known as the reply's makes it quieter; a wake word in it still cuts."""
    options = Frontend(uplink=Uplink(mode="wake"))
    ear = Listener(options, detector(options.vad), spotter(options), lambda: True)
    heard = hear(ear, recording("human_f_0870"), turn=9)
    assert orders(heard, Duck)
    assert not orders(heard, Cut)
    again = hear(ear, recording("wake_okay_nabu_piper", 2.0, 1.0), turn=9, begin=len(heard))
    assert len(orders(again, Cut)) == 1


def test_muted_in_the_middle_of_a_word() -> None:
    """The gap ends it, at the last frame that was heard, and what comes after begins anew."""
    ear = listener(Frontend(bargein=Bargein(on=False)))
    first = hear(ear, recording("human_f_0870")[:64_000])
    assert ear.speaking
    after = hear(ear, recording("noise_fan"), begin=1000)
    assert [one.speech for one in first if one.speech][-1].on
    assert after[0].speech == (False, Ns(200 * TEN))
    assert not any(one.speech for one in after[1:])


def test_what_is_missing_is_said() -> None:
    """The sentences of all engines; none where all is there."""
    assert listener(WAKE).missing == ""
    broken = listener(Frontend(wake=Wake(models=("/nowhere/stop.json",), stop_words=("stop",))))
    assert "/nowhere/stop.json" in broken.missing
