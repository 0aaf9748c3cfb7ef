"""Failed titles and listings as a table, each told apart by its key and changed in place where only figures moved."""

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from gdvg_desktop.store.errors import Failure
from gdvg_desktop.ui.models import error_words, job_words
from gdvg_desktop.ui.phrases import number, utc
from gdvg_desktop.ui.widgets.tables import CellRole

translate = QCoreApplication.translate
Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    """The columns of failures."""

    CONTENT = 0
    ERROR = 1
    TRIES = 2
    ACTION = 3


class ErrorsModel(QAbstractTableModel):
    """Show failures with `fill`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._failures: list[Failure] = []
        self._now_ms = 0

    def fill(self, failures: Sequence[Failure], now_ms: int) -> None:
        """Show these; the choice and the scroll hold where the rows are the same."""
        old, self._now_ms = self._failures, now_ms
        if [one.key for one in failures] != [one.key for one in old]:
            self.beginResetModel()
            self._failures = list(failures)
            self.endResetModel()
            return
        self._failures = list(failures)
        if old:
            self.dataChanged.emit(self.index(0, 0), self.index(len(old) - 1, len(Column) - 1))

    def failure_at(self, row: int) -> Failure | None:
        """The failure of a row."""
        return self._failures[row] if 0 <= row < len(self._failures) else None

    def failures(self) -> list[Failure]:
        """All that are shown."""
        return list(self._failures)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._failures)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section in (Column.TRIES, Column.ACTION) else None
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            Column.CONTENT: translate("Error", "Content"),
            Column.ERROR: translate("Error", "Error"),
            Column.TRIES: translate("Error", "Tries"),
            Column.ACTION: translate("Error", "Action"),
        }[Column(section)]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        one, column = self._failures[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(one, column)
            case CellRole.SECOND:
                return self._second(one, column)
            case CellRole.QUIET:
                return column is Column.CONTENT and one.name is None and one.key.tmdb_id is not None
            case CellRole.ACCENT:
                return job_words.category_accent(one.category) if column is Column.ERROR else None
            case Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if column is Column.TRIES else None
            case Qt.ItemDataRole.ToolTipRole:
                return self._tooltip(one, column)
        return None

    def _text(self, one: Failure, column: Column) -> str:
        match column:
            case Column.CONTENT:
                return error_words.content(one)
            case Column.ERROR:
                return one.message
            case Column.TRIES:
                return number(one.tries)
        return ""

    def _second(self, one: Failure, column: Column) -> str:
        match column:
            case Column.CONTENT:
                return error_words.number_of(one)
            case Column.ERROR:
                return job_words.category(one.category)
            case Column.TRIES:
                return error_words.again_in(one, self._now_ms)
        return ""

    @staticmethod
    def _tooltip(one: Failure, column: Column) -> str | None:
        if column is Column.ERROR:
            return one.message
        if column is Column.TRIES and one.next_try_at is not None:
            return translate("Error", "Tried again by itself at {0}").format(utc(one.next_try_at))
        return error_words.content(one) if column is Column.CONTENT else None
