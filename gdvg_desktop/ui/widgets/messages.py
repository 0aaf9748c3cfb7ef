"""Messages inside a panel: the empty state, and the inline message on a tinted ground."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.ui.theme import set_role, theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.labels import IconLabel, Paragraph, label
from gdvg_desktop.ui.widgets.paint import antialiased, box

ACCENT_ICONS = {
    Accent.BLUE: "info",
    Accent.GREEN: "circle-check",
    Accent.AMBER: "triangle-alert",
    Accent.RED: "circle-x",
    Accent.PURPLE: "info",
    Accent.SLATE: "info",
}


class EmptyState(QWidget):
    """What will appear here, in the middle of the panel: icon, title, one sentence, at most one action widget."""

    def __init__(
        self,
        icon: str,
        title: str,
        sentence: str,
        action: QWidget | None = None,
        *,
        large: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 24, 16, 24)
        column.setSpacing(0)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(1)
        column.addWidget(IconLabel(icon, 28), 0, centre)
        column.addSpacing(12)
        self._title = label(title, Role.TITLE if large else Role.STRONG)
        column.addWidget(self._title, 0, centre)
        column.addSpacing(4)
        self._sentence = Paragraph(sentence, Role.HINT)
        self._sentence.setAlignment(centre)
        self._sentence.setMaximumWidth(420)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._sentence, 100)
        row.addStretch(1)
        column.addLayout(row)
        if action is not None:
            column.addSpacing(12)
            column.addWidget(action, 0, centre)
        column.addStretch(1)
        self.set_text(title, sentence)

    def set_text(self, title: str, sentence: str) -> None:
        """Change what is said."""
        self._title.setText(title)
        self._sentence.set_text(sentence)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)


class InlineMessage(QFrame):
    """A tinted box with an icon: a bold lead, a sentence, and action widgets at the right if any."""

    def __init__(
        self,
        accent: Accent = Accent.BLUE,
        text: str = "",
        *,
        lead: str = "",
        icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 9, 13, 9)
        row.setSpacing(8)
        self._icon = IconLabel("info", 16)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self._text = Paragraph("", Role.HINT)
        set_role(self._text, Role.HINT, accent=Accent.SLATE)
        row.addWidget(self._text, 1)
        self._row = row
        self.set_message(accent, text, lead=lead, icon=icon)

    def set_message(self, accent: Accent, text: str, *, lead: str = "", icon: str = "") -> None:
        """Change what is said and how urgent it is."""
        self._accent = accent
        self._icon.set_icon(icon or ACCENT_ICONS[accent], f"text_{accent.value}")
        self._text.set_text(text, lead=lead)
        self.setAccessibleName(f"{lead} {text}".strip())
        self.update()

    def add_action(self, widget: QWidget) -> None:
        """Put an action at the right."""
        self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        fill = theme.color("tint_blue") if self._accent is Accent.BLUE else theme.badge(self._accent)
        box(painter, QRectF(self.rect()), 6, fill, theme.badge_border(self._accent))
        painter.end()

    def minimumSizeHint(self) -> QSize:
        return QSize(160, super().minimumSizeHint().height())
