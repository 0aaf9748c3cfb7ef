"""Toasts: short news at the top right of the window, stacked, gone after 6 s; errors stay until closed."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPropertyAnimation, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent, QPaintEvent
from PySide6.QtWidgets import QGraphicsOpacityEffect, QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind, IconButton
from gdvg_desktop.ui.widgets.labels import IconLabel, Paragraph
from gdvg_desktop.ui.widgets.messages import ACCENT_ICONS
from gdvg_desktop.ui.widgets.paint import PANEL_MS, antialiased, box

TOAST_WIDTH = 320
LIFE_MS = 6000
MAX_ACTIONS = 2

Action = tuple[str, Callable[[], object]]


class Toast(QWidget):
    """Icon, title, one sentence, at most two actions. `gone()` is emitted once when it leaves."""

    gone = Signal()

    def __init__(
        self, accent: Accent, title: str, sentence: str, actions: tuple[Action, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._stays = accent is Accent.RED
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 11, 9, 12)
        row.setSpacing(12)
        top = Qt.AlignmentFlag.AlignTop
        mark = QVBoxLayout()
        mark.setContentsMargins(0, 2, 0, 0)
        mark.addWidget(IconLabel(ACCENT_ICONS[accent], 16, f"text_{accent.value}"), 0, top)
        row.addLayout(mark)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(Paragraph(title, Role.STRONG))
        column.addWidget(Paragraph(sentence, Role.BODY))
        if actions:
            column.addSpacing(8)
            column.addLayout(self._buttons(actions[:MAX_ACTIONS]))
        row.addLayout(column, 1)
        close = IconButton("x", self.tr("Close"), small=True, quiet=True)
        close.clicked.connect(self.leave)
        row.addWidget(close, 0, top)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LIFE_MS)
        self._timer.timeout.connect(self.leave)

    def _buttons(self, actions: tuple[Action, ...]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for index, (text, act) in enumerate(actions):
            button = Button(text, kind=ButtonKind.NEUTRAL if index == 0 else ButtonKind.GHOST, small=True)
            button.clicked.connect(lambda _checked, run=act: self._act(run))
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _act(self, run: Callable[[], object]) -> None:
        run()
        self.leave()

    def announce(self) -> None:
        """Have a screen reader say it at once."""
        words = f"{self.accessibleName()}. {self.accessibleDescription()}"
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def start(self) -> None:
        """Begin its life: it leaves by itself unless it tells of an error, and waits while the mouse is on it."""
        if not self._stays:
            self._timer.start()

    def leave(self) -> None:
        """Take it away."""
        self._timer.stop()
        if not self.isHidden():
            self.hide()
            self.gone.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.start()
        super().leaveEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        box(painter, QRectF(self.rect()), 8, theme.color("bg_popup"), theme.color("border_popup"))
        painter.end()


class ToastStack(QObject):
    """Keeps toasts in the top right corner of `window`, newest at the top, at most four."""

    MOST = 4
    GAP, EDGE = 8, 16

    def __init__(self, window: QWidget, top: int = 0) -> None:
        super().__init__(window)
        self._window, self._top = window, top
        self._toasts: list[Toast] = []
        window.installEventFilter(self)

    def show_toast(self, accent: Accent, title: str, sentence: str, *actions: Action) -> Toast:
        """Show news. `actions` are (verb, callable), at most two."""
        toast = Toast(accent, title, sentence, actions, self._window)
        toast.gone.connect(lambda: self._drop(toast))
        self._toasts.insert(0, toast)
        for old in self._toasts[self.MOST :]:
            old.leave()
        toast.show()
        toast.start()
        toast.announce()
        self._place()
        self._fade_in(toast)
        return toast

    def toasts(self) -> list[Toast]:
        """Those on screen, newest first."""
        return list(self._toasts)

    def _fade_in(self, toast: Toast) -> None:
        duration = theme_of(toast).ms(PANEL_MS)
        if not duration:
            return
        effect = QGraphicsOpacityEffect(toast)
        toast.setGraphicsEffect(effect)
        fade = QPropertyAnimation(effect, b"opacity", toast)
        fade.setDuration(duration)
        fade.setStartValue(0.0)
        fade.setEndValue(1.0)
        fade.finished.connect(lambda: effect.setEnabled(False))  # an effect redraws its widget for nothing
        fade.start()

    def _drop(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
        toast.deleteLater()
        self._place()

    def _place(self) -> None:
        y = self._top + self.EDGE
        width = theme_of(self).px(TOAST_WIDTH)
        for toast in self._toasts:
            toast.setFixedSize(width, max(toast.heightForWidth(width), toast.minimumSizeHint().height()))
            toast.move(QPoint(self._window.width() - width - self.EDGE, y))
            toast.raise_()
            y += toast.height() + self.GAP

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
