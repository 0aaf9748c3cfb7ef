"""A heat map of months: one row a month of the year, one column a year, colour by the share that is missing.

It knows months and shares, not titles: the owner says in words what a month holds. The cells are drawn once into a
pixmap and only those that changed are drawn again; hover, selection and focus are laid over it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QLocale, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role, Theme
from gdvg_desktop.ui.widgets.chart_parts import TipCard
from gdvg_desktop.ui.widgets.labels import Fact

BINS = (0.05, 0.15, 0.30, 0.50, 0.75, 1.0)
"""The highest share of each bin."""

Month = int
"""A month as `year * 12 + month - 1`, so that the next one is one more."""

_AXIS = 20
_LEAST_ROW, _MOST_ROW = 12, 26
_LEAST_COLUMN, _MOST_COLUMN = 3, 36
_WIDE = 8  # from this column width on there is room for a gap of 2


_BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


def month_of(year: int, month: int) -> Month:
    """The number of a month (1 to 12) of a year."""
    return year * 12 + month - 1


def year_month(month: Month) -> tuple[int, int]:
    """Year and month (1 to 12)."""
    return month // 12, month % 12 + 1


def bin_of(share: float) -> int:
    """The bin a share from 0 to 1 falls into."""
    return next((level for level, top in enumerate(BINS) if share <= top), len(BINS) - 1)


@dataclass(frozen=True, slots=True)
class Telling:
    """A month in words: for the card under the mouse, and in one phrase for screen readers."""

    title: str
    facts: Sequence[Fact]
    spoken: str


class HeatMap(QWidget):
    """`selected(first, last)` follows clicks, drags and keys; `activated()` is Enter or a double click.

    `tell(month)` puts a month into words. A month after `now` is outlined only, one that has no share is drawn
    hollow with a dash: nobody has asked for it yet.
    """

    selected = Signal(int, int)
    activated = Signal()

    def __init__(self, name: str, tell: Callable[[Month], Telling], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._tell = name, tell
        self._shares: dict[Month, float] = {}
        self._years = range(0)
        self._now: Month = 0
        self._anchor: Month = -1
        self._current: Month = -1
        self._hover: Month = -1
        self._cache: QPixmap | None = None
        self._tip = TipCard(self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)

    # data ------------------------------------------------------------------------------------------------------

    def set_months(self, shares: Mapping[Month, float], years: range, now: Month) -> None:
        """Show these shares (0 to 1) over these years; months that are not in `shares` were never asked for."""
        old, self._shares = self._shares, dict(shares)
        if years != self._years or now != self._now:
            self._years, self._now = years, now
            self._cache = None
            self._hide_tip()
            self.update()
        else:
            changed = {month for month in old.keys() | self._shares.keys() if old.get(month) != self._shares.get(month)}
            self._redraw(changed)
        self._speak()

    def years(self) -> range:
        """The years shown."""
        return self._years

    def current(self) -> Month:
        """The month the keyboard is on, -1 for none."""
        return self._current

    def selection(self) -> tuple[Month, Month]:
        """First and last month selected; (-1, -1) for none."""
        return min(self._anchor, self._current), max(self._anchor, self._current)

    def select(self, first: Month, last: Month) -> None:
        """Select a range of months; the keyboard goes on from `last`."""
        if (first, last) == (self._anchor, self._current):
            return
        self._anchor, self._current = first, last
        self.update()
        self._speak()
        self.selected.emit(*self.selection())

    def is_future(self, month: Month) -> bool:
        """Whether a month has not begun."""
        return month > self._now

    def share_of(self, month: Month) -> float | None:
        """The share missing; None for a month nobody asked for."""
        return self._shares.get(month)

    def _speak(self) -> None:
        words = self._tell(self._current).spoken if self._current >= 0 else self._name
        first, last = self.selection()
        if self._current >= 0 and first != last:
            count = self.tr("{0} months selected").format(self.locale().toString(last - first + 1))
            words = f"{words}; {count}"
        if words != self.accessibleName():
            self.setAccessibleName(words)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))

    # measures --------------------------------------------------------------------------------------------------

    def _labels(self) -> list[str]:
        return [self.locale().standaloneMonthName(month, QLocale.FormatType.ShortFormat) for month in range(1, 13)]

    def _left(self) -> int:
        metrics = QFontMetricsF(font(theme_of(self), Role.AXIS))
        return round(max(metrics.horizontalAdvance(name) for name in self._labels())) + 12

    def _pitch(self) -> tuple[int, int]:
        """Width of a column and height of a row, gaps included."""
        across = (self.width() - self._left()) // max(len(self._years), 1)
        down = (self.height() - self._axis()) // 12
        most = theme_of(self).px(_MOST_ROW)
        return min(max(across, _LEAST_COLUMN), _MOST_COLUMN), min(max(down, _LEAST_ROW), most)

    def _axis(self) -> int:
        return theme_of(self).px(_AXIS)

    def cell_rect(self, month: Month) -> QRect:
        """Where a month is drawn, without its gap."""
        year, row = divmod(month, 12)
        across, down = self._pitch()
        gap = 2 if across >= _WIDE else 1
        x = self._left() + (year - self._years.start) * across
        return QRect(x, self._axis() + row * down, across - gap, down - 2)

    def month_at(self, x: float, y: float) -> Month:
        """The month at a point, -1 beside the cells."""
        across, down = self._pitch()
        column, row = (x - self._left()) // across, (y - self._axis()) // down
        if not (0 <= column < len(self._years) and 0 <= row < 12):
            return -1
        return month_of(self._years.start + int(column), int(row) + 1)

    def sizeHint(self) -> QSize:
        return QSize(720, self._axis() + 12 * max(18, theme_of(self).px(14)))

    def minimumSizeHint(self) -> QSize:
        return QSize(
            self._left() + len(self._years) * _LEAST_COLUMN, self._axis() + 12 * max(_LEAST_ROW, theme_of(self).px(11))
        )

    # painting --------------------------------------------------------------------------------------------------

    def _redraw(self, months: set[Month]) -> None:
        """Draw these cells again, and nothing else."""
        if self._cache is None or not months:
            return
        painter = QPainter(self._cache)
        theme = theme_of(self)
        for month in months:
            if month // 12 in self._years:
                self._draw_cell(painter, theme, month)
                self.update(self.cell_rect(month).adjusted(-4, -4, 4, 4))
        painter.end()

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        if self._cache is None or self._cache.devicePixelRatio() != ratio:
            cache = QPixmap(self.size() * ratio)
            cache.setDevicePixelRatio(ratio)
            cache.fill(Qt.GlobalColor.transparent)
            painter = QPainter(cache)
            theme = theme_of(self)
            self._draw_axes(painter, theme)
            for year in self._years:
                for row in range(12):
                    self._draw_cell(painter, theme, year * 12 + row)
            painter.end()
            self._cache = cache
        return self._cache

    def _draw_axes(self, painter: QPainter, theme: Theme) -> None:
        painter.setFont(font(theme, Role.AXIS))
        painter.setPen(theme.color("text_secondary"))
        if not len(self._years):
            return
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        for row, name in enumerate(self._labels()):
            cell = self.cell_rect(self._years.start * 12 + row)
            area = QRectF(0, cell.y() - 2, self._left() - 8, cell.height() + 4)
            painter.drawText(area, right | Qt.AlignmentFlag.AlignVCenter, name)
        metrics = QFontMetricsF(painter.font())
        wide = metrics.horizontalAdvance("0000")
        end = self._years[-1]
        last = self.cell_rect(end * 12)
        last_x = max(last.x() + last.width() - wide, float(last.x())) if last.width() >= wide else last.right() - wide
        height = self._axis() - 4
        free = 0.0
        across = self._pitch()[0]
        step = next((one for one in (5, 10, 20, 50) if one * across >= wide + 12), 100)
        for year in self._years[:-1]:
            if year != self._years.start and year % step:
                continue
            x = float(self.cell_rect(year * 12).x())
            if x < free or x + wide + 8 > last_x:
                continue
            painter.drawText(QRectF(x, 0, wide + 2, height), left | Qt.AlignmentFlag.AlignVCenter, str(year))
            free = x + wide + 8
        painter.drawText(QRectF(last_x, 0, wide + 2, height), left | Qt.AlignmentFlag.AlignVCenter, str(end))

    def _draw_cell(self, painter: QPainter, theme: Theme, month: Month) -> None:
        rect = self.cell_rect(month)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.fillRect(rect, Qt.GlobalColor.transparent)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        share = self._shares.get(month)
        if self.is_future(month):
            paint_future(painter, theme, rect)
        elif share is None:
            paint_unasked(painter, theme, rect)
        else:
            painter.fillRect(rect, theme.heat(bin_of(share)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._drawn())
        theme = theme_of(self)
        first, last = self.selection()
        if self._current >= 0:
            painter.setPen(QPen(theme.color("text_primary"), 1))
            for month in range(first, last + 1):
                if first != last and month // 12 in self._years:
                    painter.drawRect(self.cell_rect(month).adjusted(0, 0, -1, -1))
            if self._current // 12 in self._years:
                self._paint_current(painter, theme)
        if self._hover >= 0 and self._hover != self._current:
            painter.setPen(QPen(theme.color("text_secondary"), 1))
            painter.drawRect(self.cell_rect(self._hover).adjusted(-1, -1, 0, 0))
        painter.end()

    def _paint_current(self, painter: QPainter, theme: Theme) -> None:
        """The white frame of the month shown beside, and the focus ring around it."""
        cell = QRectF(self.cell_rect(self._current))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(theme.color("text_primary"), 2)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(cell)
        if self.hasFocus():
            pen.setColor(theme.color("focus"))
            painter.setPen(pen)
            painter.drawRect(cell.adjusted(-2, -2, 2, 2))

    # mouse -----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        month = self.month_at(event.position().x(), event.position().y())
        if event.button() != Qt.MouseButton.LeftButton or month < 0 or self.is_future(month):
            return
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and self._anchor >= 0
        self.select(self._anchor if extend else month, month)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        month = self.month_at(event.position().x(), event.position().y())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._hide_tip()
            if month >= 0 and self._anchor >= 0:
                self.select(self._anchor, min(month, self._now))
            return
        self._point_at(month)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        month = self.month_at(event.position().x(), event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and month >= 0 and not self.is_future(month):
            self.select(month, month)
            self.activated.emit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point_at(-1)

    def _point_at(self, month: Month) -> None:
        if month == self._hover:
            return
        old, self._hover = self._hover, month
        for one in (old, month):
            if one >= 0:
                self.update(self.cell_rect(one).adjusted(-2, -2, 2, 2))
        if month < 0:
            self._tip.hide()
            return
        told = self._tell(month)
        self._tip.tell(told.title, told.facts)
        cell = self.cell_rect(month)
        x = cell.right() + 10
        if x + self._tip.width() > self.width():
            x = max(cell.x() - 10 - self._tip.width(), 0)
        y = min(max(cell.y() - 8, 0), max(self.height() - self._tip.height(), 0))
        self._tip.move(x, y)
        self._tip.show()
        self._tip.raise_()

    def _hide_tip(self) -> None:
        self._point_at(-1)

    # keys ------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._current >= 0:
                self.activated.emit()
            return
        goal = self._goal(key)
        if goal is None:
            super().keyPressEvent(event)
            return
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._hide_tip()
        self.select(self._anchor if extend else goal, goal)

    def _goal(self, key: Qt.Key) -> Month | None:
        """Where a key leads from the current month, kept inside what is shown and not after now."""
        steps = {
            Qt.Key.Key_Left: -12,
            Qt.Key.Key_Right: 12,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -120,
            Qt.Key.Key_PageDown: 120,
        }
        if not len(self._years) or (key not in steps and key not in (Qt.Key.Key_Home, Qt.Key.Key_End)):
            return None
        first, last = self._years.start * 12, min(self._years[-1] * 12 + 11, self._now)
        if self._current < 0:
            return last
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            return first if key == Qt.Key.Key_Home else last
        goal = self._current + steps[key]
        if abs(steps[key]) == 1:
            return min(max(goal, first), last)
        if goal < first or goal > last:
            if abs(steps[key]) == 12:
                return min(max(self._current, first), last)
            while goal < first:
                goal += 12
            while goal > last:
                goal -= 12
        return goal

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._current < 0 and event.reason() in _BY_KEY:
            goal = self._goal(Qt.Key.Key_End)
            if goal is not None:
                self.select(goal, goal)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # changes ---------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cache = None
        self._hide_tip()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.DevicePixelRatioChange):
            self._cache = None
            self.updateGeometry()
            self.update()
        super().changeEvent(event)


def paint_future(painter: QPainter, theme: Theme, rect: QRect) -> None:
    """A month that has not begun: a dashed outline."""
    pen = QPen(theme.color("border_strong"), 1)
    pen.setDashPattern([2, 2])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(0, 0, -1, -1))


def paint_unasked(painter: QPainter, theme: Theme, rect: QRect) -> None:
    """A month nobody asked for yet: hollow, with a dash in the middle, so that it never passes for complete."""
    painter.setPen(QPen(theme.color("border_strong"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(0, 0, -1, -1))
    if rect.width() >= 10:
        middle = rect.center()
        painter.fillRect(middle.x() - 2, middle.y(), 5, 1, theme.color("text_secondary"))


class HeatLegend(QWidget):
    """The six bins with their colours, the word before them, and what a hollow cell means."""

    SWATCH_W, SWATCH_H = 16, 10

    def __init__(self, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._word = word
        self._unasked = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._describe()

    def set_unasked(self, some: bool) -> None:
        """Whether there are months nobody asked for."""
        if some != self._unasked:
            self._unasked = some
            self._describe()
            self.updateGeometry()
            self.update()

    def texts(self) -> list[str]:
        """The names of the entries, in order."""
        names = [self.tr("{0} to {1}%").format(0, round(100 * BINS[0]))]
        names += [self.tr("{0}%").format(round(100 * top)) for top in BINS[1:]]
        return [*names, self.tr("not asked yet")] if self._unasked else names

    def _describe(self) -> None:
        self.setAccessibleName(f"{self._word}: {', '.join(self.texts())}")

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        metrics = QFontMetricsF(font(theme, Role.HINT))
        width = metrics.horizontalAdvance(self._word)
        width += sum(8 + theme.px(self.SWATCH_W) + 6 + metrics.horizontalAdvance(text) for text in self.texts())
        return QSize(round(width + 2), theme.px(24))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.setFont(font(theme, Role.HINT))
        metrics = QFontMetricsF(painter.font())
        x = 0.0
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        ink = theme.color("text_secondary")
        painter.setPen(ink)
        painter.drawText(QRectF(x, 0, self.width(), self.height()), flags, self._word)
        x += metrics.horizontalAdvance(self._word)
        for level, text in enumerate(self.texts()):
            x += 8
            wide, high = theme.px(self.SWATCH_W), theme.px(self.SWATCH_H)
            swatch = QRect(round(x), (self.height() - high) // 2, wide, high)
            if level < len(BINS):
                painter.fillRect(swatch, theme.heat(level))
            else:
                paint_unasked(painter, theme, swatch)
            x += wide + 6
            painter.setPen(ink)
            painter.drawText(QRectF(x, 0, self.width(), self.height()), flags, text)
            x += metrics.horizontalAdvance(text)
        painter.end()
