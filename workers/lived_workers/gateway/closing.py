"""Why a connection ended, and what to do about it: a table. Pure.

Google reports errors as a close code and a reason cut to 123 bytes, or as an HTTP status when the connection is
made; the same code means very different things, so the reason's beginning decides.
"""

from enum import StrEnum
from typing import NamedTuple

_ANY = range(65_536)


class Cause(StrEnum):
    """How the end showed itself."""

    CLOSED = "closed"
    """A close code (1006 = none came: the network)."""
    HTTP = "http"
    """An HTTP status instead of a WebSocket, or an error envelope with such a number."""
    REFUSED = "refused"
    NAME = "name"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    """The session was not set up in time."""
    GARBAGE = "garbage"
    """Too many frames in a row that make no sense."""
    NO_KEY = "no key"
    TOKEN = "token"  # noqa: S105
    """No ephemeral token was to be had: ``reason`` says why, ``code`` is the HTTP status of its service."""
    ACCOUNT = "account"
    """Google Cloud does not take the credentials of Vertex AI."""
    SETTING = "setting"
    """Our own side cannot even dial: ``reason`` is the whole sentence."""


class Action(StrEnum):
    """What the next connection should be."""

    RESUME = "resume"
    """Soon, with the handle."""
    FRESH = "fresh"
    """Soon, without the handle; when that was tried already, a person is needed."""
    LONG_WAIT = "long wait"
    """In minutes."""
    MINT = "mint"
    """Soon, with the handle and another token."""
    STOP = "stop"
    """None: the same would happen again until a person changes something."""


class LinkLostError(Exception):
    """A connection, or the attempt at one, has ended. Holds no secret."""

    def __init__(self, cause: Cause, code: int = 0, reason: str = "") -> None:
        super().__init__(f"{cause} {code} {reason}".strip())
        self.cause = cause
        self.code = code if code in _ANY else 0
        """Close code or HTTP status, 0 otherwise."""
        self.reason = reason
        """The server's own words."""

    @property
    def reached(self) -> bool:
        """Whether a server was there and answered: only then does the handle's value say anything."""
        if self.cause is Cause.TOKEN:
            return bool(self.code)
        return self.cause in (Cause.CLOSED, Cause.HTTP, Cause.TIMEOUT, Cause.GARBAGE) and self.code != 1006


