"""The import queue: jobs in the order they are worked on, what they do now, and everything to steer them with."""

import time
from collections import deque
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import imports, jobs
from gdvg_desktop.commands.jobs import Queue
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.queue_list import QueueList
from gdvg_desktop.ui.docks.queue_parts import ConfirmCancel, StateDots
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import job_words
from gdvg_desktop.ui.models.job_buttons import act_words
from gdvg_desktop.ui.models.queue_model import QueueModel
from gdvg_desktop.ui.models.queue_rows import Act, QueueRow, QueueView, RowKind, build_rows, finished_today
from gdvg_desktop.ui.phrases import counted, decimal, duration
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import KeyCap
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.labels import label
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage

translate = QCoreApplication.translate
TICK_MS = 1000
STRIPE_MS = 250
RATE_OVER_S = 10.0
"""The span a job's requests a second are measured over."""


class RequestRates:
    """Requests a second of each job, from its counter at successive readings."""

    def __init__(self) -> None:
        self._seen: dict[int, deque[tuple[float, int]]] = {}

    def note(self, queue: Queue, now: float) -> dict[int, float]:
        """Take one reading (`now` in monotonic seconds) and return the rates known."""
        rates = {}
        for job_id in [job_id for job_id in self._seen if job_id not in queue.pace]:
            del self._seen[job_id]
        for job_id, pace in queue.pace.items():
            seen = self._seen.setdefault(job_id, deque())
            seen.append((now, pace.requests))
            while len(seen) > 2 and now - seen[0][0] > RATE_OVER_S:
                seen.popleft()
            span = now - seen[0][0]
            if span >= 1:
                rates[job_id] = max(0.0, (pace.requests - seen[0][1]) / span)
        return rates


