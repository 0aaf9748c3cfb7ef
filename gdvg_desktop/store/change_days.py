"""What TMDb's change lists named, UTC day by UTC day, and which of it has been dealt with.

A day is open from the moment a run plans to read it until a run has read it in the *closing pass*, at least eight
hours after it ended: TMDb serves bodies up to five hours old (TMDB.md 6), so what was fetched on the day itself may
lack its last changes. The watermark of a type is the last day before which nothing is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import counts
from gdvg_desktop.store.catalogue import ids_of

CLOSING_HOURS = 8
KEPT_DAYS = 60
_OWED = "refresh_owed"


@dataclass(frozen=True, slots=True, eq=False)
class ChangeDay:
    """A day's list of one type. Instants are unix milliseconds, `last_at` is 0 until the list has been read.

    `ids` are all TMDb ids ever seen on it, `fetched` those of them nothing more is to be fetched for: asked for since
    they were first seen, or never wanted. `closed_at` is when the closing pass was done.
    """

    media_type: MediaType
    day: date
    first_at: int
    last_at: int
    closed_at: int | None
    ids: BitMap
    fetched: BitMap

    @property
    def closes_from(self) -> int:
        """When the closing pass may begin, in unix milliseconds."""
        return closes_from(self.day)


def begins_at(day: date) -> int:
    """The first moment of a UTC day, in unix milliseconds."""
    return to_millis(datetime.combine(day, time_of_day(), UTC).timestamp())


def closes_from(day: date) -> int:
    """When a day's closing pass may begin, in unix milliseconds."""
    return begins_at(day + timedelta(days=1)) + CLOSING_HOURS * 3_600_000


_COLUMNS = "media_type, day, first_at, last_at, closed_at, ids, fetched"


def get(db: SqliteDatabase, media_type: MediaType, day: date) -> ChangeDay | None:
    """A day, or None when no run has planned to read it."""
    row = db.execute_sql(
        f"SELECT {_COLUMNS} FROM change_day WHERE media_type = ? AND day = ?", (media_type.value, day.isoformat())
    ).fetchone()
    if row is None:
        return None
    ids, fetched = BitMap.deserialize(row[5]), BitMap.deserialize(row[6])
    return ChangeDay(media_type, date.fromisoformat(row[1]), row[2], row[3], row[4], ids, fetched)


def unread(media_type: MediaType, day: date, now_ms: int) -> ChangeDay:
    """A day nothing is known of."""
    return ChangeDay(media_type, day, now_ms, 0, None, BitMap(), BitMap())


def watermark(db: SqliteDatabase, media_type: MediaType) -> date | None:
    """The last UTC day everything up to which is closed; None before the first run."""
    open_day, closed_day = db.execute_sql(
        "SELECT min(day) FILTER (WHERE closed_at IS NULL), max(day) FROM change_day WHERE media_type = ?",
        (media_type.value,),
    ).fetchone()
    if open_day is not None:
        return date.fromisoformat(open_day) - timedelta(days=1)
    return date.fromisoformat(closed_day) if closed_day is not None else None


def last_read_at(db: SqliteDatabase, media_type: MediaType) -> int | None:
    """When a list of a type was last read, in unix milliseconds; None when none ever was."""
    row = db.execute_sql("SELECT max(last_at) FROM change_day WHERE media_type = ?", (media_type.value,)).fetchone()
    return int(row[0]) if row[0] else None


def open_days(db: SqliteDatabase, media_type: MediaType) -> list[date]:
    """Days whose closing pass is still to come, oldest first."""
    rows = db.execute_sql(
        "SELECT day FROM change_day WHERE media_type = ? AND closed_at IS NULL ORDER BY day", (media_type.value,)
    )
    return [date.fromisoformat(day) for (day,) in rows]


def plan(db: SqliteDatabase, media_type: MediaType, days: Sequence[date], now_ms: int) -> None:
    """Open the days a run is about to read; those known already stay as they are."""
    empty = BitMap().serialize()
    db.connection().executemany(
        "INSERT INTO change_day (media_type, day, first_at, last_at, ids, fetched) VALUES (?, ?, ?, 0, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [(media_type.value, day.isoformat(), now_ms, empty, empty) for day in days],
    )


