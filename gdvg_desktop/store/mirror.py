"""The mirror's own rows: its mode, and the titles of its job in their places."""

from collections.abc import Sequence

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


def add_ranked(
    db: SqliteDatabase,
    job_id: int,
    media_type: MediaType,
    tmdb_ids: Sequence[int],
    popularity: Sequence[float],
    ranks: Sequence[int],
) -> None:
    """Add titles of a type to a job in their places, ready to be fetched; known ones are left alone."""
    db.connection().executemany(
        "INSERT OR IGNORE INTO job_item (job_id, media_type, tmdb_id, state, popularity, rank) "
        f"VALUES ({job_id:d}, '{media_type.value}', ?, 'pending', ?, ?)",
        zip(tmdb_ids, popularity, ranks, strict=True),
    )


def drop_items(
    db: SqliteDatabase, job_id: int, media_type: MediaType, states: tuple[str, ...], after: int = 0
) -> int | None:
    """Forget a job's items in some states, a chunk in the order of ids; returns the id to go on after, None at the end.

    By ranges of the key: deleting through the index of the order would touch a page for every row.
    """
    last = db.execute_sql(
        "SELECT max(tmdb_id) FROM (SELECT tmdb_id FROM job_item WHERE job_id = ? AND media_type = ? AND tmdb_id > ? "
        f"ORDER BY tmdb_id LIMIT {_CHUNK})",
        (job_id, media_type.value, after),
    ).fetchone()[0]
    if last is None:
        return None
    marks = ", ".join("?" * len(states))
    db.execute_sql(
        f"DELETE FROM job_item WHERE job_id = ? AND media_type = ? AND tmdb_id > ? AND tmdb_id <= ? "
        f"AND state IN ({marks})",
        (job_id, media_type.value, after, last, *states),
    )
    return int(last)


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