class QueueDock(DockPanel):
    """`job_chosen(int)` names the job to inspect (0 for none); `new_import_asked()` leads to the import screen."""

    KEY = "queue"
    job_chosen = Signal(int)
    new_import_asked = Signal()

    def __init__(self, host: Host, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(self.KEY, translate("QueueDock", "Import queue"), "list-ordered", parent=parent)
        self._host = host
        self._queue: Queue | None = None
        self._countries: dict[str, str] = {}
        self._rates = RequestRates()
        self._rates_now: dict[int, float] = {}
        self._folded = False
        self._wanted = 0
        self._menu: QMenu | None = None
        self._confirm: ConfirmCancel | None = None
        self.model = QueueModel(self)
        self._build()
        self._refresh = Refresh(self, host, lambda: _read, self._on_read, self._show_error)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._refresh.ask)
        self._stripe = QTimer(self)
        self._stripe.setInterval(STRIPE_MS)
        self._stripe.timeout.connect(self.list.advance_stripe)
        for hint in (bridge.jobs_changed, bridge.queue_changed, bridge.connection_changed, bridge.library_replaced):
            hint.connect(self._refresh.ask)
        self._refresh.ask()

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.list = QueueList(self.model)
        self.list.acted.connect(self._on_act)
        self.list.moved.connect(lambda job_id, where: self._run(lambda app: jobs.move(app, job_id, where)))
        self.list.job_chosen.connect(self.job_chosen)
        self.model.move_asked.connect(lambda job_id, place: self._run(lambda app: jobs.move_to(app, job_id, place)))
        self.model.rename_asked.connect(lambda job_id, name: self._run(lambda app: jobs.rename(app, job_id, name)))
        new_import = Button(self.tr("New import"), icon="plus")
        new_import.clicked.connect(self.new_import_asked)
        empty = EmptyState(
            "list-ordered",
            self.tr("No jobs yet"),
            self.tr("Imports appear here with their progress, in the order they are worked on."),
            new_import,
        )
        self._message = InlineMessage()
        self._message.hide()
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(self._build_head())
        column.addWidget(self.list, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(page)
        body = QWidget()
        outer = QVBoxLayout(body)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        outer.addWidget(self._message)
        outer.addWidget(self._stack, 1)
        self.set_content(body)

    def _build_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._dots = StateDots()
        self._hint = QWidget()
        hint = QHBoxLayout(self._hint)
        hint.setContentsMargins(0, 0, 16, 0)
        hint.setSpacing(8)
        for part in (
            label(self.tr("Drag or"), Role.HINT),
            KeyCap("Alt \N{UPWARDS ARROW}"),
            KeyCap("Alt \N{DOWNWARDS ARROW}"),
            label(self.tr("to change priority"), Role.HINT),
        ):
            hint.addWidget(part)
        self._pause_all = Button(self.tr("Pause all"), icon="pause", small=True)
        self._pause_all.clicked.connect(lambda: self._run(jobs.pause_all))
        new_import = Button(self.tr("New import"), icon="plus", small=True)
        new_import.clicked.connect(self.new_import_asked)
        row.addWidget(self._dots)
        row.addStretch(1)
        row.addWidget(self._hint)
        row.addWidget(self._pause_all)
        row.addWidget(new_import)
        return row

    # reading ---------------------------------------------------------------------------------------------------

    def choose(self, job_id: int) -> None:
        """Choose a job, now or as soon as it is listed, and give the keyboard to the list."""
        self._wanted = 0 if self.list.choose(job_id) else job_id
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_read(self, answer: tuple[Queue, dict[str, str]]) -> None:
        self._queue, self._countries = answer
        self._rates_now = self._rates.note(self._queue, time.monotonic())
        self._show()

    def _show(self) -> None:
        """Show what was read last."""
        queue = self._queue
        if queue is None:
            return
        view = QueueView(self._countries, self._rates_now, _midnight_ms(), self._outage(), self._folded)
        self.model.set_rows(build_rows(queue, view))
        self._stack.setCurrentIndex(1 if self.model.rowCount() else 0)
        if self._wanted:
            self.choose(self._wanted)
        elif not self.list.currentIndex().isValid() and self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0))
        failed = [job for job in queue.finished if job.state is JobState.FAILED]
        self._dots.show_jobs([*queue.jobs, *failed])
        self._pause_all.setEnabled(any(job.wanted.value == "run" for job in queue.jobs))
        self.set_meta(self._workload(queue))
        self._run_timers()

    def _outage(self) -> str:
        app = self._host.app
        if app is None or app.client.status().state != "outage":
            return ""
        return self.tr("TMDb does not answer. Goes on by itself when it does.")

    def _workload(self, queue: Queue) -> str:
        """The requests queued, and how long they take."""
        pages = sum(max(known - done, 0) for done, known in queue.pages.values())
        requests = sum(max(job.left, 0) for job in queue.jobs) + pages
        if not requests:
            return ""
        text = counted(requests, self.tr("{0} request queued"), self.tr("{0} requests queued"))
        app = self._host.app
        rate = app.client.status().pacer.allowed if app is not None else 0
        if rate <= 0:
            return text
        return self.tr("{0}, about {1} at {2} req/s").format(text, duration(requests / rate), decimal(rate))

    def _run_timers(self) -> None:
        """Figures move on by themselves while a job runs, the stripe while a total is unknown."""
        seen = self.isVisible()
        running = self._queue is not None and any(job.state is JobState.RUNNING for job in self._queue.jobs)
        _set_running(self._tick, seen and running)
        _set_running(self._stripe, seen and self.list.has_unknown() and theme_of(self).motion)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_timers()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._run_timers()

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._hint.setVisible(self.width() >= theme_of(self).px(820))

    # acting ----------------------------------------------------------------------------------------------------

    def _run(self, work) -> None:  # type: ignore[no-untyped-def]
        self._message.hide()
        self._host.call(self, work, lambda _done: self._refresh.ask(), self._show_error)

    def _show_error(self, error: GdvgError) -> None:
        self._message.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
        self._message.show()

    def _job(self, job_id: int) -> Job | None:
        if self._queue is None:
            return None
        return next((job for job in (*self._queue.jobs, *self._queue.finished) if job.id == job_id), None)

    def _on_act(self, row: QueueRow, act: Act) -> None:
        job_id = row.job_id
        match act:
            case Act.PAUSE:
                self._run(lambda app: jobs.pause(app, job_id))
            case Act.RESUME | Act.BURY:  # going on is the word a job waits for that asks about deletions
                self._run(lambda app: jobs.resume(app, job_id))
            case Act.RETRY:
                self._run(lambda app: jobs.retry(app, job_id))
            case Act.RAISE:
                self._run(lambda app: jobs.move(app, job_id, "up"))
            case Act.KEEP:
                self._run(lambda app: jobs.cancel(app, job_id))
            case Act.CANCEL:
                self._ask_cancel(row)
            case Act.FOLD:
                self._folded = not self._folded
                self._show()
            case Act.CLEAR:
                self._clear()
            case Act.MORE:
                self._open_menu(row)

    def _ask_cancel(self, row: QueueRow) -> None:
        job = self._job(row.job_id)
        if job is None:
            return
        self._confirm = ConfirmCancel(job, self)
        self._confirm.confirmed.connect(lambda: self._run(lambda app: jobs.cancel(app, job.id)))
        self._confirm.closed.connect(self._confirm.deleteLater)
        self._confirm.closed.connect(self._back_to_list)
        self._confirm.open_under(self.list.anchor(row, Act.CANCEL))

    def _back_to_list(self) -> None:
        """The keyboard goes on where it was before the question."""
        self.activateWindow()
        self.list.setFocus(Qt.FocusReason.PopupFocusReason)

    def _clear(self) -> None:
        if self._queue is not None:
            done = tuple(job.id for job in finished_today(self._queue, _midnight_ms()))
            self._run(lambda app: jobs.clear_finished(app, done))

    def _open_menu(self, row: QueueRow) -> None:
        job = self._job(row.job_id)
        if row.kind is RowKind.HEAD or job is None:
            return
        self._menu = self._make_menu(row, job)
        at = self.list.anchor(row, Act.MORE)
        self._menu.popup(at.mapToGlobal(at.rect().bottomLeft()))

    def _make_menu(self, row: QueueRow, job: Job) -> QMenu:
        """The row's menu: everything the mouse can do, and a few things more."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if row.place >= 0:
            count = len(self._queue.jobs) if self._queue is not None else 0
            for text, where, possible in (
                (self.tr("Move to the top"), "top", row.place > 0),
                (self.tr("Move up"), "up", row.place > 0),
                (self.tr("Move down"), "down", row.place < count - 1),
            ):
                action = menu.addAction(text)
                action.setEnabled(possible)
                action.triggered.connect(
                    lambda _checked=False, to=where: self._run(lambda app: jobs.move(app, job.id, to))
                )
            menu.addSeparator()
        if Act.BURY in row.acts:
            menu.addAction(act_words(Act.BURY), lambda: self._on_act(row, Act.BURY))
            menu.addAction(act_words(Act.KEEP), lambda: self._on_act(row, Act.KEEP))
            menu.addSeparator()
        menu.addAction(self.tr("Rename"), self.list.rename)
        if job.failed or job.state is JobState.FAILED:
            text = counted(job.failed, self.tr("Retry {0} failed"), self.tr("Retry {0} failed"))
            menu.addAction(text if job.failed else self.tr("Retry"), lambda: self._on_act(row, Act.RETRY))
        menu.addAction(self.tr("Copy details"), lambda: self._copy(job))
        if Act.CANCEL in row.acts:
            menu.addSeparator()
            if Act.PAUSE in row.acts or Act.RAISE in row.acts:
                menu.addAction(self.tr("Pause"), lambda: self._on_act(row, Act.PAUSE))
            if job.state is JobState.RUNNING:
                menu.addAction(self.tr("Restart job"), lambda: self._run(lambda app: jobs.restart(app, job.id)))
            menu.addAction(self.tr("Cancel job"), lambda: self._on_act(row, Act.CANCEL))
        if job.state.finished:
            menu.addSeparator()
            menu.addAction(
                self.tr("Remove from the list"), lambda: self._run(lambda app: jobs.clear_finished(app, (job.id,)))
            )
        return menu

    def _copy(self, job: Job) -> None:
        QGuiApplication.clipboard().setText(job_words.details_text(job, self._countries))


async def _read(app: App) -> tuple[Queue, dict[str, str]]:
    """The queue with all finished jobs (failed ones stay listed past midnight), and the names of countries."""
    return await jobs.queue(app), dict((await imports.choices(app)).countries)


def _midnight_ms() -> int:
    """The start of the user's day."""
    now = datetime.now(UTC).astimezone()
    return to_millis(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())


def _set_running(timer: QTimer, wanted: bool) -> None:
    if wanted and not timer.isActive():
        timer.start()
    elif not wanted:
        timer.stop()
