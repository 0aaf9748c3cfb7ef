"""One task of the schedule: when it runs, in which zone, what it waits for, and the runs that come of it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gdvg_desktop.commands import schedule as command
from gdvg_desktop.commands.schedule import MOST_JITTER_S, NEXT_RUNS, TaskView
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.schedule.planner import CatchUp
from gdvg_desktop.schedule.zone import local_zone
from gdvg_desktop.ui.dialogs.cron_editor import CronEditor
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.cron_shapes import words as in_words
from gdvg_desktop.ui.phrases import day, utc
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.fields import ComboBox, SpinBox
from gdvg_desktop.ui.widgets.labels import Paragraph, SectionHeader, label
from gdvg_desktop.ui.widgets.messages import InlineMessage
from gdvg_desktop.ui.widgets.toggles import CheckBox

WIDTH = 640
PREVIEW_MS = 150


class TaskDialog(QDialog):
    """`saved(TaskView)` comes once the task was changed."""

    saved = Signal(object)

    def __init__(self, host: Host, task: TaskView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host, self.task = host, task
        self.setWindowTitle(self.tr("Schedule: {0}").format(task.title))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme_of(self).px(WIDTH))
        self.cron = CronEditor(task.cron)
        self.zone = ComboBox()
        self.zone.setAccessibleName(self.tr("Time zone"))
        self.network = CheckBox(self.tr("there is a network"))
        self.mains = CheckBox(self.tr("on mains power"))
        self.unmetered = CheckBox(self.tr("the line is not metered"))
        self.catch_up = ComboBox()
        self.catch_up.setAccessibleName(self.tr("A run that was missed"))
        self.jitter = SpinBox(0, MOST_JITTER_S // 60, name=self.tr("Random delay"))
        self.jitter.setSuffix(self.tr(" min"))
        self.words = Paragraph("", Role.STRONG)
        self.message = InlineMessage(Accent.RED)
        self.message.hide()
        self.runs: list[tuple[QLabel, QLabel]] = []
        self.save = Button(self.tr("Save"), kind=ButtonKind.PRIMARY)
        self.save.setDefault(True)
        self.save.clicked.connect(self._on_save)
        self.cancel = Button(self.tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(PREVIEW_MS)
        self._wait.timeout.connect(self._preview)
        self._build()
        self._fill(task)
        self.cron.changed.connect(self._wait.start)
        self.zone.currentIndexChanged.connect(self._wait.start)
        self._preview()

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.task.title, Role.TITLE))
        column.addWidget(Paragraph(self.task.help, Role.QUIET))
        if self.task.cron_set_by:
            lock = self.tr("Set by {0} in the environment. Change it there.").format(self.task.cron_set_by)
            self.locked = InlineMessage(Accent.BLUE, lock)
            column.addWidget(self.locked)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        form.addRow(label(self.tr("When"), Role.STRONG), self.cron)
        form.addRow(label(self.tr("Time zone"), Role.STRONG), self.zone)
        conditions = QHBoxLayout()
        conditions.setSpacing(16)
        for box in (self.network, self.mains, self.unmetered):
            conditions.addWidget(box)
        conditions.addStretch(1)
        form.addRow(label(self.tr("Only when"), Role.STRONG), conditions)
        form.addRow(label(self.tr("After a miss"), Role.STRONG), self.catch_up)
        spread = QHBoxLayout()
        spread.setSpacing(8)
        self.jitter.setFixedWidth(theme_of(self).px(96))
        spread.addWidget(self.jitter)
        spread.addWidget(label(self.tr("at random after the time, at most"), Role.HINT))
        spread.addStretch(1)
        form.addRow(label(self.tr("Delay"), Role.STRONG), spread)
        column.addLayout(form)
        runs = self.tr("Next runs") if self.task.enabled else self.tr("Next runs, once it is switched on")
        column.addWidget(SectionHeader(runs, role=Role.HINT_STRONG, rule=True))
        column.addWidget(self.words)
        column.addWidget(self._run_table())
        column.addWidget(self.message)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.save)
        column.addLayout(buttons)

    def _run_table(self) -> QWidget:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        for row in range(NEXT_RUNS):
            pair = (label("", Role.HINT_STRONG), label("", Role.HINT))
            self.runs.append(pair)
            for place, cell in enumerate(pair):
                grid.addWidget(cell, row, place)
        grid.setColumnStretch(2, 1)
        return table

    def _fill(self, task: TaskView) -> None:
        here = local_zone()
        first = dict.fromkeys((here, "UTC", task.zone))
        for name in (*first, *sorted(available_timezones() - first.keys())):
            self.zone.addItem(self.tr("{0} (this computer)").format(name) if name == here else name, name)
        self.zone.setCurrentIndex(self.zone.findData(task.zone))
        self.catch_up.addItem(self.tr("Run once as soon as possible"), CatchUp.RUN_ONCE.value)
        self.catch_up.addItem(self.tr("Leave it out"), CatchUp.SKIP.value)
        self.catch_up.setCurrentIndex(self.catch_up.findData(task.catch_up.value))
        self.network.setChecked(task.conditions.on_network)
        self.mains.setChecked(task.conditions.on_mains)
        self.unmetered.setChecked(task.conditions.unmetered)
        self.jitter.setValue(task.jitter_s // 60)
        if task.cron_set_by:
            self.cron.lock()
            self.zone.setEnabled(False)

    # values ----------------------------------------------------------------------------------------------------

    def _preview(self) -> None:
        """The next runs of what is entered, live."""
        problem = self.cron.problem()
        try:
            if problem:
                raise UsageError(problem)
            words, runs = command.preview(self.cron.expression(), self.zone.currentData(), datetime.now(UTC))
        except UsageError as error:
            self._show_runs(())
            self.words.set_text("")
            self.cron.mark(not problem)
            self._tell(error)
            return
        self.cron.mark(False)
        self.message.hide()
        self.save.setEnabled(True)
        self.words.set_text(in_words(self.cron.expression(), words))
        self._show_runs(runs)

    def _show_runs(self, runs: tuple[datetime, ...]) -> None:
        for index, (here, there) in enumerate(self.runs):
            if index >= len(runs):
                here.setText("")
                there.setText("")
                continue
            own = runs[index].astimezone()
            here.setText(f"{day(own.date(), 'ddd d MMM yyyy')} {own:%H:%M}")
            there.setText(utc(to_millis(runs[index].timestamp())))

    def changes(self) -> dict[str, Any]:
        """What differs from the task as it was, by the names of `commands.schedule.change`."""
        task = self.task
        entered = {
            "cron_expression": (self.cron.expression(), task.cron),
            "zone": (self.zone.currentData(), task.zone),
            "catch_up": (self.catch_up.currentData(), task.catch_up.value),
            "on_network": (self.network.isChecked(), task.conditions.on_network),
            "on_mains": (self.mains.isChecked(), task.conditions.on_mains),
            "unmetered": (self.unmetered.isChecked(), task.conditions.unmetered),
            "jitter_s": (self.jitter.value() * 60, task.jitter_s // 60 * 60),
        }
        return {name: value for name, (value, before) in entered.items() if value != before}

    def _on_save(self) -> None:
        self._preview()  # Enter may come before the look at what was typed
        if not self.save.isEnabled():
            return
        values = self.changes()
        if not values:
            self.accept()
            return
        self.save.setEnabled(False)
        self._host.call(self, lambda app: command.change(app, self.task.name, **values), self._on_saved, self._tell)

    def _on_saved(self, task: TaskView) -> None:
        self.saved.emit(task)
        self.accept()

    def _tell(self, error: GdvgError) -> None:
        self.save.setEnabled(not isinstance(error, UsageError) or bool(self.words.plain_text()))
        self.message.set_message(Accent.RED, str(error))
        self.message.show()
