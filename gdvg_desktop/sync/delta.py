"""The delta job: what TMDb's change lists name is fetched, what is new and in scope is added, what is gone settled.

    plan    read the newest exports, open the days to be read
    list    read a day's list, decide what of it is to be fetched, and record both at once
    fetch   as every job, the most popular first
    close   write down what was fetched of each day, close days, settle deletions

A day that was listed is never listed again by the same job, and its titles are items: after a crash only what was on
the wire is asked again. What was fetched is derived from the items when the job closes. Change lists reach back
fourteen days; a library further behind also takes what is new in the export, and a refresh by age is queued.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import from_millis, to_millis, utc_day
from gdvg_desktop.core.errors import GaveUp, GdvgError, RequestError, UnreachableError
from gdvg_desktop.core.events import ErrorsChanged, JobChanged, JobsReordered
from gdvg_desktop.core.kinds import FailureCategory, JobKind, JobState, MediaType, Origin
from gdvg_desktop.core.scope import Scope
from gdvg_desktop.store import (
    ageing,
    change_days,
    changes,
    counts,
    coverage,
    errors,
    exports,
    jobs,
    mirror,
    skips,
    tombstones,
    windows,
)
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.coverage import IdSets
from gdvg_desktop.store.titles import existing_ids
from gdvg_desktop.store.windows import Window, WindowRow
from gdvg_desktop.sync import deletions, delta_plan, mirror_mode
from gdvg_desktop.sync.admission import belongs
from gdvg_desktop.sync.change_list import ListedDay, read_day
from gdvg_desktop.sync.delta_plan import Sorted
from gdvg_desktop.sync.enumerate import read_newest
from gdvg_desktop.sync.title_run import TitleRun, Tools
from gdvg_desktop.tmdb.payloads import decode_title

MOST_POPULAR_FIRST = 100
ADULT = "adult"


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What listed ids of a type are compared with, read once a run."""

    scope: Scope
    sets: IdSets
    library: BitMap


