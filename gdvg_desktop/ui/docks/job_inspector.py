"""One job close up: its figures, its pace, its log, and what failed, with the way to try again."""

import time
from collections.abc import Awaitable, Callable

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import imports, jobs
from gdvg_desktop.commands.jobs import JobDetail
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.job_log import JobLogPage
from gdvg_desktop.ui.docks.job_pages import FailedPage, WindowsPage
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import job_words
from gdvg_desktop.ui.models.job_facts import facts
from gdvg_desktop.ui.phrases import decimal, number, percent
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.cards import CountTile
from gdvg_desktop.ui.widgets.charts import LineChart, Series
from gdvg_desktop.ui.widgets.chips import Chip, ChipKind
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.fact_grid import FactGrid
from gdvg_desktop.ui.widgets.flow import FlowLayout
from gdvg_desktop.ui.widgets.labels import ElidedLabel, SectionHeader, label
from gdvg_desktop.ui.widgets.layouts import CardGrid, ScrollColumn
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage
from gdvg_desktop.ui.widgets.progress import HEADLINE, ProgressBar
from gdvg_desktop.ui.widgets.segmented import Segmented

translate = QCoreApplication.translate
TICK_MS = 1000
CHART_HEIGHT = 128
STEP_S = 5  # between two points of the pacer's history
LOG, FAILED, WINDOWS = "log", "failed", "windows"


