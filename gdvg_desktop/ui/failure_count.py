"""The red number at History in the rail: how many titles are failed, read when something may have changed it."""

from PySide6.QtCore import QObject, QTimer

from gdvg_desktop.commands import errors
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.host import Call, Host
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.screens import HISTORY

GATHER_MS = 1000


class FailureCount(QObject):
    """Reads the number at most once a second; the panel of failures hands it on when it has read it itself."""

    def __init__(self, window: MainWindow, host: Host, bridge: Bridge) -> None:
        super().__init__(window)
        self._window, self._host = window, host
        self._call: Call | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(GATHER_MS)
        self._soon.timeout.connect(self._read)
        for hint in (bridge.errors_changed, bridge.queue_changed, bridge.library_replaced):
            hint.connect(self._ask)
        host.opened.connect(self._read)

    def show(self, count: int) -> None:
        """Show a number."""
        self._window.set_count(HISTORY, count, urgent=True)

    def _ask(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _read(self) -> None:
        if self._host.app is not None:
            if self._call is not None:
                self._call.cancel()
            self._call = self._host.call(self, errors.count, self.show)
