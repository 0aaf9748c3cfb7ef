"""The toolbar's bell: a mark with the number of alerts, and the popup it opens."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import IconButton
from gdvg_desktop.ui.widgets.paint import antialiased, box, dot

MOST = 99


class Bell(IconButton):
    """An icon with a count at its corner; without alerts the icon alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bell", self.tr("Alerts: none"), parent=parent)
        self._count, self._accent = 0, Accent.AMBER

    def set_count(self, count: int, accent: Accent) -> None:
        """How many alerts are open, and the colour of the worst."""
        self._count, self._accent = count, accent
        name = self.tr("Alerts: {0}").format(count) if count else self.tr("Alerts: none")
        self.set_label(name)
        self.update()

    def count(self) -> int:
        """The number shown."""
        return self._count

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._count:
            return
        theme = theme_of(self)
        painter = antialiased(self)
        text = str(self._count) if self._count <= MOST else f"{MOST}+"
        painter.setFont(font(theme, Role.AXIS, weight=600))
        size = theme.px(14)
        width = max(size, painter.fontMetrics().horizontalAdvance(text) + 7)
        area = QRectF(self.width() - width - 1, 1, width, size)
        ground = theme.color("bg_bar")
        if width == size:
            dot(painter, area.center(), size + 3, ground)
        else:
            box(painter, area.adjusted(-1.5, -1.5, 1.5, 1.5), size / 2 + 1.5, ground)
        box(painter, area, size / 2, theme.color(f"fill_{self._accent.value}"))
        self._write(painter, area, text)
        painter.end()

    def _write(self, painter: QPainter, area: QRectF, text: str) -> None:
        theme = theme_of(self)
        dark = self._accent is Accent.AMBER
        painter.setPen(theme.color("tray_alert_mark") if dark else theme.color("primary_text"))
        painter.drawText(area.translated(QPointF(0, -0.5)), Qt.AlignmentFlag.AlignCenter, text)
