"""Charts over days (titles per day, success rate, failed titles by cause) and behind them the live log of all jobs."""

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands.overview import Day, Overview
from gdvg_desktop.core.kinds import FailureCategory
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.activity import Activity
from gdvg_desktop.ui.docks.feed_panel import FeedPanel
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.phrases import day as day_words
from gdvg_desktop.ui.phrases import decimal, number
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import IconButton
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.chart_parts import ChartHeader, Legend, Share, ShareBars
from gdvg_desktop.ui.widgets.charts import LineChart, Series, StackedBars
from gdvg_desktop.ui.widgets.labels import Paragraph, label
from gdvg_desktop.ui.widgets.segmented import Segmented

translate = QCoreApplication.translate
TARGET = 99.0
RANGES = (7, 14, 30, 365)
START = 14

CATEGORY_ACCENTS = {
    FailureCategory.NETWORK: Accent.AMBER,
    FailureCategory.RATE_LIMIT: Accent.BLUE,
    FailureCategory.NOT_FOUND: Accent.SLATE,
    FailureCategory.VALIDATION: Accent.PURPLE,
    FailureCategory.SERVER: Accent.RED,
    FailureCategory.STORAGE: Accent.GREEN,
}


def success(day: Day) -> float | None:
    """The share of fetched titles that were stored, in percent; None on a day without any."""
    stored = day.added_movies + day.added_tv + day.updated
    tried = stored + day.failed
    return 100 * stored / tried if tried else None


class ChartCard(Card):
    """A card with a header over a chart."""

    def __init__(self, header: ChartHeader, chart: QWidget) -> None:
        super().__init__(padding=0)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(8)
        column.addWidget(header)
        column.addWidget(chart, 1)


