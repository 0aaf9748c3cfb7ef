"""Lucide icons, drawn from the shipped SVG files in any size and colour.

Each file says `stroke="currentColor"`; that word is replaced by the colour asked for and the stroke set to 1.75 of 24,
or wider where the icon is smaller than 16 px and would look faint.
Painted widgets take `pixmap()`; menus take `icon()`, whose colours are those of the theme at the time of the call, so
who keeps one asks again when the theme changes.
"""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from gdvg_desktop.core.resources import resource_path
from gdvg_desktop.ui.tokens import Theme

STROKE = 1.75
SHARP_SIZE = 16
APP_ICON = "database-zap"
_RATIOS = (1.0, 1.25, 1.5, 2.0)


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")


def _stroke(size: int) -> float:
    return STROKE if size >= SHARP_SIZE else STROKE * SHARP_SIZE / size


def pixmap(name: str, size: int, color: QColor, ratio: float = 1.0, *, stroke: float | None = None) -> QPixmap:
    """The icon `name` (a file of resources/icons) at `size` logical pixels, for a screen of that ratio."""
    width = _stroke(size) if stroke is None else stroke
    key = f"gdvg/{name}/{size}/{color.rgba():08x}/{ratio}/{width:.2f}"
    result = QPixmap()
    if QPixmapCache.find(key, result):
        return result
    result = _render(name, round(size * ratio), color, width)
    result.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, result)
    return result


def _render(name: str, pixels: int, color: QColor, stroke: float) -> QPixmap:
    svg = _source(name).replace("currentColor", color.name())
    svg = svg.replace('stroke-width="2"', f'stroke-width="{stroke:.2f}"')
    result = QPixmap(pixels, pixels)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setOpacity(color.alphaF())
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(result.rect()))
    painter.end()
    return result


def icon(theme: Theme, name: str, token: str = "text_body", size: int = 16) -> QIcon:
    """A QIcon for menus, in the theme's colour `token`; grey when disabled, readable on the marked item."""
    result = QIcon()
    for ratio in _RATIOS:
        result.addPixmap(pixmap(name, size, theme.color(token), ratio))
        result.addPixmap(pixmap(name, size, theme.color("text_disabled"), ratio), QIcon.Mode.Disabled)
        result.addPixmap(pixmap(name, size, theme.color("primary_text"), ratio), QIcon.Mode.Active)
    return result


def app_icon(theme: Theme) -> QIcon:
    """The program's icon: the database mark in white on a blue tile."""
    result = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        tile = QPixmap(size, size)
        tile.fill(Qt.GlobalColor.transparent)
        painter = QPainter(tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("app_tile"))
        painter.drawRoundedRect(QRectF(0, 0, size, size), size * 0.22, size * 0.22)
        inner = round(size * 0.62)
        offset = (size - inner) // 2
        painter.drawPixmap(offset, offset, pixmap(APP_ICON, inner, theme.color("app_mark")))
        painter.end()
        result.addPixmap(tile)
    return result
