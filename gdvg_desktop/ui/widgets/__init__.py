"""The window's building blocks: painted controls, cards, tables, charts and popups.

They know the theme and nothing of TMDb, the library or the engine: plain values in, signals out. Every one works from
the keyboard, names itself to screen readers and keeps its size when it gets the focus.
"""
