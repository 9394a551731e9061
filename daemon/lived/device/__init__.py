"""Keeping a device open while it is wanted, whatever happens to it: sound cards and cameras alike."""

from lived.device.keeper import Back, Keeper
from lived.device.states import State

__all__ = ["Back", "Keeper", "State"]
