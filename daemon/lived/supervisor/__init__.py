"""The supervisor: runs workers, forwards the buses, answers the door, keeps the floor, speaks to systemd."""

from lived.sdnotify import Notifier
from lived.supervisor.keyring import Keyring
from lived.supervisor.process import Starter
from lived.supervisor.roster import forked, roster
from lived.supervisor.run import Supervisor, Surroundings

__all__ = ["Keyring", "Notifier", "Starter", "Supervisor", "Surroundings", "forked", "roster"]
