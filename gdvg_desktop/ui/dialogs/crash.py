"""The report of a bug: what a user can copy and send, with keys taken out. Known errors never come here."""

import platform
import traceback

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from gdvg_desktop import __version__
from gdvg_desktop.core.credentials import redact
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Paragraph, label


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
