"""Asking discover what belongs to the rules of a scope: one listing a rule and type, kept as an id set.

The export carries no country, date or genre, so what a rule names must be listed. A listing is made beside the one it
replaces and recorded window by window, so that one that is broken off goes on where it was. What discover counts but
does not list, movies without a date among them once their query had to be split, leaves a listing undecided.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import msgspec
from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import to_millis, utc_day
from gdvg_desktop.core.errors import GaveUp, RequestError
from gdvg_desktop.core.events import CoverageChanged
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.store import exports
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.scope import ScopeListing
from gdvg_desktop.store.windows import Window
from gdvg_desktop.sync import planner
from gdvg_desktop.sync.enumerate import read_newest
from gdvg_desktop.sync.listing import MAX_PASSES, PAGES_AT_ONCE, describe, query_of
from gdvg_desktop.sync.scope import windows_of
from gdvg_desktop.sync.title_run import Tools
from gdvg_desktop.tmdb.client import Meter
from gdvg_desktop.tmdb.discover import STABLE_ORDERS, DiscoverQuery, discover
from gdvg_desktop.tmdb.payloads import DiscoverPage, decode_discover

log = logging.getLogger(__name__)

MAX_AGE_S = 86_400.0
Say = Callable[[str, str], None]


@dataclass(slots=True)
class _Walk:
    """How far a listing has come: the windows left, and what TMDb counted that no window gave.

    `split_total` is what TMDb counted for movies with and without a date before that query was split by date, and
    `dated` what it counted for the parts: no window reaches the difference.
    """

    left: list[Window]
    unlisted: int = 0
    split_total: int | None = None
    dated: int = 0

    @property
    def all_unlisted(self) -> int:
        """Titles TMDb counted and did not list."""
        return self.unlisted + (0 if self.split_total is None else max(0, self.split_total - self.dated))


@dataclass(slots=True)
class _Pages:
    """What a walk over a window has seen. `reported` is TMDb's own count."""

    seen: BitMap = field(default_factory=BitMap)
    reported: int = 0


def stale(listing: ScopeListing | None, export_ids: BitMap, now_ms: int, max_age_s: float = MAX_AGE_S) -> bool:
    """Whether discover is to be asked: never listed to its end, too old, or the export names ids it has not judged."""
    if listing is None or not listing.complete or listing.walk is not None:
        return True
    return now_ms - listing.listed_at > max_age_s * 1000 or not export_ids.issubset(listing.judged)


async def refresh(
    tools: Tools,
    scope: Scope,
    *,
    max_age_s: float = MAX_AGE_S,
    lane: Callable[[], int] = lambda: 0,
    meter: Meter | None = None,
    say: Say | None = None,
) -> bool:
    """Bring the listings of all rules up to date. True when each was listed to its end.

    A window that fails stays open and is asked again next time; what depends on it is undetermined until then. May be
    cancelled anywhere. Raises CredentialError and what `read_newest` raises when no export was ever read.
    """
    whole = True
    for media_type in MediaType:
        rules = () if scope.covers_all(media_type) else scope.rules_for(media_type)
        for rule in rules:
            listing = _RuleListing(tools, scope, rule, media_type, lane, meter, say or _log)
            whole = await listing.refresh(max_age_s) and whole
    return whole


def _log(level: str, text: str) -> None:
    log.log(logging.WARNING if level in ("warn", "fail") else logging.INFO, text)


