"""How the mirror fares: progress against TMDb's catalogue, the last seven days, what runs now; before the first import
the steps that lead to it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.commands.overview import Day, Overview
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui.docks.feed_panel import FeedPanel
from gdvg_desktop.ui.docks.first_steps import FirstSteps
from gdvg_desktop.ui.docks.overview import MOST_DAYS, days_left, exact_percent, titles_per_day
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.phrases import counted, number, percent
from gdvg_desktop.ui.phrases import day as day_words
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import ElidedLabel, Fact, FactLine, Figure, SectionHeader, SplitLine
from gdvg_desktop.ui.widgets.messages import EmptyState
from gdvg_desktop.ui.widgets.progress import HEADLINE, SLIM, ProgressBar
from gdvg_desktop.ui.widgets.tables import COMPACT_HEIGHT, CellRole, TableFrame, TableView

translate = QCoreApplication.translate
Index = QModelIndex | QPersistentModelIndex
DAYS = 7
JOBS_SHOWN = 4
DAY_WIDTHS = {0: 92, 5: 112}  # the day and its status
COUNT_WIDTH = 70
SKIPPED = 3


class DaysModel(QAbstractTableModel):
    """The last days, newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._days: tuple[Day, ...] = ()
        self._heads = (
            self.tr("Last 7 days"),
            self.tr("Imported"),
            self.tr("Updated"),
            self.tr("Skipped"),
            self.tr("Errors"),
            self.tr("Status"),
        )

    def set_days(self, days: Sequence[Day]) -> None:
        """Days oldest first, as the overview has them; the last seven are shown."""
        newest = tuple(reversed(days[-DAYS:]))
        if newest == self._days:
            return
        if len(newest) == len(self._days):
            former, self._days = self._days, newest
            for row, (old, new) in enumerate(zip(former, newest, strict=True)):
                for column in self._differing(old, new):  # mostly two cells of today; a cell is costly to paint
                    self.dataChanged.emit(self.index(row, column), self.index(row, column))
            return
        self.beginResetModel()
        self._days = newest
        self.endResetModel()

    def _differing(self, old: Day, new: Day) -> list[int]:
        """The columns that read otherwise for a day than before."""
        columns = range(len(self._heads))
        if old.state != new.state:  # colours and icons change, too
            return list(columns)
        return [column for column in columns if self._text(old, column) != self._text(new, column)]

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._days)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    @staticmethod
    def _alignment(column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if 0 < column < 5 else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        day, column = self._days[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(day, column)
        if role == CellRole.QUIET:
            return column > 0 and day.state == "none"
        if column == 4 and day.failed and day.state != "running" and role == CellRole.ACCENT:
            return Accent.AMBER
        if column == 5:
            _word, accent, icon = self._state(day)
            return accent if role == CellRole.ACCENT else icon if role == CellRole.ICON else None
        return None

    def _text(self, day: Day, column: int) -> str:
        if column == 0:
            return self._name(day)
        if column == 5:
            return self._state(day)[0]
        if day.state == "none":
            return "–"
        return number((day.added_movies + day.added_tv, day.updated, day.skipped, day.failed)[column - 1])

    def _name(self, day: Day) -> str:
        today = datetime.now(UTC).date()
        return self.tr("Today") if day.day == today else day_words(day.day, "ddd d MMM")

    def _state(self, day: Day) -> tuple[str, Accent | None, str]:
        known: dict[str, tuple[str, Accent | None, str]] = {
            "running": (self.tr("Running"), Accent.BLUE, "loader-circle"),
            "completed": (self.tr("Completed"), Accent.GREEN, "circle-check"),
            "errors": (self.tr("With errors"), Accent.AMBER, "triangle-alert"),
        }
        return known.get(day.state, (self.tr("No work"), None, "minus"))


class DaysView(TableView):
    """The table of the days; in a narrow dock what was skipped goes, so that days and words are not cut."""

    def __init__(self, model: DaysModel, parent: QWidget | None = None) -> None:
        super().__init__(row_height=COMPACT_HEIGHT, name=translate("SyncHealthDock", "Last 7 days"), parent=parent)
        self.setModel(model)
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        for column in range(6):
            fixed = column in DAY_WIDTHS
            mode = QHeaderView.ResizeMode.Fixed if fixed else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(column, mode)
        self._fit()

    def _fit(self) -> None:
        theme = theme_of(self)
        for column, width in DAY_WIDTHS.items():
            self.setColumnWidth(column, theme.px(width))
        rest = self.viewport().width() - sum(theme.px(width) for width in DAY_WIDTHS.values())
        self.setColumnHidden(SKIPPED, rest < theme.px(4 * COUNT_WIDTH))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()


class _Progress(QWidget):
    """The library against TMDb's whole catalogue; hidden while that is not known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(8)
        self._head = SectionHeader(self.tr("Bulk import progress"))
        self._count = Figure("", Role.HINT)
        self._head.add_right(self._count)
        column.addWidget(self._head)
        row = QHBoxLayout()
        row.setSpacing(12)
        self._bar = ProgressBar(HEADLINE, Accent.BLUE, name=self.tr("Bulk import progress"))
        self._share = Figure("", Role.ROW_TITLE)
        row.addWidget(self._bar, 1)
        row.addWidget(self._share)
        column.addLayout(row)
        self._facts = FactLine()
        column.addWidget(self._facts)

    def tell(self, found: Overview) -> None:
        """Show the figures, or nothing."""
        coverage = found.coverage
        self.setVisible(coverage is not None and coverage.known > 0)
        if coverage is None or not coverage.known:
            return
        held, known = number(coverage.held), number(coverage.known)
        self._count.set_text(self.tr("{0} of {1} titles").format(held, known))
        self._bar.set_share(coverage.held, coverage.known)
        self._bar.set_accent(Accent.GREEN if coverage.held >= coverage.known else Accent.BLUE)
        self._share.set_text(exact_percent(coverage.held / coverage.known))
        facts = []
        pace = titles_per_day(found.days)
        days = days_left(found.days, coverage.missing)
        if (found.running or found.waiting) and days is not None and days <= MOST_DAYS:
            until = datetime.now(UTC).astimezone().date() + timedelta(days=days)
            facts.append(Fact(self.tr("Estimated completion"), day_words(until, "d MMMM yyyy"), icon="calendar"))
        if pace:
            rate = self.tr("about {0} titles per day").format(number(round(pace)))
            facts.append(Fact(self.tr("Import rate"), rate, icon="trending-up"))
        self._facts.set_facts(facts)
        self._facts.setVisible(bool(facts))


class _JobLine(QWidget):
    """One running job: name, share, bar, counts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        self._name = ElidedLabel("", Role.BODY)
        self._share = Figure("", Role.STRONG)
        row.addWidget(self._name, 1)
        row.addWidget(self._share)
        column.addLayout(row)
        self._bar = ProgressBar(SLIM, Accent.BLUE)
        column.addWidget(self._bar)
        self._counts = Figure("", Role.HINT)
        column.addWidget(self._counts, 0, Qt.AlignmentFlag.AlignLeft)

    def tell(self, job: Job) -> None:
        """Show a job's figures."""
        self._name.setText(job.name)
        self._bar.setAccessibleName(job.name)
        listing = job.phase != "fetch"
        if listing:
            self._bar.set_unknown()
            self._share.set_text("")
            self._counts.set_text(self.tr("Listing, {0} found so far").format(number(job.total)))
            return
        self._bar.set_share(job.done, job.total)
        self._share.set_text(percent(job.done / job.total if job.total else 1.0))
        done = self.tr("{0} of {1} titles").format(number(job.done), number(job.total))
        failed = self.tr(" · {0} failed").format(number(job.failed)) if job.failed else ""
        self._counts.set_text(done + failed)


class _Running(QWidget):
    """The jobs at work. `queue_asked()` is the way to all of them."""

    queue_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(260)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        head = SectionHeader(self.tr("Running now"))
        link = Button(self.tr("Open queue"), kind=ButtonKind.LINK, small=True)
        link.clicked.connect(self.queue_asked)
        head.add_right(link)
        column.addWidget(head)
        self._lines = [_JobLine() for _ in range(JOBS_SHOWN)]
        for line in self._lines:
            line.hide()
            column.addWidget(line)
        self._empty = EmptyState("list-ordered", self.tr("Nothing is running"), "")
        column.addWidget(self._empty, 1)
        column.addStretch(1)

    def tell(self, found: Overview) -> None:
        """Show the running jobs, or what waits."""
        for line, job in zip(self._lines, found.running, strict=False):
            line.tell(job)
        for number_, line in enumerate(self._lines):
            line.setVisible(number_ < len(found.running))
        self._empty.setVisible(not found.running)
        sentence = self.tr("Imports you start show their progress here.")
        if found.paused:
            sentence = counted(
                found.paused,
                self.tr("{0} job is paused. Resume it in the queue."),
                self.tr("{0} jobs are paused. Resume them in the queue."),
            )
        elif found.waiting:
            sentence = counted(found.waiting, self.tr("{0} job is waiting."), self.tr("{0} jobs are waiting."))
        self._empty.set_text(self.tr("Nothing is running"), sentence)


class SyncHealthDock(FeedPanel):
    """`queue_asked()`, and from the first steps `key_asked()`, `scope_asked()`, `import_asked()`."""

    KEY = "sync_health"
    delay_ms = 60
    queue_asked = Signal()
    key_asked = Signal()
    scope_asked = Signal()
    import_asked = Signal()

    def __init__(self, host: Host, feed: OverviewFeed, parent: QWidget | None = None) -> None:
        super().__init__(self.KEY, translate("SyncHealthDock", "Sync Health"), "heart-pulse", parent=parent)
        self._progress = _Progress()
        self._running = _Running()
        self._running.queue_asked.connect(self.queue_asked)
        self.steps = FirstSteps(host)
        self.steps.key_asked.connect(self.key_asked)
        self.steps.scope_asked.connect(self.scope_asked)
        self.steps.import_asked.connect(self.import_asked)
        self.model = DaysModel(self)
        self._stack = QStackedWidget()
        self._stack.addWidget(QWidget())  # until the library has been read
        self._stack.addWidget(self.steps)
        self._stack.addWidget(self._figures())
        self.set_content(self._stack, scroll=True)
        self.follow(feed)

    def _figures(self) -> QWidget:
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self._progress)
        left.addWidget(self._table())
        left.addStretch(1)
        row.addLayout(left, 13)
        row.addWidget(SplitLine(Qt.Orientation.Vertical))
        row.addWidget(self._running, 7)
        return body

    def _table(self) -> TableFrame:
        table = DaysView(self.model)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        frame = TableFrame(table)
        frame.setFixedHeight(table.horizontalHeader().height() + DAYS * table.verticalHeader().defaultSectionSize() + 2)
        frame.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return frame

    def show_figures(self, found: Overview) -> None:
        begun = bool(found.titles or found.last_finished or any(day.state != "none" for day in found.days))
        self._stack.setCurrentIndex(2 if begun else 1)
        if not begun:
            self.steps.tell(found)
            return
        self._progress.tell(found)
        self._running.tell(found)
        self.model.set_days(found.days)
