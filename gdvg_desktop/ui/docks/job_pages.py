"""The inspector's other pages: what failed for good, with Retry, and the listing windows."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QAbstractTableModel, QEvent, Signal
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.store.jobs import FailedItem
from gdvg_desktop.store.windows import WindowRow
from gdvg_desktop.ui.models.job_tables import FailedColumn, FailedModel, WindowColumn, WindowModel
from gdvg_desktop.ui.phrases import counted, number
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.labels import ElidedLabel
from gdvg_desktop.ui.widgets.messages import EmptyState
from gdvg_desktop.ui.widgets.tables import COMPACT_HEIGHT, TableFrame, TableView


class _Table(TableView):
    """A small table whose columns have fixed widths (at the text's scale) but for one that takes the rest."""

    def __init__(self, name: str, model: QAbstractTableModel, widths: Mapping[int, int], rest: int) -> None:
        super().__init__(row_height=COMPACT_HEIGHT, name=name)
        self._widths = widths
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        header.setSectionResizeMode(rest, QHeaderView.ResizeMode.Stretch)
        self._fit()

    def _fit(self) -> None:
        for column, width in self._widths.items():
            self.horizontalHeader().resizeSection(column, theme_of(self).px(width))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()


class FailedPage(QWidget):
    """Failed titles and listings; `retry_asked()` is the button."""

    retry_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = FailedModel(self)
        self.table = _Table(
            self.tr("Failed titles"),
            self.model,
            {FailedColumn.TITLE: 88, FailedColumn.CATEGORY: 76, FailedColumn.TRIES: 48, FailedColumn.NEXT: 68},
            FailedColumn.MESSAGE,
        )
        self._note = ElidedLabel("", Role.HINT)
        self.retry = Button("", icon="rotate-ccw", small=True)
        self.retry.clicked.connect(self.retry_asked)
        foot = QHBoxLayout()
        foot.addWidget(self._note, 1)
        foot.addWidget(self.retry)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(TableFrame(self.table), 1)
        column.addLayout(foot)
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState("circle-check", self.tr("Nothing failed"), self.tr("Titles that fail for good appear here."))
        )
        self._stack.addWidget(full)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def show_items(self, items: Sequence[FailedItem], total: int) -> None:
        """Show failed items; `total` counts those too that are not among them."""
        self.model.fill(items)
        self._stack.setCurrentIndex(1 if items else 0)
        self.retry.setText(counted(total, self.tr("Retry {0} failed"), self.tr("Retry {0} failed")))
        more = total - len(items)
        self._note.setText(self.tr("The latest {0} are shown.").format(number(len(items))) if more > 0 else "")


class WindowsPage(QWidget):
    """The listing windows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = WindowModel(self)
        self.table = _Table(
            self.tr("Listing windows"),
            self.model,
            {WindowColumn.PAGES: 80, WindowColumn.TITLES: 72, WindowColumn.STATE: 72},
            WindowColumn.WINDOW,
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState("layers", self.tr("No windows yet"), self.tr("What TMDb is asked to list appears here."))
        )
        self._stack.addWidget(TableFrame(self.table))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def show_rows(self, rows: Sequence[WindowRow]) -> None:
        """Show the windows of a job."""
        self.model.fill(rows)
        self._stack.setCurrentIndex(1 if rows else 0)
