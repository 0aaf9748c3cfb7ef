"""What an import would do, before anything is written, for as few requests as possible.

One discover page a type gives TMDb's own count and the first titles in fetch order; what the library already holds is
counted in the library. An import of everything is counted exactly from the daily export.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from pyroaring import BitMap

from gdvg_desktop.core.kinds import Existing, Freshness, MediaType
from gdvg_desktop.store import titles
from gdvg_desktop.store.held import HeldFilter, all_ids, count_matching
from gdvg_desktop.sync import planner
from gdvg_desktop.sync.enumerate import ExportTools, read_newest
from gdvg_desktop.sync.filters import ImportFilter, genre_notes
from gdvg_desktop.sync.listing import query_of
from gdvg_desktop.tmdb.client import TmdbClient
from gdvg_desktop.tmdb.discover import discover
from gdvg_desktop.tmdb.payloads import DiscoverPage, ListedTitle, decode_discover

SAMPLE = 20
_DATE_SORT = {MediaType.MOVIE: "primary_release_date.desc", MediaType.TV: "first_air_date.desc"}


@dataclass(frozen=True, slots=True)
class PreviewTitle:
    """One title of the sample. `date` is YYYY-MM-DD; unknown values are None."""

    media_type: MediaType
    tmdb_id: int
    title: str
    original_title: str | None
    countries: tuple[str, ...]
    date: str | None
    popularity: float | None
    vote_average: float | None
    poster_path: str | None
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class TypeCount:
    """The counts of one media type."""

    estimated: int
    duplicates: int
    new: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. `exact` says whether the counts are exact or TMDb's and the library's estimates.

    `new` titles would be imported and `updates` fetched again; `requests` = `list_requests` + `detail_requests`;
    `seconds` is the time at `rate` requests a second (None when unpaced).
    """

    by_type: dict[MediaType, TypeCount]
    estimated: int
    duplicates: int
    new: int
    updates: int
    list_requests: int
    detail_requests: int
    windows: int
    rate: float
    seconds: float | None
    sample: tuple[PreviewTitle, ...]
    exact: bool
    notes: tuple[str, ...]

    @property
    def requests(self) -> int:
        """All requests to TMDb."""
        return self.list_requests + self.detail_requests


