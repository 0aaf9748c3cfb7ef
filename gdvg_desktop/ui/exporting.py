"""Writing titles to a file from the window: a target that counts lines, can be stopped, and appears only when whole."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

from gdvg_desktop.core.errors import GdvgError, UsageError


class ExportStopped(GdvgError):
    """The user stopped an export; nothing was left behind."""

    title = "Export stopped"


class ExportTarget:
    """The file of one export. `open` is called in the thread that writes; `lines` and `stop` may be used from any."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End the export at its next line."""
        self._stopped.set()

    @contextlib.contextmanager
    def open(self) -> Iterator[TextIO]:
        """The file to write to. Raises UsageError when it cannot be written, ExportStopped after `stop`."""
        partial = self.path.with_name(f"{self.path.name}.part")
        try:
            with partial.open("w", encoding="utf-8", newline="") as file:
                yield cast(TextIO, _Counting(file, self))
            self._check()
            partial.replace(self.path)
        except OSError as error:
            self._clean(partial)
            raise UsageError(
                f"{self.path} cannot be written: {error.strerror or error}.", "Choose another file."
            ) from None
        except BaseException:
            self._clean(partial)
            raise

    def count(self) -> None:
        """Note one line written."""
        self._check()
        self.lines += 1

    def _check(self) -> None:
        if self._stopped.is_set():
            raise ExportStopped("The export was stopped; no file was written.")

    @staticmethod
    def _clean(partial: Path) -> None:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


class _Counting:
    """As much of a text file as the writers use; each write is one line."""

    def __init__(self, file: TextIO, target: ExportTarget) -> None:
        self._file = file
        self._target = target

    def write(self, text: str) -> int:
        self._target.count()
        return self._file.write(text)
