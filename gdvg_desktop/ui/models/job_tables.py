"""The inspector's two tables: what failed for good, and the listing windows with how far each came."""

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from gdvg_desktop.core.kinds import FailureCategory
from gdvg_desktop.store.jobs import FailedItem
from gdvg_desktop.store.windows import WindowRow
from gdvg_desktop.ui.models import job_words
from gdvg_desktop.ui.phrases import clock_time, number, utc
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.tables import CellRole

translate = QCoreApplication.translate
Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class FailedColumn(IntEnum):
    """The columns of failed titles."""

    TITLE = 0
    CATEGORY = 1
    MESSAGE = 2
    TRIES = 3
    NEXT = 4


class FailedModel(QAbstractTableModel):
    """Failed titles and listings of a job."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[FailedItem, ...] = ()

    def fill(self, items: Sequence[FailedItem]) -> None:
        """Show these; nothing happens when they are those shown."""
        if tuple(items) != self._items:
            self.beginResetModel()
            self._items = tuple(items)
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(FailedColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section == FailedColumn.TRIES else None
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            FailedColumn.TITLE: translate("Job", "Title"),
            FailedColumn.CATEGORY: translate("Job", "Cause"),
            FailedColumn.MESSAGE: translate("Job", "Message"),
            FailedColumn.TRIES: translate("Job", "Tries"),
            FailedColumn.NEXT: translate("Job", "Next try"),
        }[FailedColumn(section)]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        item, column = self._items[index.row()], FailedColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(item, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column is FailedColumn.TRIES else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(item, column)
        if column is FailedColumn.CATEGORY and role == CellRole.ACCENT:
            return job_words.category_accent(item.category)
        if column in (FailedColumn.MESSAGE, FailedColumn.NEXT) and role == CellRole.QUIET:
            return True
        return None

    @staticmethod
    def _text(item: FailedItem, column: FailedColumn) -> str:
        match column:
            case FailedColumn.TITLE:
                return job_words.failed_name(item)
            case FailedColumn.CATEGORY:
                return job_words.category(item.category)
            case FailedColumn.MESSAGE:
                return item.message
            case FailedColumn.TRIES:
                return number(item.attempts)
            case FailedColumn.NEXT:
                return clock_time(item.next_try_at) if item.next_try_at else translate("Job", "by you")

    @staticmethod
    def _tip(item: FailedItem, column: FailedColumn) -> str:
        if column is FailedColumn.NEXT and item.next_try_at:
            return utc(item.next_try_at)
        if item.category is FailureCategory.VALIDATION and column is FailedColumn.CATEGORY:
            return translate("Job", "Trying again gives the same answer until TMDb changes it.")
        return item.message


class WindowColumn(IntEnum):
    """The columns of listing windows."""

    WINDOW = 0
    PAGES = 1
    TITLES = 2
    STATE = 3


class WindowModel(QAbstractTableModel):
    """The listing windows of a job."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[WindowRow, ...] = ()

    def fill(self, rows: Sequence[WindowRow]) -> None:
        """Show these. Windows that only came further change in place."""
        rows = tuple(rows)
        if rows == self._rows:
            return
        if [row.id for row in rows] != [row.id for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        self._rows = rows
        self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(WindowColumn) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(WindowColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section in (WindowColumn.PAGES, WindowColumn.TITLES) else None
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            WindowColumn.WINDOW: translate("Job", "Window"),
            WindowColumn.PAGES: translate("Job", "Pages"),
            WindowColumn.TITLES: translate("Job", "Titles"),
            WindowColumn.STATE: translate("Job", "State"),
        }[WindowColumn(section)]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], WindowColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column in (WindowColumn.PAGES, WindowColumn.TITLES) else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.note or job_words.window_words(row)
        if role == CellRole.ACCENT and column is WindowColumn.STATE:
            return _state(row)[1]
        return None

    @staticmethod
    def _text(row: WindowRow, column: WindowColumn) -> str:
        match column:
            case WindowColumn.WINDOW:
                return job_words.window_words(row)
            case WindowColumn.PAGES:
                known = "" if row.total_pages is None else number(row.total_pages)
                return f"{number(row.last_page)} / {known}" if known else number(row.last_page)
            case WindowColumn.TITLES:
                return "" if row.total_results is None else number(row.total_results)
            case WindowColumn.STATE:
                return _state(row)[0]


def _state(row: WindowRow) -> tuple[str, Accent]:
    if row.failed:
        return translate("Job", "Failed"), Accent.RED
    if row.complete:
        return translate("Job", "Listed"), Accent.GREEN
    if row.last_page or row.passes:
        return translate("Job", "Listing"), Accent.BLUE
    return translate("Job", "Pending"), Accent.SLATE
