"""A job's facts as the inspector lists them: a word, a value, a quiet note and a tooltip."""

from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from gdvg_desktop.commands.jobs import JobDetail
from gdvg_desktop.store.windows import WindowRow
from gdvg_desktop.ui.models import job_words
from gdvg_desktop.ui.phrases import ago, counted, decimal, duration, moment, number, utc

translate = QCoreApplication.translate


class JobFact(NamedTuple):
    """One line: what, its value, a quiet note after it, a tooltip."""

    name: str
    value: str
    note: str = ""
    tip: str = ""


def facts(detail: JobDetail, now_ms: int) -> list[JobFact]:
    """What there is to say of a job at `now_ms`; lines without anything to say are left out."""
    job = detail.job
    found = [_started(detail, now_ms)]
    if job.completed_at is not None:
        took = (job.completed_at - (job.started_at or job.completed_at)) / 1000
        note = translate("Job", "took {0}").format(duration(took))
        found.append(JobFact(translate("Job", "Ended"), moment(job.completed_at, now_ms), note, utc(job.completed_at)))
    pace = detail.pace
    if pace is not None and pace.seconds_left is not None and not job_words.is_listing(job):
        speed = translate("Job", "at {0} titles/s").format(decimal(pace.titles_per_second))
        found.append(JobFact(translate("Job", "Time left"), duration(pace.seconds_left), speed))
    found.append(_requests(detail))
    checkpoint = _checkpoint(detail, now_ms)
    if checkpoint is not None:
        found.append(checkpoint)
    if job.updated:
        found.append(JobFact(translate("Job", "Updated"), number(job.updated), translate("Job", "of the imported")))
    if job.gone:
        found.append(JobFact(translate("Job", "Gone"), number(job.gone), translate("Job", "no longer at TMDb")))
    if job.unlisted:
        reported = number(job.reported or 0)
        note = translate("Job", "of {0} TMDb reports").format(reported)
        found.append(JobFact(translate("Job", "Not listed"), number(job.unlisted), note))
    broken = sum(row.failed for row in detail.windows)
    if broken:
        words = counted(broken, translate("Job", "{0} failed"), translate("Job", "{0} failed"))
        note = translate("Job", "Retry walks them again")
        found.append(JobFact(translate("Job", "Windows"), words, note))
    return found


def _started(detail: JobDetail, now_ms: int) -> JobFact:
    job = detail.job
    if job.started_at is None:
        queued = translate("Job", "queued at {0}").format(moment(job.created_at, now_ms))
        return JobFact(translate("Job", "Started"), translate("Job", "not yet"), queued, utc(job.created_at))
    return JobFact(translate("Job", "Started"), moment(job.started_at, now_ms), "", utc(job.started_at))


def _requests(detail: JobDetail) -> JobFact:
    job = detail.job
    pages = max(detail.pages[1] - detail.pages[0], 0) if job_words.is_listing(job) else 0
    left = max(job.left, 0) + pages
    sent = translate("Job", "{0} sent").format(number(job.requests))
    note = "" if job.state.finished else translate("Job", "about {0} left").format(number(left)) if left else ""
    return JobFact(translate("Job", "Requests"), sent, note)


def _checkpoint(detail: JobDetail, now_ms: int) -> JobFact | None:
    """Where the job would go on: the window it listed last, or the titles stored."""
    job = detail.job
    synced = [row for row in detail.windows if row.last_synced_at is not None]
    if job_words.is_listing(job) and synced:
        row = max(synced, key=lambda one: one.last_synced_at or 0)
        value = translate("Job", "{0}, {1}").format(job_words.window_words(row), _page(row))
        return JobFact(translate("Job", "Checkpoint"), value, _since(row.last_synced_at, now_ms))
    if job.total and not job.state.finished:
        value = translate("Job", "title {0} of {1}").format(number(job.done), number(job.total))
        return JobFact(translate("Job", "Checkpoint"), value, _since(job.updated_at, now_ms))
    return None


def _page(row: WindowRow) -> str:
    if row.total_pages is None:
        return translate("Job", "page {0}").format(number(row.last_page))
    return translate("Job", "page {0} of {1}").format(number(row.last_page), number(row.total_pages))


def _since(at_ms: int | None, now_ms: int) -> str:
    return ago((now_ms - at_ms) / 1000) if at_ms is not None else ""
