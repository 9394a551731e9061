"""Making lived a service, and undoing it: facts (``look``), what follows from them (``plan``), doing it (``steps``)."""
