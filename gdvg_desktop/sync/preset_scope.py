"""Presets as the scope of the mirror: each filter is a rule, and the scope follows presets that change.

The rules are made when the scope is chosen and again, in the same transaction, whenever one of its presets is saved.
So whoever reads the scope reads finished rules and needs to know nothing of presets. Order, limit and what happens to
titles already held belong to an import; a scope has none of them.
"""

from collections.abc import Sequence
from dataclasses import replace

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.scope import BOTH, Scope, ScopeRule
from gdvg_desktop.store import presets
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.sync.filters import ImportFilter


def rule_of(chosen: ImportFilter) -> ScopeRule:
    """The rule that names the same titles. Whole years are kept as years: one rule, however they were given."""
    first, last = chosen.date_from, chosen.date_to
    whole_first = first is not None and (first.month, first.day) == (1, 1)
    whole_last = last is not None and (last.month, last.day) == (12, 31)
    return ScopeRule(
        types=tuple(kind for kind in BOTH if kind in chosen.types),
        countries=chosen.countries,
        year_from=first.year if first is not None and whole_first else None,
        year_to=last.year if last is not None and whole_last else None,
        genres=chosen.genres,
        genre_ids=tuple((MediaType(kind), tuple(ids)) for kind, ids in chosen.genre_ids),
        match=chosen.match,
        date_from=None if whole_first else first,
        date_to=None if whole_last else last,
    )


def scope_of(db: SqliteDatabase, preset_ids: Sequence[int], *, adult: bool = False, video: bool = False) -> Scope:
    """The union of presets. Raises UsageError for one that does not exist."""
    wanted = tuple(dict.fromkeys(preset_ids))
    rules = [rule_of(ImportFilter.from_config(presets.get(db, one).filter)) for one in wanted]
    return Scope(False, tuple(dict.fromkeys(rules)), adult, video, wanted)


def follow(db: SqliteDatabase, preset_id: int, now_ms: int) -> bool:
    """Bring the scope in line with a preset that was saved; returns whether it is part of the scope."""
    scope = scopes.load(db)
    if preset_id not in scope.presets:
        return False
    scopes.save(db, replace(scope, rules=scope_of(db, scope.presets).rules), now_ms)
    return True