class DeltaRun(TitleRun):
    """One run of the delta job."""

    def __init__(self, tools: Tools, job: jobs.Job, lane: Callable[[], int]) -> None:
        super().__init__(tools, job, lane)
        self._known: dict[MediaType, _Known] = {}

    # --------------------------------------------------------------------------------------------- phases

    async def plan(self) -> None:
        for media_type in MediaType:
            await self._read_export(media_type)
        planned = await self._tools.store.read(self._days)
        refresh = [one.refresh_before for one in planned.values() if one.refresh_before is not None]
        if refresh:
            self._say(
                "warn",
                f"The change lists reach back to {min(refresh)}: titles last checked earlier are refreshed by age, and "
                "what is new in the export is added",
            )
            await self._add_new_in_export(planned)
        now_ms = self._now_ms()

        def write(db: SqliteDatabase) -> None:
            if not windows.of_job(db, self._job_id):
                for media_type, one in planned.items():
                    if one.refresh_before is not None:
                        change_days.give_up_before(db, media_type, one.days[0], now_ms)
                    change_days.plan(db, media_type, one.days, now_ms)
                    windows.add(db, self._job_id, [Window(media_type, day, day) for day in one.days])
                if refresh:
                    change_days.owe_refresh(db, max(refresh), now_ms)
                    self._note(db, refresh_before=max(refresh).isoformat())
            jobs.set_phase(db, self._job_id, "list")

        await self._tools.store.write(write)

    async def list_titles(self) -> None:
        while True:
            rows = await self._tools.store.read(lambda db: windows.of_job(db, self._job_id))
            waiting = [row for row in rows if not row.complete and not row.failed]
            if not waiting:
                break
            await self._list_day(waiting[0])
        await self._next_phase("order")

    def rank(self, db: SqliteDatabase) -> None:
        jobs.put_in_order(db, self._job_id, MOST_POPULAR_FIRST, None)

    async def admits(self, item: jobs.Item, body: bytes) -> bool:
        """Held titles always; others have been judged by the export, and what it does not name by its details."""
        known = await self._knowledge(item.media_type)
        if item.tmdb_id in known.library or item.tmdb_id in known.sets.missing or item.tmdb_id in known.sets.tombstoned:
            return True
        kind, tmdb_id = item.media_type, item.tmdb_id
        if await self._tools.store.read(lambda db: bool(existing_ids(db, kind, [tmdb_id]))):
            return True
        return belongs(known.scope, kind, decode_title(body))

    async def close(self) -> JobState | None:
        await self._tools.store.write(self._write_down)
        settled = await deletions.settle(self._tools, self._job_id, self.meter, self._lane)
        if settled.paused:
            return JobState.PAUSED
        now = self._tools.clock.now()
        before = utc_day(now) - timedelta(days=change_days.KEPT_DAYS)
        limit_ms = to_millis(now) - ageing.KEEP_DAYS * ageing.DAY_MS
        while await self._tools.store.write(lambda db: changes.expire(db, limit_ms)) == changes.EXPIRED_AT_ONCE:
            pass

        def write(db: SqliteDatabase) -> bool:
            for media_type in MediaType:
                change_days.prune(db, media_type, before)
            self._summarise(db, settled)
            return self._queue_refresh(db)

        if await self._tools.store.write(write):
            self._say("info", "A refresh of titles the change lists do not reach back to is queued")
            self._tools.bus.publish(JobsReordered())
        await mirror_mode.settle(self._tools, self._job_id)
        return None

    # ------------------------------------------------------------------------------------------- planning

    async def _read_export(self, media_type: MediaType) -> None:
        """Bring the newest export in; without any the run goes on with what the change lists say."""
        try:
            export = await read_newest(self._tools, media_type)
        except UnreachableError as error:
            self._say("warn", f"No export of {_words(media_type)} to go by: {error.message}")
            return
        refused = [one for one in await self._tools.store.read(exports.refusals) if one.media_type is media_type]
        for one in refused[:1]:
            self._say("warn", f"{one.reason} The export of {export.date} stays the basis")

    def _days(self, db: SqliteDatabase) -> dict[MediaType, delta_plan.Days]:
        today, lookback = utc_day(self._tools.clock.now()), self._tools.settings.delta_lookback_days
        found = {}
        for media_type in MediaType:
            checked = ageing.oldest_checked(db, media_type)
            oldest = from_millis(checked).date() if checked is not None else None
            found[media_type] = delta_plan.days_to_read(change_days.watermark(db, media_type), oldest, today, lookback)
        return found

    async def _add_new_in_export(self, planned: dict[MediaType, delta_plan.Days]) -> None:
        """After a long pause: ids of the scope that came into the export. An unfinished mirror fetches them itself."""
        mode = await self._tools.store.read(mirror.mode)
        if mode is None or mode.value != mirror.DELTA:
            return
        for media_type, one in planned.items():
            if one.refresh_before is None:
                continue
            new = (await self._knowledge(media_type)).sets.missing
            for part in ageing.in_parts(new):
                rows = [(media_type, tmdb_id, None, None) for tmdb_id in part]
                await self._tools.store.write(partial(jobs.add_listed, job_id=self._job_id, window_id=None, rows=rows))
            if new:
                self._say("info", f"{len(new):,} {_words(media_type)} are new in the export")

    # ------------------------------------------------------------------------------------------- listing

    async def _knowledge(self, media_type: MediaType) -> _Known:
        if media_type not in self._known:

            def read(db: SqliteDatabase) -> _Known:
                return _Known(scopes.load(db), coverage.id_sets(db, media_type), coverage.library_ids(db, media_type))

            self._known[media_type] = await self._tools.store.read(read)
        return self._known[media_type]

    async def _list_day(self, row: WindowRow) -> None:
        media_type, day = row.window.media_type, row.window.date_from
        assert day is not None, "windows of a delta job are days"
        now_ms = self._now_ms()
        failure: BaseException | None = None
        try:
            listed = await read_day(self._tools.client, media_type, day, lane=self._lane, meter=self.meter)
        except* (GaveUp, RequestError) as group:
            failure = group.exceptions[0]
        if failure is not None:
            await self._list_failed(row, failure)
            return
        known = await self._knowledge(media_type)

        def decide(db: SqliteDatabase) -> tuple[change_days.ChangeDay, Sorted, BitMap, dict[int, float | None]]:
            # unknown although it was planned: the cursor was reset since
            before = change_days.get(db, media_type, day) or change_days.unread(media_type, day, now_ms)
            found = delta_plan.sort_listed(
                listed.ids | (before.ids - before.fetched),
                listed.adult,
                known.sets,
                known.library,
                names_type=known.scope.everything or bool(known.scope.rules_for(media_type)),
                adult_in_scope=known.scope.adult,
            )
            asked = ageing.asked_at(db, media_type, found.wanted)
            wanted = delta_plan.to_fetch(before, found.wanted, asked, now_ms)
            return before, found, wanted, ageing.popularity(db, media_type, wanted)

        before, sorted_ids, wanted, popular = await self._tools.store.read(decide)
        for part in ageing.in_parts(wanted):
            rows = [(media_type, tmdb_id, popular.get(tmdb_id), None) for tmdb_id in part]
            await self._tools.store.write(partial(jobs.add_listed, job_id=self._job_id, window_id=row.id, rows=rows))
        every = before.ids | listed.ids

        def write(db: SqliteDatabase) -> int:
            change_days.plan(db, media_type, [day], now_ms)
            change_days.listed(db, media_type, day, ids=every, fetched=every - wanted, now_ms=now_ms)
            windows.page_done(db, row.id, listed.pages, listed.pages, len(listed.ids), now_ms)
            windows.pass_done(db, row.id, complete=True, note=_note_of(listed, wanted), now_ms=now_ms)
            self._skip_listed(db, media_type, sorted_ids, now_ms)
            return errors.day_listed(db, media_type, day, now_ms)

        if await self._tools.store.write(write):
            self._tools.bus.publish(ErrorsChanged())
        closing = "" if now_ms < before.closes_from else ", closing pass"
        self._say(
            "info", f"Changes of {day}: {len(listed.ids):,} {_words(media_type)}, {len(wanted):,} to fetch{closing}"
        )
        if listed.cut_off:
            self._say("warn", f"The change list of {day} has more pages than TMDb may serve; the export tells the rest")
        self._tools.bus.publish(JobChanged(self._job_id))

    async def _list_failed(self, row: WindowRow, error: BaseException) -> None:
        """The day stays open and the job fails in the end, to be retried."""
        now_ms = self._now_ms()
        said = error.message if isinstance(error, GdvgError) else str(error)
        note = f"The changes of {row.window.date_from} ({_words(row.window.media_type)}) could not be listed: {said}"
        category = error.category if isinstance(error, GaveUp | RequestError) else FailureCategory.SERVER

        def write(db: SqliteDatabase) -> None:
            windows.failed(db, row.id, note, now_ms, category)
            jobs.bump(db, self._job_id, now_ms, failed=1)
            jobs.settle_total(db, self._job_id, now_ms)
            day = utc_day(self._tools.clock.now())
            counts.add_daily(db, day, {counts.FAILED: 1, f"error_{category.value}": 1})

        await self._tools.store.write(write)
        self._say("fail", note)
        self._tools.bus.publish(JobChanged(self._job_id))

    def _skip_listed(self, db: SqliteDatabase, media_type: MediaType, found: Sorted, now_ms: int) -> None:
        """Keep which listed titles were left out; they were never items, so the job's counts do not know them."""
        for reason, ids in ((ADULT, found.adult), (skips.OUT_OF_SCOPE, found.outside)):
            if ids:
                skips.add_ids(db, self._job_id, media_type, reason, ids, now_ms)

    # ------------------------------------------------------------------------------------------- closing

    def _write_down(self, db: SqliteDatabase) -> None:
        """What the job's items say was fetched goes to the days they were listed for; days read late enough close."""
        now_ms = self._now_ms()
        done = {kind: change_days.done_items(db, self._job_id, kind) for kind in MediaType}
        for row in windows.of_job(db, self._job_id):
            day = row.window.date_from
            if row.complete and day is not None:
                change_days.add_fetched(db, row.window.media_type, day, done[row.window.media_type])
                change_days.close(db, row.window.media_type, day, now_ms)

    def _note(self, db: SqliteDatabase, **facts: Any) -> None:
        jobs.set_summary(db, self._job_id, {**jobs.get(db, self._job_id).summary, **facts})

    def _summarise(self, db: SqliteDatabase, settled: deletions.Settlement) -> None:
        job = jobs.get(db, self._job_id)
        rows = [row for row in windows.of_job(db, self._job_id) if row.complete]
        listed: Counter[str] = Counter()
        days: dict[str, list[str]] = {}
        for row in rows:
            kind = row.window.media_type.value
            listed[kind] += row.total_results or 0
            days.setdefault(kind, []).append(str(row.window.date_from))
        marks = {kind.value: _iso(change_days.watermark(db, kind)) for kind in MediaType}
        self._note(
            db,
            days=days,
            listed=dict(listed),
            fetched=jobs.fetched(db, self._job_id),
            added=job.added,
            updated=job.updated,
            unchanged=job.unchanged,
            gone=job.gone,
            failed=job.failed,
            left_out=skips.counts(db, self._job_id),
            tombstones=tombstones.made_by(db, self._job_id),
            back=dict(Counter(job.summary.get("back", {})) + Counter(settled.back)),
            undecided=settled.undecided,
            watermark=marks,
        )

    def _queue_refresh(self, db: SqliteDatabase) -> bool:
        """After a long pause: the refresh by age of what the lists did not reach back to. True when one was queued."""
        before = change_days.refresh_owed(db)  # perhaps by a run that was cancelled
        if before is None:
            return False
        change_days.refresh_settled(db)
        config = {"checked_before": change_days.closes_from(before - timedelta(days=1))}
        if not ageing.count_unchecked_since(db, config["checked_before"]):
            return False
        name = f"Refresh what was last checked before {before}"
        job, new = jobs.add(db, JobKind.REFRESH, name, config, self._now_ms(), origin=Origin.SCHEDULE)
        self._note(db, refresh_job=job.id)
        return new

    def _now_ms(self) -> int:
        return to_millis(self._tools.clock.now())


def _note_of(listed: ListedDay, wanted: BitMap) -> str:
    return f"{len(listed.ids)} titles changed, {len(wanted)} to fetch."


def _words(media_type: MediaType) -> str:
    return "movies" if media_type is MediaType.MOVIE else "TV series"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
