"""Playback's main thread: sound and orders in, the device kept open, what was heard told to everybody."""

import contextlib
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lived.bus import Poller, Subscriber
from lived.clock import monotonic_ns
from lived.errors import WireError
from lived.ledger import Ledger
from lived.soundcard import CardOutput, Keeper, Wish, hush
from lived.stream import PATIENCE, Follower, Gap
from lived.units import MILLISECOND, MODEL_RATE, SECOND, Epoch, Frames, Hz, Ms, Ns, Position, Turn
from lived.wire import Chunk, Stream, decode_chunk, encode_order
from lived.wire.events import Cut, CutDone, Loss, TurnComplete, TurnGenerated, TurnHeard, TurnPlayed, Underrun
from lived.wire.orders import Again, Converse, SetVolume
from lived.worker import Harness, Launch
from lived_workers.playback.back_file import PacedOutput
from lived_workers.playback.buffer import JitterBuffer
from lived_workers.playback.player import LEDGER_FIELDS, Player
from lived_workers.playback.turns import Heard, Notice, Place, Played, Silenced, Starved

TICK_MS = 25
"""For the device's sake alone: sound, orders and news of the card's thread wake the loop by themselves."""

CHUNKS_PER_TURN = 50
"""Chunks taken before orders and cuts are looked at again: 50 * about 20 us = 1 ms."""

FADE_OUT_PATIENCE = Ns(200 * MILLISECOND)
"""How long the end of a conversation may wait for the fade: a few blocks."""


log = logging.getLogger("lived.playback")


