"""What a session is told before it begins, as far as that changes while the daemon runs: the instruction and the
functions. Pure."""

from lived.wire.events import Function
from lived_workers.gateway.messages import Context
from lived_workers.gateway.setup import Wanted


class Preamble:
    """What is wanted, and what the open session knows."""

    def __init__(self) -> None:
        self.instruction = ""
        """"" = the configured one."""
        self._functions: tuple[Function, ...] = ()
        self._told: tuple[str, tuple[Function, ...]] = ("", ())

    def wanted(self, opening: Wanted) -> Wanted:
        """``opening`` with our functions: the setup of the next session, which knows all that is wanted then."""
        self._told = self.instruction, self._functions
        return opening._replace(functions=self._functions)

    def instruct(self, text: str) -> bool:
        """A new instruction, "" = the configured one; whether that is another one."""
        before, self.instruction = self.instruction, text
        return before != text

    def offer(self, functions: tuple[Function, ...]) -> bool:
        """All functions there are now; whether they are others."""
        before, self._functions = self._functions, functions
        return before != functions

    @property
    def news(self) -> Context | None:
        """What the open session does not know yet; None when it knows all."""
        instruction, functions = self._told
        changed = Context(
            self.instruction if self.instruction != instruction else None,
            self._functions if self._functions != functions else None,
        )
        return None if changed == Context(None, None) else changed

    def told(self) -> None:
        """The open session was told the news."""
        self._told = self.instruction, self._functions
