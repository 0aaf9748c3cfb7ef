"""The system's wish that the program ends, heard while Qt's loop runs."""

import signal
import socket
import sys
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier

from gdvg_desktop.ui.application import Application


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
        self._notifier.activated.connect(self._woken)
        self._before = {name: signal.signal(name, self._heard) for name in names}
        self._old_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        """Python calls this between any two instructions, so it does nothing: the wake-up tells Qt's loop."""

    def _woken(self) -> None:
        try:
            self._reader.recv(64)
        except BlockingIOError:
            return
        self._app.end_demanded.emit()

    def close(self) -> None:
        """Undo what the constructor did."""
        signal.set_wakeup_fd(self._old_fd)
        for name, handler in self._before.items():
            signal.signal(name, handler)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()
