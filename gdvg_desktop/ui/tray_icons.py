"""The tray's icon in its four states, told apart by shape and not only by colour.

idle      the program's own mark on a rounded tile
running   a disc with a ring that fills as the leading job gets on
paused    a disc with two bars
alert     a triangle with an exclamation mark

Every shape brings its own ground, because nobody can know how dark the panel behind it is.
"""

from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from gdvg_desktop.ui import icons
from gdvg_desktop.ui.tokens import Accent, Theme

SIZES = (16, 22, 24, 32, 44, 48, 64)  # what panels ask for at scales from 1 to 3
STEP = 5  # percent: a ring of 16 pixels shows no finer ones, and each icon is sent over the bus
UNKNOWN = 0.25
_FAINT = 0.35


class TrayState(StrEnum):
    """What the icon says. An alert counts more than a pause, and a pause more than work."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    ALERT = "alert"


def stepped(share: float | None) -> int | None:
    """A share from 0 to 1 as the percent a ring shows; None while it is not known. Full only when all is done."""
    return None if share is None else int(100 * share) // STEP * STEP


def tray_icon(theme: Theme, state: TrayState, percent: int | None = None) -> QIcon:
    """The icon for one state in all sizes a panel asks for; `percent` counts while running."""
    result = QIcon()
    for size in SIZES:
        result.addPixmap(tray_pixmap(theme, state, percent, size))
    return result


def tray_pixmap(theme: Theme, state: TrayState, percent: int | None, size: int) -> QPixmap:
    """One size of it, in device pixels."""
    if state is TrayState.IDLE:
        return icons.app_icon(theme).pixmap(size, size, QIcon.Mode.Normal)
    result = QPixmap(size, size)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    area = QRectF(0, 0, size, size)
    if state is TrayState.RUNNING:
        _ring(painter, theme, area, UNKNOWN if percent is None else percent / 100)
    elif state is TrayState.PAUSED:
        _bars(painter, theme, area)
    else:
        _exclamation(painter, theme, area)
    painter.end()
    return result


def _ring(painter: QPainter, theme: Theme, area: QRectF, share: float) -> None:
    painter.setBrush(theme.color("app_tile"))
    painter.drawEllipse(area)
    width = max(2.0, area.width() * 0.14)
    inside = area.adjusted(width, width, -width, -width)
    mark = theme.color("app_mark")
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_faint(mark), width))
    painter.drawEllipse(inside)
    painter.setPen(QPen(mark, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawArc(inside, 90 * 16, -round(360 * 16 * share))


def _bars(painter: QPainter, theme: Theme, area: QRectF) -> None:
    painter.setBrush(theme.color("app_tile"))
    painter.drawEllipse(area)
    painter.setBrush(theme.color("app_mark"))
    size = area.width()
    width, height = max(2, round(size * 0.16)), round(size * 0.5)
    gap = max(2, round(size * 0.14))
    left, top = round((size - 2 * width - gap) / 2), round((size - height) / 2)
    painter.drawRect(QRectF(left, top, width, height))
    painter.drawRect(QRectF(left + width + gap, top, width, height))


def _exclamation(painter: QPainter, theme: Theme, area: QRectF) -> None:
    size = area.width()
    edge = size * 0.1
    painter.setBrush(theme.fill(Accent.AMBER))
    corners = QPolygonF(
        [QPointF(size / 2, edge), QPointF(size - edge * 0.7, size - edge), QPointF(edge * 0.7, size - edge)]
    )
    painter.setPen(
        QPen(theme.fill(Accent.AMBER), edge, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.drawPolygon(corners)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("tray_alert_mark"))
    width = max(2.0, size * 0.12)
    painter.drawRect(QRectF((size - width) / 2, size * 0.34, width, size * 0.3))
    painter.drawRect(QRectF((size - width) / 2, size * 0.72, width, width))


def _faint(color: QColor) -> QColor:
    result = QColor(color)
    result.setAlphaF(_FAINT)
    return result
