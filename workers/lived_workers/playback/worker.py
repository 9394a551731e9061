"""Playback's main thread: orders, cuts and sound in, the device kept open, what was heard told to everybody."""

import contextlib
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lived.bus import Poller
from lived.clock import monotonic_ns
from lived.ledger import Ledger
from lived.soundcard import CardOutput, Keeper, Wish, hush
from lived.units import BYTES_PER_SAMPLE, MILLISECOND, MODEL_RATE, Epoch, Frames, Hz, Ms, Ns, Position, Turn
from lived.wire.events import Cut, TurnComplete, TurnGenerated, TurnPlayed
from lived.wire.orders import MAX_CHIME_BYTES, Chime, Converse, Duck, SetVolume
from lived.worker import Harness, Launch
from lived_workers.playback.back_file import PacedOutput
from lived_workers.playback.buffer import JitterBuffer
from lived_workers.playback.intake import Intake
from lived_workers.playback.news import News
from lived_workers.playback.player import LEDGER_FIELDS, Player
from lived_workers.playback.turns import Place

TICK_MS = 200
"""For the device's sake alone: sound, orders and news of the card's thread wake the loop by themselves."""

FADE_OUT_PATIENCE = Ns(200 * MILLISECOND)
"""How long the end of a conversation may wait for the fade: a few blocks."""

log = logging.getLogger("lived.playback")


class Playback:
    """The worker."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._harness = harness = Harness(launch, self._handlers())
        harness.progress = self._progress
        self._ledger = ledger = Ledger(Path(launch.runtime_dir) / f"{launch.worker}.ledger", LEDGER_FIELDS)
        audio = launch.config.audio
        cut, resumed = Turn(ledger["cut"]), Turn(ledger["turn"])
        self._buffer = JitterBuffer(Ms(audio.prebuffer_ms), cut, resumed, ledger["heard"])
        self._reader = self._buffer.reader
        self._intake = Intake(harness, self._buffer)
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        epoch = Epoch(monotonic_ns())
        self._player = Player(harness.bus.audio_publisher(), self._reader, ledger, epoch, self._wake)
        self._player.gain = loudness(launch.volume)
        self._news = News(harness, self._reader, self._player)
        self._back = self._make_back()
        self._keeper = Keeper(self._back, Ns(audio.stall_ms * MILLISECOND), harness.ready, harness.unready)
        self._close_by: Ns | None = None  # the conversation has ended; the device closes after the fade, or then
        self._turns = 0

    def _handlers(self) -> dict[Any, Callable[[Any], None]]:
        return {
            TurnGenerated: self._total,
            TurnComplete: self._total,
            Cut: self._cut,
            Converse: self._converse,
            SetVolume: self._set_volume,
            Duck: self._duck,
            Chime: self._chime,
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
        harness, intake = self._harness, self._intake
        intake.sound.await_greeting()
        harness.hello()
        intake.resume(Place(Epoch(self._ledger["epoch"]), Position(self._ledger["position"])))
        intake.take()  # what came before the greeting wakes nobody
        if self._launch.conversing:
            self._keeper.want(True)
        poller = Poller()
        poller.add(harness.inbox, lambda: None)  # turn() below empties it
        poller.add(intake.sound, intake.take)
        poller.add(self._wake, self._woken)
        poller.add(0, lambda: harness.stop() if harness.orphaned() else None)
        tick_ms = min(TICK_MS, self._launch.config.audio.stall_ms // 4)  # four looks in a stall: device.states.Watch
        while not harness.stopping:
            poller.wait(tick_ms)
            harness.turn()
            self._tick(monotonic_ns())
        self._keeper.want(False)
        harness.close()

    # orders and events

    def _total(self, event: TurnGenerated | TurnComplete) -> None:
        if event.frames:
            self._buffer.total(event.turn, event.frames)
        elif isinstance(event, TurnComplete) and event.turn > self._reader.cut:
            self._harness.publish(TurnPlayed(turn=event.turn, frames=Frames(0)))  # nothing was said: heard in full

    def _cut(self, event: Cut) -> None:
        self._silence(event.turn)

    def _silence(self, turn: Turn) -> None:
        if self._buffer.cut(turn):
            self._ledger["cut"] = turn

    def _converse(self, order: Converse) -> None:
        if order.on:
            self._close_by = None
            self._keeper.want(True)
            return
        if self._buffer.waiting:
            self._silence(self._buffer.newest)  # a reply does not outlive its conversation
        if not self._keeper.is_open:
            self._keeper.want(False)
        elif self._close_by is None:
            self._close_by = Ns(monotonic_ns() + FADE_OUT_PATIENCE)

    def _set_volume(self, order: SetVolume) -> None:
        self._player.gain = loudness(order.percent)

    def _duck(self, order: Duck) -> None:
        self._player.ducked = order.until, loudness(order.percent)

    def _chime(self, order: Chime) -> None:
        if self._keeper.is_open and len(order.pcm) % BYTES_PER_SAMPLE == 0:  # else it would be heard much later
            self._player.chimes.append(order.pcm[:MAX_CHIME_BYTES])

    # the device

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake)  # _tick() tells what it was about

    def _tick(self, now: Ns) -> None:
        self._turns += 1
        self._intake.tick(now)
        self._news.device_open = self._keeper.is_open
        self._news.tell()
        if self._close_by is not None and (now >= self._close_by or self._reader.idle):
            self._close_by = None
            self._keeper.want(False)
        self._keeper.tick(now)
        if not self._keeper.is_open:
            self._reader.read(0)  # no device, so no other reader: cuts are obeyed all the same
        self._count()

    def _count(self) -> None:
        if isinstance(self._back, CardOutput) and self._back.refused:
            log.info("no real-time priority for the sound thread: %s", self._back.refused)
            self._back.refused = ""
        counters = self._harness.counters
        counters["frames"] = self._back.frames
        counters["card_underflows"] = self._player.underflows
        counters["waiting_frames"] = self._buffer.waiting
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
