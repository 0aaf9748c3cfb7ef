"""Titles a job did not ask for, and why: one compressed id set a job, type and reason, so a million cost kilobytes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType

DUPLICATE = "duplicate"  # the library has it
CLAIMED = "claimed"  # another job was fetching it
OUT_OF_SCOPE = "out_of_scope"
OVER_LIMIT = "over_limit"  # beyond the number the job was to fetch


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a job left a title out, and when (unix milliseconds)."""

    job_id: int
    job_name: str
    reason: str
    at: int


def add(
    db: SqliteDatabase, job_id: int, reason: str, keys: Iterable[tuple[MediaType, int]], now_ms: int
) -> dict[MediaType, int]:
    """Add titles to what a job skipped for a reason. Returns how many of each type are new to it."""
    by_type: dict[MediaType, list[int]] = defaultdict(list)
    for media_type, tmdb_id in keys:
        by_type[media_type].append(tmdb_id)
    return {media_type: add_ids(db, job_id, media_type, reason, ids, now_ms) for media_type, ids in by_type.items()}


def add_ids(
    db: SqliteDatabase, job_id: int, media_type: MediaType, reason: str, tmdb_ids: Iterable[int], now_ms: int
) -> int:
    """`add` for the ids of one type, such as a BitMap. Returns how many are new."""
    known = ids(db, job_id, media_type, reason)
    every = known | BitMap(tmdb_ids)
    if len(every) == len(known):
        return 0
    db.execute_sql(
        "INSERT INTO skip (job_id, media_type, reason, count, at, ids) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (job_id, media_type, reason) DO UPDATE SET count = excluded.count, at = excluded.at, "
        "ids = excluded.ids",
        (job_id, media_type.value, reason, len(every), now_ms, every.serialize()),
    )
    return len(every) - len(known)


def ids(db: SqliteDatabase, job_id: int, media_type: MediaType, reason: str) -> BitMap:
    """The TMDb ids a job skipped for a reason."""
    row = db.execute_sql(
        "SELECT ids FROM skip WHERE job_id = ? AND media_type = ? AND reason = ?", (job_id, media_type.value, reason)
    ).fetchone()
    return BitMap.deserialize(row[0]) if row else BitMap()


def counts(db: SqliteDatabase, job_id: int) -> dict[str, int]:
    """How many titles a job skipped, by reason."""
    return dict(db.execute_sql("SELECT reason, sum(count) FROM skip WHERE job_id = ? GROUP BY reason", (job_id,)))


def of_title(db: SqliteDatabase, media_type: MediaType, tmdb_id: int, limit: int = 20) -> list[Skip]:
    """The jobs that skipped a title, the latest first. Looks into the newest `limit * 5` sets of its type."""
    rows = db.execute_sql(
        "SELECT job_id, job.name, skip.reason, skip.at, ids FROM skip JOIN job ON job.id = job_id "
        "WHERE media_type = ? ORDER BY job_id DESC, skip.at DESC LIMIT ?",
        (media_type.value, limit * 5),
    )
    found = [Skip(job_id, name, why, at) for job_id, name, why, at, data in rows if tmdb_id in BitMap.deserialize(data)]
    return found[:limit]
