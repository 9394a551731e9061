"""What may be asked of the running daemon: everything that the door's requests do."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from lived.clock import monotonic_ns
from lived.config import Config
from lived.config.schema import changed
from lived.errors import ConfigError, InputError
from lived.sdnotify import Notifier
from lived.supervisor.crew import Crew
from lived.supervisor.desk import RefusalError
from lived.supervisor.hub import Hub
from lived.supervisor.keyring import Keyring
from lived.supervisor.memory import Memory, Settings
from lived.supervisor.picture import Picture
from lived.supervisor.roster import HOLDS_THE_KEY, concerned, in_detail, roster
from lived.supervisor.speaking import Speaking
from lived.supervisor.states import State
from lived.units import NO_TURN, Ns
from lived.wire.events import Cut, MicChanged, ToolCall, VolumeChanged
from lived.wire.orders import Converse, Mute, Order, SetVolume
from lived.worker.launch import Launch, encode

log = logging.getLogger("lived.supervisor")


class Controls:
    """The wanted state (conversing, muted, volume, configuration), and the orders that bring it about."""

    def __init__(
        self,
        config: Config,
        reread: Callable[[], Config],
        keys: Keyring,
        hub: Hub,
        memory: Memory,
        notifier: Notifier,
    ) -> None:
        """``crew`` is given afterwards: it needs the launches that are made here."""
        now = monotonic_ns()
        kept = memory.recall(config.audio.volume)
        volume = config.audio.volume if kept.volume is None else kept.volume
        self.config = config
        self.picture = Picture(now, config.conversation.autostart, kept.muted, volume)
        self.crew: Crew
        self._origin = now
        self._calls = 0
        self._reread = reread
        self._keys = keys
        self._hub = hub
        self._speaking = Speaking(hub, self.picture)
        self._memory = memory
        self._notifier = notifier

    def launch(self, worker: str, secret: str, runtime_dir: Path, state_dir: Path) -> bytes:
        """What ``worker`` is told at its start."""
        return encode(
            Launch(
                worker=worker,
                config=self.config,
                runtime_dir=str(runtime_dir),
                state_dir=str(state_dir),
                origin=self._origin,
                conversing=self.picture.conversing,
                muted=self.picture.muted,
                volume=self.picture.volume,
                secret=secret,
            )
        )

    def repeat_wanted_state(self, worker: str) -> None:
        """Tell ``worker`` what changed between its launch and its first subscription."""
        picture = self.picture
        wanted: tuple[Order, ...] = (
            Mute(on=picture.muted),
            SetVolume(percent=picture.volume),
            Converse(on=picture.conversing),
        )
        for order in wanted:
            self._hub.order(worker, order)
        if worker == "gateway":
            self._speaking.repeat()

    def status(self) -> dict[str, Any]:
        """All that is known."""
        here = {"pid": os.getpid(), "runtime_dir": str(self._hub.inner.parent), "origin": self._origin}
        return self.picture.status(self.crew, monotonic_ns()) | here

    def converse(self, on: bool) -> None:
        """Begin or end the conversation."""
        if on and not self.picture.conversing:
            self._origin = monotonic_ns()
            for child in self.crew.essential:
                child.say(False, "")  # each says anew when its part of this conversation works
        self.picture.conversing = on
        if not on:
            self._cut("stop")
            self._speaking.over()
        self._order_all(Converse(on=on))

    def interrupt(self) -> int:
        """Silence the model; the turn that was cut or 0."""
        return self._cut("user")

    def mute(self, on: bool | None) -> bool:
        """Mute, unmute or toggle (None) the microphone; muting silences the model too."""
        muted = (not self.picture.muted) if on is None else on
        if muted != self.picture.muted:
            self.picture.muted = muted
            self._keep_settings()
            if muted:
                self._cut("mute")
                self._speaking.press(False)
        self._order_all(Mute(on=muted))
        self._hub.publish(MicChanged(muted=muted))
        return muted

    def volume(self, percent: int | None, change: int) -> int:
        """Set, change or ask; how it is now."""
        before = self.picture.volume
        after = min(100, max(0, (before if percent is None else percent) + change))
        if after != before:
            self.picture.volume = after
            self._keep_settings()
            self._order_all(SetVolume(percent=after))
            self._hub.publish(VolumeChanged(percent=after))
        return after

    def say(self, text: str) -> None:
        """Typed input to the model."""
        self._speaking.say(text)

    def said(self, number: int) -> None:
        """The gateway has taken a typed text."""
        self._speaking.taken(number)

    def talk(self, on: bool | None) -> bool:
        """Hold the button, let it go, or toggle (None); how it is now. Holding it silences the model."""
        vad = self.config.live.vad
        if vad.mode != "manual":
            raise RefusalError("refused", 'Nobody has to press a button: set live.vad.mode = "manual" for that.')
        held = self._speaking.talk(on)
        if held and vad.interruption:
            self._cut("user")
        return held

    def instruct(self, text: str) -> None:
        """A new system instruction, "" = the configured one; until the daemon ends."""
        self._speaking.instruct(text)

    def show(self, mime: str, data: str) -> tuple[int, int]:
        """Show the model an image (base64); width and height."""
        return self._speaking.show(mime, data)

    def tick(self, now: Ns) -> None:
        """Several times a second."""
        self._speaking.tick(now)

    def tools(self) -> dict[str, Any]:
        """All functions that can be called now, as in ``tools.offered``."""
        offered: dict[str, Any] = msgspec.to_builtins(self.picture.tools)
        return {"functions": offered["functions"], "complete": offered["complete"]}

    def tool(self, name: str, args: dict[str, Any]) -> str:
        """Have a function run; its answer is heard on the event bus under the id that is returned."""
        known = [function.name for function in self.picture.tools.functions]
        if name not in known:
            names = f"known are: {', '.join(known)}." if known else "there are none (docs/tools.md)."
            raise RefusalError("bad_request", f"There is no tool {name[:64]!r}; {names}")
        if self.crew["tools"].state is not State.RUNNING:
            raise RefusalError("refused", f"The worker 'tools' is {self.crew['tools'].state}: try again in a moment.")
        self._calls += 1
        call = f"local-{self._calls}"
        self._hub.publish(ToolCall(call=call, name=name, args=args))
        return call

    def restart(self, worker: str) -> None:
        """Stop and start one worker."""
        if worker not in self.crew:
            known = ", ".join(child.name for child in self.crew)
            raise RefusalError("bad_request", f"There is no worker {worker[:40]!r}; known are: {known}.")
        self.crew[worker].stop(monotonic_ns(), again=True)

    def reload(self) -> dict[str, Any]:
        """Read the configuration again; a wrong one changes nothing."""
        self._notifier.send("RELOADING=1", f"MONOTONIC_USEC={monotonic_ns() // 1000}")
        try:
            config = self._reread()
            another_key = self._keys.look(config)
        except (ConfigError, InputError) as error:
            raise RefusalError("failed", f"The old configuration stays in force: {error}") from error
        finally:
            self._notifier.send("READY=1")
        keys = in_detail(changed(self.config, config), self.config, config)
        specs = {spec.name: spec for spec in roster(config)}
        workers, beyond = concerned(keys, {child.name for child in self.crew}, specs)
        if another_key:
            workers |= HOLDS_THE_KEY
        self.config = config
        for child in self.crew:
            child.spec = specs.get(child.name, child.spec)
        if "audio.volume" in keys:
            self.volume(config.audio.volume, 0)
        for name in workers:
            self.restart(name)
        if beyond:
            log.warning("only a restart of the daemon takes %s", ", ".join(sorted(beyond)))
        log.info("configuration read again: %s", ", ".join(sorted(keys)) or "nothing changed")
        return {"changed": sorted(keys), "restarted": sorted(workers), "need_restart": sorted(beyond)}

    def _cut(self, cause: str) -> int:
        turn = self.picture.to_cut()
        if turn != NO_TURN:
            self._hub.publish(Cut(turn=turn, cause=cause, time=monotonic_ns()))
        return turn

    def _order_all(self, order: Order) -> None:
        for child in self.crew:
            self._hub.order(child.name, order)

    def _keep_settings(self) -> None:
        self._memory.keep(
            Settings(
                muted=self.picture.muted,
                volume=self.picture.volume,
                configured_volume=self.config.audio.volume,
            )
        )
