"""Audit of rows: those whose parent is gone, malformed ones, duplicates, and counts of jobs that do not add up.

All reading goes by ranges of keys, each a statement of its own, so that no read keeps the log from being put away.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.store import compare
from gdvg_desktop.store.title_rows import CHILD_TABLES, HASH_BYTES, HASH_VERSION, SHARED_TABLES, content_hash

SPAN = 50_000  # rows of a table looked at in one read
TITLES = 500  # titles read with all their rows at once
_LARGEST = 2**63 - 1
_CHUNK = 500  # parameters in one statement
_REMOVED = 2_000  # rows removed in one transaction
_LATER_MS = 86_400_000  # a clock may be a day off before an instant counts as impossible

# Columns that hold a day as 2019-05-30
DATES = {
    "title": ("release_date", "last_air_date"),
    "season": ("air_date",),
    "episode": ("air_date",),
    "title_release": ("release_date",),
}
# Lists in which a title has each value once
_LISTS = (
    "title_genre", "origin_country", "production_country", "spoken_language", "tv_language", "title_company",
    "title_network", "title_keyword",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: columns of a table that name a row of its parent."""

    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]

    @property
    def owned(self) -> bool:
        """Whether a row means nothing without its parent. Otherwise the parent is fetched again with the title."""
        return self.parent in ("title", "title_release", "content_rating", "job")

    @property
    def missing(self) -> str:
        """The condition under which a row's parent is gone."""
        same = " AND ".join(
            f"{self.parent}.{there} = {self.table}.{here}"
            for here, there in zip(self.columns, self.parent_columns, strict=True)
        )
        return f"{self.table}.{self.columns[0]} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {self.parent} WHERE {same})"


@dataclass(frozen=True, slots=True)
class Orphans:
    """Rows of one key (a title's or a job's id) whose parent is gone."""

    reference: Reference
    key: int
    count: int

    def __str__(self) -> str:
        where = f"{_key_of(self.reference)} {self.key}"
        return f"{self.count} of {self.reference.table} without {self.reference.parent} ({where})"


def references(connection: sqlite3.Connection) -> list[Reference]:
    """Every foreign key of the schema, parents before what hangs on them."""
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    found = []
    for table in tables:
        keys: dict[int, list[tuple[str, str, str | None]]] = {}
        for row in connection.execute(f"PRAGMA foreign_key_list({table})"):
            keys.setdefault(row[0], []).append((row[2], row[3], row[4]))
        for parts in keys.values():
            parent = parts[0][0]
            there = tuple(name or _primary_key(connection, parent)[0] for _, _, name in parts)
            found.append(Reference(table, tuple(name for _, name, _ in parts), parent, there))
    return sorted(found, key=lambda one: (one.parent not in ("title", "job"), one.table))


def orphans(connection: sqlite3.Connection, reference: Reference, first: int, last: int) -> Iterator[Orphans]:
    """Rows whose parent is gone, with keys from `first` to `last`."""
    key = _key_of(reference)
    if reference.columns == (key,):  # one look a title, however many rows it has
        select = (
            f"SELECT {key}, found FROM (SELECT {key}, count(*) AS found FROM {reference.table} "
            f"WHERE {key} BETWEEN ? AND ? GROUP BY {key}) AS {reference.table} WHERE {reference.missing}"
        )
    else:
        select = (
            f"SELECT {key}, count(*) FROM {reference.table} WHERE {key} BETWEEN ? AND ? AND {reference.missing} "
            f"GROUP BY {key}"
        )
    for row in connection.execute(select, (first, last)).fetchall():
        yield Orphans(reference, row[0], row[1])


def spans(connection: sqlite3.Connection, table: str, key: str, rows: int = SPAN) -> Iterator[tuple[int, int]]:
    """Ranges of keys that cover a table, each of about so many rows, whatever its keys are."""
    low = connection.execute(f"SELECT min({key}) FROM {table}").fetchone()[0]
    while low is not None:
        row = connection.execute(
            f"SELECT {key} FROM {table} WHERE {key} >= ? ORDER BY {key} LIMIT 1 OFFSET ?", (low, rows)
        ).fetchone()
        if row is None:
            yield low, _LARGEST
            return
        yield low, row[0]
        low = connection.execute(f"SELECT min({key}) FROM {table} WHERE {key} > ?", row).fetchone()[0]


def spans_of(connection: sqlite3.Connection, reference: Reference) -> Iterator[tuple[int, int]]:
    """Ranges of keys that cover a reference's table."""
    return spans(connection, reference.table, _key_of(reference))


