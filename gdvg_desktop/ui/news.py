"""Short news at the window's corner: an import that finished or failed."""

from PySide6.QtCore import QObject, Signal

from gdvg_desktop.commands import jobs
from gdvg_desktop.commands.jobs import JobDetail
from gdvg_desktop.commands.overview import Overview
from gdvg_desktop.core.kinds import JobKind, JobState
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.phrases import counted, number
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.toasts import Action


class News(QObject):
    """`job_asked(int)`, `titles_asked()` and `gaps_asked()` are the ways a toast offers."""

    job_asked = Signal(int)
    titles_asked = Signal()
    gaps_asked = Signal()

    def __init__(self, window: MainWindow, host: Host, feed: OverviewFeed) -> None:
        super().__init__(window)
        self._window, self._host = window, host
        self._running: set[int] = set()
        self._latest: int | None = None  # when the job that ended last did so (unix ms); None before the first look
        feed.changed.connect(self._on_overview)

    def _on_overview(self, found: Overview) -> None:
        """Jobs that ran at the last look and do not now, and one that was over before it was seen running."""
        now = {job.id for job in found.running}
        ended = self._running - now
        last = found.last_finished
        at = last.completed_at or 0 if last is not None else 0
        if last is not None and self._latest is not None and at > self._latest:
            ended.add(last.id)
        for job_id in ended:
            self._look_at(job_id)
        self._running, self._latest = now, max(at, self._latest or 0)

    def _look_at(self, job_id: int) -> None:
        self._host.call(self, lambda app: jobs.show(app, job_id), self._on_job)

    def _on_job(self, detail: JobDetail) -> None:
        job = detail.job
        if job.state is JobState.COMPLETED and job.kind is JobKind.ANALYZE:
            self._tell_analysed(job)
        elif job.state is JobState.COMPLETED:
            self._tell_finished(job)
        elif job.state is JobState.FAILED:
            self._window.toast(
                Accent.RED,
                self.tr("{0} failed").format(job.name),
                self.tr("Part of its listing could not be read. Retry it in the queue."),
                (self.tr("Open queue"), lambda: self.job_asked.emit(job.id)),
            )

    def _tell_analysed(self, job: Job) -> None:
        missing, incomplete = job.summary.get("missing_titles", 0), job.summary.get("incomplete_titles", 0)
        if missing or incomplete:
            words = counted(missing, self.tr("{0} missing title"), self.tr("{0} missing titles"))
            sentence = self.tr("{0}, {1} incomplete.").format(words, number(incomplete))
        else:
            sentence = self.tr("No gap is open.")
        self._window.toast(
            Accent.GREEN,
            self.tr("{0} finished").format(job.name),
            sentence,
            (self.tr("View gaps"), self.gaps_asked.emit),
        )

    def _tell_finished(self, job: Job) -> None:
        filled = job.kind is JobKind.FILL
        got = job.added + job.updated + job.unchanged if filled else job.added
        parts = [(self.tr("{0} filled") if filled else self.tr("{0} imported")).format(number(got))]
        if job.updated and not filled:
            parts.append(self.tr("{0} updated").format(number(job.updated)))
        if job.skipped:
            parts.append(self.tr("{0} skipped").format(number(job.skipped)))
        if job.failed:
            parts.append(self.tr("{0} failed").format(number(job.failed)))
        acts: list[Action] = [(self.tr("View titles"), self.titles_asked.emit)]
        if job.failed:
            words = counted(job.failed, self.tr("Review {0} error"), self.tr("Review {0} errors"))
            acts.append((words, lambda: self.job_asked.emit(job.id)))
        accent = Accent.AMBER if job.failed else Accent.GREEN
        self._window.toast(accent, self.tr("{0} finished").format(job.name), ", ".join(parts) + ".", *acts)

    def tell_same_job(self) -> None:
        """An import was asked for twice."""
        self._window.toast(
            Accent.BLUE,
            self.tr("This import is in the queue already"),
            self.tr("The same filters are one job until it has finished."),
        )
