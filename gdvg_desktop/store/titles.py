"""Writing titles: batches of ready rows, upserted with `executemany` inside the caller's transaction.

The hot path of an import. A title whose content is unchanged only gets its moving values (popularity, votes) and its
dates; otherwise the rows that belong to it are replaced. Which row holds what is documented in docs/database.md; how
an answer of TMDb becomes rows is `sync.mapping`.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import peewee
from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import MediaType

Row = tuple[Any, ...]

# What mapping fills of `title`, in this order; the rest are dates and provenance.
TITLE_COLUMNS = (
    "id", "media_type", "tmdb_id", "title", "title_language", "sort_title", "original_title", "original_language",
    "language", "overview", "overview_language", "tagline", "homepage", "release_date", "last_air_date", "status",
    "tv_type", "in_production", "adult", "softcore", "video", "runtime", "budget", "revenue", "number_of_seasons",
    "number_of_episodes", "last_episode_id", "next_episode_id", "collection_id", "imdb_id", "poster_path",
    "backdrop_path", "completeness", "popularity", "vote_average", "vote_count",
)  # fmt: skip
_BOOKKEEPING = ("content_hash", "unavailable", "fetched_at", "checked_at", "created_at", "job_id", "first_job_id")

# Tables of rows that belong to one title and are replaced with it.
CHILD_TABLES: dict[str, tuple[str, ...]] = {
    "title_genre": ("title_id", "position", "genre_id"),
    "origin_country": ("title_id", "position", "country"),
    "production_country": ("title_id", "position", "country"),
    "spoken_language": ("title_id", "position", "language"),
    "tv_language": ("title_id", "position", "language"),
    "episode_run_time": ("title_id", "position", "minutes"),
    "title_company": ("title_id", "position", "company_id"),
    "title_network": ("title_id", "position", "network_id"),
    "title_keyword": ("title_id", "position", "keyword_id"),
    "credit": (
        "title_id", "position", "kind", "person_id", "credit_id", "cast_id", "billing", "character", "department",
        "job", "episode_count", "total_episode_count",
    ),
    "image": (
        "title_id", "position", "kind", "file_path", "language", "country", "width", "height", "aspect_ratio",
        "vote_average", "vote_count",
    ),
    "video": (
        "title_id", "position", "video_id", "name", "site", "key", "type", "official", "size", "language", "country",
        "published_at",
    ),
    "external_id": ("title_id", "source", "value"),
    "alternative_title": ("title_id", "position", "country", "title", "type"),
    "translation": (
        "title_id", "position", "language", "country", "language_name", "english_name", "title", "overview",
        "tagline", "homepage", "runtime",
    ),
    "title_release": (
        "title_id", "position", "country", "type", "release_date", "certification", "language", "note",
    ),
    "release_descriptor": ("title_id", "release_position", "position", "descriptor"),
    "content_rating": ("title_id", "position", "country", "rating"),
    "rating_descriptor": ("title_id", "rating_position", "position", "descriptor"),
    "watch_offer": ("title_id", "position", "country", "kind", "provider_id", "display_priority"),
    "watch_link": ("title_id", "country", "link"),
    "season": (
        "title_id", "season_number", "tmdb_id", "name", "overview", "air_date", "poster_path", "episode_count",
        "vote_average",
    ),
}  # fmt: skip

# Tables whose rows titles share; the first column is the key. A known value is never replaced by an unknown one:
# credits of different kinds carry different parts of a person.
SHARED_TABLES: dict[str, tuple[str, ...]] = {
    "genre": ("id", "media_type", "tmdb_id", "name"),
    "country": ("code", "name"),
    "language": ("code", "name", "native_name"),
    "collection": ("id", "name", "poster_path", "backdrop_path"),
    "company": ("id", "name", "logo_path", "origin_country"),
    "network": ("id", "name", "logo_path", "origin_country"),
    "keyword": ("id", "name"),
    "provider": ("id", "name", "logo_path"),
    "person": (
        "id", "name", "original_name", "gender", "adult", "known_for_department", "profile_path", "popularity",
    ),
}  # fmt: skip

# Of these TMDb's own lists are kept too (`store.reference`); a title adds what those lists do not know.
_LISTED_TABLES = frozenset({"genre", "country", "language"})

# Episodes known from the details (the last and the next to air) are added to, never removed by, a title's refresh.
EPISODE_COLUMNS = (
    "id", "title_id", "season_number", "episode_number", "name", "overview", "air_date", "runtime", "still_path",
    "production_code", "episode_type", "vote_average", "vote_count",
)  # fmt: skip


def title_id_of(media_type: MediaType, tmdb_id: int) -> int:
    """The key of a title: movie and TV ids overlap, so the type is its lowest bit."""
    return tmdb_id * 2 + (media_type is MediaType.TV)


@dataclass(slots=True)
class TitleRows:
    """One title as rows, ready to be written.

    `title` has the values of TITLE_COLUMNS; `children` and `shared` lists of rows by table, shaped as CHILD_TABLES and
    SHARED_TABLES say; `search_text` the folded forms (`store.search`); `unavailable` a mask of what TMDb has nothing
    for (`store.fields`), None when nobody looked.
    """

    title_id: int
    media_type: MediaType
    label: str
    title: Row
    content_hash: bytes
    search_text: str
    children: dict[str, list[Row]] = field(default_factory=dict)
    shared: dict[str, list[Row]] = field(default_factory=dict)
    episodes: list[Row] = field(default_factory=list)
    unavailable: int | None = None


def write_titles(db: SqliteDatabase, batch: Sequence[TitleRows], job_id: int | None, now_ms: int) -> list[bool]:
    """Add or update titles. Returns, for each, True when it was added and False when the library had it.

    To be called in a write transaction, with about 25 titles. Raises peewee's errors (IntegrityError and so on).
    """
    unique = {rows.title_id: rows for rows in batch}
    with _peewee_errors():
        connection = db.connection()
        known = _hashes(connection, unique)
        changed = [rows for rows in unique.values() if known.get(rows.title_id) != rows.content_hash]
        _write_shared(connection, unique.values())
        connection.executemany(
            _UPSERT_TITLE,
            [
                (*rows.title, rows.content_hash, rows.unavailable, now_ms, now_ms, now_ms, job_id, job_id)
                for rows in unique.values()
            ],
        )
        stale = [(rows.title_id,) for rows in changed if rows.title_id in known]
        if stale:
            for statement in _DELETE_CHILDREN:
                connection.executemany(statement, stale)
        for table, statement in _INSERT_CHILD.items():
            values = [row for rows in changed for row in rows.children.get(table, ())]
            if values:
                connection.executemany(statement, values)
        episodes = [row for rows in unique.values() for row in rows.episodes]
        if episodes:
            connection.executemany(_UPSERT_EPISODE, episodes)
        connection.executemany(_UPSERT_SEARCH, [(rows.title_id, rows.search_text) for rows in changed])
    seen: set[int] = set(known)
    added = []
    for rows in batch:
        added.append(rows.title_id not in seen)
        seen.add(rows.title_id)
    return added


def existing_ids(db: SqliteDatabase, media_type: MediaType, ids: Iterable[int]) -> set[int]:
    """Which of these TMDb ids the library holds."""
    wanted = list(ids)
    found: set[int] = set()
    offset = title_id_of(media_type, 0)
    for start in range(0, len(wanted), _CHUNK):
        keys = [tmdb_id * 2 + offset for tmdb_id in wanted[start : start + _CHUNK]]
        rows = db.execute_sql(f"SELECT tmdb_id FROM title WHERE id IN ({_marks(keys)})", keys)
        found.update(row[0] for row in rows)
    return found


def count(db: SqliteDatabase) -> dict[str, int]:
    """How many titles of each media type: `{"movie": n, "tv": n}`."""
    rows = db.execute_sql("SELECT media_type, count(*) FROM title GROUP BY media_type")
    return {MediaType.MOVIE.value: 0, MediaType.TV.value: 0} | dict(rows)


_CHUNK = 500  # parameters in one statement


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _hashes(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, bytes]:
    wanted = list(ids)
    found: dict[int, bytes] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        found.update(connection.execute(f"SELECT id, content_hash FROM title WHERE id IN ({_marks(part)})", part))
    return found


def _write_shared(connection: sqlite3.Connection, batch: Iterable[TitleRows]) -> None:
    """Write the batch's shared rows, each once."""
    titles = list(batch)
    for table, statement in _UPSERT_SHARED.items():
        values = dict.fromkeys(row for rows in titles for row in rows.shared.get(table, ()))
        if values:
            connection.executemany(statement, sorted(values, key=itemgetter(0)))  # neighbours share pages


