"""Asks discover which titles each release month has, in few requests, and keeps what it learns month by month.

A stretch of months is asked as a whole first: nothing in it settles all its months with one request, and a stretch of
few pages is listed whole, as its rows carry their dates. Only a stretch with more is halved, down to single months. A
month is kept in the moment it is known, so a walk that was broken off goes on with the months still stale.
"""

import asyncio
import calendar
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import to_millis, utc_day
from gdvg_desktop.core.errors import GaveUp, RequestError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.store import coverage, release_months
from gdvg_desktop.store.release_months import ReleaseMonth
from gdvg_desktop.store.titles import title_id_of
from gdvg_desktop.store.windows import Window
from gdvg_desktop.sync import planner
from gdvg_desktop.sync.listing import query_of
from gdvg_desktop.sync.title_run import Tools
from gdvg_desktop.tmdb.client import Meter
from gdvg_desktop.tmdb.discover import STABLE_ORDERS, discover
from gdvg_desktop.tmdb.payloads import DiscoverPage, decode_discover

log = logging.getLogger(__name__)

FEW_PAGES = 12
PAGES_AT_ONCE = 8
PASSES = 3  # walks of one listing while rows move between its pages
FREE_PAGES = 2_000  # pages always worth listing: under a minute of requests
FIRST_YEAR = 1800
YEARS_AHEAD = 10
MANY_PAGES = 48  # a year with more is asked month by month at once: halving it would only cost requests
_CHUNK = 500

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk came to: months asked or listed, and those that could not be."""

    months: int
    failed: int


class MonthWalk:
    """The months of one rule of the scope and one type. `on_kept` hears the last month (YYYY-MM) of each kept part."""

    def __init__(
        self,
        tools: Tools,
        scope: Scope,
        rule: ScopeRule,
        media_type: MediaType,
        lane: Callable[[], int],
        meter: Meter,
        on_kept: Callable[[str], None],
    ) -> None:
        self._tools = tools
        self._on_kept = on_kept
        self._scope = scope
        self._rule = rule
        self._key = scope.listing_key(rule)
        self._type = media_type
        self._lane = lane
        self._meter = meter
        self._slots = asyncio.Semaphore(PAGES_AT_ONCE)
        self._known: dict[str, ReleaseMonth] = {}
        self._held: dict[str, int] = {}
        self._missing = 0
        self._lists_all = False
        self._done = self._failed = 0

    async def bring_up(self) -> Walked:
        """Ask for what is stale and list what is undecided. Raises what stops everything, such as CredentialError."""
        await self._tools.store.read(self._look)
        for stretch in self._stretches():
            await self._settle(stretch)
        return Walked(self._done, self._failed)

    # ------------------------------------------------------------------------------------ what is to be asked

    def _look(self, db: SqliteDatabase) -> None:
        """Read what is known of the months, and what the library has of each."""
        self._known = release_months.of_rule(db, self._key, self._type)
        sets = coverage.id_sets(db, self._type, self._scope)
        held = coverage.held_ids(db, self._type)
        self._missing = len(sets.missing)
        wanted_pages = (len(sets.held) + len(sets.missing)) // planner.PAGE_SIZE
        # Where little is missing, walking every page would cost more than it could find: only short months are listed.
        self._lists_all = wanted_pages <= max(FREE_PAGES, self._missing)
        rows = db.execute_sql(
            "SELECT substr(release_date, 1, 7), count(*) FROM title WHERE id & 1 = ? AND release_date IS NOT NULL "
            "GROUP BY 1",  # read from one index
            (self._type is MediaType.TV,),
        )
        self._held = dict(rows.fetchall())
        # what the library has beyond the catalogue, or TMDb has deleted, says nothing of a month's completeness
        aside = sets.beyond | (sets.excluded & held) | coverage.tombstone_ids(db, self._type)
        beyond = [title_id_of(self._type, one) for one in aside]
        for start in range(0, len(beyond), _CHUNK):
            marks = ", ".join(map(str, beyond[start : start + _CHUNK]))
            rows = db.execute_sql(
                f"SELECT substr(release_date, 1, 7), count(*) FROM title WHERE id IN ({marks}) "
                "AND release_date IS NOT NULL GROUP BY 1"
            )
            for month, number in rows.fetchall():
                self._held[month] -= number

    def _wants_ids(self, month: str, reported: int) -> bool:
        """Whether a month's ids are to be listed, not just counted."""
        if not reported:
            return False
        return (self._lists_all and self._missing > 0) or self._held.get(month, 0) < reported

    def _stretches(self) -> Iterator[list[Month]]:
        """Neighbouring months that are stale or undecided, oldest first."""
        now_ms = self._now_ms()
        today = utc_day(self._tools.clock.now())
        recent_from = release_months.recent_from(f"{today:%Y-%m}")
        first = self._rule.first_day or date(FIRST_YEAR, 1, 1)
        last = self._rule.last_day or date(today.year + YEARS_AHEAD, 12, 31)
        months = [(year, one) for year in range(first.year, last.year + 1) for one in range(1, 13)]
        stretch: list[Month] = []
        for month in months[first.month - 1 : len(months) - 12 + last.month]:
            known = self._known.get(_name(month))
            settled = (
                known is not None
                and not known.is_stale(now_ms, recent_from)
                and (known.ids is not None or not self._wants_ids(known.month, known.reported))
            )
            if not settled:
                stretch.append(month)
            elif stretch:
                yield stretch
                stretch = []
        if stretch:
            yield stretch

    # ------------------------------------------------------------------------------------------------- asking

    async def _settle(self, stretch: list[Month]) -> None:
        """Learn what these months have; a part that cannot be had stays stale and is counted."""
        failure: BaseException | None = None
        rows: dict[int, str | None] = {}
        notes: list[str] = []
        total = 0
        parts: list[list[Month]] = []
        try:
            firsts = [(window, await self._total(window)) for window in self._windows(stretch)]
            total = sum(page.total_results for _, page in firsts)
            pages = sum(page.total_pages for _, page in firsts)
            few = pages <= FEW_PAGES
            single = len(stretch) == 1
            if total and (few or (single and self._wants_ids(_name(stretch[0]), total))):
                for window, page in firsts:
                    rows |= await self._list(window, page, notes)
            elif total and not single:
                parts = _parts(stretch, pages)
        except* (GaveUp, RequestError) as group:
            failure = group.exceptions[0]
        if failure is not None:
            self._failed += len(stretch)
            log.warning("Release months from %s could not be asked: %s", _name(stretch[0]), failure)
        elif parts:
            for part in parts:
                await self._settle(part)
        else:
            await self._keep(stretch, total, rows, " ".join(notes) or None)

    async def _keep(self, stretch: list[Month], total: int, rows: dict[int, str | None], note: str | None) -> None:
        now_ms = self._now_ms()
        by_month: dict[str, BitMap] = {_name(month): BitMap() for month in stretch}
        for tmdb_id, day in rows.items():
            # dates move: a row that has left the stretch since is kept with the next listing of its month
            if len(stretch) == 1:
                by_month[_name(stretch[0])].add(tmdb_id)
            elif day and day[:7] in by_month:
                by_month[day[:7]].add(tmdb_id)
        listed = bool(rows) or not total
        kept = [
            ReleaseMonth(
                self._key,
                self._type,
                name,
                total if len(stretch) == 1 else len(ids),
                now_ms,
                now_ms if listed else None,
                ids if listed else None,
                note,
            )
            for name, ids in by_month.items()
        ]
        await self._tools.store.write(lambda db: release_months.put(db, kept))
        self._done += len(kept)
        self._on_kept(kept[-1].month)

    async def _list(self, window: Window, first: DiscoverPage, notes: list[str]) -> dict[int, str | None]:
        """Every row of a window by id, with its date. Walked again while it is short; what stays short is noted."""
        if planner.is_overfull(first.total_pages):
            return await self._list_parts(window, notes)
        found = _rows(first)
        total = first.total_results
        for walked, sort_by in enumerate(STABLE_ORDERS[self._type][:PASSES]):
            pages = range(1 if walked else 2, min(first.total_pages, planner.PAGE_CAP) + 1)
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(self._page(window, number, sort_by)) for number in pages]
            for page in (task.result() for task in asked):
                found |= _rows(page)
                total = page.total_results or total
            if not planner.walk_is_short(len(found), total):
                return found
        notes.append(f"TMDb reports {total} titles, {len(found)} could be listed.")
        return found

    async def _list_parts(self, window: Window, notes: list[str]) -> dict[int, str | None]:
        """A window TMDb would not give to its end, in parts."""
        today = utc_day(self._tools.clock.now())
        parts = planner.split(window, today, [])
        if not parts and window.language is None:
            parts = planner.split(window, today, await self._tools.reference.language_codes())
        if not parts:
            notes.append("One day has more titles than TMDb lists.")
        found: dict[int, str | None] = {}
        for part in parts:
            found |= await self._list(part, await self._total(part), notes)
        return found

    async def _total(self, window: Window) -> DiscoverPage:
        return await self._page(window, 1, STABLE_ORDERS[self._type][0])

    async def _page(self, window: Window, number: int, sort_by: str) -> DiscoverPage:
        query = query_of(self._rule, window, sort_by, adult=self._scope.adult, video=self._scope.video)
        async with self._slots:
            return await self._tools.client.get(
                discover(query, number), lane=self._lane(), meter=self._meter, decode=decode_discover
            )

    def _windows(self, stretch: list[Month]) -> list[Window]:
        """The queries of a stretch: one, or one for each language of the rule."""
        (year, month), (last_year, last_month) = stretch[0], stretch[-1]
        first = date(year, month, 1)
        last = date(last_year, last_month, calendar.monthrange(last_year, last_month)[1])
        return [
            Window(
                self._type,
                max(first, self._rule.first_day or first),
                min(last, self._rule.last_day or last),
                undated="without",
                votes_from=self._rule.min_votes or None,
                language=language,
            )
            for language in (self._rule.languages or (None,))
        ]

    def _now_ms(self) -> int:
        return to_millis(self._tools.clock.now())


def _rows(page: DiscoverPage) -> dict[int, str | None]:
    return {one.id: one.date for one in page.results if one.id is not None}


def _parts(stretch: list[Month], pages: int) -> list[list[Month]]:
    """Smaller stretches: halves, at the turn of a year when there is one, or the months of a year of many pages."""
    years = sorted({year for year, _ in stretch})
    if len(years) > 1:
        turn = years[len(years) // 2]
        middle = next(index for index, (year, _) in enumerate(stretch) if year == turn)
    elif pages > MANY_PAGES:
        return [[month] for month in stretch]
    else:
        middle = len(stretch) // 2
    return [stretch[:middle], stretch[middle:]]


def _name(month: Month) -> str:
    return f"{month[0]:04d}-{month[1]:02d}"
