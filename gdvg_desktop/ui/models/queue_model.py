"""The queue as a Qt model: a refresh becomes the smallest set of row changes, so selection and scroll position stay."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from gdvg_desktop.ui.models.queue_rows import QueueRow, RowKind

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
MIME = "application/x-gdvg-job"


class QueueModel(QAbstractListModel):
    """Rows of the queue list.

    Dropping a job emits `move_asked(job id, place)`, editing a name `rename_asked(job id, name)`. Nothing changes here
    by itself: the command changes the row, and the next refresh shows it.
    """

    move_asked = Signal(int, int)
    rename_asked = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[QueueRow] = []

    def rows(self) -> list[QueueRow]:
        """The rows shown."""
        return list(self._rows)

    def row_of(self, job_id: int) -> int:
        """Where a job is, or -1."""
        return next((i for i, row in enumerate(self._rows) if row.job_id == job_id), -1)

    def set_rows(self, rows: Sequence[QueueRow]) -> None:
        """Make the rows these, by removing, moving, inserting and changing no more than needed."""
        wanted = [row.key for row in rows]
        kept = set(wanted)
        for at in range(len(self._rows) - 1, -1, -1):
            if self._rows[at].key not in kept:
                self.beginRemoveRows(QModelIndex(), at, at)
                del self._rows[at]
                self.endRemoveRows()
        for at, row in enumerate(rows):
            self._bring(at, row)
        self._change(rows)

    def _bring(self, at: int, row: QueueRow) -> None:
        """Have the row of this key at this place."""
        if at < len(self._rows) and self._rows[at].key == row.key:
            return
        found = next((i for i in range(at, len(self._rows)) if self._rows[i].key == row.key), -1)
        if found < 0:
            self.beginInsertRows(QModelIndex(), at, at)
            self._rows.insert(at, row)
            self.endInsertRows()
            return
        self.beginMoveRows(QModelIndex(), found, found, QModelIndex(), at)
        self._rows.insert(at, self._rows.pop(found))
        self.endMoveRows()

    def _change(self, rows: Sequence[QueueRow]) -> None:
        """Tell about changed rows, neighbours together."""
        first = -1
        for at in range(len(rows) + 1):
            differs = at < len(rows) and self._rows[at] != rows[at]
            if differs:
                self._rows[at] = rows[at]
                first = at if first < 0 else first
            elif first >= 0:
                self.dataChanged.emit(self.index(first), self.index(at - 1))
                first = -1

    # Qt ------------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken()
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row, name = self._rows[index.row()], str(value).strip()
        if not name or name == row.name:
            return False
        self.rename_asked.emit(row.job_id, name)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled  # between rows, never on one
        row = self._rows[index.row()]
        if row.kind is not RowKind.HEAD:
            base |= Qt.ItemFlag.ItemIsEditable
        if row.place >= 0:
            base |= Qt.ItemFlag.ItemIsDragEnabled
        return base

    # dragging ------------------------------------------------------------------------------------------------------

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(MIME, str(self._rows[indexes[0].row()].job_id).encode())
        return data

    def _place_at(self, at: int) -> int:
        """How many unfinished jobs are above a gap between rows."""
        return sum(1 for row in self._rows[:at] if row.place >= 0)

    def canDropMimeData(self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, parent: Index) -> bool:
        return data.hasFormat(MIME) and not parent.isValid() and 0 <= row <= self._place_at(len(self._rows))

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        if not self.canDropMimeData(data, action, row, column, parent):
            return False
        job_id = int(bytes(data.data(MIME).data()))
        old, place = self.row_of(job_id), self._place_at(row)
        if 0 <= old < row:
            place -= 1  # the job itself leaves a gap above
        if old < 0 or self._rows[old].place == place:
            return False
        self.move_asked.emit(job_id, place)
        return True
