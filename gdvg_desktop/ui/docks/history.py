"""Sync history: every run with its result and counts, and planned ones that were missed.

Found by kind, result, date and text, and written out as CSV.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QFontMetricsF, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHeaderView, QMenu, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import history
from gdvg_desktop.commands.history import Line
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import JobKind
from gdvg_desktop.store.runs import Result, RunFilter
from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import run_words
from gdvg_desktop.ui.models.runs import Column, RunsModel
from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role, Theme
from gdvg_desktop.ui.widgets.buttons import Button, IconButton
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.labels import label
from gdvg_desktop.ui.widgets.layouts import FittingBar
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage
from gdvg_desktop.ui.widgets.search_field import SearchField
from gdvg_desktop.ui.widgets.tables import BadgeDelegate, TableFrame, TableView, TextDelegate

translate = QCoreApplication.translate
TICK_MS = 5000  # how often "took" of running runs moves on
TYPING_MS = 200
FIND_WIDTH = 168
WEEK, MONTH = 7, 30
WIDTHS = {
    Column.RESULT: 116,
    Column.BY: 112,
    Column.STARTED: 104,
    Column.TOOK: 68,
    Column.IMPORTED: 76,
    Column.UPDATED: 74,
    Column.SKIPPED: 74,
    Column.ERRORS: 62,
}


class HistoryDock(DockPanel):
    """`run_chosen(int)` names the line to look into, by its key (0 for none); `run_opened()` asks to go there."""

    KEY = "history"
    run_chosen = Signal(int)
    run_opened = Signal()

    def __init__(self, host: Host, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(self.KEY, translate("HistoryDock", "Sync history"), "history", parent=parent)
        self._host = host
        self._kind: JobKind | None = None
        self._result: Result | None = None
        self._days: int | None = WEEK  # None for all time
        self._chosen = 0
        self.model = RunsModel(self)
        self._build()
        self._refresh = Refresh(self, host, lambda: self._work(), self._on_read, self._show_error)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._refresh.ask)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._refresh.ask_anew)
        for hint in (bridge.jobs_changed, bridge.queue_changed, bridge.schedule_changed, bridge.library_replaced):
            hint.connect(self._refresh.ask)
        self._refresh.ask()

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._message = InlineMessage(Accent.RED)
        close = IconButton("x", self.tr("Close message"), small=True)
        close.clicked.connect(self._message.hide)
        self._message.add_action(close)
        self._message.hide()
        column.addWidget(self._message)
        column.addWidget(self._build_filters())
        self.table = self._build_table()
        self._nothing = EmptyState(
            "search",
            self.tr("No run is like that"),
            self.tr("Take a filter away or widen the dates."),
            self._make_clear(),
        )
        empty = EmptyState(
            "history", self.tr("No runs yet"), self.tr("Every import and sync appears here with what it brought.")
        )
        self._stack = QStackedWidget()
        for page in (empty, TableFrame(self.table), self._nothing):
            self._stack.addWidget(page)
        column.addWidget(self._stack, 1)
        self.set_content(body)

    def _build_filters(self) -> QWidget:
        bar = FittingBar(24)
        bar.row.setContentsMargins(0, 0, 0, 0)
        self._kinds = Button("", icon="list-filter", small=True, chevron=True)
        self._results = Button("", small=True, chevron=True)
        self._dates = Button("", icon="calendar", small=True, chevron=True)
        self._kinds.clicked.connect(self._open_kinds)
        self._results.clicked.connect(self._open_results)
        self._dates.clicked.connect(self._open_dates)
        self.field = SearchField(self.tr("Find a run"))
        self.field.setProperty("small", True)
        self.field.setFixedWidth(theme_of(self).px(FIND_WIDTH))
        self.field.text_edited.connect(lambda _text: self._typing.start())
        self.field.left_down.connect(self._into_table)
        self.field.submitted.connect(lambda _text: self._into_table())
        self._count = label("", Role.HINT)
        self.export = Button(self.tr("Export CSV"), icon="file-down", small=True)
        self.export.clicked.connect(self._choose_file)
        left: tuple[QWidget, ...] = (self._kinds, self._results, self._dates, self.field)
        for widget in left:
            bar.row.addWidget(widget)
        bar.row.addStretch(1)
        bar.row.addWidget(self._count)
        bar.row.addWidget(self.export)
        bar.droppable = [self._count, self._results, self.export]
        self._filters = bar
        find = QAction(self.tr("Find a run"), self)
        find.setShortcut(QKeySequence("Ctrl+F"))
        find.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.triggered.connect(lambda: self.field.setFocus(Qt.FocusReason.ShortcutFocusReason))
        self.addAction(find)
        self._say_filters()
        return bar

    def _build_table(self) -> "RunsView":
        table = RunsView(self.model)
        table.run_chosen.connect(self._on_chosen)
        table.opened.connect(self.run_opened)
        return table

    def _make_clear(self) -> Button:
        clear = Button(self.tr("Clear all filters"), icon="x")
        clear.clicked.connect(self.clear_filters)
        return clear

    # filters ---------------------------------------------------------------------------------------------------

    def chosen(self) -> RunFilter:
        """What is listed."""
        return RunFilter(
            kinds=() if self._kind is None else (self._kind,),
            results=() if self._result is None else (self._result,),
            since=None if self._days is None else _midnight(self._first_day()),
            text=self.field.text().strip(),
        )

    def clear_filters(self) -> None:
        """Every run of all time."""
        self.field.clear()
        self.choose(kind=None, result=None, days=None)

    def choose(self, *, kind: JobKind | None, result: Result | None, days: int | None) -> None:
        """List runs of a kind, with a result, of the last so many days; None is any."""
        self._kind, self._result, self._days = kind, result, days
        self._say_filters()
        self._refresh.ask_anew()

    def _first_day(self) -> date:
        return datetime.now(UTC).astimezone().date() - timedelta(days=(self._days or 1) - 1)

    def _say_filters(self) -> None:
        self._kinds.setText(self.tr("All types") if self._kind is None else run_words.kind_name(self._kind))
        self._results.setText(self.tr("Any result") if self._result is None else run_words.badge(self._result).text)
        self._dates.setText(self._range_words())
        for button in (self._kinds, self._results, self._dates):
            button.updateGeometry()
        self._filters.fit()

    def _range_words(self) -> str:
        if self._days is None:
            return self.tr("All time")
        first, last = self._first_day(), datetime.now(UTC).astimezone().date()
        end = phrases.day(last, "d MMM yyyy")
        if first == last:
            return end
        form = "d" if (first.year, first.month) == (last.year, last.month) else "d MMM"
        return self.tr("{0} to {1}").format(phrases.day(first, form if first.year == last.year else "d MMM yyyy"), end)

    def _open_kinds(self) -> None:
        choices = [(self.tr("All types"), None), *((run_words.kind_name(kind), kind) for kind in JobKind)]
        choose = partial(self.choose, result=self._result, days=self._days)
        self._open(self._kinds, [(text, kind is self._kind, partial(choose, kind=kind)) for text, kind in choices])

    def _open_results(self) -> None:
        choices = [(self.tr("Any result"), None), *((run_words.badge(one).text, one) for one in Result)]
        choose = partial(self.choose, kind=self._kind, days=self._days)
        self._open(self._results, [(text, one is self._result, partial(choose, result=one)) for text, one in choices])

    def _open_dates(self) -> None:
        choices = (
            (self.tr("Today"), 1),
            (self.tr("Last 7 days"), WEEK),
            (self.tr("Last 30 days"), MONTH),
            (self.tr("All time"), None),
        )
        choose = partial(self.choose, kind=self._kind, result=self._result)
        self._open(self._dates, [(text, days == self._days, partial(choose, days=days)) for text, days in choices])

    def _open(self, button: Button, choices: list[tuple[str, bool, Callable[[], None]]]) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        for text, on, act in choices:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(on)
            action.triggered.connect(lambda _on=False, do=act: do())
            group.addAction(action)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    # reading ---------------------------------------------------------------------------------------------------

    def _work(self) -> Callable[[App], Awaitable[tuple[list[Line], int]]]:
        wanted = self.chosen()

        async def read(app: App) -> tuple[list[Line], int]:
            found = await history.lines(app, wanted)
            return found, len(found) if found else len(await history.lines(app, limit=1))

        return read

    def _on_read(self, answer: tuple[list[Line], int]) -> None:
        found, any_runs = answer
        place = self.table.place()
        self.model.fill(found, round(datetime.now(UTC).timestamp() * 1000))
        self._stack.setCurrentIndex(1 if found else 2 if any_runs else 0)
        self._filters.setVisible(bool(any_runs))
        words = phrases.counted(len(found), self.tr("{0} run"), self.tr("{0} runs"))
        self._count.setText(words if found else "")
        self._filters.want(self._count, bool(found))
        if found:
            row = self.model.row_of(self._chosen)
            self.table.choose(max(row, 0))
            if row >= 0:
                self.table.return_to(place)  # choosing a row scrolls to it, which is not asked for here
        else:
            self._on_chosen(0)
        self._run_timer()

    def _on_chosen(self, key: int) -> None:
        if key != self._chosen:
            self._chosen = key
            self.run_chosen.emit(key)

    def _show_error(self, error: GdvgError) -> None:
        self._message.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
        self._message.show()

    def _into_table(self) -> None:
        if self.model.rowCount():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _run_timer(self) -> None:
        running = any((run := self.model.run_at(row)) and run.result is Result.RUNNING for row in range(20))
        if self.isVisible() and running:
            if not self._tick.isActive():
                self._tick.start()
        else:
            self._tick.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_timer()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._run_timer()

    # writing out -----------------------------------------------------------------------------------------------

    def _choose_file(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("Export runs"), str(Path.home()), self.tr("CSV (*.csv)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("runs.csv")
        dialog.fileSelected.connect(lambda name: self.write(Path(name)))
        dialog.open()

    def write(self, path: Path) -> None:
        """Write the runs listed to a file."""
        wanted = self.chosen()
        self._message.hide()
        self._host.call(
            self, lambda app: history.export(app, path, wanted), lambda n: self._on_written(path, n), self._show_error
        )

    def _on_written(self, path: Path, count: int) -> None:
        text = phrases.counted(count, self.tr("{0} run written to"), self.tr("{0} runs written to"))
        self._message.set_message(Accent.GREEN, f"{text} {path}")
        self._message.show()


class RunsView(TableView):
    """The table of runs. `run_chosen(int)`, a key, follows the current row, `opened()` is Enter or a double click."""

    run_chosen = Signal(int)
    opened = Signal()

    def __init__(self, model: RunsModel, parent: QWidget | None = None) -> None:
        super().__init__(name=translate("HistoryDock", "Sync history"), parent=parent)
        self._model = model
        self.setModel(model)
        self.setSelectionMode(TableView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setItemDelegateForColumn(Column.RESULT, BadgeDelegate(self))
        self.setItemDelegateForColumn(Column.RUN, StrongDelegate(self))
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.RUN, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(Column.STARTED, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self.activated.connect(lambda _index: self.opened.emit())
        self._fit()

    def _fit(self) -> None:
        theme = theme_of(self)
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, theme.px(width))

    def choose(self, row: int) -> None:
        """Make a row the current one, unless it is."""
        if row != self.currentIndex().row():
            self.setCurrentIndex(self._model.index(row, 0))

    def place(self) -> tuple[int, int]:
        """What is looked at: the key of the row at the top and how far the list is scrolled; 0 at its beginning."""
        top = self.verticalScrollBar().value()
        run = self._model.run_at(self.rowAt(0)) if top else None
        return (run.key, top - self.rowAt(0) * self.verticalHeader().defaultSectionSize()) if run else (0, 0)

    def return_to(self, place: tuple[int, int]) -> None:
        """Look at the same rows again; a list that was at its beginning shows what came in there."""
        key, rest = place
        row = max(self._model.row_of(key), 0) if key else 0
        self.verticalScrollBar().setValue(row * self.verticalHeader().defaultSectionSize() + rest)

    def currentChanged(self, current, previous) -> None:  # type: ignore[no-untyped-def]
        super().currentChanged(current, previous)
        run = self._model.run_at(current.row()) if current.isValid() else None
        if run is not None:
            self.run_chosen.emit(run.key)

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._leave_out()

    def _leave_out(self) -> None:
        """In a narrow dock the lesser columns go, so that the name of a run can be read."""
        theme = theme_of(self)
        room = self.viewport().width() - theme.px(150)
        shown = dict(WIDTHS)
        for column in (Column.SKIPPED, Column.BY, Column.UPDATED, Column.TOOK):
            if sum(theme.px(width) for width in shown.values()) <= room:
                break
            del shown[column]
        for column in WIDTHS:
            self.setColumnHidden(column, column not in shown)

    def changeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().changeEvent(event)
        if event.type() == event.Type.StyleChange and hasattr(self, "_model"):
            self._fit()


class StrongDelegate(TextDelegate):
    """The name of a run, in the weight of row titles."""

    def paint_cell(self, painter, theme: Theme, area, index, *, enabled: bool) -> None:  # type: ignore[no-untyped-def]
        painter.setFont(font(theme, Role.BODY, weight=500))
        painter.setPen(theme.color("text_primary" if enabled else "text_disabled"))
        text = QFontMetricsF(painter.font()).elidedText(
            str(index.data() or ""), Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)


def _midnight(day: date) -> int:
    """The start of a day of the user's, in unix milliseconds."""
    return to_millis(datetime(day.year, day.month, day.day).astimezone().timestamp())
