"""A question about something that cannot be taken back: a word must be typed before the answer can be given."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import IconLabel, Paragraph, label
from gdvg_desktop.ui.widgets.messages import ACCENT_ICONS

WIDTH = 520


class TypedQuestion(QDialog):
    """`confirmed()` comes once the word was typed and the answer given; Esc and Cancel answer nothing."""

    confirmed = Signal()

    def __init__(self, title: str, text: str, word: str, answer: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._word = word
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 24, 24, 20)
        row.setSpacing(16)
        icon = IconLabel(ACCENT_ICONS[Accent.RED], 24, f"text_{Accent.RED.value}")
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(label(title, Role.SECTION))
        column.addWidget(Paragraph(text, Role.BODY))
        column.addSpacing(4)
        asked = self.tr("Type {0} to go on").format(word)
        column.addWidget(label(asked, Role.HINT_STRONG))
        self.line = QLineEdit()
        self.line.setAccessibleName(asked)
        self.line.setAccessibleDescription(text)
        self.line.textChanged.connect(self._on_text)
        column.addWidget(self.line)
        column.addSpacing(12)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        choices.addStretch(1)
        self.cancel = Button(self.tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.go = Button(answer, kind=ButtonKind.DANGER)
        self.go.clicked.connect(self._on_go)
        self.go.setEnabled(False)
        choices.addWidget(self.cancel)
        choices.addWidget(self.go)
        column.addLayout(choices)
        row.addLayout(column, 1)
        self.line.returnPressed.connect(self._on_go)
        self.line.setFocus()

    def _on_text(self, text: str) -> None:
        self.go.setEnabled(text.strip() == self._word)

    def _on_go(self) -> None:
        if not self.go.isEnabled():
            return
        self.accept()
        self.confirmed.emit()
