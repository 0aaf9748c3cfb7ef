"""Release months beside the library: the heat map and one month in detail."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import coverage, exports, release_months
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.catalogue import ids_of
from gdvg_desktop.store.titles import existing_ids

ANALYSIS_FACT = "gap_analysis"


@dataclass(frozen=True, slots=True)
class MonthCell:
    """A release month. `listed` is what discover lists, `held` how many of those the library has, `missing` the rest.

    `asked_at` (unix ms) is when TMDb was last asked; `exact` says the ids were listed and compared, not just counted.
    """

    year: int
    month: int
    listed: int
    held: int
    missing: int
    asked_at: int
    exact: bool

    @property
    def share_missing(self) -> float:
        """0.0 to 1.0."""
        return self.missing / self.listed if self.listed else 0.0


@dataclass(frozen=True, slots=True)
class MonthMap:
    """The months known, by (year, month)."""

    cells: dict[tuple[int, int], MonthCell] = field(default_factory=dict)

    @property
    def below(self) -> int:
        """Months with something missing."""
        return sum(1 for one in self.cells.values() if one.missing)

    @property
    def years(self) -> tuple[int, int] | None:
        """The first and the last year with a listed title."""
        found = [year for (year, _), one in self.cells.items() if one.listed]
        return (min(found), max(found)) if found else None


@dataclass(frozen=True, slots=True)
class MonthDetail:
    """One month: its cell, of its missing titles how many are popular, due after an earlier try, resting until later,
    given up, ignored or not yet in the registry, the cause most failed tries name, and what a fill costs.

    `seconds` is None when requests are unpaced. `cell` is None for a month never asked for.
    """

    month: str
    cell: MonthCell | None
    missing: int
    popular: int
    due_again: int
    resting: int
    gave_up: int
    ignored: int
    cause: str | None
    cause_at: int | None
    requests: int
    seconds: float | None


def month_map(db: SqliteDatabase, types: Sequence[MediaType], month: str | None = None) -> MonthMap:
    """All months of these types; rules of the scope are joined, a title that two rules list counts once.

    With `month` (YYYY-MM) that one alone, read without a look at the rest of the library.
    """
    cells: dict[tuple[int, int], MonthCell] = {}
    for media_type in types:
        for name, one in _of_type(db, media_type, month).items():
            place = (int(name[:4]), int(name[5:]))
            before = cells.get(place)
            cells[place] = one if before is None else _sum(before, one)
    return MonthMap(cells)


def _sum(one: MonthCell, other: MonthCell) -> MonthCell:
    return MonthCell(
        one.year,
        one.month,
        one.listed + other.listed,
        one.held + other.held,
        one.missing + other.missing,
        min(one.asked_at, other.asked_at),
        one.exact and other.exact,
    )


def _of_type(db: SqliteDatabase, media_type: MediaType, month: str | None) -> dict[str, MonthCell]:
    by_month: dict[str, list[release_months.ReleaseMonth]] = {}
    for rule in release_months.rules(db):
        for name, one in release_months.of_rule(db, rule, media_type, month).items():
            by_month.setdefault(name, []).append(one)
    if not by_month:
        return {}
    if month is None:
        held = held_ids(db, media_type)
    else:
        named = BitMap.union(BitMap(), *(one.ids for one in by_month[month] if one.ids is not None))
        held = BitMap(existing_ids(db, media_type, named))
    buried = ids_of(db, "SELECT tmdb_id AS id FROM tombstone WHERE media_type = ?", (media_type.value,))
    export = exports.ids(db, media_type)
    day = coverage.export_day(db, media_type, scopes.load(db))
    named = held | export[0] if export is not None else held
    counted: dict[str, int] | None = None
    cells = {}
    for name, rows in by_month.items():
        asked_at = min(one.asked_at for one in rows)
        place = int(name[:4]), int(name[5:])
        if all(one.ids is not None or not one.reported for one in rows):
            listed = BitMap.union(BitMap(), *(one.still_listed(named, day) for one in rows)) - buried
            missing = len(listed - held)
            cells[name] = MonthCell(*place, len(listed), len(listed) - missing, missing, asked_at, True)
        else:
            if counted is None:
                counted = held_by_month(db, media_type, month)
            listed_n = sum(one.reported for one in rows)
            held_n = min(listed_n, counted.get(name, 0))
            cells[name] = MonthCell(*place, listed_n, held_n, listed_n - held_n, asked_at, False)
    return cells


def held_ids(db: SqliteDatabase, media_type: MediaType) -> BitMap:
    """TMDb ids of a type in the library."""
    import numpy  # late: a command that lists jobs needs none of it

    catalogue = getattr(db, "catalogue", None)
    if catalogue is None:
        return ids_of(db, "SELECT tmdb_id AS id FROM title WHERE media_type = ?", (media_type.value,))
    catalogue.every(db)  # the question that makes its sets follow what was stored meanwhile
    keys = numpy.frombuffer(catalogue.with_value(db, "media_type", media_type.value).to_array(), dtype=numpy.uint32)
    return BitMap((keys >> 1).astype(numpy.uint32))


def held_by_month(db: SqliteDatabase, media_type: MediaType, month: str | None = None) -> dict[str, int]:
    """How many held titles have their date in each month; those deleted at TMDb are not counted."""
    rows = db.execute_sql(
        "SELECT substr(release_date, 1, 7), count(*) FROM title WHERE id & 1 = ? AND release_date >= ? "
        "AND release_date <= ? AND id NOT IN (SELECT title_id FROM tombstone) GROUP BY 1",  # read from one index
        (media_type is MediaType.TV, month or "", f"{month or ''}~"),
    )
    return dict(rows.fetchall())


def month_detail(db: SqliteDatabase, month: str, types: Sequence[MediaType], now_ms: int, rate: float) -> MonthDetail:
    """One month; `rate` is requests a second, 0 for unpaced."""
    place = (int(month[:4]), int(month[5:]))
    cell = month_map(db, types, month).cells.get(place)
    bits = ", ".join(str(int(one is MediaType.TV)) for one in types)
    mine = f"FROM gap WHERE +kind = 'temporal' AND month = ? AND title_id & 1 IN ({bits})"
    row = db.execute_sql(
        "SELECT count(*), "
        "coalesce(sum(status = 'open' AND tries > 0 AND coalesce(next_try_at, 0) <= ?), 0), "
        "coalesce(sum(status = 'open' AND next_try_at > ?), 0), "
        "coalesce(sum(status = 'gave_up'), 0), coalesce(sum(status = 'ignored'), 0), "
        "coalesce(sum(EXISTS (SELECT 1 FROM gap AS other WHERE other.title_id = gap.title_id "
        f"AND other.kind = 'popularity')), 0) {mine}",
        (now_ms, now_ms, month),
    ).fetchone()
    found, due_again, resting, gave_up, ignored, popular = map(int, row)
    cause = db.execute_sql(
        f"SELECT message, max(last_try_at), count(*) {mine} AND message IS NOT NULL GROUP BY 1 ORDER BY 3 DESC LIMIT 1",
        (month,),
    ).fetchone()
    requests = found - ignored - gave_up  # a fill of a month takes what is open, also what rests
    return MonthDetail(
        month=month,
        cell=cell,
        missing=cell.missing if cell else found,
        popular=popular,
        due_again=due_again,
        resting=resting,
        gave_up=gave_up,
        ignored=ignored,
        cause=cause[0] if cause else None,
        cause_at=cause[1] if cause else None,
        requests=requests,
        seconds=requests / rate if rate > 0 else None,
    )
