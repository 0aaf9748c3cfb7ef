"""Switch, check box and radio button, painted in the theme's colours."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QSizePolicy, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role, Theme
from gdvg_desktop.ui.widgets.paint import HOVER_MS, Fade, antialiased, box, dot, draw_icon, focus_ring

_GAP = 8
_SWITCH = QSize(32, 18)
_MARK = 16


def _label_size(button: QAbstractButton, mark_width: int) -> QSize:
    theme = theme_of(button)
    height = max(theme.px(20), 24)
    if not button.text():
        return QSize(mark_width + 4, height)
    width = QFontMetricsF(font(theme, Role.BODY)).horizontalAdvance(button.text().replace("&", ""))
    return QSize(round(mark_width + 4 + _GAP + width + 1), height)


def _paint_label(button: QAbstractButton, painter: QPainter, theme: Theme, x: float) -> None:
    painter.setFont(font(theme, Role.BODY))
    painter.setPen(theme.color("text_body" if button.isEnabled() else "text_disabled"))
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextHideMnemonic
    text = painter.fontMetrics().elidedText(button.text(), Qt.TextElideMode.ElideRight, round(button.width() - x))
    painter.drawText(QRectF(x, 0, button.width() - x, button.height()), flags, text)


class Switch(QCheckBox):
    """An on/off switch that takes effect at once. `toggled(bool)` as of any check box."""

    def __init__(self, text: str = "", *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAccessibleName(name or text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._knob = Fade(self, HOVER_MS)
        self.toggled.connect(lambda on: self._knob.to(1.0 if on else 0.0))

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:
        return _label_size(self, _SWITCH.width())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        rect = QRectF(2, (self.height() - _SWITCH.height()) / 2, _SWITCH.width(), _SWITCH.height())
        on = self.isChecked()
        radius = rect.height() / 2
        if on:
            box(painter, rect, radius, theme.color("primary" if self.isEnabled() else "border_strong"))
        else:
            box(painter, rect, radius, theme.color("bg_sunken"), theme.color("border_control"))
        left, right = rect.x() + radius, rect.right() - radius
        knob = theme.color("primary_text" if on else "switch_knob_off")
        dot(painter, QPointF(left + (right - left) * self._knob.value, rect.center().y()), 12, knob)
        if self.hasFocus():
            focus_ring(painter, rect.adjusted(-2, -2, 2, 2), radius + 2, theme.color("focus"))
        if self.text():
            _paint_label(self, painter, theme, rect.right() + _GAP)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)


class CheckBox(QCheckBox):
    """A check box with on, off and, if made tristate, mixed."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:
        return _label_size(self, _MARK)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        rect = QRectF(2, (self.height() - _MARK) / 2, _MARK, _MARK)
        paint_check(painter, rect, theme, self.checkState(), enabled=self.isEnabled())
        if self.hasFocus():
            focus_ring(painter, rect.adjusted(-2, -2, 2, 2), 6, theme.color("focus"))
        _paint_label(self, painter, theme, rect.right() + _GAP)
        painter.end()


def paint_check(painter: QPainter, rect: QRectF, theme: Theme, state: Qt.CheckState, *, enabled: bool = True) -> None:
    """A check mark box filling `rect`, for check boxes and lists."""
    if state == Qt.CheckState.Unchecked:
        box(painter, rect, 4, theme.color("bg_sunken"), theme.color("border_control" if enabled else "border_strong"))
        return
    box(painter, rect, 4, theme.color("primary" if enabled else "border_strong"))
    name = "check" if state == Qt.CheckState.Checked else "minus"
    draw_icon(painter, name, rect.adjusted(2, 2, -2, -2), theme.color("primary_text"), stroke=3.5)


class RadioButton(QRadioButton):
    """One of several; group them in a QButtonGroup or a common parent."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:
        return _label_size(self, _MARK)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        rect = QRectF(2, (self.height() - _MARK) / 2, _MARK, _MARK)
        if self.isChecked():
            box(painter, rect, 8, theme.color("primary" if self.isEnabled() else "border_strong"))
            dot(painter, rect.center(), 6, theme.color("primary_text"))
        else:
            box(painter, rect, 8, theme.color("bg_sunken"), theme.color("border_control"))
        if self.hasFocus():
            focus_ring(painter, rect.adjusted(-2, -2, 2, 2), 10, theme.color("focus"))
        _paint_label(self, painter, theme, rect.right() + _GAP)
        painter.end()
