"""What the sections of the Database page share: a heading with acts at its right, words of progress, and an outcome."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.held_focus import HeldFocus
from gdvg_desktop.ui.widgets.labels import Paragraph, SectionHeader
from gdvg_desktop.ui.widgets.messages import InlineMessage


class CareSection(QWidget):
    """Fill `column`. `told(str)` carries words of progress from any thread."""

    told = Signal(str)

    def __init__(self, host: Host, title: str, sentence: str, *acts: Button) -> None:
        super().__init__()
        self._host = host
        self._acts = acts
        self._held = HeldFocus(self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.column.addWidget(SectionHeader(title, role=Role.HINT_STRONG, rule=True))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Paragraph(sentence, Role.HINT), 1)
        for act in acts:
            row.addWidget(act, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)
        self.message = InlineMessage()
        self.message.hide()
        self.column.addWidget(self.message)
        self.told.connect(self.say)

    def say(self, text: str) -> None:
        """Words about what is being done."""
        self.show_message(Accent.BLUE, text)

    def show_message(self, accent: Accent, text: str, lead: str = "") -> None:
        """What came of it."""
        self.message.set_message(accent, text, lead=lead)
        self.message.show()

    def fail(self, error: GdvgError) -> None:
        """It could not be done."""
        self.set_busy(False)
        self.show_message(Accent.RED, str(error), error.title)

    def set_busy(self, busy: bool) -> None:
        """While something is being done nothing else is begun here; the keyboard comes back to the act it was on."""
        if busy:
            self._held.hold(self._acts)
        for act in self._acts:
            act.setEnabled(not busy)
        self._held.let_go() if busy else self._held.give_back()

    def teller(self) -> Callable[[str], None]:
        """A function that says words from any thread, and nothing once the dialog is gone."""

        def tell(text: str) -> None:
            try:
                self.told.emit(text)
            except RuntimeError:  # Qt's part of this widget is deleted
                return

        return tell
