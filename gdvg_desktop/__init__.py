"""GDVG Desktop: a complete, self-healing local mirror of TMDb, with a window and a command line over one engine."""

__version__ = "0.1.0"
