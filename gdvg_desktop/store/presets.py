"""Presets: import filters kept under a name. A filter is stored in the JSON form a job keeps it in."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.store import counts

_SHIPPED = "presets_shipped"  # names of the presets that were ever made without a user
_COLUMNS = "id, name, filter, shipped, created_at, updated_at, used_at, use_count"


@dataclass(frozen=True, slots=True)
class Preset:
    """One row. `filter` is an import's config. Instants are unix milliseconds; `used_at` is None before any use."""

    id: int
    name: str
    filter: dict[str, Any]
    shipped: bool
    created_at: int
    updated_at: int
    used_at: int | None
    use_count: int


def _preset(row: Sequence[Any]) -> Preset:
    values = list(row)
    values[2], values[3] = json.loads(values[2]), bool(values[3])
    return Preset(*values)


def listing(db: SqliteDatabase) -> list[Preset]:
    """All presets: those used last first, those never used in the order they were made."""
    rows = db.execute_sql(f"SELECT {_COLUMNS} FROM preset ORDER BY used_at DESC NULLS LAST, id")
    return [_preset(row) for row in rows]


def get(db: SqliteDatabase, preset_id: int) -> Preset:
    """One preset. Raises UsageError when there is none of this number."""
    row = db.execute_sql(f"SELECT {_COLUMNS} FROM preset WHERE id = ?", (preset_id,)).fetchone()
    if row is None:
        raise UsageError(f"There is no preset {preset_id}.", "Presets are listed by: gdvg presets list.")
    return _preset(row)


def find(db: SqliteDatabase, text: str) -> Preset:
    """A preset by its name, in any case, or by its number. Raises UsageError when there is none."""
    wanted = text.strip()
    found = _named(db, wanted)
    if found is None and wanted.isascii() and wanted.isdigit():
        found = next((one for one in listing(db) if one.id == int(wanted)), None)
    if found is None:
        raise UsageError(f"There is no preset {wanted}.", "Presets are listed by: gdvg presets list.")
    return found


def _named(db: SqliteDatabase, name: str) -> Preset | None:
    return next((one for one in listing(db) if one.name.casefold() == name.casefold()), None)


def add(
    db: SqliteDatabase, name: str, chosen: dict[str, Any], now_ms: int, *, shipped: bool = False, numbered: bool = False
) -> Preset:
    """Keep a filter under a name; with `numbered` a name that is taken gets a number, else it raises UsageError."""
    if numbered:
        name = free_name(db, name)
    _check_free(db, name)
    row = db.execute_sql(
        "INSERT INTO preset (name, filter, shipped, created_at, updated_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (name, _text(chosen), int(shipped), now_ms, now_ms),
    ).fetchone()
    return get(db, row[0])


def free_name(db: SqliteDatabase, wanted: str) -> str:
    """The name, or the name with the first number that is free: "K-Drama 2024 (2)"."""
    taken = {one.name.casefold() for one in listing(db)}
    name, number = wanted, 2
    while name.casefold() in taken:
        name, number = f"{wanted} ({number})", number + 1
    return name


def _check_free(db: SqliteDatabase, name: str, own: int = 0) -> None:
    other = _named(db, name)
    if other is not None and other.id != own:
        raise UsageError(f"There is a preset {other.name} already.", "Choose another name.")


def change(
    db: SqliteDatabase, preset_id: int, now_ms: int, *, name: str | None = None, chosen: dict[str, Any] | None = None
) -> Preset:
    """Give a preset another name, another filter, or both. Raises UsageError for a name that is taken."""
    before = get(db, preset_id)
    if name is not None:
        _check_free(db, name, preset_id)
    db.execute_sql(
        "UPDATE preset SET name = ?, filter = ?, updated_at = ? WHERE id = ?",
        (name or before.name, _text(before.filter if chosen is None else chosen), now_ms, preset_id),
    )
    return get(db, preset_id)


def remove(db: SqliteDatabase, preset_id: int) -> None:
    """Take a preset away."""
    db.execute_sql("DELETE FROM preset WHERE id = ?", (preset_id,))


def used(db: SqliteDatabase, preset_id: int, now_ms: int) -> None:
    """Record that an import was started with a preset."""
    db.execute_sql("UPDATE preset SET used_at = ?, use_count = use_count + 1 WHERE id = ?", (now_ms, preset_id))


def ever_shipped(db: SqliteDatabase) -> set[str]:
    """Names of the presets that were made without a user, deleted ones among them: they are made once."""
    found = counts.fact(db, _SHIPPED)
    return set(json.loads(found.value)) if found else set()


def ship(db: SqliteDatabase, wanted: Iterable[tuple[str, dict[str, Any]]], now_ms: int) -> None:
    """Make the presets that come with the program and were never made here; a name a user has taken is left to them."""
    before = ever_shipped(db)
    new = [(name, chosen) for name, chosen in wanted if name not in before]
    for name, chosen in new:
        if _named(db, name) is None:
            add(db, name, chosen, now_ms, shipped=True)
    if new:
        names = json.dumps(sorted(before | {name for name, _ in new}), ensure_ascii=False)
        counts.set_fact(db, _SHIPPED, names, now_ms)


def _text(chosen: dict[str, Any]) -> str:
    return json.dumps(chosen, ensure_ascii=False, sort_keys=True)
