"""A dock that shows figures of the overview: put off while it is hidden, shown at once when it is seen again."""

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtGui import QShowEvent

from gdvg_desktop.commands.overview import Overview
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.widgets.dock_panel import DockPanel


class FeedPanel(DockPanel):
    """A subclass builds itself, then calls `follow`, and draws in `show_figures`.

    `delay_ms` sets panels that hear of the same figures apart, so that the window never draws them all in one go.
    `rest_ms` is the least time between two drawings of a panel that is slow to draw and shows what changes slowly.
    """

    delay_ms = 0
    rest_ms = 0
    _waiting: Overview | None = None

    def follow(self, feed: OverviewFeed) -> None:
        """Hear of new figures from now on."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._drawn = QElapsedTimer()
        self._soon.timeout.connect(self._draw_waiting)
        feed.changed.connect(self._on_figures)
        if feed.latest is not None:
            self._on_figures(feed.latest)

    def show_figures(self, found: Overview) -> None:
        """Draw them."""
        raise NotImplementedError

    def _on_figures(self, found: Overview) -> None:
        self._waiting = found
        if self.isVisible() and not self._soon.isActive():
            rested = self._drawn.elapsed() if self._drawn.isValid() else self.rest_ms
            self._soon.start(max(self.delay_ms, self.rest_ms - rested))

    def draw_next(self) -> None:
        """Draw the next figures as soon as they come: somebody has just asked for others."""
        self._soon.stop()
        self._drawn.invalidate()

    def _draw_waiting(self) -> None:
        if self._waiting is not None and self.isVisible():
            found, self._waiting = self._waiting, None
            self._drawn.start()
            self.show_figures(found)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw_waiting()
