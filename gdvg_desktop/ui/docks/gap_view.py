"""The table of gaps: its columns, check marks by mouse and keyboard, and the rows in view."""

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetricsF, QKeyEvent, QKeySequence, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from gdvg_desktop.ui.models.gap_delegates import MARK, GapBadgeDelegate, GapTextDelegate, MarkDelegate, ScoreDelegate
from gdvg_desktop.ui.models.gaps import Column, GapsModel
from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.tables import PAD, CellRole, TableHeader, TableView
from gdvg_desktop.ui.widgets.toggles import paint_check

Index = QModelIndex | QPersistentModelIndex
_WIDTHS = {
    Column.CHECK: 36,
    Column.TMDB_ID: 88,
    Column.TYPE: 64,
    Column.GAP: 114,
    Column.SCORE: 222,
    Column.WHY: 232,
    Column.TRIES: 72,
    Column.FOUND: 88,
}
_WIDE_ENOUGH = 200  # the least the title column is left with before columns give way
_GIVES_WAY = (Column.TRIES, Column.TMDB_ID, Column.TYPE, Column.FOUND)


class GapsHeader(TableHeader):
    """The header row with the box that marks all, and what a score is made of beside its name.

    `all_toggled()` is a click on the box.
    """

    all_toggled = Signal()

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        super().paintSection(painter, rect, logical)
        theme = theme_of(self)
        model = self.model()
        if logical == Column.CHECK and model is not None:
            size = theme.px(MARK)
            box = QRectF(round(rect.center().x() - size / 2 + 0.5), round(rect.center().y() - size / 2), size, size)
            state = model.headerData(logical, self.orientation(), Qt.ItemDataRole.CheckStateRole)
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_check(painter, box, theme, Qt.CheckState(state))
            painter.restore()
        elif logical == Column.SCORE and model is not None:
            self._paint_second(painter, rect, logical)

    def _paint_second(self, painter: QPainter, rect: QRect, logical: int) -> None:
        theme = theme_of(self)
        name = str(self.model().headerData(logical, self.orientation(), Qt.ItemDataRole.DisplayRole))
        second = str(self.model().headerData(logical, self.orientation(), CellRole.SECOND))
        x = rect.x() + PAD + QFontMetricsF(font(theme, Role.HINT, weight=500)).horizontalAdvance(name) + 10
        if self.isSortIndicatorShown() and self.sortIndicatorSection() == logical:
            x += theme.px(12) + 6
        painter.setFont(font(theme, Role.HINT))
        painter.setPen(theme.color("text_secondary"))
        area = QRectF(x, rect.y(), rect.right() - x, rect.height() - 1)
        if QFontMetricsF(painter.font()).horizontalAdvance(second) <= area.width():
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, second)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.logicalIndexAt(event.position().toPoint()) == 0:
            self.all_toggled.emit()
            return
        super().mouseReleaseEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.logicalIndexAt(event.position().toPoint()) != 0:
            super().mousePressEvent(event)


