"""The Schedule page of the settings: the tasks, the pause over them, quiet hours, budgets, work in the background."""

from datetime import datetime
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import schedule as command
from gdvg_desktop.commands.schedule import PauseState, TaskView
from gdvg_desktop.core.autostart import Autostart
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.dialogs.setting_editors import LABEL_WIDTH, SettingRow
from gdvg_desktop.ui.dialogs.task_dialog import TaskDialog
from gdvg_desktop.ui.host import Call, Host
from gdvg_desktop.ui.models.cron_shapes import words
from gdvg_desktop.ui.models.schedule_words import paused_sentence, run_sentence, run_word, soon
from gdvg_desktop.ui.phrases import utc
from gdvg_desktop.ui.theme import set_role, theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.labels import ElidedLabel, Paragraph, SectionHeader, label
from gdvg_desktop.ui.widgets.messages import InlineMessage
from gdvg_desktop.ui.widgets.toggles import Switch

LOOK_MS = 2000  # runs start and end while the page is open
News = tuple[list[TaskView], PauseState, int]


class TaskCard(Card):
    """One task: its switch, when it runs in words, next and last run, and ways to run and edit it."""

    def __init__(self, page: "SchedulePage", task: TaskView) -> None:
        super().__init__(padding=12)
        self._page = page
        self.task = task
        self.on = Switch(name=self.tr("Run {0} on schedule").format(task.title))
        self.title = label(task.title, Role.STRONG)
        self.title.setToolTip(task.help)
        self.when = ElidedLabel("", Role.HINT)
        self.next = label("", Role.HINT)
        self.last = ElidedLabel("", Role.HINT)
        self.run = Button(self.tr("Run now"), small=True)
        self.run.setAccessibleName(self.tr("Run {0} now").format(task.title))
        self.edit = Button(self.tr("Edit…"), small=True)
        self.edit.setAccessibleName(self.tr("Edit the schedule of {0}").format(task.title))
        self._build()
        self.on.clicked.connect(lambda on: page.change(self.task, enabled=on))
        self.run.clicked.connect(lambda: page.run_now(self.task))
        self.edit.clicked.connect(lambda: page.open_task(self.task))

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.on)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        first, second = QHBoxLayout(), QHBoxLayout()
        for line in (first, second):
            line.setSpacing(8)
        first.addWidget(self.title)
        first.addWidget(self.when, 1)
        second.addWidget(self.next)
        second.addWidget(self.last, 1)
        lines.addLayout(first)
        lines.addLayout(second)
        row.addLayout(lines, 1)
        row.addWidget(self.run)
        row.addWidget(self.edit)

    def show_task(self, task: TaskView, paused: bool, now_ms: int) -> None:
        """Show what is true now; a switch the environment sets is locked."""
        self.task = task
        set_by = self.tr("Set by {0} in the environment. Change it there.")
        self.on.setChecked(task.enabled)
        self.on.setEnabled(not task.switch_set_by)
        self.on.setToolTip(set_by.format(task.switch_set_by) if task.switch_set_by else "")
        text = words(task.cron, task.words)
        if task.zone == "UTC":
            text = self.tr("{0} (UTC)").format(text)
        if task.cron_set_by:
            text = self.tr("{0}, set by the environment").format(text)
        self.when.setText(text)
        self.when.setToolTip(set_by.format(task.cron_set_by) if task.cron_set_by else task.cron)
        self._show_next(task, paused, now_ms)
        self.last.setText(self.tr("Last: {0}").format(run_sentence(task.last_run, now_ms)))
        accent = run_word(task.last_run)[1] if task.last_run is not None else None
        set_role(self.last, Role.HINT, accent=accent if accent in (Accent.RED, Accent.AMBER) else None)
        self.run.setEnabled(not task.running)
        self.run.setText(self.tr("Running") if task.running else self.tr("Run now"))

    def _show_next(self, task: TaskView, paused: bool, now_ms: int) -> None:
        if not task.next_runs:
            self.next.setText(self.tr("Off"))
            self.next.setToolTip("")
            return
        at = task.next_runs[0]
        when = soon(at, datetime.fromtimestamp(now_ms / 1000).astimezone())
        self.next.setText((self.tr("Paused, would run {0}") if paused else self.tr("Next: {0}")).format(when))
        self.next.setToolTip("\n".join(utc(to_millis(one.timestamp())) for one in task.next_runs))


