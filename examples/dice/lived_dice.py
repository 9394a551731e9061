"""A plugin for lived: the docstring is what the model is told, the hints are what it may give (docs/tools.md)."""

import random


def roll_dice(sides: int = 6, count: int = 1) -> str:
    """Roll dice. Call it when the user wants a die or several dice rolled."""
    if not (2 <= sides <= 1000 and 1 <= count <= 20):
        raise ValueError("I have dice with 2 to 1000 sides, and 20 of each")
    rolled = [random.randint(1, sides) for _ in range(count)]  # noqa: S311
    return f"{rolled}, {sum(rolled)} in all" if count > 1 else str(rolled[0])
