"""The table of failures: two lines a row, painted buttons, several rows chosen at once, and keys for all of it."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QItemSelection, QItemSelectionModel, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from gdvg_desktop.store.errors import Failure, Key
from gdvg_desktop.ui.models.error_delegates import Act, ActionDelegate, TwoLineDelegate, main_act
from gdvg_desktop.ui.models.errors import Column, ErrorsModel
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.widgets.tables import POSTER_HEIGHT, TableView

translate = QCoreApplication.translate
TRIES_WIDTH = 84
ENOUGH_WIDTH = 260  # of name and error together


class ErrorsView(TableView):
    """`acted(Act, list[Failure])` is a button or its key: Enter or Space the row's own, R retry, Del skip, V view.

    `menu_asked(QPoint)` is the context menu, at a global place.
    """

    acted = Signal(object, object)
    menu_asked = Signal(QPoint)

    def __init__(self, model: ErrorsModel, parent: QWidget | None = None) -> None:
        super().__init__(row_height=POSTER_HEIGHT, name=translate("ErrorsDock", "Failed titles"), parent=parent)
        self._model = model
        self.setModel(model)
        self._actions = ActionDelegate(self)
        self.setItemDelegateForColumn(Column.CONTENT, TwoLineDelegate(self, strong=True, mono=True))
        self.setItemDelegateForColumn(Column.ERROR, TwoLineDelegate(self))
        self.setItemDelegateForColumn(Column.TRIES, TwoLineDelegate(self))
        self.setItemDelegateForColumn(Column.ACTION, self._actions)
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.ERROR, QHeaderView.ResizeMode.Stretch)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(lambda _index: self._ask(Act.VIEW, self.chosen()[:1]))
        self._fit()

    def _fit(self) -> None:
        """Column widths at the text scale; in a narrow dock the tries go, so that ids and errors can be read."""
        theme = theme_of(self)
        tries = theme.px(TRIES_WIDTH)
        rest = self.viewport().width() - self._actions.width()
        narrow = rest - tries < theme.px(ENOUGH_WIDTH)
        self.setColumnHidden(Column.TRIES, narrow)
        self.setColumnWidth(Column.TRIES, tries)
        self.setColumnWidth(Column.ACTION, self._actions.width())
        wide = round((rest if narrow else rest - tries) * 0.45)
        self.setColumnWidth(Column.CONTENT, max(theme.px(96), min(wide, theme.px(320))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # rows ------------------------------------------------------------------------------------------------------

    def chosen(self) -> list[Failure]:
        """The failures of the selected rows, from the top."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return [one for row in rows if (one := self._model.failure_at(row)) is not None]

    def show_failures(self, failures: Sequence[Failure], now_ms: int) -> None:
        """Show these; what was chosen stays chosen, and the row that went is followed by the next."""
        keep = {one.key for one in self.chosen()}
        current, top = self.currentIndex().row(), self.verticalScrollBar().value()
        here = self._model.failure_at(current)
        self._model.fill(failures, now_ms)
        if self.currentIndex().isValid() or not failures:
            return
        self._choose_again(keep, here.key if here is not None else None, current)
        self.verticalScrollBar().setValue(top)

    def _choose_again(self, keep: set[Key], current: Key | None, row: int) -> None:
        rows = {one.key: at for at, one in enumerate(self._model.failures())}
        place = rows.get(current, min(max(row, 0), len(rows) - 1)) if current is not None else max(row, 0)
        place = min(place, len(rows) - 1)
        chosen = QItemSelection()
        for key in keep & rows.keys():
            index = self._model.index(rows[key], 0)
            chosen.select(index, index)
        flags = QItemSelectionModel.SelectionFlag.Rows | QItemSelectionModel.SelectionFlag.ClearAndSelect
        index = self._model.index(place, 0)
        if chosen.isEmpty():
            self.selectionModel().setCurrentIndex(index, flags)
        else:
            self.selectionModel().select(chosen, flags)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    # keys ------------------------------------------------------------------------------------------------------

    def _ask(self, act: Act, failures: list[Failure]) -> None:
        if failures:
            self.acted.emit(act, failures)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chosen = self.chosen()
        current = self._model.failure_at(self.currentIndex().row())
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and current is not None:
            match event.key():
                case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                    self._ask(main_act(current), [current])
                    return
                case Qt.Key.Key_R:
                    self._ask(Act.RETRY, chosen)
                    return
                case Qt.Key.Key_V:
                    self._ask(Act.VIEW, [current])
                    return
                case Qt.Key.Key_Delete:
                    self._ask(Act.SKIP, chosen)
                    return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_asked.emit(event.globalPos())

    # mouse -----------------------------------------------------------------------------------------------------

    def button_at(self, spot: QPoint) -> tuple[int, Act] | None:
        """The painted button under a point of the viewport."""
        index = self.indexAt(spot)
        failure = self._model.failure_at(index.row()) if index.column() == Column.ACTION else None
        if failure is None:
            return None
        cell = QRectF(self.visualRect(index))
        for act, rect in self._actions.buttons(theme_of(self), cell, failure):
            if rect.contains(spot.toPointF()):
                return index.row(), act
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.button_at(event.position().toPoint()))

    def _hover(self, hit: tuple[int, Act] | None) -> None:
        if hit != self._actions.hovered:
            self._actions.hovered = hit
            self.viewport().update()

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().leaveEvent(event)
        self._hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        hit = self.button_at(event.position().toPoint())
        if hit is not None and event.button() == Qt.MouseButton.LeftButton:
            self._actions.pressed = True
            self._hover(hit)
            self.viewport().update()
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._actions.pressed:
            super().mouseReleaseEvent(event)
            return
        self._actions.pressed = False
        self.viewport().update()
        hit = self.button_at(event.position().toPoint())
        failure = self._model.failure_at(hit[0]) if hit is not None else None
        if hit is not None and hit == self._actions.hovered and failure is not None:
            self._ask(hit[1], [failure])

    def changeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().changeEvent(event)
        if event.type() == event.Type.StyleChange and hasattr(self, "_actions"):
            self._fit()
