"""The ledger of listing windows: what was asked of discover, how far it came, and whether it is complete."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import FailureCategory, MediaType


@dataclass(frozen=True, slots=True)
class Window:
    """One listing query of a job. Bounds are inclusive, None is open.

    `undated` says whether titles without a date are part of it: with, without or only. `language` is an original
    language, `votes_*` bound the vote count; both only split a day that alone is over the page cap.
    """

    media_type: MediaType
    date_from: date | None = None
    date_to: date | None = None
    undated: str = "without"
    votes_from: int | None = None
    votes_to: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window with its progress. `last_page` is the last page of an unbroken run from page 1 in this pass."""

    id: int
    job_id: int
    window: Window
    last_page: int
    total_pages: int | None
    total_results: int | None
    passes: int
    complete: bool
    failed: bool
    last_synced_at: int | None
    note: str | None


_COLUMNS = (
    "id, job_id, media_type, date_from, date_to, undated, votes_from, votes_to, language, last_page, total_pages, "
    "total_results, passes, complete, failed, last_synced_at, note"
)


def _row(row: Sequence[Any]) -> WindowRow:
    window = Window(
        MediaType(row[2]),
        date.fromisoformat(row[3]) if row[3] else None,
        date.fromisoformat(row[4]) if row[4] else None,
        undated=row[5],
        votes_from=row[6],
        votes_to=row[7],
        language=row[8],
    )
    return WindowRow(
        id=row[0],
        job_id=row[1],
        window=window,
        last_page=row[9],
        total_pages=row[10],
        total_results=row[11],
        passes=row[12],
        complete=bool(row[13]),
        failed=bool(row[14]),
        last_synced_at=row[15],
        note=row[16],
    )


def add(db: SqliteDatabase, job_id: int, windows: Iterable[Window]) -> None:
    """Add windows to a job's ledger."""
    db.connection().executemany(
        "INSERT INTO listing_window (job_id, media_type, date_from, date_to, undated, votes_from, votes_to, language) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                job_id,
                one.media_type.value,
                one.date_from.isoformat() if one.date_from else None,
                one.date_to.isoformat() if one.date_to else None,
                one.undated,
                one.votes_from,
                one.votes_to,
                one.language,
            )
            for one in windows
        ],
    )


def of_export(db: SqliteDatabase, job_id: int, media_type: MediaType) -> int:
    """The row that stands for a type listed whole from the daily export; made when it is not there yet."""
    found = db.execute_sql(
        "SELECT id FROM listing_window WHERE job_id = ? AND media_type = ?", (job_id, media_type.value)
    ).fetchone()
    if found is None:
        found = db.execute_sql(
            "INSERT INTO listing_window (job_id, media_type, undated) VALUES (?, ?, 'with') RETURNING id",
            (job_id, media_type.value),
        ).fetchone()
    return int(found[0])


def export_done(db: SqliteDatabase, window_id: int, total: int, note: str, now_ms: int) -> None:
    """Record that an export was read to its end."""
    page_done(db, window_id, 1, 1, total, now_ms)
    pass_done(db, window_id, complete=True, note=note, now_ms=now_ms)


def replace(db: SqliteDatabase, window_id: int, job_id: int, parts: Iterable[Window]) -> None:
    """Put the parts of a split window in its place."""
    db.execute_sql("DELETE FROM listing_window WHERE id = ?", (window_id,))
    add(db, job_id, parts)


def of_job(db: SqliteDatabase, job_id: int) -> list[WindowRow]:
    """A job's windows in the order they are walked."""
    rows = db.execute_sql(f"SELECT {_COLUMNS} FROM listing_window WHERE job_id = ? ORDER BY id", (job_id,))
    return [_row(row) for row in rows]


def page_done(
    db: SqliteDatabase, window_id: int, last_page: int, total_pages: int, total_results: int, now_ms: int
) -> None:
    """Record a listed page, in the transaction that keeps its titles."""
    db.execute_sql(
        "UPDATE listing_window SET last_page = ?, total_pages = ?, total_results = ?, last_synced_at = ? WHERE id = ?",
        (last_page, total_pages, total_results, now_ms, window_id),
    )
    db.execute_sql(  # listing is work done as well: a job that lists is not stalled
        "UPDATE job SET progress_at = ? WHERE id = (SELECT job_id FROM listing_window WHERE id = ?)",
        (now_ms, window_id),
    )


def pass_done(db: SqliteDatabase, window_id: int, *, complete: bool, note: str | None, now_ms: int) -> None:
    """End a walk: the window is complete, or the next pass begins at page 1."""
    db.execute_sql(
        "UPDATE listing_window SET passes = passes + 1, complete = ?, note = ?, last_synced_at = ?, "
        "last_page = CASE WHEN ? THEN last_page ELSE 0 END WHERE id = ?",
        (int(complete), note[:500] if note else None, now_ms, complete, window_id),
    )


def failed(
    db: SqliteDatabase,
    window_id: int,
    note: str,
    now_ms: int,
    category: FailureCategory = FailureCategory.SERVER,
) -> None:
    """A page failed for good: the window stays incomplete until it is retried."""
    db.execute_sql(
        "UPDATE listing_window SET failed = 1, note = ?, category = ?, last_synced_at = ? WHERE id = ?",
        (note[:500], category.value, now_ms, window_id),
    )


def any_failed(db: SqliteDatabase, job_id: int) -> bool:
    """Whether a listing of the job failed, so that it is to be walked again."""
    return bool(
        db.execute_sql(
            "SELECT EXISTS (SELECT 1 FROM listing_window WHERE job_id = ? AND failed = 1)", (job_id,)
        ).fetchone()[0]
    )


def any_waiting(db: SqliteDatabase, job_id: int) -> bool:
    """Whether a window of the job is still to be walked."""
    return bool(
        db.execute_sql(
            "SELECT EXISTS (SELECT 1 FROM listing_window WHERE job_id = ? AND complete = 0 AND failed = 0)", (job_id,)
        ).fetchone()[0]
    )


def unlisted(db: SqliteDatabase, job_id: int) -> int:
    """How many titles TMDb reported for complete windows that no walk could list."""
    return int(
        db.execute_sql(
            "SELECT coalesce(sum(max(0, w.total_results - coalesce(seen.titles, 0))), 0) FROM listing_window AS w "
            "LEFT JOIN (SELECT window_id, count(*) AS titles FROM job_item WHERE job_id = ? GROUP BY 1) AS seen "
            "ON seen.window_id = w.id WHERE w.job_id = ? AND w.complete = 1",
            (job_id, job_id),
        ).fetchone()[0]
    )


def reported(db: SqliteDatabase, job_id: int, media_type: MediaType | None = None) -> int:
    """The titles TMDb reported over a job's windows."""
    row = db.execute_sql(
        "SELECT coalesce(sum(total_results), 0) FROM listing_window WHERE job_id = ? AND (? IS NULL OR media_type = ?)",
        (job_id, media_type, media_type),
    ).fetchone()
    return int(row[0])