class ShareBarsPage(QWidget):
    """The distribution at the top of its card, or one sentence when there is nothing to distribute."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__()
        self._bars = ShareBars(name)
        self._empty = Paragraph(empty, Role.HINT)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._bars)
        column.addWidget(self._empty, 1)
        column.addStretch(0)

    def set_rows(self, rows: list[Share]) -> None:
        """The rows, largest first."""
        self._bars.set_rows(rows)
        self._bars.setVisible(bool(rows))
        self._empty.setVisible(not rows)


class AnalyticsDock(FeedPanel):
    """The charts read the overview's days; the log listens to the bridge."""

    KEY = "analytics"
    delay_ms = 120
    rest_ms = 3000

    def __init__(self, feed: OverviewFeed, bridge: Bridge, parent: QWidget | None = None) -> None:
        tabs = (translate("AnalyticsDock", "Analytics"), translate("AnalyticsDock", "Live log"))
        super().__init__(self.KEY, tabs[0], "activity", tabs=tabs, parent=parent)
        self._feed = feed
        self._shown: Overview | None = None
        self._as_table = False
        self.ranges = Segmented(
            [(str(days), self.tr("1 year") if days == 365 else self.tr("{0} days").format(days)) for days in RANGES],
            small=True,
            name=self.tr("Days shown"),
        )
        self.ranges.choose(str(START))
        self.ranges.chosen.connect(self._on_range)
        self._switch = IconButton("table-2", self.tr("Show as table"), small=True, quiet=True)
        self._switch.clicked.connect(self._on_switch)
        self.add_title_widget(self.ranges)
        self.add_title_widget(self._switch)
        self.volume = StackedBars(self.tr("Import volume"))
        self.success = LineChart(self.tr("Success rate"))
        self.errors = ShareBarsPage(self.tr("Failed titles by cause"), self.tr("No errors yet"))
        self._mean, self._count = label("", Role.HINT), label("", Role.HINT)
        for figure in (self._mean, self._count):
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.add_page(self._charts(), scroll=True)
        self.activity = Activity(bridge)
        self.add_page(self.activity)
        self.tab_changed.connect(self._on_tab_changed)
        self._say_empty()
        self.follow(feed)

    def _charts(self) -> QWidget:
        self._legend = Legend([(one.name, one.accent) for one in self._volume(())])
        cards = [
            ChartCard(ChartHeader(self.tr("Import volume"), self.tr("titles per day"), self._legend), self.volume),
            ChartCard(ChartHeader(self.tr("Success rate"), "", self._mean), self.success),
            ChartCard(ChartHeader(self.tr("Error distribution"), "", self._count), self.errors),
        ]
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for card, share in zip(cards, (15, 10, 9), strict=True):
            row.addWidget(card, share)
        return page

    def _on_tab_changed(self, index: int) -> None:
        some = index == 0 and not self._legend.isHidden()
        self.ranges.setVisible(some)
        self._switch.setVisible(some)

    def _on_switch(self) -> None:
        self._as_table = not self._as_table
        self._switch.set_icon("activity" if self._as_table else "table-2")
        self._switch.set_label(self.tr("Show as charts") if self._as_table else self.tr("Show as table"))
        self._apply_form()

    def _apply_form(self) -> None:
        for chart in (self.volume, self.success):
            if chart.showing_table() != self._as_table:
                chart.show_as_table(self._as_table)

    # data ------------------------------------------------------------------------------------------------------

    def _say_empty(self) -> None:
        self.volume.set_empty(self.tr("Daily totals appear after the first import"))
        self.success.set_empty(self.tr("Needs at least one fetched title"))
        self.errors.set_rows([])
        self._mean.setText("")
        self._count.setText("")
        self._legend.hide()
        self.ranges.hide()
        self._switch.hide()

    def _on_range(self, days: str) -> None:
        self.draw_next()
        self._feed.set_days(int(days))

    def show_figures(self, found: Overview) -> None:
        before = self._shown
        if before is not None and before.days == found.days and before.errors == found.errors:
            return
        self._shown = found
        days = found.days[-int(self.ranges.value()) :]
        if not any(day.state != "none" for day in days):
            self._say_empty()
            return
        self._legend.show()
        self._on_tab_changed(self.page_index())
        names = self._names(days)
        self.volume.set_data(names, self._volume(days))
        QTimer.singleShot(self.delay_ms // 2, self, lambda: self._show_success(names, days))
        self._show_errors(found)
        self._apply_form()

    def _names(self, days: tuple[Day, ...]) -> list[str]:
        form = "d" if len(days) <= 14 else "d MMM"
        return [day_words(one.day, form) for one in days]

    def _volume(self, days: tuple[Day, ...]) -> list[Series]:
        return [
            Series(self.tr("New movies"), Accent.BLUE, tuple(day.added_movies for day in days)),
            Series(self.tr("New TV"), Accent.PURPLE, tuple(day.added_tv for day in days)),
            Series(self.tr("Updated"), Accent.SLATE, tuple(day.updated for day in days)),
        ]

    def _show_success(self, names: list[str], days: tuple[Day, ...]) -> None:
        values = tuple(success(day) for day in days)
        known = [value for value in values if value is not None]
        if not known:
            self.success.set_empty(self.tr("Needs at least one fetched title"))
            self._mean.setText("")
            return
        low = min(98.0, 10 * (min(known) // 10)) if min(known) < 98 else 98.0
        stored = sum(day.added_movies + day.added_tv + day.updated for day in days)
        failed = sum(day.failed for day in days)
        self._mean.setText(self.tr("{0} days {1}%").format(len(days), decimal(100 * stored / (stored + failed), 1)))
        self.success.set_data(
            names,
            [Series(self.tr("Success rate"), Accent.GREEN, values)],
            number=lambda value: f"{value:g}%",
            target=(TARGET, self.tr("Target {0}%").format(f"{TARGET:g}")),
            value_range=(low, 100.0),
        )

    def _show_errors(self, found: Overview) -> None:
        words = {
            FailureCategory.NETWORK: self.tr("Network"),
            FailureCategory.RATE_LIMIT: self.tr("Rate limit (429)"),
            FailureCategory.NOT_FOUND: self.tr("Removed upstream"),
            FailureCategory.VALIDATION: self.tr("Validation"),
            FailureCategory.SERVER: self.tr("TMDb server (5xx)"),
            FailureCategory.STORAGE: self.tr("Library"),
        }
        shares = [
            Share(words[FailureCategory(name)], count, CATEGORY_ACCENTS[FailureCategory(name)])
            for name, count in sorted(found.errors.items(), key=lambda item: -item[1])
            if count
        ]
        self.errors.set_rows(shares)
        total = sum(share.count for share in shares)
        self._count.setText(self.tr("{0} days {1}").format(len(found.days), number(total)) if total else "")
