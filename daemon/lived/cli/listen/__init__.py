"""Hearing streams on this machine's own sound card: what ``livectl listen`` is made of."""
