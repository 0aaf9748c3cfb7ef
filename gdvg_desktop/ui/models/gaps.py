"""The gaps as a table model of any length: keys in order, rows fetched in windows, check marks of its own.

Rows move while gaps are filled, so marks belong to keys: they survive a new list as far as their gaps do. A row that
is being fetched anew is shown as it was.
"""

import time
from array import array
from collections import OrderedDict
from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal

from gdvg_desktop.commands import gaps
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.store.gaps import KINDS, Gap
from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import gap_words
from gdvg_desktop.ui.models.row_windows import RowWindows, Wish
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.tables import CellRole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Keys = NDArray[numpy.int64]

Index = QModelIndex | QPersistentModelIndex
AT_ONCE = 2  # windows fetched at the same time
REMEMBERED = 1024  # rows kept over a change of the list
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    """The columns in their order."""

    CHECK = 0
    TITLE = 1
    TMDB_ID = 2
    TYPE = 3
    GAP = 4
    SCORE = 5
    WHY = 6
    TRIES = 7
    FOUND = 8


SORTS = {
    Column.TITLE: "name",
    Column.TMDB_ID: "tmdb_id",
    Column.TYPE: "media_type",
    Column.GAP: "kind",
    Column.SCORE: "score",
    Column.WHY: "reason",
    Column.TRIES: "tries",
    Column.FOUND: "found_at",
}
"""The sort key of each column."""

_COLUMNS = tuple(Column)
_NUMBERS = (Column.TRIES, Column.FOUND)
_FALLING_FIRST = (Column.SCORE, Column.TRIES, Column.FOUND)


_LEADING = numpy.array([2, 0, 1, 3])
"""Which of a title's gaps stands for it, by the place of its kind: popularity, temporal, sequential, metadata."""


def one_each(keys: "Keys") -> "Keys":
    """One key a title: a missing popular title is missing by id and by month as well, and is listed once."""
    if not len(keys):
        return keys
    titles = keys >> 2
    order = numpy.argsort(titles * 4 + _LEADING[keys & 3])
    first = numpy.ones(len(keys), dtype=numpy.bool_)
    first[1:] = titles[order][1:] != titles[order][:-1]
    return keys[numpy.sort(order[first])]


def all_kinds(keys: Iterable[int]) -> tuple[int, ...]:
    """The keys of every kind of gap these titles can have."""
    return tuple((key >> 2) * 4 + place for key in keys for place in range(len(KINDS)))


