"""The data of a chart as a table, for those who would rather read it."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from gdvg_desktop.ui.widgets.tables import COMPACT_HEIGHT, TableView

Index = QModelIndex | QPersistentModelIndex


class _TextRows(QAbstractTableModel):
    """Rows of text; the first holds the column names, the first column the row names, all else is figures."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[list[str]] = [[]]

    def fill(self, rows: Sequence[Sequence[str]]) -> None:
        self.beginResetModel()
        self._rows = [list(row) for row in rows] or [[]]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows) - 1

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows[0])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[index.row() + 1][index.column()]
        return self._alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[0][section]
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    @staticmethod
    def _alignment(column: int) -> Qt.AlignmentFlag | None:
        return Qt.AlignmentFlag.AlignRight if column else None


class ChartTable(TableView):
    """A compact table filled with `rows`, column names first."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(row_height=COMPACT_HEIGHT, name=name, parent=parent)
        self._rows = _TextRows(self)
        self.setModel(self._rows)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def fill(self, rows: Sequence[Sequence[str]]) -> None:
        """Replace the content."""
        self._rows.fill(rows)
