"""Reads change lists: all pages of one UTC day of one type (TMDB.md 4)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.tmdb.changes import changes_of_day
from gdvg_desktop.tmdb.client import Meter, TmdbClient
from gdvg_desktop.tmdb.payloads import ChangesPage, decode_changes

PAGES_AT_ONCE = 8
LAST_PAGE = 500  # whether TMDb goes further here is not known; the busiest days measured have about 100
_HIGHEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class ListedDay:
    """The ids a day's list names; `adult` are those TMDb marks so. `cut_off` when it had more pages than allowed."""

    ids: BitMap
    adult: BitMap
    pages: int
    cut_off: bool


async def read_day(
    client: TmdbClient, media_type: MediaType, day: date, *, lane: Callable[[], int], meter: Meter
) -> ListedDay:
    """All pages of a day; rows without an id are left out.

    Raises GaveUp, RequestError or CredentialError of the first page that fails, perhaps in a group.
    """
    ids, adult = BitMap(), BitMap()

    async def fetch(page: int) -> ChangesPage:
        found = await client.get(changes_of_day(media_type, day, page), lane=lane(), meter=meter, decode=decode_changes)
        for row in found.results or ():
            if row.id is not None and 0 < row.id <= _HIGHEST_ID:
                ids.add(row.id)
                if row.adult:
                    adult.add(row.id)
        return found

    pages = max(1, (await fetch(1)).total_pages or 1)
    last = min(pages, LAST_PAGE)
    slots = asyncio.Semaphore(PAGES_AT_ONCE)

    async def in_turn(page: int) -> None:
        async with slots:
            await fetch(page)

    async with asyncio.TaskGroup() as group:
        for page in range(2, last + 1):
            group.create_task(in_turn(page))
    return ListedDay(ids, adult, last, pages > last)
