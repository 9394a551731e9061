"""Every end of a connection has a sentence and a next step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived_workers.gateway.closing import RULES, Action, Cause, LinkLostError, judge

CASES = [
    (Cause.CLOSED, 1000, "", Action.RESUME, "now and then"),
    (Cause.CLOSED, 1001, "going away", Action.RESUME, "going away"),
    (Cause.CLOSED, 1006, "", Action.RESUME, "check the network"),
    (Cause.CLOSED, 1007, "Request contains an invalid argument.", Action.FRESH, "check what is under live"),
    (
        Cause.CLOSED,
        1007,
        "Invalid JSON payload received. Unknown name \"x\" at 'setup'",
        Action.FRESH,
        "live.api_version",
    ),
    (Cause.CLOSED, 1007, "Thinking level must be specified for this model.", Action.FRESH, "another live.model"),
    (Cause.CLOSED, 1007, "no matching speaker voice", Action.FRESH, "change live.voice"),
    (Cause.CLOSED, 1007, "API key not valid. Please pass a valid API key.", Action.STOP, "GEMINI_API_KEY"),
    (
        Cause.CLOSED,
        1008,
        "models/x is not found for API version v1beta, or is not supported for",
        Action.STOP,
        "live.model",
    ),
    (Cause.CLOSED, 1008, "The operation was aborted.", Action.FRESH, "broke the session off"),
    (Cause.CLOSED, 1008, "Method doesn't allow unregistered callers", Action.STOP, "GEMINI_API_KEY"),
    (
        Cause.CLOSED,
        1011,
        "Internal error encountered.",
        Action.RESUME,
        "problem of its own (Internal error encountered)",
    ),
    (Cause.CLOSED, 1011, "The service is currently unavailable.", Action.RESUME, "currently unavailable"),
    (Cause.CLOSED, 1011, "Deadline expired before operation could complete.", Action.RESUME, "longest duration"),
    (Cause.CLOSED, 1011, "You exceeded your current quota, please check", Action.LONG_WAIT, "plan and billing"),
    (Cause.CLOSED, 1011, "Token has been used too many times", Action.STOP, "new one"),
    (Cause.CLOSED, 1011, "auth token has expired", Action.STOP, "new one"),
    (Cause.CLOSED, 4321, "what?", Action.RESUME, "code 4321"),
    (Cause.HTTP, 401, "Unauthorized", Action.STOP, "HTTP 401"),
    (Cause.HTTP, 403, "", Action.STOP, "GEMINI_API_KEY"),
    (Cause.HTTP, 404, "", Action.STOP, "live.base_url"),
    (Cause.HTTP, 429, "", Action.LONG_WAIT, "quota"),
    (Cause.HTTP, 503, "Service Unavailable", Action.RESUME, "HTTP 503"),
    (Cause.REFUSED, 0, "", Action.RESUME, "refuses connections"),
    (Cause.NAME, 0, "", Action.RESUME, "looked up"),
    (Cause.UNREACHABLE, 0, "Network is unreachable", Action.RESUME, "Network is unreachable"),
    (Cause.CERTIFICATE, 0, "self-signed certificate", Action.RESUME, "live.ca_file"),
    (Cause.TIMEOUT, 0, "", Action.RESUME, "live.setup_timeout_s"),
    (Cause.GARBAGE, 0, "TypeError", Action.RESUME, "is it the Live API"),
    (Cause.NO_KEY, 0, "", Action.STOP, "GEMINI_API_KEY"),
    (Cause.SETTING, 0, "Correct it.", Action.RESUME, "Correct it"),
]


@pytest.mark.parametrize(("cause", "code", "reason", "action", "words"), CASES)
def test_each_end_has_its_action_and_words(cause: Cause, code: int, reason: str, action: Action, words: str) -> None:
    """The table's important rows, by code and by text."""
    verdict = judge(LinkLostError(cause, code, reason), "x", "host:1")
    assert verdict.action is action
    assert words in verdict.sentence
    assert verdict.sentence.endswith((".", "?"))


@given(st.sampled_from(Cause), st.integers(), st.text())
def test_any_end_is_judged(cause: Cause, code: int, reason: str) -> None:
    """No code and no text is without an answer, braces and all."""
    assert judge(LinkLostError(cause, code, reason), "{model}", "{}").sentence


def test_every_rule_can_be_reached() -> None:
    """No rule hides behind an earlier one: a reason made of its own prefix finds it."""
    for rule in RULES:
        lost = LinkLostError(rule.cause, rule.codes[-1], rule.prefix)
        found = next(
            r for r in RULES if r.cause is rule.cause and lost.code in r.codes and rule.prefix.startswith(r.prefix)
        )
        assert found is rule
