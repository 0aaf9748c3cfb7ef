"""Writing titles: batches of ready rows, upserted with `executemany` inside the caller's transaction.

The hot path of an import. A title the library has is read back and compared (`store.compare`): when its content is the
same it only gets its moving values and `checked_at`; otherwise what differs is rewritten and kept as its history
(`store.changes`). Where a part of the answer did not come, what is held of it stays (`store.kept`). `fetched_at` is
when the stored content came, `checked_at` when TMDb last confirmed it.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from operator import itemgetter
from typing import Any

import peewee
from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import changes, compare, kept
from gdvg_desktop.store.title_rows import (
    CHILD_TABLES,
    EPISODE_COLUMNS,
    SHARED_TABLES,
    TITLE_COLUMNS,
    Row,
    TitleRows,
    title_id_of,
)

__all__ = [
    "CHILD_TABLES",
    "EPISODE_COLUMNS",
    "SHARED_TABLES",
    "TITLE_COLUMNS",
    "Row",
    "TitleRows",
    "Written",
    "count",
    "existing_ids",
    "title_id_of",
    "write_titles",
]

_BOOKKEEPING = ("content_hash", "unavailable", "fetched_at", "checked_at", "created_at", "job_id", "first_job_id")

# Of these TMDb's own lists are kept too (`store.reference`); a title adds what is not known yet and replaces nothing.
_LISTED_TABLES = frozenset({"genre", "country", "language"})


class Written(StrEnum):
    """What writing a title did."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


def write_titles(
    db: SqliteDatabase, batch: Sequence[TitleRows], job_id: int | None, now_ms: int, *, clean: bool = False
) -> list[Written]:
    """Add or update titles. Returns what became of each; the second of two that are one title counts as updated.

    To be called in a write transaction, with about 25 titles. `clean` removes whatever a new title has left behind in
    the tables, which a title removed by another program may have done. Raises peewee's errors (IntegrityError ...).
    """
    unique = {rows.title_id: rows for rows in batch}
    with _peewee_errors():
        connection = db.connection()
        held = compare.read(connection, unique)
        for title_id, one in held.items():
            if unique[title_id].unanswered:
                mask = connection.execute("SELECT unavailable FROM title WHERE id = ?", (title_id,)).fetchone()[0]
                unique[title_id] = kept.with_held(unique[title_id], one, mask)
        _write_shared(connection, unique.values())
        fresh = [rows for rows in unique.values() if rows.title_id not in held]
        _add(connection, fresh, job_id, now_ms, clean)
        outcome = dict.fromkeys((rows.title_id for rows in fresh), Written.ADDED)
        for title_id, one in held.items():
            same = _renew(connection, one, unique[title_id], job_id, now_ms)
            outcome[title_id] = Written.UNCHANGED if same else Written.UPDATED
        _write_search(connection, unique.values(), held)
        connection.executemany("DELETE FROM tombstone WHERE title_id = ?", [(title_id,) for title_id in unique])
    seen: set[int] = set()
    written = []
    for rows in batch:
        written.append(Written.UPDATED if rows.title_id in seen else outcome[rows.title_id])
        seen.add(rows.title_id)
    return written


def _add(
    connection: sqlite3.Connection, fresh: Sequence[TitleRows], job_id: int | None, now_ms: int, clean: bool
) -> None:
    """Write titles the library does not have."""
    if not fresh:
        return
    keys = [rows.title_id for rows in fresh]
    marks = _marks(keys[:_CHUNK])
    left = keys if clean else []
    if len(keys) <= _CHUNK and not clean:  # a title removed without its rows leaves its search entry behind as well
        left = [
            row[0] for row in connection.execute(f"SELECT title_id FROM title_search WHERE title_id IN ({marks})", keys)
        ]
    if left:
        for statement in _DELETE_CHILD.values():
            connection.executemany(statement, [(title_id,) for title_id in left])
    connection.executemany(_UPSERT_TITLE, [_title_values(rows, job_id, now_ms) for rows in fresh])
    for table, statement in _INSERT_CHILD.items():
        values = [row for rows in fresh for row in rows.children.get(table, ())]
        if values:
            connection.executemany(statement, values)
    episodes = [row for rows in fresh for row in rows.episodes]
    if episodes:
        connection.executemany(_UPSERT_EPISODE, episodes)


