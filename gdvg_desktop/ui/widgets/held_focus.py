"""The keyboard's place while the act it began is under way and its button cannot be used."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


class HeldFocus:
    """`hold` before the buttons are switched off, `let_go` right after it, `give_back` once they can be used again.

    Left to itself the keyboard would go to the next control that can be used: another act, begun by the next key press.
    """

    def __init__(self, page: QWidget) -> None:
        self._page = page
        self._began: QWidget | None = None  # the act under way, if the keyboard was on it
        self._went: QWidget | None = None  # and where the keyboard went when that act could not be used

    def hold(self, acts: Iterable[QWidget]) -> None:
        """Remember which of the acts has the keyboard."""
        held = self._page.window().focusWidget()
        self._began = held if held in acts else None

    def let_go(self) -> None:
        """Remember where the keyboard went."""
        window = self._page.window()  # behind a question that closes it goes on only later
        self._went = window.focusWidget() if window.isActiveWindow() else None

    def give_back(self, stand_in: QWidget | None = None) -> None:
        """Back to the act unless the user has moved on since; `stand_in` is what took the act's place on screen."""
        began, self._began = self._began, None
        if began is not None and self._went in (None, self._page.window().focusWidget()):
            to = stand_in if began.isHidden() and stand_in is not None else began
            to.setFocus(Qt.FocusReason.OtherFocusReason)
