"""A dock that shows figures of the overview: put off while it is hidden, shown at once when it is seen again."""

from PySide6.QtGui import QShowEvent

from gdvg_desktop.commands.overview import Overview
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.widgets.dock_panel import DockPanel


class FeedPanel(DockPanel):
    """A subclass builds itself, then calls `follow`, and draws in `show_figures`."""

    _waiting: Overview | None = None

    def follow(self, feed: OverviewFeed) -> None:
        """Hear of new figures from now on."""
        feed.changed.connect(self._on_figures)
        if feed.latest is not None:
            self._on_figures(feed.latest)

    def show_figures(self, found: Overview) -> None:
        """Draw them."""
        raise NotImplementedError

    def _on_figures(self, found: Overview) -> None:
        if self.isVisible():
            self._waiting = None
            self.show_figures(found)
        else:
            self._waiting = found

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._waiting is not None:
            found, self._waiting = self._waiting, None
            self.show_figures(found)