class SwapDueError(Exception):
    """The open connection is given up for another one, as planned."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause
        """As in the event ``session.swapped``."""


class Verdict(NamedTuple):
    """What to do, and the sentence for a person (without the time of the next try)."""

    action: Action
    sentence: str


class _Rule(NamedTuple):
    cause: Cause
    codes: range
    prefix: str
    """Beginning of the reason, in lower case."""
    action: Action
    sentence: str
    """May name {reason}, {model}, {server} and {code}."""
    minted: str = ""
    """The sentence where another token can be had: then that is what is done (``Action.MINT``)."""


def _code(number: int) -> range:
    return range(number, number + 1)


_KEY = "give a valid one ('livectl setup', or GEMINI_API_KEY and a restart)."
_NOT_TAKEN = "The access token is refused ({reason})."
_REFUSED = "The API key is refused (HTTP {code} {reason}): "
_QUOTA = "The API quota is used up: check plan and billing of the key's project."
_BUSY = "The Live API has a problem of its own ({reason})."

RULES: tuple[_Rule, ...] = (
    _Rule(Cause.CLOSED, _code(1000), "", Action.RESUME, "The server closed the connection, as it does now and then."),
    _Rule(Cause.CLOSED, _code(1001), "", Action.RESUME, "The server is going away."),
    _Rule(Cause.CLOSED, _code(1006), "", Action.RESUME, "The connection to the Live API broke: check the network."),
    # 1007: what we sent is not liked; the same setup would be refused for ever
    _Rule(Cause.CLOSED, _code(1007), "invalid json payload", Action.FRESH,
          "The server does not know a setting ({reason}): live.model and live.api_version must fit together."),
    _Rule(Cause.CLOSED, _code(1007), "thinking level", Action.FRESH,
          "The model refuses the thinking settings ({reason}): choose another live.model."),
    _Rule(Cause.CLOSED, _code(1007), "the requested combination of response modalities", Action.FRESH,
          "The model '{model}' does not speak ({reason}): choose a live model in live.model."),
    _Rule(Cause.CLOSED, _code(1007), "no matching speaker voice", Action.FRESH,
          "The model does not know this voice ({reason}): change live.voice."),
    _Rule(Cause.CLOSED, _code(1007), "api key", Action.STOP, "The API key is refused ({reason}): " + _KEY, _NOT_TAKEN),
    _Rule(Cause.CLOSED, _code(1007), "", Action.FRESH,
          "The server refuses the session's settings ({reason}): check what is under live."),
    # 1008: policy
    _Rule(Cause.CLOSED, _code(1008), "the operation was aborted", Action.FRESH,
          "The server broke the session off ({reason})."),
    _Rule(Cause.CLOSED, _code(1008), "operation is not implemented", Action.FRESH,
          "The server cannot do something that the session asked for ({reason})."),
    _Rule(Cause.CLOSED, _code(1008), "models/", Action.STOP,
          "There is no live model '{model}' ({reason}): correct live.model or live.api_version."),
    _Rule(Cause.CLOSED, _code(1008), "publisher model", Action.STOP,
          "There is no live model '{model}' ({reason}): correct live.model."),
    _Rule(Cause.CLOSED, _code(1008), "", Action.STOP, "The server refuses the key or the model ({reason}): " + _KEY,
          _NOT_TAKEN),
    # 1011: anything
    _Rule(Cause.CLOSED, _code(1011), "you exceeded your current quota", Action.LONG_WAIT, _QUOTA),
    _Rule(Cause.CLOSED, _code(1011), "resource has been exhausted", Action.LONG_WAIT, _QUOTA),
    _Rule(Cause.CLOSED, _code(1011), "token has been used", Action.STOP,
          "The access token was used up ({reason}): set a new one and restart lived.", "The access token is used up."),
    _Rule(Cause.CLOSED, _code(1011), "auth token has expired", Action.STOP,
          "The access token has expired: set a new one and restart lived.", "The access token has expired."),
    _Rule(Cause.CLOSED, _code(1011), "token has expired", Action.STOP,
          "The access token has expired: set a new one and restart lived.", "The access token has expired."),
    _Rule(Cause.CLOSED, _code(1011), "deadline expired", Action.RESUME,
          "The connection reached its longest duration."),
    _Rule(Cause.CLOSED, _code(1011), "", Action.RESUME, _BUSY),
    _Rule(Cause.CLOSED, _ANY, "", Action.RESUME, "The server closed the connection (code {code} {reason})."),
    _Rule(Cause.HTTP, _code(404), "", Action.STOP,
          "{server} has no Live API at this address (HTTP 404): correct live.api_version or live.base_url."),
    _Rule(Cause.HTTP, _code(407), "", Action.STOP,
          "The proxy wants a password (HTTP 407): correct the proxy in the service's environment."),
    _Rule(Cause.HTTP, _code(408), "", Action.RESUME, _BUSY),
    _Rule(Cause.HTTP, _code(429), "", Action.LONG_WAIT, _QUOTA),
    _Rule(Cause.HTTP, range(401, 404, 2), "", Action.STOP, _REFUSED + _KEY,
          "The access token is refused (HTTP {code})."),
    _Rule(Cause.HTTP, range(400, 500), "", Action.STOP, _REFUSED + _KEY),
    _Rule(Cause.HTTP, _ANY, "", Action.RESUME, "{server} answers HTTP {code} {reason}."),
    _Rule(Cause.REFUSED, _ANY, "", Action.RESUME, "{server} refuses connections: is it up, is live.base_url right?"),
    _Rule(Cause.NAME, _ANY, "", Action.RESUME, "The name {server} cannot be looked up: check the network."),
    _Rule(Cause.UNREACHABLE, _ANY, "", Action.RESUME, "{server} cannot be reached ({reason}): check the network."),
    # not a reason to give up: a board without a clock battery distrusts everybody until it has the time
    _Rule(Cause.CERTIFICATE, _ANY, "", Action.RESUME,
          "The certificate of {server} is not trusted ({reason}): check the date, live.base_url, live.ca_file."),
    _Rule(Cause.TIMEOUT, _ANY, "", Action.RESUME, "{server} did not open a session in time (live.setup_timeout_s)."),
    _Rule(Cause.GARBAGE, _ANY, "", Action.RESUME,
          "{server} sends what lived does not understand ({reason}): is it the Live API, is lived up to date?"),
    _Rule(Cause.NO_KEY, _ANY, "", Action.STOP,
          "There is no API key; run 'livectl setup', or set GEMINI_API_KEY."),
    _Rule(Cause.TOKEN, _ANY, "", Action.RESUME, "{reason}."),
    _Rule(Cause.ACCOUNT, _ANY, "", Action.STOP,
          "Google Cloud refuses the credentials ({reason}): correct live.credentials_file and restart lived."),
    _Rule(Cause.SETTING, _ANY, "", Action.RESUME, "{reason}."),
)  # fmt: skip
"""The first rule that fits decides; each cause ends in a rule that fits everything."""


def judge(lost: LinkLostError, model: str, server: str, mints: bool = False) -> Verdict:
    """What ``lost`` means. ``model`` and ``server`` only fill the sentence; ``mints``: another token can be had."""
    reason = lost.reason.strip()
    for rule in RULES:
        if rule.cause is lost.cause and lost.code in rule.codes and reason.lower().startswith(rule.prefix):
            words = reason.rstrip(".") or "no reason given"
            action, sentence = (Action.MINT, rule.minted) if mints and rule.minted else (rule.action, rule.sentence)
            return Verdict(action, sentence.format(reason=words, model=model, server=server, code=lost.code))
    raise AssertionError(f"no rule for {lost.cause}")
