"""A tiny line of recent values for the toolbar, drawn without a chart library so that start-up stays quick."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.paint import antialiased


class Sparkline(QWidget):
    """Values from old to new, scaled to what they span. Not interactive; the number stands beside it."""

    def __init__(self, name: str = "", accent: Accent = Accent.BLUE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: list[float] = []
        self._accent = accent
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_values(self, values: Sequence[float]) -> None:
        """Replace the values; at most about 60 are worth giving."""
        self._values = [max(value, 0.0) for value in values]
        self.setAccessibleDescription(_summary(self._values))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(64, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if len(self._values) < 2:
            return
        high, low = max(self._values), min(self._values)
        foot = max(low - (high - low) * 0.25, 0.0)
        span = (high - foot) or 1.0
        step = (self.width() - 4) / (len(self._values) - 1)
        height = self.height() - 6
        points = [
            QPointF(2 + i * step, 3 + height * (1 - (value - foot) / span)) for i, value in enumerate(self._values)
        ]
        painter = antialiased(self)
        painter.setPen(QPen(theme_of(self).fill(self._accent), 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.end()


def _summary(values: list[float]) -> str:
    if not values:
        return ""
    return f"{values[-1]:.1f}, {min(values):.1f} - {max(values):.1f}"