class GapsView(TableView):
    """`opened(key)` is Enter or a double click, `menu_asked(key, global position)` the context menu.

    Space marks the current row, Shift with an arrow marks on the way, Ctrl A marks all, Esc takes the marks away.
    A click on a row makes it current; a click on its box marks it, with Shift up to the box clicked before.
    """

    opened = Signal(object)
    menu_asked = Signal(object, object)

    def __init__(self, model: GapsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName(self.tr("Gaps by priority"))
        self.setAccessibleDescription(self.tr("Space marks a row, Enter explains it."))
        self._gaps = model
        self._last_marked = -1
        header = GapsHeader(self)
        self.setHorizontalHeader(header)
        self._measure()
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        text = GapTextDelegate(self)
        self.setItemDelegate(text)
        self.setItemDelegateForColumn(Column.CHECK, MarkDelegate(self))
        self.setItemDelegateForColumn(Column.TMDB_ID, GapTextDelegate(self, role=Role.LOG))
        self.setItemDelegateForColumn(Column.GAP, GapBadgeDelegate(self))
        self.setItemDelegateForColumn(Column.SCORE, ScoreDelegate(self))
        header.setMinimumSectionSize(32)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.TITLE, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(Column.SCORE, Qt.SortOrder.DescendingOrder)
        header.setSortIndicatorShown(True)
        header.all_toggled.connect(self.toggle_all)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(self._on_double_click)
        self._fit()

    # columns ---------------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        """Column widths at the text scale; where the title would be left too narrow, columns give way in order."""
        theme = theme_of(self)
        room = self.viewport().width() - theme.px(_WIDE_ENOUGH)
        widths = {column: theme.px(width) for column, width in _WIDTHS.items()}
        if sum(widths.values()) > room:  # the factors of the score and a long cause first
            widths[Column.SCORE], widths[Column.WHY] = theme.px(130), theme.px(190)
        hidden = set()
        for column in _GIVES_WAY:
            if sum(width for one, width in widths.items() if one not in hidden) <= room:
                break
            hidden.add(column)
        for column, width in widths.items():
            self.setColumnWidth(column, width)
            self.setColumnHidden(column, column in hidden)

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    # rows ------------------------------------------------------------------------------------------------------

    def rows_in_view(self) -> range:
        """The rows that can be seen, the first and last perhaps in part."""
        count = self._gaps.rowCount()
        if not count:
            return range(0)
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        return range(max(first, 0), (last if last >= 0 else count - 1) + 1)

    def choose(self, row: int) -> None:
        """Make a row the current one without scrolling."""
        if 0 <= row < self._gaps.rowCount():
            still = self.hasAutoScroll()
            self.setAutoScroll(False)
            index = self._gaps.index(row, Column.TITLE)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.setAutoScroll(still)

    def current_key(self) -> int:
        """The key of the current row, -1 when there is none."""
        index = self.currentIndex()
        return self._gaps.key_at(index.row()) if index.isValid() else -1

    def _on_double_click(self, index: Index) -> None:
        if index.column() != Column.CHECK:
            self.opened.emit(self._gaps.key_at(index.row()))

    # marks -----------------------------------------------------------------------------------------------------

    def toggle_all(self) -> None:
        """Mark every row, or none when all are marked."""
        self._gaps.mark_all(self._gaps.all_marked() != Qt.CheckState.Checked)

    def _toggle(self, row: int) -> None:
        self._gaps.mark(range(row, row + 1), not self._gaps.is_marked(row))
        self._last_marked = row

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._last_marked >= 0:
                first, last = sorted((min(self._last_marked, self._gaps.rowCount() - 1), index.row()))
                self._gaps.mark(range(first, last + 1), True)
            elif index.column() == Column.CHECK or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._toggle(index.row())
        super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        spot = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            spot = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
        if index.isValid():
            self.choose(index.row())
            self.menu_asked.emit(self._gaps.key_at(index.row()), spot)

    # keys ------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self._gaps.mark_all(True)
        elif key == Qt.Key.Key_Escape and self._gaps.marked_count():
            self._gaps.mark_all(False)
        elif row >= 0 and key == Qt.Key.Key_Space:
            self._toggle(row)
        elif row >= 0 and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self._gaps.key_at(row))
        elif row >= 0 and shift and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._mark_on(row, -1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self._gaps.rowCount():
            goal = 0 if key == Qt.Key.Key_Home else self._gaps.rowCount() - 1
            self.choose(goal)
            self.scrollTo(self._gaps.index(goal, Column.TITLE))
        else:
            super().keyPressEvent(event)

    def _mark_on(self, row: int, step: int) -> None:
        goal = min(max(row + step, 0), self._gaps.rowCount() - 1)
        self._gaps.mark(range(min(row, goal), max(row, goal) + 1), True)
        self._last_marked = goal
        self.choose(goal)
        self.scrollTo(self._gaps.index(goal, Column.TITLE))

    def keyboardSearch(self, search: str) -> None:
        """Letters are for the search field: looking for them row by row would read the whole registry."""

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self._gaps.rowCount():
            self.choose(self.rows_in_view().start)
