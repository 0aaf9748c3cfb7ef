"""What the work did in each hour: titles dealt with, failures, imports, and how long there was work and we were awake.

Alerts about the pace of the work read these rows. They are kept for two months; an hour without work has no row.
"""

import json
from dataclasses import dataclass

from peewee import SqliteDatabase

from gdvg_desktop.store import counts

HOUR_MS = 3_600_000
KEEP_MS = 60 * 24 * HOUR_MS
_TOTALS = "work_hour_totals"  # what the day counts added up to at the last look: a fact
_HANDLED = (counts.ADDED_MOVIE, counts.ADDED_TV, counts.UPDATED, counts.UNCHANGED, counts.GONE)
_IMPORTED = (counts.ADDED_MOVIE, counts.ADDED_TV)


@dataclass(frozen=True, slots=True)
class Work:
    """What was done in a stretch of time. `handled` titles were stored, checked or found gone, `failed` were not.

    `working_ms` is awake time in which there was work nobody had paused.
    """

    handled: int = 0
    failed: int = 0
    imported: int = 0
    working_ms: int = 0

    @property
    def attempts(self) -> int:
        """Titles that were tried."""
        return self.handled + self.failed


def add(db: SqliteDatabase, now_ms: int, working_ms: int) -> None:
    """Book what the day counts grew by since the last look, and working time, on the hour it is."""
    totals = dict(db.execute_sql("SELECT metric, sum(value) FROM daily_count GROUP BY metric").fetchall())
    now = (
        sum(totals.get(one, 0) for one in _HANDLED),
        totals.get(counts.FAILED, 0),
        sum(totals.get(one, 0) for one in _IMPORTED),
    )
    known = counts.fact(db, _TOTALS)
    before = tuple(json.loads(known.value)) if known is not None else now
    handled, failed, imported = (max(0, new - old) for new, old in zip(now, before, strict=True))
    if known is None or before != now:
        counts.set_fact(db, _TOTALS, json.dumps(now), now_ms)
    if not (handled or failed or imported or working_ms):
        return
    db.execute_sql(
        "INSERT INTO work_hour (at, handled, failed, imported, working_ms, idle_ms) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (at) DO UPDATE SET handled = handled + excluded.handled, failed = failed + excluded.failed, "
        "imported = imported + excluded.imported, working_ms = working_ms + excluded.working_ms, "
        "idle_ms = CASE WHEN excluded.handled THEN 0 ELSE idle_ms + excluded.idle_ms END",
        (now_ms - now_ms % HOUR_MS, handled, failed, imported, working_ms, 0 if handled else working_ms),
    )
    db.execute_sql("DELETE FROM work_hour WHERE at < ?", (now_ms - KEEP_MS,))


def between(db: SqliteDatabase, since_ms: int, until_ms: int) -> Work:
    """What was done in the hours that began in a stretch of time, its end not included."""
    row = db.execute_sql(
        "SELECT coalesce(sum(handled), 0), coalesce(sum(failed), 0), coalesce(sum(imported), 0), "
        "coalesce(sum(working_ms), 0) FROM work_hour WHERE at >= ? AND at < ?",
        (since_ms, until_ms),
    ).fetchone()
    return Work(*row)


def idle_ms(db: SqliteDatabase) -> int:
    """Awake time with work to do since a title was last dealt with."""
    row = db.execute_sql(
        "SELECT coalesce(sum(CASE WHEN handled THEN idle_ms ELSE working_ms END), 0) FROM work_hour "
        "WHERE at >= coalesce((SELECT max(at) FROM work_hour WHERE handled > 0), 0)"
    ).fetchone()
    return int(row[0])
