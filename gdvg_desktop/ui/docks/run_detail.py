"""Run detail: one run's figures, its phases and incidents on a line of time, and what can be done with it.

Of a planned run that was missed: why.
"""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import QCoreApplication, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import history, jobs, missed_runs, schedule
from gdvg_desktop.commands.history import RunDetail, Totals
from gdvg_desktop.commands.missed_runs import MissedDetail
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.store.jobs import STALLED, Job
from gdvg_desktop.store.runs import Result
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.missed_detail import MissedPage
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.docks.run_timeline import RunTimeline
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import job_words, run_words
from gdvg_desktop.ui.phrases import decimal, duration, number
from gdvg_desktop.ui.theme import set_role
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.labels import ElidedLabel, label
from gdvg_desktop.ui.widgets.layouts import CardGrid, ScrollColumn
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage
from gdvg_desktop.ui.widgets.popups import Popup

translate = QCoreApplication.translate
TICK_MS = 1000  # how often the line of time of a running run grows


class Figure(QWidget):
    """A figure over its name, without a frame; one that is nothing is drawn without its colour."""

    def __init__(self, name: str, accent: Accent | None = None) -> None:
        super().__init__()
        self._name, self._accent, self._quiet = name, accent, False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._value = label("0", Role.NUMBER, accent=accent)
        column.addWidget(self._value)
        column.addWidget(label(name, Role.HINT))

    def set_value(self, text: str, *, quiet: bool = False) -> None:
        """The figure, already formatted."""
        self._value.setText(text)
        if quiet != self._quiet:
            self._quiet = quiet
            set_role(self._value, Role.NUMBER, accent=None if quiet else self._accent)
        self.setAccessibleName(f"{self._name}: {text}")


