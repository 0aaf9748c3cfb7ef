"""The leaf everything else stands on: kinds, events, errors, settings, credentials, paths, clock and log."""
