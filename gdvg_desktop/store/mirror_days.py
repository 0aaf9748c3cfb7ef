"""What the mirror used of each UTC day: requests, seconds of work, and the titles it brought. The daily budget and the
measured rate both come from here, so they survive any restart."""

from dataclasses import dataclass
from datetime import date, timedelta

from peewee import SqliteDatabase

from gdvg_desktop.store import counts

REQUESTS, MILLIS, TITLES = "mirror_requests", "mirror_millis", "mirror_titles"
RATE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used of a day."""

    requests: int = 0
    millis: int = 0
    titles: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.requests + other.requests, self.millis + other.millis, self.titles + other.titles)


def add(db: SqliteDatabase, day: date, spent: Spent) -> None:
    """Add to a day."""
    counts.add_daily(db, day, {REQUESTS: spent.requests, MILLIS: spent.millis, TITLES: spent.titles})


def of(db: SqliteDatabase, day: date) -> Spent:
    """What was used of a day so far."""
    return _spent(counts.daily(db, day, day).get(day, {}))


def titles_per_second(db: SqliteDatabase, today: date) -> float | None:
    """The rate measured over the last days on which the mirror worked; None when it has not yet."""
    days = counts.daily(db, today - timedelta(days=RATE_DAYS - 1), today).values()
    whole = sum(map(_spent, days), Spent())
    return whole.titles * 1000 / whole.millis if whole.titles and whole.millis else None


def _spent(day: dict[str, int]) -> Spent:
    return Spent(day.get(REQUESTS, 0), day.get(MILLIS, 0), day.get(TITLES, 0))
