"""The table of titles: columns, keys and the rows in view. It knows nothing of where rows come from."""

from collections.abc import Iterator

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from gdvg_desktop.ui.models.titles import Column, TitlesModel
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.tables import (
    BarDelegate,
    PosterDelegate,
    TableView,
    TextDelegate,
)

ROW = 40
Index = QModelIndex | QPersistentModelIndex
_WIDTHS = {
    Column.TYPE: 64,
    Column.YEAR: 56,
    Column.TMDB_ID: 84,
    Column.POPULARITY: 96,
    Column.RATING: 64,
    Column.COMPLETENESS: 116,
    Column.SYNCED: 88,
}
_WIDE_ENOUGH = 220  # the least the title column is left with before columns give way
_GIVES_WAY = (Column.RATING, Column.TMDB_ID, Column.SYNCED, Column.COMPLETENESS)


class TitlesTable(TableView):
    """`current_moved(title id or 0)`, `opened(title id)` by Enter or double click, `view_moved()` when other rows come
    into view, `letters(str)` when the user types into the table, `copy_asked()`, `resync_asked()` by R."""

    current_moved = Signal(object)
    opened = Signal(object)
    view_moved = Signal()
    letters = Signal(str)
    copy_asked = Signal()
    resync_asked = Signal()

    def __init__(self, model: TitlesModel, parent: QWidget | None = None) -> None:
        super().__init__(row_height=ROW, parent=parent)
        self.setAccessibleName(self.tr("Titles"))
        self._titles = model
        self._hidden_by_user: set[Column] = set()
        self.setModel(model)
        self.setItemDelegateForColumn(Column.TITLE, PosterDelegate(self))
        self.setItemDelegateForColumn(Column.TMDB_ID, TextDelegate(self, role=Role.LOG))
        self.setItemDelegateForColumn(Column.COMPLETENESS, BarDelegate(self))
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.TITLE, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(Column.POPULARITY, Qt.SortOrder.DescendingOrder)
        header.setSortIndicatorShown(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().valueChanged.connect(self.view_moved)
        self.doubleClicked.connect(lambda index: self.opened.emit(model.id_at(index.row())))
        self._fit()

    # columns ---------------------------------------------------------------------------------------------------

    def set_column_shown(self, column: Column, shown: bool) -> None:
        """Show or hide a column; the title stays."""
        if column is not Column.TITLE:
            (self._hidden_by_user.discard if shown else self._hidden_by_user.add)(column)
            self._fit()

    def column_shown(self, column: Column) -> bool:
        """Whether the user wants the column."""
        return column not in self._hidden_by_user

    def _fit(self) -> None:
        """Column widths at the text scale; where the title would be left too narrow, columns give way in order."""
        theme = theme_of(self)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, theme.px(width))
        wanted = [column for column in _WIDTHS if column not in self._hidden_by_user]
        room = self.viewport().width() - theme.px(_WIDE_ENOUGH)
        for column in _GIVES_WAY:
            if sum(theme.px(_WIDTHS[one]) for one in wanted) <= room:
                break
            if column in wanted:
                wanted.remove(column)
        for column in _WIDTHS:
            self.setColumnHidden(column, column not in wanted)
        height = self.verticalHeader().defaultSectionSize()
        self._titles.poster_width = round((height - 7) * 2 / 3 * self.devicePixelRatioF())

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._fit()
        self.view_moved.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.DevicePixelRatioChange):
            self._fit()

    # rows ------------------------------------------------------------------------------------------------------

    def rows_in_view(self) -> range:
        """The rows that can be seen, the first and last perhaps in part."""
        count = self._titles.rowCount()
        if not count:
            return range(0)
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        return range(max(first, 0), (last if last >= 0 else count - 1) + 1)

    def choose(self, row: int) -> None:
        """Make a row the current and only selected one, wherever the view stands."""
        if 0 <= row < self._titles.rowCount():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            still = self.hasAutoScroll()
            self.setAutoScroll(False)
            self.selectionModel().setCurrentIndex(self._titles.index(row, 0), flags)
            self.setAutoScroll(still)

    def go_to(self, row: int) -> None:
        """Choose a row and bring it into view."""
        self.choose(row)
        self.scrollTo(self._titles.index(row, 0))

    def current_id(self) -> int:
        """The `title.id` of the current row, 0 when there is none."""
        index = self.currentIndex()
        return self._titles.id_at(index.row()) if index.isValid() else 0

    def _parts(self) -> list[QItemSelectionRange]:
        selection = self.selectionModel().selection()
        return [selection.at(place) for place in range(selection.count())]

    def selected_rows(self) -> Iterator[int]:
        """The selected rows from top to bottom; a selection of everything is but one range."""
        ranges = sorted((part.top(), part.bottom()) for part in self._parts())
        seen = -1
        for top, bottom in ranges:
            yield from range(max(top, seen + 1), bottom + 1)
            seen = max(seen, bottom)

    def selected_count(self) -> int:
        """How many rows are selected."""
        return sum(part.height() for part in self._parts())

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.row() != previous.row():
            self.current_moved.emit(self._titles.id_at(current.row()) if current.isValid() else 0)

    # keys ------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        elif event.key() == Qt.Key.Key_R and plain:
            self.resync_asked.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain and self.current_id():
            self.opened.emit(self.current_id())
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and plain:
            self.go_to(0 if event.key() == Qt.Key.Key_Home else self._titles.rowCount() - 1)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters go to the search field: looking for them row by row would read the whole library."""
        self.letters.emit(search)

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self._titles.rowCount():
            first = self._titles.index(self.rows_in_view().start, 0)
            self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Up and down only: cells of hidden columns would scroll sideways."""
        across = self.horizontalScrollBar().value()
        super().scrollTo(index, hint)
        self.horizontalScrollBar().setValue(across)
