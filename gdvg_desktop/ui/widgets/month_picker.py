"""A field for a month, with a popup of a year and its twelve months."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.buttons import IconButton
from gdvg_desktop.ui.widgets.fields import paint_field
from gdvg_desktop.ui.widgets.labels import label
from gdvg_desktop.ui.widgets.paint import antialiased, box, focus_ring
from gdvg_desktop.ui.widgets.popups import Popup


class _MonthCell(QAbstractButton):
    """One month of the picker."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(64), theme.px(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect())
        ink = theme.color("text_body" if self.isEnabled() else "text_disabled")
        if self.isChecked():
            box(painter, area, 6, theme.color("primary"))
            ink = theme.color("primary_text")
        elif self.underMouse() and self.isEnabled():
            box(painter, area, 6, theme.color("hover"))
        painter.setFont(font(theme, Role.BODY, weight=500 if self.isChecked() else 400))
        painter.setPen(ink)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            focus_ring(painter, area, 6, theme.color("focus_on_primary" if self.isChecked() else "focus"))
        painter.end()


class MonthPopup(Popup):
    """A year with its twelve months. Left and Right go through months, Page Up and Down through years."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget, first_year: int, last_year: int) -> None:
        super().__init__(parent)
        self._first, self._last = first_year, last_year
        self._year, self._picked = last_year, (0, 0)
        head = QHBoxLayout()
        self._back = IconButton("chevron-left", self.tr("Year before"), small=True)
        self._forth = IconButton("chevron-right", self.tr("Year after"), small=True)
        self._title = label("", Role.STRONG)
        self._back.clicked.connect(lambda: self._turn(-1))
        self._forth.clicked.connect(lambda: self._turn(1))
        head.addWidget(self._back)
        head.addStretch(1)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._forth)
        self.body.addLayout(head)
        grid = QGridLayout()
        grid.setSpacing(4)
        self._cells = []
        for month in range(1, 13):
            cell = _MonthCell(self.locale().standaloneMonthName(month, self.locale().FormatType.ShortFormat), self)
            cell.setAccessibleName(self.locale().standaloneMonthName(month))
            cell.clicked.connect(lambda _checked, m=month: self._choose(m))
            grid.addWidget(cell, (month - 1) // 3, (month - 1) % 3)
            self._cells.append(cell)
        self.body.addLayout(grid)

    def show_month(self, year: int, month: int) -> None:
        """Mark this month and show its year; month 0 marks none."""
        self._picked = (year, month)
        self._year = min(max(year, self._first), self._last)
        self._refresh()

    def open_under(self, control: QWidget) -> None:
        super().open_under(control)
        self._cells[max(self._picked[1] - 1, 0)].setFocus()

    def _refresh(self) -> None:
        self._title.setText(str(self._year))
        self._back.setEnabled(self._year > self._first)
        self._forth.setEnabled(self._year < self._last)
        for month, cell in enumerate(self._cells, start=1):
            cell.setChecked(self._picked == (self._year, month))

    def _turn(self, step: int) -> None:
        self._year = min(max(self._year + step, self._first), self._last)
        self._refresh()

    def _choose(self, month: int) -> None:
        self.close()
        self.chosen.emit(self._year, month)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        years = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        months = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -3, Qt.Key.Key_Down: 3}
        key = Qt.Key(event.key())
        focused = next((i for i, cell in enumerate(self._cells) if cell.hasFocus()), -1)
        if key in years:
            self._turn(years[key])
        elif key in months and focused >= 0:
            self._cells[min(max(focused + months[key], 0), 11)].setFocus()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and focused >= 0:
            self._choose(focused + 1)
        else:
            super().keyPressEvent(event)


class MonthPicker(QAbstractButton):
    """A field showing a month, or `placeholder` for none. `changed(str)` carries "2024-01" or ""."""

    changed = Signal(str)

    def __init__(
        self, name: str, placeholder: str, first_year: int, last_year: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._placeholder = name, placeholder
        self._value = ""
        self._last_year = last_year
        self._popup = MonthPopup(self, first_year, last_year)
        self._popup.chosen.connect(lambda year, month: self.set_value(f"{year:04}-{month:02}"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleDescription(self.tr("Opens a month picker. Delete clears it."))
        self.clicked.connect(self.open)
        self._describe()

    def value(self) -> str:
        """The month as "2024-01", or "" when none is set."""
        return self._value

    def set_value(self, value: str) -> None:
        """Set "YYYY-MM" or "" ; emits `changed` when it is another."""
        if value == self._value:
            return
        self._value = value
        self._describe()
        self.update()
        self.changed.emit(value)

    def shown(self) -> str:
        """The month in words, or the placeholder."""
        if not self._value:
            return self._placeholder
        year, month = self._value.split("-")
        return f"{self.locale().standaloneMonthName(int(month))} {year}"

    def _describe(self) -> None:
        self.setAccessibleName(f"{self._name}: {self.shown()}")

    def open(self) -> None:
        """Open the popup on the month set, or on the last year."""
        year, month = (int(part) for part in self._value.split("-")) if self._value else (self._last_year, 0)
        self._popup.show_month(year, month)
        self._popup.open_under(self)

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(176), theme.px(32))

    def minimumSizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(theme.px(136), theme.px(32))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.set_value("")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.open()
        else:
            super().keyPressEvent(event)

    def _fitting(self) -> str:
        """What is painted: the month in full, or short where the field is narrow."""
        text = self.shown()
        theme = theme_of(self)
        room = self.width() - 2 * theme.px(16) - 36  # icon, chevron and the gaps around them
        if not self._value or QFontMetricsF(font(theme, Role.BODY)).horizontalAdvance(text) <= room:
            return text
        year, month = self._value.split("-")
        return f"{self.locale().standaloneMonthName(int(month), self.locale().FormatType.ShortFormat)} {year}"

    def paintEvent(self, _event: QPaintEvent) -> None:
        error = bool(self.property("error"))
        paint_field(self, self._fitting(), "calendar", placeholder=not self._value, error=error)
