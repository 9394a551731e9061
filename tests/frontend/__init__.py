"""The front end: what it takes for speech, for a word, and for meant."""
