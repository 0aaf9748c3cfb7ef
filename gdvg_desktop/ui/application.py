"""The QApplication of the program: quitting goes through the window, whoever asks for it.

Qt's own quit would end the loop under the engine's feet, before what it holds is stored. So `quit()`, the end of the
desktop session and the system's signals only say so; the loop ends when `finish` is called.
"""

import logging
import sys

from PySide6.QtCore import (
    QEvent,
    QLibraryInfo,
    QLocale,
    QMessageLogContext,
    QtMsgType,
    QTranslator,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from gdvg_desktop.core.resources import resource_path

log = logging.getLogger(__name__)

# How long another thread may keep the interpreter while the window waits for it. With Python's own 5 ms an answer
# that crosses threads a few times comes a frame or two later (benchmarks/million_window.py).
SWITCH_INTERVAL_S = 0.001
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
# Said by platforms without a window manager, and of a paint that was under way when its window was closed.
_NOISE = ("This plugin does not support", "which does not have a handle")


class Application(QApplication):
    """See the module."""

    quit_asked = Signal()
    end_demanded = Signal()  # by a signal of the system: nobody may be there to answer a question

    def __init__(self) -> None:
        qInstallMessageHandler(log_qt_message)
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        super().__init__(["gdvg-desktop"])
        self.setApplicationName("gdvg-desktop")
        self.setApplicationDisplayName("GDVG Desktop")
        self.setDesktopFileName("gdvg-desktop")
        self.setQuitOnLastWindowClosed(False)
        if QLocale.system().language() is QLocale.Language.C:
            # a bare system speaks no language; numbers are still to be read by people
            QLocale.setDefault(QLocale(QLocale.Language.English))
        self._translators = [
            _translator(self, QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), "qtbase"),
            _translator(self, str(resource_path("translations")), "gdvg"),
        ]

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:
            event.ignore()
            self.quit_asked.emit()
            return True
        return super().event(event)

    def finish(self) -> None:
        """End the loop: everything is stored and shut."""
        self.exit(0)


def log_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
    """Qt's own messages go where ours go."""
    if text and not any(noise in text for noise in _NOISE):
        log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", text)


def _translator(app: QApplication, folder: str, prefix: str) -> QTranslator:
    """Texts in the user's language; where there is no file for it, the program speaks English."""
    translator = QTranslator(app)
    if translator.load(QLocale(), prefix, "_", folder):
        app.installTranslator(translator)
    return translator
