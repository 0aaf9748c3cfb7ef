"""Titles TMDb has deleted: what may be known of them, and for how long their data stay.

A tombstone is made only of a title that a complete, trusted export does not name *and* TMDb answers 404 for. It keeps
ids, dates, reasons and hashes; the title's data stay until 180 days after TMDb last confirmed them and then go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import exports
from gdvg_desktop.store.ageing import DAY_MS, KEEP_DAYS, in_parts
from gdvg_desktop.store.change_days import begins_at
from gdvg_desktop.store.titles import title_id_of

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A deleted title. Instants are unix milliseconds, ids `title.id` values but for `tmdb_id` and `imdb_id`.

    `gone_at` is when TMDb answered 404, `export_date` the day of the export that does not name it. After `data_until`
    nothing but this row is left; None when it is already so. `successor_id` is the title that has its IMDb id now.
    """

    title_id: int
    media_type: MediaType
    tmdb_id: int
    imdb_id: str | None
    gone_at: int
    export_date: date
    made_at: int
    job_id: int | None
    content_hash: bytes | None
    fetched_at: int | None
    data_until: int | None
    successor_id: int | None
    successor_checked_at: int | None


@dataclass(frozen=True, slots=True)
class Vanished:
    """A held title the newest trusted export does not name. `gone_at` is TMDb's 404, None when nobody has one yet."""

    title_id: int
    tmdb_id: int
    gone_at: int | None


_COLUMNS = (
    "title_id, media_type, tmdb_id, imdb_id, gone_at, export_date, made_at, job_id, content_hash, fetched_at, "
    "data_until, successor_id, successor_checked_at"
)


def ids(db: SqliteDatabase) -> set[int]:
    """The `title.id` of every deleted title."""
    return {row[0] for row in db.execute_sql("SELECT title_id FROM tombstone")}


def count(db: SqliteDatabase) -> int:
    """How many titles TMDb has deleted."""
    return int(db.execute_sql("SELECT count(*) FROM tombstone").fetchone()[0])


def made_by(db: SqliteDatabase, job_id: int) -> dict[str, int]:
    """How many titles of each type a job has declared deleted."""
    rows = db.execute_sql("SELECT media_type, count(*) FROM tombstone WHERE job_id = ? GROUP BY media_type", (job_id,))
    return dict(rows.fetchall())


def of(db: SqliteDatabase, title_id: int) -> Tombstone | None:
    """The tombstone of a title, or None."""
    row = db.execute_sql(f"SELECT {_COLUMNS} FROM tombstone WHERE title_id = ?", (title_id,)).fetchone()
    if row is None:
        return None
    values = list(row)
    values[1], values[5] = MediaType(values[1]), date.fromisoformat(values[5])
    return Tombstone(*values)


def candidates(
    db: SqliteDatabase, media_type: MediaType, unnamed: BitMap, export_date: date, dropped: BitMap
) -> list[Vanished]:
    """Of held titles an export does not name, those that may be deleted: it would have had to name them.

    That is so of what TMDb had before the export was made and has not shown since, and of what an earlier export named
    (`dropped`) once TMDb has answered 404. A title that came after the export proves nothing by not being in it. A 404
    counts when it is not older than the export and than the last time TMDb had the title.
    """
    made_at, alive_from = begins_at(export_date), exports.ready_at(export_date)
    found = []
    for part in in_parts(unnamed, _CHUNK):
        keys = [title_id_of(media_type, tmdb_id) for tmdb_id in part]
        rows = db.execute_sql(
            "SELECT title.id, title.tmdb_id, checked_at, "
            "CASE WHEN asked_at >= ? AND asked_at >= checked_at THEN asked_at END "
            "FROM title LEFT JOIN title_answer ON title_answer.title_id = title.id AND answer = 'gone' "
            f"WHERE title.id IN ({', '.join('?' * len(keys))}) AND title.id NOT IN (SELECT title_id FROM tombstone)",
            (made_at, *keys),
        )
        for title_id, tmdb_id, checked_at, gone_at in rows:
            if checked_at < alive_from or (gone_at is not None and tmdb_id in dropped):
                found.append(Vanished(title_id, tmdb_id, gone_at))
    return found


