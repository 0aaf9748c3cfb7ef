"""What the sections of the Database page share: a heading with acts at its right, words of progress, and an outcome."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.labels import Paragraph, SectionHeader
from gdvg_desktop.ui.widgets.messages import InlineMessage


class CareSection(QWidget):
    """Fill `column`. `told(str)` carries words of progress from any thread."""

    told = Signal(str)

    def __init__(self, host: Host, title: str, sentence: str, *acts: Button) -> None:
        super().__init__()
        self._host = host
        self._acts = acts
        self._began: QWidget | None = None  # the act under way, if the keyboard was on it
        self._went: QWidget | None = None  # and where the keyboard went when that act could not be used
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
        """While something is being done nothing else is begun here; the keyboard comes back to the act it was on.

        Left to itself it would go to the next control that can be used: another act, begun by the next key press.
        """
        window = self.window()
        if busy:
            held = window.focusWidget()
            self._began = held if held in self._acts else None
        for act in self._acts:
            act.setEnabled(not busy)
        if busy:  # behind a question that closes it goes on only later
            self._went = window.focusWidget() if window.isActiveWindow() else None
        elif self._began is not None:
            if self._went in (None, window.focusWidget()):  # the user has not moved it since
                self._began.setFocus(Qt.FocusReason.OtherFocusReason)
            self._began = None

    def teller(self) -> Callable[[str], None]:
        """A function that says words from any thread, and nothing once the dialog is gone."""

        def tell(text: str) -> None:
            try:
                self.told.emit(text)
            except RuntimeError:  # Qt's part of this widget is deleted
                return

        return tell
