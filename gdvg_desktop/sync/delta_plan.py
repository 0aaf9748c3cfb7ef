"""Which days of the change lists a delta run reads, and which listed titles it fetches. Pure.

A title is fetched when it is first seen on a day's list, and once more in the closing pass at least eight hours after
the day ended. Whatever was asked for late enough anyway is not fetched again, so runs that overlap cost nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pyroaring import BitMap

from gdvg_desktop.store.change_days import ChangeDay
from gdvg_desktop.store.coverage import IdSets
from gdvg_desktop.tmdb.changes import LONGEST_WINDOW_DAYS


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a type to be read, oldest first. `refresh_before` is set when the lists do not reach back far enough:
    what was last checked before the beginning of that day is to be refreshed by age instead."""

    days: tuple[date, ...]
    refresh_before: date | None = None


def days_to_read(watermark: date | None, oldest_checked: date | None, today: date, lookback: int = 1) -> Days:
    """From the watermark's day, which is read once more, to today; at most the last fourteen days.

    The last `lookback` days, today among them, are read in any case. The first run begins on the day before the oldest
    title was checked, because bodies TMDb serves are up to five hours old.
    """
    if watermark is not None:
        first = min(watermark, today)
        needed = watermark + timedelta(days=1)
    elif oldest_checked is not None:
        first = min(oldest_checked, today) - timedelta(days=1)
        needed = first
    else:
        first = needed = today
    earliest = today - timedelta(days=LONGEST_WINDOW_DAYS - 1)
    behind = needed < earliest
    first = max(min(first, today - timedelta(days=lookback - 1)), earliest)
    days = tuple(first + timedelta(days=n) for n in range((today - first).days + 1))
    return Days(days, earliest if behind else None)


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """Listed ids: `held` and tombstoned ones are refreshed, `missing` ones of the scope fetched, `unjudged` ones, which
    the export does not name, fetched and judged by their details. The others are left out: `adult`, `outside`."""

    held: BitMap
    missing: BitMap
    unjudged: BitMap
    adult: BitMap
    outside: BitMap

    @property
    def wanted(self) -> BitMap:
        """Everything that may have to be fetched."""
        return self.held | self.missing | self.unjudged


def sort_listed(
    listed: BitMap, marked_adult: BitMap, sets: IdSets, library: BitMap, *, names_type: bool, adult_in_scope: bool
) -> Sorted:
    """Say of each listed id what is to be done about it.

    `library` are the rows of the library, deleted titles among them; `names_type` is false when no rule of the scope
    names this media type.
    """
    held = listed & (library | sets.tombstoned)
    unheld = listed - held
    adult = BitMap() if adult_in_scope else unheld & marked_adult
    rest = unheld - adult
    missing = rest & sets.missing
    unnamed = rest - sets.in_export
    unjudged = unnamed if names_type else BitMap()
    return Sorted(held, missing, unjudged, adult, rest - missing - unjudged)


def to_fetch(day: ChangeDay, wanted: BitMap, asked_at: Mapping[int, int], now_ms: int) -> BitMap:
    """Which of the wanted ids of a day's list are to be fetched now.

    `day` is what was known before this reading; `asked_at` when TMDb last answered about a title.
    """
    if day.closed_at is not None:  # read once more after the closing pass: only what is new on the list
        return BitMap(one for one in wanted - day.fetched if asked_at.get(one, 0) < day.closes_from)
    if now_ms >= day.closes_from:
        return BitMap(one for one in wanted if asked_at.get(one, 0) < day.closes_from)
    seen_before = day.ids if day.last_at else BitMap()
    return BitMap(one for one in wanted - day.fetched if one not in seen_before or asked_at.get(one, 0) < day.last_at)
