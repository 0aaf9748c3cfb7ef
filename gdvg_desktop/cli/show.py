"""JSON forms and human texts of what the commands return."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from gdvg_desktop.commands.jobs import JobDetail
from gdvg_desktop.commands.overview import Overview
from gdvg_desktop.store.exports import Refusal
from gdvg_desktop.store.jobs import FailedItem, Job
from gdvg_desktop.store.windows import WindowRow
from gdvg_desktop.sync.preview import Preview

REASONS = {
    "user": "paused by the user",
    "schedule_paused": "waits because the schedule is paused",
    "day_limit": "{message}",
    "credential": "{message}",
    "storage": "the library cannot be written: {message}",
    "blocked": "waits with the other jobs: {message}",
    "listing_incomplete": "a listing could not be completed; retry it",
    "error": "stopped on an error: {message}",
    "cancelled": "cancelled with {left} titles left",
    "unreachable": "{message}",
    "budget": "{message}",
    "deletions": "{message} Resume it to mark them as deleted, cancel it to keep them",
    "stalled": "no progress for 10 minutes; restart it with: gdvg jobs restart",
    "restart": "is being restarted",
}


def instant(millis: int | None) -> str | None:
    """ISO 8601 in UTC."""
    if millis is None:
        return None
    return datetime.fromtimestamp(millis / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local(millis: int | None) -> str:
    """A moment in the user's own zone."""
    return "" if millis is None else datetime.fromtimestamp(millis / 1000).astimezone().strftime("%d %b %H:%M")


def reason(job: Job) -> str | None:
    """Why a job is in its state, as a sentence part."""
    if job.reason is None:
        return None
    return REASONS.get(job.reason, job.reason).format_map({"message": "", "left": 0, **job.reason_args})


def job_json(job: Job) -> dict[str, Any]:
    """A job as scripts see it."""
    return {
        "id": job.id,
        "kind": job.kind.value,
        "name": job.name,
        "state": job.state.value,
        "phase": job.phase,
        "total": job.total,
        "added": job.added,
        "updated": job.updated,
        "unchanged": job.unchanged,
        "skipped": job.skipped,
        "failed": job.failed,
        "gone": job.gone,
        "recovered": job.recovered,
        "left": job.left,
        "requests": job.requests,
        "reported": job.reported,
        "unlisted": job.unlisted,
        "reason": job.reason,
        "reason_text": reason(job),
        "created_at": instant(job.created_at),
        "started_at": instant(job.started_at),
        "completed_at": instant(job.completed_at),
        "filter": job.config,
    }


def detail_json(detail: JobDetail) -> dict[str, Any]:
    """A job with its windows and failed items."""
    return {
        **job_json(detail.job),
        "windows": [_window_json(row) for row in detail.windows],
        "failed_items": [_failed_json(item) for item in detail.failed],
    }


def _window_json(row: WindowRow) -> dict[str, Any]:
    window = row.window
    return {
        "media_type": window.media_type.value,
        "from": window.date_from.isoformat() if window.date_from else None,
        "to": window.date_to.isoformat() if window.date_to else None,
        "last_page": row.last_page,
        "total_pages": row.total_pages,
        "total_results": row.total_results,
        "complete": row.complete,
        "failed": row.failed,
        "last_synced_at": instant(row.last_synced_at),
        "note": row.note,
    }


def _failed_json(item: FailedItem) -> dict[str, Any]:
    return {
        "media_type": item.media_type.value,
        "tmdb_id": item.tmdb_id,
        "category": item.category.value,
        "message": item.message,
        "attempts": item.attempts,
        "failed_at": instant(item.failed_at),
        "next_try_at": instant(item.next_try_at),
    }


def preview_json(found: Preview) -> dict[str, Any]:
    """A preview as scripts see it."""
    return {
        "estimated": found.estimated,
        "duplicates": found.duplicates,
        "new": found.new,
        "updates": found.updates,
        "requests": found.requests,
        "list_requests": found.list_requests,
        "detail_requests": found.detail_requests,
        "windows": found.windows,
        "seconds": found.seconds,
        "rate": found.rate,
        "exact": found.exact,
        "by_type": {
            kind.value: {"estimated": one.estimated, "duplicates": one.duplicates, "new": one.new}
            for kind, one in found.by_type.items()
        },
        "notes": list(found.notes),
        "sample": [
            {
                "media_type": one.media_type.value,
                "tmdb_id": one.tmdb_id,
                "title": one.title,
                "original_title": one.original_title,
                "release_date": one.date,
                "origin_country": list(one.countries),
                "popularity": one.popularity,
                "vote_average": one.vote_average,
                "status": one.freshness.value,
            }
            for one in found.sample
        ],
    }


def status_json(found: Overview) -> dict[str, Any]:
    """The state of the mirror."""
    coverage = found.coverage
    return {
        "titles": found.titles,
        "by_type": {"movie": found.movies, "tv": found.tv},
        "coverage": {
            "held": coverage.held,
            "known": coverage.known,
            "missing": coverage.missing,
            "undetermined": coverage.undetermined,
            "as_of": coverage.as_of.isoformat(),
        }
        if coverage
        else None,
        "running": [job_json(job) for job in found.running],
        "waiting": found.waiting,
        "paused": found.paused,
        "titles_left": found.titles_left,
        "last_finished": job_json(found.last_finished) if found.last_finished else None,
        "requests_today": found.requests_today,
        "database_bytes": found.database_bytes,
        "library": str(found.library),
    }


def refusals(refused: Iterable[Refusal]) -> list[str]:
    """Why exports were not taken over, the newest of each file, and what can be done."""
    newest: dict[tuple[str, bool], Refusal] = {}
    for one in refused:
        known = newest.get((one.media_type, one.adult))
        newest[one.media_type, one.adult] = one if known is None or one.date > known.date else known
    words = {"movie": "movies", "tv": "TV series"}
    lines = [
        f"The export of {'adult ' * adult}{words[kind]} of {one.date:%d %b %Y} was not taken over: {one.reason}"
        for (kind, adult), one in sorted(newest.items())
    ]
    if any(one.code == "fell" for one in newest.values()):
        lines.append("If TMDb has really shrunk, accept it with: gdvg mirror accept-export")
    return lines


def refusals_json(refused: Iterable[Refusal]) -> list[dict[str, Any]]:
    """The JSON form of refused exports, those of earlier days among them."""
    return [
        {"type": one.media_type.value, "date": one.date.isoformat(), "code": one.code, "reason": one.reason}
        for one in refused
    ]


def counts_line(job: Job) -> str:
    """The counts of a job in words."""
    parts = [f"{job.added:,} added"]
    parts += [
        f"{value:,} {word}"
        for value, word in (
            (job.updated, "updated"),
            (job.unchanged, "unchanged"),
            (job.skipped, "skipped"),
            (job.failed, "failed"),
            (job.gone, "gone"),
        )
        if value
    ]
    return ", ".join(parts)


def duration(seconds: float | None) -> str:
    """About how long, in at most two units."""
    if seconds is None:
        return "unknown"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
