"""The queue as rows of plain words: what the list paints, what a screen reader reads, what a refresh compares."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from gdvg_desktop.commands.jobs import Queue
from gdvg_desktop.core.kinds import JobState, Wanted
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.sync.engine import JobPace
from gdvg_desktop.ui.models import job_words
from gdvg_desktop.ui.models.job_words import BadgeWords, Count
from gdvg_desktop.ui.phrases import clock_time, counted, decimal, duration
from gdvg_desktop.ui.tokens import Accent

translate = QCoreApplication.translate


class RowKind(StrEnum):
    """A job with its own card, the head of the finished ones, and a finished job."""

    JOB = "job"
    HEAD = "head"
    DONE = "done"


class Act(StrEnum):
    """What can be done with a row; the first of a row's acts is its main button.

    Bury and keep answer a job that found many titles deleted at TMDb: mark them as deleted, or keep everything.
    """

    PAUSE = "pause"
    RESUME = "resume"
    BURY = "bury"
    KEEP = "keep"
    RETRY = "retry"
    RAISE = "raise"
    CANCEL = "cancel"
    MORE = "more"
    FOLD = "fold"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One row, all words. `share` is None for an unknown total; `bar` False for rows without one.

    `note` is quiet, `strong` follows it emphasised; `acts` are the row's buttons from left to right. `place` counts the
    row among the unfinished jobs from 0 (-1 for others), `folded` and `last` shape the finished section.
    """

    kind: RowKind
    job_id: int
    name: str
    badge: BadgeWords
    acts: tuple[Act, ...] = ()
    place: int = -1
    scope: str = ""
    bar: bool = False
    share: float | None = 0.0
    progress: str = ""
    counts: tuple[Count, ...] = ()
    note: str = ""
    strong: str = ""
    folded: bool = False
    last: bool = False

    @property
    def key(self) -> tuple[str, int]:
        """What makes it the same row after a refresh."""
        return ("head" if self.kind is RowKind.HEAD else "job", self.job_id)

    def spoken(self) -> str:
        """The row as a screen reader reads it."""
        order = str(self.place + 1) if self.place >= 0 else ""
        figures = ", ".join(count.text for count in self.counts)
        parts = (order, self.name, self.badge.text, self.progress, self.scope, figures, self.note, self.strong)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class QueueView:
    """What rows are made from, beside the queue itself.

    `since_ms` is the start of today; `rates` are requests a second by job; `outage` is the connection's trouble in a
    sentence, "" when TMDb answers; `slots` how many jobs may run at once.
    """

    countries: Mapping[str, str]
    rates: Mapping[int, float]
    since_ms: int
    outage: str = ""
    folded: bool = False


def build_rows(queue: Queue, view: QueueView) -> list[QueueRow]:
    """Unfinished jobs in order, failed ones after them, then what finished today."""
    rows = [_job_row(queue, job, place, view) for place, job in enumerate(queue.jobs)]
    rows += [_job_row(queue, job, -1, view) for job in queue.finished if job.state is JobState.FAILED]
    done = finished_today(queue, view.since_ms)
    if done:
        rows.append(_head(done, folded=view.folded))
        if not view.folded:
            rows += [_done_row(job, last=job is done[-1]) for job in done]
    return rows


def finished_today(queue: Queue, since_ms: int) -> list[Job]:
    """Jobs completed or cancelled since `since_ms`, newest first."""
    return [job for job in queue.finished if job.state is not JobState.FAILED and (job.completed_at or 0) >= since_ms]


