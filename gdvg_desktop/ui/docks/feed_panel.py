"""A dock that shows figures of the overview: put off while it is hidden, shown at once when it is seen again."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent

from gdvg_desktop.commands.overview import Overview
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.widgets.dock_panel import DockPanel


class FeedPanel(DockPanel):
    """A subclass builds itself, then calls `follow`, and draws in `show_figures`.

    `delay_ms` sets panels that hear of the same figures apart, so that the window never draws them all in one go.
    """

    delay_ms = 0
    _waiting: Overview | None = None

    def follow(self, feed: OverviewFeed) -> None:
        """Hear of new figures from now on."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(self.delay_ms)
        self._soon.timeout.connect(self._draw_waiting)
        feed.changed.connect(self._on_figures)
        if feed.latest is not None:
            self._on_figures(feed.latest)

    def show_figures(self, found: Overview) -> None:
        """Draw them."""
        raise NotImplementedError

    def _on_figures(self, found: Overview) -> None:
        self._waiting = found
        if self.isVisible():
            self._soon.start()

    def _draw_waiting(self) -> None:
        if self._waiting is not None and self.isVisible():
            found, self._waiting = self._waiting, None
            self.show_figures(found)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw_waiting()
