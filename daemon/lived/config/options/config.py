"""The configuration as a whole."""

import msgspec

from lived.config.options.audio import Audio
from lived.config.options.conversation import Conversation, Usage
from lived.config.options.daemon import Daemon, Simulator
from lived.config.options.frontend import Frontend
from lived.config.options.live import Live
from lived.config.options.subscribers import Hook, Metrics, Record, Worker
from lived.config.options.tools import Camera, Mcp, Tool, Toolbox


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole configuration, as ``lived.config.load`` returns it: valid, paths absolute, no secret in it."""

    audio: Audio = Audio()
    frontend: Frontend = Frontend()
    live: Live = Live()
    conversation: Conversation = Conversation()
    daemon: Daemon = Daemon()
    usage: Usage = Usage()
    tools: tuple[Tool, ...] = ()
    mcp: tuple[Mcp, ...] = ()
    toolbox: Toolbox = Toolbox()
    camera: Camera = Camera()
    record: Record = Record()
    metrics: Metrics = Metrics()
    hooks: tuple[Hook, ...] = ()
    workers: tuple[Worker, ...] = ()
    simulator: Simulator = Simulator()

    def instruction_text(self, instruction: str = "") -> str:
        """The system instruction to send: the text (a file's was read by ``load``) and the language hint.

        ``instruction`` takes the place of the configured text; "" leaves that.
        """
        hint = f"Speak {self.live.language}, unless the user asks for another language." if self.live.language else ""
        return "\n\n".join(part for part in (instruction or self.live.instruction, hint) if part)
