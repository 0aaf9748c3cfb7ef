"""The icon rail: one item a screen, with counts, and items at the bottom that open dialogs."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role, Theme
from gdvg_desktop.ui.widgets.paint import HOVER_MS, Fade, antialiased, box, draw_icon, focus_ring

RAIL_WIDTH, ITEM_HEIGHT, ITEM_GAP = 72, 56, 4


class RailItem(QAbstractButton):
    """Icon 20 over a label of 11; the chosen one has a fill and a blue bar at the window's edge."""

    def __init__(self, text: str, icon: str, *, checkable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._count, self._urgent = 0, False
        self._hover = Fade(self, HOVER_MS)
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_count(self, count: int, *, urgent: bool = False) -> None:
        """A number at the icon; 0 takes it away. `urgent` makes it red."""
        self._count, self._urgent = count, urgent
        self.setAccessibleDescription(str(count) if count else "")
        self.update()

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(RAIL_WIDTH) - 1, theme.px(ITEM_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect()).adjusted(4, 0, -4, 0)
        chosen = self.isChecked()
        if chosen:
            box(painter, area, 8, theme.color("selection"))
            bar = QRectF(-3, area.center().y() - 16, 6, 32)
            box(painter, bar, 3, theme.color("fill_blue"))
        elif self._hover.value:
            veil = theme.color("hover")
            veil.setAlphaF(veil.alphaF() * self._hover.value)
            box(painter, area, 8, veil)
        size = theme.px(20)
        top = area.y() + (area.height() - size - theme.px(18)) / 2 + 1
        icon = QRectF(area.center().x() - size / 2, top, size, size)
        draw_icon(painter, self._icon, icon, theme.color("text_blue" if chosen else "text_secondary"))
        painter.setFont(font(theme, Role.AXIS, weight=500 if chosen else 400))
        painter.setPen(theme.color("text_primary" if chosen else "text_secondary"))
        words = QRectF(area.x(), icon.bottom() + 2, area.width(), theme.px(16))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())
        if self._count:
            self._paint_count(painter, theme, icon)
        if self.hasFocus():
            focus_ring(painter, area, 8, theme.color("focus"))
        painter.end()

    def _paint_count(self, painter: QPainter, theme: Theme, icon: QRectF) -> None:
        text = self.locale().toString(self._count) if self._count < 1000 else "999+"
        painter.setFont(font(theme, Role.AXIS, weight=500))
        height = theme.px(16)
        width = max(QFontMetricsF(painter.font()).horizontalAdvance(text) + 8, height)
        pill = QRectF(icon.right() - 5, icon.y() - 5, width, height)
        pill.moveRight(min(pill.right(), self.width() - 2))
        box(painter, pill, height / 2, theme.color("danger" if self._urgent else "count_bg"))
        painter.setPen(theme.color("danger_text" if self._urgent else "count_text"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

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


class Rail(QWidget):
    """Screens from the top, other items from the bottom. Up and Down move, Enter or Space chooses.

    `screen_asked(str)` names a screen; `item_asked(str)` an item of the bottom.
    """

    screen_asked = Signal(str)
    item_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Screens"))
        self._items: dict[str, RailItem] = {}
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 8, 1, 8)
        self._column.setSpacing(ITEM_GAP)
        self._column.addStretch(1)
        self._screens = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def add_screen(self, name: str, title: str, icon: str) -> None:
        """An item that stays chosen."""
        item = RailItem(title, icon)
        item.clicked.connect(lambda: self.screen_asked.emit(name))
        self._group.addButton(item)
        self._column.insertWidget(self._screens, item)
        self._screens += 1
        self._items[name] = item

    def add_item(self, name: str, title: str, icon: str) -> None:
        """An item at the bottom that opens something."""
        item = RailItem(title, icon, checkable=False)
        item.clicked.connect(lambda: self.item_asked.emit(name))
        self._column.addWidget(item)
        self._items[name] = item

    def choose(self, name: str) -> None:
        """Mark a screen as the present one."""
        self._items[name].setChecked(True)

    def set_count(self, name: str, count: int, *, urgent: bool = False) -> None:
        """The number at an item."""
        self._items[name].set_count(count, urgent=urgent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        items = list(self._items.values())
        at = next((i for i, item in enumerate(items) if item.hasFocus()), -1)
        if step is not None and at >= 0:
            items[min(max(at + step, 0), len(items) - 1)].setFocus()
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(theme_of(self).px(RAIL_WIDTH), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg_bar"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), theme.color("border_subtle"))
        painter.end()
