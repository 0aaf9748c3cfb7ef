"""The command line: a thin face over `commands`, with a stable contract for scripts."""
