"""Programs that the configuration names: started without a shell, limited, ended with all that they started."""

from lived.programs.child import Child
from lived.programs.environment import environment
from lived.programs.leftovers import Running

__all__ = ["Child", "Running", "environment"]
