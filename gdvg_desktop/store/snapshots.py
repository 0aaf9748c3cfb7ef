"""Snapshots: what the library held at a moment, small enough to keep for years, and two of them compared.

Taken at most once a day after a mirror or delta run, or whenever a user asks. Kept: the last five, the last one of each
month for a year, and pinned ones. They lie in a file of their own (`store.snapshot_file`).
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import from_millis
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import snapshot_file
from gdvg_desktop.store.coverage import coverage, held_ids

LAST_KEPT = 5
MONTHS_KEPT_DAYS = 365
MANUAL = "manual"
_COLUMNS = "id, taken_at, reason, job_id, pinned, movies, tv, new_titles, coverage, change_id"
_CHUNK = 20_000  # rows of the log of changes read at once


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot without its id sets. `taken_at` in unix ms.

    `new_titles` are titles the one before did not hold, None for the first. `coverage` has the figures of
    `store.coverage` as plain values. `change_id` is the position in the library's log of changes (`title_change.id`).
    """

    id: int
    taken_at: int
    reason: str
    job_id: int | None
    pinned: bool
    movies: int
    tv: int
    new_titles: int | None
    coverage: dict[str, Any]
    change_id: int

    @property
    def titles(self) -> int:
        """Titles of both types."""
        return self.movies + self.tv

    @property
    def percent(self) -> float | None:
        """Coverage of both types in per cent; None where no export had been read."""
        value = self.coverage.get("percent")
        return None if self.coverage.get("export_date") is None or value is None else float(value)


