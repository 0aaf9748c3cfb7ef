"""The parts of the facets panel: a folding section of counted check boxes, and the histogram of release years."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind, IconButton
from gdvg_desktop.ui.widgets.labels import label
from gdvg_desktop.ui.widgets.paint import antialiased, focus_ring
from gdvg_desktop.ui.widgets.toggles import CheckBox


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One line of a section: its value, the word shown, how many titles, whether it is chosen."""

    value: str
    name: str
    count: int
    checked: bool


class _Line(QWidget):
    """A check box with a count at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.box = CheckBox()
        self.box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._count = label("", Role.HINT)
        row.addWidget(self.box, 1)
        row.addWidget(self._count)

    def show_value(self, value: FacetValue) -> None:
        """Show another value or other figures, without telling of a click."""
        count = phrases.number(value.count)
        self.box.blockSignals(True)
        self.box.setChecked(value.checked)
        self.box.blockSignals(False)
        self.box.setText(value.name.replace("&", "&&"))  # a name has no letter to press
        self.box.setToolTip(value.name)
        self.box.setAccessibleName(value.name)
        self.box.setAccessibleDescription(phrases.counted(value.count, self.tr("{0} title"), self.tr("{0} titles")))
        self._count.setText(count)


class FacetSection(QWidget):
    """A heading that folds, the first values, and a link to the others. `toggled(value)` when a box is clicked."""

    toggled = Signal(str)

    def __init__(self, title: str, shown: int = 5, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._shown = title, shown
        self._all = False
        self._values: Sequence[FacetValue] = ()
        self._lines: dict[str, _Line] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._body = QWidget()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 4)
        head.addWidget(label(title, Role.STRONG))
        head.addStretch(1)
        self._fold = IconButton("chevron-up", "", small=True)
        self._fold.clicked.connect(lambda: self._set_folded(self._body.isVisibleTo(self)))
        head.addWidget(self._fold)
        column.addLayout(head)
        inner = QVBoxLayout(self._body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        inner.addLayout(self._column)
        self._more = Button("", kind=ButtonKind.LINK, small=True)
        self._more.clicked.connect(self._on_more)
        inner.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._body)
        self._set_folded(False)

    def set_values(self, values: Sequence[FacetValue]) -> None:
        """Show other values; lines keep their place in the tab order and their focus while their value stays."""
        self._values = values
        shown = values if self._all else values[: max(self._shown, sum(one.checked for one in values))]
        wanted = {one.value for one in shown}
        for value in [value for value in self._lines if value not in wanted]:
            line = self._lines.pop(value)
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        for place, one in enumerate(shown):
            line = self._lines.get(one.value) or self._new_line(one.value)
            line.show_value(one)
            if self._column.indexOf(line) != place:
                self._column.removeWidget(line)
                self._column.insertWidget(place, line)
        self._order_tabs([self._lines[one.value].box for one in shown])
        rest = len(values) - len(shown)
        self._more.setVisible(rest > 0 or (self._all and len(values) > self._shown))
        text = self.tr("Show {0} more").format(phrases.number(rest)) if not self._all else self.tr("Show fewer")
        self._more.setText(text)
        self._more.setAccessibleName(f"{self._title}: {text}")

    def _new_line(self, value: str) -> _Line:
        line = self._lines[value] = _Line(self._body)
        line.box.clicked.connect(lambda: self.toggled.emit(value))
        return line

    def _order_tabs(self, boxes: Sequence[QWidget]) -> None:
        before: QWidget = self._fold
        for box in boxes:
            QWidget.setTabOrder(before, box)
            before = box
        QWidget.setTabOrder(before, self._more)

    def _on_more(self) -> None:
        self._all = not self._all
        self.set_values(self._values)

    def _set_folded(self, folded: bool) -> None:
        self._body.setVisible(not folded)
        self._fold.set_icon("chevron-down" if folded else "chevron-up")
        text = self.tr("Unfold {0}") if folded else self.tr("Fold {0}")
        self._fold.set_label(text.format(self._title))


class YearHistogram(QWidget):
    """Titles by release year; a range of years is chosen by dragging over the bars, or with the keyboard.

    Left and Right move the first year, with Shift the last; Delete takes the range away. `chosen(first, last)` tells
    the new range, with None and None for all years.
    """

    chosen = Signal(object, object)
    range_shown = Signal(str)  # the range in words, while dragging too
    BAR = 7

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: dict[int, int] = {}
        self._first: int | None = None
        self._last: int | None = None
        self._drag_from: int | None = None
        self._drag_to: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Release year"))

    def set_years(self, counts: Mapping[int, int], first: int | None, last: int | None) -> None:
        """Titles by year, and the range that is chosen (None: open)."""
        self._counts = dict(sorted(counts.items()))
        self._first, self._last = first, last
        keys = self.tr("Left and Right move the first year, with Shift the last, Delete shows all years.")
        self.setAccessibleDescription(f"{self._words(first, last)}. {keys}")
        self.range_shown.emit(self._words(first, last))
        self.update()

    def _words(self, first: int | None, last: int | None) -> str:
        if first is None and last is None:
            return self.tr("All years")
        low, high = self._span()
        if (low if first is None else first) == (high if last is None else last):
            return str(low if first is None else first)
        return self.tr("{0} to {1}").format(low if first is None else first, high if last is None else last)

    def _span(self) -> tuple[int, int]:
        years = list(self._counts)
        return (years[0], years[-1]) if years else (1920, 2026)

    def _bins(self) -> tuple[int, int, int]:
        """The first year of the first bar, years in a bar, and number of bars."""
        low, high = self._span()
        for step in (1, 2, 5, 10, 20, 50):
            start = low - low % step
            count = (high - start) // step + 1
            if count * self.BAR <= max(self.width(), 10 * self.BAR):
                break
        return start, step, count

    def sizeHint(self) -> QSize:
        return QSize(200, 40 + theme_of(self).px(18))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        painter.setRenderHint(painter.RenderHint.Antialiasing, False)
        start, step, count = self._bins()
        sums = [0] * count
        for year, titles in self._counts.items():
            sums[(year - start) // step] += titles
        most = max(sums, default=0) or 1
        floor = self.height() - theme.px(18)
        first, last = self._range_now()
        width = self.width() / count
        for place, titles in enumerate(sums):
            year = start + place * step
            within = (first is None or year + step > first) and (last is None or year <= last)
            whole = first is None and last is None
            height = max(round((floor - 2) * titles / most), 2 if titles else 1)
            colour = theme.fill(Accent.BLUE) if within and not whole else theme.color("border_control")
            left, right = round(place * width), round((place + 1) * width)
            painter.fillRect(QRectF(left, floor - height, max(right - left - 1, 1), height), colour)
        painter.fillRect(QRectF(0, floor, self.width(), 1), theme.color("border_subtle"))
        painter.setFont(font(theme, Role.AXIS))
        painter.setPen(theme.color("text_secondary"))
        low, high = self._span()
        axis = QRectF(0, floor + 2, self.width(), theme.px(16))
        painter.drawText(axis, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, str(low))
        painter.drawText(axis, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(high))
        if self.hasFocus():
            painter.setRenderHint(painter.RenderHint.Antialiasing)
            focus_ring(painter, QRectF(self.rect()), 4, theme.color("focus"))
        painter.end()

    def _range_now(self) -> tuple[int | None, int | None]:
        if self._drag_from is None or self._drag_to is None:
            return self._first, self._last
        return self._dragged()

    def _dragged(self) -> tuple[int, int]:
        start, step, _count = self._bins()
        low, high = self._span()
        first, last = sorted((self._drag_from or 0, self._drag_to or 0))
        return max(start + first * step, low), min(start + (last + 1) * step - 1, high)

    def _bar_at(self, x: float) -> int:
        _start, _step, count = self._bins()
        return min(max(int(x / max(self.width(), 1) * count), 0), count - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._counts:
            self._drag_from = self._drag_to = self._bar_at(event.position().x())
            self._show_drag()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag_from is not None:
            self._drag_to = self._bar_at(event.position().x())
            self._show_drag()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._drag_from is None:
            return
        first, last = self._dragged()
        self._drag_from = self._drag_to = None
        whole = (first, last) == self._span()
        self.chosen.emit(None if whole else first, None if whole else last)
        self.update()

    def _show_drag(self) -> None:
        self.range_shown.emit(self._words(*self._range_now()))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.chosen.emit(None, None)
        elif step is None or not self._counts:
            super().keyPressEvent(event)
        else:
            low, high = self._span()
            first = low if self._first is None else self._first
            last = high if self._last is None else self._last
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                last = min(max(last + step, first), high)
            else:
                first = max(min(first + step, last), low)
            whole = first <= low and last >= high
            self.chosen.emit(None if whole else first, None if whole else last)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)