def remove_orphans(db: SqliteDatabase, found: Orphans) -> int:
    """Remove up to some thousand rows of one key whose parent is still gone; returns how many. Call until 0."""
    reference, key = found.reference, _key_of(found.reference)
    names = ", ".join(_primary_key(db.connection(), reference.table))
    cursor = db.execute_sql(
        f"DELETE FROM {reference.table} WHERE ({names}) IN "
        f"(SELECT {names} FROM {reference.table} WHERE {key} = ? AND {reference.missing} LIMIT ?)",
        (found.key, _REMOVED),
    )
    return int(cursor.rowcount)


# ------------------------------------------------------------------------------------------------ malformed rows


@dataclass(frozen=True, slots=True)
class Malformed:
    """Rows of one title (or of one row of a shared table) that break a rule of the schema."""

    table: str
    rule: str
    key: Any
    count: int = 1

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.rule}"


def malformed(connection: sqlite3.Connection, now_ms: int, first: int, last: int) -> Iterator[Malformed]:
    """Rows of titles from `first` to `last` that break a rule."""
    for table in ("title", *CHILD_TABLES, "episode"):
        key = "id" if table == "title" else "title_id"
        for rule, condition in _rules(connection, table, now_ms).items():
            rows = connection.execute(
                f"SELECT {key}, count(*) FROM {table} WHERE {key} BETWEEN ? AND ? AND ({condition}) GROUP BY {key}",
                (first, last),
            ).fetchall()
            yield from (Malformed(table, rule, row[0], row[1]) for row in rows)


def altered(connection: sqlite3.Connection, first: int, last: int) -> Iterator[int]:
    """Titles from `first` to `last` whose rows do not say what was stored: their hash is another one.

    Titles deleted at TMDb are left out, as nothing can be fetched for them, and so are those with a hash of another
    version of the mapping, which says nothing about their rows.
    """
    connection.execute("BEGIN")  # all rows of a title as they were at one moment
    try:
        hashes = dict(
            connection.execute(
                "SELECT id, content_hash FROM title WHERE id BETWEEN ? AND ? AND length(content_hash) = ? "
                "AND NOT EXISTS (SELECT 1 FROM tombstone WHERE title_id = title.id)",
                (first, last, HASH_BYTES),
            ).fetchall()
        )
        held = compare.read(connection, (key for key, stored in hashes.items() if stored[0] == HASH_VERSION))
    finally:
        connection.execute("ROLLBACK")
    for title_id, one in held.items():
        if content_hash(one.title, one.children, one.episodes) != hashes[title_id]:
            yield title_id


def without_search_entry(connection: sqlite3.Connection, first: int, last: int) -> list[int]:
    """Titles from `first` to `last` that no search can find."""
    rows = connection.execute(
        "SELECT id FROM title WHERE id BETWEEN ? AND ? "
        "AND NOT EXISTS (SELECT 1 FROM title_search WHERE title_id = title.id)",
        (first, last),
    )
    return [row[0] for row in rows.fetchall()]


def wrong_identity(connection: sqlite3.Connection, first: int, last: int) -> list[int]:
    """Rows of `title` whose id is not that of their type and TMDb id."""
    rows = connection.execute(
        "SELECT id FROM title WHERE id BETWEEN ? AND ? "
        "AND (id IS NOT tmdb_id * 2 + (media_type = 'tv') OR tmdb_id <= 0)",
        (first, last),
    )
    return [row[0] for row in rows.fetchall()]


def remove_wrong_identity(db: SqliteDatabase, ids: Sequence[int]) -> int:
    """Remove titles whose id cannot be; they are fetched again under their own."""
    total = 0
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        total += db.execute_sql(
            f"DELETE FROM title WHERE id IN ({', '.join('?' * len(part))}) "
            "AND (id IS NOT tmdb_id * 2 + (media_type = 'tv') OR tmdb_id <= 0)",
            part,
        ).rowcount
    return total


def empty_texts_of_shared(connection: sqlite3.Connection) -> Iterator[Malformed]:
    """Empty texts in the tables titles share (people, companies, ...), one finding a table."""
    for table in SHARED_TABLES:
        condition = _empty(connection, table)
        if condition:
            count = connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()[0]
            if count:
                yield Malformed(table, "empty text", "", count)


def null_empty_texts(db: SqliteDatabase, table: str) -> int:
    """Make some empty texts of a shared table unknown; returns how many rows. Call until 0."""
    connection = db.connection()
    columns = _nullable_texts(connection, table)
    key = SHARED_TABLES[table][0]
    sets = ", ".join(f"{name} = nullif({name}, '')" for name in columns)
    cursor = db.execute_sql(
        f"UPDATE {table} SET {sets} WHERE {key} IN "
        f"(SELECT {key} FROM {table} WHERE {_empty(connection, table)} LIMIT ?)",
        (_REMOVED,),
    )
    return int(cursor.rowcount)


