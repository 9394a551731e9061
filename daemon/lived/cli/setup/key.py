"""Whether the server takes a key: a session is set up with it, and hung up at once."""

from typing import Literal, NamedTuple

import msgspec

from lived.cli import sdk
from lived.cli.doctor.judge.live import Handshake, about
from lived.cli.options import Options
from lived.config import Config
from lived.credentials import VARIABLES
from lived.errors import LivedError


class Opinion(NamedTuple):
    """The server's, of a key."""

    key: Literal["accepted", "refused", "unknown"]
    """unknown: nobody could be asked."""
    sentence: str
    """What stands in the way; empty when nothing does."""


def opinion(options: Options, config: Config, key: str) -> Opinion:
    """Ask the server of ``config``."""
    try:
        answer = sdk.ask(options, config, "handshake", {}, environ={VARIABLES[0]: key})
    except LivedError as error:
        return Opinion("unknown", str(error))
    facts = msgspec.convert(answer, Handshake)
    match about(facts):
        case "":
            return Opinion("accepted", "")
        case "key":
            return Opinion("refused", facts.sentence)
        case "configuration":
            return Opinion("accepted", facts.sentence)
        case _:
            return Opinion("unknown", facts.sentence)


def is_wanted(config: Config) -> bool:
    """Whether this configuration needs an API key at all."""
    live = config.live
    relayed = live.base_url and live.headers_file
    return not (live.vertex or live.token_url or live.token_command or live.token_file or relayed)
