"""Chips: small rounded choices that can be on or off, open a list, be taken away, or merely tell something."""

from enum import StrEnum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role, Theme
from gdvg_desktop.ui.widgets.paint import HOVER_MS, Fade, antialiased, box, draw_icon, focus_ring


class ChipKind(StrEnum):
    """Choice: on or off. Opener: dashed, opens a list. Filter: chosen and removable. Fact: tells, does nothing."""

    CHOICE = "choice"
    OPENER = "opener"
    FILTER = "filter"
    FACT = "fact"


class Chip(QPushButton):
    """A chip 28 high, or 24 when `small`. Chosen means blue border, check mark and fill together.

    `toggled(bool)` and `clicked()` as of any button; `removed()` when the cross of a filter chip is pressed, or Del.
    """

    removed = Signal()

    def __init__(
        self,
        text: str,
        kind: ChipKind = ChipKind.CHOICE,
        *,
        checked: bool = False,
        small: bool = False,
        note: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._kind, self._small, self._note = kind, small, note
        self._hover = Fade(self, HOVER_MS)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if kind is ChipKind.FACT else Qt.FocusPolicy.StrongFocus)
        if kind is ChipKind.CHOICE:
            self.setCheckable(True)
            self.setChecked(checked)
            self.toggled.connect(self._on_toggled)
        if kind is ChipKind.FILTER:
            self.setAccessibleDescription(self.tr("Filter in use. Press Delete to remove it."))

    def _on_toggled(self, _checked: bool) -> None:
        self.updateGeometry()

    def set_note(self, note: str) -> None:
        """Change the amber word after the text."""
        if note != self._note:
            self._note = note
            self.setAccessibleDescription(note)
            self.updateGeometry()
            self.update()

    @property
    def _chosen(self) -> bool:
        return self._kind is ChipKind.FILTER or self.isChecked()

    def _font(self, theme: Theme) -> QFont:
        small = self._small or self._kind is ChipKind.FACT
        return font(theme, Role.HINT if small else Role.BODY, weight=500 if self._chosen else 400)

    def _icons(self) -> tuple[str, str]:
        if self._kind is ChipKind.OPENER:
            return "plus", ""
        return ("check" if self._chosen else ""), ("x" if self._kind is ChipKind.FILTER else "")

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        metrics = QFontMetricsF(self._font(theme))
        pad = 9 if self._small or self._kind is ChipKind.FACT else 12
        width = 2 * pad + metrics.horizontalAdvance(self.text())
        if self._note:
            width += 6 + metrics.horizontalAdvance(self._note)
        icon = theme.px(14) + 6
        width += icon * sum(1 for name in self._icons() if name)
        tall = 24 if self._small or self._kind is ChipKind.FACT else 28
        return QSize(round(width + 0.5), theme.px(tall))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect())
        radius = area.height() / 2
        chosen = self._chosen
        if chosen:
            box(painter, area, radius, theme.color("selection_flat"), theme.color("fill_blue"))
        elif self._kind is ChipKind.OPENER:
            box(painter, area, radius, None, theme.color("border_control"), dashed=True)
        else:
            box(painter, area, radius, theme.color("bg_chip"), theme.color("border_popup"))
        if self._hover.value and self._kind is not ChipKind.FACT:
            veil = theme.color("hover")
            veil.setAlphaF(veil.alphaF() * self._hover.value)
            box(painter, area, radius, veil)
        ink = theme.color("text_primary" if chosen else "text_body")
        if not self.isEnabled():
            ink = theme.color("text_disabled")
        self._paint_content(theme, painter, ink)
        if self.hasFocus():
            focus_ring(painter, area, radius, theme.color("focus"))
        painter.end()

    def _paint_content(self, theme: Theme, painter: QPainter, ink: QColor) -> None:
        lead, tail = self._icons()
        size = theme.px(14)
        x = 9.0 if self._small or self._kind is ChipKind.FACT else 12.0
        middle = self.height() / 2
        if lead:
            draw_icon(painter, lead, QRectF(x, middle - size / 2, size, size), ink)
            x += size + 6
        painter.setFont(self._font(theme))
        painter.setPen(ink)
        width = QFontMetricsF(painter.font()).horizontalAdvance(self.text())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(QRectF(x, 0, width + 2, self.height()), flags, self.text())
        if self._note:
            painter.setPen(theme.color("text_amber"))
            painter.drawText(QRectF(x + width + 6, 0, self.width(), self.height()), flags, self._note)
        if tail:
            draw_icon(painter, tail, self._cross(), ink)

    def _cross(self) -> QRectF:
        size = theme_of(self).px(14)
        return QRectF(self.width() - size - 9, self.height() / 2 - size / 2, size, size)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        hit = self._cross().adjusted(-5, -7, 9, 7)
        if self._kind is ChipKind.FILTER and self.isDown() and hit.contains(event.position()):
            self.setDown(False)
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._kind is ChipKind.FILTER and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._kind is not ChipKind.FACT:
            self.click()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._kind is ChipKind.FACT:
            event.ignore()
            return
        super().mousePressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover.to(1.0)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover.to(0.0)
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)
