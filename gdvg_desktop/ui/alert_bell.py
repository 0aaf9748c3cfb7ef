"""What the window's frame shows of alerts: the bell with its popup, and a toast for each that is new."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from gdvg_desktop.commands.alerts import AlertView, RuleView
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.docks.alert_cards import AlertList
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.models import alert_words
from gdvg_desktop.ui.models.alert_feed import AlertFeed
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.bell import Bell
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import label
from gdvg_desktop.ui.widgets.messages import EmptyState
from gdvg_desktop.ui.widgets.popups import Popup

WIDTH, LEAST, MOST = 400, 160, 460
SETTINGS_LINK = "settings:alerts"


class AlertCentre(Popup):
    """The open alerts under the bell. `link_asked(str)` is where one leads, or the settings."""

    link_asked = Signal(str)

    def __init__(self, feed: AlertFeed, parent: QWidget) -> None:
        super().__init__(parent)
        self._feed = feed
        self.setAccessibleName(self.tr("Alerts"))
        self.list = AlertList(feed, lambda of: of.open)
        self.list.link_asked.connect(self._go)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.list)
        sentence = self.tr("What needs you is shown here.")
        self._pages.addWidget(EmptyState("circle-check", self.tr("All is well"), sentence))
        self._pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.dismiss_all = Button(self.tr("Dismiss all"), kind=ButtonKind.LINK, small=True)
        self.dismiss_all.clicked.connect(lambda: feed.acknowledge([one.id for one in feed.open]))
        self.settings = Button(self.tr("Notification settings"), icon="settings", kind=ButtonKind.GHOST, small=True)
        self.settings.clicked.connect(lambda: self._go(SETTINGS_LINK))
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 4, 0)
        head.addWidget(label(self.tr("Alerts"), Role.STRONG))
        head.addStretch(1)
        head.addWidget(self.dismiss_all)
        foot = QHBoxLayout()
        foot.addWidget(self.settings)
        foot.addStretch(1)
        self.body.addLayout(head)
        self.body.addWidget(self._pages)
        self.body.addLayout(foot)
        feed.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        theme = theme_of(self)
        some = bool(self._feed.open)
        self._pages.setCurrentIndex(0 if some else 1)
        self.dismiss_all.setVisible(some)
        width = theme.px(WIDTH)
        wanted = sum(card.heightForWidth(width) + 8 for card in self.list.cards.values())
        self._pages.setFixedSize(width, max(theme.px(LEAST), min(wanted, theme.px(MOST))))
        self.adjustSize()

    def open_under(self, control: QWidget) -> None:
        self._fit()
        super().open_under(control)
        first = next((card.link for card in self.list.cards.values()), self.settings)
        first.setFocus(Qt.FocusReason.PopupFocusReason)

    def _go(self, link: str) -> None:
        self.close()
        self.link_asked.emit(link)


class AlertBell(QObject):
    """Keeps the bell in line with the alerts. `link_asked(str)` is where the user wants to go."""

    link_asked = Signal(str)

    def __init__(self, window: MainWindow, feed: AlertFeed) -> None:
        super().__init__(window)
        self._window, self._feed = window, feed
        self.bell: Bell = window.toolbar.bell
        self.centre = AlertCentre(feed, window)
        self.centre.link_asked.connect(self.link_asked)
        self.bell.clicked.connect(self.open)
        feed.changed.connect(self._show)
        feed.raised.connect(self._tell)
        feed.muted.connect(self._tell_muted)
        feed.failed.connect(self._tell_failure)
        self._show()

    def open(self) -> None:
        """Open the popup under the bell."""
        self.centre.open_under(self.bell)

    def _show(self) -> None:
        self.bell.set_count(len(self._feed.open), alert_words.ACCENTS.get(self._feed.worst, Accent.BLUE))

    def _tell(self, alert: AlertView) -> None:
        if self.centre.isVisible():  # it is read there
            return
        acts = [(self.tr("Dismiss"), lambda: self._feed.acknowledge([alert.id]))]
        if alert.link:
            acts.insert(0, (alert.link_text, lambda: self.link_asked.emit(alert.link)))
        self._window.toast(alert_words.ACCENTS[alert.severity], alert.title, alert.text, *acts)

    def _tell_muted(self, rule: RuleView) -> None:
        """What is gone from the list would otherwise be found only in the settings."""
        self._window.toast(
            Accent.BLUE,
            self.tr("{0} is muted").format(alert_words.words_of(rule.title)),
            self.tr("Its alerts are listed under Earlier and tell nobody."),
            (self.tr("Unmute"), lambda: self._feed.mute(rule.name, False)),
        )

    def _tell_failure(self, error: GdvgError) -> None:
        self._window.toast(Accent.RED, error.title, str(error))
