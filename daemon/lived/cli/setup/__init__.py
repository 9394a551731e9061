"""livectl setup: key, microphone, loudspeaker, voice and language, asked for, tried and written."""