class Playback:
    """The worker."""

    def __init__(self, launch: Launch) -> None:
        audio = launch.config.audio
        handlers: dict[Any, Callable[[Any], None]] = {
            TurnGenerated: self._total,
            TurnComplete: self._total,
            Cut: self._cut,
            Converse: self._converse,
            SetVolume: self._set_volume,
        }
        self._launch = launch
        self._harness = Harness(launch, handlers)
        self._harness.progress = self._progress
        self._ledger = Ledger(Path(launch.runtime_dir) / f"{launch.worker}.ledger", LEDGER_FIELDS)
        self._buffer = JitterBuffer(
            Ms(audio.prebuffer_ms),
            Turn(self._ledger["cut"]),
            Turn(self._ledger["turn"]),
            self._ledger["heard"],
        )
        self._follower = Follower(Stream.MODEL)
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._player = Player(
            self._harness.bus.audio_publisher(), self._buffer.reader, self._ledger, Epoch(monotonic_ns()), self._wake
        )
        self._player.gain = loudness(launch.volume)
        self._back = self._make_back()
        self._keeper = Keeper(self._back, Ns(audio.stall_ms * MILLISECOND), self._harness.ready, self._harness.unready)
        self._close_by: Ns | None = None  # the conversation has ended; the device closes after the fade, or then
        self._turns = 0
        self._tell: dict[type[Any], Callable[[Any], None]] = {
            Heard: self._tell_heard,
            Played: self._tell_played,
            Silenced: self._tell_silenced,
            Starved: self._tell_starved,
        }

    def _make_back(self) -> PacedOutput | CardOutput:
        audio = self._launch.config.audio
        if audio.output == "null" or audio.output.startswith("file:"):
            path = None if audio.output == "null" else Path(audio.output.removeprefix("file:"))
            back = PacedOutput(path, self._player, self._ledger, self._launch.origin, audio.block_ms)
            back.check()
            return back
        hush()
        wish = Wish(
            device=audio.output,
            rates=(Hz(audio.output_rate) if audio.output_rate else MODEL_RATE,),
            only=bool(audio.output_rate),
            block_ms=audio.block_ms,
            latency_ms=audio.latency_ms,
            realtime=self._launch.config.daemon.realtime,
        )
        return CardOutput(wish, self._player)

    def run(self) -> None:
        """Until told to stop."""
        harness = self._harness
        sound = harness.bus.audio(Stream.MODEL.topic, Stream.MODEL.again_topic)
        sound.await_greeting()
        harness.hello()
        self._resume()
        if self._launch.conversing:
            self._keeper.want(True)
        poller = Poller()
        poller.add(harness.inbox, lambda: None)  # turn() below empties it
        poller.add(sound, lambda: self._hear(sound))
        poller.add(self._wake, self._listen)
        poller.add(0, lambda: harness.stop() if harness.orphaned() else None)
        while not harness.stopping:
            poller.wait(TICK_MS)
            harness.turn()
            self._tick(monotonic_ns())
        self._keeper.want(False)
        self._harness.close()

    # sound

    def _resume(self) -> None:
        """Go on where a predecessor was killed: ask for everything behind what it played."""
        epoch, position = Epoch(self._ledger["epoch"]), Position(self._ledger["position"])
        if epoch:
            self._follower.resume_at(epoch, position)
            self._ask(Again(stream=Stream.MODEL, epoch=epoch, position=position))

    def _ask(self, again: Again | None) -> None:
        if again:
            self._harness.order(encode_order("gateway", again))

    def _hear(self, sound: Subscriber) -> None:
        for frames in sound.drain(CHUNKS_PER_TURN):
            self._take(frames)

    def _take(self, frames: list[bytes]) -> None:
        if frames[0].startswith(b"hello/"):
            return
        try:
            chunk = decode_chunk(frames)
        except WireError:
            self._harness.counters["bad_messages"] += 1
            return
        if chunk.rate != MODEL_RATE or chunk.channels != 1:
            self._harness.counters["bad_messages"] += 1
            return
        now = monotonic_ns()
        if chunk.epoch > self._follower.epoch and chunk.position:
            # a stream that began while nobody listened here: none of it has been heard, so ask for its beginning
            self._put(self._follower.tick(Ns(now + PATIENCE)))
            self._follower.resume_at(chunk.epoch, Position(0))
        self._put(self._follower.take(chunk, now))
        self._ask(self._follower.wanted())

    def _put(self, items: list[Chunk | Gap]) -> None:
        for item in items:
            if isinstance(item, Gap):
                self._harness.counters["lost_frames"] += item.frames
                epoch, position, frames = item
                worker, stream = self._harness.name, Stream.MODEL
                self._harness.publish(Loss(worker=worker, stream=stream, epoch=epoch, position=position, frames=frames))
            else:
                self._buffer.put(item.turn, item.pcm, Place(item.epoch, item.end))

    # orders and events

    def _total(self, event: TurnGenerated | TurnComplete) -> None:
        if event.frames:
            self._buffer.total(event.turn, event.frames)
        elif isinstance(event, TurnComplete) and event.turn > self._buffer.reader.cut:
            self._harness.publish(TurnPlayed(turn=event.turn, frames=Frames(0)))  # nothing was said: heard in full

    def _cut(self, event: Cut) -> None:
        if self._buffer.cut(event.turn):
            self._ledger["cut"] = event.turn

    def _converse(self, order: Converse) -> None:
        if order.on:
            self._close_by = None
            self._keeper.want(True)
        elif self._keeper.is_open and self._close_by is None:
            self._close_by = Ns(monotonic_ns() + FADE_OUT_PATIENCE)
            self._silence()
        elif not self._keeper.is_open:
            self._silence()
            self._keeper.want(False)

    def _silence(self) -> None:
        """A reply does not outlive its conversation."""
        if self._buffer.waiting and self._buffer.cut(self._buffer.newest):
            self._ledger["cut"] = self._buffer.newest

    def _set_volume(self, order: SetVolume) -> None:
        self._player.gain = loudness(order.percent)

    # news of the card's thread

    def _listen(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake)
        notices = self._buffer.reader.notices
        while notices:
            notice: Notice = notices.popleft()
            self._tell[type(notice)](notice)

    def _dac(self, position: Position) -> Ns:
        """When output frame ``position`` passes the DAC; now, when there is no device."""
        mark = self._player.mark
        if not (mark.time and self._keeper.is_open):
            return monotonic_ns()
        return Ns(mark.time + (position - mark.position) * SECOND // MODEL_RATE)

    def _tell_heard(self, notice: Heard) -> None:
        self._harness.publish(TurnHeard(turn=notice.turn, time=self._dac(notice.at)))

    def _tell_played(self, notice: Played) -> None:
        self._harness.publish(TurnPlayed(turn=notice.turn, frames=notice.frames, cut=notice.cut))

    def _tell_silenced(self, notice: Silenced) -> None:
        turn, heard_turn, frames, at = notice
        self._harness.publish(CutDone(turn=turn, heard_turn=heard_turn, heard_frames=frames, silent_at=self._dac(at)))

    def _tell_starved(self, notice: Starved) -> None:
        self._harness.counters["underruns"] += 1
        self._harness.publish(Underrun(turn=notice.turn, frames=notice.frames))

    def _tick(self, now: Ns) -> None:
        self._turns += 1
        self._put(self._follower.tick(now))
        if self._close_by is not None and (now >= self._close_by or self._buffer.reader.idle):
            self._close_by = None
            self._keeper.want(False)
        self._keeper.tick(now)
        if not self._keeper.is_open:
            self._buffer.reader.read(0)  # no device, so no other reader: cuts are obeyed all the same
        self._listen()
        if isinstance(self._back, CardOutput) and self._back.refused:
            log.info("no real-time priority for the sound thread: %s", self._back.refused)
            self._back.refused = ""
        counters = self._harness.counters
        counters["frames"] = self._back.frames
        counters["card_underflows"] = self._player.underflows
        counters["dropped_frames"] = self._buffer.dropped
        counters["stale_frames"] = self._buffer.stale
        counters["opened"] = self._keeper.opened

    def _progress(self) -> int:
        """Frames while the device is open; turns of the loop while it is missing, so that waiting is no hanging."""
        return self._back.frames if self._keeper.is_open else self._turns


def loudness(percent: int) -> float:
    """Percent as people hear it to a factor: its cube, as sound servers do."""
    return (max(0, min(percent, 100)) / 100) ** 3


def host(launch: Launch) -> None:
    """The worker's main (``lived.worker.run``)."""
    sys.setswitchinterval(0.0005)  # the sound thread waits at most 0.5 ms for the main one, not 5
    Playback(launch).run()
