"""From what the commands return to the documents of the API, and from its requests to what commands take."""

from datetime import datetime
from typing import Any

from gdvg_desktop.api import shapes
from gdvg_desktop.commands.gaps import Gap, GapSummary
from gdvg_desktop.commands.history import Run
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.commands.missed_runs import MissedRun
from gdvg_desktop.commands.overview import Overview
from gdvg_desktop.commands.presets import PresetView
from gdvg_desktop.core.clock import from_millis
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import runs
from gdvg_desktop.store.coverage import Coverage
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.sync.engine import JobPace
from gdvg_desktop.sync.preview import Preview

_SAME = (
    "id", "kind", "name", "state", "phase", "origin", "total", "done", "left", "added", "updated", "unchanged",
    "skipped", "failed", "gone", "recovered", "requests", "reason",
)  # fmt: skip


def instant(millis: int | None) -> datetime | None:
    """A stored instant, UTC."""
    return from_millis(millis) if millis is not None else None


def _job_values(found: Job, pace: JobPace | None) -> dict[str, Any]:
    return {name: getattr(found, name) for name in _SAME} | {
        "created_at": from_millis(found.created_at),
        "started_at": instant(found.started_at),
        "completed_at": instant(found.completed_at),
        "filter": found.config,
        "titles_per_second": pace.titles_per_second if pace is not None else None,
        "seconds_left": pace.seconds_left if pace is not None else None,
    }


def job(found: Job, pace: JobPace | None = None) -> shapes.JobOut:
    """A job, with its pace where it runs here."""
    return shapes.JobOut(**_job_values(found, pace))


def started(found: Job, new: bool) -> shapes.Started:
    """A job that was asked for."""
    at = found.started_at if found.started_at is not None else found.created_at
    return shapes.Started(job_id=found.id, started_at=from_millis(at), new=new, state=found.state)


def run(found: Job, worked_s: float | None = None) -> shapes.RunOut:
    """A run of the history."""
    return shapes.RunOut(**_job_values(found, None), result=runs.result(found).value, worked_s=worked_s)


def history(found: list[Run], total: int, missed: list[MissedRun]) -> shapes.History:
    """A page of the history."""
    return shapes.History(
        runs=[run(one.job, one.worked_s) for one in found], total=total, missed=[_missed(one) for one in missed]
    )


def _missed(found: MissedRun) -> shapes.MissedOut:
    return shapes.MissedOut(
        task=found.row.task,
        name=found.name,
        first_planned_at=from_millis(found.row.first_at),
        planned_at=from_millis(found.row.planned_at),
        count=found.row.count,
        reason=found.words,
    )


def stats(found: Overview) -> shapes.Stats:
    """The figures of the overview."""
    covered = found.coverage
    percent = None
    if covered is not None:
        percent = 100.0 * covered.held / covered.known if covered.known else 100.0
    return shapes.Stats(
        titles=found.titles,
        movies=found.movies,
        tv=found.tv,
        coverage_percent=percent,
        missing=covered.missing if covered is not None else None,
        requests_today=found.requests_today,
        running=len(found.running),
        waiting=found.waiting,
        paused=found.paused,
        titles_left=found.titles_left,
        failures=found.errors,
        database_bytes=found.database_bytes,
        connection=found.connection.state,
    )


def type_of(text: shapes.TypeIn) -> str:
    """A type as commands take it."""
    return "tv" if text == "tv_series" else text


def types_of(text: shapes.TypeIn) -> tuple[MediaType, ...]:
    """The types a request names."""
    return tuple(MediaType) if text == "all" else (MediaType(type_of(text)),)


def import_request(asked: shapes.FilterIn) -> ImportRequest:
    """An import in a user's words."""
    return ImportRequest(
        type=type_of(asked.type),
        countries=tuple(asked.countries),
        date_from=asked.date_from,
        date_to=asked.date_to,
        genres=tuple(asked.genres),
        match=asked.match,
        priority=asked.priority,
        existing=asked.existing,
        limit=asked.limit,
        name=asked.name if isinstance(asked, shapes.ImportIn) else None,
    )


def preview(found: Preview) -> shapes.PreviewOut:
    """What an import would do."""
    return shapes.PreviewOut(
        estimated=found.estimated,
        duplicates=found.duplicates,
        new=found.new,
        updates=found.updates,
        requests=found.requests,
        list_requests=found.list_requests,
        detail_requests=found.detail_requests,
        windows=found.windows,
        seconds=found.seconds,
        rate=found.rate,
        exact=found.exact,
        by_type={kind: shapes.TypeCountOut.model_validate(one) for kind, one in found.by_type.items()},
        notes=list(found.notes),
        sample=[
            shapes.SampleOut(
                media_type=one.media_type,
                tmdb_id=one.tmdb_id,
                title=one.title,
                original_title=one.original_title,
                release_date=one.date,
                origin_country=list(one.countries),
                popularity=one.popularity,
                vote_average=one.vote_average,
                status=one.freshness,
            )
            for one in found.sample
        ],
    )


def preset(found: PresetView) -> shapes.PresetOut:
    """A preset."""
    scheduled = None
    if found.cron is not None:
        scheduled = shapes.ScheduleOut(cron=found.cron, zone=found.zone, enabled=found.enabled)
    return shapes.PresetOut(
        id=found.id,
        name=found.name,
        words=found.words,
        filters=shapes.FilterOut.model_validate(found.request),
        shipped=found.shipped,
        created_at=from_millis(found.created_at),
        updated_at=from_millis(found.updated_at),
        used_at=instant(found.used_at),
        use_count=found.use_count,
        schedule=scheduled,
    )


def gaps(found: GapSummary) -> shapes.GapsOut:
    """The figures of the gaps."""
    return shapes.GapsOut.model_validate(
        {
            "analysed_at": instant(found.analysed_at),
            "export_date": found.export_date,
            "gaps_by_type": {kind: one.open for kind, one in found.by_kind.items()},
            "total_count": found.total,
            "top_priority": [gap(one) for one in found.top],
            "missing_titles": found.missing_titles,
            "incomplete_titles": found.incomplete_titles,
            "by_kind": {kind: shapes.KindOut.model_validate(one) for kind, one in found.by_kind.items()},
            "months_below": found.months_below,
            "unavailable": found.unavailable,
            "popular_threshold": found.popular_threshold,
        }
    )


def gap(found: Gap) -> shapes.GapOut:
    """One gap."""
    return shapes.GapOut(
        media_type=found.media_type,
        tmdb_id=found.tmdb_id,
        kind=found.kind,
        status=found.status,
        score=found.score,
        popularity=found.popularity,
        recency=found.recency,
        name=found.name,
        month=found.month,
        fields=list(found.fields),
        found_at=from_millis(found.found_at),
        tries=found.tries,
        last_try_at=instant(found.last_try_at),
        next_try_at=instant(found.next_try_at),
        category=found.category,
        message=found.message,
    )


def coverage(found: Coverage) -> shapes.CoverageOut:
    """The figures of coverage."""
    return shapes.CoverageOut(
        export_date=found.export_date,
        held=found.held,
        missing=found.missing,
        undetermined=found.undetermined,
        percent=found.percent,
        movie=shapes.TypeCoverageOut.model_validate(found.movie),
        tv=shapes.TypeCoverageOut.model_validate(found.tv),
    )
