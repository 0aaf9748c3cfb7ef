"""The toolbar's hold on the schedule: a menu of ways to pause it, and while it is paused the one way back."""

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from gdvg_desktop.ui.widgets.buttons import Button


class PauseButton(Button):
    """`pause_asked(int)` carries the choice taken from the menu, `resume_asked()` a click while paused."""

    pause_asked = Signal(int)
    resume_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Pause schedule"), icon="pause", chevron=True, parent=parent)
        self.menu_of_ways = QMenu(self)
        self.paused = False
        self._hint = ""
        self._tight = False
        self.clicked.connect(self._on_click)

    def set_ways(self, ways: Mapping[int, str]) -> None:
        """The ways to pause, by what `pause_asked` carries."""
        self.menu_of_ways.clear()
        for value, words in ways.items():
            action = self.menu_of_ways.addAction(words)
            action.triggered.connect(lambda _checked=False, value=value: self.pause_asked.emit(value))

    def set_paused(self, paused: bool, hint: str) -> None:
        """Turn into the way back, or into the ways to pause; `hint` is the tooltip: since when, by whom."""
        self._hint = hint
        if paused != self.paused:
            self.paused = paused
            self.setText(self.tr("Resume schedule") if paused else self.tr("Pause schedule"))
            self.set_icon("play" if paused else "pause")
            self._chevron = not paused
            self.updateGeometry()
        self._tell()

    def set_compact(self, compact: bool) -> None:
        self._tight = compact
        super().set_compact(compact)
        self._tell()

    def _tell(self) -> None:
        parts = [self.text()] if self._tight else []
        self.setToolTip("\n".join([*parts, self._hint] if self._hint else parts))
        self.setAccessibleDescription(self._hint)

    def _on_click(self) -> None:
        if self.paused:
            self.resume_asked.emit()
        else:
            self.menu_of_ways.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))
