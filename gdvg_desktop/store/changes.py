"""What changed of titles, field by field: written when a title is renewed, shown per title, undone for an earlier day.

What a field and its values are is `store.compare`. Old and new values are TMDb's data and go with it: after 180 days
only the date, the job and the name of the field stay.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.store import compare
from gdvg_desktop.store.title_rows import TITLE_COLUMNS

KEPT_MS = 180 * 86_400_000
EXPIRED_AT_ONCE = 5_000
_LISTS = frozenset(compare.LISTS.values())
_HIDDEN = {"id", "media_type", "tmdb_id", "popularity", "vote_average", "vote_count", "sort_title", "completeness"}
_CHUNK = 500

# Where the name of a key is found, by field: the table, and which part of the key is its id.
_NAMED = {
    "genres": ("genre", 0), "companies": ("company", 0), "networks": ("network", 0), "keywords": ("keyword", 0),
    "credits": ("person", 1), "watch_offers": ("provider", 2),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that changed at an instant (unix milliseconds).

    A plain field has `old` and `new`. A list has what was `removed`, `added` and `altered`, in words. `expired` when
    the values are older than may be kept.
    """

    at: int
    job_id: int | None
    job_name: str | None
    field: str
    is_list: bool
    old: str | None = None
    new: str | None = None
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The fields of a title as they were at an instant (unix milliseconds).

    `values` are plain fields as text, those of an entry by path (`translations/de-DE/overview`); unknown ones are left
    out. `lists` are the keys of each list, sorted; empty ones are left out. `names` are the words for some keys.
    """

    title_id: int
    at: int
    values: dict[str, str]
    lists: dict[str, tuple[str, ...]]
    names: dict[str, dict[str, str]] = field(default_factory=dict)

    def words(self, name: str) -> tuple[str, ...]:
        """The entries of a list in words."""
        known = self.names.get(name, {})
        return tuple(sorted((known.get(key, key) for key in self.lists.get(name, ())), key=str.casefold))


def record(
    connection: sqlite3.Connection, title_id: int, at_ms: int, job_id: int | None, some: Sequence[compare.Difference]
) -> None:
    """Keep the differences of one title, in the transaction that rewrites it."""
    connection.executemany(
        "INSERT INTO title_change (title_id, at, job_id, field, old, new) VALUES (?, ?, ?, ?, ?, ?)",
        [(title_id, at_ms, job_id, *one) for one in some],
    )


def history(db: SqliteDatabase, title_id: int, limit: int = 200) -> list[FieldChange]:
    """What changed of a title, the latest first."""
    rows = db.execute_sql(
        "SELECT title_change.at, job_id, job.name, field, old, new FROM title_change "
        "LEFT JOIN job ON job.id = job_id WHERE title_id = ? ORDER BY title_change.at DESC, title_change.id LIMIT ?",
        (title_id, limit),
    ).fetchall()
    keys: dict[str, set[str]] = {}
    for _, _, _, name, old, new in rows:
        if name in _LISTS:
            keys.setdefault(name, set()).update(_keys(old) | _keys(new))
    names = _names(db, keys)
    return [_change(row, names) for row in rows]


def _change(row: Sequence[Any], names: Mapping[str, Mapping[str, str]]) -> FieldChange:
    at, job_id, job_name, name, old, new = row
    expired = old is None and new is None
    if name not in _LISTS:
        return FieldChange(at, job_id, job_name, name, False, old, new, expired=expired)
    went, came, known = _keys(old), _keys(new), names.get(name, {})

    def words(keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted((known.get(key, key) for key in keys), key=str.casefold))

    parts = words(went - came), words(came - went), words(went & came)
    return FieldChange(at, job_id, job_name, name, True, None, None, *parts, expired=expired)


def as_of(db: SqliteDatabase, title_id: int, at_ms: int, now_ms: int) -> Snapshot:
    """The fields of a title at an instant: what is held, with every later change undone. Writes nothing.

    Raises UsageError for a title the library does not hold, for an instant before it came, and for one more than 180
    days ago.
    """
    if at_ms < now_ms - KEPT_MS:
        raise UsageError("Earlier states are kept for 180 days.", "Choose a later date.")
    held = compare.read(db.connection(), [title_id]).get(title_id)
    if held is None:
        raise UsageError("The library does not hold this title.", "Import it first.")
    created = db.execute_sql("SELECT created_at FROM title WHERE id = ?", (title_id,)).fetchone()[0]
    if at_ms < created:
        raise UsageError("This title came into the library later than that.", "Choose a later date.")
    values, lists = _state(held)
    later = db.execute_sql(
        "SELECT field, old, new FROM title_change WHERE title_id = ? AND at > ? ORDER BY at DESC, id DESC",
        (title_id, at_ms),
    )
    for name, old, new in later:
        if name not in _HIDDEN:
            _undo(values, lists, name, old, new)
    found = {name: tuple(sorted(keys)) for name, keys in sorted(lists.items()) if keys}
    known = {name: text for name, text in values.items() if text is not None}
    return Snapshot(title_id, at_ms, known, found, _names(db, {name: set(keys) for name, keys in found.items()}))


def expire(db: SqliteDatabase, before_ms: int, limit: int = EXPIRED_AT_ONCE) -> int:
    """Take the values out of changes made before an instant, so many in one transaction; returns of how many.

    To be called until it returns less than the limit.
    """
    cursor = db.execute_sql(
        "UPDATE title_change SET old = NULL, new = NULL WHERE id IN (SELECT id FROM title_change "
        "WHERE at < ? AND (old IS NOT NULL OR new IS NOT NULL) LIMIT ?)",
        (before_ms, limit),
    )
    return int(cursor.rowcount)


def _state(held: compare.Held) -> tuple[dict[str, str | None], dict[str, set[str]]]:
    """What is held as fields."""
    values: dict[str, str | None] = {
        name: compare.text(value)
        for name, value in zip(TITLE_COLUMNS, held.title, strict=True)
        if name not in _HIDDEN and value is not None
    }
    lists: dict[str, set[str]] = {}
    for table, rows in held.children.items():
        if table == "external_id":
            values |= {f"{compare.EXTERNAL_IDS}/{row[1]}": row[2] for row in rows}
            continue
        name = compare.LISTS[table]
        entries = compare.keyed(table, held.children)
        lists[name] = set(entries)
        for key, (row, *more) in entries.items():
            if not more:
                details = compare.DETAILED.get(table, {}).items()
                values |= {f"{name}/{key}/{part}": compare.text(row[place]) for part, place in details}
    return values, lists


def _undo(
    values: dict[str, str | None], lists: dict[str, set[str]], name: str, old: str | None, new: str | None
) -> None:
    if name not in _LISTS:
        values[name] = old
        return
    went, came = _keys(old), _keys(new)
    lists[name] = lists.get(name, set()) - came | went
    for key in came:  # an entry that was not there yet, or there more than once, has no values of its own
        inside = f"{name}/{key}/"
        for path in [path for path in values if path.startswith(inside)]:
            del values[path]


def _keys(text: str | None) -> set[str]:
    return set(json.loads(text)) if text else set()


def _names(db: SqliteDatabase, keys: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """Words for keys that hold the id of a genre, person and so on, by field."""
    found: dict[str, dict[str, str]] = {}
    for name, some in keys.items():
        if name not in _NAMED:
            continue
        table, place = _NAMED[name]
        ids = {key: key.split("/")[place] for key in some}
        known = dict(_named(db, table, sorted(set(ids.values()))))
        found[name] = {key: _words(name, key, known[one]) for key, one in ids.items() if one in known}
    return found


def _named(db: SqliteDatabase, table: str, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(ids), _CHUNK):
        listed = ", ".join(str(int(one)) for one in ids[start : start + _CHUNK])
        rows = db.execute_sql(f"SELECT id, name FROM {table} WHERE id IN ({listed}) AND name IS NOT NULL")
        yield from ((str(number), text) for number, text in rows)


def _words(name: str, key: str, text: str) -> str:
    parts = key.split("/")
    if name == "credits":
        return f"{text} ({parts[0]})"
    if name == "watch_offers":
        return f"{text} ({parts[0]}, {parts[1]})"
    return text
