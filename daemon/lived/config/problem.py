"""What a check finds. Pure."""

from typing import NamedTuple


class Problem(NamedTuple):
    """Options that cannot be used.

    With one key ``expected`` completes "expected …", with two it says how they must relate. In a list of tables a
    key is ``tools[0].name``.
    """

    keys: tuple[str, ...]
    expected: str
