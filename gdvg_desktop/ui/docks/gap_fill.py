"""The strip under the gaps screen: the fill or analysis under way, with its progress. Hidden while there is none."""

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gdvg_desktop.commands import jobs
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import JobKind, JobState, Wanted
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import job_words
from gdvg_desktop.ui.models.gap_feed import GapFeed, GapWork
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.labels import ElidedLabel, label
from gdvg_desktop.ui.widgets.progress import ROW, ProgressBar

BAR_MIN, BAR_MAX = 96, 320
HIDE_AFTER_MS = 600  # between one job and the next the strip would only blink


class GapFill(Card):
    """`job_asked(int)` leads to the job in the queue. Shown when its screen is and there is work."""

    job_asked = Signal(int)

    def __init__(self, host: Host, feed: GapFeed, parent: QWidget | None = None) -> None:
        super().__init__(padding=0, parent=parent)
        self._host = host
        self._work: GapWork | None = None
        self._on_screen = False
        self._badge = Badge()
        self._name = ElidedLabel("", Role.STRONG)
        self._bar = ProgressBar(ROW, Accent.BLUE)
        self._bar.setMinimumWidth(BAR_MIN)
        self._bar.setMaximumWidth(BAR_MAX)
        self._progress = label("", Role.STRONG)
        self._counts = ElidedLabel("", Role.HINT)
        self._pause = Button(self.tr("Pause"), icon="pause", small=True)
        self._show_job = Button(self.tr("Show in queue"), icon="arrow-right", kind=ButtonKind.GHOST, small=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(17, 11, 17, 11)
        row.setSpacing(12)
        row.addWidget(self._badge)
        row.addWidget(self._name, 2)
        row.addWidget(self._bar, 3)
        row.addWidget(self._progress)
        row.addWidget(self._counts, 4)
        row.addWidget(self._pause)
        row.addWidget(self._show_job)
        self._pause.clicked.connect(self._on_pause)
        self._show_job.clicked.connect(lambda: self._work is not None and self.job_asked.emit(self._work.job.id))
        self._gone = QTimer(self)
        self._gone.setSingleShot(True)
        self._gone.setInterval(HIDE_AFTER_MS)
        self._gone.timeout.connect(self._settle)
        feed.work_changed.connect(self._on_work)
        feed.join(self)

    # showing ---------------------------------------------------------------------------------------------------

    def setVisible(self, visible: bool) -> None:
        """Whether the strip's screen is shown; the strip itself needs work to show as well."""
        self._on_screen = visible
        self._settle()

    def _settle(self) -> None:
        super().setVisible(self._on_screen and self._work is not None)

    def _on_work(self, work: GapWork | None) -> None:
        if work is None:
            if self._work is not None:
                self._work = None
                self._gone.start()
            return
        self._gone.stop()
        self._work = work
        self._show_work(work)
        self._settle()

    def _show_work(self, work: GapWork) -> None:
        job = work.job
        badge = job_words.badge(job)
        if job.state is JobState.RUNNING and job.wanted is Wanted.RUN:
            word = self.tr("Filling") if job.kind is JobKind.FILL else self.tr("Analysing")
            badge = badge._replace(text=word, icon="play" if job.kind is JobKind.FILL else "scan-search")
        self._badge.set_badge(*badge)
        self._name.setText(job.name)
        self._name.setMaximumWidth(self._name.sizeHint().width() + 4)
        self._show_progress(job, work)
        stopped = job.wanted is Wanted.PAUSE or job.state is JobState.PAUSED
        self._pause.setText(self.tr("Resume") if stopped else self.tr("Pause"))
        self._pause.set_icon("play" if stopped else "pause")
        self._pause.setEnabled(job.state is not JobState.RUNNING or job.wanted is Wanted.RUN)
        self.setAccessibleName(f"{badge.text}: {job.name}, {self._progress.text()}, {self._counts.text()}")

    def _show_progress(self, job: Job, work: GapWork) -> None:
        self._bar.set_accent(job_words.bar_accent(job), job_words.badge(job).text)
        self._bar.setAccessibleName(job.name)
        fetching = job.kind is JobKind.FILL and job.total > 0
        if fetching:
            self._bar.set_share(job.done, job.total)
            done, total = phrases.number(job.done), phrases.number(job.total)
            self._progress.setText(self.tr("{0} of {1}").format(done, total))
        elif job.state is JobState.RUNNING:
            self._bar.set_unknown()
            self._progress.setText(
                phrases.counted(job.requests, self.tr("{0} request"), self.tr("{0} requests")) if job.requests else ""
            )
        else:
            self._bar.set_share(0, 1)
            self._progress.setText("")
        self._progress.setVisible(bool(self._progress.text()))
        self._counts.setText(", ".join(self._parts(job, work)))

    def _parts(self, job: Job, work: GapWork) -> list[str]:
        parts = []
        if job.kind is JobKind.FILL and job.total:
            filled = job.added + job.updated + job.unchanged
            parts.append(self.tr("{0} filled").format(phrases.number(filled)))
            if job.failed:
                parts.append(self.tr("{0} failed").format(phrases.number(job.failed)))
        elif job.state is JobState.RUNNING:
            parts.append(
                self.tr("reading what is missing")
                if job.kind is JobKind.FILL
                else self.tr("comparing export, release months and library")
            )
        if work.pace is not None and work.pace.seconds_left is not None and job.total:
            parts.append(self.tr("{0} left").format(phrases.duration(work.pace.seconds_left)))
        if job.state is JobState.PAUSED and (reason := job_words.reason(job)):
            parts.append(reason)
        if work.waiting:
            parts.append(
                phrases.counted(work.waiting, self.tr("{0} more in the queue"), self.tr("{0} more in the queue"))
            )
        return parts

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_bar"):
            self._bar.setMaximumWidth(theme_of(self).px(BAR_MAX))
        super().changeEvent(event)

    # acting ----------------------------------------------------------------------------------------------------

    def _on_pause(self) -> None:
        if self._work is None:
            return
        job = self._work.job
        stopped = job.wanted is Wanted.PAUSE or job.state is JobState.PAUSED
        steer = jobs.resume if stopped else jobs.pause
        self._pause.setEnabled(False)
        self._host.call(self, lambda app: steer(app, job.id), None, self._on_failed)

    def _on_failed(self, error: GdvgError) -> None:
        self._counts.setText(f"{error.message} {error.hint}".strip())
        self._pause.setEnabled(True)
