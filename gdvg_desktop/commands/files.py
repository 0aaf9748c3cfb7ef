"""Files a user names to be written: they appear only when they are whole, and a failure leaves what was there."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from gdvg_desktop.core.errors import DiskFull, UsageError


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A text file (UTF-8, line ends as they are written) that takes the place of `path` once it is whole.

    A device or a pipe is written to as it is. Raises UsageError where no file can be written, and DiskFull.
    """
    if not path.name:
        raise UsageError(f"{path} is a folder.", "Name a file.")
    try:
        if path.is_char_device() or path.is_fifo():
            with path.open("w", encoding="utf-8", newline="") as file:
                yield file
            return
        partial = path.with_name(f".{path.name}.part")
        try:
            with partial.open("w", encoding="utf-8", newline="") as file:
                yield file
            partial.replace(path)
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"The disk is full: {path} could not be written.", "Free some space.") from None
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Choose another file.") from None


def write_text(path: Path, text: str) -> None:
    """Write a text as a whole, with the errors of `replacing`."""
    with replacing(path) as file:
        file.write(text)
