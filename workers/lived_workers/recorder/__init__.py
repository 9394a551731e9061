"""Records while there is a conversation: sound, and what was said."""
