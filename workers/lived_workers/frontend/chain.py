"""What is done to the microphone's sound, stage by stage."""

from lived.wire import Chunk, Stream


class Chain:
    """Passes everything on."""

    missing = ""
    trusted = True
    text = "passing the microphone on as it is"

    def heard(self, chunk: Chunk) -> None:
        """The next chunk of `speaker`."""

    def covers(self, chunk: Chunk) -> bool:  # noqa: ARG002
        """Whether all that was played while ``chunk`` was recorded is known."""
        return True

    def take(self, chunk: Chunk) -> Chunk:
        """The chunk of `voice` for one of `mic`."""
        return chunk._replace(stream=Stream.VOICE)
