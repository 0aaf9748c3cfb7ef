"""The mirror's own rows: its mode, and the titles of its job in their places."""

from collections.abc import Iterable

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import counts
from gdvg_desktop.store.catalogue import ids_of
from gdvg_desktop.store.counts import Fact

FILLING, DELTA = "filling", "delta"
_FACT = "mirror_mode"
_CHUNK = 5_000


def mode(db: SqliteDatabase) -> Fact | None:
    """The mode (filling or delta) and since when; None before the first mirror run."""
    return counts.fact(db, _FACT)


def settle_mode(db: SqliteDatabase, *, complete: bool, now_ms: int) -> bool:
    """Bring the mode in line with the coverage; True when it changed. `complete` is nothing missing or undetermined."""
    wanted, known = DELTA if complete else FILLING, mode(db)
    if known is not None and known.value == wanted:
        return False
    counts.set_fact(db, _FACT, wanted, now_ms)
    return True


def add_ranked(db: SqliteDatabase, job_id: int, rows: Iterable[tuple[MediaType, int, float, int]]) -> None:
    """Add titles `(type, TMDb id, popularity, place)` to a job, ready to be fetched; known ones keep their place."""
    db.connection().executemany(
        "INSERT OR IGNORE INTO job_item (job_id, media_type, tmdb_id, state, popularity, rank) "
        "VALUES (?, ?, ?, 'pending', ?, ?)",
        [(job_id, kind.value, tmdb_id, popularity, rank) for kind, tmdb_id, popularity, rank in rows],
    )


def drop_items(db: SqliteDatabase, job_id: int, states: tuple[str, ...]) -> int:
    """Forget up to a chunk of a job's items in some states; returns how many, 0 at the end."""
    marks = ", ".join("?" * len(states))
    cursor = db.execute_sql(
        f"DELETE FROM job_item WHERE (job_id, media_type, tmdb_id) IN (SELECT job_id, media_type, tmdb_id "
        f"FROM job_item WHERE job_id = ? AND state IN ({marks}) LIMIT {_CHUNK})",
        (job_id, *states),
    )
    return int(cursor.rowcount)


def gone_since(db: SqliteDatabase, media_type: MediaType, since_ms: int) -> BitMap:
    """TMDb ids that were answered with 404 since a moment and not had after it."""
    return ids_of(
        db,
        "SELECT title_id >> 1 AS id FROM title_answer WHERE answer = 'gone' AND asked_at >= ? AND title_id & 1 = ?",
        (since_ms, int(media_type is MediaType.TV)),
    )


def unfinished(db: SqliteDatabase, kind: str) -> int | None:
    """An unfinished job of a kind, the one that comes first in the queue."""
    row = db.execute_sql(
        "SELECT id FROM job WHERE kind = ? AND state IN ('pending', 'running', 'paused', 'interrupted') "
        "ORDER BY position, id LIMIT 1",
        (kind,),
    ).fetchone()
    return row[0] if row else None


def ever(db: SqliteDatabase, kind: str) -> bool:
    """Whether there was ever a job of a kind, as far as is remembered."""
    return bool(db.execute_sql("SELECT EXISTS (SELECT 1 FROM job WHERE kind = ?)", (kind,)).fetchone()[0])
