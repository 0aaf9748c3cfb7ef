"""When TMDb was last asked about titles: what a change list is compared with, and what is refreshed by age."""

import contextlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.titles import title_id_of

T = TypeVar("T")

DAY_MS = 86_400_000
KEEP_DAYS = 180  # TMDb's terms forbid keeping its data beyond six months (TMDB.md 9)
_CHUNK = 500


def asked_at(db: SqliteDatabase, media_type: MediaType, tmdb_ids: Iterable[int]) -> dict[int, int]:
    """When TMDb last gave an answer about each of some titles, the title itself or "gone"; the others are left out."""
    found: dict[int, int] = {}
    for part in in_parts(tmdb_ids, _CHUNK):
        keys = [title_id_of(media_type, tmdb_id) for tmdb_id in part]
        marks = ", ".join("?" * len(keys))
        rows = db.execute_sql(
            f"SELECT tmdb_id, checked_at FROM title WHERE id IN ({marks}) UNION ALL "
            f"SELECT title_id >> 1, asked_at FROM title_answer WHERE answer = 'gone' AND title_id IN ({marks})",
            (*keys, *keys),
        )
        for tmdb_id, at in rows:
            found[tmdb_id] = max(at, found.get(tmdb_id, 0))
    return found


def popularity(db: SqliteDatabase, media_type: MediaType, tmdb_ids: Iterable[int]) -> dict[int, float | None]:
    """The popularity of those of some titles the library holds."""
    found: dict[int, float | None] = {}
    for part in in_parts(tmdb_ids, _CHUNK):
        keys = [title_id_of(media_type, tmdb_id) for tmdb_id in part]
        marks = ", ".join("?" * len(keys))
        found.update(db.execute_sql(f"SELECT tmdb_id, popularity FROM title WHERE id IN ({marks})", keys).fetchall())
    return found


def oldest_checked(db: SqliteDatabase, media_type: MediaType) -> int | None:
    """The earliest `checked_at` of a type; None when it holds nothing."""
    found = db.execute_sql(
        "SELECT checked_at FROM title WHERE media_type = ? ORDER BY checked_at LIMIT 1",
        (media_type.value,),
    ).fetchone()
    return int(found[0]) if found else None


def count_unchecked_since(db: SqliteDatabase, since_ms: int, media_type: MediaType | None = None) -> int:
    """How many titles that TMDb has not deleted were last checked before an instant."""
    row = db.execute_sql(
        "SELECT count(*) FROM title WHERE checked_at < ? AND (? IS NULL OR media_type = ?) "
        "AND NOT EXISTS (SELECT 1 FROM tombstone WHERE title_id = title.id)",
        (since_ms, media_type, media_type),
    ).fetchone()
    return int(row[0])


def unchecked_since(
    db: SqliteDatabase, since_ms: int, after: tuple[int, int], limit: int
) -> list[tuple[int, int, MediaType, int, float | None]]:
    """Titles last checked before an instant, the longest unchecked first, following the (checked_at, id) `after`.

    Rows are (checked_at, id, media type, TMDb id, popularity). Titles TMDb has deleted are left out.
    """
    rows = db.execute_sql(
        "SELECT checked_at, id, media_type, tmdb_id, popularity FROM title "
        "WHERE checked_at < ? AND (checked_at, id) > (?, ?) "
        "AND NOT EXISTS (SELECT 1 FROM tombstone WHERE title_id = title.id) ORDER BY checked_at, id LIMIT ?",
        (since_ms, *after, limit),
    )
    return [(at, key, MediaType(kind), tmdb_id, popular) for at, key, kind, tmdb_id, popular in rows]


def rank_by_age(db: SqliteDatabase, job_id: int) -> None:
    """Make a job's listed titles pending, those not checked for longest first."""
    db.execute_sql(
        "UPDATE job_item SET state = 'pending', rank = placed.place FROM ("
        "SELECT item.media_type, item.tmdb_id, row_number() OVER (ORDER BY title.checked_at, title.id) AS place "
        "FROM job_item AS item LEFT JOIN title "
        "ON title.id = item.tmdb_id * 2 + (item.media_type = 'tv') WHERE item.job_id = :job AND item.state = 'listed'"
        ") AS placed WHERE job_item.job_id = :job AND job_item.media_type = placed.media_type "
        "AND job_item.tmdb_id = placed.tmdb_id",
        {"job": job_id},
    )


def sweep_files(folder: Path, now_s: float) -> int:
    """Delete files that were fetched over 180 days ago, as posters are; returns how many. Blocking."""
    removed = 0
    for file in folder.glob("*"):
        with contextlib.suppress(OSError):
            if file.stat().st_mtime < now_s - KEEP_DAYS * DAY_MS / 1000:
                file.unlink()
                removed += 1
    return removed


def in_parts(rows: Iterable[T], size: int = 5_000) -> Iterator[tuple[T, ...]]:
    """Rows in portions small enough for one transaction."""
    left = iter(rows)
    while part := tuple(islice(left, size)):
        yield part
