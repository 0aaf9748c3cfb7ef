"""The schedule as the first-run wizard offers it: on or off, how often, when, and what goes on in the background."""

from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import schedule as command
from gdvg_desktop.commands import settings as settings_command
from gdvg_desktop.commands.schedule import TaskView
from gdvg_desktop.core.autostart import Autostart
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.schedule.tasks import default_of
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.cron_shapes import words
from gdvg_desktop.ui.models.schedule_words import soon
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.labels import Fact, FactLine, Paragraph, label
from gdvg_desktop.ui.widgets.segmented import Segmented
from gdvg_desktop.ui.widgets.toggles import CheckBox, Switch

DELTA = "delta"
ALWAYS = ("health", "backup")  # care of the file; they fetch nothing
HOURLY, SIX_HOURS, DAILY = "0 * * * *", "0 */6 * * *", "0 6 * * *"
_NAME_WIDTH = 96


class ScheduleForm(QWidget):
    """Shows the schedule there is; `apply` is to be run in the engine's loop with what `wishes` gave."""

    def __init__(self, host: Host, *, tray: bool, login: Autostart | None) -> None:
        super().__init__()
        self._host, self._login = host, login
        self._tasks: list[TaskView] = []
        self.automatic = Switch(self.tr("On"), name=self.tr("Automatic sync"))
        self.automatic.setChecked(True)
        self.often = Segmented(
            [(HOURLY, self.tr("Hourly")), (SIX_HOURS, self.tr("Every 6 h")), (DAILY, self.tr("Daily"))],
            name=self.tr("How often"),
        )
        self.often.choose(SIX_HOURS)
        self.mains = CheckBox(self.tr("On mains power"))
        self.unmetered = CheckBox(self.tr("On an unmetered network"))
        self.keep = CheckBox(self.tr("Keep running in the tray"))
        settings = host.app.settings if host.app is not None else Settings()
        undecided = settings.on_close == "ask" and not settings.wizard_done
        self.keep.setChecked(tray and (undecided or settings.on_close == "tray"))
        self.keep.setVisible(tray)
        self.at_login = CheckBox(self.tr("Start when I sign in"))
        self.at_login.setVisible(login is not None)
        self.at_login.setChecked(login is not None and login.is_enabled())
        self.locked = Paragraph("", Role.HINT)
        self.locked.hide()
        self.changes, self.analysis, self.mirror = FactLine(), FactLine(), FactLine()
        self._build(background=tray or login is not None)
        self.automatic.toggled.connect(self._show)
        self.often.chosen.connect(self._show)
        host.opened.connect(self.read)
        self.installEventFilter(self)
        self._show()

    def _build(self, *, background: bool) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(20)
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(18)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.automatic)
        row.addWidget(label(self.tr("You can pause it any time from the toolbar or tray."), Role.HINT), 1)
        form.addRow(label(self.tr("Automatic sync"), Role.STRONG), row)
        form.addRow(label(self.tr("How often"), Role.STRONG), self.often)
        form.addRow(label(self.tr("Run only when"), Role.STRONG), _line(self.mains, self.unmetered))
        if background:
            form.addRow(label(self.tr("In the background"), Role.STRONG), _line(self.keep, self.at_login))
        column.addLayout(form)
        column.addWidget(self.locked)
        card = Card(sunken=True)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        inside.addWidget(label(self.tr("With these settings"), Role.STRONG))
        for line in (self.changes, self.analysis, self.mirror):
            inside.addWidget(line)
        column.addWidget(card)
        column.addStretch(1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and not self._tasks:
            self.read()
        return super().eventFilter(watched, event)

    def read(self) -> None:
        """Look what the schedule is."""
        self._host.call(self, command.tasks, self._on_tasks)

    def _on_tasks(self, tasks: list[TaskView]) -> None:
        """The first look: what is there already is where the form begins."""
        if self._tasks:
            return
        self._tasks = tasks
        delta = self._task(DELTA)
        if delta is not None:
            self.automatic.setChecked(delta.enabled)
            self.mains.setChecked(delta.conditions.on_mains)
            self.unmetered.setChecked(delta.conditions.unmetered)
            if delta.cron not in (HOURLY, SIX_HOURS, DAILY):
                self.often.add(delta.cron, self.tr("Custom"))
            self.often.choose(delta.cron)
            self.automatic.setEnabled(not delta.switch_set_by)
        if delta is not None and delta.set_by:
            self.locked.set_text(
                self.tr("Set by {0} in the environment. Change it there.").format(", ".join(delta.set_by))
            )
            self.locked.show()
        self._show()

    def _task(self, name: str) -> TaskView | None:
        return next((one for one in self._tasks if one.name == name), None)

    # what it comes to ------------------------------------------------------------------------------------------

    def _show(self) -> None:
        on = self.automatic.isChecked()
        self.automatic.setText(self.tr("On") if on else self.tr("Off"))
        for part in (self.mains, self.unmetered):
            part.setEnabled(on)
        delta = self._task(DELTA)
        self.often.setEnabled(on and not (delta is not None and delta.cron_set_by))
        never = self.tr("only when you start it")
        changes = self._runs(delta) if on else never
        width = theme_of(self).px(_NAME_WIDTH)
        self.changes.set_facts([Fact(self.tr("Changes sync"), changes, icon="git-compare", label_width=width)])
        for line, name, title, icon in (
            (self.analysis, "gap_analysis", self.tr("Gap analysis"), "calendar-search"),
            (self.mirror, "mirror", self.tr("Mirror batch"), "database"),
        ):
            task = self._task(name)
            text = "" if task is None else self._words(task) if self._will_run(task) else never
            line.set_facts([Fact(title, text, icon=icon, label_width=width)])

    def _words(self, task: TaskView) -> str:
        text = words(task.cron, task.words)
        return self.tr("{0} (UTC)").format(text) if task.zone == "UTC" else text

    def _turned(self) -> bool | None:
        """What automatic sync is switched to here; None when it stays as it is."""
        delta, on = self._task(DELTA), self.automatic.isChecked()
        return None if delta is not None and delta.enabled == on else on

    def _will_run(self, task: TaskView) -> bool:
        """Whether a task is on once this is applied."""
        wanted = _wanted(task, self._turned())
        return task.enabled if wanted is None else wanted

    def _runs(self, delta: TaskView | None) -> str:
        """The next runs of the changes sync: "18:00, then 00:00, 06:00 and 12:00", or in words and the next one."""
        if delta is None:
            return words(self.often.value())
        now = datetime.now(UTC)
        text, runs = command.preview(self.often.value(), delta.zone, now, 4)
        first = soon(runs[0], now)
        if len(runs) < 4 or runs[-1] - runs[0] >= timedelta(days=1):
            return self.tr("{0}, next {1}").format(words(self.often.value(), text), first)
        second, third, last = (f"{one.astimezone():%H:%M}" for one in runs[1:])
        return self.tr("{0}, then {1}, {2} and {3}").format(first, second, third, last)

    # saving ----------------------------------------------------------------------------------------------------

    def wishes(self) -> dict[str, Any]:
        """What is chosen, as plain values; None, and an `on_close` of "", leave alone what was not touched."""
        delta = self._task(DELTA)
        mains, unmetered = self.mains.isChecked(), self.unmetered.isChecked()
        app = self._host.app
        on_close = "tray" if self.keep.isChecked() else "ask"
        if self.keep.isHidden() or (on_close == "ask" and app is not None and app.settings.on_close != "tray"):
            on_close = ""
        return {
            "on": self._turned(),
            "cron": self.often.value(),
            "on_mains": None if delta is not None and delta.conditions.on_mains == mains else mains,
            "unmetered": None if delta is not None and delta.conditions.unmetered == unmetered else unmetered,
            "on_close": on_close,
        }

    def follow_login(self) -> None:
        """Have the system start the program at login, or not. Raises StorageError."""
        if self._login is not None and self.at_login.isChecked() != self._login.is_enabled():
            self._login.enable() if self.at_login.isChecked() else self._login.disable()


async def apply(app: App, wishes: dict[str, Any]) -> None:
    """Bring the schedule in line with what was chosen; what the environment sets stays."""
    for task in await command.tasks(app):
        if task.name in ALWAYS:
            continue
        values: dict[str, Any] = {"on_mains": wishes["on_mains"], "unmetered": wishes["unmetered"]}
        values["enabled"] = _wanted(task, wishes["on"])
        if task.name == DELTA and not task.cron_set_by and task.cron != wishes["cron"]:
            values["cron_expression"] = wishes["cron"]
        if any(value is not None for value in values.values()):
            await command.change(app, task.name, **values)
    if wishes["on_close"]:
        await settings_command.change(app, on_close=wishes["on_close"])


def _wanted(task: TaskView, on: bool | None) -> bool | None:
    """What becomes of a task's switch when automatic sync is switched; None when nothing does.

    Off is off for all that fetches; on brings back what is on from the start, and the rest stays the user's.
    """
    default = default_of(task.name)
    if on is None or task.switch_set_by:
        return None
    return (True if default is not None and default.enabled else None) if on else False


def _line(*parts: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(24)
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    return holder