class GapsModel(QAbstractTableModel):
    """See the module. `marked(int)` tells how many rows are marked, `failed(GdvgError)` that rows cannot be read."""

    marked = Signal(int)
    failed = Signal(object)

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host
        self._keys: Keys = numpy.empty(0, dtype=numpy.int64)
        self._marks: NDArray[numpy.bool_] = numpy.empty(0, dtype=numpy.bool_)
        self._windows: RowWindows[Gap] = RowWindows(array("q"))
        self._known: OrderedDict[int, Gap] = OrderedDict()
        self._under_way = 0
        self._fetch_soon = QTimer(self)
        self._fetch_soon.setSingleShot(True)
        self._fetch_soon.setInterval(0)
        self._fetch_soon.timeout.connect(self._fetch)

    # the list --------------------------------------------------------------------------------------------------

    def show_list(self, keys: "Keys") -> None:
        """Show another list; rows marked before stay marked where they are still listed."""
        before = self.marked_count()
        marked = self._keys[self._marks]
        self.beginResetModel()
        self._keys = keys
        self._marks = numpy.isin(keys, marked) if len(marked) else numpy.zeros(len(keys), dtype=numpy.bool_)
        ids = array("q")
        ids.frombytes(keys.astype(numpy.int64).tobytes())
        self._windows = RowWindows(ids)
        self._under_way = 0
        self.endResetModel()
        if before or self.marked_count():
            self.marked.emit(self.marked_count())

    def key_at(self, row: int) -> int:
        """The key of a row, whether the row is here or not."""
        return int(self._keys[row])

    def row_of(self, key: int) -> int:
        """Where a key stands, or -1."""
        found = numpy.flatnonzero(self._keys == key)
        return int(found[0]) if len(found) else -1

    def gap_at(self, row: int) -> Gap | None:
        """The gap of a row if it is here."""
        return self._windows.peek(row) or self._known.get(self.key_at(row))

    # marks -----------------------------------------------------------------------------------------------------

    def marked_count(self) -> int:
        """How many rows are marked."""
        return int(self._marks.sum())

    def marked_keys(self) -> tuple[int, ...]:
        """The keys of the marked rows, in the order shown."""
        keys: list[int] = self._keys[self._marks].tolist()
        return tuple(keys)

    def is_marked(self, row: int) -> bool:
        """Whether a row is marked."""
        return bool(self._marks[row])

    def all_marked(self) -> Qt.CheckState:
        """All, none or some."""
        count = self.marked_count()
        if not count:
            return Qt.CheckState.Unchecked
        return Qt.CheckState.Checked if count == len(self._marks) else Qt.CheckState.PartiallyChecked

    def mark(self, rows: range, on: bool) -> None:
        """Mark rows, or take their marks away."""
        if not rows:
            return
        self._marks[rows.start : rows.stop] = on
        self.dataChanged.emit(self.index(rows[0], 0), self.index(rows[-1], len(Column) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, Column.CHECK, Column.CHECK)
        self.marked.emit(self.marked_count())

    def mark_all(self, on: bool) -> None:
        """Mark every row of the list, or none."""
        self.mark(range(len(self._keys)), on)

    # fetching --------------------------------------------------------------------------------------------------

    def _row(self, index: int) -> Gap | None:
        row = self._windows.row(index)
        if self._windows.has_wish and not self._fetch_soon.isActive():
            self._fetch_soon.start()
        return row or self._known.get(int(self._keys[index]))

    def _fetch(self) -> None:
        windows = self._windows
        while self._under_way < AT_ONCE:
            wish = windows.take_wish()
            if wish is None:
                return
            self._under_way += 1
            self._ask(windows, wish)

    def _ask(self, windows: RowWindows[Gap], wish: Wish) -> None:
        def then(rows: list[Gap]) -> None:
            self._remember(rows)
            if windows is not self._windows:
                return  # of a list no longer shown
            self._under_way -= 1
            shown = windows.put(wish.window, {row.key: row for row in rows})
            if shown:
                self.dataChanged.emit(self.index(shown[0], 0), self.index(shown[-1], len(Column) - 1))
            self._fetch()

        def failed(problem: GdvgError) -> None:
            if windows is not self._windows:
                return
            self._under_way -= 1
            windows.give_up(wish.window)
            self.failed.emit(problem)

        keys = tuple(wish.ids)
        self._host.call(self, lambda app: gaps.rows(app, keys), then, failed)

    def _remember(self, rows: list[Gap]) -> None:
        for row in rows:
            self._known[row.key] = row
            self._known.move_to_end(row.key)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    # the model -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._keys)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(Column)

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = super().flags(index)
        if index.isValid() and index.column() == Column.CHECK:
            found |= Qt.ItemFlag.ItemIsUserCheckable
        return found

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Mark or unmark a row through its check box, as screen readers do."""
        if not index.isValid() or index.column() != Column.CHECK or role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.mark(range(index.row(), index.row() + 1), Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        column = Column(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.column_name(column)
        if role == Qt.ItemDataRole.CheckStateRole and column is Column.CHECK:
            return self.all_marked()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column in _NUMBERS else _LEFT
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            falling = column in _FALLING_FIRST
            return Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
        if role == CellRole.SECOND and column is Column.SCORE:
            return self.tr("popularity × recency")
        return None

    def column_name(self, column: Column) -> str:
        """What a column is called."""
        return {
            Column.CHECK: "",
            Column.TITLE: self.tr("Title"),
            Column.TMDB_ID: self.tr("TMDb ID"),
            Column.TYPE: self.tr("Type"),
            Column.GAP: self.tr("Gap"),
            Column.SCORE: self.tr("Score"),
            Column.WHY: self.tr("Why it is missing"),
            Column.TRIES: self.tr("Tries"),
            Column.FOUND: self.tr("Found"),
        }[column]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._keys):
            return None
        column = _COLUMNS[index.column()]
        if role == Qt.ItemDataRole.CheckStateRole:
            if column is not Column.CHECK:
                return None
            return Qt.CheckState.Checked if self.is_marked(index.row()) else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column in _NUMBERS else _LEFT
        if role == CellRole.QUIET:
            return column in (Column.TMDB_ID, Column.FOUND) and not self.is_marked(index.row())
        if role == Qt.ItemDataRole.DisplayRole and column is Column.TMDB_ID:
            return str(self.key_at(index.row()) >> 3)
        if role not in _ROW_ROLES:
            return None
        gap = self._row(index.row())
        if gap is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(gap, column)
        return self._extra(gap, column, role)

    def _text(self, gap: Gap, column: Column) -> str:
        match column:
            case Column.CHECK:
                return ""
            case Column.TITLE:
                return gap_words.title_name(gap)
            case Column.TMDB_ID:
                return str(gap.tmdb_id)
            case Column.TYPE:
                return gap_words.type_name(gap.media_type)
            case Column.GAP:
                return gap_words.kind_name(gap.kind)
            case Column.SCORE:
                return gap_words.score_text(gap)
            case Column.WHY:
                return gap_words.why(gap)
            case Column.TRIES:
                return phrases.number(gap.tries)
            case Column.FOUND:
                return gap_words.age(max(0.0, time.time() - gap.found_at / 1000))

    def _extra(self, gap: Gap, column: Column, role: int) -> Any:
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if column is Column.CHECK:
                return self.tr("Select {0}").format(gap_words.title_name(gap))
            return f"{self.column_name(column)}: {self._text(gap, column)}"
        if column is Column.GAP and role == CellRole.ACCENT:
            return gap_words.ACCENTS[gap.kind]
        if column is Column.SCORE:
            if role == CellRole.SHARE:
                return gap.score / 100
            if role == CellRole.SECOND:
                return gap_words.factors(gap)
            if role == CellRole.ACCENT:
                return Accent.BLUE
        if role == Qt.ItemDataRole.ToolTipRole:
            if column is Column.FOUND:
                return phrases.utc(gap.found_at)
            if column is Column.WHY:
                return gap.message or gap_words.why(gap)
            if column is Column.TITLE:
                return gap_words.title_name(gap)
        return None


_ROW_ROLES = frozenset(
    (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
        CellRole.SECOND,
        CellRole.SHARE,
        CellRole.ACCENT,
    )
)
