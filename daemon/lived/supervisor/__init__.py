"""The supervisor: runs workers, forwards the buses, answers the door, keeps the floor, speaks to systemd."""

from lived.supervisor.process import Nursery
from lived.supervisor.roster import roster
from lived.supervisor.run import Supervisor, Surroundings
from lived.supervisor.sdnotify import Notifier

__all__ = ["Notifier", "Nursery", "Supervisor", "Surroundings", "roster"]
