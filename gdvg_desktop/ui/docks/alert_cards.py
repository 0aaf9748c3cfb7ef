"""Alerts as cards: what, since when, the sentence, why, where to go, and the ways to quieten it."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.commands.alerts import AlertView
from gdvg_desktop.ui.models import alert_words
from gdvg_desktop.ui.models.alert_feed import AlertFeed
from gdvg_desktop.ui.theme import set_role
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind, IconButton
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.labels import ElidedLabel, IconLabel, Paragraph, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn

SNOOZES = (1, 24, 168)  # hours


class AlertCard(Card):
    """One alert. `link_asked(str)` names where it leads."""

    link_asked = Signal(str)

    def __init__(
        self, feed: AlertFeed, alert: AlertView, *, quiet: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(sunken=True, padding=0, parent=parent)
        self._feed, self._quiet = feed, quiet
        self.alert = alert
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._icon = IconLabel("info", 16)
        self._title = ElidedLabel("", Role.STRONG)
        self._time = label("", Role.HINT)
        self._text = Paragraph("", Role.HINT)
        self.link = Button("", kind=ButtonKind.LINK, small=True)
        self.link.clicked.connect(lambda: self.link_asked.emit(self.alert.link))
        self.dismiss = Button(self.tr("Dismiss"), kind=ButtonKind.LINK, small=True)
        self.dismiss.clicked.connect(lambda: self._feed.acknowledge([self.alert.id]))
        self.more = IconButton("ellipsis", self.tr("More for this alert"), small=True, quiet=True)
        self.more.clicked.connect(self._open_menu)
        self._build()
        self.show_alert(alert, feed.now_ms)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 11, 9, 9)
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title, 1)
        head.addWidget(self._time)
        column.addLayout(head)
        column.addWidget(self._text)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(16)
        for button in (self.link, self.dismiss):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self.more)
        column.addLayout(foot)
        row.addLayout(column, 1)
        self.dismiss.setVisible(not self._quiet)
        self.more.setVisible(not self._quiet)

    def show_alert(self, alert: AlertView, now_ms: int) -> None:
        """Show the alert as it is now."""
        self.alert = alert
        icon, accent = alert_words.look(alert)
        if self._quiet:
            icon, accent = ("circle-check", Accent.GREEN) if alert.state == "resolved" else ("bell", Accent.SLATE)
        token = "text_secondary" if accent is Accent.SLATE else f"text_{accent.value}"
        self._icon.set_icon(icon, token)
        self._title.setText(alert.title)
        self._time.setText(alert_words.when(alert.raised_at, now_ms))
        text = alert_words.over(alert, now_ms) if self._quiet else alert.text
        self._text.set_text(text)
        self.setToolTip(alert.why)
        self.link.setText(alert.link_text)
        self.link.setVisible(bool(alert.link) and not self._quiet)
        self.link.updateGeometry()
        named = alert_words.severity(alert.severity)
        self.setAccessibleName(f"{named}: {alert.title}")
        self.setAccessibleDescription(f"{text} {alert.why}")
        self.dismiss.setAccessibleDescription(alert.title)
        self.link.setAccessibleDescription(alert.title)
        self.more.setAccessibleDescription(alert.title)
        set_role(self._title, Role.BODY if self._quiet else Role.STRONG)

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def menu(self) -> QMenu:
        """The ways to quieten this alert, and why it was raised."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        why = menu.addAction(self.tr("Why: {0}").format(self.alert.why))
        why.setEnabled(False)
        menu.addSeparator()
        names = (self.tr("Snooze for 1 hour"), self.tr("Snooze for 1 day"), self.tr("Snooze for 1 week"))
        for hours, name in zip(SNOOZES, names, strict=True):
            act = menu.addAction(name)
            act.triggered.connect(lambda _checked=False, span=hours: self._feed.snooze(self.alert.id, span))
        mute = menu.addAction(self.tr("Mute this rule"))
        mute.triggered.connect(lambda: self._feed.mute(self.alert.rule))
        return menu


class AlertList(ScrollColumn):
    """Cards of some alerts, each kept while its alert stays, so that focus and place stay as well.

    `pick` says which of the feed's alerts are shown.
    """

    link_asked = Signal(str)

    def __init__(
        self,
        feed: AlertFeed,
        pick: Callable[[AlertFeed], Sequence[AlertView]],
        *,
        quiet: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(spacing=8, parent=parent)
        self._feed, self._pick, self._quiet = feed, pick, quiet
        self.cards: dict[int, AlertCard] = {}
        self.column.addStretch(1)
        feed.changed.connect(self.show_all)
        self.show_all()

    def show_all(self) -> None:
        """Bring the cards in line with the alerts."""
        wanted = list(self._pick(self._feed))
        keep = [one.id for one in wanted]
        for number in [one for one in self.cards if one not in keep]:
            card = self.cards.pop(number)
            had_focus = card.isAncestorOf(card.focusWidget()) if card.focusWidget() is not None else False
            self.column.removeWidget(card)
            card.hide()
            card.deleteLater()
            if had_focus:
                self._focus_first()
        for place, alert in enumerate(wanted):
            card = self.cards.get(alert.id) or self._make(alert)
            card.show_alert(alert, self._feed.now_ms)
            if self.column.indexOf(card) != place:
                self.column.removeWidget(card)
                self.column.insertWidget(place, card)
        if list(self.cards) != keep:
            self._put_in_order(wanted)

    def _put_in_order(self, wanted: Sequence[AlertView]) -> None:
        """Have the keyboard go from card to card as they stand."""
        self.cards = {one.id: self.cards[one.id] for one in wanted}
        for above, below in pairwise(self.cards.values()):
            self.setTabOrder(above.more, below.link)
            self.setTabOrder(below.link, below.dismiss)
            self.setTabOrder(below.dismiss, below.more)

    def _make(self, alert: AlertView) -> AlertCard:
        card = AlertCard(self._feed, alert, quiet=self._quiet)
        card.link_asked.connect(self.link_asked)
        self.cards[alert.id] = card
        return card

    def _focus_first(self) -> None:
        first = next(iter(self.cards.values()), None)
        if first is not None:
            first.dismiss.setFocus(Qt.FocusReason.OtherFocusReason)
