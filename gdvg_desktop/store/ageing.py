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


def add_in_place(db: SqliteDatabase, job_id: int, rows: Iterable[tuple[MediaType, int, float | None, int]]) -> None:
    """Make titles `(type, TMDb id, popularity, place)` pending items of a job; known ones keep their place."""
    db.connection().executemany(
        "INSERT OR IGNORE INTO job_item (job_id, media_type, tmdb_id, state, popularity, rank) "
        "VALUES (?, ?, ?, 'pending', ?, ?)",
        [(job_id, kind.value, tmdb_id, popularity, place) for kind, tmdb_id, popularity, place in rows],
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
