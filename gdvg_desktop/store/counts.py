"""Daily counts and dated facts: what the overview shows of the past without walking millions of rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from peewee import SqliteDatabase

ADDED_MOVIE, ADDED_TV, UPDATED, UNCHANGED, SKIPPED, FAILED, GONE = (
    "added_movie",
    "added_tv",
    "updated",
    "unchanged",
    "skipped",
    "failed",
    "gone",
)
REQUESTS = "requests"
RECOVERED, RECOVERED_ASKED = "recovered", "recovered_asked"  # failed titles a retry brought in: by itself, asked for


@dataclass(frozen=True, slots=True)
class Fact:
    """A small value and when it was learnt (unix milliseconds)."""

    value: str
    at: int


def add_daily(db: SqliteDatabase, day: date, counts: Mapping[str, int]) -> None:
    """Add to the counts of a UTC day. Metrics are the constants above and `error_<category>`."""
    db.connection().executemany(
        "INSERT INTO daily_count (day, metric, value) VALUES (?, ?, ?) "
        "ON CONFLICT (day, metric) DO UPDATE SET value = value + excluded.value",
        [(day.isoformat(), metric, value) for metric, value in counts.items() if value],
    )


def daily(db: SqliteDatabase, first: date, last: date) -> dict[date, dict[str, int]]:
    """Counts by day and metric, both ends included; days without counts are absent."""
    rows = db.execute_sql(
        "SELECT day, metric, value FROM daily_count WHERE day BETWEEN ? AND ?",
        (first.isoformat(), last.isoformat()),
    )
    found: dict[date, dict[str, int]] = {}
    for day, metric, value in rows:
        found.setdefault(date.fromisoformat(day), {})[metric] = value
    return found


def set_fact(db: SqliteDatabase, name: str, value: str, now_ms: int) -> None:
    """Remember a fact, replacing what was known."""
    db.execute_sql(
        "INSERT INTO fact (name, value, at) VALUES (?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
        (name, value, now_ms),
    )


def forget_fact(db: SqliteDatabase, name: str) -> None:
    """Forget a fact, if it was known."""
    db.execute_sql("DELETE FROM fact WHERE name = ?", (name,))


def fact(db: SqliteDatabase, name: str) -> Fact | None:
    """A fact, or None when it was never learnt."""
    row = db.execute_sql("SELECT value, at FROM fact WHERE name = ?", (name,)).fetchone()
    return Fact(*row) if row else None
