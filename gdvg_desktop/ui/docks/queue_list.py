"""The list of jobs: mouse on painted buttons, keys, dragging and renaming. What is asked for goes out as signals."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QToolTip, QWidget

from gdvg_desktop.ui.models.job_buttons import act_words
from gdvg_desktop.ui.models.job_delegate import GAP, JobDelegate, hit
from gdvg_desktop.ui.models.queue_model import MIME, ROW, QueueModel
from gdvg_desktop.ui.models.queue_rows import Act, QueueRow, RowKind
from gdvg_desktop.ui.theme import theme_of

Index = QModelIndex | QPersistentModelIndex


class QueueList(QListView):
    """`acted(QueueRow, Act)` is a button pressed or its key; `job_chosen(int)` follows the selection (0 for none).

    `moved(int, str)` is Alt Up or Down on a job. `row_actions` carry the keys and can stand in menus.
    """

    acted = Signal(object, object)
    moved = Signal(int, str)
    job_chosen = Signal(int)

    def __init__(self, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._delegate = JobDelegate(self)
        self._drop_y = -1
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(self.tr("Import queue"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDropIndicatorShown(False)  # drawn here, in the theme's colours
        self.setTabKeyNavigation(False)
        self._anchor = QWidget(self.viewport())  # where popups of a painted button open
        self._anchor.hide()
        self.row_actions = self._make_actions()

    def _make_actions(self) -> tuple[QAction, ...]:
        return (
            self._action(self.tr("Pause or resume job"), "Space", self._toggle),
            self._action(self.tr("Cancel job"), "Del", lambda: self._ask(Act.CANCEL)),
            self._action(self.tr("Raise priority"), "Alt+Up", lambda: self._move("up")),
            self._action(self.tr("Lower priority"), "Alt+Down", lambda: self._move("down")),
            self._action(self.tr("Rename job"), "F2", self.rename),
        )

    def _action(self, text: str, keys: str, act: Callable[[], object]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda _checked=False: act())
        self.addAction(action)
        return action

    # rows ------------------------------------------------------------------------------------------------------

    def current_row(self) -> QueueRow | None:
        """The chosen row."""
        index = self.currentIndex()
        row: QueueRow | None = index.data(ROW) if index.isValid() else None
        return row

    def choose(self, job_id: int) -> bool:
        """Choose a job and bring it into view; False when it is not listed."""
        at = self._model.row_of(job_id)
        if at < 0:
            return False
        index = self._model.index(at)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index)
        return True

    def anchor(self, row: QueueRow, act: Act) -> QWidget:
        """A widget where a row's button is, for a popup to open under."""
        index = self._model.index(self._model.row_of(row.job_id))
        rect = self.visualRect(index)
        button = next((one for one in self._delegate.buttons(rect, row) if one.act is act), None)
        self._anchor.setGeometry(button.rect.toRect() if button is not None else rect)
        return self._anchor

    def rename(self) -> None:
        """Edit the name of the chosen job."""
        row = self.current_row()
        if row is not None and row.kind is not RowKind.HEAD:
            self.edit(self.currentIndex())

    def advance_stripe(self) -> None:
        """One step of the stripe of rows whose total is not known; rows out of sight cost nothing."""
        self._delegate.phase = (self._delegate.phase + 0.08) % 1.0
        for at in range(self._model.rowCount()):
            row: QueueRow = self._model.index(at).data(ROW)
            if row.bar and row.share is None:
                self.viewport().update(self.visualRect(self._model.index(at)))

    def has_unknown(self) -> bool:
        """Whether a row has a stripe."""
        return any(row.bar and row.share is None for row in self._model.rows())

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        row: QueueRow | None = current.data(ROW) if current.isValid() else None
        self.job_chosen.emit(row.job_id if row is not None else 0)

    # keys ------------------------------------------------------------------------------------------------------

    def _ask(self, act: Act) -> None:
        row = self.current_row()
        if row is not None and act in row.acts:
            self.acted.emit(row, act)

    def _toggle(self) -> None:
        """Space: the row's main act."""
        row = self.current_row()
        if row is None:
            return
        if row.acts[0] is Act.RAISE:
            self.acted.emit(row, Act.PAUSE)
        elif row.acts[0] in (Act.PAUSE, Act.RESUME, Act.RETRY, Act.FOLD):
            self.acted.emit(row, row.acts[0])

    def _move(self, where: str) -> None:
        row = self.current_row()
        if row is not None and row.place >= 0:
            self.moved.emit(row.job_id, where)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current_row()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row is not None:
            self.acted.emit(row, Act.FOLD if row.kind is RowKind.HEAD else Act.MORE)
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.currentIndex()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(event.pos())
        if index.isValid():
            self.acted.emit(index.data(ROW), Act.MORE)

    # mouse -----------------------------------------------------------------------------------------------------

    def _button_at(self, spot: QPoint) -> tuple[QueueRow, Act] | None:
        index = self.indexAt(spot)
        if not index.isValid():
            return None
        row: QueueRow = index.data(ROW)
        act = hit(self._delegate.buttons(self.visualRect(index), row), spot.toPointF())
        return (row, act) if act is not None else None

    def _mark(self, name: str, found: tuple[QueueRow, Act] | None) -> None:
        """Remember the button hovered or pressed, and repaint the rows concerned."""
        spot = (found[0].job_id, found[1]) if found is not None else None
        before = getattr(self._delegate, name)
        if spot == before:
            return
        setattr(self._delegate, name, spot)
        for one in (before, spot):
            at = self._model.row_of(one[0]) if one is not None else -1
            if at >= 0:
                self.viewport().update(self.visualRect(self._model.index(at)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mark("hovered", self._button_at(event.position().toPoint()))
        if self._delegate.pressed is None:
            super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._button_at(event.position().toPoint())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._mark("pressed", found)
        self.choose(found[0].job_id)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, found = self._delegate.pressed, self._button_at(event.position().toPoint())
        if pressed is None:
            super().mouseReleaseEvent(event)
            return
        self._mark("pressed", None)
        if found is not None and (found[0].job_id, found[1]) == pressed:
            self.acted.emit(*found)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mark("hovered", None)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._button_at(event.pos())
            words = act_words(found[1]) if found is not None and found[1] is Act.MORE else ""
            index = self.indexAt(event.pos())
            if found is None and index.isValid():
                words = index.data(ROW).name
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().viewportEvent(event)

    # dragging --------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        super().dragEnterEvent(event)  # which takes nothing that enters between rows
        event.setAccepted(event.mimeData().hasFormat(MIME))

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)  # scrolls at the edges
        at = self._gap_at(event.position().toPoint())
        accepts = self._model.canDropMimeData(event.mimeData(), Qt.DropAction.MoveAction, at, 0, QModelIndex())
        self._show_drop(self._gap_y(at) if accepts else -1)
        event.setDropAction(Qt.DropAction.MoveAction)
        event.setAccepted(accepts)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_drop(-1)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._show_drop(-1)
        at = self._gap_at(event.position().toPoint())
        self._model.dropMimeData(event.mimeData(), Qt.DropAction.MoveAction, at, 0, QModelIndex())
        self.setState(QAbstractItemView.State.NoState)
        event.setDropAction(Qt.DropAction.IgnoreAction)  # the row itself moves with the next refresh
        event.accept()

    def _gap_at(self, spot: QPoint) -> int:
        """The gap between rows nearest to a point, as the number of the row below it."""
        index = self.indexAt(spot)
        if not index.isValid():
            return self._model.rowCount() if spot.y() > 0 else 0
        below = spot.y() > self.visualRect(index).center().y()
        return index.row() + (1 if below else 0)

    def _gap_y(self, at: int) -> int:
        if at < self._model.rowCount():
            return self.visualRect(self._model.index(at)).top() - GAP // 2
        return self.visualRect(self._model.index(at - 1)).bottom() - GAP // 2

    def _show_drop(self, y: int) -> None:
        if y != self._drop_y:
            self._drop_y = y
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop_y != -1:
            painter = QPainter(self.viewport())
            line = QRect(0, max(self._drop_y, 0), self.viewport().width(), 2)
            painter.fillRect(line, theme_of(self).color("focus"))
            painter.end()
