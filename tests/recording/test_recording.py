"""The left channel of a stereo recording: the microphone, and what the front end made of it from its first frame on."""

from dataclasses import replace

from lived.recording.mixdown import Block
from lived.recording.recording import Recording
from lived.recording.segment import Format
from lived.units import MIC_RATE, SECOND, Ns
from lived.wire import Stream
from recording.cards import BEGIN, Card


def test_a_microphone_that_was_only_the_first_to_come_leaves_no_trace() -> None:
    """`mic` comes 40 ms before `voice`, which has the same frames at the same times: one sound, and no gap."""
    items: list[object] = []

    def put(item: object) -> bool:
        items.append(item)
        return True

    recording = Recording(Format("stereo", "wav", BEGIN, False), put)
    mic, voice = Card(rate=MIC_RATE), Card(rate=MIC_RATE, stream=Stream.VOICE)
    for number in range(200):
        recording.hear(mic.chunk(160))
        if number >= 4:
            recording.hear(replace(voice, position=160 * (number - 4)).chunk(160))
        recording.tick(Ns(BEGIN + (number + 3) * SECOND // 100))
    recording.end(Ns(BEGIN + 2 * SECOND))
    assert recording.gaps == []
    assert sum(len(item.pcm) for item in items if isinstance(item, Block)) == 2 * 24_000 * 2 * 2
