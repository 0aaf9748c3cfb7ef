"""Facts one under the other: quiet words at the left, values in a column of their own, a quiet note after each."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.labels import ElidedLabel, label


class FactGrid(QWidget):
    """Lines of (word, value, note, tooltip). Labels are kept and refilled, so a refresh moves nothing."""

    def __init__(self, *, label_width: int = 104, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label_width = label_width
        self._lines: list[tuple[QLabel, QLabel, ElidedLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)
        self._fit()

    def set_facts(self, facts: Sequence[tuple[str, str, str, str]]) -> None:
        """Show these lines."""
        while len(self._lines) < len(facts):
            row = len(self._lines)
            line = (label("", Role.HINT), label("", Role.BODY), ElidedLabel("", Role.HINT))
            for column, part in enumerate(line):
                self._grid.addWidget(part, row, column)
            self._lines.append(line)
        for at, (word, value, note) in enumerate(self._lines):
            shown = at < len(facts)
            texts = facts[at][:3] if shown else ("", "", "")
            for part, text in zip((word, value, note), texts, strict=True):
                if part.text() != text:
                    part.setText(text)
                part.setVisible(shown)
            value.setToolTip(facts[at][3] if shown else "")
        self.setAccessibleName("; ".join(" ".join(part for part in fact[:3] if part) for fact in facts))

    def _fit(self) -> None:
        self._grid.setColumnMinimumWidth(0, theme_of(self).px(self._label_width))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._fit()
        super().changeEvent(event)
