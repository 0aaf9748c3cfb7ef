"""Release months as discover lists them, one row for a rule of the scope, a type and a month.

A month is *asked* (its total is known) or *listed* (its ids are known too). Functions take an open database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import exports

_DAY_MS = 86_400_000
RECENT_AGE_MS = _DAY_MS
SETTLED_AGE_MS = 30 * _DAY_MS


@dataclass(frozen=True, slots=True)
class ReleaseMonth:
    """A month of a rule. `month` is YYYY-MM, `reported` TMDb's total at `asked_at`; `ids` are those listed at
    `listed_at`, None while it was never listed. Instants are unix ms."""

    rule: str
    media_type: MediaType
    month: str
    reported: int
    asked_at: int
    listed_at: int | None = None
    ids: BitMap | None = None
    note: str | None = None

    def still_listed(self, named: BitMap, export_day: date | None) -> BitMap:
        """Its ids, but those it listed before an export was made that does not name them: they have been deleted.

        `named` are the ids of the newest export of that day, None while there is none to go by.
        """
        ids = self.ids or BitMap()
        if export_day is None or (self.listed_at or 0) > exports.ready_at(export_day):
            return ids
        return ids & named

    def is_stale(self, now_ms: int, recent_from: str) -> bool:
        """Whether it is to be asked again: after a day when recent (`recent_from` on), else after 30 days."""
        return now_ms - self.asked_at >= (RECENT_AGE_MS if self.month >= recent_from else SETTLED_AGE_MS)


def recent_from(today_month: str) -> str:
    """The first of the three months that still move, given the present one."""
    year, month = int(today_month[:4]), int(today_month[5:])
    year, month = (year, month - 2) if month > 2 else (year - 1, month + 10)
    return f"{year:04d}-{month:02d}"


def of_rule(db: SqliteDatabase, rule: str, media_type: MediaType, month: str | None = None) -> dict[str, ReleaseMonth]:
    """The months of a rule and type, by month; with `month` (YYYY-MM) that one alone, if it is known."""
    rows = db.execute_sql(
        "SELECT month, reported, asked_at, listed_at, ids, note FROM release_month WHERE rule = ? AND media_type = ? "
        "AND month >= ? AND month <= ?",
        (rule, media_type.value, month or "", month or "~"),
    )
    return {
        row[0]: ReleaseMonth(
            rule, media_type, row[0], row[1], row[2], row[3], BitMap.deserialize(row[4]) if row[4] else None, row[5]
        )
        for row in rows
    }


def rules(db: SqliteDatabase) -> list[str]:
    """Every rule that has months."""
    return [row[0] for row in db.execute_sql("SELECT DISTINCT rule FROM release_month ORDER BY 1")]


def put(db: SqliteDatabase, months: Iterable[ReleaseMonth]) -> None:
    """Keep what was learnt of months. A total alone leaves the ids of an earlier listing as they are."""
    db.connection().executemany(
        "INSERT INTO release_month (rule, media_type, month, reported, asked_at, listed_at, ids, note) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET reported = excluded.reported, "
        "asked_at = excluded.asked_at, listed_at = coalesce(excluded.listed_at, listed_at), "
        "ids = coalesce(excluded.ids, ids), note = excluded.note",
        [
            (
                one.rule,
                one.media_type.value,
                one.month,
                one.reported,
                one.asked_at,
                one.listed_at,
                None if one.ids is None else one.ids.serialize(),
                one.note[:500] if one.note else None,
            )
            for one in months
        ],
    )


def forget_rules_but(db: SqliteDatabase, keep: Iterable[str]) -> int:
    """Drop the months of rules the scope no longer has; returns how many rows went."""
    kept = list(keep)
    marks = ", ".join("?" * len(kept))
    return int(db.execute_sql(f"DELETE FROM release_month WHERE rule NOT IN ({marks})", kept).rowcount)


def reset(db: SqliteDatabase) -> int:
    """Forget every month, so that the next analysis asks all anew; returns how many rows went."""
    return int(db.execute_sql("DELETE FROM release_month").rowcount)
