"""The analysis: reads the newest exports, asks TMDb's popular lists and release months, and brings the registry of
gaps in line with what it finds.

    plan   the newest export of each type, and the scope
    list   release months of each rule, then what is found, kind by kind, into the registry by differences
    done   names for the best rows, the figures of the whole

Every step may be begun again: months are kept as they are learnt, and the registry is compared, never rebuilt.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import to_millis, utc_day
from gdvg_desktop.core.errors import GaveUp, RequestError
from gdvg_desktop.core.events import GapsChanged
from gdvg_desktop.core.kinds import GapKind, JobState, MediaType
from gdvg_desktop.core.scope import Scope
from gdvg_desktop.gaps import DETECTORS, metadata, scoring
from gdvg_desktop.gaps.ground import Detector, Found, Ground, Wish, array_of, look
from gdvg_desktop.gaps.months import ANALYSIS_FACT, month_map
from gdvg_desktop.store import counts, coverage, exports, fields, gaps, jobs, release_months
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.gaps import NewGap
from gdvg_desktop.sync.enumerate import names_of, read_newest
from gdvg_desktop.sync.month_walk import MonthWalk
from gdvg_desktop.sync.title_run import TitleRun, Tools
from gdvg_desktop.tmdb.lists import LISTS, short_list
from gdvg_desktop.tmdb.payloads import decode_discover

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

S = TypeVar("S", "list[tuple[str, int]]", "NDArray[numpy.uint32]")
POPULAR_LISTS = {MediaType.MOVIE: "popular-movies", MediaType.TV: "popular-tv"}
POPULAR_PAGES = 5
CHUNK = 5_000  # rows of the registry in one transaction
NAMES = 50_000  # rows that get a name in one analysis, the best first: names come from the export file
TELL_S = 15.0
SCORE_MOVED = 0.5  # a score that moved less is left as it is


class AnalyzeRun(TitleRun):
    """One run of an analysis. It fetches no titles, so it has no items."""

    def __init__(self, tools: Tools, job: jobs.Job, lane: Callable[[], int]) -> None:
        super().__init__(tools, job, lane)
        self._told_at = tools.clock.monotonic()
        self._wish = Wish(
            tools.settings.popular_threshold,
            tools.settings.popular_top,
            fields.mask_of(tools.settings.required_fields),
            utc_day(tools.clock.now()),
        )

    async def plan(self) -> None:
        dates = []
        for media_type in MediaType:
            export = await read_newest(self._tools, media_type)
            dates.append(export.date)
            self._say("info", f"Export of {export.date}: {len(export.ids):,} {_words(media_type)}")
        await self._next_phase("list")

    async def list_titles(self) -> None:
        while True:
            scope = await self._tools.store.read(scopes.load)
            failed = await self._walk_months(scope)
            for media_type in MediaType:
                await self._find(scope, media_type)
            if await self._tools.store.read(scopes.load) == scope:
                break
            self._say("info", "The scope has changed; looking anew")
        await self._give_names()
        await self._sum_up(scope, failed)
        await self._next_phase("close")

    async def close(self) -> JobState | None:
        self._tools.bus.publish(GapsChanged())
        return None

    # -------------------------------------------------------------------------------------------- asking TMDb

    async def _walk_months(self, scope: Scope) -> int:
        """Ask for stale release months; returns how many could not be asked."""
        failed = 0
        for media_type in MediaType:
            for rule in scope.month_rules(media_type):
                told = partial(self._tell_month, media_type)
                walk = MonthWalk(self._tools, scope, rule, media_type, self._lane, self.meter, told)
                walked = await walk.bring_up()
                failed += walked.failed
                if walked.months:
                    self._say("info", f"{_words(media_type)}: {walked.months:,} release months asked")
                if walked.failed:
                    self._say("warn", f"{_words(media_type)}: {walked.failed:,} release months could not be asked")
        await self._tools.store.write(lambda db: release_months.forget_rules_but(db, scope.month_keys()))
        return failed

    def _tell_month(self, media_type: MediaType, month: str) -> None:
        """Now and then a line of how far the months are: they may take half an hour of requests."""
        now = self._tools.clock.monotonic()
        if now - self._told_at >= TELL_S:
            self._told_at = now
            self._say("info", f"{_words(media_type)}: release months asked up to {month}")

    async def _popular(self, scope: Scope, media_type: MediaType) -> tuple[dict[int, float], bool]:
        """Ids of TMDb's popular list with their popularity, and whether all of it could be read; the export remains.

        The list knows nothing of a scope with rules, so then it is no evidence for ids the export does not name.
        """
        found: dict[int, float] = {}
        whole = True
        for number in range(1, POPULAR_PAGES + 1):
            request = short_list(LISTS[POPULAR_LISTS[media_type]], number)
            try:
                page = await self._tools.client.get(
                    request, lane=self._lane(), meter=self.meter, decode=decode_discover
                )
            except (GaveUp, RequestError) as error:
                self._say("warn", f"TMDb's popular {_words(media_type)} could not be read: {error}")
                whole = False
                break
            found.update({one.id: one.popularity or 0.0 for one in page.results if one.id is not None})
            if number >= page.total_pages:
                break
        if not scope.covers_all(media_type):
            export = await self._tools.store.read(lambda db: _export_ids(db, media_type))
            found = {tmdb_id: value for tmdb_id, value in found.items() if tmdb_id in export}
        return found, whole

    # --------------------------------------------------------------------------------------------- finding

    async def _find(self, scope: Scope, media_type: MediaType) -> None:
        """Look at one type and bring its rows in line, one kind after the other."""
        listed, whole = await self._popular(scope, media_type)
        keys = [scope.listing_key(rule) for rule in scope.month_rules(media_type)]
        wish = self._wish
        ground = await self._tools.store.read(lambda db: look(db, media_type, wish, listed, keys))
        if ground is None:  # its export was taken away meanwhile: what is in the registry stays
            return
        for kind, detect in DETECTORS.items():
            found_ms = to_millis(self._tools.clock.now())
            found = await self._tools.store.read(partial(_run, detect, ground))
            # a list that could not be read says nothing of the gaps that rest on it
            removes = whole or kind is not GapKind.POPULARITY
            await self._bring_in_line(kind, ground, found, found_ms, removes=removes)

    async def _bring_in_line(
        self, kind: GapKind, ground: Ground, found: Found, found_ms: int, *, removes: bool
    ) -> None:
        """Add what is new, take out what is none any more (`removes`), and move figures that have changed, by chunks.

        `found_ms` is when the detector began to look: what became of titles since then is true.
        """
        import numpy  # late: most commands need none of it

        store = self._tools.store
        bit = int(ground.media_type is MediaType.TV)
        values = scoring.score(found.popularity, found.recency)
        title_ids = array_of(found.ids) * numpy.uint32(2) + numpy.uint32(bit)
        there = await store.read(lambda db: _of_type(gaps.title_ids(db, kind), bit))
        mine = BitMap(title_ids)
        gone, fresh = there - mine if removes else BitMap(), mine - there
        places = BitMap(numpy.searchsorted(title_ids, array_of(fresh)).astype(numpy.uint32))
        first = 0
        while rows := await store.read(partial(gaps.scores, kind=kind, first=first, limit=CHUNK)):
            first = rows[-1][0] + 1
            places |= BitMap(_moved(rows, bit, title_ids, values, found))
        for part in _parts(array_of(gone)):
            await store.write(partial(gaps.remove, kind=kind, ids=part.tolist()))
        for part in _parts(array_of(places)):
            new = [_row(found, values, title_ids, place) for place in part.tolist()]
            await store.write(partial(gaps.put, kind=kind, rows=new, found_ms=found_ms))
        if gone or fresh:
            self._say(
                "info",
                f"{kind.value.capitalize()} gaps of {_words(ground.media_type)}: {len((there | mine) - gone):,} "
                f"({len(fresh):,} new, {len(gone):,} closed)",
            )

    async def _give_names(self) -> None:
        """Names for the best rows that have none: the export has them, in a file that is read once a type."""
        unnamed = await self._tools.store.read(_unnamed)
        for media_type in MediaType:
            bit = int(media_type is MediaType.TV)
            wanted = {title_id >> 1 for title_id in unnamed if title_id & 1 == bit}
            if not wanted:
                continue
            names = await names_of(self._tools, media_type, wanted)
            for part in _parts([(name, tmdb_id * 2 + bit) for tmdb_id, name in names.items()]):
                await self._tools.store.write(partial(_set_names, rows=part))

    async def _sum_up(self, scope: Scope, failed: int) -> None:
        """Keep the figures of this analysis, for the screen and with the job."""
        wish, now_ms = self._wish, to_millis(self._tools.clock.now())

        def read(db: SqliteDatabase) -> dict[str, Any]:
            found = gaps.counts(db)
            by_kind = {kind.value: sum(number for (one, _), number in found.items() if one is kind) for kind in GapKind}
            missing, incomplete = gaps.open_titles(db)
            read_until = coverage.coverage(db).export_date
            return {
                "gaps_by_type": by_kind,
                "total_count": sum(by_kind.values()),
                "missing_titles": missing,
                "incomplete_titles": incomplete,
                "months_below": month_map(db, tuple(MediaType)).below,
                "months_failed": failed,
                "unavailable": metadata.unavailable(db, wish.fields),
                "export_date": read_until.isoformat() if read_until else None,
                "scope": scope.words,
            }

        summary = await self._tools.store.read(read)

        def write(db: SqliteDatabase) -> None:
            counts.set_fact(db, ANALYSIS_FACT, json.dumps(summary, ensure_ascii=False), now_ms)
            jobs.set_summary(db, self._job_id, summary)

        await self._tools.store.write(write)
        titles = f"{summary['missing_titles']:,} missing titles and {summary['incomplete_titles']:,} incomplete ones"
        self._say("ok", f"{summary['total_count']:,} gaps of {titles}")


def _run(detect: Detector, ground: Ground, db: SqliteDatabase) -> Found:
    return detect(db, ground)


def _of_type(title_ids: BitMap, bit: int) -> BitMap:
    values = array_of(title_ids)
    return BitMap(values[values & 1 == bit])


def _moved(
    rows: list[tuple[int, float, int | None]],
    bit: int,
    title_ids: "NDArray[numpy.uint32]",
    values: "NDArray[numpy.floating]",
    found: Found,
) -> Iterator[int]:
    """Places of rows whose figures are no longer those found."""
    import numpy  # late, see _bring_in_line

    if not len(title_ids):
        return
    mine = [row for row in rows if row[0] & 1 == bit]
    places = numpy.minimum(numpy.searchsorted(title_ids, [row[0] for row in mine]), len(title_ids) - 1)
    for (title_id, score, mask), place in zip(mine, places.tolist(), strict=True):
        if title_ids[place] != title_id:
            continue
        other_fields = found.fields is not None and mask != int(found.fields[place])
        if abs(float(values[place]) - score) >= SCORE_MOVED or other_fields:
            yield place


def _row(found: Found, values: "NDArray[numpy.floating]", title_ids: "NDArray[numpy.uint32]", place: int) -> NewGap:
    month = int(found.months[place]) if found.months is not None else 0
    return NewGap(
        int(title_ids[place]),
        round(float(values[place]), 3),
        round(float(found.popularity[place]), 3),
        round(float(found.recency[place]), 4),
        month=f"{month // 100:04d}-{month % 100:02d}" if month else None,
        fields=int(found.fields[place]) if found.fields is not None else None,
    )


def _parts(listed: S) -> Iterator[S]:
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def _export_ids(db: SqliteDatabase, media_type: MediaType) -> BitMap:
    known = exports.ids(db, media_type)
    return known[0] if known else BitMap()


def _unnamed(db: SqliteDatabase) -> list[int]:
    rows = db.execute_sql(
        "SELECT DISTINCT title_id FROM (SELECT title_id FROM gap WHERE status = 'open' AND kind <> 'metadata' "
        "AND name IS NULL ORDER BY score DESC LIMIT ?)",
        (NAMES,),
    )
    return [row[0] for row in rows]


def _set_names(db: SqliteDatabase, rows: list[tuple[str, int]]) -> None:
    db.connection().executemany("UPDATE gap SET name = ? WHERE title_id = ?", rows)


def _words(media_type: MediaType) -> str:
    return {MediaType.MOVIE: "movies", MediaType.TV: "TV series"}[media_type]