def _rules(connection: sqlite3.Connection, table: str, now_ms: int) -> dict[str, str]:
    rules = {}
    if empty := _empty(connection, table):
        rules["empty text"] = empty
    if table in DATES:
        rules["a date that is none"] = " OR ".join(
            f"({name} IS NOT NULL AND {name} <> '' AND date({name}, '+0 days') IS NOT {name})" for name in DATES[table]
        )
    if table == "title":
        latest = now_ms + _LATER_MS
        rules["a moment that cannot be"] = " OR ".join(
            f"{name} NOT BETWEEN 1 AND {latest}" for name in ("fetched_at", "checked_at")
        )
        rules["a vote or popularity that cannot be"] = "popularity < 0 OR vote_average NOT BETWEEN 0 AND 10"
        rules["no content hash"] = "length(content_hash) NOT IN (16, 17)"  # 16 in libraries of the first version
    return rules


def _empty(connection: sqlite3.Connection, table: str) -> str:
    return " OR ".join(f"{name} = ''" for name in _nullable_texts(connection, table))


def _nullable_texts(connection: sqlite3.Connection, table: str) -> list[str]:
    rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
    return [row[1] for row in rows if row[2] == "TEXT" and not row[3] and not row[5]]


# ---------------------------------------------------------------------------------------------------- duplicates


def duplicates(connection: sqlite3.Connection, first: int, last: int) -> Iterator[Malformed]:
    """Titles that are there twice, and values a title has twice in one list."""
    rows = connection.execute(
        "SELECT min(id), count(*) - 1 FROM title NOT INDEXED WHERE id BETWEEN ? AND ? "
        "GROUP BY media_type, tmdb_id HAVING count(*) > 1",
        (first, last),
    ).fetchall()
    yield from (Malformed("title", "there twice", row[0], row[1]) for row in rows)
    for table in _LISTS:
        value = CHILD_TABLES[table][2]
        rows = connection.execute(
            f"SELECT title_id, count(*) - count(DISTINCT {value}) FROM {table} WHERE title_id BETWEEN ? AND ? "
            f"GROUP BY title_id HAVING count(*) > count(DISTINCT {value})",
            (first, last),
        ).fetchall()
        yield from (Malformed(table, "a value there twice", row[0], row[1]) for row in rows)


def shared_imdb_ids(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """IMDb ids that several titles of one type have, and how many. TMDb's own mistakes; nothing here can mend them."""
    return connection.execute(
        "SELECT imdb_id, count(*) FROM title WHERE imdb_id IS NOT NULL GROUP BY imdb_id, media_type HAVING count(*) > 1"
    ).fetchall()


# ------------------------------------------------------------------------------------------------- counts of jobs


@dataclass(frozen=True, slots=True)
class WrongCount:
    """A job whose counts do not fit its titles: `left` by the counts, `pending` by the titles."""

    job_id: int
    name: str
    left: int
    pending: int

    def __str__(self) -> str:
        return f"job {self.job_id} ({self.name}): {self.left} left by its counts, {self.pending} waiting"


_DONE = "added + updated + unchanged + skipped + failed + gone"
# while a job lists, its counts follow only when it goes over to fetching
_WRONG = (
    f"SELECT id, name, total - ({_DONE}), "
    "(SELECT count(*) FROM job_item WHERE job_id = job.id AND state = 'pending') AS waiting FROM job "
    f"WHERE phase IN ('fetch', 'close', 'done') AND total - ({_DONE}) <> waiting"
)


def wrong_counts(connection: sqlite3.Connection) -> list[WrongCount]:
    """Jobs whose counts do not add up."""
    return [WrongCount(*row) for row in connection.execute(_WRONG).fetchall()]


def recount(db: SqliteDatabase, job_id: int) -> bool:
    """Make a job's total what its counts and waiting titles say; False when it is right by now."""
    row = db.execute_sql(f"{_WRONG} AND id = ?", (job_id,)).fetchone()
    if row is None:
        return False
    db.execute_sql(f"UPDATE job SET total = {_DONE} + ? WHERE id = ?", (row[3], job_id))
    return True


# --------------------------------------------------------------------------------------------------------- inside


def stale(connection: sqlite3.Connection, before_ms: int) -> BitMap:
    """Titles last checked before an instant and not deleted at TMDb."""
    rows = connection.execute(
        "SELECT id FROM title WHERE checked_at < ? AND id NOT IN (SELECT title_id FROM tombstone)", (before_ms,)
    )
    return BitMap(row[0] for row in rows.fetchall())


def _primary_key(connection: sqlite3.Connection, table: str) -> list[str]:
    rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
    return [row[1] for row in sorted((row for row in rows if row[5]), key=lambda row: row[5])]


def _key_of(reference: Reference) -> str:
    """The column by whose ranges a table is read."""
    if reference.table == "title":
        return "id"
    if reference.table in CHILD_TABLES or reference.table in ("title_search", "episode"):
        return "title_id"
    return reference.columns[0]
