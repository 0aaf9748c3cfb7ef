"""The figures of the gaps screen, read once for all its panels: the summary and the job that fills or analyses.

Re-read after every hint while any of the panels can be seen; when all are hidden a hint only marks the figures stale.
Counting a large registry takes a while, so the next count waits the longer the last one took.
"""

import time
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import gaps, jobs
from gdvg_desktop.commands.gaps import FillRequest, GapFilter, GapSummary
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.core.kinds import JobKind, JobState, MediaType
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.sync.engine import JobPace
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.host import Call, Host

LEAST_GAP_MS = 250
RESTS = 8  # a count may take one part in so many of the time
_FIRST = {JobState.RUNNING: 0, JobState.PAUSED: 1, JobState.INTERRUPTED: 2, JobState.PENDING: 3}


@dataclass(frozen=True, slots=True)
class GapWork:
    """What is being done about gaps: the job that fills or analyses them, how fast, and how many more wait."""

    job: Job
    pace: JobPace | None
    waiting: int


class GapFeed(QObject):
    """`changed(GapSummary)`, `work_changed(GapWork or None)`, `failed(GdvgError)`; `latest` and `work` keep them.

    `started(Job, bool)` follows `fill` and `analyze`: the job and whether it is new.
    """

    changed = Signal(object)
    work_changed = Signal(object)
    failed = Signal(object)
    started = Signal(object, bool)

    def __init__(self, host: Host, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._panels: list[QWidget] = []
        self._count_stale = self._work_stale = True
        self._call: Call | None = None
        self._began = 0.0
        self.latest: GapSummary | None = None
        self.work: GapWork | None = None
        self._gap = QTimer(self)
        self._gap.setSingleShot(True)
        self._gap.timeout.connect(self._read)
        for hint in (bridge.gaps_changed, bridge.titles_changed, bridge.coverage_changed, bridge.library_replaced):
            hint.connect(self.ask)
        for hint in (bridge.jobs_changed, bridge.queue_changed):
            hint.connect(self._ask_work)
        host.opened.connect(self._on_opened)
        host.crashed.connect(self._on_crash)

    def join(self, panel: QWidget) -> None:
        """Keep the figures fresh while this panel can be seen."""
        self._panels.append(panel)
        panel.installEventFilter(self)

    def ask(self) -> None:
        """Gaps changed."""
        self._count_stale = self._work_stale = True
        self._soon()

    def _ask_work(self) -> None:
        self._work_stale = True
        self._soon()

    def _on_opened(self) -> None:
        self._call = None  # an app that closed has answered nobody
        self.ask()

    def _on_crash(self, _error: object) -> None:
        self._call = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._soon()
        return super().eventFilter(watched, event)

    def stop(self) -> None:
        """Ask no more: the window is closing, and its panels go with it."""
        self._gap.stop()
        self._panels.clear()
        if self._call is not None:
            self._call.cancel()

    def _seen(self) -> bool:
        return any(panel.isVisible() for panel in self._panels)

    def _soon(self) -> None:
        if not self._gap.isActive() and self._call is None:
            self._gap.start(0)

    def _read(self) -> None:
        wanted = self._count_stale or self._work_stale
        if not wanted or self._host.app is None or self._call is not None or not self._seen():
            return
        count = self._count_stale
        self._count_stale = self._work_stale = False
        self._began = time.monotonic()

        async def read(app: App) -> tuple[GapSummary | None, GapWork | None]:
            return (await gaps.summary(app) if count else None), await _work(app)

        self._call = self._host.call(self, read, self._on_read, self._on_failed)

    def _on_read(self, found: tuple[GapSummary | None, GapWork | None]) -> None:
        self._call = None
        summary, work = found
        took_ms = (time.monotonic() - self._began) * 1000
        if summary is not None:
            self.latest = summary
            self.changed.emit(summary)
        if work != self.work:
            self.work = work
            self.work_changed.emit(work)
        self._gap.start(max(LEAST_GAP_MS, round(took_ms * RESTS) if summary is not None else 0))

    def _on_failed(self, error: GdvgError) -> None:
        self._call = None
        self.failed.emit(error)

    # acting ----------------------------------------------------------------------------------------------------

    def analyze(self) -> None:
        """Queue an analysis."""
        self._host.call(self, gaps.analyze, self._on_started, self.failed.emit)

    def fill(self, request: FillRequest) -> None:
        """Queue a fill."""
        self._host.call(self, lambda app: gaps.fill(app, request), self._on_started, self.failed.emit)

    def fill_months(self, months: tuple[str, ...], types: tuple[MediaType, ...]) -> None:
        """Queue one fill of what several release months (YYYY-MM) lack."""

        async def work(app: App) -> tuple[Job, bool]:
            keys: list[int] = []
            for month in months:
                found = await gaps.gap_ids(app, GapFilter(media_types=types, month=month))
                keys += (int(key) for key in found)
            if not keys:
                raise UsageError(
                    "No open gap is known in these months.", "Analyse again: the months are then listed title by title."
                )
            return await gaps.fill(app, FillRequest(keys=tuple(keys), types=types))

        self._host.call(self, work, self._on_started, self.failed.emit)

    def _on_started(self, answer: tuple[Job, bool]) -> None:
        self._ask_work()
        self.started.emit(*answer)


class Calm(QObject):
    """Hands hints on at a rate the reading behind them can bear: the longer it takes, the longer the next one waits."""

    due = Signal()
    LEAST_MS = 1000

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._pass_on)
        self._wait_ms = self.LEAST_MS
        self._began = 0.0

    def hint(self) -> None:
        """Something changed."""
        if not self._timer.isActive():
            self._timer.start(self._wait_ms)

    def _pass_on(self) -> None:
        self._began = time.monotonic()
        self.due.emit()

    def answered(self) -> None:
        """The reading is done."""
        if self._began:
            took_ms = (time.monotonic() - self._began) * 1000
            self._wait_ms = max(self.LEAST_MS, round(took_ms * RESTS))
            self._began = 0.0


async def _work(app: App) -> GapWork | None:
    """The job most in work, fills before analyses."""
    queue = await jobs.queue(app, to_millis(app.clock.now()) + 1)  # none of the finished ones
    mine = [job for job in queue.jobs if job.kind in (JobKind.FILL, JobKind.ANALYZE)]
    if not mine:
        return None
    first = min(mine, key=lambda job: (_FIRST.get(job.state, 9), job.kind is not JobKind.FILL, job.position))
    return GapWork(first, queue.pace.get(first.id), len(mine) - 1)
