"""A live log: fixed-width lines with time, level and text, coloured by level, bounded, following the newest line."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import TYPE, Role, Theme
from gdvg_desktop.ui.widgets.paint import antialiased, box, focus_ring

MAX_LINES = 2000
REPAINT_MS = 250


class LogLevel(StrEnum):
    """What a line tells; the value is the word printed."""

    OK = "OK"
    INFO = "INFO"
    SKIP = "SKIP"
    WARN = "WARN"
    FAIL = "FAIL"


_LEVEL_TOKEN = {
    LogLevel.OK: "text_green",
    LogLevel.INFO: "text_blue",
    LogLevel.SKIP: "text_secondary",
    LogLevel.WARN: "text_amber",
    LogLevel.FAIL: "text_red",
}
_WARNINGS = (LogLevel.WARN, LogLevel.FAIL)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line; `time` is already formatted, such as "13:12:05"."""

    time: str
    level: LogLevel
    text: str

    def plain(self) -> str:
        """The line as copied."""
        return f"{self.time}  {self.level.value:<4}  {self.text}"


class LogView(QAbstractScrollArea):
    """Newest line at the top when following, as the design shows. Lines beyond `MAX_LINES` fall off.

    Only visible lines are drawn, so a busy log costs no more than a quiet one; new lines repaint at most four times a
    second. `following_changed(bool)` is emitted when scrolling away from the newest line ends the following.
    """

    following_changed = Signal(bool)

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: deque[LogLine] = deque(maxlen=MAX_LINES)
        self._shown: list[LogLine] = []
        self._levels: frozenset[LogLevel] = frozenset(LogLevel)
        self._following = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewportMargins(8, 8, 4, 8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name or self.tr("Live log"))
        self.viewport().setAutoFillBackground(False)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REPAINT_MS)
        self._timer.timeout.connect(self._refresh)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    # content ---------------------------------------------------------------------------------------------------

    def append(self, lines: Iterable[LogLine]) -> None:
        """Add lines, oldest first. They show within a quarter of a second."""
        self._lines.extend(lines)
        if not self._timer.isActive():
            self._timer.start()

    def clear(self) -> None:
        """Forget all lines."""
        self._lines.clear()
        self._refresh()

    def set_levels(self, which: str) -> None:
        """ "all", "warnings" (warnings and errors) or "errors"."""
        chosen = {"all": tuple(LogLevel), "warnings": _WARNINGS, "errors": (LogLevel.FAIL,)}[which]
        self._levels = frozenset(chosen)
        self._refresh()

    def set_following(self, following: bool) -> None:
        """Stay at the newest line."""
        self._following = following
        if following:
            self.verticalScrollBar().setValue(0)

    def following(self) -> bool:
        """Whether it stays at the newest line."""
        return self._following

    def shown_lines(self) -> list[LogLine]:
        """The lines the level filter lets through, newest first."""
        return list(self._shown)

    def copy(self) -> None:
        """Put the shown lines on the clipboard, oldest first."""
        text = "\n".join(line.plain() for line in reversed(self._shown))
        QGuiApplication.clipboard().setText(text)

    # drawing ---------------------------------------------------------------------------------------------------

    def _line_height(self) -> int:
        return theme_of(self).px(TYPE[Role.LOG].line)

    def _refresh(self) -> None:
        before = len(self._shown)
        self._shown = [line for line in reversed(self._lines) if line.level in self._levels]
        bar = self.verticalScrollBar()
        keep = 0 if self._following else bar.value() + max(len(self._shown) - before, 0) * self._line_height()
        self._measure()
        bar.setValue(keep)
        self.viewport().update()

    def _measure(self) -> None:
        height = len(self._shown) * self._line_height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(height - self.viewport().height(), 0))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._line_height())

    def _on_scrolled(self, value: int) -> None:
        self.viewport().update()
        if self._following and value > 0:
            self._following = False
            self.following_changed.emit(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self.viewport())
        painter.setFont(font(theme, Role.LOG))
        height = self._line_height()
        offset = self.verticalScrollBar().value()
        first = max((event.rect().top() + offset) // height, 0)
        last = min((event.rect().bottom() + offset) // height + 1, len(self._shown))
        width = self.viewport().width()
        cell = painter.fontMetrics().horizontalAdvance("0")
        for row in range(first, last):
            self._paint_line(painter, theme, self._shown[row], QRectF(0, row * height - offset, width, height), cell)
        painter.end()

    def _paint_line(self, painter: QPainter, theme: Theme, line: LogLine, area: QRectF, cell: int) -> None:
        level = theme.color(_LEVEL_TOKEN[line.level])
        loud = line.level in _WARNINGS or line.level in (LogLevel.SKIP, LogLevel.INFO)
        text = level if loud else theme.color("text_body")
        x = area.x() + 4
        pieces: list[tuple[str, QColor, int]] = [
            (line.time, theme.color("text_secondary"), 10),
            (line.level.value, level, 6),
            (line.text, text, 0),
        ]
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        for words, color, cells in pieces:
            painter.setPen(color)
            if not cells:
                words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, round(area.right() - x))
            painter.drawText(QRectF(x, area.y(), area.right() - x, area.height()), flags, words)
            x += cells * cell

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.Paint:
            self._paint_frame()
        return handled

    def _paint_frame(self) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect())
        box(painter, area, 8, theme.color("bg_sunken"), theme.color("border_subtle"))
        if self.hasFocus():
            focus_ring(painter, area, 8, theme.color("focus"))
        painter.end()

    # keys and size ---------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        bar = self.verticalScrollBar()
        steps = {
            Qt.Key.Key_Down: bar.singleStep(),
            Qt.Key.Key_Up: -bar.singleStep(),
            Qt.Key.Key_PageDown: bar.pageStep(),
            Qt.Key.Key_PageUp: -bar.pageStep(),
        }
        key = Qt.Key(event.key())
        if key in steps:
            bar.setValue(bar.value() + steps[key])
        elif key == Qt.Key.Key_Home:
            bar.setValue(0)
        elif key == Qt.Key.Key_End:
            bar.setValue(bar.maximum())
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.verticalScrollBar().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, 200)
