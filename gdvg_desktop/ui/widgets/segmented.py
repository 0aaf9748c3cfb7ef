"""A row of choices of which exactly one is chosen; arrow keys move."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role, Theme
from gdvg_desktop.ui.widgets.paint import antialiased, box, draw_icon, focus_ring


class Segmented(QTabBar):
    """Choices given as (value, text) or (value, text, icon). 32 high, or 24 when `small`.

    `chosen(value)` is emitted when the user or `choose()` changes it. A QTabBar underneath gives screen readers the
    choices one by one.
    """

    chosen = Signal(str)

    def __init__(
        self,
        choices: list[tuple[str, str] | tuple[str, str, str]],
        *,
        small: bool = False,
        stretch: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._small, self._stretch = small, stretch
        self._icons: list[str] = []
        self.setAccessibleName(name)
        self.setDrawBase(False)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setExpanding(stretch)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        horizontal = QSizePolicy.Policy.Expanding if stretch else QSizePolicy.Policy.Fixed
        self.setSizePolicy(horizontal, QSizePolicy.Policy.Fixed)
        for choice in choices:
            self.add(*choice)
        self.currentChanged.connect(lambda index: self.chosen.emit(self.tabData(index)))

    def add(self, value: str, text: str, icon: str = "") -> None:
        """One more choice, behind the others."""
        self._icons.append(icon)
        self.setTabData(self.addTab(text), value)
        self.updateGeometry()

    def value(self) -> str:
        """The value of the chosen segment."""
        return str(self.tabData(self.currentIndex()))

    def choose(self, value: str) -> None:
        """Choose by value. An unknown value raises ValueError."""
        for index in range(self.count()):
            if self.tabData(index) == value:
                self.setCurrentIndex(index)
                return
        raise ValueError(value)

    def _needed(self, index: int) -> float:
        theme = theme_of(self)
        role = Role.HINT if self._small else Role.BODY
        width = QFontMetricsF(font(theme, role, weight=500)).horizontalAdvance(self.tabText(index))
        width += 2 * (8 if self._small else 16)
        return width + (theme.px(14) + 6 if self._icons[index] else 0)

    def _segments(self) -> list[QRectF]:
        """Where each segment lies, inside the 1 px border and the 2 px inset."""
        widths = [self._needed(index) for index in range(self.count())]
        room = self.width() - 6
        if self._stretch or sum(widths) > room:
            share = room / max(len(widths), 1)
            widths = [share] * len(widths)
        rects, x = [], 3.0
        for width in widths:
            rects.append(QRectF(x, 3, width, self.height() - 6))
            x += width
        return rects

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        width = sum(self._needed(index) for index in range(self.count())) + 6
        return QSize(round(width + 0.5), theme.px(24 if self._small else 32))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect())
        box(painter, area, 6, theme.color("bg_sunken"), theme.color("border_control"))
        for index, rect in enumerate(self._segments()):
            self._paint_segment(painter, theme, index, rect)
        if self.hasFocus():
            focus_ring(painter, area, 6, theme.color("focus"))
        painter.end()

    def _paint_segment(self, painter: QPainter, theme: Theme, index: int, rect: QRectF) -> None:
        chosen = index == self.currentIndex()
        ink = theme.color("text_body")
        if chosen:
            box(painter, rect, 4, theme.color("primary" if self.isEnabled() else "bg_raised"))
            ink = theme.color("primary_text")
        if not self.isEnabled():
            ink = theme.color("text_disabled")
        role = Role.HINT if self._small else Role.BODY
        painter.setFont(font(theme, role, weight=500 if chosen else 400))
        text_width = QFontMetricsF(painter.font()).horizontalAdvance(self.tabText(index))
        icon = self._icons[index]
        size = theme.px(14)
        x = rect.center().x() - (text_width + (size + 6 if icon else 0)) / 2
        if icon:
            draw_icon(painter, icon, QRectF(x, rect.center().y() - size / 2, size, size), ink)
            x += size + 6
        painter.setPen(ink)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(QRectF(x, rect.y(), text_width + 2, rect.height()), flags, self.tabText(index))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for index, rect in enumerate(self._segments()):
            if rect.contains(event.position()):
                self.setCurrentIndex(index)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # scrolling a form must not change it

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}.get(
            Qt.Key(event.key())
        )
        if step is None:
            event.ignore()
            return
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            step = -step
        self.setCurrentIndex(min(max(self.currentIndex() + step, 0), self.count() - 1))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)
