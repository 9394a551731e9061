"""Which profile serves which model."""

import msgspec
import pytest

from lived.models import PROFILES, UNKNOWN, Feature, Thinking, profile_of


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("gemini-3.8-live", "gemini-3.8-live"),
        ("models/gemini-3.8-live-001", "gemini-3.8-live"),
        ("gemini-3.8-live-extended-thinking", "gemini-3.8-live-extended-thinking"),
        ("gemini-3.8-live-extended-thinking-preview", "gemini-3.8-live-extended-thinking"),
        ("gemini-3.1-flash-live-preview", "gemini-3.1-flash-live"),
        ("gemini-2.5-flash-native-audio-preview-12-2025", "gemini-2.5-flash-native-audio"),
        ("projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash-native-audio",
         "gemini-live-2.5-flash-native-audio"),
        ("gemini-live-2.5-flash-preview", "gemini-live-2.5-flash-preview"),
        ("gemini-9-live", ""),
        ("my-gemini-3.8-live", ""),
    ],
)  # fmt: skip
def test_the_longest_prefix_decides(name: str, prefix: str) -> None:
    """Whatever stands in front of the id or behind the prefix; who is unknown gets the permissive profile."""
    assert profile_of(name).prefix == prefix


def test_each_profile_is_found_by_its_own_prefix() -> None:
    """No profile hides another one."""
    for profile in PROFILES:
        assert profile_of(profile.prefix) is profile


def test_nothing_is_refused_to_the_unknown() -> None:
    """Permissive, and the safe way where there are two: an update of an open session may be refused, a new one not."""
    free = (UNKNOWN.thinking, UNKNOWN.proactive, UNKNOWN.affective)
    assert free == (Thinking.FREE, Feature.FREE, Feature.FREE)
    assert not UNKNOWN.refused
    assert not UNKNOWN.context_update
    allowed = ("blocking", "non_blocking", "behavior", "scheduling", "search_with_functions", "locale_voices")
    assert all(msgspec.structs.asdict(UNKNOWN)[name] for name in allowed)
