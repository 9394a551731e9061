"""livectl doctor: what goes wrong on devices, each as one finding.

``probe/`` looks (files, programs, sockets, the sound card) and gathers facts; ``judge/`` turns facts into findings and
is pure; ``table.py`` has every check; ``examine.py`` runs them with a time limit; ``bundle.py`` packs it all for a bug
report.
"""
