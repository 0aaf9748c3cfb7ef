"""The base of popups that open under their control: frame, shadow, placing, fade, Esc."""

from PySide6.QtCore import QPoint, QPropertyAnimation, QRectF, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.widgets.paint import PANEL_MS, antialiased, box


class Popup(QFrame):
    """A window of its own without a frame that closes on Esc or a click elsewhere. Fill `self.body`."""

    closed = Signal()
    MARGIN = 10  # room for the shadow

    def __init__(self, parent: QWidget) -> None:
        flags = Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint | Qt.WindowType.NoDropShadowWindowHint
        super().__init__(parent, flags)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.body = QVBoxLayout(self)
        pad = self.MARGIN + 8
        self.body.setContentsMargins(pad, pad, pad, pad)
        self.body.setSpacing(8)
        self._fade = QPropertyAnimation(self, b"windowOpacity", self)

    def open_under(self, control: QWidget) -> None:
        """Open below `control`, or above it when the screen ends, with its focus on the first field."""
        self.adjustSize()
        origin = control.mapToGlobal(QPoint(-self.MARGIN, control.height() + 4 - self.MARGIN))
        room = control.screen().availableGeometry()
        if origin.y() + self.height() > room.bottom() + self.MARGIN:
            origin.setY(control.mapToGlobal(QPoint(0, -4)).y() - self.height() + self.MARGIN)
        origin.setX(max(min(origin.x(), room.right() - self.width() + self.MARGIN), room.left() - self.MARGIN))
        self.move(origin)
        duration = theme_of(self).ms(PANEL_MS)
        self.setWindowOpacity(1.0)
        if duration:
            self._fade.setDuration(duration)
            self._fade.setStartValue(0.0)
            self._fade.setEndValue(1.0)
            self._fade.start()
        self.show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._fade.stop()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect()).adjusted(self.MARGIN, self.MARGIN, -self.MARGIN, -self.MARGIN)
        paint_shadow(painter, area, 8)
        box(painter, area, 8, theme.color("bg_popup"), theme.color("border_popup"))
        painter.end()


def paint_shadow(painter: QPainter, area: QRectF, radius: float) -> None:
    """The raised shadow around `area`, as a few thinning frames (an effect would redraw the whole popup)."""
    theme = theme_of()
    layers = 8
    for layer in range(layers, 0, -1):
        color = theme.color("shadow_raised")
        color.setAlphaF(color.alphaF() * 0.28 * (1 - layer / (layers + 1)))
        spread = layer * 1.0
        box(painter, area.adjusted(-spread, 2 - spread, spread, 2 + spread), radius + spread, color)
