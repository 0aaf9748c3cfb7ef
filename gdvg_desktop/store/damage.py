"""What the last reading of the whole library file found, kept so that it is still known after a restart."""

import json
from collections.abc import Sequence

from peewee import SqliteDatabase

from gdvg_desktop.store import counts

_FACT = "library_damage"
_KEPT = 5


def note(db: SqliteDatabase, problems: Sequence[str], now_ms: int) -> None:
    """Remember what a whole check found; nothing when the file is sound."""
    counts.set_fact(db, _FACT, json.dumps(list(problems[:_KEPT]), ensure_ascii=False), now_ms)


def known(db: SqliteDatabase) -> tuple[str, ...]:
    """The damage found by the last whole check; empty when it found none, or there was none yet."""
    found = counts.fact(db, _FACT)
    return tuple(json.loads(found.value)) if found is not None else ()