class JobInspectorDock(DockPanel):
    """Shows the job given to `show_job`."""

    KEY = "job_inspector"

    def __init__(self, host: Host, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(
            self.KEY, translate("JobInspectorDock", "Job inspector"), "panel-right", padding=0, parent=parent
        )
        self._host = host
        self._job_id = 0
        self._log = JobLogPage(host, bridge)
        self._build()
        self._refresh = Refresh(self, host, self._work, self._on_read, self._on_failed)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._refresh.ask)
        bridge.jobs_changed.connect(self._on_jobs_changed)
        bridge.queue_changed.connect(self._refresh.ask)
        bridge.library_replaced.connect(self._refresh.ask)

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        empty = EmptyState(
            "panel-right",
            self.tr("No job chosen"),
            self.tr("Choose a job in the queue to see its figures, its log and what failed."),
        )
        scroll = ScrollColumn(spacing=12)
        column = scroll.column
        column.setContentsMargins(16, 16, 16, 16)
        self._message = InlineMessage()
        self._message.hide()
        column.addLayout(self._build_title())
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips)
        column.addWidget(self._chips)
        column.addLayout(self._build_bar())
        column.addWidget(self._message)
        column.addWidget(self._build_tiles())
        self._facts = FactGrid(label_width=104)
        column.addWidget(self._facts)
        self._chart = LineChart(self.tr("Throughput"))
        self._chart.setFixedHeight(CHART_HEIGHT)
        self._chart.set_empty(self.tr("Requests a second appear here."))
        self._chart_at = 0.0
        head = SectionHeader(self.tr("Throughput"))
        head.add_right(label(self.tr("req/s, last 5 min, all jobs"), Role.HINT))
        column.addWidget(head)
        column.addWidget(self._chart)
        column.addLayout(self._build_pages())
        column.addWidget(self._page, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(scroll)
        self.set_content(self._stack)

    def _build_title(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._name = ElidedLabel("", Role.SECTION)
        self._badge = Badge()
        row.addWidget(self._name, 1)
        row.addWidget(self._badge)
        return row

    def _build_bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        self._progress = ProgressBar(HEADLINE)
        self._percent = label("", Role.ROW_TITLE)
        row.addWidget(self._progress, 1)
        row.addWidget(self._percent)
        return row

    def _build_tiles(self) -> QWidget:
        self._imported = CountTile(self.tr("Imported"), Accent.GREEN)
        self._failed = CountTile(self.tr("Failed"), Accent.RED)
        self._skipped = CountTile(self.tr("Skipped"))
        self._left = CountTile(self.tr("Left"))
        return CardGrid([self._imported, self._failed, self._skipped, self._left], least=80, gap=8)

    def _build_pages(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._which = Segmented(
            [(LOG, self.tr("Live log")), (FAILED, self.tr("Failed")), (WINDOWS, self.tr("Windows"))],
            small=True,
            name=self.tr("Log, failed titles or listing windows"),
        )
        self._which.chosen.connect(self._on_page)
        row.addWidget(self._which)
        row.addStretch(1)
        row.addWidget(self._log.levels)
        self._failed_page = FailedPage()
        self._failed_page.retry_asked.connect(self._retry)
        self._windows_page = WindowsPage()
        self._page = QStackedWidget()
        for page in (self._log, self._failed_page, self._windows_page):
            self._page.addWidget(page)
        self._page.setMinimumHeight(200)
        return row

    def _on_page(self, value: str) -> None:
        self._page.setCurrentIndex((LOG, FAILED, WINDOWS).index(value))
        self._log.levels.setVisible(value == LOG)

    # reading ---------------------------------------------------------------------------------------------------

    def show_job(self, job_id: int) -> None:
        """Show another job; 0 shows none."""
        if job_id == self._job_id:
            return
        self._job_id = job_id
        self._message.hide()
        self._log.show_job(job_id)
        if not job_id:
            self._stack.setCurrentIndex(0)
        self._refresh.ask_anew()

    def job_id(self) -> int:
        """The job shown, 0 for none."""
        return self._job_id

    def _work(self) -> Callable[[App], Awaitable[tuple[JobDetail, dict[str, str]]]] | None:
        job_id = self._job_id
        if not job_id:
            return None

        async def read(app: App) -> tuple[JobDetail, dict[str, str]]:
            return await jobs.show(app, job_id), dict((await imports.choices(app)).countries)

        return read

    def _on_jobs_changed(self, ids: frozenset[int]) -> None:
        if self._job_id in ids:
            self._refresh.ask()

    def _on_failed(self, error: GdvgError) -> None:
        if isinstance(error, UsageError):  # it was taken out of the list
            self.show_job(0)
            return
        self._show_error(error)

    def _show_error(self, error: GdvgError) -> None:
        self._message.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
        self._message.show()

    def _on_read(self, answer: tuple[JobDetail, dict[str, str]]) -> None:
        detail, countries = answer
        if detail.job.id != self._job_id:
            return
        job = detail.job
        if job.cleared:
            self.show_job(0)
            return
        self._stack.setCurrentIndex(1)
        self._name.setText(job.name)
        self._badge.set_badge(*job_words.badge(job))
        self._set_chips(job_words.scope_chips(job, countries))
        self._show_progress(job, detail.pages)
        for tile, count in (
            (self._imported, job.added + job.updated),
            (self._failed, job.failed),
            (self._skipped, job.skipped),
            (self._left, max(job.left, 0)),
        ):
            tile.set_value(number(count), quiet=count == 0)
        self._facts.set_facts(facts(detail, round(time.time() * 1000)))
        self._failed_page.show_items(detail.failed, job.failed)
        self._windows_page.show_rows(detail.windows)
        self._which.setTabText(1, self.tr("Failed {0}").format(number(job.failed)) if job.failed else self.tr("Failed"))
        why = job_words.reason(job)
        if why and job.state is not JobState.CANCELLED:
            accent = Accent.RED if job.state is JobState.FAILED else Accent.AMBER
            self._message.set_message(accent, why)
        self._message.setVisible(bool(why) and job.state is not JobState.CANCELLED)
        self._run_timer(job.state is JobState.RUNNING)
        self._draw_chart()

    def _show_progress(self, job: Job, pages: tuple[int, int]) -> None:
        progress = job_words.progress(job, pages)
        accent = job_words.bar_accent(job)
        self._progress.setAccessibleName(job.name)
        self._progress.set_accent(accent, f"{progress.text}, {job_words.badge(job).text}")
        if progress.share is None and job.state is JobState.RUNNING:
            self._progress.set_unknown()
            self._percent.setText(progress.text)
        else:
            self._progress.set_share(progress.share or 0.0, 1.0)
            listing = job_words.is_listing(job) and job.state is JobState.RUNNING
            self._percent.setText(progress.text if listing else percent(progress.share or 0.0))

    def _set_chips(self, words: list[str]) -> None:
        """The filter as chips; they are made anew only when they change."""
        shown = [chip.text() for chip in self._chips.findChildren(Chip)]
        if shown == words:
            return
        for chip in self._chips.findChildren(Chip):
            self._flow.removeWidget(chip)
            chip.setParent(None)
            chip.deleteLater()
        for word in words:
            self._flow.addWidget(Chip(word, ChipKind.FACT))
        self._chips.updateGeometry()

    # the chart -------------------------------------------------------------------------------------------------

    def _draw_chart(self) -> None:
        """Requests a second over the last five minutes, at most once a second."""
        app = self._host.app
        now = time.monotonic()
        if app is None or now - self._chart_at < 1.0:
            return
        history = app.client.status().pacer.history
        if any(history):
            self._chart_at = now
            self._draw(history)

    def _draw(self, history: tuple[float, ...]) -> None:
        """The pacer's history: requests a second in steps of `STEP_S`, oldest first."""
        count = len(history)
        labels = [self._point_name((count - 1 - i) * STEP_S) for i in range(count)]
        labels[0] = self.tr("-{0} min").format(count * STEP_S // 60)
        self._chart.set_data(
            labels,
            [Series(self.tr("req/s"), Accent.BLUE, history)],
            number=lambda value: decimal(value, 0 if value == round(value) else 1),
            dots=False,
            label_at=(0, count // 2 - 1, count - 1),
        )

    def _point_name(self, seconds: int) -> str:
        if seconds == 0:
            return self.tr("now")
        return f"-{seconds // 60}:{seconds % 60:02}"

    # acting ----------------------------------------------------------------------------------------------------

    def _retry(self) -> None:
        job_id = self._job_id
        self._host.call(self, lambda app: jobs.retry(app, job_id), lambda _n: self._refresh.ask(), self._show_error)

    def _run_timer(self, running: bool) -> None:
        if not running or not self.isVisible():
            self._tick.stop()
        elif not self._tick.isActive():
            self._tick.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()
