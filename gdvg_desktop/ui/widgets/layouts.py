"""Containers that adapt: cards that halve their columns, a bar that drops its lesser items, a scrolling column."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.ui.theme import theme_of

CARD_GAP = 16


class CardGrid(QWidget):
    """Cards side by side; when one would be narrower than `least` px the columns halve (4 become 2x2, then 1)."""

    def __init__(
        self, cards: Sequence[QWidget], *, least: int = 272, gap: int = CARD_GAP, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.cards, self._least, self._gap = list(cards), least, gap
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(gap)
        self._grid.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # it may become narrower than one row
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self._arrange(len(self.cards))

    def columns(self) -> int:
        """How many stand side by side now."""
        return self._columns

    def _fitting(self, width: int) -> int:
        least = theme_of(self).px(self._least)
        columns = len(self.cards)
        while columns > 1 and (width - (columns - 1) * self._gap) / columns < least:
            columns = (columns + 1) // 2
        return columns

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        for column in range(max(columns, self._columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns
        for number, card in enumerate(self.cards):
            self._grid.addWidget(card, number // columns, number % columns)
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        least = theme_of(self).px(self._least)
        return QSize(min(least, 200), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self._fitting(event.size().width()))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._arrange(self._fitting(self.width()))
        super().changeEvent(event)


class FittingBar(QWidget):
    """A row that leaves out its lesser items where the room ends, so that nothing is cut or runs over.

    A subclass fills `row`, names the items that may go in `droppable` (first to go first), and shows and hides those
    through `want` instead of `setVisible`. `height` is in logical pixels at text scale 1.
    """

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height
        self._unwanted: set[QWidget] = set()
        self.droppable: list[QWidget] = []
        self.row = QHBoxLayout(self)
        self.row.setSpacing(8)
        self.row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def want(self, widget: QWidget, wanted: bool) -> None:
        """Whether a droppable item has something to show."""
        if wanted == (widget not in self._unwanted):
            return
        (self._unwanted.discard if wanted else self._unwanted.add)(widget)
        self.fit()

    def fit(self) -> None:
        """Show what is wanted, then leave out one item after another until the rest fits."""
        for widget in self.droppable:
            widget.setVisible(widget not in self._unwanted)
        for widget in self.droppable:
            self.row.invalidate()
            if self.row.minimumSize().width() <= self.width():
                return
            widget.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()
            self.fit()
        super().changeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(800, theme_of(self).px(self._height))

    def minimumSizeHint(self) -> QSize:
        return QSize(320, theme_of(self).px(self._height))


class _ColumnBody(QWidget):
    """Asks for the height its content has at the present width, not at the narrowest."""

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        layout = self.layout()
        if layout is None or not layout.hasHeightForWidth():
            return hint
        return QSize(hint.width(), min(hint.height(), layout.heightForWidth(max(self.width(), hint.width()))))


class ScrollColumn(QScrollArea):
    """A column that scrolls where the panel is too low or too narrow for it. Fill `column`."""

    def __init__(self, *, spacing: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = _ColumnBody()
        body.setObjectName("body")
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(spacing)
        self.setWidget(body)
        self.viewport().setAutoFillBackground(False)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 64)
