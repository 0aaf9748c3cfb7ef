"""The import job: lists what a filter names, by discover or from the daily export, and fetches what is wanted of it."""

from collections.abc import Callable

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import to_millis, utc_day
from gdvg_desktop.core.events import JobChanged
from gdvg_desktop.core.kinds import Existing
from gdvg_desktop.store import counts, jobs, windows
from gdvg_desktop.sync import planner
from gdvg_desktop.sync.filters import ImportFilter
from gdvg_desktop.sync.listing import Listing
from gdvg_desktop.sync.title_run import TitleRun, Tools


class ImportRun(TitleRun):
    """One run of an import job."""

    def __init__(self, tools: Tools, job: jobs.Job, lane: Callable[[], int]) -> None:
        super().__init__(tools, job, lane)
        self._chosen = ImportFilter.from_config(job.config)
        self.skips_held = self._chosen.existing is Existing.SKIP

    def _listing(self) -> Listing:
        tools = self._tools
        return Listing(
            store=tools.store,
            client=tools.client,
            exports=tools.exports,
            reference=tools.reference,
            bus=tools.bus,
            clock=tools.clock,
            job_id=self._job_id,
            chosen=self._chosen,
            lane=self._lane,
            meter=self.meter,
        )

    async def plan(self) -> None:
        def write(db: SqliteDatabase) -> None:
            if not self._chosen.is_everything:
                windows.add(db, self._job_id, planner.first_windows(self._chosen))
            jobs.set_phase(db, self._job_id, "list")

        await self._tools.store.write(write)

    async def list_titles(self) -> None:
        listing = self._listing()
        if self._chosen.is_everything:
            await listing.read_exports()
        else:
            await listing.walk_windows()
        await self._next_phase("order")

    async def put_in_order(self) -> None:
        now = self._tools.clock.now()
        now_ms = to_millis(now)
        chosen = self._chosen

        def write(db: SqliteDatabase) -> None:
            jobs.settle_listing(db, self._job_id)
            skipped = jobs.set_aside_existing(db, self._job_id, now_ms) if chosen.existing is Existing.SKIP else 0
            limit = None
            if chosen.limit is not None:
                limit = max(0, chosen.limit - jobs.fetched(db, self._job_id))
            jobs.put_in_order(db, self._job_id, chosen.priority, limit)
            jobs.bump(db, self._job_id, now_ms, skipped=skipped)
            jobs.settle_total(db, self._job_id, now_ms)
            jobs.set_phase(db, self._job_id, "fetch")
            counts.add_daily(db, utc_day(now), {counts.SKIPPED: skipped})

        await self._tools.store.write(write)
        self._tools.bus.publish(JobChanged(self._job_id))
