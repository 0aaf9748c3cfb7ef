"""A schedule chosen by what people think of (every 6 hours, weekly on Sunday), with the expression beside it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.settings import clock_time
from gdvg_desktop.ui.models.cron_shapes import STEPS, WEEKDAYS, Kind, Shape, day_name, read_shape
from gdvg_desktop.ui.theme import repolish, theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.fields import ComboBox, SpinBox
from gdvg_desktop.ui.widgets.labels import Paragraph, label
from gdvg_desktop.ui.widgets.segmented import Segmented
from gdvg_desktop.ui.widgets.toggles import CheckBox

TIME_WIDTH, TEXT_WIDTH = 72, 200


class TimeField(QLineEdit):
    """A time of the day written HH:MM."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFixedWidth(theme_of(self).px(TIME_WIDTH))
        self.setMaxLength(5)

    def time(self) -> tuple[int, int] | None:
        """Hour and minute; None for text that is no time."""
        try:
            found = clock_time(self.text())
        except UsageError:
            return None
        return (found.hour, found.minute) if found is not None else None

    def mark(self) -> None:
        """Draw the red border while the text is no time."""
        self.setProperty("error", self.time() is None)
        repolish(self)


class CronEditor(QWidget):
    """`changed()` follows every change by the user; `expression()` may then be one that cannot be."""

    changed = Signal()

    def __init__(self, expression: str) -> None:
        super().__init__()
        self._filling = False
        self.kinds = Segmented(
            [
                (Kind.HOURS, self.tr("Hours")),
                (Kind.DAILY, self.tr("Daily")),
                (Kind.WEEKLY, self.tr("Weekly")),
                (Kind.MONTHLY, self.tr("Monthly")),
                (Kind.TEXT, self.tr("Expression")),
            ],
            name=self.tr("How often"),
        )
        self.text = QLineEdit()
        self.text.setAccessibleName(self.tr("Cron expression"))
        self.text.setFixedWidth(theme_of(self).px(TEXT_WIDTH))
        self.text.setProperty("role", Role.LOG.value)
        self.stack = QStackedWidget()
        self.times: dict[Kind, TimeField] = {}
        self.days: dict[int, CheckBox] = {}
        self._build()
        self.set_expression(expression)
        self.kinds.chosen.connect(self._on_kind)
        self.text.textEdited.connect(self._on_text)

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.kinds)
        for page in (self._hours(), self._at(Kind.DAILY), self._weekly(), self._monthly(), self._plain()):
            self.stack.addWidget(page)
        column.addWidget(self.stack)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label(self.tr("Expression"), Role.HINT))
        row.addWidget(self.text)
        row.addWidget(label(self.tr("minute hour day month weekday"), Role.HINT))
        row.addStretch(1)
        column.addLayout(row)

    def _hours(self) -> QWidget:
        self.step = ComboBox()
        self.step.setAccessibleName(self.tr("Every so many hours"))
        for step in STEPS:
            self.step.addItem(str(step), step)
        self.minute = SpinBox(0, 59, name=self.tr("Minutes past the hour"))
        self.minute.setFixedWidth(theme_of(self).px(TIME_WIDTH))
        self.step.currentIndexChanged.connect(self._on_part)
        self.minute.valueChanged.connect(self._on_part)
        page, row = _row()
        for part in (label(self.tr("Every")), self.step, label(self.tr("hours, at minute")), self.minute):
            row.addWidget(part)
        row.addStretch(1)
        return page

    def _time(self, kind: Kind) -> TimeField:
        field = self.times[kind] = TimeField(self.tr("Time of the day"))
        field.textEdited.connect(self._on_part)
        return field

    def _at(self, kind: Kind) -> QWidget:
        page, row = _row()
        row.addWidget(label(self.tr("At")))
        row.addWidget(self._time(kind))
        row.addStretch(1)
        return page

    def _weekly(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        _, days = _row()
        group = QButtonGroup(page)
        group.setExclusive(False)
        for number in WEEKDAYS:
            box = self.days[number] = CheckBox(day_name(number))
            box.toggled.connect(self._on_part)
            group.addButton(box)
            days.addWidget(box)
        days.addStretch(1)
        holder = QWidget()
        holder.setLayout(days)
        column.addWidget(holder)
        column.addWidget(self._at(Kind.WEEKLY))
        return page

    def _monthly(self) -> QWidget:
        self.day = SpinBox(1, 31, name=self.tr("Day of the month"))
        self.day.setFixedWidth(theme_of(self).px(TIME_WIDTH))
        self.day.valueChanged.connect(self._on_part)
        page, row = _row()
        for part in (label(self.tr("On day")), self.day, label(self.tr("at")), self._time(Kind.MONTHLY)):
            row.addWidget(part)
        row.addWidget(label(self.tr("Months without that day are left out."), Role.HINT))
        row.addStretch(1)
        return page

    def _plain(self) -> QWidget:
        return Paragraph(
            self.tr("Five parts: minute, hour, day of the month, month, weekday (0 is Sunday). */2 is every second."),
            Role.HINT,
        )

    # values ----------------------------------------------------------------------------------------------------

    def expression(self) -> str:
        """What is chosen, as a cron expression."""
        return self.text.text().strip()

    def problem(self) -> str:
        """What a part lacks, which leaves no expression; "" when nothing is missing, or the expression is typed."""
        kind = Kind(self.kinds.value())
        if self._shape() is not None:
            return ""
        if self.times[kind].time() is None:
            return self.tr("Enter a time of the day, for example 04:30.")
        return self.tr("Choose at least one day.")

    def set_expression(self, expression: str) -> None:
        """Show an expression in its shape; `changed` is not emitted."""
        shape = read_shape(expression)
        self._filling = True
        self.text.setText(" ".join(expression.split()))
        self._show(shape)
        self._filling = False

    def lock(self) -> None:
        """Show it only."""
        for part in (self.kinds, self.stack, self.text):
            part.setEnabled(False)

    def mark(self, wrong: bool) -> None:
        """Draw the expression's red border."""
        self.text.setProperty("error", wrong)
        repolish(self.text)

    def _show(self, shape: Shape) -> None:
        self.kinds.choose(shape.kind)
        self.stack.setCurrentIndex(tuple(Kind).index(shape.kind))
        self.step.setCurrentIndex(STEPS.index(shape.step))
        self.minute.setValue(shape.minute)
        self.day.setValue(shape.day)
        for number, box in self.days.items():
            box.setChecked(number in shape.days)
        for field in self.times.values():
            field.setText(f"{shape.hour:02}:{shape.minute:02}")
            field.mark()

    def _shape(self) -> Shape | None:
        """What the parts say; None while one of them says nothing."""
        kind = Kind(self.kinds.value())
        if kind is Kind.HOURS:
            return Shape(kind, minute=self.minute.value(), step=self.step.currentData())
        if kind is Kind.TEXT:
            return Shape(kind, text=self.text.text())
        field = self.times[kind]
        field.mark()
        at = field.time()
        days = frozenset(number for number, box in self.days.items() if box.isChecked())
        if at is None or (kind is Kind.WEEKLY and not days):
            return None
        return Shape(kind, at[1], at[0], days=days, day=self.day.value())

    def _on_kind(self, kind: str) -> None:
        self.stack.setCurrentIndex(tuple(Kind).index(Kind(kind)))
        self._on_part()

    def _on_part(self) -> None:
        if self._filling:
            return
        shape = self._shape()
        self.text.setText(shape.expression if shape is not None else "")
        self.changed.emit()

    def _on_text(self, text: str) -> None:
        shape = read_shape(text)
        self._filling = True
        if shape.kind is Kind.TEXT:
            self.kinds.choose(Kind.TEXT)
            self.stack.setCurrentIndex(tuple(Kind).index(Kind.TEXT))
        else:
            self._show(shape)
        self._filling = False
        self.changed.emit()


def _row() -> tuple[QWidget, QHBoxLayout]:
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    return page, row