class RunDetailDock(DockPanel):
    """Shows the run given to `show_run`. `started(Job, bool)` tells what Run again has queued, and if it is new."""

    KEY = "run_detail"
    started = Signal(object, bool)

    def __init__(self, host: Host, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(self.KEY, translate("RunDetailDock", "Run detail"), "chart-gantt", padding=0, parent=parent)
        self._host = host
        self._key = 0  # of the line of the history: a job, or below zero a missed run
        self._detail: RunDetail | None = None
        self._popup: ComparePopup | None = None
        self._build()
        self._refresh = Refresh(self, host, self._work, self._on_read, self._on_failed)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._refresh.ask)
        bridge.jobs_changed.connect(self._on_jobs_changed)
        for hint in (bridge.queue_changed, bridge.schedule_changed, bridge.library_replaced):
            hint.connect(self._refresh.ask)

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        empty = EmptyState(
            "chart-gantt",
            self.tr("No run chosen"),
            self.tr("Choose a run to see its phases, what slowed it down and what it brought."),
        )
        scroll = ScrollColumn(spacing=10)
        column = scroll.column
        column.setContentsMargins(16, 16, 16, 16)
        head = QHBoxLayout()
        head.setSpacing(8)
        self._name = ElidedLabel("", Role.SECTION)
        self._name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._badge = Badge()
        self._when = label("", Role.HINT)
        head.addWidget(self._name)
        head.addWidget(self._badge)
        head.addStretch(1)
        head.addWidget(self._when)
        column.addLayout(head)
        self._message = InlineMessage(Accent.RED)
        self._restart = Button(self.tr("Restart"), icon="rotate-ccw", small=True)
        self._restart.clicked.connect(self._on_restart)
        self._message.add_action(self._restart)
        self._message.hide()
        column.addWidget(self._message)
        column.addWidget(self._build_figures())
        self.timeline = RunTimeline()
        self._untold = label(self.tr("The phases of this run were not recorded."), Role.HINT)
        column.addWidget(self.timeline)
        column.addWidget(self._untold)
        column.addStretch(1)
        column.addLayout(self._build_buttons())
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(scroll)
        self.missed = MissedPage()
        self.missed.run_asked.connect(self._on_run_asked)
        self._stack.addWidget(self.missed)
        self.set_content(self._stack)

    def _build_figures(self) -> QWidget:
        self._requests = Figure(self.tr("Requests"))
        self._imported = Figure(self.tr("Imported"), Accent.GREEN)
        self._updated = Figure(self.tr("Updated"))
        self._skipped = Figure(self.tr("Skipped"))
        self._errors = Figure(self.tr("Errors"), Accent.RED)
        self._recovered = Figure(self.tr("Recovered"), Accent.GREEN)
        self._open = Figure(self.tr("Still open"), Accent.AMBER)
        self._rate = Figure(self.tr("Average rate"))
        self.figures = [
            self._requests, self._imported, self._updated, self._skipped, self._errors, self._recovered, self._open,
            self._rate,
        ]  # fmt: skip
        return CardGrid(self.figures, least=76, gap=12)

    def _build_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.again = Button(self.tr("Run again"), icon="rotate-ccw", small=True)
        self.again.clicked.connect(self._on_again)
        self._log = Button(self.tr("Open log"), icon="file-text", kind=ButtonKind.GHOST, small=True)
        self._log.clicked.connect(self._open_log)
        self.compare = Button(self.tr("Compare with previous"), icon="git-compare", kind=ButtonKind.GHOST, small=True)
        self.compare.clicked.connect(self._open_compare)
        for button in (self.again, self._log, self.compare):
            row.addWidget(button)
        row.addStretch(1)
        return row

    # reading ---------------------------------------------------------------------------------------------------

    def show_run(self, key: int) -> None:
        """Show another line of the history: a run by its number, a missed one by its key; 0 shows none."""
        if key == self._key:
            return
        self._key = key
        self._message.hide()
        if not key:
            self._detail = None
            self._stack.setCurrentIndex(0)
        self._refresh.ask_anew()

    def run_id(self) -> int:
        """The run shown, 0 for none."""
        return max(self._key, 0)

    def _work(self) -> Callable[[App], Awaitable[RunDetail | MissedDetail]] | None:
        key = self._key
        if key < 0:
            return lambda app: missed_runs.show(app, -key)
        return (lambda app: history.show(app, key)) if key else None

    def _on_jobs_changed(self, ids: frozenset[int]) -> None:
        if self._key in ids:
            self._refresh.ask()

    def _on_read(self, detail: RunDetail | MissedDetail) -> None:
        if isinstance(detail, MissedDetail):
            if detail.run.key == self._key:
                self._show_missed(detail)
        elif detail.job.id == self._key:
            self._show_detail(detail)

    def _show_missed(self, detail: MissedDetail) -> None:
        self._detail = None
        self.missed.show_missed(detail)
        self._stack.setCurrentWidget(self.missed)
        self._run_timer()

    def _show_detail(self, detail: RunDetail) -> None:
        self._detail = detail
        self._stack.setCurrentIndex(1)
        job = detail.job
        self._name.setText(job.name)
        self._badge.set_badge(*run_words.badge(detail.result))
        self._when.setText(self.tr("Run {0} · {1}").format(number(job.id), run_words.span(job)))
        self._show_totals(detail.totals)
        self.timeline.setVisible(bool(detail.phases))
        self._untold.setVisible(not detail.phases)
        self.timeline.show_run(detail)
        self.again.setEnabled(job.state.finished)
        self.compare.setEnabled(detail.before is not None)
        self._show_reason(job)
        self._run_timer()

    def _show_totals(self, totals: Totals) -> None:
        self._requests.set_value(number(totals.requests))
        for figure, value in (
            (self._imported, totals.imported),
            (self._updated, totals.updated),
            (self._skipped, totals.skipped),
            (self._errors, totals.errors),
            (self._recovered, totals.recovered),
            (self._open, totals.still_open),
        ):
            figure.set_value(number(value), quiet=not value)
        self._rate.set_value(run_words.rate(totals))

    def _show_reason(self, job: Job) -> None:
        """Why it does not get on, with the way out of a stall."""
        stalled = job.reason == STALLED
        text = job_words.reason(job) if not stalled else self.tr("Nothing was fetched or listed for ten minutes.")
        self._restart.setVisible(stalled)
        if stalled:
            self._message.set_message(Accent.AMBER, text, lead=self.tr("No progress"))
        elif text:
            self._message.set_message(Accent.RED if job.state.value == "failed" else Accent.AMBER, text)
        self._message.setVisible(bool(text))

    def _on_failed(self, error: GdvgError) -> None:
        if isinstance(error, UsageError):  # it was forgotten meanwhile
            self.show_run(0)
            return
        (self._show_error if self._key > 0 else self.missed.show_error)(error)

    def _show_error(self, error: GdvgError) -> None:
        self._restart.hide()
        self._message.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
        self._message.show()

    def _run_timer(self) -> None:
        running = self._detail is not None and self._detail.result is Result.RUNNING
        if not running or not self.isVisible():
            self._tick.stop()
        elif not self._tick.isActive():
            self._tick.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_timer()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    # acting ----------------------------------------------------------------------------------------------------

    def _on_again(self) -> None:
        job_id = self.run_id()
        self._host.call(
            self,
            lambda app: history.run_again(app, job_id),
            lambda answer: self.started.emit(*answer),
            self._show_error,
        )

    def _on_run_asked(self, task: str) -> None:
        self._host.call(
            self,
            lambda app: schedule.run_now(app, task),
            lambda _task: self.missed.say_asked(),
            self.missed.show_error,
        )

    def _on_restart(self) -> None:
        job_id = self.run_id()
        self._host.call(self, lambda app: jobs.restart(app, job_id), lambda _j: self._refresh.ask(), self._show_error)

    def _open_log(self) -> None:
        if self._host.app is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._host.app.paths.logs)))

    def _open_compare(self) -> None:
        if self._detail is None or self._detail.before is None or self._detail.before_totals is None:
            return
        self._popup = ComparePopup(self._detail, self)
        self._popup.closed.connect(self._popup.deleteLater)
        self._popup.open_under(self.compare)


