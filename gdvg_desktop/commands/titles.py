"""Look titles up in the library and write them out."""

import csv
import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TextIO

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import changes as changed
from gdvg_desktop.store import library
from gdvg_desktop.store.changes import FieldChange, Snapshot
from gdvg_desktop.store.detail import deletion
from gdvg_desktop.store.library import Facets, TitleDetail, TitleFilter, TitleRow
from gdvg_desktop.store.title_rows import title_id_of

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


async def search(app: App, text: str, limit: int = 50, *, offset: int = 0, tombstones: bool = False) -> list[TitleRow]:
    """The most popular titles matching a query such as `origin:kr year:2015..2026 moving`, from the `offset`-th on.

    Titles deleted at TMDb are left out unless `tombstones`, or the query is `is:tombstone`.
    """
    if limit < 1:
        raise UsageError(f"A limit of {limit} is not accepted.", "Use 1 or more.")
    if offset < 0:
        raise UsageError(f"An offset of {offset} is not accepted.", "Use 0 or more.")
    chosen = replace(library.parse_query(text), tombstones=tombstones)
    found = await ids(app, chosen)
    return await rows(app, found[offset : offset + limit])


async def facets(app: App, chosen: TitleFilter) -> Facets:
    """Counts by type, country, genre, year and completeness."""
    return await app.store.read(lambda db: library.facets(db, chosen))


async def warm(app: App) -> None:
    """Load what the first searches need, so that none of them waits. Worth calling before a library is looked at."""
    await app.store.read(library.warm)


async def show(app: App, media_type: str, tmdb_id: int) -> TitleDetail:
    """Everything held of one title. Raises UsageError when it is not in the library."""
    kind, title_id = _key(media_type, tmdb_id)

    def read(db: SqliteDatabase) -> TitleDetail:
        found = library.detail(db, kind, tmdb_id)
        if found is None:
            raise _not_held(db, kind, tmdb_id, title_id)
        return found

    return await app.store.read(read)


async def changes(app: App, media_type: str, tmdb_id: int, limit: int = 200) -> list[FieldChange]:
    """What changed of one title, the latest first. Raises UsageError when the library never had it."""
    kind, title_id = _key(media_type, tmdb_id)

    def read(db: SqliteDatabase) -> list[FieldChange]:
        found = changed.history(db, title_id, limit)
        if not found and library.detail(db, kind, tmdb_id) is None:
            raise _not_held(db, kind, tmdb_id, title_id)
        return found

    return await app.store.read(read)


async def as_of(app: App, media_type: str, tmdb_id: int, day: date) -> Snapshot:
    """The fields of one title at the end of a UTC day. Raises UsageError for days that cannot be shown."""
    kind, title_id = _key(media_type, tmdb_id)
    now_ms = to_millis(app.clock.now())
    following = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    at_ms = min(now_ms, to_millis(following.timestamp()) - 1)

    def read(db: SqliteDatabase) -> Snapshot:
        with db.atomic():  # one state of the rows and of their changes
            if library.detail(db, kind, tmdb_id) is None:
                raise _not_held(db, kind, tmdb_id, title_id)
            return changed.as_of(db, title_id, at_ms, now_ms)

    return await app.store.read(read)


def _key(media_type: str, tmdb_id: int) -> tuple[MediaType, int]:
    if media_type not in tuple(MediaType):
        raise UsageError(f"{media_type} is not a type.", "Use movie or tv.")
    return MediaType(media_type), title_id_of(MediaType(media_type), tmdb_id)


def _not_held(db: SqliteDatabase, media_type: MediaType, tmdb_id: int, title_id: int) -> UsageError:
    deleted = deletion(db, title_id)
    if deleted is None:
        return UsageError(
            f"The library has no {media_type}/{tmdb_id}.", "Import it, or look for it with: gdvg titles search."
        )
    day = datetime.fromtimestamp(deleted.gone_at / 1000, UTC).date()
    successor = f"{deleted.successor_type}/{deleted.successor_id} has its IMDb id now." if deleted.successor_id else ""
    return UsageError(
        f"TMDb has deleted {media_type}/{tmdb_id}, found on {day}, and its data was removed in due time.", successor
    )


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
