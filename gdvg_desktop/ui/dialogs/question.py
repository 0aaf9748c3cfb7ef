"""A short question with a few answers, one of them the usual one, and perhaps a box to remember the answer."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import IconLabel, Paragraph, label
from gdvg_desktop.ui.widgets.messages import ACCENT_ICONS
from gdvg_desktop.ui.widgets.toggles import CheckBox

WIDTH = 520


class Question(QDialog):
    """`answered(str, bool)` carries the answer and whether it is to be remembered; Esc answers nothing.

    `answers` are (value, words), the usual one last.
    """

    answered = Signal(str, bool)

    def __init__(
        self,
        accent: Accent,
        title: str,
        text: str,
        answers: Sequence[tuple[str, str]],
        *,
        remember: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH)
        self.buttons: dict[str, Button] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 24, 24, 20)
        row.setSpacing(16)
        row.addWidget(IconLabel(ACCENT_ICONS[accent], 24, f"text_{accent.value}"), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(label(title, Role.SECTION))
        column.addWidget(Paragraph(text, Role.BODY))
        self.remember = CheckBox(remember)
        self.remember.setVisible(bool(remember))
        if remember:
            column.addSpacing(4)
            column.addWidget(self.remember)
        column.addSpacing(12)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        choices.addStretch(1)
        for index, (value, words) in enumerate(answers):
            usual = index == len(answers) - 1
            button = Button(words, kind=ButtonKind.PRIMARY if usual else ButtonKind.NEUTRAL)
            button.clicked.connect(lambda _checked=False, chosen=value: self._answer(chosen))
            button.setDefault(usual)
            choices.addWidget(button)
            self.buttons[value] = button
        column.addLayout(choices)
        row.addLayout(column, 1)
        self.buttons[answers[-1][0]].setFocus()

    def _answer(self, value: str) -> None:
        remember = self.remember.isChecked()
        self.accept()
        self.answered.emit(value, remember)
