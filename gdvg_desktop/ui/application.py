"""The QApplication of the program: quitting goes through the window, whoever asks for it.

Qt's own quit would end the loop under the engine's feet, before what it holds is stored. So `quit()`, the end of the
desktop session and the system's signals only say so; the loop ends when `finish` is called.
"""

import signal
import socket
import sys
from types import FrameType

from PySide6.QtCore import QEvent, QLibraryInfo, QLocale, QObject, QSocketNotifier, QTranslator, Signal
from PySide6.QtWidgets import QApplication

from gdvg_desktop.core.resources import resource_path


class Application(QApplication):
    """See the module."""

    quit_asked = Signal()
    end_demanded = Signal()  # by a signal of the system: nobody may be there to answer a question

    def __init__(self) -> None:
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


def _translator(app: QApplication, folder: str, prefix: str) -> QTranslator:
    """Texts in the user's language; where there is no file for it, the program speaks English."""
    translator = QTranslator(app)
    if translator.load(QLocale(), prefix, "_", folder):
        app.installTranslator(translator)
    return translator


class QuitSignals(QObject):
    """Turns SIGINT, SIGTERM and their like into `app.end_demanded`; `close` puts the old handlers back.

    Python runs a handler only between its own instructions, and Qt's loop may sleep for long: the wake-up socket makes
    Qt look. Windows has no SIGTERM from outside but SIGBREAK, and its wake-up descriptor must be a socket as well.
    """

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        names = [signal.SIGINT, signal.SIGTERM]
        if sys.platform == "win32":
            names.append(signal.SIGBREAK)
        else:
            names.append(signal.SIGHUP)
        self._app = app
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._drain)
        self._before = {name: signal.signal(name, self._heard) for name in names}
        self._old_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        self._app.end_demanded.emit()

    def _drain(self) -> None:
        try:
            self._reader.recv(64)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Undo what the constructor did."""
        signal.set_wakeup_fd(self._old_fd)
        for name, handler in self._before.items():
            signal.signal(name, handler)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()
