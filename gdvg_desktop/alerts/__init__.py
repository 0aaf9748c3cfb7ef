"""What the user is told, when, and where: rules over facts, the watch that looks at them, and the messages sent.

Nothing here knows commands, jobs' code or Qt: the watch is handed a callable that gathers the facts.
"""
