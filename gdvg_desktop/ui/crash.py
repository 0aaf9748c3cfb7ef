"""Exceptions nobody caught: each goes to the log, the first to the user as a report. Known errors never do."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gdvg_desktop.ui.dialogs.crash import CrashDialog

log = logging.getLogger(__name__)


class CrashReporter(QObject):
    """Shows a report for every exception nobody caught, on any thread; one at a time, the rest go to the log.

    `parent` tells the window to show it over, if there is one. `close` puts the old hooks back.
    """

    _caught = Signal(object)

    def __init__(self, parent: Callable[[], QWidget | None]) -> None:
        super().__init__()
        self._parent = parent
        self.dialog: CrashDialog | None = None
        self._caught.connect(self.report, Qt.ConnectionType.QueuedConnection)
        self._hooks = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)

    def close(self) -> None:
        """Leave uncaught exceptions to Python again."""
        sys.excepthook, threading.excepthook = self._hooks

    def _on_exception(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or issubclass(kind, SystemExit | KeyboardInterrupt):
            self._hooks[0](kind, error or kind(), trace)
            return
        log.error("An exception nobody caught", exc_info=(kind, error, trace))
        self._caught.emit(error)

    def report(self, error: BaseException) -> None:
        """Show the report of a bug that has been logged."""
        if self.dialog is not None:
            return
        from gdvg_desktop.ui.dialogs.crash import CrashDialog, report_text  # late: seldom needed, never at the start

        self.dialog = CrashDialog(report_text(error), self._parent())
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    def _forget(self) -> None:
        self.dialog = None