class SchedulePage(QWidget):
    """What is done to a task counts at once; the settings below wait for Apply as on any page.

    `login` is the entry that starts the program at login, None where there is to be none (the demo).
    """

    QUIET = ("quiet_from", "quiet_to")
    CHANGES = ("delta_lookback_days",)
    BACKGROUND = ("on_close",)

    def __init__(self, host: Host, rows: tuple[SettingRow, ...], login: Autostart | None) -> None:
        super().__init__()
        self._host, self._login = host, login
        self._call: Call | None = None
        self._unread = False  # whether the message is that the tasks could not be read
        self.cards: dict[str, TaskCard] = {}
        self.dialog: TaskDialog | None = None
        self.message = InlineMessage(Accent.RED)
        self.message.hide()
        self.pause = InlineMessage(Accent.AMBER)
        self.resume = Button(self.tr("Resume schedule"), small=True)
        self.resume.clicked.connect(self._on_resume)
        self.pause.add_action(self.resume)
        self.pause.hide()
        self._tasks = QVBoxLayout()
        self._tasks.setSpacing(8)
        self.at_login = Switch(self.tr("Start at login, in the tray"))
        self._build(rows)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.read)
        host.opened.connect(self.read)
        self.read()

    def _build(self, rows: tuple[SettingRow, ...]) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(SectionHeader(self.tr("Tasks"), role=Role.HINT_STRONG, rule=True))
        column.addWidget(self.pause)
        column.addWidget(self.message)
        column.addLayout(self._tasks)
        named = (*self.QUIET, *self.CHANGES, *self.BACKGROUND)
        groups = (
            (self.tr("Changes sync"), self.CHANGES),
            (self.tr("Quiet hours"), self.QUIET),
            (self.tr("Budgets"), tuple(row.field.name for row in rows if row.field.name not in named)),
            (self.tr("In the background"), self.BACKGROUND),
        )
        for head, members in groups:
            column.addWidget(SectionHeader(head, role=Role.HINT_STRONG, rule=True))
            for row in rows:
                if row.field.name in members:
                    column.addWidget(row)
        if self._login is not None:
            column.addWidget(self._login_row(self._login))

    def _login_row(self, login: Autostart) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(theme_of(self).px(LABEL_WIDTH) + 8, 0, 0, 0)
        column = QVBoxLayout()
        column.setSpacing(4)
        self.at_login.setChecked(login.is_enabled())
        self.at_login.clicked.connect(self._on_login)
        self._login_hint = Paragraph(self.tr("Asked of the system each time; it counts at once."), Role.HINT)
        column.addWidget(self.at_login)
        column.addWidget(self._login_hint)
        row.addLayout(column, 1)
        return holder

    # reading ---------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def read(self) -> None:
        """Look how the tasks stand."""
        if self._call is None and self._host.app is not None:
            self._call = self._host.call(self, _news, self._on_news, self._on_failed)

    def _on_news(self, news: News) -> None:
        self._call = None
        if self._unread:
            self._unread = False
            self.message.hide()
        tasks, pause, now_ms = news
        if [one.name for one in tasks] != list(self.cards):
            self._rebuild(tasks)
        for task in tasks:
            self.cards[task.name].show_task(task, pause.paused, now_ms)
        if pause.paused:
            self.pause.set_message(Accent.AMBER, paused_sentence(pause, now_ms) + ".", lead=self.tr("Schedule paused."))
        elif self.resume.hasFocus() and self.cards:  # it goes, and the keyboard is not to leave the page with it
            next(iter(self.cards.values())).on.setFocus()
        self.pause.setVisible(pause.paused)

    def _rebuild(self, tasks: list[TaskView]) -> None:
        for card in self.cards.values():
            self._tasks.removeWidget(card)
            card.deleteLater()
        self.cards = {task.name: TaskCard(self, task) for task in tasks}
        for card in self.cards.values():
            self._tasks.addWidget(card)

    def _on_failed(self, error: GdvgError) -> None:
        self._call = None
        self._unread = True
        self._tell(error)

    def _tell(self, error: GdvgError) -> None:
        self.message.set_message(Accent.RED, str(error))
        self.message.show()

    # steering --------------------------------------------------------------------------------------------------

    def change(self, task: TaskView, **values: Any) -> None:
        """Change a task at once."""
        self._do(lambda app: command.change(app, task.name, **values))

    def run_now(self, task: TaskView) -> None:
        """Have it run now; the schedule stays as it is."""
        self._do(lambda app: command.run_now(app, task.name))

    def open_task(self, task: TaskView) -> None:
        """Open the editor of a task."""
        self.dialog = TaskDialog(self._host, task, self.window())
        self.dialog.saved.connect(lambda _task: self.read_anew())
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    def read_anew(self) -> None:
        """Read again, whatever is being read."""
        if self._call is not None:
            self._call.cancel()
            self._call = None
        self.read()

    def _forget(self) -> None:
        self.dialog = None

    def _on_resume(self) -> None:
        self._do(lambda app: command.resume(app, "window"))

    def _do(self, work: Any) -> None:
        self.message.hide()
        self._host.call(self, work, lambda _done: self.read_anew(), self._on_refused)

    def _on_refused(self, error: GdvgError) -> None:
        self._tell(error)
        self.read_anew()  # a switch that was refused goes back

    def _on_login(self, on: bool) -> None:
        assert self._login is not None
        try:
            self._login.enable() if on else self._login.disable()
        except GdvgError as error:
            self._login_hint.set_text(str(error))
        self.at_login.setChecked(self._login.is_enabled())


async def _news(app: App) -> News:
    return await command.tasks(app), await command.pause_state(app), to_millis(app.clock.now())
