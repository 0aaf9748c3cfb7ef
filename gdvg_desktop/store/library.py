"""What the library screen, the command line and the exports read of titles.

A question is answered in two steps: the ids of all matching titles in order (`id_vector`, a snapshot), then the rows
of the few that are on screen (`rows`), so a table of a million titles costs what one screen costs. Everything of one
title is `store.detail`.
"""

import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.catalogue import SORTS, ids_of
from gdvg_desktop.store.db import LibraryDatabase
from gdvg_desktop.store.detail import TitleDetail, detail
from gdvg_desktop.store.query import STALE_DAYS, Condition, TitleFilter, parse_query
from gdvg_desktop.store.search import match_expression

__all__ = [
    "SORTS",
    "Condition",
    "Facets",
    "TitleDetail",
    "TitleFilter",
    "TitleRow",
    "detail",
    "export_rows",
    "facets",
    "id_vector",
    "parse_query",
    "rows",
    "warm",
]

_CHUNK = 500
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class TitleRow:
    """One row of the table. `countries` are origin countries; Instants are unix milliseconds."""

    id: int
    media_type: MediaType
    tmdb_id: int
    title: str | None
    original_title: str | None
    year: int | None
    release_date: str | None
    countries: tuple[str, ...]
    popularity: float | None
    vote_average: float | None
    completeness: int
    poster_path: str | None
    fetched_at: int
    checked_at: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How many of the matching titles have each value, the most frequent first; years in order.

    Each facet is counted without its own part of the filter, so the values beside the chosen ones keep their counts.
    """

    total: int
    media_types: dict[str, int]
    countries: dict[str, int]
    genres: dict[str, int]
    years: dict[int, int]
    completeness: dict[str, int]


def id_vector(
    db: LibraryDatabase, wanted: TitleFilter, sort: str = "popularity", descending: bool = True
) -> "array[int]":
    """Ids of all matching titles in order. `sort` is a key of SORTS; titles without the value come last."""
    import numpy  # late: a command that lists jobs needs none of it

    found = _all_of(_every(db, wanted), _parts(db, wanted))
    known, unknown = db.catalogue.order(db, sort)
    if found is not db.catalogue.every(db, tombstones=True):
        chosen = numpy.zeros(max(int(known.max(initial=0)), found.max() if found else 0) + 1, dtype=bool)
        chosen[_array(found)] = True
        known, unknown = known[chosen[known]], unknown & found
    ids = array("q", (0,)) * (len(known) + len(unknown))
    places = numpy.frombuffer(ids, numpy.int64)
    places[: len(known)] = known[::-1] if descending else known
    places[len(known) :] = _array(unknown)
    return ids


def _every(db: LibraryDatabase, wanted: TitleFilter) -> BitMap:
    """The titles a filter chooses from: those deleted at TMDb only when it asks for them."""
    return db.catalogue.every(db, tombstones=wanted.tombstones or wanted.completeness == Condition.TOMBSTONE)


def _array(ids: BitMap) -> Any:
    import numpy  # late: a command that lists jobs needs none of it

    return numpy.frombuffer(ids.to_array(), dtype=numpy.uint32)


def _parts(db: LibraryDatabase, wanted: TitleFilter) -> dict[str, BitMap]:
    """The ids each part of a filter asks for; a part that asks for nothing is not there."""
    parts: dict[str, BitMap] = {}
    catalogue = db.catalogue
    if wanted.media_types:
        parts["media_type"] = _any(db, "media_type", [one.value for one in wanted.media_types])
    if wanted.countries:
        parts["country"] = _any(db, "country", wanted.countries)
    if wanted.genres:
        parts["genre"] = _any(db, "genre", wanted.genres)
    if wanted.year_from is not None or wanted.year_to is not None:
        first, last = wanted.year_from or 0, 9999 if wanted.year_to is None else wanted.year_to
        parts["year"] = _any(db, "year", [year for year in catalogue.values(db, "year") if first <= int(year) <= last])
    if wanted.completeness is not None:
        parts["completeness"] = catalogue.with_condition(db, Condition(wanted.completeness), _stale_before())
    if wanted.tmdb_ids or wanted.imdb_ids:
        parts["ids"] = _with_ids(db, wanted)
    expression = match_expression(wanted.words, prefix_last=wanted.open_ended)
    if expression is not None:
        parts["text"] = _with_text(db, expression)
    return parts


def _with_text(db: LibraryDatabase, expression: str) -> BitMap:
    letter = expression[1]
    if expression == f'"{letter}" *' and letter in _LETTERS:  # a single letter matches half the library
        return db.catalogue.with_value(db, "initial", letter)
    return db.catalogue.with_value(db, "text", expression)


def _all_of(every: BitMap, parts: dict[str, BitMap], without: str = "") -> BitMap:
    """Ids that meet all the parts but one; `every` itself when there are none."""
    asked = [ids for name, ids in parts.items() if name != without]
    return BitMap.intersection(every, *asked) if asked else every


def _any(db: LibraryDatabase, kind: str, values: Sequence[str]) -> BitMap:
    return BitMap().union(*(db.catalogue.with_value(db, kind, value) for value in values))


def _with_ids(db: LibraryDatabase, wanted: TitleFilter) -> BitMap:
    found = BitMap()
    for tmdb_id in wanted.tmdb_ids:
        found |= ids_of(db, "SELECT id FROM title WHERE id IN (? * 2, ? * 2 + 1)", (tmdb_id, tmdb_id))
    for imdb_id in wanted.imdb_ids:
        found |= ids_of(db, "SELECT id FROM title WHERE imdb_id = ?", (imdb_id,))
    return found


def _stale_before() -> int:
    return round((time.time() - STALE_DAYS * 86_400) * 1000)


def warm(db: LibraryDatabase) -> None:
    """Load what the first questions need, so that none of them waits: a second or two at a million titles."""
    every = db.catalogue.every(db)
    db.catalogue.order(db, "popularity")
    if every:
        for letter in _LETTERS:
            db.catalogue.with_value(db, "initial", letter)
    facets(db, TitleFilter())


def facets(db: LibraryDatabase, wanted: TitleFilter) -> Facets:
    """Counts of the matching titles by type, country, genre, year and state."""
    every = _every(db, wanted)
    parts = _parts(db, wanted)

    def counted(kind: str) -> dict[str, int]:
        base = _all_of(every, parts, without=kind)
        counts = {
            value: base.intersection_cardinality(db.catalogue.with_value(db, kind, value))
            for value in db.catalogue.values(db, kind)
        }
        return {value: n for value, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if n}

    base = _all_of(db.catalogue.every(db), parts, without="completeness")
    deleted = _all_of(db.catalogue.tombstones(db), parts, without="completeness")
    states = {one: db.catalogue.with_condition(db, one, _stale_before()) for one in Condition}
    names = _genre_names(db)
    years = counted("year")
    counts = {one.value: base.intersection_cardinality(ids) for one, ids in states.items()}
    counts[Condition.TOMBSTONE.value] = len(deleted)
    return Facets(
        total=len(_all_of(every, parts)),
        media_types=counted("media_type"),
        countries=counted("country"),
        genres={names.get(name, name): n for name, n in counted("genre").items()},
        years={int(year): years[year] for year in sorted(years) if year.isdecimal()},  # an audit names the others
        completeness=counts,
    )


def _genre_names(db: SqliteDatabase) -> dict[str, str]:
    rows = db.execute_sql("SELECT lower(name), name FROM genre WHERE name IS NOT NULL")
    return dict(rows)


def rows(db: SqliteDatabase, ids: Sequence[int]) -> list[TitleRow]:
    """Table rows of some titles, in the order given; ids the library no longer has are left out."""
    found: dict[int, TitleRow] = {}
    for start in range(0, len(ids), _CHUNK):
        listed = ", ".join(str(int(one)) for one in ids[start : start + _CHUNK])
        countries = _grouped(db, f"SELECT title_id, country FROM origin_country WHERE title_id IN ({listed})")
        for row in db.execute_sql(
            "SELECT id, media_type, tmdb_id, title, original_title, release_date, popularity, vote_average, "
            f"completeness, poster_path, fetched_at, checked_at FROM title WHERE id IN ({listed})"
        ):
            date = row[5]
            found[row[0]] = TitleRow(
                id=row[0],
                media_type=MediaType(row[1]),
                tmdb_id=row[2],
                title=row[3],
                original_title=row[4],
                year=int(date[:4]) if date else None,
                release_date=date,
                countries=tuple(countries.get(row[0], ())),
                popularity=row[6],
                vote_average=row[7],
                completeness=row[8],
                poster_path=row[9],
                fetched_at=row[10],
                checked_at=row[11],
            )
    return [found[one] for one in ids if one in found]


def _grouped(db: SqliteDatabase, select: str) -> dict[int, list[Any]]:
    """Rows `(title id, value)` as lists of values by title."""
    found: dict[int, list[Any]] = {}
    for title_id, value in db.execute_sql(select):
        found.setdefault(title_id, []).append(value)
    return found


_EXPORTED = (
    "media_type", "tmdb_id", "title", "original_title", "release_date", "original_language", "popularity",
    "vote_average", "vote_count", "overview", "poster_path", "imdb_id", "runtime", "status", "fetched_at",
)  # fmt: skip


def export_rows(db: LibraryDatabase, wanted: TitleFilter, chunk: int = _CHUNK) -> Iterator[list[dict[str, Any]]]:
    """Matching titles as dicts, in order of id, in lists of at most `chunk`.

    Each list is read by statements of its own, so no read transaction outlives it and the library can be written
    meanwhile; a title that comes in during the export may be missed. Instants are ISO 8601 in UTC.
    """
    if wanted == TitleFilter() or wanted == TitleFilter(tombstones=True):
        chunks = _key_ranges(db, chunk, wanted.tombstones)
    else:
        found = id_vector(db, wanted, "tmdb_id", False)
        chunks = (found[start : start + chunk] for start in range(0, len(found), chunk))
    for ids in chunks:
        yield _exported_rows(db, ids)


def _exported_rows(db: SqliteDatabase, ids: Sequence[int]) -> list[dict[str, Any]]:
    listed = ", ".join(map(str, ids))
    countries = _grouped(db, f"SELECT title_id, country FROM origin_country WHERE title_id IN ({listed})")
    genres = _grouped(
        db,
        "SELECT title_id, coalesce(name, tmdb_id) FROM title_genre JOIN genre ON genre.id = genre_id "
        f"WHERE title_id IN ({listed}) ORDER BY title_id, position",
    )
    exported = db.execute_sql(f"SELECT id, {', '.join(_EXPORTED)} FROM title WHERE id IN ({listed}) ORDER BY id")
    return [_exported(row, countries, genres) for row in exported.fetchall()]


def _key_ranges(db: SqliteDatabase, chunk: int, tombstones: bool) -> "Iterator[array[int]]":
    living = "" if tombstones else "AND NOT EXISTS (SELECT 1 FROM tombstone WHERE title_id = title.id)"
    select = f"SELECT id FROM title WHERE id > ? {living} ORDER BY id LIMIT ?"
    last = -1
    while True:
        found = db.execute_sql(select, (last, chunk)).fetchall()
        if not found:
            return
        last = found[-1][0]
        yield array("q", (row[0] for row in found))


def _exported(row: Sequence[Any], countries: dict[int, list[Any]], genres: dict[int, list[Any]]) -> dict[str, Any]:
    values = dict(zip(_EXPORTED, row[1:], strict=True))
    values["origin_country"] = countries.get(row[0], [])
    values["genres"] = genres.get(row[0], [])
    moment = datetime.fromtimestamp(values["fetched_at"] / 1000, UTC)
    values["fetched_at"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return values