class ComparePopup(Popup):
    """The figures of a run beside those of the one before it, and how they differ."""

    def __init__(self, detail: RunDetail, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Compare with previous"))
        before = detail.before
        then, now = detail.before_totals, detail.totals
        if before is None or then is None:
            raise ValueError("there is no run before this one")
        self.body.addWidget(label(self.tr("Compared with run {0}").format(number(before.id)), Role.STRONG))
        self.body.addWidget(label(run_words.span(before), Role.HINT))
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        for column, text in enumerate(("", self.tr("This run"), self.tr("Before"), self.tr("Difference"))):
            grid.addWidget(label(text, Role.HINT), 0, column, Qt.AlignmentFlag.AlignRight)
        self.rows = [
            self._row(self.tr("Time of work"), now.worked_s, then.worked_s, duration),
            self._row(self.tr("Requests"), now.requests, then.requests, _whole),
            self._row(self.tr("Imported"), now.imported, then.imported, _whole),
            self._row(self.tr("Updated"), now.updated, then.updated, _whole),
            self._row(self.tr("Skipped"), now.skipped, then.skipped, _whole),
            self._row(self.tr("Errors"), now.errors, then.errors, _whole),
            self._row(self.tr("Requests a second"), now.rate or 0.0, then.rate or 0.0, decimal),
        ]
        for at, cells in enumerate(self.rows, start=1):
            for column, text in enumerate(cells):
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                grid.addWidget(label(text, Role.BODY if column else Role.HINT), at, column, side)
        self.body.addLayout(grid)
        self.setAccessibleDescription("; ".join(", ".join(cells) for cells in self.rows))

    def _row(self, name: str, now: float, then: float, words: Callable[[float], str]) -> tuple[str, str, str, str]:
        more = now - then
        sign = "+" if more > 0 else "\N{MINUS SIGN}" if more < 0 else ""
        return name, words(now), words(then), f"{sign}{words(abs(more))}" if more else "0"


def _whole(value: float) -> str:
    return number(round(value))