class Previewer:
    """Makes previews."""

    def __init__(self, client: TmdbClient, exports: ExportTools) -> None:
        self._store = exports.store
        self._client = client
        self._exports = exports

    async def preview(self, chosen: ImportFilter) -> Preview:
        """Count and sample. Raises what the client raises; writes nothing but the newest export."""
        notes = list(genre_notes(chosen))
        pages = {
            media_type: await self._first_page(chosen, media_type)
            for media_type in chosen.types
            if chosen.ids_for(media_type) is not None
        }
        if chosen.is_everything:
            by_type, windows, list_requests = await self._count_exports(chosen, notes), 0, 0
        else:
            by_type, windows, list_requests = await self._count_listed(chosen, pages, notes)
        return self._sum_up(chosen, by_type, windows, list_requests, await self._sample(chosen, pages), notes)

    async def _first_page(self, chosen: ImportFilter, media_type: MediaType) -> DiscoverPage:
        window = next(one for one in planner.first_windows(chosen) if one.media_type is media_type)
        if chosen.priority >= 75:
            sort_by = "popularity.desc"
        elif chosen.priority <= 25:
            sort_by = "popularity.asc"
        else:
            sort_by = _DATE_SORT[media_type]
        return await self._client.get(discover(query_of(chosen, window, sort_by), 1), decode=decode_discover)

    async def _count_listed(
        self, chosen: ImportFilter, pages: dict[MediaType, DiscoverPage], notes: list[str]
    ) -> tuple[dict[MediaType, TypeCount], int, int]:
        by_type, windows, requests = {}, 0, 0
        for media_type, page in pages.items():
            held = await self._store.read(partial(count_matching, held=_held(chosen, media_type)))
            held = min(held, page.total_results)
            by_type[media_type] = TypeCount(page.total_results, held, page.total_results - held)
            own_windows = -(-page.total_pages // planner.SPLIT_ABOVE) if page.total_results else 1
            windows += own_windows
            requests += max(1, page.total_pages) + (own_windows - 1)
            if planner.is_overfull(page.total_pages) and not chosen.has_period and media_type is MediaType.MOVIE:
                notes.append("Movies without a release date cannot be listed for a filter of this size.")
        notes.append("Counts are estimates until every window has been listed.")
        return by_type, windows, requests

    async def _count_exports(self, chosen: ImportFilter, notes: list[str]) -> dict[MediaType, TypeCount]:
        by_type = {}
        for media_type in chosen.types:
            export = await read_newest(self._exports, media_type)
            ids = export.ids - export.video_ids - export.adult_ids
            held = BitMap(await self._store.read(partial(all_ids, media_type=media_type)))
            duplicates = len(ids & held)
            by_type[media_type] = TypeCount(len(ids), duplicates, len(ids) - duplicates)
            notes.append(f"Counted in TMDb's export of {export.date:%Y-%m-%d}; adult and video entries are left out.")
        return by_type

    async def _sample(self, chosen: ImportFilter, pages: dict[MediaType, DiscoverPage]) -> tuple[PreviewTitle, ...]:
        rows: dict[tuple[MediaType, int], ListedTitle] = {
            (media_type, row.id): row for media_type, page in pages.items() for row in page.results if row.id
        }
        held = {
            media_type: await self._store.read(
                partial(titles.existing_ids, media_type=media_type, ids=[i for kind, i in rows if kind is media_type])
            )
            for media_type in pages
        }
        order = planner.in_fetch_order(
            (
                planner.Candidate(kind, tmdb_id, row.popularity or 0.0, row.date)
                for (kind, tmdb_id), row in rows.items()
            ),
            chosen.priority,
        )
        again = Freshness.UPDATE if chosen.existing is Existing.UPDATE else Freshness.DUPLICATE
        return tuple(
            _sample_title(
                one, rows[one.media_type, one.tmdb_id], again if one.tmdb_id in held[one.media_type] else None
            )
            for one in order[:SAMPLE]
        )

    def _sum_up(
        self,
        chosen: ImportFilter,
        by_type: dict[MediaType, TypeCount],
        windows: int,
        list_requests: int,
        sample: Sequence[PreviewTitle],
        notes: Sequence[str],
    ) -> Preview:
        new = sum(one.new for one in by_type.values())
        duplicates = sum(one.duplicates for one in by_type.values())
        updates = duplicates if chosen.existing is Existing.UPDATE else 0
        if chosen.limit is not None:
            updates = min(updates, max(0, chosen.limit - new)) if updates else 0
            new = min(new, chosen.limit)
        rate = self._client.status().pacer.allowed
        requests = list_requests + new + updates
        return Preview(
            by_type=by_type,
            estimated=sum(one.estimated for one in by_type.values()),
            duplicates=duplicates,
            new=new,
            updates=updates,
            list_requests=list_requests,
            detail_requests=new + updates,
            windows=windows,
            rate=rate,
            seconds=requests / rate if rate > 0 else None,
            sample=tuple(sample),
            exact=chosen.is_everything,
            notes=tuple(notes),
        )


def _held(chosen: ImportFilter, media_type: MediaType) -> HeldFilter:
    return HeldFilter(
        media_type=media_type,
        countries=chosen.countries,
        date_from=chosen.date_from,
        date_to=chosen.date_to,
        genre_ids=chosen.ids_for(media_type) or (),
        match=chosen.match,
    )


def _sample_title(one: planner.Candidate, row: ListedTitle, held: Freshness | None) -> PreviewTitle:
    return PreviewTitle(
        media_type=one.media_type,
        tmdb_id=one.tmdb_id,
        title=row.label or f"{one.media_type.value}/{one.tmdb_id}",
        original_title=row.original,
        countries=tuple(row.origin_country or ()),
        date=row.date,
        popularity=row.popularity,
        vote_average=row.vote_average,
        poster_path=row.poster_path,
        freshness=held or Freshness.NEW,
    )
