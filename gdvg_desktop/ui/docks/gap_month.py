"""The release month selected in the heat map: what TMDb lists for it, what is held, why not the rest, what it costs."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, QDate, QLocale, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import gaps
from gdvg_desktop.commands.gaps import FillRequest, MonthCell, MonthDetail
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.gap_months import GapMonthsDock
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import gap_words
from gdvg_desktop.ui.models.gap_feed import Calm, GapFeed
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.heat_map import Month, year_month
from gdvg_desktop.ui.widgets.labels import ElidedLabel, Paragraph, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage
from gdvg_desktop.ui.widgets.progress import ROW, ProgressBar

translate = QCoreApplication.translate
Cells = Callable[[], dict[tuple[int, int], MonthCell]]


class Lines(QWidget):
    """Quiet words at the left, strong values at the right. Labels are kept, so a refresh moves nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[QLabel, ElidedLabel]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

    def set_lines(self, lines: list[tuple[str, str]]) -> None:
        """Show these lines."""
        while len(self._rows) < len(lines):
            pair = (label("", Role.HINT), ElidedLabel("", Role.HINT_STRONG))
            pair[1].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            row = QHBoxLayout()  # a row of its own: a long word elsewhere takes no room from this value
            row.setSpacing(12)
            row.addWidget(pair[0])
            row.addWidget(pair[1], 1)
            self._column.addLayout(row)
            self._rows.append(pair)
        for at, (word, value) in enumerate(self._rows):
            shown = at < len(lines)
            for part, text in zip((word, value), lines[at] if shown else ("", ""), strict=True):
                part.setText(text)
                part.setVisible(shown)
        self.setAccessibleName("; ".join(" ".join(line) for line in lines))

    def texts(self) -> dict[str, str]:
        """Word and value of each line shown."""
        return {word.text(): value.text() for word, value in self._rows if word.text()}


