"""Shared strokes of the painted widgets: crisp borders, focus rings, icons and fades of colour.

A 1 px line is drawn half a pixel inside its rectangle, so that it stays sharp at 1x and even widths at 1.25x to 2x.
"""

from functools import lru_cache

from PySide6.QtCore import QEasingCurve, QPointF, QRect, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsBlurEffect, QGraphicsPixmapItem, QGraphicsScene, QWidget

from gdvg_desktop.ui import icons
from gdvg_desktop.ui.theme import theme_of

HOVER_MS = 120
PANEL_MS = 160
BAR_MS = 200


def antialiased(widget: QWidget) -> QPainter:
    """A painter on `widget` with smooth edges. The caller ends it."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def box(
    painter: QPainter,
    rect: QRectF | QRect,
    radius: float,
    fill: QColor | QBrush | None,
    border: QColor | None = None,
    width: float = 1.0,
    *,
    dashed: bool = False,
) -> None:
    """A rounded box with its border inside `rect`."""
    outer = QRectF(rect)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    if border is None or border.alpha() == 0:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(outer, radius, radius)
        return
    pen = QPen(border, width)
    if dashed:
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    inset = width / 2
    inner = outer.adjusted(inset, inset, -inset, -inset)
    painter.drawRoundedRect(inner, max(radius - inset, 0), max(radius - inset, 0))


def focus_ring(painter: QPainter, rect: QRectF | QRect, radius: float, color: QColor) -> None:
    """The 2 px ring, drawn over the border so that nothing shifts."""
    box(painter, rect, radius, None, color, 2.0)


def shadow(size: QSize, radius: float, blur: int, color: QColor, ratio: float) -> QPixmap:
    """The blurred shape of a rounded box of `size`, `blur` px larger on each side."""
    return _shadow(size.width(), size.height(), radius, blur, color.rgba(), ratio)


@lru_cache(maxsize=16)
def _shadow(width: int, height: int, radius: float, blur: int, rgba: int, ratio: float) -> QPixmap:
    def blank() -> QPixmap:
        picture = QPixmap(round((width + 2 * blur) * ratio), round((height + 2 * blur) * ratio))
        picture.fill(Qt.GlobalColor.transparent)
        return picture

    shape, result = blank(), blank()
    painter = QPainter(shape)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(ratio, ratio)
    box(painter, QRectF(blur, blur, width, height), radius, QColor.fromRgba(rgba))
    painter.end()
    scene, item, effect = QGraphicsScene(), QGraphicsPixmapItem(shape), QGraphicsBlurEffect()
    effect.setBlurRadius(blur * ratio / 2)  # what Qt's drop shadow calls 8 is a blur of 4
    item.setGraphicsEffect(effect)
    scene.addItem(item)
    painter = QPainter(result)
    scene.render(painter, QRectF(result.rect()), QRectF(shape.rect()))
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result


def draw_icon(
    painter: QPainter, name: str, rect: QRectF | QRect, color: QColor, *, stroke: float | None = None
) -> None:
    """An icon in the middle of `rect`, as large as its smaller side; `stroke` of 24 if not the usual one."""
    area = QRectF(rect)
    size = round(min(area.width(), area.height()))
    ratio = painter.device().devicePixelRatioF()
    image = icons.pixmap(name, size, color, ratio, stroke=stroke)
    x = round((area.center().x() - size / 2) * ratio) / ratio
    y = round((area.center().y() - size / 2) * ratio) / ratio
    painter.drawPixmap(QPointF(x, y), image)


def dot(painter: QPainter, center: QPointF, diameter: float, color: QColor) -> None:
    """A filled circle."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(center, diameter / 2, diameter / 2)


def blend(low: QColor, high: QColor, share: float) -> QColor:
    """The colour `share` of the way from `low` to `high`, alpha included."""

    def at(start: float, end: float) -> float:
        return min(max(start + (end - start) * share, 0.0), 1.0)

    return QColor.fromRgbF(
        at(low.redF(), high.redF()),
        at(low.greenF(), high.greenF()),
        at(low.blueF(), high.blueF()),
        at(low.alphaF(), high.alphaF()),
    )


class Fade(QVariantAnimation):
    """A number from 0 to 1 that glides when its goal changes, and jumps when motion is reduced.

    Used for hover and press colours, switch knobs and bar growth. The owner repaints on every step.
    """

    def __init__(self, owner: QWidget, duration_ms: int, value: float = 0.0) -> None:
        super().__init__(owner)
        self._owner = owner
        self._duration = duration_ms
        self._value = value
        self._goal = value
        self.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.valueChanged.connect(self._step)

    @property
    def value(self) -> float:
        """Where it stands now."""
        return self._value

    @property
    def goal(self) -> float:
        """Where it is heading."""
        return self._goal

    def to(self, goal: float) -> None:
        """Head for `goal`; at once when the owner is hidden or motion is reduced."""
        if goal == self._goal:
            return
        self._goal = goal
        duration = theme_of(self._owner).ms(self._duration)
        self.stop()
        if duration == 0 or not self._owner.isVisible():
            self._step(goal)
            return
        self.setDuration(duration)
        self.setStartValue(float(self._value))
        self.setEndValue(float(goal))
        self.start()

    def finish(self) -> None:
        """Jump to the goal."""
        self.stop()
        self._step(self._goal)

    def _step(self, value: float) -> None:
        self._value = value
        self._owner.update()


def accessible(target: QWidget, name: str, description: str = "") -> None:
    """Set the accessible name and, if given, description."""
    target.setAccessibleName(name)
    if description:
        target.setAccessibleDescription(description)
