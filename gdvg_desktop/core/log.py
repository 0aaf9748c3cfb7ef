"""Logging: one rotating file in the data folder and warnings on stderr, both with secrets taken out."""

import logging
import logging.handlers
from pathlib import Path

from gdvg_desktop.core.credentials import redact

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class RedactingFormatter(logging.Formatter):
    """A formatter whose whole output, traceback included, has passed `redact`."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def start_logging(folder: Path, *, stderr: bool = True) -> list[logging.Handler]:
    """Log INFO and above to `folder/gdvg.log` (three files of 2 MB) and warnings to stderr; returns the handlers."""
    folder.mkdir(parents=True, exist_ok=True)
    to_file = logging.handlers.RotatingFileHandler(
        folder / "gdvg.log", maxBytes=2_000_000, backupCount=2, encoding="utf-8", delay=True
    )
    handlers: list[logging.Handler] = [to_file]
    if stderr:
        to_stderr = logging.StreamHandler()
        to_stderr.setLevel(logging.WARNING)
        handlers.append(to_stderr)
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for handler in handlers:
        handler.setFormatter(RedactingFormatter(_FORMAT))
        root.addHandler(handler)
    for noisy in ("httpx", "httpcore", "aiohttp"):  # their INFO lines carry whole URLs
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return handlers


def stop_logging(handlers: list[logging.Handler]) -> None:
    """Undo `start_logging`."""
    for handler in handlers:
        logging.getLogger().removeHandler(handler)
        handler.close()
