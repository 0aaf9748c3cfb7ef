"""The report of a bug: what a user can copy and send, with keys taken out. Known errors never come here."""

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from gdvg_desktop import __version__
from gdvg_desktop.core.credentials import redact
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Paragraph, label

log = logging.getLogger(__name__)


def report_text(error: BaseException) -> str:
    """Version, system and traceback, without keys."""
    head = f"GDVG Desktop {__version__}, Python {platform.python_version()}, {platform.platform()}"
    return redact(f"{head}\n\n{''.join(traceback.format_exception(error))}")


class CrashDialog(QDialog):
    """One bug's report."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Crash report"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 440)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(8)
        column.addWidget(label(self.tr("Something in GDVG Desktop went wrong"), Role.TITLE))
        column.addWidget(
            Paragraph(
                self.tr(
                    "This is a mistake in the program. Your library is safe: what was stored stays stored. "
                    "Copy the report and send it to the project; keys have been taken out of it."
                ),
                Role.BODY,
            )
        )
        self.text = QPlainTextEdit(report)
        self.text.setReadOnly(True)
        self.text.setProperty("role", Role.LOG.value)
        self.text.setAccessibleName(self.tr("Report"))
        self.text.setTabChangesFocus(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        column.addWidget(self.text, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        copy = Button(self.tr("Copy report"), icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        close = Button(self.tr("Close"), kind=ButtonKind.PRIMARY)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        row.addWidget(copy)
        row.addWidget(close)
        column.addSpacing(8)
        column.addLayout(row)
        close.setFocus()


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
        self.dialog = CrashDialog(report_text(error), self._parent())
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    def _forget(self) -> None:
        self.dialog = None
