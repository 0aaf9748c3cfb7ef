"""Badges (a state as icon and word) and key caps (a shortcut as a small key), as widgets and strokes."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role, Theme
from gdvg_desktop.ui.widgets.paint import antialiased, box, draw_icon

BADGE_HEIGHT = 20
_PAD, _ICON, _GAP = 7, 12, 4
KEYCAP_HEIGHT = 18
_KEY_PAD = 6


def badge_size(theme: Theme, text: str, icon: str) -> QSize:
    """The room a badge takes."""
    width = 2 * _PAD + QFontMetricsF(font(theme, Role.BADGE)).horizontalAdvance(text)
    if icon:
        width += theme.px(_ICON) + _GAP
    return QSize(round(width + 0.5), theme.px(BADGE_HEIGHT))


def paint_badge(painter: QPainter, rect: QRectF, theme: Theme, text: str, accent: Accent, icon: str) -> None:
    """Draw a badge filling `rect`."""
    color = theme.accent_text(accent)
    box(painter, rect, 6, theme.badge(accent), theme.badge_border(accent))
    x = rect.x() + _PAD
    if icon:
        size = theme.px(_ICON)
        draw_icon(painter, icon, QRectF(x, rect.center().y() - size / 2, size, size), color)
        x += size + _GAP
    painter.setFont(font(theme, Role.BADGE))
    painter.setPen(color)
    area = QRectF(x, rect.y(), rect.right() - x - 2, rect.height())
    painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def keycap_size(theme: Theme, text: str) -> QSize:
    """The room a key cap takes."""
    width = QFontMetricsF(font(theme, Role.AXIS)).horizontalAdvance(text) + 2 * _KEY_PAD
    return QSize(round(width + 0.5), theme.px(KEYCAP_HEIGHT))


def paint_keycap(
    painter: QPainter, rect: QRectF, theme: Theme, text: str, *, ink: QColor, border: QColor, fill: QColor | None = None
) -> None:
    """Draw a key cap filling `rect`."""
    box(painter, rect, 4, fill, border)
    painter.setFont(font(theme, Role.AXIS))
    painter.setPen(ink)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


class Badge(QWidget):
    """A state: icon and word on a tinted, opaque ground. Not interactive."""

    def __init__(
        self, text: str = "", accent: Accent = Accent.SLATE, icon: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_badge(text, accent, icon)

    def set_badge(self, text: str, accent: Accent, icon: str = "") -> None:
        """Change word, colour and icon together, as they mean one thing."""
        self._text, self._accent, self._icon = text, accent, icon
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The word shown."""
        return self._text

    def sizeHint(self) -> QSize:
        return badge_size(theme_of(self), self._text, self._icon)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = antialiased(self)
        paint_badge(painter, QRectF(self.rect()), theme_of(self), self._text, self._accent, self._icon)
        painter.end()


class KeyCap(QWidget):
    """A shortcut drawn as a key, for hints. It does nothing itself."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return keycap_size(theme_of(self), self._text)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        paint_keycap(
            painter,
            QRectF(self.rect()),
            theme,
            self._text,
            ink=theme.color("text_secondary"),
            border=theme.color("border_popup"),
            fill=theme.color("bg_raised"),
        )
        painter.end()