def _job_row(queue: Queue, job: Job, place: int, view: QueueView) -> QueueRow:
    waiting = job.state in (JobState.PENDING, JobState.INTERRUPTED)
    progress = job_words.progress(job, queue.pages.get(job.id))
    note, strong = _notes(queue, job, place, view)
    bar = not waiting
    share = progress.share if job.state is JobState.RUNNING else progress.share or 0.0
    return QueueRow(
        kind=RowKind.JOB,
        job_id=job.id,
        name=job.name,
        badge=job_words.badge(job),
        acts=_acts(job, place),
        place=place,
        scope=job_words.scope(job, view.countries),
        bar=bar,
        share=share,
        progress=progress.text if bar or job.total else "",
        counts=job_words.counts(job) if bar else (),
        note=note,
        strong=strong,
    )


def _acts(job: Job, place: int) -> tuple[Act, ...]:
    if job.state.finished:
        return (Act.RETRY, Act.MORE)
    if job.wanted is Wanted.CANCEL:
        return (Act.MORE,)
    if job_words.asks_about_deletions(job):
        return (Act.BURY, Act.KEEP, Act.MORE)
    if job.state is JobState.PAUSED or job.wanted is Wanted.PAUSE:
        return (Act.RESUME, Act.CANCEL, Act.MORE)
    if job.state is JobState.RUNNING or place == 0:
        return (Act.PAUSE, Act.CANCEL, Act.MORE)
    return (Act.RAISE, Act.CANCEL, Act.MORE)


def _notes(queue: Queue, job: Job, place: int, view: QueueView) -> tuple[str, str]:
    if job.state is JobState.RUNNING:
        return _running_notes(job, queue.pace.get(job.id), view)
    if job.state is JobState.PENDING:
        return _waiting_notes(queue, place)
    return job_words.reason(job), ""


def _running_notes(job: Job, pace: JobPace | None, view: QueueView) -> tuple[str, str]:
    if view.outage:
        return view.outage, ""
    parts = []
    if pace is not None and pace.titles_per_second > 0:
        parts.append(translate("Queue", "{0} titles/s").format(decimal(pace.titles_per_second)))
    rate = view.rates.get(job.id)
    if rate:
        parts.append(translate("Queue", "{0} req/s").format(decimal(rate)))
    left = ""
    if pace is not None and pace.seconds_left is not None and not job_words.is_listing(job):
        left = translate("Queue", "{0} left").format(duration(pace.seconds_left))
    return " · ".join(parts), left


def _waiting_notes(queue: Queue, place: int) -> tuple[str, str]:
    """When a pending job starts: for the first one the time is known, the others follow the one before them."""
    before = [job for job in queue.jobs[:place] if job.state in (JobState.PENDING, JobState.INTERRUPTED)]
    if before:
        number = next(i for i, job in enumerate(queue.jobs, start=1) if job is before[-1])
        return translate("Queue", "Waiting. Starts after job {0}.").format(number), ""
    ends = [pace.seconds_left for pace in queue.pace.values() if pace.seconds_left is not None]
    if not ends:
        return translate("Queue", "Waiting. Starts when a slot is free."), ""
    soonest = duration(min(ends))
    return translate("Queue", "Waiting. Starts when a slot is free, in about"), soonest


def _head(done: list[Job], *, folded: bool) -> QueueRow:
    count = counted(len(done), translate("Queue", "{0} job"), translate("Queue", "{0} jobs"))
    return QueueRow(
        kind=RowKind.HEAD,
        job_id=0,
        name=translate("Queue", "Finished today"),
        badge=BadgeWords("", Accent.SLATE, ""),
        acts=(Act.FOLD, Act.CLEAR),
        note=count,
        folded=folded,
    )


def _done_row(job: Job, *, last: bool) -> QueueRow:
    ended = job.completed_at or job.updated_at
    took = (ended - (job.started_at or ended)) / 1000
    strong = translate("Queue", "{0}, took {1}").format(clock_time(ended), duration(took))
    return QueueRow(
        kind=RowKind.DONE,
        job_id=job.id,
        name=job.name,
        badge=job_words.badge(job),
        acts=(Act.MORE,),
        note=job_words.outcome(job),
        strong=strong if job.started_at else clock_time(ended),
        last=last,
    )
