"""The mirror job: brings whatever the scope wants and the library lacks, the most popular first.

    plan    read the newest exports; for a scope of rules list them anew
    list    the missing ids become the job's items, movies and TV by turns
    fetch   as every job; stops for the day when the budget is used
    close   settle what TMDb has deleted, prove the coverage, and go over to the change lists when nothing is missing

There is one mirror job at a time, whatever the scope: when the scope changes, the job lists anew.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import msgspec
import numpy
from numpy.typing import NDArray
from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.events import JobChanged, JobsReordered
from gdvg_desktop.core.kinds import JobKind, JobState, MediaType, Origin
from gdvg_desktop.core.scope import Scope
from gdvg_desktop.store import coverage, exports, jobs, mirror, mirror_days
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.exports import ExportSet
from gdvg_desktop.store.interleave import Ranks, interleave
from gdvg_desktop.store.mirror_days import Spent
from gdvg_desktop.sync import deletions, mirror_mode, scope_listing
from gdvg_desktop.sync.budget import DayBudget
from gdvg_desktop.sync.enumerate import read_newest
from gdvg_desktop.sync.postponed import Postponed
from gdvg_desktop.sync.title_run import TitleRun, Tools

LIST_CHUNK = 5_000
GONE_AGAIN_MS = 24 * 3_600_000  # a title TMDb answered 404 for is not asked for again within a day
BUDGET = "budget"
DELTA_NAME = "Changes at TMDb"


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """The ids of a type to be fetched, ascending, with their popularity. `order` indexes them, most popular first."""

    media_type: MediaType
    ids: NDArray[numpy.uint32]
    popularity: NDArray[numpy.float32]
    order: NDArray[numpy.int64]


class MirrorRun(TitleRun):
    """One run of the mirror job."""

    skips_held = True

    def __init__(self, tools: Tools, job: jobs.Job, lane: Callable[[], int]) -> None:
        super().__init__(tools, job, lane)
        self._requests_before = job.requests
        self._budget = DayBudget(tools.settings, tools.clock, self.meter)
        self._over_budget = False
        self._used = asyncio.Event()
        self._ended = False
        self._scope_key = ""

    async def run(self) -> JobState | None:
        """As every run. Raises Postponed when the day's budget is used, with all that was fetched stored."""
        today = self._budget.today
        self._budget.open(await self._tools.store.read(lambda db: mirror_days.of(db, today)))
        if not self._budget.allows_title():
            raise self._postponed()
        await self._follow_scope()
        keeping = asyncio.create_task(self._keep_used())
        try:
            state = await super().run()
        finally:
            self._ended = True
            self._used.set()
            await keeping
        if state is None and self._over_budget:
            raise self._postponed()
        return state

    # --------------------------------------------------------------------------------------------- phases

    async def plan(self) -> None:
        scope = await self._tools.store.read(scopes.load)
        self._scope_key = key_of(scope)
        for media_type in MediaType:
            export = await read_newest(self._tools, media_type)
            self._say("info", f"Export of {export.date}: {export.rows:,} {_words(media_type)}")
        for refusal in await self._tools.store.read(exports.refusals):
            self._say("warn", f"{refusal.reason} What was trusted before stays the basis.")
        if not scope.everything:
            await scope_listing.refresh(self._tools, scope, lane=self._lane, meter=self.meter, say=self._say)
        found, _ = await mirror_mode.settle(self._tools, self._job_id)
        await self._note(scope=scope.words, scope_key=self._scope_key, before=mirror_mode.figures(found))
        await self._next_phase("list")

    async def list_titles(self) -> None:
        movies, series = await self._wanted(MediaType.MOVIE), await self._wanted(MediaType.TV)
        places = await asyncio.to_thread(interleave, len(movies.ids), len(series.ids), self._tools.settings.movie_share)
        for wanted, places_of in zip((movies, series), places, strict=True):
            ranks = numpy.empty_like(places_of)
            ranks[wanted.order] = places_of
            for first in range(0, len(ranks), LIST_CHUNK):  # in the order of ids, which is that of the table
                await self._keep(wanted, ranks, slice(first, first + LIST_CHUNK))
        self._say("info", f"{len(movies.ids):,} movies and {len(series.ids):,} TV series are missing")
        await self._next_phase("order")

    async def close(self) -> JobState | None:
        if await self._scope_changed():
            await self._list_anew()
            now_ms = to_millis(self._tools.clock.now())
            await self._tools.store.write(lambda db: jobs.settle(db, self._job_id, JobState.PENDING, now_ms))
            return JobState.PENDING
        settled = await deletions.settle(self._tools, self._job_id, self.meter, self._lane)
        if settled.paused:
            return JobState.PAUSED
        found, changed = await mirror_mode.settle(self._tools, self._job_id)
        job = await self._tools.store.read(lambda db: jobs.get(db, self._job_id))
        requests = self._requests_before + self.meter.requests
        asked = job.added + job.updated + job.unchanged + job.gone + job.failed
        complete = mirror_mode.is_complete(found)
        await self._note(
            after=mirror_mode.figures(found),
            percent=found.percent,
            mode=mirror.DELTA if complete else mirror.FILLING,
            requests_per_title=round(requests / asked, 4) if asked else None,
        )
        if complete:
            await self._begin_delta(changed)
        await self._drop("done")
        return None

    def is_over(self, db: SqliteDatabase) -> bool:
        """Not when the scope was changed while the job closed: the next run lists anew."""
        return key_of(scopes.load(db)) == self._scope_key

    async def _begin_delta(self, changed: bool) -> None:
        """All is held: the change lists are followed from here on, by a job that is queued unless there is one.

        After a batch of the schedule it is work of the schedule, too, so that a pause holds it.
        """
        now_ms = to_millis(self._tools.clock.now())

        def write(db: SqliteDatabase) -> bool:
            if mirror.unfinished(db, JobKind.DELTA) is not None or (not changed and mirror.ever(db, JobKind.DELTA)):
                return False
            scheduled = jobs.get(db, self._job_id).origin is Origin.SCHEDULE
            origin = Origin.SCHEDULE if scheduled else Origin.MIRROR
            return jobs.add(db, JobKind.DELTA, DELTA_NAME, {}, now_ms, origin=origin)[1]

        if await self._tools.store.write(write):
            self._say("info", "The change lists are read next")
            self._tools.bus.publish(JobsReordered())

    # ------------------------------------------------------------------------------------------ listing

    async def _wanted(self, media_type: MediaType) -> _Wanted:
        since_ms = to_millis(self._tools.clock.now()) - GONE_AGAIN_MS

        def read(db: SqliteDatabase) -> tuple[ExportSet | None, BitMap, BitMap]:
            sets = coverage.id_sets(db, media_type)
            scope = scopes.load(db)
            beyond = BitMap()  # listed for a rule, and too new for the export
            if not scope.covers_all(media_type):
                for rule in scope.rules_for(media_type):
                    listing = scopes.listing(db, scope.listing_key(rule), media_type)
                    beyond |= listing.ids if listing is not None else BitMap()
                beyond -= sets.in_export
                beyond -= sets.beyond
                beyond -= coverage.tombstone_ids(db, media_type)
            gone = mirror.gone_since(db, media_type, since_ms)
            return exports.newest(db, media_type), (sets.missing | beyond) - gone, (sets.missing | beyond) & gone

        export, ids, gone = await self._tools.store.read(read)
        if gone:
            self._say("skip", f"{len(gone):,} {_words(media_type)} were not found at TMDb within the last day")
        if export is None:
            ids, popularity = BitMap(), numpy.zeros(0, numpy.float32)
        else:
            popularity = await asyncio.to_thread(export.popularity_of, ids)
        every = numpy.frombuffer(ids.to_array(), numpy.uint32)
        return _Wanted(media_type, every, popularity, numpy.argsort(-popularity, kind="stable"))

    async def _keep(self, wanted: _Wanted, ranks: Ranks, part: slice) -> None:
        columns = (wanted.ids[part].tolist(), wanted.popularity[part].tolist(), ranks[part].tolist())
        await self._tools.store.write(lambda db: mirror.add_ranked(db, self._job_id, wanted.media_type, *columns))
        self._tools.bus.publish(JobChanged(self._job_id))

    # -------------------------------------------------------------------------------------- change of scope

    async def _follow_scope(self) -> None:
        """A job that listed another scope than the present one begins anew."""

        def read(db: SqliteDatabase) -> tuple[str, str | None, str]:
            job = jobs.get(db, self._job_id)
            return key_of(scopes.load(db)), job.summary.get("scope_key"), job.phase

        self._scope_key, listed, phase = await self._tools.store.read(read)
        if phase != "plan" and listed != self._scope_key:
            await self._list_anew()

    async def _scope_changed(self) -> bool:
        return key_of(await self._tools.store.read(scopes.load)) != self._scope_key

    async def _list_anew(self) -> None:
        """Forget what is listed and not yet fetched, and go back to the plan."""
        self._say("info", "The scope has changed; listing anew")
        await self._drop("pending", "listed")
        now_ms = to_millis(self._tools.clock.now())

        def write(db: SqliteDatabase) -> None:
            jobs.settle_total(db, self._job_id, now_ms)
            jobs.set_phase(db, self._job_id, "plan")
            jobs.rename(db, self._job_id, name_of(scopes.load(db)), now_ms)

        await self._tools.store.write(write)

    async def _drop(self, *states: str) -> None:
        """Forget items in some states, a chunk at a time so that others may write between."""
        for media_type in MediaType:
            after: int | None = 0
            while after is not None:
                after = await self._tools.store.write(
                    partial(mirror.drop_items, job_id=self._job_id, media_type=media_type, states=states, after=after)
                )

    # ---------------------------------------------------------------------------------------------- fetching

    async def _lease(self, after: int) -> tuple[list[jobs.Item], bool]:
        """As every job; nothing more once the scope is another, so that the run ends and the next one lists anew."""
        if await self._scope_changed():
            return [], False
        return await super()._lease(after)

    async def _fetch_one(self, item: jobs.Item) -> None:
        if not self._budget.allows_title():
            self._over_budget = True
            self._release([(item.media_type, item.tmdb_id)])
            self._stop.set()
            return
        self._budget.title_begins()
        try:
            await super()._fetch_one(item)
        finally:
            self._budget.title_ended()

    def _committed(self, items: Sequence[jobs.Item]) -> None:
        super()._committed(items)
        self._budget.stored(len(items))
        self._used.set()

    async def _keep_used(self) -> None:
        """Keep what the budget was charged with, once for each batch that was stored."""
        while self._used.is_set() or not self._ended:
            await self._used.wait()
            self._used.clear()
            used = self._budget.take()
            if used:
                await self._tools.store.write(partial(_add_used, used=used))

    def _postponed(self) -> Postponed:
        message = "The mirror's budget for today is used; it goes on by itself at the next UTC day."
        self._say("info", message)
        return Postponed(self._budget.next_day_ms, BUDGET, message)

    async def _note(self, **facts: Any) -> None:
        def write(db: SqliteDatabase) -> None:
            jobs.set_summary(db, self._job_id, jobs.get(db, self._job_id).summary | facts)

        await self._tools.store.write(write)


def _add_used(db: SqliteDatabase, used: list[tuple[date, Spent]]) -> None:
    for day, spent in used:
        mirror_days.add(db, day, spent)


def key_of(scope: Scope) -> str:
    """The same for the same scope."""
    return hashlib.sha256(msgspec.json.encode(scope)).hexdigest()[:16]


def name_of(scope: Scope) -> str:
    """The job's name."""
    return f"Mirror · {scope.words}"


def _words(media_type: MediaType) -> str:
    return {MediaType.MOVIE: "movies", MediaType.TV: "TV series"}[media_type]
