"""Push buttons in four kinds and two heights, painted so that icon, text, key cap and focus ring sit exactly."""

from enum import StrEnum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role, Theme
from gdvg_desktop.ui.widgets.badges import keycap_size, paint_keycap
from gdvg_desktop.ui.widgets.paint import HOVER_MS, Fade, antialiased, blend, box, draw_icon, focus_ring

_CLEAR = QColor(Qt.GlobalColor.transparent)


class ButtonKind(StrEnum):
    """Primary: the one act a dock is for. Neutral: others. Ghost: quiet. Danger: destroys. Link: text among text."""

    PRIMARY = "primary"
    NEUTRAL = "neutral"
    GHOST = "ghost"
    DANGER = "danger"
    LINK = "link"


class Button(QPushButton):
    """A button 32 high, or 24 when `small`.

    `icon` is a name of `resources/icons`, `keys` a shortcut shown as a key cap (the shortcut itself belongs to an
    action), `chevron` marks a button that opens a list.
    """

    def __init__(
        self,
        text: str = "",
        *,
        icon: str = "",
        kind: ButtonKind = ButtonKind.NEUTRAL,
        small: bool = False,
        keys: str = "",
        chevron: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._icon, self._kind, self._small, self._keys, self._chevron = icon, kind, small, keys, chevron
        self._compact = False
        self._hover = Fade(self, HOVER_MS)
        self._press = Fade(self, HOVER_MS)
        self.pressed.connect(lambda: self._press.to(1.0))
        self.released.connect(lambda: self._press.to(0.0))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoDefault(False)
        if kind is ButtonKind.LINK:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_icon(self, name: str) -> None:
        """Change the icon, for a button whose act changes (Pause, Resume)."""
        self._icon = name
        self.updateGeometry()
        self.update()

    def set_kind(self, kind: ButtonKind) -> None:
        """Change the kind, for a button that leads on one screen only."""
        self._kind = kind
        self.update()

    def kind(self) -> ButtonKind:
        """The kind it is drawn as."""
        return self._kind

    def set_compact(self, compact: bool) -> None:
        """Show the icon alone, with the text as tooltip; for narrow windows."""
        self._compact = compact and bool(self._icon)
        self.setToolTip(self.text() if self._compact else "")
        self.updateGeometry()
        self.update()

    # sizes -----------------------------------------------------------------------------------------------------

    def _font(self, theme: Theme) -> QFont:
        return font(theme, Role.HINT if self._small else Role.BODY, weight=500)

    def _metrics(self, theme: Theme) -> tuple[int, int, int]:
        """Padding, icon size and gap."""
        if self._kind is ButtonKind.LINK:
            return 2, theme.px(14), 6
        return (9, theme.px(14), 6) if self._small else (13, theme.px(16), 8)

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        height = theme.px(24 if self._small else 32)
        pad, icon_size, gap = self._metrics(theme)
        parts = [width for _kind, width in self._parts(theme, icon_size)]
        if not parts or (self._icon and len(parts) == 1):
            return QSize(height, height)
        width = 2 * pad + sum(parts) + gap * (len(parts) - 1)
        return QSize(round(width + 0.5), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _parts(self, theme: Theme, icon_size: int) -> list[tuple[str, float]]:
        """What is drawn from left to right, with widths."""
        parts: list[tuple[str, float]] = []
        if self._icon:
            parts.append(("icon", icon_size))
        if self.text() and not self._compact:
            label = self.text().replace("&", "")
            parts.append(("text", QFontMetricsF(self._font(theme)).horizontalAdvance(label)))
        if self._keys and not self._compact:
            parts.append(("keys", keycap_size(theme, self._keys).width()))
        if self._chevron:
            parts.append(("chevron", icon_size))
        return parts

    # painting --------------------------------------------------------------------------------------------------

    def _colours(self, theme: Theme) -> tuple[QColor, QColor, QColor]:
        """Fill, border and ink for the present state."""
        kind = self._kind
        if not self.isEnabled():
            edge = _CLEAR if kind in (ButtonKind.GHOST, ButtonKind.LINK) else theme.color("border_subtle")
            return _CLEAR, edge, theme.color("text_disabled")
        if kind is ButtonKind.PRIMARY:
            fill = self._shade(theme.color("primary"), theme.color("primary_hover"), theme.color("primary_pressed"))
            return fill, theme.color("primary"), theme.color("primary_text")
        if kind is ButtonKind.DANGER:
            clear = theme.color("hover")
            clear.setAlpha(0)
            fill = self._shade(clear, theme.color("badge_red"), theme.color("badge_red"))
            return fill, theme.color("fill_red"), theme.color("text_red")
        if kind is ButtonKind.NEUTRAL:
            low, mid, high = (theme.color(f"bg_raised{end}") for end in ("", "_hover", "_pressed"))
            return self._shade(low, mid, high), theme.color("border_strong"), theme.color("text_primary")
        clear = theme.color("hover")
        clear.setAlpha(0)
        fill = self._shade(clear, theme.color("hover"), theme.color("pressed"))
        if kind is ButtonKind.LINK:
            return _CLEAR, _CLEAR, theme.color("text_blue")
        return fill, _CLEAR, theme.color("text_primary")

    def _shade(self, rest: QColor, hover: QColor, pressed: QColor) -> QColor:
        press = 1.0 if self.isDown() else self._press.value
        return blend(blend(rest, hover, self._hover.value), pressed, press)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        fill, border, ink = self._colours(theme)
        area = QRectF(self.rect())
        radius = 4 if self._kind is ButtonKind.LINK else 6
        box(painter, area, radius, fill, border)
        self._paint_parts(painter, theme, ink)
        if self.hasFocus():
            primary = self._kind is ButtonKind.PRIMARY
            if primary:
                focus_ring(painter, area.adjusted(2, 2, -2, -2), 4, theme.color("focus_gap"))
            focus_ring(painter, area, radius, theme.color("focus_on_primary" if primary else "focus"))
        painter.end()

    def _paint_parts(self, painter: QPainter, theme: Theme, ink: QColor) -> None:
        pad, icon_size, gap = self._metrics(theme)
        parts = self._parts(theme, icon_size)
        total = sum(width for _kind, width in parts) + gap * (len(parts) - 1)
        x = max((self.width() - total) / 2, min(pad, (self.width() - icon_size) / 2))
        middle = self.height() / 2
        for part, width in parts:
            if part == "text":
                painter.setFont(self._font(theme))
                painter.setPen(ink)
                flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine | Qt.TextFlag.TextHideMnemonic
                painter.drawText(QRectF(x, 0, width + 2, self.height()), flags, self.text())
                if self._kind is ButtonKind.LINK and self._hover.value > 0.5:
                    painter.drawLine(round(x), self.height() - 4, round(x + width), self.height() - 4)
            elif part == "keys":
                self._paint_keys(painter, theme, QRectF(x, 0, width, self.height()), ink)
            else:
                name = "chevron-down" if part == "chevron" else self._icon
                draw_icon(painter, name, QRectF(x, middle - icon_size / 2, icon_size, icon_size), ink)
            x += width + gap

    def _paint_keys(self, painter: QPainter, theme: Theme, area: QRectF, ink: QColor) -> None:
        height = keycap_size(theme, self._keys).height()
        rect = QRectF(area.x(), round(area.center().y() - height / 2), area.width(), height)
        primary = self._kind is ButtonKind.PRIMARY and self.isEnabled()
        paint_keycap(
            painter,
            rect,
            theme,
            self._keys,
            ink=ink if primary else theme.color("text_secondary"),
            border=theme.color("primary_key_border" if primary else "border_strong"),
        )

    # state -----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus; a dialog would take it for its usual answer."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover.to(1.0)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover.to(0.0)
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.updateGeometry()
        super().changeEvent(event)


class IconButton(Button):
    """A square button with an icon alone. `label` is its tooltip and its name for screen readers.

    A `quiet` one is drawn in the secondary colour until the mouse or the focus is on it.
    """

    def __init__(
        self,
        icon: str,
        label: str,
        *,
        kind: ButtonKind = ButtonKind.GHOST,
        small: bool = False,
        quiet: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", icon=icon, kind=kind, small=small, parent=parent)
        self._quiet = quiet
        self.set_label(label)

    def _colours(self, theme: Theme) -> tuple[QColor, QColor, QColor]:
        fill, border, ink = super()._colours(theme)
        if self._quiet and self.isEnabled() and not self.hasFocus():
            ink = blend(theme.color("text_secondary"), ink, self._hover.value)
        return fill, border, ink

    def set_label(self, label: str) -> None:
        """Change what it says it does."""
        self.setToolTip(label)
        self.setAccessibleName(label)
