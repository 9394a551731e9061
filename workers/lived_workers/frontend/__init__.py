"""The front end: hears only the user. Publishes ``voice``, what it made of ``mic``: the same frames, cleaned."""
