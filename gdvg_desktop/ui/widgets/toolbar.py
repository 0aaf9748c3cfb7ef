"""The bar under the menu: search, the main action, the hold on the schedule, the connection to TMDb, and the bell."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.bell import Bell
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Figure, SplitLine, StatusDot, label
from gdvg_desktop.ui.widgets.layouts import FittingBar
from gdvg_desktop.ui.widgets.pause_button import PauseButton
from gdvg_desktop.ui.widgets.search_field import SearchField, action_keys
from gdvg_desktop.ui.widgets.sparkline import Sparkline

TOOLBAR_HEIGHT = 56
SEARCH_WIDTH = 400


class Toolbar(FittingBar):
    """`searched(str)` follows typing in the search field, `submitted(str)` is Enter in it."""

    searched = Signal(str)
    submitted = Signal(str)

    def __init__(self, search: QAction, main: QAction, main_icon: str, parent: QWidget | None = None) -> None:
        super().__init__(TOOLBAR_HEIGHT, parent)
        self.search = SearchField(self.tr("Search titles"), keys=action_keys(search))
        self.search.setAccessibleName(self.tr("Search the library"))
        self.search.text_edited.connect(self.searched)
        self.search.submitted.connect(self.submitted)
        self.main = Button(main.text().replace("&", ""), icon=main_icon, keys=action_keys(main))
        self.main.clicked.connect(main.trigger)
        self.pause = PauseButton()
        self._demo = Badge(self.tr("DEMO"), Accent.AMBER, "flask-conical")
        self._demo.setToolTip(self.tr("You are looking at the made-up demo catalogue."))
        self._demo.hide()
        self._dot = StatusDot(Accent.SLATE, 8)
        self._state = label("", Role.HINT_STRONG)
        self._rule = SplitLine(Qt.Orientation.Vertical)
        self._rule.setFixedHeight(16)
        self._line = Sparkline(self.tr("Requests per second in the last minute"))
        self._rate = Figure("", Role.HINT_STRONG)
        self._limit = label("", Role.HINT)
        self._bell_rule = SplitLine(Qt.Orientation.Vertical)
        self._bell_rule.setFixedHeight(24)
        self.bell = Bell()
        self._build()
        self.set_rate(None, None)

    def _build(self) -> None:
        row = self.row
        row.setContentsMargins(12, 0, 20, 0)
        self.search.setMaximumWidth(SEARCH_WIDTH)
        row.addWidget(self.search, 4)
        row.addSpacing(16)
        row.addWidget(self.main)
        row.addSpacing(8)
        row.addWidget(self.pause)
        row.addStretch(3)
        row.addWidget(self._demo)
        row.addSpacing(8)
        for widget in (self._dot, self._state, self._rule, self._line, self._rate, self._limit):
            row.addWidget(widget)
        row.addSpacing(8)
        row.addWidget(self._bell_rule)
        row.addWidget(self.bell)
        self.droppable = [self._limit, self._line, self._rule, self._rate]

    def set_leading(self, leading: bool) -> None:
        """Fill the main action blue, or leave the lead to the screen's own."""
        self.main.set_kind(ButtonKind.PRIMARY if leading else ButtonKind.NEUTRAL)

    def set_demo(self, demo: bool) -> None:
        """Say that this is the demo catalogue."""
        self._demo.setVisible(demo)

    def set_connection(self, word: str, accent: Accent, detail: str = "") -> None:
        """The state as dot and word; `detail` is the tooltip."""
        self._dot.set_accent(accent)
        self._state.setText(word)
        self._state.setToolTip(detail)
        self._state.setAccessibleDescription(detail)

    def set_rate(self, rate: float | None, limit: float | None, history: Sequence[float] = ()) -> None:
        """Requests per second, what is allowed, and the last minute's values. None hides the figures."""
        known = rate is not None
        self.want(self._rule, known)
        self.want(self._rate, known)
        self.want(self._line, known and len(history) > 1)
        self.want(self._limit, known and limit is not None)
        if rate is not None:
            self._rate.set_text(self.tr("{0} req/s").format(self.locale().toString(float(rate), "f", 1 if rate else 0)))
            self._line.set_values(history)
        if limit is not None:
            self._limit.setText(self.tr("limit {0}").format(self.locale().toString(float(limit), "g", 3)))

    def set_narrow(self, narrow: bool) -> None:
        """Below 1280 wide the buttons show their icons alone."""
        self.main.set_compact(narrow)
        self.pause.set_compact(narrow)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg_bar"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("border_subtle"))
        painter.end()
