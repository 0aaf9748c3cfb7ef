"""The lines of the history as a table: runs, and planned ones that were missed.

Sorted here, told apart by their key, changed in place while they run.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from gdvg_desktop.commands.history import Line
from gdvg_desktop.commands.missed_runs import MissedRun
from gdvg_desktop.ui.models import run_words
from gdvg_desktop.ui.phrases import number, utc
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.tables import CellRole

translate = QCoreApplication.translate
Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    """The columns of the history."""

    RESULT = 0
    RUN = 1
    BY = 2
    STARTED = 3
    TOOK = 4
    IMPORTED = 5
    UPDATED = 6
    SKIPPED = 7
    ERRORS = 8


_RIGHT = (Column.TOOK, Column.IMPORTED, Column.UPDATED, Column.SKIPPED, Column.ERRORS)
_COUNTS = {Column.IMPORTED: "added", Column.UPDATED: "updated", Column.SKIPPED: "skipped"}
_KEYS: dict[Column, Callable[[Line], Any]] = {
    Column.RESULT: lambda run: list(type(run.result)).index(run.result),
    Column.RUN: lambda run: run.name.casefold(),
    Column.BY: lambda run: _started_by(run)[0],
    Column.STARTED: lambda run: run.at,
    Column.TOOK: lambda run: run.worked_s,
    Column.IMPORTED: lambda run: _count(run, Column.IMPORTED),
    Column.UPDATED: lambda run: _count(run, Column.UPDATED),
    Column.SKIPPED: lambda run: _count(run, Column.SKIPPED),
    Column.ERRORS: lambda run: errors_of(run),
}


def errors_of(run: Line) -> int:
    """Titles and listings of a run that failed, whether they came in later or not."""
    return 0 if isinstance(run, MissedRun) else run.job.failed + run.job.recovered


def _count(run: Line, column: Column) -> int:
    return 0 if isinstance(run, MissedRun) else int(getattr(run.job, _COUNTS[column]))


def _started_by(run: Line) -> tuple[str, str]:
    return run_words.scheduled() if isinstance(run, MissedRun) else run_words.started_by(run.job)


class RunsModel(QAbstractTableModel):
    """Show runs with `fill`. Sorting keeps rows of the same value in the order they came."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[Line] = []
        self._now_ms = 0
        self._by, self._order = Column.STARTED, Qt.SortOrder.DescendingOrder

    def fill(self, runs: Sequence[Line], now_ms: int) -> None:
        """Show these runs; rows that stay where they are change in place, so a choice and the scroll hold."""
        fresh = self._sorted(runs)
        old, self._now_ms = self._runs, now_ms
        if [run.key for run in fresh] == [run.key for run in old]:
            self._runs = fresh
            changed = [row for row, run in enumerate(fresh) if run != old[row]]
            if changed:
                self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(Column) - 1))
            return
        self._move(fresh)

    def _move(self, fresh: list[Line]) -> None:
        """Put rows in another order, or show others. A choice goes with its run only while the runs are the same."""
        ids = [run.key for run in self._runs]
        places = {run.key: row for row, run in enumerate(fresh)}
        if set(ids) != set(places):
            self.beginResetModel()
            self._runs = fresh
            self.endResetModel()
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        self._runs = fresh
        after = [self.index(places[ids[index.row()]], index.column()) for index in before]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def run_at(self, row: int) -> Line | None:
        """The run of a row."""
        return self._runs[row] if 0 <= row < len(self._runs) else None

    def row_of(self, key: int) -> int:
        """Where a run stands, or -1."""
        return next((row for row, run in enumerate(self._runs) if run.key == key), -1)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        self._by, self._order = Column(column), order
        self._move(self._sorted(self._runs))

    def _sorted(self, runs: Sequence[Line]) -> list[Line]:
        return sorted(runs, key=_KEYS[self._by], reverse=self._order == Qt.SortOrder.DescendingOrder)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section in _RIGHT else None
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            Column.RESULT: translate("Run", "Result"),
            Column.RUN: translate("Run", "Run"),
            Column.BY: translate("Run", "Started by"),
            Column.STARTED: translate("Run", "Started"),
            Column.TOOK: translate("Run", "Took"),
            Column.IMPORTED: translate("Run", "Imported"),
            Column.UPDATED: translate("Run", "Updated"),
            Column.SKIPPED: translate("Run", "Skipped"),
            Column.ERRORS: translate("Run", "Errors"),
        }[Column(section)]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        run, column = self._runs[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(run, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if column in _RIGHT else None
            case Qt.ItemDataRole.ToolTipRole:
                return self._tooltip(run, column)
            case Qt.ItemDataRole.AccessibleTextRole if column is Column.RUN:
                return f"{run.name}, {self._text(run, Column.RESULT)}"
            case CellRole.ICON:
                return self._icon(run, column)
            case CellRole.ACCENT:
                return self._accent(run, column)
            case CellRole.QUIET:
                return self._quiet(run, column)
        return None

    def _text(self, run: Line, column: Column) -> str:
        match column:
            case Column.RESULT:
                return run_words.missed(run) if isinstance(run, MissedRun) else run_words.badge(run.result).text
            case Column.RUN:
                return run.name
            case Column.BY:
                return _started_by(run)[0]
            case Column.STARTED:
                return run_words.when(run.at or None, self._now_ms)
        if isinstance(run, MissedRun):
            return ""  # there is nothing to count
        return run_words.took(run.worked_s) if column is Column.TOOK else number(_KEYS[column](run))

    @staticmethod
    def _tooltip(run: Line, column: Column) -> str | None:
        if column is Column.STARTED and run.at:
            return utc(run.at)
        if isinstance(run, MissedRun):
            return run_words.missed_because(run.row.reason) if column in (Column.RESULT, Column.RUN) else None
        if column is Column.ERRORS and errors_of(run):
            return translate("Run", "{0} recovered, {1} still open").format(
                number(run.job.recovered), number(run.job.failed)
            )
        return run.name if column is Column.RUN else None

    @staticmethod
    def _icon(run: Line, column: Column) -> str | None:
        if column is Column.RESULT:
            return run_words.badge(run.result).icon
        return _started_by(run)[1] if column is Column.BY else None

    @staticmethod
    def _accent(run: Line, column: Column) -> Accent | None:
        if column is Column.RESULT:
            return run_words.badge(run.result).accent
        if column is Column.ERRORS and not isinstance(run, MissedRun) and errors_of(run):
            return Accent.RED if run.job.failed else Accent.AMBER
        return None

    @staticmethod
    def _quiet(run: Line, column: Column) -> bool:
        if column in (Column.BY, Column.TOOK):
            return True
        return column >= Column.IMPORTED and not _KEYS[column](run)