def give_up_before(db: SqliteDatabase, media_type: MediaType, day: date, now_ms: int) -> None:
    """Close open days before one: they are too old to be read, and a refresh by age stands in for them."""
    db.execute_sql(
        "UPDATE change_day SET closed_at = ? WHERE media_type = ? AND day < ? AND closed_at IS NULL",
        (now_ms, media_type.value, day.isoformat()),
    )


def owe_refresh(db: SqliteDatabase, before: date, now_ms: int) -> None:
    """Remember that what was last checked before a day is to be refreshed by age, because no list reaches back to it.

    It is owed until a job for it is queued, whatever becomes of the run that found out.
    """
    owed = refresh_owed(db)
    counts.set_fact(db, _OWED, max(before, owed or before).isoformat(), now_ms)


def refresh_owed(db: SqliteDatabase) -> date | None:
    """Before which day what was last checked is still to be refreshed; None when nothing is owed."""
    found = counts.fact(db, _OWED)
    return date.fromisoformat(found.value) if found is not None else None


def refresh_settled(db: SqliteDatabase) -> None:
    """The refresh that was owed is queued, or there is nothing to refresh."""
    db.execute_sql("DELETE FROM fact WHERE name = ?", (_OWED,))


def listed(db: SqliteDatabase, media_type: MediaType, day: date, *, ids: BitMap, fetched: BitMap, now_ms: int) -> None:
    """Record a day's list as read: all ids ever seen on it and those nothing is to be fetched for now."""
    db.execute_sql(
        "UPDATE change_day SET ids = ?, fetched = ?, last_at = ? WHERE media_type = ? AND day = ?",
        (ids.serialize(), fetched.serialize(), now_ms, media_type.value, day.isoformat()),
    )


def add_fetched(db: SqliteDatabase, media_type: MediaType, day: date, ids: BitMap) -> None:
    """Record that those of `ids` that are on the day's list have been asked for."""
    one = get(db, media_type, day)
    if one is not None and not (new := one.ids & ids) <= one.fetched:
        db.execute_sql(
            "UPDATE change_day SET fetched = ? WHERE media_type = ? AND day = ?",
            ((one.fetched | new).serialize(), media_type.value, day.isoformat()),
        )


def close(db: SqliteDatabase, media_type: MediaType, day: date, now_ms: int) -> bool:
    """Close a day whose list was read late enough; False when it stays open."""
    cursor = db.execute_sql(
        "UPDATE change_day SET closed_at = ? WHERE media_type = ? AND day = ? AND closed_at IS NULL AND last_at >= ?",
        (now_ms, media_type.value, day.isoformat(), closes_from(day)),
    )
    return bool(cursor.rowcount)


def done_items(db: SqliteDatabase, job_id: int, media_type: MediaType) -> BitMap:
    """The TMDb ids of what a job has asked for, as its items say."""
    return ids_of(
        db,
        "SELECT tmdb_id AS id FROM job_item WHERE job_id = ? AND media_type = ? AND state = 'done'",
        (job_id, media_type.value),
    )


def prune(db: SqliteDatabase, media_type: MediaType, before: date) -> None:
    """Forget closed days before one, but never the last closed one."""
    db.execute_sql(
        "DELETE FROM change_day WHERE media_type = ?1 AND closed_at IS NOT NULL AND day < ?2 "
        "AND day < (SELECT max(day) FROM change_day WHERE media_type = ?1)",
        (media_type.value, before.isoformat()),
    )


def latest_naming(db: SqliteDatabase, media_type: MediaType, tmdb_id: int) -> date | None:
    """The latest day whose list names a title, as far back as days are kept."""
    rows = db.execute_sql(
        "SELECT day, ids FROM change_day WHERE media_type = ? ORDER BY day DESC", (media_type.value,)
    ).fetchall()
    return next((date.fromisoformat(day) for day, ids in rows if tmdb_id in BitMap.deserialize(ids)), None)