@dataclass(frozen=True, slots=True)
class TypeDifference:
    """TMDb ids of one type, ascending."""

    added: Sequence[int]
    removed: Sequence[int]
    changed: Sequence[int]


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one snapshot to a later one.

    `totals` are (kind, value, titles before, titles after) of the years and countries whose count differs.
    `changes_known` is False when the log of changes does not reach back to the earlier one: `changed` is then a part.
    """

    before: Snapshot
    after: Snapshot
    types: dict[MediaType, TypeDifference]
    totals: tuple[tuple[str, str, int, int], ...] = field(default=())
    changes_known: bool = True


def take(
    paths: Paths, db: SqliteDatabase, now_ms: int, reason: str, *, job_id: int | None = None, daily: bool = False
) -> Snapshot | None:
    """Take a snapshot of the library through a reader's connection. Blocking, seconds for a million titles.

    With `daily` none is taken on a UTC day that has one, and None returned. Raises StorageError.
    """
    day = from_millis(now_ms).date().isoformat()
    if daily:
        with snapshot_file.opened(paths) as file:
            if file.execute("SELECT 1 FROM snapshot WHERE day = ?", (day,)).fetchone():
                return None
    change_id = db.execute_sql("SELECT coalesce(max(id), 0) FROM title_change").fetchone()[0]
    held = {kind: held_ids(db, kind) for kind in MediaType}
    covered = coverage(db)
    figures = json.dumps({**asdict(covered), "percent": covered.percent}, default=str)
    totals = _totals(db)
    with snapshot_file.opened(paths) as file:
        new = _new_titles(file, held)
        row = file.execute(
            "INSERT INTO snapshot (taken_at, day, reason, job_id, movies, tv, new_titles, coverage, change_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (now_ms, day, reason, job_id, len(held[MediaType.MOVIE]), len(held[MediaType.TV]), new, figures, change_id),
        ).fetchone()
        file.executemany(
            "INSERT INTO snapshot_ids (snapshot_id, media_type, ids) VALUES (?, ?, ?)",
            [(row[0], kind.value, _packed(ids)) for kind, ids in held.items()],
        )
        file.executemany(
            "INSERT INTO snapshot_total (snapshot_id, media_type, kind, value, titles) VALUES (?, ?, ?, ?, ?)",
            [(row[0], *total) for total in totals],
        )
        _thin(file, now_ms)
        return _get(file, row[0])


def listing(paths: Paths) -> list[Snapshot]:
    """All snapshots, newest first."""
    if not snapshot_file.path_of(paths).exists():
        return []
    with snapshot_file.opened(paths) as file:
        rows = file.execute(f"SELECT {_COLUMNS} FROM snapshot ORDER BY taken_at DESC, id DESC").fetchall()
    return [_snapshot(row) for row in rows]


def pin(paths: Paths, snapshot_id: int, pinned: bool) -> Snapshot:
    """Keep a snapshot for good, or no longer. Raises UsageError when there is none."""
    with snapshot_file.opened(paths) as file:
        _get(file, snapshot_id)
        file.execute("UPDATE snapshot SET pinned = ? WHERE id = ?", (pinned, snapshot_id))
        return _get(file, snapshot_id)


def totals(paths: Paths, snapshot_id: int) -> list[tuple[MediaType, str, str, int]]:
    """Titles of a snapshot by year and country: type, kind ("year", "country"), value, count."""
    with snapshot_file.opened(paths) as file:
        rows = file.execute(
            "SELECT media_type, kind, value, titles FROM snapshot_total WHERE snapshot_id = ? "
            "ORDER BY media_type, kind, value",
            (snapshot_id,),
        ).fetchall()
    return [(MediaType(kind), what, value, count) for kind, what, value, count in rows]


def difference(paths: Paths, db: SqliteDatabase, first: int, second: int) -> Difference:
    """Compare two snapshots; the older is the one before, in whichever order they are given. Blocking.

    Raises UsageError for an unknown snapshot and for one whose ids were purged.
    """
    with snapshot_file.opened(paths) as file:
        before, after = sorted((_get(file, one) for one in (first, second)), key=lambda one: (one.taken_at, one.id))
        ids = {one.id: _ids(file, one) for one in (before, after)}
        moved = file.execute(
            "SELECT kind, value, sum(titles * (snapshot_id = ?1)), sum(titles * (snapshot_id = ?2)) "
            "FROM snapshot_total WHERE snapshot_id IN (?1, ?2) GROUP BY kind, value "
            "HAVING sum(titles * (snapshot_id = ?1)) <> sum(titles * (snapshot_id = ?2)) ORDER BY kind, value",
            (before.id, after.id),
        ).fetchall()
    touched, known = _changed(db, before, after)
    types = {}
    for kind in MediaType:
        old, new = ids[before.id][kind], ids[after.id][kind]
        types[kind] = TypeDifference(
            (new - old).to_array(), (old - new).to_array(), (touched[kind] & old & new).to_array()
        )
    return Difference(before, after, types, tuple(moved), known)


# ------------------------------------------------------------------------------------------------------- inside


def _snapshot(row: Sequence[Any]) -> Snapshot:
    values = list(row)
    values[4] = bool(values[4])
    values[8] = json.loads(values[8])
    return Snapshot(*values)


def _get(file: sqlite3.Connection, snapshot_id: int) -> Snapshot:
    row = file.execute(f"SELECT {_COLUMNS} FROM snapshot WHERE id = ?", (snapshot_id,)).fetchone()
    if row is None:
        raise UsageError(f"There is no snapshot {snapshot_id}.", "Snapshots are listed by: gdvg snapshots list.")
    return _snapshot(row)


def _packed(ids: BitMap) -> bytes:
    packed = ids.copy()
    packed.run_optimize()
    return bytes(packed.serialize())


def _ids(file: sqlite3.Connection, snapshot: Snapshot) -> dict[MediaType, BitMap]:
    rows = dict(
        file.execute("SELECT media_type, ids FROM snapshot_ids WHERE snapshot_id = ?", (snapshot.id,)).fetchall()
    )
    if any(rows.get(kind.value) is None for kind in MediaType):
        raise UsageError(f"Snapshot {snapshot.id} has no ids any more: TMDb's data were purged.", "Compare later ones.")
    return {kind: BitMap.deserialize(rows[kind.value]) for kind in MediaType}


def _new_titles(file: sqlite3.Connection, held: dict[MediaType, BitMap]) -> int | None:
    """How many of the titles the snapshot before does not hold; None when there is none to compare with."""
    row = file.execute(f"SELECT {_COLUMNS} FROM snapshot ORDER BY taken_at DESC, id DESC LIMIT 1").fetchone()
    if row is None:
        return None
    try:
        earlier = _ids(file, _snapshot(row))
    except UsageError:
        return None
    return sum(len(ids - earlier[kind]) for kind, ids in held.items())


def _totals(db: SqliteDatabase) -> list[tuple[str, str, str, int]]:
    """Titles by type and year, and by type and country, read from two indexes."""
    kind = "CASE {id} & 1 WHEN 1 THEN 'tv' ELSE 'movie' END"
    alive = "{id} NOT IN (SELECT title_id FROM tombstone)"
    years = (
        f"SELECT {kind}, 'year', substr(release_date, 1, 4), count(*) FROM title "
        f"WHERE release_date IS NOT NULL AND {alive} GROUP BY 1, 3"
    ).format(id="id")
    countries = (
        f"SELECT {kind}, 'country', country, count(DISTINCT title_id) FROM origin_country WHERE {alive} GROUP BY 1, 3"
    ).format(id="title_id")
    return [tuple(row) for select in (years, countries) for row in db.execute_sql(select).fetchall()]


def _changed(db: SqliteDatabase, before: Snapshot, after: Snapshot) -> tuple[dict[MediaType, BitMap], bool]:
    """Titles the log of changes names between two snapshots, and whether the log reaches back that far.

    A library put back from a backup counts its log anew; rows are then told apart by their time.
    """
    found = {kind: BitMap() for kind in MediaType}
    position = before.change_id if after.change_id >= before.change_id else 0
    first = db.execute_sql("SELECT coalesce(min(id), 0) FROM title_change").fetchone()[0]
    known = after.change_id >= before.change_id and (
        first <= before.change_id + 1 or after.change_id == before.change_id
    )
    while True:
        rows = db.execute_sql(
            "SELECT id, title_id FROM title_change "
            "WHERE id > ? AND id <= ? AND at <= ? AND at >= ? ORDER BY id LIMIT ?",
            (position, max(after.change_id, position), after.taken_at, 0 if known else before.taken_at, _CHUNK),
        ).fetchall()
        if not rows:
            return found, known
        for _, title_id in rows:
            found[MediaType.TV if title_id & 1 else MediaType.MOVIE].add(title_id >> 1)
        position = rows[-1][0]


def _thin(file: sqlite3.Connection, now_ms: int) -> None:
    """Keep the last five, the last of each month of a year, and pinned ones."""
    rows = file.execute("SELECT id, taken_at, pinned FROM snapshot ORDER BY taken_at DESC, id DESC").fetchall()
    kept = {row[0] for row in rows if row[2]} | {row[0] for row in rows[:LAST_KEPT]}
    oldest = from_millis(now_ms) - timedelta(days=MONTHS_KEPT_DAYS)
    months: set[str] = set()
    for snapshot_id, taken_at, _ in rows:
        taken = from_millis(taken_at)
        month = f"{taken:%Y-%m}"
        if taken >= oldest and month not in months:
            months.add(month)
            kept.add(snapshot_id)
    file.executemany("DELETE FROM snapshot WHERE id = ?", [(row[0],) for row in rows if row[0] not in kept])
