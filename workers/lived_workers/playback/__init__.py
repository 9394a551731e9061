"""The loudspeaker: hears ``model``, plays it turn by turn, publishes ``speaker``, and never plays what was cut."""
