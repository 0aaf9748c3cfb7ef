"""What the larger dialogs share: a sunken side column at the left, pages at the right, a bar of buttons below."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.widgets.tab_order import follow_layouts

BAR_HEIGHT = 63


class _Ground(QWidget):
    """A ground in the colour of bars with one 1 px edge."""

    def __init__(self, edge: Qt.Edge) -> None:
        super().__init__()
        self._edge = edge

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg_bar"))
        line = theme.color("border_subtle")
        if self._edge == Qt.Edge.RightEdge:
            painter.fillRect(self.width() - 1, 0, 1, self.height(), line)
        else:
            painter.fillRect(0, 0, self.width(), 1, line)
        painter.end()


class SideDialog(QDialog):
    """Fill `side`, add pages to `pages`, and put buttons into `bar`."""

    def __init__(self, side_width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        left = _Ground(Qt.Edge.RightEdge)
        left.setFixedWidth(theme_of(self).px(side_width))
        self.side = QVBoxLayout(left)
        self.pages = QStackedWidget()
        below = _Ground(Qt.Edge.TopEdge)
        below.setMinimumHeight(theme_of(self).px(BAR_HEIGHT))
        self.bar = QHBoxLayout(below)
        self.bar.setContentsMargins(24, 0, 32, 0)
        self.bar.setSpacing(8)
        grid.addWidget(left, 0, 0)
        grid.addWidget(self.pages, 0, 1)
        grid.addWidget(below, 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(0, 1)

    def focusNextPrevChild(self, following: bool) -> bool:
        follow_layouts(self)
        return super().focusNextPrevChild(following)
