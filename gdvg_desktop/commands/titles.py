"""Look titles up in the library and write them out."""

import csv
import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, TextIO

from gdvg_desktop.app import App
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import library
from gdvg_desktop.store.library import Facets, TitleDetail, TitleFilter, TitleRow

EXPORT_FIELDS = (
    "media_type",
    "tmdb_id",
    "title",
    "original_title",
    "release_date",
    "origin_country",
    "original_language",
    "genres",
    "popularity",
    "vote_average",
    "vote_count",
    "overview",
    "poster_path",
    "imdb_id",
    "runtime",
    "status",
    "fetched_at",
)


async def ids(app: App, chosen: TitleFilter, sort: str = "popularity", descending: bool = True) -> "array[int]":
    """Ids of all matching titles in order: a snapshot to page through with `rows`."""
    return await app.store.read(lambda db: library.id_vector(db, chosen, sort, descending))


async def rows(app: App, title_ids: Sequence[int]) -> list[TitleRow]:
    """Table rows of some titles, in the order given."""
    return await app.store.read(lambda db: library.rows(db, title_ids))


async def search(app: App, text: str, limit: int = 50) -> list[TitleRow]:
    """The most popular titles matching a query such as `origin:kr year:2015..2026 moving`."""
    if limit < 1:
        raise UsageError(f"A limit of {limit} is not accepted.", "Use 1 or more.")
    chosen = library.parse_query(text)
    found = await ids(app, chosen)
    return await rows(app, found[:limit])


async def facets(app: App, chosen: TitleFilter) -> Facets:
    """Counts by type, country, genre, year and completeness."""
    return await app.store.read(lambda db: library.facets(db, chosen))


async def warm(app: App) -> None:
    """Load what the first searches need, so that none of them waits. Worth calling before a library is looked at."""
    await app.store.read(library.warm)


async def show(app: App, media_type: str, tmdb_id: int) -> TitleDetail:
    """Everything held of one title. Raises UsageError when it is not in the library."""
    if media_type not in tuple(MediaType):
        raise UsageError(f"{media_type} is not a type.", "Use movie or tv.")
    found = await app.store.read(lambda db: library.detail(db, MediaType(media_type), tmdb_id))
    if found is None:
        raise UsageError(
            f"The library has no {media_type}/{tmdb_id}.", "Import it, or look for it with: gdvg titles search."
        )
    return found


async def export(
    app: App,
    open_target: Callable[[], AbstractContextManager[TextIO]],
    *,
    form: str = "jsonl",
    chosen: TitleFilter | None = None,
) -> int:
    """Write titles as JSON lines or CSV; returns how many. The target is opened and written in a reader's thread."""
    if form not in ("jsonl", "csv"):
        raise UsageError(f"{form} is not a format.", "Use jsonl or csv.")
    return await app.store.read(
        lambda db: _write_all(library.export_rows(db, chosen or TitleFilter()), open_target, form)
    )


def _write_all(
    chunks: Iterator[list[dict[str, Any]]], open_target: Callable[[], AbstractContextManager[TextIO]], form: str
) -> int:
    count = 0
    with open_target() as target:
        table = csv.DictWriter(target, EXPORT_FIELDS, extrasaction="ignore", lineterminator="\n")
        for chunk in chunks:
            if form == "csv" and count == 0:
                table.writeheader()
            for row in chunk:
                if form == "jsonl":
                    target.write(json.dumps(row, ensure_ascii=False) + "\n")
                else:
                    table.writerow({key: "|".join(v) if isinstance(v, list) else v for key, v in row.items()})
            count += len(chunk)
    return count
