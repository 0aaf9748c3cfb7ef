"""The refresh job: titles not checked for long, the longest unchecked first, or chosen ones.

TMDb's terms forbid keeping its data beyond six months, so every title is fetched again in time; one that cannot be is
told about. `config` is one of

    {"older_than_days": 150}    last checked more than so many days ago, counted when the job lists
    {"checked_before": ms}      last checked before an instant (unix milliseconds)
    {"ids": [title.id, ...]}    these
"""

import asyncio
from collections.abc import Callable
from functools import partial

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.events import JobChanged
from gdvg_desktop.core.kinds import JobState, MediaType
from gdvg_desktop.store import ageing, changes, jobs
from gdvg_desktop.sync.title_run import TitleRun, Tools

LIST_CHUNK = 5_000


class RefreshRun(TitleRun):
    """One run of a refresh job."""

    def __init__(self, tools: Tools, job: jobs.Job, lane: Callable[[], int]) -> None:
        super().__init__(tools, job, lane)
        self._config = job.config
        self._listed = 0

    async def list_titles(self) -> None:
        if "ids" in self._config:
            for part in ageing.in_parts(dict.fromkeys(self._config["ids"]), LIST_CHUNK):
                await self._keep([(_type_of(title_id), title_id >> 1, None) for title_id in part])
        else:
            await self._list_old(self._before_ms())
        self._say("info", f"{self._listed:,} titles to refresh")
        await self._next_phase("order")

    async def close(self) -> JobState | None:
        """Old values of changes go after 180 days; titles that could not be refreshed in that time are told."""
        limit_ms = to_millis(self._tools.clock.now()) - ageing.KEEP_DAYS * ageing.DAY_MS
        blanked = 0
        while some := await self._tools.store.write(lambda db: changes.expire(db, limit_ms)):
            blanked += some

        def write(db: SqliteDatabase) -> int:
            overdue = ageing.count_unchecked_since(db, limit_ms)
            job = jobs.get(db, self._job_id)
            facts = {
                "fetched": jobs.fetched(db, self._job_id),
                "added": job.added,
                "updated": job.updated,
                "unchanged": job.unchanged,
                "gone": job.gone,
                "failed": job.failed,
                "overdue": overdue,
                "old_values_blanked": blanked,
            }
            jobs.set_summary(db, self._job_id, {**job.summary, **facts})
            return overdue

        overdue = await self._tools.store.write(write)
        now_s = self._tools.clock.now()
        await asyncio.to_thread(ageing.sweep_files, self._tools.store.paths.posters, now_s)
        if overdue:
            self._say(
                "warn",
                f"{overdue:,} titles were last confirmed by TMDb over {ageing.KEEP_DAYS} days ago and could not be "
                "refreshed; TMDb's terms ask for their removal",
            )
        return None

    def _before_ms(self) -> int:
        if "checked_before" in self._config:
            return int(self._config["checked_before"])
        days = int(self._config.get("older_than_days", self._tools.settings.refresh_after_days))
        return to_millis(self._tools.clock.now()) - days * ageing.DAY_MS

    async def _list_old(self, before_ms: int) -> None:
        after = (-1, -1)
        while True:
            read = partial(ageing.unchecked_since, since_ms=before_ms, after=after, limit=LIST_CHUNK)
            rows = await self._tools.store.read(read)
            if not rows:
                return
            after = rows[-1][:2]
            await self._keep([(kind, tmdb_id, popular) for _, _, kind, tmdb_id, popular in rows])

    async def _keep(self, titles: list[tuple[MediaType, int, float | None]]) -> None:
        """Make titles items, in their places behind those before them."""
        places = enumerate(titles, self._listed + 1)
        rows = [(kind, tmdb_id, popular, place) for place, (kind, tmdb_id, popular) in places]
        await self._tools.store.write(partial(ageing.add_in_place, job_id=self._job_id, rows=rows))
        self._listed += len(rows)
        self._tools.bus.publish(JobChanged(self._job_id))


def _type_of(title_id: int) -> MediaType:
    return MediaType.TV if title_id & 1 else MediaType.MOVIE
