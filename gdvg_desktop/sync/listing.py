"""Listing: walks a job's discover windows page by page into its items, and the daily export for a whole catalogue.

A window is walked in a stable order. When a walk saw fewer titles than TMDb reports, rows have shifted between pages
and it is walked again in another order, until the count is reached or two walks in a row find nothing new.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from itertools import islice

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import Clock, to_millis, utc_day
from gdvg_desktop.core.errors import GaveUp, RequestError
from gdvg_desktop.core.events import Bus, JobChanged, JobLogged
from gdvg_desktop.core.kinds import FailureCategory, MediaType
from gdvg_desktop.core.scope import ScopeRule
from gdvg_desktop.store import counts, jobs, runs, windows
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.runs import Incident
from gdvg_desktop.store.windows import Window, WindowRow
from gdvg_desktop.sync import planner
from gdvg_desktop.sync.enumerate import ExportTools, read_newest
from gdvg_desktop.sync.filters import ImportFilter
from gdvg_desktop.sync.reference import Reference
from gdvg_desktop.tmdb.client import Meter, TmdbClient
from gdvg_desktop.tmdb.discover import STABLE_ORDERS, DiscoverQuery, discover
from gdvg_desktop.tmdb.exports import ExportReader
from gdvg_desktop.tmdb.payloads import DiscoverPage, decode_discover

log = logging.getLogger(__name__)

MAX_PASSES = 8
PAGES_AT_ONCE = 8
EXPORT_CHUNK = 5_000


def query_of(
    chosen: ImportFilter | ScopeRule, window: Window, sort_by: str, *, adult: bool = False, video: bool = False
) -> DiscoverQuery:
    """The discover query of a window of a filter or of a rule of the scope."""
    return DiscoverQuery(
        media_type=window.media_type,
        countries=chosen.countries,
        genres=chosen.ids_for(window.media_type) or (),
        match=chosen.match,
        date_from=window.date_from,
        date_to=window.date_to,
        undated=window.undated,
        original_language=window.language,
        vote_count_gte=window.votes_from,
        vote_count_lte=window.votes_to,
        sort_by=sort_by,
        include_adult=adult,
        include_video=video,
    )


class Listing:
    """Fills a job's items from its windows or from the export."""

    def __init__(
        self,
        *,
        store: Store,
        client: TmdbClient,
        exports: ExportReader,
        reference: Reference,
        bus: Bus,
        clock: Clock,
        job_id: int,
        chosen: ImportFilter,
        lane: Callable[[], int],
        meter: Meter,
    ) -> None:
        self._store = store
        self._client = client
        self._exports = exports
        self._reference = reference
        self._bus = bus
        self._clock = clock
        self._job_id = job_id
        self._chosen = chosen
        self._lane = lane
        self._meter = meter

    async def walk_windows(self) -> None:
        """Walk every window that is neither complete nor failed. Splitting adds windows, so look again after each."""
        while True:
            rows = await self._store.read(lambda db: windows.of_job(db, self._job_id))
            waiting = [row for row in rows if not row.complete and not row.failed]
            if not waiting:
                return
            await self._walk(waiting[0])

    async def _walk(self, row: WindowRow) -> None:
        seen = await self._store.read(lambda db: jobs.window_ids(db, row.id, self._job_id))
        fruitless = 0
        for walked in range(row.passes, MAX_PASSES):
            before = len(seen)
            sort_by = STABLE_ORDERS[row.window.media_type][walked % len(STABLE_ORDERS[row.window.media_type])]
            reported: int | None = None
            failure: BaseException | None = None
            try:
                reported = await self._one_pass(row, sort_by, seen, row.last_page if walked == row.passes else 0)
            except* (GaveUp, RequestError) as group:
                failure = group.exceptions[0]
            if failure is not None:
                await self._fail(row, failure)
            if reported is None:  # failed, or split into parts
                return
            fruitless = fruitless + 1 if len(seen) == before else 0
            short = planner.walk_is_short(len(seen), reported)
            last = not short or fruitless >= 2 or walked + 1 == MAX_PASSES
            await self._end_pass(row, reported, len(seen), complete=last)
            if last:
                return

    async def _end_pass(self, row: WindowRow, reported: int, seen: int, *, complete: bool) -> None:
        short = planner.walk_is_short(seen, reported)
        note = f"TMDb reports {reported} titles, {seen} could be listed." if short else None
        now_ms = to_millis(self._clock.now())

        def write(db: SqliteDatabase) -> None:
            windows.pass_done(db, row.id, complete=complete, note=note, now_ms=now_ms)
            if not complete:
                runs.note(db, self._job_id, Incident.RELISTED, now_ms)

        await self._store.write(write)
        where = describe(row.window)
        if not complete:
            self._say("warn", f"{where}: {seen} of {reported} listed, rows moved; walking it again")
        elif short:
            self._say("warn", f"{where}: {seen} listed, TMDb reports {reported}")
        else:
            self._say("info", f"{where} listed, {seen} titles")

    async def _one_pass(self, row: WindowRow, sort_by: str, seen: set[int], last_page: int) -> int | None:
        """Walk all pages once, from the first one not yet kept; returns the reported total, None when split."""
        query = query_of(self._chosen, row.window, sort_by)
        if last_page >= planner.PAGE_CAP:  # the walk had come as far as TMDb lets one go
            last_page = 0
        first = last_page + 1
        page = await self._page(query, first)
        if planner.is_overfull(page.total_pages) and await self._split(row, page.total_results):
            return None
        progress = _Progress(last_page)
        await self._keep(row, page, first, progress, seen)
        last = min(page.total_pages, planner.PAGE_CAP)
        reported = page.total_results
        slots = asyncio.Semaphore(PAGES_AT_ONCE)

        async def fetch(number: int) -> None:
            nonlocal reported
            async with slots:
                one = await self._page(query, number)
            reported = one.total_results or reported
            await self._keep(row, one, number, progress, seen)

        async with asyncio.TaskGroup() as group:
            for number in range(first + 1, last + 1):
                group.create_task(fetch(number))
        return reported

    async def _page(self, query: DiscoverQuery, number: int) -> DiscoverPage:
        return await self._client.get(
            discover(query, number), lane=self._lane(), meter=self._meter, decode=decode_discover
        )

    async def _keep(
        self, row: WindowRow, page: DiscoverPage, number: int, progress: "_Progress", seen: set[int]
    ) -> None:
        rows = [(row.window.media_type, one.id, one.popularity, one.date) for one in page.results if one.id is not None]
        seen.update(tmdb_id for _, tmdb_id, _, _ in rows)
        now_ms = to_millis(self._clock.now())

        def write(db: SqliteDatabase) -> None:
            jobs.add_listed(db, self._job_id, row.id, rows)
            last_page = progress.kept(number)
            windows.page_done(db, row.id, last_page, page.total_pages, page.total_results, now_ms)

        await self._store.write(write)
        self._bus.publish(JobChanged(self._job_id))

    async def _split(self, row: WindowRow, reported: int) -> bool:
        """Put smaller windows in the place of an overfull one; False when nothing is left to split by."""
        today = utc_day(self._clock.now())
        languages: list[str] = []
        parts = planner.split(row.window, today, languages)
        if not parts and row.window.language is None:
            languages = await self._reference.language_codes()
            parts = planner.split(row.window, today, languages)
        if not parts:
            return False

        def write(db: SqliteDatabase) -> None:
            windows.replace(db, row.id, self._job_id, parts)
            if row.window.undated == "with" and row.window.media_type is MediaType.MOVIE:
                # movies without a date cannot be listed by date windows: remember what the whole query reported
                jobs.set_split_total(db, self._job_id, reported)

        await self._store.write(write)
        self._say("info", f"{describe(row.window)}: {reported} titles, split into {len(parts)} windows")
        return True

    async def _fail(self, row: WindowRow, error: BaseException) -> None:
        now_ms = to_millis(self._clock.now())
        note = f"{describe(row.window)} could not be listed: {error}"
        category = error.category if isinstance(error, GaveUp | RequestError) else FailureCategory.SERVER

        def write(db: SqliteDatabase) -> None:
            windows.failed(db, row.id, note, now_ms, category)
            jobs.bump(db, self._job_id, now_ms, failed=1)
            jobs.settle_total(db, self._job_id, now_ms)
            counts.add_daily(db, utc_day(self._clock.now()), {counts.FAILED: 1, f"error_{category.value}": 1})

        await self._store.write(write)
        self._say("fail", note)
        self._bus.publish(JobChanged(self._job_id))

    async def read_exports(self) -> None:
        """List the whole catalogue from the newest daily export of each type; adult and video entries are left out."""
        for media_type in self._chosen.types:
            await self._read_export(media_type)

    async def _read_export(self, media_type: MediaType) -> None:
        export = await read_newest(ExportTools(self._store, self._exports, self._bus, self._clock), media_type)
        window_id = await self._store.write(lambda db: windows.of_export(db, self._job_id, media_type))
        ids = export.ids - export.video_ids - export.adult_ids
        kept, left_out = len(ids), len(export.ids) - len(ids)
        listed = zip(ids, export.popularity_of(ids).tolist(), strict=True)
        while wanted := [(media_type, tmdb_id, liked, None) for tmdb_id, liked in islice(listed, EXPORT_CHUNK)]:
            await self._store.write(partial(jobs.add_listed, job_id=self._job_id, window_id=window_id, rows=wanted))
            self._bus.publish(JobChanged(self._job_id))
        now_ms = to_millis(self._clock.now())
        note = (
            f"Export of {export.date:%Y-%m-%d}: {kept} ids, {left_out} adult or video entries left out, "
            f"{export.broken} unreadable lines."
        )

        def write(db: SqliteDatabase) -> None:
            windows.export_done(db, window_id, kept, note, now_ms)

        await self._store.write(write)
        self._say("info", note)

    def _say(self, level: str, text: str) -> None:
        self._bus.publish(JobLogged(self._job_id, self._clock.now(), level, text))


