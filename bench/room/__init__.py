"""make room: the front end in simulated rooms, offline, its real chain and listener."""
