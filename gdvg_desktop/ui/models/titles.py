"""The library table: one row a title, over an id vector of any length, fetched in windows as it comes into view.

The model never asks for more than what is painted and never moves rows under the user: a new list comes by
`show_list` alone. A title's id is TMDb's id twice, plus one for series, so its key is known before its row is here.
"""

import time
from array import array
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal

from gdvg_desktop.commands import titles
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.library import TitleRow
from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.row_windows import RowWindows, Wish
from gdvg_desktop.ui.posters import Posters
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.tables import CellRole

Index = QModelIndex | QPersistentModelIndex
AT_ONCE = 2  # windows fetched at the same time
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    """The columns in their order."""

    TITLE = 0
    TYPE = 1
    YEAR = 2
    TMDB_ID = 3
    POPULARITY = 4
    RATING = 5
    COMPLETENESS = 6
    SYNCED = 7


SORTS = {
    Column.TITLE: "title",
    Column.TYPE: "media_type",
    Column.YEAR: "release_date",
    Column.TMDB_ID: "tmdb_id",
    Column.POPULARITY: "popularity",
    Column.RATING: "vote_average",
    Column.COMPLETENESS: "completeness",
    Column.SYNCED: "checked_at",
}
"""The sort key of each column."""

_NUMBERS = (Column.POPULARITY, Column.RATING, Column.SYNCED)
_RISING_FIRST = (Column.TITLE, Column.TYPE, Column.TMDB_ID)


def key_of(title_id: int) -> tuple[MediaType, int]:
    """Media type and TMDb id of a `title.id`."""
    return (MediaType.TV if title_id % 2 else MediaType.MOVIE), title_id // 2


