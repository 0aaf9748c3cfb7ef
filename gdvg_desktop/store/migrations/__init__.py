"""Frozen schema steps, `mNNNN_<what>.py`, each with `STATEMENTS: tuple[str, ...]`. A released step never changes."""
