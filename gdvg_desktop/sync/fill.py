"""The fill job: fetches what the registry of gaps names, the best score first.

What is stored mends its rows in the transaction that stores it (`sync.commit`), what fails counts its try there, so
the registry is true at every moment and a job that died goes on with what is left.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.events import GapsChanged
from gdvg_desktop.core.kinds import GapKind, JobState, MediaType
from gdvg_desktop.store import gaps, jobs
from gdvg_desktop.store.gaps import GapFilter
from gdvg_desktop.sync.gap_orders import FillOrder
from gdvg_desktop.sync.gap_scope import OF_MISSING, outside
from gdvg_desktop.sync.title_run import TitleRun, Tools

CHUNK = 5_000

Listed = list[tuple[MediaType, int, float | None, str | None]]


class FillRun(TitleRun):
    """One run of a fill job. Titles are fetched afresh, held or not; what is unchanged is compared by content."""

    def __init__(self, tools: Tools, job: jobs.Job, lane: Callable[[], int]) -> None:
        super().__init__(tools, job, lane)
        self._order = FillOrder.from_config(job.config)

    async def list_titles(self) -> None:
        order, now_ms = self._order, to_millis(self._tools.clock.now())
        listed = await self._tools.store.read(lambda db: wanted(db, order, now_ms))
        for start in range(0, len(listed), CHUNK):
            part = listed[start : start + CHUNK]
            await self._tools.store.write(partial(jobs.add_listed, job_id=self._job_id, window_id=None, rows=part))
        self._say("info", f"{len(listed):,} titles to fill")
        await self._next_phase("order")

    def rank(self, db: SqliteDatabase) -> None:
        jobs.put_in_order(db, self._job_id, 100, None)

    async def close(self) -> JobState | None:
        self._tools.bus.publish(GapsChanged())
        return None


def wanted(db: SqliteDatabase, order: FillOrder, now_ms: int) -> Listed:
    """The titles of a fill, each once, with its best score in the place of a popularity, which orders the items.

    Unless titles are named, what is missing is taken only when the present scope wants it.
    """
    if order.titles:
        best = {one: max((gap.score for gap in gaps.of_title(db, one)), default=0.0) for one in order.titles}
    else:
        best = _open(db, order, now_ms)
    ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[: order.limit]
    return [(MediaType.TV if key & 1 else MediaType.MOVIE, key >> 1, score, None) for key, score in ranked]


def _open(db: SqliteDatabase, order: FillOrder, now_ms: int) -> dict[int, float]:
    missing = tuple(kind for kind in order.kinds if kind in OF_MISSING)
    chosen = GapFilter(
        kinds=order.kinds,
        media_types=order.types,
        min_score=order.min_score,
        month=order.month,
        due_at=None if order.is_explicit else now_ms,
    )
    best = gaps.best_scores(db, replace(chosen, kinds=missing)) if missing else {}
    for media_type in order.types:
        bit = int(media_type is MediaType.TV)
        ids = BitMap(key >> 1 for key in best if key & 1 == bit)
        for tmdb_id in outside(db, media_type, ids) if ids else ():
            del best[tmdb_id * 2 + bit]
    if GapKind.METADATA in order.kinds:
        best |= gaps.best_scores(db, replace(chosen, kinds=(GapKind.METADATA,)))
    return best
