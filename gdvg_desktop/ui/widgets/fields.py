"""Form fields: combo box, number box, secret field, and the row that carries label, hint and error."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from gdvg_desktop.ui.theme import font, repolish, theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import IconButton
from gdvg_desktop.ui.widgets.labels import IconLabel, Paragraph, label
from gdvg_desktop.ui.widgets.paint import antialiased, box, draw_icon, focus_ring


class ComboBox(QComboBox):
    """A closed list drawn as a field with a chevron, and an icon if given."""

    def __init__(self, *, icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setItemDelegate(QStyledItemDelegate(self))  # the style sheet reaches only this kind of list item
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # scrolling a form must not change it

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        widest = max((self.fontMetrics().horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=60)
        return QSize(widest + theme.px(16) + 38 + (theme.px(16) + 8 if self._icon else 0), theme.px(32))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, theme_of(self).px(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_field(self, self.currentText(), self._icon)


def paint_field(widget: QWidget, text: str, icon: str, *, placeholder: bool = False, error: bool = False) -> None:
    """A field that opens a list: icon, text, chevron. For combo boxes and pickers."""
    theme = theme_of(widget)
    painter = antialiased(widget)
    area = QRectF(widget.rect())
    edge = theme.color("fill_red" if error else "border_control" if widget.isEnabled() else "border_strong")
    box(painter, area, 6, theme.color("bg_sunken"), edge)
    quiet = theme.color("text_secondary" if widget.isEnabled() else "text_disabled")
    size = theme.px(16)
    x = 11.0
    if icon:
        draw_icon(painter, icon, QRectF(x, area.center().y() - size / 2, size, size), quiet)
        x += size + 8
    end = area.right() - 10 - size
    draw_icon(painter, "chevron-down", QRectF(end, area.center().y() - size / 2, size, size), quiet)
    painter.setFont(font(theme, Role.BODY))
    painter.setPen(quiet if placeholder or not widget.isEnabled() else theme.color("text_body"))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(end - x - 6))
    painter.drawText(QRectF(x, 0, end - x, area.height()), Qt.AlignmentFlag.AlignVCenter, shown)
    if widget.hasFocus():
        focus_ring(painter, area, 6, theme.color("focus"))
    painter.end()


class SpinBox(QSpinBox):
    """A number field with small chevrons; arrow keys, wheel (only with focus) and typing work."""

    def __init__(self, low: int, high: int, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setTextMargins(8, 0, 0, 0)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(theme_of(self).px(32))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = antialiased(self)
        rect = QRectF(self.width() - 22, (self.height() - 14) / 2, 14, 14)
        draw_icon(painter, "chevrons-up-down", rect, theme_of(self).color("text_secondary"))
        painter.end()


class SecretField(QLineEdit):
    """A line whose text is masked until its eye is pressed."""

    def __init__(self, placeholder: str = "", *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = IconButton("eye", "", small=True, quiet=True, parent=self)
        self._eye.clicked.connect(self._on_eye)
        self._label_eye()

    def _label_eye(self) -> None:
        masked = self.echoMode() == QLineEdit.EchoMode.Password
        self._eye.set_icon("eye" if masked else "eye-off")
        self._eye.set_label(self.tr("Show") if masked else self.tr("Hide"))

    def _on_eye(self) -> None:
        masked = self.echoMode() == QLineEdit.EchoMode.Password
        self.setEchoMode(QLineEdit.EchoMode.Normal if masked else QLineEdit.EchoMode.Password)
        self._label_eye()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        size = self._eye.sizeHint()
        self.setTextMargins(0, 0, size.width(), 0)
        self._eye.setGeometry(self.width() - size.width() - 5, (self.height() - size.height()) // 2, *size.toTuple())


class FormField(QWidget):
    """A control with its label above, a hint below, and an error in the hint's place when there is one.

    Validate when the control loses the focus (`QLineEdit.editingFinished`) and call `set_error` with a sentence saying
    what to enter, or "" when all is well.
    """

    def __init__(self, name: str, control: QWidget, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.control = control
        self._hint_text = hint
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        title = label(name, Role.STRONG)
        title.setBuddy(control)
        title.setVisible(bool(name))
        if not control.accessibleName():
            control.setAccessibleName(name)
        column.addWidget(title)
        column.addWidget(control)
        self._foot = QWidget()
        row = QHBoxLayout(self._foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._mark = IconLabel("circle-alert", 14, "text_red")
        self._text = Paragraph(hint, Role.HINT)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        column.setSpacing(6)
        column.addWidget(self._foot)
        self.set_error("")

    def set_hint(self, hint: str) -> None:
        """Change the hint, shown while there is no error."""
        self._hint_text = hint
        if self.error() == "":
            self.set_error("")

    def error(self) -> str:
        """The error shown, or ""."""
        return self._text.plain_text() if self.control.property("error") else ""

    def set_error(self, sentence: str) -> None:
        """Show what to enter, with a red border and icon; "" takes it away."""
        wrong = bool(sentence)
        self.control.setProperty("error", wrong)
        repolish(self.control)
        self.control.setAccessibleDescription(sentence or self._hint_text)
        self._mark.setVisible(wrong)
        self._text.set_text(sentence or self._hint_text)
        self._text.setProperty("accent", Accent.RED.value if wrong else "")
        repolish(self._text)
        self._foot.setVisible(bool(sentence or self._hint_text))