class _RuleListing:
    """One rule and type."""

    def __init__(
        self,
        tools: Tools,
        scope: Scope,
        rule: ScopeRule,
        media_type: MediaType,
        lane: Callable[[], int],
        meter: Meter | None,
        say: Say,
    ) -> None:
        self._tools = tools
        self._scope = scope
        self._rule = rule
        self._key = scope.listing_key(rule)
        self._media_type = media_type
        self._lane = lane
        self._meter = meter
        self._say = say

    async def refresh(self, max_age_s: float) -> bool:
        """List the rule unless what is known is fresh; True when it is known to its end."""
        tools, media_type = self._tools, self._media_type
        export = await tools.store.read(lambda db: exports.ids(db, media_type))
        judged = export[0] if export is not None else (await read_newest(tools, media_type)).ids
        now_ms = to_millis(tools.clock.now())

        def read(db: SqliteDatabase) -> tuple[ScopeListing | None, ScopeListing | None]:
            return scopes.listing(db, self._key, media_type), scopes.begun(db, self._key, media_type)

        known, begun = await tools.store.read(read)
        if not stale(known, judged, now_ms, max_age_s):
            return True
        # one broken off goes on, unless it has lain for too long or does not know the ids of the newest export
        if begun is None or begun.walk is None or stale(replace(begun, complete=True, walk=None), judged, now_ms):
            walk = _Walk(windows_of(self._rule, media_type))
            begun = ScopeListing(self._key, media_type, now_ms, False, 0, BitMap(), judged)
        else:
            walk = msgspec.json.decode(begun.walk, type=_Walk)
        return await self._list(begun, walk)

    async def _list(self, listing: ScopeListing, walk: _Walk) -> bool:
        failed: list[Window] = []
        while walk.left:
            window = walk.left.pop(0)
            pages: _Pages | None = None
            try:
                pages = await self._walk_window(window, walk)
            except* (GaveUp, RequestError) as group:
                failed.append(window)
                self._say("fail", f"{describe(window)} could not be listed: {group.exceptions[0]}")
            if pages is None:  # failed, or split into parts
                continue
            unlisted = max(0, pages.reported - len(pages.seen))
            walk.unlisted += unlisted
            if self._media_type is MediaType.MOVIE and not self._rule.has_period and window.undated == "without":
                walk.dated += pages.reported
            listing = replace(listing, ids=listing.ids | pages.seen)
            level, but = ("warn", f", TMDb counts {pages.reported:,}") if unlisted else ("info", "")
            self._say(level, f"{self._rule.words}: {describe(window)}, {len(pages.seen):,} listed{but}")
            await self._record(listing, walk, failed)
        if failed:
            return False
        done = replace(listing, complete=True, unlisted=walk.all_unlisted, walk=None)
        await self._tools.store.write(lambda db: scopes.put_listing(db, done))
        self._tools.bus.publish(CoverageChanged())
        return True

    async def _record(self, listing: ScopeListing, walk: _Walk, failed: list[Window]) -> None:
        state = replace(walk, left=[*walk.left, *failed])
        kept = replace(listing, walk=msgspec.json.encode(state).decode())
        await self._tools.store.write(lambda db: scopes.put_listing(db, kept))

    async def _walk_window(self, window: Window, walk: _Walk) -> _Pages | None:
        """Walk a window in one stable order after the other until all TMDb counts was seen; None when it was split."""
        pages = _Pages()
        orders = STABLE_ORDERS[window.media_type]
        fruitless = 0
        for number in range(MAX_PASSES):
            before = len(pages.seen)
            if not await self._pass(window, orders[number % len(orders)], pages, walk):
                return None
            fruitless = fruitless + 1 if len(pages.seen) == before else 0
            if not planner.walk_is_short(len(pages.seen), pages.reported) or fruitless >= 2:
                break
        return pages

    async def _pass(self, window: Window, sort_by: str, pages: _Pages, walk: _Walk) -> bool:
        query = query_of(self._rule, window, sort_by, adult=self._scope.adult, video=self._scope.video)
        first = await self._page(query, 1)
        if planner.is_overfull(first.total_pages) and await self._split(window, first.total_results, walk):
            return False
        _keep(first, pages)
        slots = asyncio.Semaphore(PAGES_AT_ONCE)

        async def fetch(number: int) -> None:
            async with slots:
                _keep(await self._page(query, number), pages)

        async with asyncio.TaskGroup() as group:
            for number in range(2, min(first.total_pages, planner.PAGE_CAP) + 1):
                group.create_task(fetch(number))
        return True

    async def _page(self, query: DiscoverQuery, number: int) -> DiscoverPage:
        return await self._tools.client.get(
            discover(query, number), lane=self._lane(), meter=self._meter, decode=decode_discover
        )

    async def _split(self, window: Window, reported: int, walk: _Walk) -> bool:
        """Put smaller windows in the place of an overfull one; False when nothing is left to split by."""
        today = utc_day(self._tools.clock.now())
        parts = planner.split(window, today, [])
        if not parts and window.language is None:
            parts = planner.split(window, today, await self._tools.reference.language_codes())
        if not parts:
            return False
        walk.left[:0] = parts
        if window.undated == "with" and window.media_type is MediaType.MOVIE:
            walk.split_total = (walk.split_total or 0) + reported
        return True


def _keep(page: DiscoverPage, pages: _Pages) -> None:
    pages.seen.update(row.id for row in page.results if row.id is not None)
    pages.reported = page.total_results or pages.reported