class TitlesModel(QAbstractTableModel):
    """See the module. `failed(GdvgError)` tells that rows could not be read."""

    failed = Signal(object)

    def __init__(self, host: Host, posters: Posters) -> None:
        super().__init__()
        self._host = host
        self._posters = posters
        self._windows: RowWindows[TitleRow] = RowWindows(array("q"))
        self._under_way = 0
        self.poster_width = 26  # device pixels; who paints sets it
        self._fetch_soon = QTimer(self)
        self._fetch_soon.setSingleShot(True)
        self._fetch_soon.setInterval(0)
        self._fetch_soon.timeout.connect(self._fetch)

    # the list --------------------------------------------------------------------------------------------------

    def show_list(self, ids: "array[int]", first: Sequence[TitleRow]) -> None:
        """Show another list. `first` are rows of its first window, so that they are painted at once."""
        self.beginResetModel()
        self._windows = RowWindows(ids)
        self._under_way = 0
        if first and len(ids):
            self._windows.row(0)
            wish = self._windows.take_wish()
            if wish is not None and len(first) == len(wish.ids):
                self._windows.put(wish.window, {row.id: row for row in first})
            elif wish is not None:
                self._windows.give_up(wish.window)
        self.endResetModel()

    def ids(self) -> "array[int]":
        """The ids shown, in order."""
        return self._windows.ids

    def id_at(self, row: int) -> int:
        """The `title.id` of a row, whether it is here or not."""
        return self._windows.ids[row]

    def row_of(self, title_id: int) -> int:
        """Where a title stands, or -1."""
        try:
            return self._windows.ids.index(title_id)
        except ValueError:
            return -1

    def mark_stale(self, ids: Iterable[int]) -> None:
        """These titles changed: the rows in view are read again, in place."""
        for rows in self._windows.stale(ids):
            self._tell(rows)

    def windows_held(self) -> int:
        """How many windows are in memory."""
        return self._windows.held()

    # fetching --------------------------------------------------------------------------------------------------

    def _row(self, index: int) -> TitleRow | None:
        row = self._windows.row(index)
        if self._windows.has_wish and not self._fetch_soon.isActive():
            self._fetch_soon.start()
        return row

    def _fetch(self) -> None:
        windows = self._windows
        while self._under_way < AT_ONCE:
            wish = windows.take_wish()
            if wish is None:
                return
            self._under_way += 1
            self._ask(windows, wish)

    def _ask(self, windows: RowWindows[TitleRow], wish: Wish) -> None:
        def then(rows: list[TitleRow]) -> None:
            if windows is not self._windows:
                return  # of a list no longer shown
            self._under_way -= 1
            self._tell(windows.put(wish.window, {row.id: row for row in rows}))
            self._fetch()

        def failed(problem: GdvgError) -> None:
            if windows is not self._windows:
                return
            self._under_way -= 1
            windows.give_up(wish.window)
            self.failed.emit(problem)

        self._host.call(self, lambda app: titles.rows(app, wish.ids), then, failed)

    def _tell(self, rows: range) -> None:
        if rows:
            last = self.index(rows[-1], len(Column) - 1)
            self.dataChanged.emit(self.index(rows[0], 0), last)

    # the model -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._windows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        column = Column(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.column_name(column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column in _NUMBERS else _LEFT
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            rising = column in _RISING_FIRST
            return Qt.SortOrder.AscendingOrder if rising else Qt.SortOrder.DescendingOrder
        return None

    def column_name(self, column: Column) -> str:
        """What a column is called."""
        return {
            Column.TITLE: self.tr("Title"),
            Column.TYPE: self.tr("Type"),
            Column.YEAR: self.tr("Year"),
            Column.TMDB_ID: self.tr("TMDb ID"),
            Column.POPULARITY: self.tr("Popularity"),
            Column.RATING: self.tr("Rating"),
            Column.COMPLETENESS: self.tr("Completeness"),
            Column.SYNCED: self.tr("Synced"),
        }[column]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._windows):
            return None
        column = _COLUMNS[index.column()]
        if _ONLY_OF.get(role, column) is not column:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column in _NUMBERS else _LEFT
        if role == CellRole.QUIET:
            return column in (Column.TMDB_ID, Column.SYNCED)
        if role == Qt.ItemDataRole.DisplayRole and column is Column.TMDB_ID:
            return str(key_of(self.id_at(index.row()))[1])
        if role not in _ROW_ROLES:
            return None
        row = self._row(index.row())
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        return self._extra(row, column, role)

    def _text(self, row: TitleRow, column: Column) -> str:
        match column:
            case Column.TITLE:
                return row.title or row.original_title or self.tr("Without a title")
            case Column.TYPE:
                return self.tr("Movie") if row.media_type is MediaType.MOVIE else self.tr("TV")
            case Column.YEAR:
                return str(row.year) if row.year else ""
            case Column.TMDB_ID:
                return str(row.tmdb_id)
            case Column.POPULARITY:
                return phrases.decimal(row.popularity) if row.popularity is not None else ""
            case Column.RATING:
                return phrases.decimal(row.vote_average) if row.vote_average else ""
            case Column.COMPLETENESS:
                return phrases.percent(row.completeness / 100)
            case Column.SYNCED:
                return phrases.ago(time.time() - row.checked_at / 1000)

    def _extra(self, row: TitleRow, column: Column, role: int) -> Any:
        if column is Column.TITLE:
            if role == CellRole.POSTER:
                return self._posters.poster(row.poster_path, self.poster_width)
            if role == CellRole.SECOND:
                return row.original_title if row.title and row.original_title != row.title else ""
            if role == CellRole.ICON:
                return "film" if row.media_type is MediaType.MOVIE else "tv"
            if role == Qt.ItemDataRole.ToolTipRole:
                return " · ".join(dict.fromkeys(name for name in (row.title, row.original_title) if name))
        elif column is Column.COMPLETENESS:
            if role == CellRole.SHARE:
                return row.completeness / 100
            if role == CellRole.ACCENT:
                return Accent.GREEN if row.completeness == 100 else Accent.AMBER
        elif column is Column.SYNCED and role == Qt.ItemDataRole.ToolTipRole:
            return phrases.utc(row.checked_at)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.column_name(column)}: {self._text(row, column)}"
        return None


_COLUMNS = tuple(Column)
_ONLY_OF: dict[int, Column] = {  # every cell is asked for all of these, several times a second
    CellRole.POSTER: Column.TITLE,
    CellRole.SECOND: Column.TITLE,
    CellRole.ICON: Column.TITLE,
    CellRole.SHARE: Column.COMPLETENESS,
    CellRole.ACCENT: Column.COMPLETENESS,
}
_ROW_ROLES = frozenset(
    (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
        CellRole.POSTER,
        CellRole.SECOND,
        CellRole.ICON,
        CellRole.SHARE,
        CellRole.ACCENT,
    )
)
