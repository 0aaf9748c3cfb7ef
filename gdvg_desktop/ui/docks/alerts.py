"""The Alerts dock of Overview: what needs the user, and behind it what is quiet or over."""

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from gdvg_desktop.ui.docks.alert_cards import AlertList
from gdvg_desktop.ui.models.alert_feed import AlertFeed
from gdvg_desktop.ui.phrases import number
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.messages import EmptyState

translate = QCoreApplication.translate


class AlertsDock(DockPanel):
    """`link_asked(str)` is where an alert leads."""

    KEY = "alerts"
    link_asked = Signal(str)

    def __init__(self, feed: AlertFeed, parent: QWidget | None = None) -> None:
        tabs = (translate("AlertsDock", "Alerts"), translate("AlertsDock", "Earlier"))
        super().__init__(self.KEY, tabs[0], "bell", tabs=tabs, padding=12, parent=parent)
        self._feed = feed
        self.dismiss_all = Button(self.tr("Dismiss all"), kind=ButtonKind.LINK, small=True)
        self.dismiss_all.clicked.connect(lambda: feed.acknowledge([one.id for one in feed.open]))
        self.add_title_widget(self.dismiss_all)
        self.list = AlertList(feed, lambda of: of.open)
        self.earlier = AlertList(feed, lambda of: of.rest, quiet=True)
        for one in (self.list, self.earlier):
            one.link_asked.connect(self.link_asked)
        self._open = _with_empty(
            self.list,
            EmptyState("circle-check", self.tr("All is well"), self.tr("What needs you is shown here.")),
        )
        self._past = _with_empty(
            self.earlier,
            EmptyState("bell", self.tr("Nothing yet"), self.tr("Alerts that are over or were dismissed stay here.")),
        )
        self.add_page(self._open)
        self.add_page(self._past)
        self.tab_changed.connect(self._show)
        feed.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        count = len(self._feed.open)
        self.set_tab_text(0, self.tr("Alerts ({0})").format(number(count)) if count else self.tr("Alerts"))
        self._open.setCurrentIndex(0 if count else 1)
        self._past.setCurrentIndex(0 if self._feed.rest else 1)
        self.dismiss_all.setVisible(bool(count) and self.page_index() == 0)


def _with_empty(content: QWidget, empty: QWidget) -> QStackedWidget:
    pages = QStackedWidget()
    pages.addWidget(content)
    pages.addWidget(empty)
    return pages
