"""Coverage by release month: the heat map with its choices of type and period, or the same figures as a table."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import gaps
from gdvg_desktop.commands.gaps import MonthCell, MonthMap
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import gap_words
from gdvg_desktop.ui.models.gap_feed import Calm, GapFeed
from gdvg_desktop.ui.phrases import number, percent
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.buttons import Button, IconButton
from gdvg_desktop.ui.widgets.chart_table import ChartTable
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.heat_map import HeatLegend, HeatMap, Month, Telling, month_of, year_month
from gdvg_desktop.ui.widgets.labels import Fact
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage
from gdvg_desktop.ui.widgets.segmented import Segmented

translate = QCoreApplication.translate
TYPES = {"all": tuple(MediaType), "movie": (MediaType.MOVIE,), "tv": (MediaType.TV,)}
TURN = 1990  # where the two periods meet
EARLIEST = 1950  # the first period begins here at the earliest; all decades show the rest


def periods(first: int, last: int) -> list[tuple[str, range]]:
    """The periods to choose from, by what is listed: before 1990, since then, and all; only those that differ."""
    whole = range(first, last + 1)
    if first >= TURN or last < TURN:
        return [("all", whole)]
    return [("old", range(max(first, EARLIEST), TURN)), ("new", range(TURN, last + 1)), ("all", whole)]


class GapMonthsDock(DockPanel):
    """`months_chosen(first, last)` follows the selection (see `heat_map.Month`), `fill_asked()` is Enter on it.

    `types_changed(tuple)` follows the choice of type; `cells()` are the figures shown.
    """

    KEY = "gap_months"
    months_chosen = Signal(int, int)
    types_changed = Signal(object)
    cells_changed = Signal()
    fill_asked = Signal()

    def __init__(self, host: Host, bridge: Bridge, feed: GapFeed, parent: QWidget | None = None) -> None:
        super().__init__(
            self.KEY, translate("GapMonthsDock", "Coverage by release month"), "calendar-days", parent=parent
        )
        self._map = MonthMap()
        self._span: tuple[int, int] | None = None
        self._as_table = False
        self._types = Segmented(
            [("all", self.tr("Movies + TV")), ("movie", self.tr("Movies")), ("tv", self.tr("TV"))],
            small=True,
            name=self.tr("Types shown"),
        )
        self._period = Segmented([("all", "")], small=True, name=self.tr("Period shown"))
        self.legend = HeatLegend(self.tr("Missing"))
        self.heat = HeatMap(self.tr("Coverage by release month"), self._tell)
        self.table = ChartTable(self.tr("Coverage by release month"))
        self._message = InlineMessage(Accent.RED)
        self._message.hide()
        self._analyze = Button(self.tr("Analyze now"), icon="scan-search")
        self._analyze.clicked.connect(feed.analyze)
        self._switch = IconButton("table-2", self.tr("Show as table"), small=True, quiet=True)
        self._switch.clicked.connect(self._on_switch)
        self.add_title_widget(self._switch)
        self._build()
        self._refresh = Refresh(self, host, self._work, self._on_read, self._on_failed)
        self._calm = Calm(self)
        self._calm.due.connect(self._refresh.ask)
        for hint in (bridge.gaps_changed, bridge.titles_changed, bridge.coverage_changed, bridge.library_replaced):
            hint.connect(self._calm.hint)
        self._types.chosen.connect(self._on_types)
        self.heat.selected.connect(self.months_chosen)
        self.heat.activated.connect(self.fill_asked)
        self._refresh.ask()

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._head = QHBoxLayout()
        self._head.setSpacing(16)
        self._head.addWidget(self._types)
        self._head.addWidget(self._period)
        self._head.addStretch(1)
        self._head.addWidget(self.legend)
        self._foot = QHBoxLayout()
        self._views = QStackedWidget()
        self._views.addWidget(self.heat)
        self._views.addWidget(self.table)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._head)
        column.addWidget(self._views, 1)
        column.addLayout(self._foot)
        self._empty = EmptyState(
            "calendar-days",
            self.tr("No release months yet"),
            self.tr("An analysis asks TMDb how many titles each month has; what is missing then shows here."),
            self._analyze,
        )
        self._reading = EmptyState("loader-circle", self.tr("Reading release months"), "")
        self._stack = QStackedWidget()
        for one in (self._reading, page, self._empty):
            self._stack.addWidget(one)
        self._page = page
        body = QWidget()
        outer = QVBoxLayout(body)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self._message)
        outer.addWidget(self._stack, 1)
        self.set_content(body)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_legend()

    def _place_legend(self) -> None:
        """Beside the choices while there is room, else under the map."""
        need = self._types.sizeHint().width() + self.legend.sizeHint().width() + 16
        if not self._period.isHidden():
            need += self._period.sizeHint().width() + 16
        beside = self.width() - 34 >= need
        if beside == (self._head.indexOf(self.legend) >= 0):
            return
        (self._foot if beside else self._head).removeWidget(self.legend)
        (self._head if beside else self._foot).addWidget(self.legend)
        if not beside:
            self._foot.addStretch(1)
        else:
            while self._foot.count():
                self._foot.takeAt(0)

    # reading ---------------------------------------------------------------------------------------------------

    def types(self) -> tuple[MediaType, ...]:
        """The types shown."""
        return TYPES[self._types.value()]

    def cells(self) -> dict[tuple[int, int], MonthCell]:
        """The months read last, by (year, month)."""
        return self._map.cells

    def _work(self) -> Callable[[App], Awaitable[MonthMap]]:
        types = self.types()
        return lambda app: gaps.months(app, types)

    def _on_types(self, _value: str) -> None:
        self.types_changed.emit(self.types())
        self._refresh.ask_anew()

    def _on_failed(self, error: GdvgError) -> None:
        self._calm.answered()
        self._message.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
        self._message.show()

    def _on_read(self, found: MonthMap) -> None:
        self._calm.answered()
        self._message.hide()
        self._map = found
        years = found.years
        if years is None:
            if not found.cells:
                self._show_empty()
                return
            years = (min(year for year, _ in found.cells), max(year for year, _ in found.cells))
        today = datetime.now(UTC)
        self._show_periods(min(years[0], today.year), today.year)
        self._stack.setCurrentWidget(self._page)
        self._switch.show()
        self.set_meta(self.tr("click a month for details, drag to select a range"))
        self._show_map()
        self.cells_changed.emit()
        if self.heat.current() < 0:
            self._choose_worst()

    def _show_empty(self) -> None:
        self._stack.setCurrentWidget(self._empty)
        self._switch.hide()
        self.set_meta("")
        self.cells_changed.emit()

    def _show_periods(self, first: int, last: int) -> None:
        """Offer the periods that fit what is listed; the choice is kept while it can be."""
        if self._span == (first, last):
            return
        self._span = (first, last)
        choices = periods(first, last)
        texts = {"all": self.tr("All decades")}
        for value, years in choices:
            if value != "all":
                texts[value] = self.tr("{0} to {1}").format(years[0], years[-1])
        before = self._period.value()
        fresh = Segmented([(value, texts[value]) for value, _ in choices], small=True, name=self.tr("Period shown"))
        if len(choices) > 1:
            fresh.choose(before if before in ("old", "new") else "new")
        self._head.replaceWidget(self._period, fresh)
        self._period.hide()
        self._period.deleteLater()
        self._period = fresh
        fresh.setVisible(len(choices) > 1)
        fresh.chosen.connect(lambda _value: self._show_map())
        self.setTabOrder(self._types, fresh)
        self._place_legend()

    def _years(self) -> range:
        assert self._span is not None
        return dict(periods(*self._span))[self._period.value()]

    def _show_map(self) -> None:
        today = datetime.now(UTC)
        shares = {month_of(*place): cell.share_missing for place, cell in self._map.cells.items()}
        years = self._years()
        now = month_of(today.year, today.month)
        self.heat.set_months(shares, years, now)
        last = min(now, month_of(years[-1], 12))
        self.legend.set_unasked(any(month not in shares for month in range(month_of(years[0], 1), last + 1)))
        self._place_legend()
        if self._as_table:
            self._fill_table()

    def _choose_worst(self) -> None:
        """Something worth a look is selected from the start: the month that lacks most."""
        years = self._years()
        shown = [cell for cell in self._map.cells.values() if cell.year in years]
        shown = [cell for cell in shown if not self.heat.is_future(month_of(cell.year, cell.month))]
        if shown:
            worst = max(shown, key=lambda cell: (cell.missing, cell.year, cell.month))
            month = month_of(worst.year, worst.month)
            self.heat.select(month, month)

    # words -----------------------------------------------------------------------------------------------------

    def _tell(self, month: Month) -> Telling:
        year, number_ = year_month(month)
        name = gap_words.month_name(year, number_)
        cell = self._map.cells.get((year, number_))
        if self.heat.is_future(month):
            return Telling(name, [Fact(self.tr("Has not begun"))], self.tr("{0}, has not begun").format(name))
        if cell is None:
            return Telling(name, [Fact(self.tr("Not asked yet"))], self.tr("{0}, not asked yet").format(name))
        listed, held, missing = number(cell.listed), number(cell.held), number(cell.missing)
        share = percent(cell.share_missing)
        facts = [
            Fact(self.tr("Listed by discover"), listed),
            Fact(self.tr("In the library"), held),
            Fact(self.tr("Missing"), missing, f"({share})" if cell.missing else ""),
        ]
        if not cell.exact:
            facts.append(Fact(self.tr("Counted, not compared title by title")))
        spoken = self.tr("{0}, {1} of {2} held, {3} percent missing")
        return Telling(name, facts, spoken.format(name, held, listed, round(100 * cell.share_missing)))

    # table -----------------------------------------------------------------------------------------------------

    def _on_switch(self) -> None:
        self._as_table = not self._as_table
        self._switch.set_icon("calendar-days" if self._as_table else "table-2")
        self._switch.set_label(self.tr("Show as heat map") if self._as_table else self.tr("Show as table"))
        if self._as_table:
            self._fill_table()
        self._views.setCurrentWidget(self.table if self._as_table else self.heat)
        self.legend.setVisible(not self._as_table)

    def _fill_table(self) -> None:
        years = self._years()
        rows = [
            [
                gap_words.month_name(year, month),
                number(cell.listed),
                number(cell.held),
                number(cell.missing),
                percent(cell.share_missing),
            ]
            for (year, month), cell in sorted(self._map.cells.items())
            if year in years
        ]
        head = [
            self.tr("Month"),
            self.tr("Listed"),
            self.tr("In the library"),
            self.tr("Missing"),
            self.tr("Share missing"),
        ]
        self.table.fill([head, *rows])