class GapMonthDock(DockPanel):
    """`show_months` says which month, or months, to tell of; `follow` joins it to the map beside it."""

    KEY = "gap_month"

    def __init__(self, host: Host, bridge: Bridge, feed: GapFeed, parent: QWidget | None = None) -> None:
        super().__init__(self.KEY, translate("GapMonthDock", "Selected month"), "calendar-check", parent=parent)
        self._host, self._feed = host, feed
        self._cells: Cells = dict
        self._first: Month = -1
        self._last: Month = -1
        self._types: tuple[MediaType, ...] = tuple(MediaType)
        self.title = label("", Role.SECTION)
        self.listed = Paragraph("", Role.HINT)
        self._held = label("", Role.STRONG)
        self.bar = ProgressBar(ROW, Accent.GREEN)
        self.lines = Lines()
        self.fill = Button("", icon="wrench", kind=ButtonKind.PRIMARY)
        self.fill.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.fill.clicked.connect(self.fill_selected)
        self._message = InlineMessage(Accent.RED)
        self._message.hide()
        self._build()
        self._refresh = Refresh(self, host, self._work, self._on_read, self._on_failed)
        self._calm = Calm(self)
        self._calm.due.connect(self._refresh.ask)
        for hint in (bridge.gaps_changed, bridge.titles_changed, bridge.library_replaced):
            hint.connect(self._calm.hint)

    def _build(self) -> None:
        page = QWidget()
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        scroll = ScrollColumn(spacing=0)
        column = scroll.column
        column.addWidget(self._message)
        column.addWidget(self.title)
        column.addWidget(self.listed)
        column.addSpacing(12)
        held = QHBoxLayout()
        held.addWidget(label(self.tr("In the library"), Role.HINT))
        held.addStretch(1)
        held.addWidget(self._held)
        column.addLayout(held)
        column.addSpacing(6)
        column.addWidget(self.bar)
        column.addSpacing(14)
        column.addWidget(self.lines)
        column.addStretch(1)
        outer.addWidget(scroll, 1)
        outer.addWidget(self.fill)
        self._page = page
        self._empty = EmptyState(
            "calendar-check",
            self.tr("No month selected"),
            self.tr("Click a month of the heat map, or move there with the arrow keys."),
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)
        self.set_content(self._stack)

    def follow(self, months: GapMonthsDock) -> None:
        """Show what is selected in a heat map, and fill it on its Enter."""
        self._cells = months.cells
        months.months_chosen.connect(self.show_months)
        months.types_changed.connect(self.set_types)
        months.cells_changed.connect(self.update_cells)
        months.fill_asked.connect(self.fill_selected)

    # what to show ----------------------------------------------------------------------------------------------

    def show_months(self, first: Month, last: Month) -> None:
        """Tell of these months, one or several."""
        if (first, last) == (self._first, self._last):
            return
        self._first, self._last = first, last
        self._message.hide()
        self.update_cells()
        self._refresh.ask_anew()

    def set_types(self, types: tuple[MediaType, ...]) -> None:
        """Count these types only."""
        self._types = types
        self._refresh.ask_anew()

    def update_cells(self) -> None:
        """The map was read anew: what it knows is shown at once, the rest follows."""
        if self._first < 0:
            return
        self.title.setText(self._name())
        self._stack.setCurrentWidget(self._page)
        if self._first != self._last:
            self._show_range()

    def _name(self) -> str:
        first = gap_words.month_name(*year_month(self._first))
        if self._first == self._last:
            return first
        return self.tr("{0} to {1}").format(first, gap_words.month_name(*year_month(self._last)))

    def _months(self) -> list[tuple[int, int]]:
        return [year_month(month) for month in range(self._first, self._last + 1)]

    def _work(self) -> Callable[[App], Awaitable[MonthDetail]] | None:
        if self._first < 0 or self._first != self._last:
            return None
        year, month = year_month(self._first)
        types = self._types
        return lambda app: gaps.month_detail(app, year, month, types)

    def _on_failed(self, error: GdvgError) -> None:
        self._calm.answered()
        self._message.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
        self._message.show()

    # one month -------------------------------------------------------------------------------------------------

    def _on_read(self, found: MonthDetail) -> None:
        self._calm.answered()
        year, month = year_month(self._first)
        if self._first != self._last or found.month != f"{year:04d}-{month:02d}":
            return
        self._message.hide()
        cell = found.cell
        if cell is None:
            self._show_share(0, 0)
            self.listed.set_text(self.tr("TMDb has not been asked for this month yet"))
            self.lines.set_lines([])
            self._offer(0, 0)
            return
        on = datetime.fromtimestamp(cell.asked_at / 1000, UTC).astimezone().date()
        when = QLocale().toString(QDate(on.year, on.month, on.day), "d MMM")
        words = phrases.counted(
            cell.listed, self.tr("{0} title listed by discover"), self.tr("{0} titles listed by discover")
        )
        self.listed.set_text(self.tr("{0} ({1})").format(words, when))
        self._show_share(cell.held, cell.listed)
        lines = [
            (self.tr("Missing titles"), phrases.number(found.missing)),
            (self.tr("Of these popular"), phrases.number(found.popular)),
            (self.tr("Skipped before, now due"), phrases.number(found.due_again)),
        ]
        if found.resting:
            lines.append((self.tr("Resting after a failed try"), phrases.number(found.resting)))
        if found.gave_up:
            lines.append((self.tr("Given up"), phrases.number(found.gave_up)))
        if found.ignored:
            lines.append((self.tr("Ignored"), phrases.number(found.ignored)))
        if found.missing:
            lines.append((self.tr("Cause"), self._cause(found)))
            lines.append((self.tr("Requests to fill"), self._cost(found.requests)))
        self.lines.set_lines(lines)
        self._offer(found.requests, found.missing)

    def _cause(self, found: MonthDetail) -> str:
        if not found.cause:
            return self.tr("Never fetched")
        if found.cause_at is None:
            return found.cause
        at = phrases.local(found.cause_at)
        return f"{found.cause}, {QLocale().toString(QDate(at.year, at.month, at.day), 'd MMM')}"

    def _cost(self, requests: int) -> str:
        """Requests and how long they take at the rate TMDb is asked at now."""
        app = self._host.app
        rate = app.client.status().pacer.allowed if app is not None else 0
        count = phrases.number(requests)
        if rate <= 0 or not requests:
            return count
        return self.tr("{0}, about {1}").format(count, phrases.duration(requests / rate))

    def _show_share(self, held: int, listed: int) -> None:
        share = held / listed if listed else 0.0
        exact = phrases.decimal(min(100 * share, 99.9) if share < 1 else 100, 1 if share < 1 else 0)
        self._held.setText(self.tr("{0} ({1}%)").format(phrases.number(held), exact) if listed else "–")
        self.bar.set_share(held, listed)
        self.bar.setAccessibleName(self.tr("{0}, {1} percent in the library").format(self._name(), exact))

    def _offer(self, wanted: int, missing: int) -> None:
        """The button, as far as there is something to fill: what is ignored or given up is missing and not wanted."""
        nothing = self.tr("No open gap to fill") if missing else self.tr("Nothing to fill")
        self.fill.setText(self.tr("Fill {0}").format(self._name()) if wanted else nothing)
        self.fill.set_icon("wrench" if missing else "check")
        self.fill.setEnabled(wanted > 0)

    # several months --------------------------------------------------------------------------------------------

    def _show_range(self) -> None:
        """Sums of the map's own figures: asking for each month in detail would take long."""
        known = self._cells()
        months = self._months()
        cells = [known[place] for place in months if place in known]
        listed, held = sum(cell.listed for cell in cells), sum(cell.held for cell in cells)
        missing = sum(cell.missing for cell in cells)
        words = self.tr("{0} titles listed by discover in {1} months")
        self.listed.set_text(words.format(phrases.number(listed), phrases.number(len(months))))
        self._show_share(held, listed)
        lines = [
            (self.tr("Missing titles"), phrases.number(missing)),
            (self.tr("Months short of titles"), phrases.number(sum(1 for cell in cells if cell.missing))),
        ]
        if len(cells) < len(months):
            lines.append((self.tr("Months not asked yet"), phrases.number(len(months) - len(cells))))
        if missing:
            lines.append((self.tr("Requests to fill"), self._cost(missing)))
        self.lines.set_lines(lines)
        self._offer(missing, missing)

    # filling ---------------------------------------------------------------------------------------------------

    def fill_selected(self) -> None:
        """Queue a fill of what is selected, if anything is missing there."""
        if not self.fill.isEnabled() or self._first < 0:
            return
        names = tuple(f"{year:04d}-{month:02d}" for year, month in self._months())
        if len(names) == 1:
            self._feed.fill(FillRequest(month=names[0], types=self._types))
        else:
            self._feed.fill_months(names, self._types)