def make(
    db: SqliteDatabase,
    media_type: MediaType,
    gone: Sequence[Vanished],
    export_date: date,
    job_id: int | None,
    now_ms: int,
) -> None:
    """Make tombstones of held titles; those that have one keep it. Nothing is to be filled of them any more.

    A title another job has stored since its 404 is left alone.
    """
    db.connection().executemany(
        "INSERT INTO tombstone (title_id, media_type, tmdb_id, imdb_id, gone_at, export_date, made_at, job_id, "
        "content_hash, fetched_at, data_until) SELECT id, media_type, tmdb_id, imdb_id, ?, ?, ?, ?, content_hash, "
        "fetched_at, checked_at + ? FROM title WHERE id = ? AND checked_at <= ? ON CONFLICT DO NOTHING",
        [
            (one.gone_at, export_date.isoformat(), now_ms, job_id, KEEP_DAYS * DAY_MS, one.title_id, one.gone_at)
            for one in gone
            if one.gone_at is not None
        ],
    )
    db.connection().executemany(
        "DELETE FROM gap WHERE title_id = ? AND title_id IN (SELECT title_id FROM tombstone)",
        [(one.title_id,) for one in gone if one.gone_at is not None],
    )


def raise_up(db: SqliteDatabase, media_type: MediaType, named: BitMap) -> list[int]:
    """Remove the tombstones of titles an export names; returns their `title.id`."""
    back = returned(db, media_type, named)
    db.connection().executemany("DELETE FROM tombstone WHERE title_id = ?", [(one,) for one in back])
    return back


def returned(db: SqliteDatabase, media_type: MediaType, named: BitMap) -> list[int]:
    """The `title.id` of deleted titles an export names. (Storing a title again removes its tombstone at once.)"""
    rows = db.execute_sql("SELECT title_id, tmdb_id FROM tombstone WHERE media_type = ?", (media_type.value,))
    return [title_id for title_id, tmdb_id in rows if tmdb_id in named]


def without_successor(db: SqliteDatabase, limit: int) -> list[tuple[int, MediaType, int, str]]:
    """Some tombstones whose IMDb id nobody has looked up: (title id, media type, TMDb id, IMDb id).

    In no order, so that those whose question always fails do not hold up the others for good.
    """
    rows = db.execute_sql(
        "SELECT title_id, media_type, tmdb_id, imdb_id FROM tombstone "
        "WHERE imdb_id IS NOT NULL AND successor_checked_at IS NULL ORDER BY random() LIMIT ?",
        (limit,),
    )
    return [(title_id, MediaType(kind), tmdb_id, imdb_id) for title_id, kind, tmdb_id, imdb_id in rows]


def set_successor(db: SqliteDatabase, title_id: int, successor_id: int | None, now_ms: int) -> None:
    """Keep what looking the IMDb id up gave: the `title.id` that has it now, or None."""
    db.execute_sql(
        "UPDATE tombstone SET successor_id = ?, successor_checked_at = ? WHERE title_id = ?",
        (successor_id, now_ms, title_id),
    )


def expired(db: SqliteDatabase, now_ms: int, limit: int = 200) -> list[int]:
    """The `title.id` of deleted titles whose data must go now."""
    rows = db.execute_sql(
        "SELECT title_id FROM tombstone WHERE data_until IS NOT NULL AND data_until <= ? ORDER BY data_until LIMIT ?",
        (now_ms, limit),
    )
    return [row[0] for row in rows]


def forget_data(db: SqliteDatabase, title_ids: Sequence[int]) -> None:
    """Remove everything TMDb said about deleted titles.

    What is left are the tombstones, and of the history of changes when which field changed.
    """
    for part in in_parts(title_ids, _CHUNK):
        marks = ", ".join("?" * len(part))
        db.execute_sql(f"UPDATE title_change SET old = NULL, new = NULL WHERE title_id IN ({marks})", part)
        db.execute_sql(f"DELETE FROM title WHERE id IN ({marks})", part)
        db.execute_sql(f"UPDATE tombstone SET data_until = NULL WHERE title_id IN ({marks})", part)