def _renew(
    connection: sqlite3.Connection, held: compare.Held, rows: TitleRows, job_id: int | None, now_ms: int
) -> bool:
    """Bring a title the library has in line with its new rows; True when its content is the same."""
    found = compare.compare(held, rows)
    if found.same:
        moving = (*rows.title[-3:], rows.content_hash, rows.unavailable, now_ms, rows.title_id)
        connection.execute(_CONFIRM, moving)
    else:
        connection.execute(_UPSERT_TITLE, _title_values(rows, job_id, now_ms))
        changes.record(connection, rows.title_id, now_ms, job_id, found.differences)
    for table in reversed(CHILD_TABLES):
        if table in found.tables:
            connection.execute(_DELETE_CHILD[table], (rows.title_id,))
    for table, statement in _INSERT_CHILD.items():
        if table in found.tables and table in rows.children:
            connection.executemany(statement, rows.children[table])
    if found.episodes:
        connection.executemany(_UPSERT_EPISODE, rows.episodes)
    return found.same


def _title_values(rows: TitleRows, job_id: int | None, now_ms: int) -> Row:
    return (*rows.title, rows.content_hash, rows.unavailable, now_ms, now_ms, now_ms, job_id, job_id)


def _write_search(connection: sqlite3.Connection, batch: Iterable[TitleRows], held: dict[int, compare.Held]) -> None:
    """Bring the search entries in line; of titles that were held only those that differ are written."""
    keys = list(held)
    known: dict[int, str] = {}
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        known |= dict(
            connection.execute(f"SELECT title_id, text FROM title_search WHERE title_id IN ({_marks(part)})", part)
        )
    values = [(rows.title_id, rows.search_text) for rows in batch if known.get(rows.title_id) != rows.search_text]
    if values:
        connection.executemany(_UPSERT_SEARCH, values)


def existing_ids(db: SqliteDatabase, media_type: MediaType, ids: Iterable[int]) -> set[int]:
    """Which of these TMDb ids the library holds. Those thought to be deleted at TMDb do not count."""
    wanted = list(ids)
    found: set[int] = set()
    offset = title_id_of(media_type, 0)
    for start in range(0, len(wanted), _CHUNK):
        keys = [tmdb_id * 2 + offset for tmdb_id in wanted[start : start + _CHUNK]]
        rows = db.execute_sql(
            f"SELECT tmdb_id FROM title WHERE id IN ({_marks(keys)}) AND id NOT IN (SELECT title_id FROM tombstone)",
            keys,
        )
        found.update(row[0] for row in rows)
    return found


def count(db: SqliteDatabase) -> dict[str, int]:
    """How many titles of each media type: `{"movie": n, "tv": n}`. Those deleted at TMDb are not counted."""
    rows = db.execute_sql("SELECT media_type, count(*) FROM title GROUP BY media_type")
    found = {MediaType.MOVIE.value: 0, MediaType.TV.value: 0} | dict(rows)
    for media_type, deleted in db.execute_sql(
        "SELECT title.media_type, count(*) FROM tombstone JOIN title ON title.id = title_id GROUP BY title.media_type"
    ):
        found[media_type] -= deleted
    return found


_CHUNK = 500  # parameters in one statement


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


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
        sets = ", ".join(f"{name} = coalesce({name}, excluded.{name})" for name in rest)
        news = " OR ".join(f"({name} IS NULL AND excluded.{name} IS NOT NULL)" for name in rest)
    else:
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
_DELETE_CHILD = {table: f"DELETE FROM {table} WHERE title_id = ?" for table in reversed(CHILD_TABLES)}
_CONFIRM = (
    "UPDATE title SET popularity = ?, vote_average = ?, vote_count = ?, content_hash = ?, unavailable = ?, "
    "checked_at = ? WHERE id = ?"
)
_UPSERT_EPISODE = f"{_insert('episode', EPISODE_COLUMNS)} ON CONFLICT (id) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in EPISODE_COLUMNS[1:]
)
_UPSERT_SEARCH = (
    "INSERT INTO title_search (title_id, text) VALUES (?, ?) "
    "ON CONFLICT (title_id) DO UPDATE SET text = excluded.text WHERE text IS NOT excluded.text"
)
