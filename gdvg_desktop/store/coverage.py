"""Coverage: the one state of every id of TMDb's export, relative to the scope. Proved by sets, never estimated.

    held          in the library and in the scope
    missing       in the scope and not in the library, and no tombstone explains it
    tombstoned    deleted by TMDb, as the app has confirmed
    excluded      known not to belong to the scope, with the evidence
    undetermined  nobody can say yet whether it belongs to the scope

All ids here are TMDb's, of one media type.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import from_millis
from gdvg_desktop.core.kinds import IdState, MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.store import exports
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.catalogue import ids_of

if TYPE_CHECKING:
    from gdvg_desktop.store.scope import ScopeListing

_REST = 20  # times what counting cost
_RANGE = 100_000  # TMDb ids read at once: neither a read nor Python's lock is held for long


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """Why some ids are excluded or undetermined. The ids of different reasons never overlap."""

    state: IdState
    ids: BitMap
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class IdSets:
    """Every id of the export in exactly one of five sets. `beyond` are held ids that the export does not name.

    `reasons` divides `excluded` and `undetermined` by why. `export_date` is None while the ids are not all known: the
    export was never read, or not that of the adult titles, which the scope wants.
    """

    in_export: BitMap
    held: BitMap
    missing: BitMap
    tombstoned: BitMap
    excluded: BitMap
    undetermined: BitMap
    beyond: BitMap
    reasons: tuple[Reason, ...] = ()
    export_date: date | None = None

    def states(self) -> dict[IdState, BitMap]:
        """The five sets by their state."""
        return {
            IdState.HELD: self.held,
            IdState.MISSING: self.missing,
            IdState.TOMBSTONED: self.tombstoned,
            IdState.EXCLUDED: self.excluded,
            IdState.UNDETERMINED: self.undetermined,
        }

    def state_of(self, tmdb_id: int) -> IdState | None:
        """The state of an id; None when the export does not name it."""
        return next((state for state, ids in self.states().items() if tmdb_id in ids), None)

    def reason_of(self, tmdb_id: int) -> str:
        """Why an id is excluded or undetermined; "" for the other states."""
        return next((reason.text for reason in self.reasons if tmdb_id in reason.ids), "")


@dataclass(frozen=True, slots=True)
class TypeCoverage:
    """The figures of one type. `percent` is held of what is in the scope or may be, 100.0 only when all of it is held.

    While `export_date` is None (see `IdSets`) nobody knows what is missing: `percent` is 0.0.
    in_export = held + missing + tombstoned + excluded + undetermined; in_scope = held + missing + tombstoned.
    """

    export_date: date | None
    in_export: int
    in_scope: int
    held: int
    missing: int
    tombstoned: int
    excluded: int
    undetermined: int
    percent: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """The figures of both types. `export_date` is that of the older export, None until both have been read."""

    export_date: date | None
    movie: TypeCoverage
    tv: TypeCoverage

    @property
    def held(self) -> int:
        """Held titles of both types that the exports name and the scope wants."""
        return self.movie.held + self.tv.held

    @property
    def missing(self) -> int:
        """Missing titles of both types."""
        return self.movie.missing + self.tv.missing

    @property
    def undetermined(self) -> int:
        """Ids of both types nobody can say the scope of."""
        return self.movie.undetermined + self.tv.undetermined

    @property
    def percent(self) -> float:
        """Both types together, as `TypeCoverage.percent`."""
        if self.export_date is None:
            return 0.0
        return percent_of(self.held, self.held + self.missing + self.undetermined)


def percent_of(held: int, wanted: int) -> float:
    """Per cent to two places, rounded down: 100.0 only when nothing is wanting."""
    if held >= wanted:
        return 100.0
    return held * 10_000 // wanted / 100


def held_ids(db: SqliteDatabase, media_type: MediaType) -> BitMap:
    """The TMDb ids of all titles of a type the library holds and TMDb has not deleted."""
    return library_ids(db, media_type) - tombstone_ids(db, media_type)


def library_ids(db: SqliteDatabase, media_type: MediaType) -> BitMap:
    """The TMDb ids of all rows of `title` of a type, those of deleted titles among them."""
    last = db.execute_sql("SELECT max(tmdb_id) FROM title WHERE media_type = ?", (media_type.value,)).fetchone()[0]
    found = BitMap()
    for first in range(0, (last or 0) + 1, _RANGE):
        found |= ids_of(
            db,
            "SELECT tmdb_id AS id FROM title WHERE media_type = ? AND tmdb_id >= ? AND tmdb_id < ?",
            (media_type.value, first, first + _RANGE),
        )
    return found


def tombstone_ids(db: SqliteDatabase, media_type: MediaType) -> BitMap:
    """The TMDb ids of a type that TMDb has deleted."""
    return ids_of(db, "SELECT tmdb_id AS id FROM tombstone WHERE media_type = ?", (media_type.value,))


def id_sets(db: SqliteDatabase, media_type: MediaType, scope: Scope | None = None) -> IdSets:
    """The sets of a type for a scope (None: the one that is set). All empty until an export has been read."""
    scope = scopes.load(db) if scope is None else scope
    library = library_ids(db, media_type)
    tombstones = tombstone_ids(db, media_type)
    held = library - tombstones
    export = exports.ids(db, media_type)
    if export is None:
        return IdSets(BitMap(), BitMap(), BitMap(), BitMap(), BitMap(), BitMap(), beyond=held)
    every, video, adult = export
    reasons = [
        Reason(IdState.EXCLUDED, ids, text)
        for ids, text, on in (
            (adult & every, "adult entry", scope.adult),
            ((video - adult) & every, "video entry", scope.video),
        )
        if ids and not on
    ]
    rest = every - BitMap.union(*(one.ids for one in reasons)) if reasons else every
    tombstoned = rest & tombstones
    rest = rest - tombstoned
    if not scope.covers_all(media_type):
        judged = tuple(_judged(db, media_type, scope, rest, held))
        reasons += judged
        for one in judged:
            rest = rest - one.ids
    excluded, undetermined = (
        BitMap.union(BitMap(), *(one.ids for one in reasons if one.state is state))
        for state in (IdState.EXCLUDED, IdState.UNDETERMINED)
    )
    here = rest & held
    day = export_day(db, media_type, scope)
    return IdSets(every, here, rest - here, tombstoned, excluded, undetermined, held - every, tuple(reasons), day)


def export_day(db: SqliteDatabase, media_type: MediaType, scope: Scope) -> date | None:
    """The day on which all ids of a type that the scope may want were known: that of the older file it needs.

    None while one of them was never read.
    """
    needed = (False, True) if scope.wants_adult(media_type) else (False,)
    days = [one.date if (one := exports.figures(db, media_type, adult=adult)) else None for adult in needed]
    return None if None in days else min(day for day in days if day is not None)


def _judged(db: SqliteDatabase, media_type: MediaType, scope: Scope, ids: BitMap, held: BitMap) -> Iterator[Reason]:
    """What of `ids` the rules exclude or leave open, with the evidence. What is in none of the reasons is wanted."""
    rules = scope.rules_for(media_type)
    words = {MediaType.MOVIE: "movies", MediaType.TV: "TV series"}[media_type]
    if not rules:
        yield Reason(IdState.EXCLUDED, ids, f"no rule of the scope names {words}")
        return
    listings = [(rule, scopes.listing(db, scope.listing_key(rule), media_type)) for rule in rules]
    left = ids.copy()
    for _, listing in listings:
        if listing is not None:
            left -= listing.ids
    # what no rule has listed is excluded where every rule has decided about it
    decided = left.copy()
    for _, listing in listings:
        decided &= listing.judged if listing is not None and listing.decides else BitMap()
    if decided:
        yield Reason(IdState.EXCLUDED, decided, _evidence(listings))
    left -= decided
    own = left & held
    if own:
        matching = BitMap()
        for rule in rules:
            matching |= scopes.held_matching(db, rule, media_type)
        if outside := own - matching:
            yield Reason(IdState.EXCLUDED, outside, "its own data satisfy no rule of the scope")
        left -= own
    yield from _open(listings, left)


def _evidence(listings: "list[tuple[ScopeRule, ScopeListing | None]]") -> str:
    said = [
        f"not listed by discover for rule {rule.key} ({rule.words}) on {from_millis(listing.listed_at):%Y-%m-%d}"
        for rule, listing in listings
        if listing is not None
    ]
    return "; ".join(said)


def _open(listings: "list[tuple[ScopeRule, ScopeListing | None]]", ids: BitMap) -> Iterator[Reason]:
    """Ids nobody can decide about, by the first rule that cannot."""
    left = ids
    for rule, listing in listings:
        name = f"rule {rule.key} ({rule.words})"
        if listing is None:
            text, these = f"discover has not been asked yet for {name}", left
        elif not listing.complete:
            text, these = f"discover has not been listed to its end for {name}", left
        elif listing.unlisted:
            text, these = f"discover counted {listing.unlisted:,} titles more than it listed for {name}", left
        else:
            day = f"{from_millis(listing.listed_at):%Y-%m-%d}"
            text, these = (
                f"not in TMDb's export yet when discover was listed for {name} on {day}",
                left - listing.judged,
            )
        if these:
            yield Reason(IdState.UNDETERMINED, these, text)
        left = left - these
    assert not left, "an id that every rule has decided about is excluded"


def figures_of(sets: IdSets) -> TypeCoverage:
    """The figures of sets."""
    held, missing, undetermined = len(sets.held), len(sets.missing), len(sets.undetermined)
    return TypeCoverage(
        export_date=sets.export_date,
        in_export=len(sets.in_export),
        in_scope=held + missing + len(sets.tombstoned),
        held=held,
        missing=missing,
        tombstoned=len(sets.tombstoned),
        excluded=len(sets.excluded),
        undetermined=undetermined,
        percent=percent_of(held, held + missing + undetermined) if sets.export_date else 0.0,
    )


def coverage(db: SqliteDatabase, scope: Scope | None = None) -> Coverage:
    """The figures of both types for a scope (None: the one that is set)."""
    scope = scopes.load(db) if scope is None else scope
    return coverage_of({media_type: id_sets(db, media_type, scope) for media_type in MediaType})


def coverage_of(sets: Mapping[MediaType, IdSets]) -> Coverage:
    """The figures of the sets of both types."""
    found = {media_type: figures_of(sets[media_type]) for media_type in MediaType}
    dates = [one.export_date for one in found.values() if one.export_date]
    return Coverage(min(dates) if len(dates) == len(found) else None, found[MediaType.MOVIE], found[MediaType.TV])


class CoverageCache:
    """The figures last counted, until the library changes. One a library; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: Coverage | None = None
        self._version = 0
        self._cost_s = 0.0
        self._counted_s = 0.0

    def figures(self, db: SqliteDatabase, version: int, now_s: float, *, exact: bool) -> Coverage:
        """The figures at a `Store.data_version` and a monotonic instant.

        While the library changes all the time, they are counted anew only so often that it takes a twentieth of the
        time, unless they are to be `exact`.
        """
        with self._lock:
            rested = now_s - self._counted_s >= _REST * self._cost_s
            if self._found is None or (version != self._version and (exact or rested)):
                started = time.perf_counter()
                self._found = coverage(db)
                self._version, self._cost_s, self._counted_s = version, time.perf_counter() - started, now_s
            return self._found
