"""The scope of the mirror and what discover listed for its rules."""

from dataclasses import dataclass
from typing import Any

import msgspec
from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import Match, MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.store import counts, exports
from gdvg_desktop.store.catalogue import ids_of

_FACT = "scope"
_BEGUN = "~"  # ends the key of a listing that is being made, beside the one it will replace


@dataclass(frozen=True, slots=True, eq=False)
class ScopeListing:
    """What discover listed of one type for a rule.

    `judged` are the ids of the export the listing was made against: of these, the ones not in `ids` are known not to
    match, provided the listing is complete. `unlisted` is how many titles TMDb counted that it did not give. `walk` is
    how far a listing that is being made has come, as `sync.scope_listing` writes it; None for one that is done.
    """

    rule: str
    media_type: MediaType
    listed_at: int
    complete: bool
    unlisted: int
    ids: BitMap
    judged: BitMap
    walk: str | None = None

    @property
    def decides(self) -> bool:
        """Whether an id that was not listed is known not to match."""
        return self.complete and self.unlisted == 0


def load(db: SqliteDatabase) -> Scope:
    """The scope; everything when none was ever set."""
    found = counts.fact(db, _FACT)
    return msgspec.json.decode(found.value, type=Scope, strict=False) if found else Scope()


def save(db: SqliteDatabase, scope: Scope, now_ms: int) -> None:
    """Keep the scope. Listings of rules it no longer has are dropped."""
    counts.set_fact(db, _FACT, msgspec.json.encode(scope).decode(), now_ms)
    if not scope.adult:
        exports.forget_adult_refusals(db)
    wanted = {scope.listing_key(rule) for rule in scope.rules}
    for (rule,) in db.execute_sql("SELECT DISTINCT rule FROM scope_listing").fetchall():
        if rule.removesuffix(_BEGUN) not in wanted:
            db.execute_sql("DELETE FROM scope_listing WHERE rule = ?", (rule,))


def listing(db: SqliteDatabase, rule: str, media_type: MediaType) -> ScopeListing | None:
    """What discover listed for a rule (`Scope.listing_key`) and type; None before it was asked.

    While it is listed again that is the listing before; only while it is listed first, what has come so far.
    """
    return _listing(db, rule, rule, media_type) or begun(db, rule, media_type)


def begun(db: SqliteDatabase, rule: str, media_type: MediaType) -> ScopeListing | None:
    """The listing of a rule and type that is being made; None when none is."""
    return _listing(db, rule + _BEGUN, rule, media_type)


def _listing(db: SqliteDatabase, key: str, rule: str, media_type: MediaType) -> ScopeListing | None:
    row = db.execute_sql(
        "SELECT listed_at, complete, unlisted, ids, judged, walk FROM scope_listing WHERE rule = ? AND media_type = ?",
        (key, media_type.value),
    ).fetchone()
    if row is None:
        return None
    ids, judged = BitMap.deserialize(row[3]), BitMap.deserialize(row[4])
    return ScopeListing(rule, media_type, row[0], bool(row[1]), row[2], ids, judged, row[5])


def listed_ids(db: SqliteDatabase, scope: Scope, media_type: MediaType) -> BitMap:
    """Every id discover listed for any rule of a scope, in the export or not."""
    found = BitMap()
    for rule in scope.rules_for(media_type):
        one = listing(db, scope.listing_key(rule), media_type)
        if one is not None:
            found |= one.ids
    return found


def put_listing(db: SqliteDatabase, one: ScopeListing) -> None:
    """Keep a listing: one that is done in the place of the one before it, one that is being made beside it."""
    done = one.walk is None
    if done:
        db.execute_sql(
            "DELETE FROM scope_listing WHERE rule = ? AND media_type = ?", (one.rule + _BEGUN, one.media_type.value)
        )
    db.execute_sql(
        "INSERT OR REPLACE INTO scope_listing (rule, media_type, listed_at, complete, unlisted, ids, judged, walk) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            one.rule if done else one.rule + _BEGUN,
            one.media_type.value,
            one.listed_at,
            int(one.complete),
            one.unlisted,
            one.ids.serialize(),
            one.judged.serialize(),
            one.walk,
        ),
    )


def held_matching(db: SqliteDatabase, rule: ScopeRule, media_type: MediaType) -> BitMap:
    """The TMDb ids of held titles whose own data satisfy a rule."""
    genre_ids = rule.ids_for(media_type)
    if genre_ids is None:
        return BitMap()
    where, values = ["media_type = ?"], list[Any]([media_type.value])
    if rule.first_day is not None:
        where.append("release_date >= ?")
        values.append(rule.first_day.isoformat())
    if rule.last_day is not None:
        where.append("release_date <= ?")
        values.append(rule.last_day.isoformat())
    if rule.min_votes:
        where.append("vote_count >= ?")
        values.append(rule.min_votes)
    if rule.languages:
        where.append(f"original_language IN ({_marks(rule.languages)})")
        values.extend(rule.languages)
    if rule.countries:
        where.append(f"id IN (SELECT title_id FROM origin_country WHERE country IN ({_marks(rule.countries)}))")
        values.extend(rule.countries)
    if genre_ids:
        having = f"HAVING count(*) = {len(genre_ids)}" if rule.match is Match.ALL else ""
        where.append(
            f"id IN (SELECT title_id FROM title_genre WHERE genre_id IN ({_marks(genre_ids)}) "
            f"GROUP BY title_id {having})"
        )
        # genre.id = TMDb's id * 2 + (1 for TV): the id spaces of the two types overlap
        values.extend(one * 2 + (media_type is MediaType.TV) for one in genre_ids)
    return ids_of(db, f"SELECT tmdb_id AS id FROM title WHERE {' AND '.join(where)}", values)


def _marks(values: tuple[Any, ...]) -> str:
    return ", ".join("?" * len(values))
