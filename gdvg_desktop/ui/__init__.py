"""The window: the only package that knows Qt. It shows plain values and sends out what the user asked for."""
