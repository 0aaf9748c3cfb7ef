"""The search field, and shortcuts as key caps write them. Apart from other fields: the first paint needs no more."""

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.badges import keycap_size, paint_keycap
from gdvg_desktop.ui.widgets.buttons import IconButton
from gdvg_desktop.ui.widgets.paint import antialiased, draw_icon


class SearchField(QLineEdit):
    """A line with a magnifier, a count or hint at the right, a key cap while empty, and a clear button.

    `text_edited(str)` follows typing; `submitted(str)` is Enter; `left_down()` is the down arrow, to go on in the list.
    """

    text_edited = Signal(str)
    submitted = Signal(str)
    left_down = Signal()

    def __init__(self, placeholder: str, *, keys: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys, self._note = keys, ""
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self._clear = IconButton("x", self.tr("Clear search"), small=True, quiet=True, parent=self)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear.clicked.connect(self._on_clear)
        self._clear.hide()
        self.textEdited.connect(self.text_edited)
        self.textChanged.connect(self._on_changed)
        self.returnPressed.connect(lambda: self.submitted.emit(self.text()))
        self._place()

    def set_note(self, note: str) -> None:
        """A short text at the right: "9,204 of 1,204,318"."""
        self._note = note
        self.setAccessibleDescription(note)
        self._place()
        self.update()

    def _on_clear(self) -> None:
        self.clear()
        self.text_edited.emit("")
        self.setFocus()

    def _on_changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._place()
        self.update()

    def _tail(self) -> int:
        """Room taken at the right end."""
        theme = theme_of(self)
        width = 0
        if self._note:
            width += self.fontMetrics().horizontalAdvance(self._note) + 12
        if self.text():
            width += theme.px(24)
        elif self._keys:
            width += keycap_size(theme, self._keys).width() + 4
        return width

    def _place(self) -> None:
        """Keep the text clear of what is painted around it."""
        self.setTextMargins(theme_of(self).px(16) + 8, 0, self._tail(), 0)
        size = self._clear.sizeHint()
        self._clear.setGeometry(self.width() - size.width() - 5, (self.height() - size.height()) // 2, *size.toTuple())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = theme_of(self)
        painter = antialiased(self)
        size = theme.px(16)
        quiet = theme.color("text_secondary")
        draw_icon(painter, "search", QRectF(11, (self.height() - size) / 2, size, size), quiet)
        right = self.width() - 9.0
        if self.text():
            right -= theme.px(24) - 2
        elif self._keys:
            cap = keycap_size(theme, self._keys)
            rect = QRectF(right - cap.width(), round((self.height() - cap.height()) / 2), cap.width(), cap.height())
            edge, ground = theme.color("border_popup"), theme.color("bg_popup")
            paint_keycap(painter, rect, theme, self._keys, ink=quiet, border=edge, fill=ground)
            right = rect.x() - 6
        if self._note:
            painter.setFont(font(theme, Role.HINT))
            painter.setPen(quiet)
            area = QRectF(0, 0, right - 4, self.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._note)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self._on_clear()
            return
        if event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_clear"):
            self._place()
        super().changeEvent(event)


def shortcut_text(keys: QKeySequence | str) -> str:
    """A shortcut as people write it here: "Ctrl K", not "Ctrl+K"."""
    sequence = keys if isinstance(keys, QKeySequence) else QKeySequence(keys)
    return sequence.toString(QKeySequence.SequenceFormat.NativeText).replace("+", " ").replace("Return", "Enter")


def action_keys(action: QAction) -> str:
    """The shortcut of an action as key cap text."""
    return shortcut_text(action.shortcut())
