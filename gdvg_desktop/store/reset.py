"""Forgetting what the program has worked out, so that it is worked out anew; no title is touched.

    cursor  how far the change lists were read: the next delta run begins anew from the export and by age
    ledger  what discover listed of release months: all months are asked again
    gaps    the registry of gaps with its tries and ignorings: the next analysis finds them again

All functions delete at most CHUNK rows and return how many; call until 0.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import gaps

CHUNK = 5_000


class ResetKind(StrEnum):
    """What can be forgotten."""

    CURSOR = "cursor"
    LEDGER = "ledger"
    GAPS = "gaps"


def count(db: SqliteDatabase, kind: ResetKind, media_types: Sequence[MediaType]) -> int:
    """How many rows a reset would forget: days, months and windows, or gaps."""
    return sum(
        int(db.execute_sql(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()[0])
        for table, where, values in _rows(kind, media_types)
    )


def forget(db: SqliteDatabase, kind: ResetKind, media_types: Sequence[MediaType]) -> int:
    """Forget up to CHUNK rows; returns how many."""
    return _FORGET[kind](db, media_types)


def _rows(kind: ResetKind, media_types: Sequence[MediaType]) -> list[tuple[str, str, tuple[object, ...]]]:
    marks = ", ".join("?" * len(media_types))
    types = tuple(one.value for one in media_types)
    typed = f"media_type IN ({marks})"
    if kind is ResetKind.CURSOR:
        return [("change_day", typed, types)]
    if kind is ResetKind.GAPS:
        bits = tuple(int(one is MediaType.TV) for one in media_types)
        return [("gap", f"title_id & 1 IN ({marks})", bits)]
    finished = "job_id IN (SELECT id FROM job WHERE state IN ('completed', 'failed', 'cancelled'))"
    return [("release_month", typed, types), ("listing_window", f"{typed} AND {finished}", types)]


def _forget_cursor(db: SqliteDatabase, media_types: Sequence[MediaType]) -> int:
    return _delete(db, ResetKind.CURSOR, media_types)


def _forget_ledger(db: SqliteDatabase, media_types: Sequence[MediaType]) -> int:
    """Windows of unfinished jobs stay: a job goes on by them."""
    return _delete(db, ResetKind.LEDGER, media_types)


def _forget_gaps(db: SqliteDatabase, media_types: Sequence[MediaType]) -> int:
    return gaps.reset(db, media_types=media_types, limit=CHUNK)


def _delete(db: SqliteDatabase, kind: ResetKind, media_types: Sequence[MediaType]) -> int:
    keys = {"change_day": "media_type, day", "release_month": "rule, media_type, month", "listing_window": "id"}
    total = 0
    for table, where, values in _rows(kind, media_types):
        key = keys[table]
        total += db.execute_sql(
            f"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {where} LIMIT ?)",
            (*values, CHUNK),
        ).rowcount
    return total


_FORGET: dict[ResetKind, Callable[[SqliteDatabase, Sequence[MediaType]], int]] = {
    ResetKind.CURSOR: _forget_cursor,
    ResetKind.LEDGER: _forget_ledger,
    ResetKind.GAPS: _forget_gaps,
}