@contextmanager
def _peewee_errors() -> Iterator[None]:
    """sqlite3's errors as peewee's, whose tree the callers know; `executemany` is not wrapped by peewee itself."""
    try:
        yield
    except sqlite3.Error as error:
        raise getattr(peewee, type(error).__name__, peewee.DatabaseError)(*error.args) from error


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({_marks(columns)})"


def _upsert_shared(table: str, columns: Sequence[str]) -> str:
    key, *rest = columns
    if table in _LISTED_TABLES:
        return f"{_insert(table, columns)} ON CONFLICT DO NOTHING"
    sets = ", ".join(f"{name} = coalesce(excluded.{name}, {name})" for name in rest)
    news = " OR ".join(f"(excluded.{name} IS NOT NULL AND excluded.{name} IS NOT {name})" for name in rest)
    return f"{_insert(table, columns)} ON CONFLICT ({key}) DO UPDATE SET {sets} WHERE {news}"


def _upsert_title() -> str:
    columns = (*TITLE_COLUMNS, *_BOOKKEEPING)
    kept = {"id", "media_type", "tmdb_id", "created_at", "first_job_id"}
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in kept)
    return f"{_insert('title', columns)} ON CONFLICT (id) DO UPDATE SET {sets}"


_UPSERT_TITLE = _upsert_title()
_UPSERT_SHARED = {table: _upsert_shared(table, columns) for table, columns in SHARED_TABLES.items()}
_INSERT_CHILD = {table: _insert(table, columns) for table, columns in CHILD_TABLES.items()}
_DELETE_CHILDREN = [f"DELETE FROM {table} WHERE title_id = ?" for table in reversed(CHILD_TABLES)]
_UPSERT_EPISODE = f"{_insert('episode', EPISODE_COLUMNS)} ON CONFLICT (id) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in EPISODE_COLUMNS[1:]
)
_UPSERT_SEARCH = (
    "INSERT INTO title_search (title_id, text) VALUES (?, ?) "
    "ON CONFLICT (title_id) DO UPDATE SET text = excluded.text WHERE text IS NOT excluded.text"
)
