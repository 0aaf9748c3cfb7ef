"""The figures of the overview, read once for all who show some: the Overview docks, the rail and the status strip."""

from PySide6.QtCore import QObject, QTimer, Signal

from gdvg_desktop.commands import overview
from gdvg_desktop.commands.overview import Overview
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.host import Call, Host

GAP_MS = 1000  # charts change at most once a second
IDLE_MS = 60_000  # a new day and another program's work are noticed without a hint
MIN_DAYS = 14


class OverviewFeed(QObject):
    """Re-reads after every hint, at most once a second. `changed(Overview)` carries the new figures."""

    changed = Signal(object)
    failed = Signal(object)  # GdvgError

    def __init__(self, host: Host, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._days = MIN_DAYS
        self._call: Call | None = None
        self._stale = False
        self.latest: Overview | None = None
        self._gap = QTimer(self)
        self._gap.setSingleShot(True)
        self._gap.setInterval(GAP_MS)
        self._gap.timeout.connect(self._on_gap)
        self._idle = QTimer(self)
        self._idle.setInterval(IDLE_MS)
        self._idle.timeout.connect(self.ask)
        for hint in (
            bridge.titles_changed,
            bridge.jobs_changed,
            bridge.queue_changed,
            bridge.library_replaced,
            bridge.coverage_changed,
        ):
            hint.connect(self.ask)
        host.opened.connect(self.ask)
        host.crashed.connect(self._on_crash)
        self._idle.start()
        self.ask()

    def set_days(self, days: int) -> None:
        """How many days back are wanted."""
        self._days = max(days, MIN_DAYS)
        if self._call is not None:
            self._call.cancel()
            self._call = None
        self._gap.stop()
        self.ask()

    def ask(self) -> None:
        """Something changed."""
        self._stale = True
        if not self._gap.isActive() and self._call is None:
            self._read()

    def stop(self) -> None:
        """Ask no more: the window is closing."""
        self._idle.stop()
        self._gap.stop()
        if self._call is not None:
            self._call.cancel()

    def _read(self) -> None:
        if self._host.app is None:
            return
        self._stale = False
        days = self._days
        self._gap.start()
        self._call = self._host.call(
            self, lambda app: overview.status(app, days, exact=False), self._on_read, self._on_failed
        )

    def _on_read(self, found: Overview) -> None:
        self._call = None
        self.latest = found
        self.changed.emit(found)
        self._on_gap()

    def _on_failed(self, error: GdvgError) -> None:
        self._call = None
        self.failed.emit(error)

    def _on_crash(self, _error: object) -> None:
        self._call = None  # a call that ends on a bug answers nobody

    def _on_gap(self) -> None:
        if self._stale and not self._gap.isActive() and self._call is None:
            self._read()
