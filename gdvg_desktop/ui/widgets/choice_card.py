"""A card that is one of several choices: a radio button with a title, a sentence, and room for more."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.labels import IconLabel, Paragraph, label
from gdvg_desktop.ui.widgets.toggles import RadioButton


class ChoiceCard(Card):
    """`toggled(bool)` follows the radio button. Put more widgets into `body`; put the radios into a QButtonGroup."""

    toggled = Signal(bool)

    def __init__(self, title: str, sentence: str, *, icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(padding=0, parent=parent)
        self.radio: QRadioButton = RadioButton()
        self.radio.setAccessibleName(title)
        self.radio.setAccessibleDescription(sentence)
        self.radio.toggled.connect(self._on_toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 14, 11)
        row.setSpacing(10)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self.radio, 0, top)
        if icon:
            row.addWidget(IconLabel(icon, 20), 0, top)
        self.body = QVBoxLayout()
        self.body.setSpacing(2)
        self._head = QHBoxLayout()
        self._head.addWidget(label(title, Role.STRONG))
        self._head.addStretch(1)
        self.body.addLayout(self._head)
        self._sentence = Paragraph(sentence, Role.HINT)
        self.body.addWidget(self._sentence)
        row.addLayout(self.body, 1)

    def set_sentence(self, sentence: str) -> None:
        """Change what the choice means, or why it cannot be made."""
        self._sentence.set_text(sentence)
        self.radio.setAccessibleDescription(sentence)

    def add_right(self, widget: QWidget) -> None:
        """Put a widget at the right of the title."""
        self._head.addWidget(widget)

    def set_available(self, available: bool) -> None:
        """Whether it can be chosen."""
        self.radio.setEnabled(available)

    def choose(self) -> None:
        """Choose this one."""
        self.radio.setChecked(True)

    def _on_toggled(self, chosen: bool) -> None:
        self.set_chosen(chosen)
        self.toggled.emit(chosen)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.radio.isEnabled() and event.button() == Qt.MouseButton.LeftButton:
            self.radio.setChecked(True)
            self.radio.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mouseReleaseEvent(event)