class _Progress:
    """The last page of an unbroken run from the start, while pages arrive in any order."""

    def __init__(self, last_page: int) -> None:
        self._last = last_page
        self._ahead: set[int] = set()

    def kept(self, number: int) -> int:
        self._ahead.add(number)
        while self._last + 1 in self._ahead:
            self._last += 1
            self._ahead.discard(self._last)
        return self._last


def describe(window: Window) -> str:
    """A window in words, for the log and the ledger."""
    words = {MediaType.MOVIE: "Movies", MediaType.TV: "TV series"}[window.media_type]
    parts: list[str] = [words]
    if window.undated == "only":
        parts.append("without a date")
    elif window.date_from or window.date_to:
        parts.append(f"{_day(window.date_from) or 'first'} to {_day(window.date_to) or 'open end'}")
    if window.votes_from is not None or window.votes_to is not None:
        parts.append(f"votes {window.votes_from or 0} to {'any' if window.votes_to is None else window.votes_to}")
    if window.language:
        parts.append(f"in {window.language}")
    return ", ".join(parts)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def total_pages(rows: Iterable[WindowRow]) -> tuple[int, int]:
    """Pages kept and pages known over windows."""
    done = known = 0
    for row in rows:
        pages = min(row.total_pages or 1, planner.PAGE_CAP)
        known += pages
        done += pages if row.complete else row.last_page
    return done, known
