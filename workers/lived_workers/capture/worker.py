"""Capture's main thread: orders in, the device kept open, what was missed repeated."""

import logging
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lived.clock import monotonic_ns
from lived.ledger import Ledger
from lived.soundcard import CardInput, Keeper, Wish, hush
from lived.stream import recent_for
from lived.units import MIC_RATE, MILLISECOND, Epoch, Hz, Ns
from lived.wire import Chunk, Stream, header_of
from lived.wire.orders import Again, Converse, Mute
from lived.worker import Harness, Launch
from lived_workers.capture.back_file import PacedInput, Silence, Tape
from lived_workers.capture.microphone import CHUNK, Microphone

TICK_MS = 200
"""The main thread only supervises: a missing device is noticed 200 ms later than it might be. Orders wake it."""

COUNT_EVERY_TURNS = 5_000 // TICK_MS
"""Every 5 s: sorting a minute of figures holds up the sound thread for a third of a millisecond."""

REPEATS_PER_TICK = 1_000
"""Chunks repeated in one go: 10 s of sound in a tick, and far from filling anybody's queue of 4,000."""

MEMORY_MARGIN_S = 5.0
"""Beyond the gateway's backlog: the time in which a killed gateway is back and asks."""


log = logging.getLogger("lived.capture")


class Capture:
    """The worker."""

    def __init__(self, launch: Launch) -> None:
        config = launch.config
        handlers: dict[Any, Callable[[Any], None]] = {Converse: self._converse, Mute: self._mute, Again: self._again}
        self._harness = Harness(launch, handlers)
        self._harness.progress = self._progress
        self._launch = launch
        self._conversing = False
        self._turns = 0
        self._ledger = Ledger(Path(launch.runtime_dir) / f"{launch.worker}.ledger", ("origin",))
        self._recent = recent_for(config.live.backlog_s + MEMORY_MARGIN_S, MIC_RATE, CHUNK)
        self._repeats: deque[Chunk] = deque()  # at most what _recent holds, once each
        self._repeater = self._harness.bus.audio_publisher()
        self._microphone = Microphone(
            self._harness.bus.audio_publisher(),
            self._recent,
            Epoch(monotonic_ns()),
            config.audio.input_channels,
            launch.muted,
        )
        self._back = self._make_back()
        self._harness.delays["handover"] = self._microphone.handover
        self._keeper = Keeper(
            self._back, Ns(config.audio.stall_ms * MILLISECOND), self._harness.ready, self._harness.unready
        )

    def _make_back(self) -> PacedInput | CardInput:
        audio, realtime = self._launch.config.audio, self._launch.config.daemon.realtime
        if audio.input == "null":
            return PacedInput(Silence(), "silence", self._microphone, realtime)
        if audio.input.startswith("file:"):
            path = audio.input.removeprefix("file:")
            return PacedInput(Tape(Path(path), audio.loop), path, self._microphone, realtime)
        hush()
        wish = Wish(
            device=audio.input,
            rates=(Hz(audio.input_rate) if audio.input_rate else MIC_RATE,),
            only=bool(audio.input_rate),
            channels=audio.input_channels,
            block_ms=audio.block_ms,
            latency_ms=audio.latency_ms,
            realtime=realtime,
        )
        return CardInput(wish, self._microphone)

    def run(self) -> None:
        """Until told to stop."""
        self._harness.hello()
        if self._launch.conversing:
            self._open(max(self._launch.origin, Ns(self._ledger["origin"])))
        # four looks in a stall: device.states.Watch
        self._harness.serve({}, self._tick, min(TICK_MS, self._launch.config.audio.stall_ms // 4))
        self._keeper.want(False)
        self._harness.close()

    def _open(self, origin: Ns) -> None:
        """A conversation begins: a file is paced from here on, also by a later process."""
        self._ledger["origin"] = origin
        if isinstance(self._back, PacedInput):
            self._back.origin = origin
        self._conversing = True
        self._keeper.want(True)

    def _converse(self, order: Converse) -> None:
        if order.on and not self._conversing:
            self._open(monotonic_ns())
        elif not order.on:
            self._conversing = False
            self._microphone.off_on_purpose()
            self._keeper.want(False)
            self._recent.clear()  # what was said in a conversation that is over is nobody's any more
            self._repeats.clear()

    def _mute(self, order: Mute) -> None:
        self._microphone.muted = order.on

    def _again(self, order: Again) -> None:
        if order.stream == Stream.MIC:
            # two readers may ask at once: what one still waits for is not forgotten because of the other
            wanted = {c.position: c for c in [*self._repeats, *self._recent.since(order.epoch, order.position)]}
            self._repeats = deque(wanted[position] for position in sorted(wanted))
            self._repeat()

    def _repeat(self) -> None:
        for _ in range(min(REPEATS_PER_TICK, len(self._repeats))):
            chunk = self._repeats.popleft()
            self._repeater.send_sound(Stream.MIC.again_topic, header_of(chunk), chunk.pcm)

    def _tick(self, now: Ns) -> None:
        self._turns += 1
        self._keeper.tick(now)
        if self._repeats:
            self._repeat()
        if isinstance(self._back, CardInput) and self._back.refused:
            log.info("no real-time priority for the sound thread: %s", self._back.refused)
            self._back.refused = ""
        counters = self._harness.counters
        counters["chunks"] = self._microphone.chunks
        counters["overflows"] = self._microphone.overflows
        counters["lost_frames"] = self._microphone.lost
        counters["opened"] = self._keeper.opened
        if self._turns % COUNT_EVERY_TURNS == 0:
            p50, p99 = self._microphone.handover.quantiles_us(0.5, 0.99)
            counters["handover_p50_us"], counters["handover_p99_us"] = p50, p99

    def _progress(self) -> int:
        """Frames while the device is open; turns of the loop while it is missing, so that waiting is no hanging."""
        return self._back.frames if self._keeper.is_open else self._turns


def host(launch: Launch) -> None:
    """The worker's main (``lived.worker.run``)."""
    sys.setswitchinterval(0.0005)  # the sound thread waits at most 0.5 ms for the main one, not 5
    Capture(launch).run()
