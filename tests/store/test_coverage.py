"""Coverage: every id of the export in exactly one state, whatever the scope and whatever is known."""

from array import array
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import IdState, MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.store import certificate, coverage, exports
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.coverage import CoverageCache, id_sets, percent_of
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.scope import ScopeListing
from gdvg_desktop.store.titles import title_id_of
from tests.support.titles import rows, write

MOVIE, TV = MediaType.MOVIE, MediaType.TV
DAY = date(2026, 11, 20)
NOON_MS = 1_795_176_000_000  # 2026-11-20 12:00 UTC
KOREAN = ScopeRule(countries=("KR",))
DRAMA = ScopeRule(types=(MOVIE,), genres=("Drama",), genre_ids=((MOVIE, (18,)),))


def put_export(
    db: SqliteDatabase,
    ids: Collection[int],
    media_type: MediaType = MOVIE,
    video: Collection[int] = (),
    adult: Collection[int] = (),
    liked: float = 1.0,
) -> None:
    exports.put(
        db,
        media_type,
        day=DAY,
        ids=numpy.array(sorted(ids), numpy.uint32),
        popularity=numpy.full(len(ids), liked, numpy.float32),
        video=sorted(video),
        adult=sorted(adult),
        blank=0,
        broken=0,
        etag=None,
        length=None,
        now_ms=NOON_MS,
    )


def put_tombstone(db: SqliteDatabase, tmdb_id: int, media_type: MediaType = MOVIE) -> None:
    db.execute_sql(
        "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (title_id_of(media_type, tmdb_id), media_type.value, tmdb_id, NOON_MS, DAY.isoformat(), NOON_MS),
    )


def listed(rule: ScopeRule, ids: Collection[int], judged: Collection[int], **changes: Any) -> ScopeListing:
    values: dict[str, Any] = {"complete": True, "unlisted": 0} | changes
    return ScopeListing(Scope().listing_key(rule), MOVIE, NOON_MS, ids=BitMap(ids), judged=BitMap(judged), **values)


def sets_of(store: Store, scope: Scope | None = None, media_type: MediaType = MOVIE) -> coverage.IdSets:
    return store.read_now(lambda db: id_sets(db, media_type, scope))


def states(sets: coverage.IdSets) -> dict[str, list[int]]:
    return {state.value: list(ids) for state, ids in sets.states().items() if ids}


def test_without_an_export_nothing_is_claimed(store: Store) -> None:
    write(store, rows(1))
    found = store.read_now(coverage.coverage)
    assert (found.export_date, found.percent, found.movie.in_export, found.movie.percent) == (None, 0.0, 0, 0.0)
    assert list(sets_of(store).beyond) == [1]


def test_everything_is_held_missing_tombstoned_or_switched_off(store: Store) -> None:
    write(store, *(rows(tmdb_id) for tmdb_id in (1, 2, 3, 50)), rows(4, TV))
    store.write_now(lambda db: put_export(db, range(1, 11), video=[2, 6], adult=[7]))
    store.write_now(lambda db: put_tombstone(db, 8))
    sets = sets_of(store)
    assert states(sets) == {
        "held": [1, 3],
        "missing": [4, 5, 9, 10],
        "tombstoned": [8],
        "excluded": [2, 6, 7],
    }
    assert list(sets.beyond) == [50]
    assert [sets.reason_of(one) for one in (2, 7, 1)] == ["video entry", "adult entry", ""]
    switched_on = sets_of(store, Scope(adult=True, video=True))
    assert states(switched_on) == {"held": [1, 2, 3], "missing": [4, 5, 6, 7, 9, 10], "tombstoned": [8]}


def test_a_held_title_that_tmdb_deleted_is_not_held(store: Store) -> None:
    write(store, rows(1), rows(2))
    store.write_now(lambda db: put_export(db, [1, 2]))
    store.write_now(lambda db: put_tombstone(db, 2))
    assert states(sets_of(store)) == {"held": [1], "tombstoned": [2]}
    assert list(sets_of(store).beyond) == []


def test_what_discover_did_not_list_is_excluded_with_the_evidence(store: Store) -> None:
    write(store, rows(1, origin_country=["KR"]))
    store.write_now(lambda db: put_export(db, range(1, 7)))
    store.write_now(lambda db: scopes.put_listing(db, listed(KOREAN, [1, 2], range(1, 6))))
    sets = sets_of(store, Scope(False, (KOREAN,)))
    assert states(sets) == {"held": [1], "missing": [2], "excluded": [3, 4, 5], "undetermined": [6]}
    assert sets.reason_of(4) == (
        f"not listed by discover for rule {KOREAN.key} (Movies and TV series · KR) on 2026-11-20"
    )
    assert "not in TMDb's export yet when discover was listed" in sets.reason_of(6)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"complete": False}, "not been listed to its end"),
        ({"unlisted": 3}, "counted 3 titles more than it listed"),
        (None, "has not been asked yet"),
    ],
)
def test_what_discover_cannot_decide_is_undetermined_unless_the_held_title_decides(
    store: Store, changes: dict[str, Any] | None, said: str
) -> None:
    write(store, rows(1, origin_country=["KR"]), rows(2, origin_country=["US"]), rows(3, origin_country=["KR"]))
    store.write_now(lambda db: put_export(db, range(1, 6)))
    if changes is not None:
        one = listed(KOREAN, [1, 4], range(1, 6), **changes)
        store.write_now(lambda db: scopes.put_listing(db, one))
    sets = sets_of(store, Scope(False, (KOREAN,)))
    expected = {"held": [1, 3], "excluded": [2], "undetermined": [5]}
    assert states(sets) == expected | ({"missing": [4]} if changes is not None else {"undetermined": [4, 5]})
    assert said in sets.reason_of(5)
    assert sets.reason_of(2) == "its own data satisfy no rule of the scope"


def test_an_id_is_excluded_only_when_every_rule_has_decided(store: Store) -> None:
    store.write_now(lambda db: put_export(db, range(1, 5)))
    store.write_now(lambda db: scopes.put_listing(db, listed(KOREAN, [1], range(1, 5))))
    scope = Scope(False, (KOREAN, DRAMA))
    assert states(sets_of(store, scope)) == {"missing": [1], "undetermined": [2, 3, 4]}
    store.write_now(lambda db: scopes.put_listing(db, listed(DRAMA, [1, 2], range(1, 5))))
    sets = sets_of(store, scope)
    assert states(sets) == {"missing": [1, 2], "excluded": [3, 4]}
    assert KOREAN.key in sets.reason_of(3) and DRAMA.key in sets.reason_of(3)


def test_a_type_no_rule_names_is_excluded(store: Store) -> None:
    store.write_now(lambda db: put_export(db, [1, 2], TV))
    sets = sets_of(store, Scope(False, (DRAMA,)), TV)
    assert states(sets) == {"excluded": [1, 2]}
    assert sets.reason_of(1) == "no rule of the scope names TV series"


def test_a_rule_of_a_type_alone_needs_no_discover(store: Store) -> None:
    store.write_now(lambda db: put_export(db, [1, 2]))
    assert states(sets_of(store, Scope(False, (ScopeRule(types=(MOVIE,)),)))) == {"missing": [1, 2]}


@pytest.mark.parametrize(
    ("rule", "matching"),
    [
        (ScopeRule(countries=("KR", "JP")), [1, 2]),
        (ScopeRule(languages=("ko",)), [1]),
        (ScopeRule(year_from=2001, year_to=2005), [2]),
        (ScopeRule(date_from=date(2000, 12, 31), date_to=date(2005, 12, 30)), [1]),
        (ScopeRule(min_votes=100), [2]),
        (ScopeRule(genres=("Drama",), genre_ids=((MOVIE, (18,)),)), [1, 3]),
        (ScopeRule(genres=("War",), genre_ids=((TV, (10768,)),)), []),
    ],
)
def test_a_held_title_is_compared_with_a_rule_by_its_own_data(
    store: Store, rule: ScopeRule, matching: list[int]
) -> None:
    drama = [{"id": 18, "name": "Drama"}]
    write(
        store,
        rows(1, origin_country=["KR"], original_language="ko", release_date="2000-12-31", genres=drama),
        rows(2, origin_country=["US", "JP"], original_language="en", release_date="2005-12-31", vote_count=100),
        rows(3, origin_country=["US"], genres=drama),
    )
    assert list(store.read_now(lambda db: scopes.held_matching(db, rule, MOVIE))) == matching


def test_only_when_nothing_is_wanting_it_is_a_hundred_per_cent() -> None:
    assert percent_of(1_238_233, 1_238_234) == 99.99
    assert percent_of(5, 5) == 100.0
    assert percent_of(0, 0) == 100.0
    assert percent_of(0, 5) == 0.0


ids = st.sets(st.integers(1, 40), max_size=40)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    export=ids, held=ids, video=ids, adult=ids, tombstones=ids, in_one=ids, in_other=ids, judged=ids,
    complete=st.booleans(), unlisted=st.integers(0, 1), rules=st.sets(st.sampled_from((KOREAN, DRAMA))),
    switches=st.tuples(st.booleans(), st.booleans()),
)  # fmt: skip
def test_every_id_is_in_exactly_one_state(
    store: Store, export: set[int], held: set[int], video: set[int], adult: set[int], tombstones: set[int],
    in_one: set[int], in_other: set[int], judged: set[int], complete: bool, unlisted: int, rules: set[ScopeRule],
    switches: tuple[bool, bool],
) -> None:  # fmt: skip
    scope = Scope(not rules, tuple(rules), *switches)

    def fill(db: SqliteDatabase) -> None:
        for table in ("title", "tombstone", "scope_listing"):
            db.execute_sql(f"DELETE FROM {table}")
        put_export(db, export, video=video & export, adult=adult & export)
        for rule, members in ((KOREAN, in_one), (DRAMA, in_other)):
            one = listed(rule, members, judged, complete=complete, unlisted=unlisted)
            values = {name: getattr(one, name) for name in ("complete", "unlisted", "ids", "judged")}
            scopes.put_listing(db, ScopeListing(scope.listing_key(rule), MOVIE, NOON_MS, **values))

    store.write_now(fill)
    write(store, *(rows(tmdb_id, origin_country=["KR"] if tmdb_id % 2 else ["US"]) for tmdb_id in held))
    store.write_now(lambda db: [put_tombstone(db, tmdb_id) for tmdb_id in tombstones])  # writing a title raises it
    sets = sets_of(store, scope)
    everything = [tmdb_id for members in sets.states().values() for tmdb_id in members]
    assert sorted(everything) == sorted(export)
    assert set(sets.held) <= held - tombstones
    assert not set(sets.missing) & (held | tombstones)
    assert set(sets.tombstoned) <= tombstones
    assert set(sets.beyond) == held - tombstones - export
    reasons = [tmdb_id for reason in sets.reasons for tmdb_id in reason.ids]
    assert sorted(reasons) == sorted(sets.excluded | sets.undetermined)
    figures = coverage.figures_of(replace(sets, export_date=DAY))
    assert figures.in_export == (
        figures.held + figures.missing + figures.tombstoned + figures.excluded + figures.undetermined
    )
    assert figures.in_scope == figures.held + figures.missing + figures.tombstoned
    assert (figures.percent == 100.0) == (not sets.missing and not sets.undetermined)
    lines = list(certificate.rows(store.read_now, MOVIE, sets))
    assert [line.tmdb_id for line in lines] == sorted(export)
    assert all(line.tmdb_id in sets.states()[line.state] and line.reason for line in lines)


def test_the_certificate_says_what_is_known_of_single_ids(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "_CHUNK", 2)
    write(store, rows(1))

    def fill(db: SqliteDatabase) -> None:
        put_export(db, range(1, 6))
        put_tombstone(db, 2)
        db.connection().executemany(
            "INSERT INTO title_answer (title_id, asked_at, answer, message, tries) VALUES (?, ?, ?, ?, 1)",
            [(6, NOON_MS, "gone", None), (8, NOON_MS, "failed", "TMDb said 500."), (11, NOON_MS, "gone", None)],
        )

    store.write_now(fill)
    lines = {line.tmdb_id: line for line in certificate.rows(store.read_now, MOVIE, sets_of(store))}
    assert [lines[one].state for one in range(1, 6)] == [
        IdState.HELD, IdState.TOMBSTONED, IdState.MISSING, IdState.MISSING, IdState.MISSING,
    ]  # fmt: skip
    assert lines[1].reason == "in the library"
    assert lines[2].reason == "deleted by TMDb: absent from the export of 2026-11-20, no such title on 2026-11-20"
    assert "no such title; it still stands" in lines[3].reason
    assert lines[4].reason == "asked for on 2026-11-20 and failed: TMDb said 500."
    assert lines[5].reason == "not fetched yet"


def test_cached_figures_follow_the_library_and_rest_while_it_changes(store: Store) -> None:
    store.write_now(lambda db: put_export(db, [1, 2, 3]))
    cache = CoverageCache()

    def figures(now_s: float, *, exact: bool = False) -> int:
        version = store.data_version()
        return store.read_now(lambda db: cache.figures(db, version, now_s, exact=exact)).movie.held

    assert figures(100.0) == 0
    write(store, rows(1))
    cache._cost_s = 1.0
    assert figures(101.0) == 0
    assert figures(101.0, exact=True) == 1
    write(store, rows(2))
    cache._cost_s = 1.0
    assert figures(200.0) == 2


def test_what_exports_named_once_is_remembered_until_one_names_it_again(store: Store) -> None:
    def dropped(*ids: int) -> set[int]:
        store.write_now(lambda db: put_export(db, ids))
        return set(store.read_now(lambda db: exports.dropped(db, MOVIE)))

    assert store.read_now(lambda db: exports.dropped(db, MOVIE)) == BitMap()
    assert [dropped(1, 2, 3), dropped(1, 2), dropped(1, 2), dropped(2, 4), dropped(1, 2, 3)] == [
        set(),
        {3},
        {3},
        {1, 3},
        {4},
    ]


def test_popularity_goes_with_ids(store: Store) -> None:
    store.write_now(
        lambda db: exports.put(
            db,
            MOVIE,
            day=DAY,
            ids=numpy.array([2, 5, 9], numpy.uint32),
            popularity=numpy.array([1.5, 8.0, 3.25], numpy.float32),
            video=[],
            adult=[],
            blank=0,
            broken=0,
            etag='"x"',
            length=7,
            now_ms=NOON_MS,
        )
    )
    found = store.read_now(lambda db: exports.newest(db, MOVIE))
    assert found is not None and (found.etag, found.length, found.rows) == ('"x"', 7, 3)
    assert found.popularity_of(BitMap([1, 5, 9, 11])).tolist() == [0.0, 8.0, 3.25, 0.0]
    assert found.by_popularity(BitMap([2, 5, 9])).tolist() == [5, 9, 2]
    assert found.ids_array().tolist() == [2, 5, 9] == list(array("I", found.ids))


def test_a_scope_is_kept_and_listings_of_rules_that_left_it_go(store: Store, paths: Path) -> None:
    assert store.read_now(scopes.load) == Scope()
    scope = Scope(False, (KOREAN, DRAMA), video=True)
    store.write_now(lambda db: scopes.save(db, scope, NOON_MS))
    assert store.read_now(scopes.load) == scope
    for rule in scope.rules:
        one = ScopeListing(scope.listing_key(rule), MOVIE, NOON_MS, True, 0, BitMap([1]), BitMap([1, 2]))
        store.write_now(lambda db, one=one: scopes.put_listing(db, one))  # type: ignore[misc]
    store.write_now(lambda db: scopes.save(db, Scope(False, (DRAMA,), video=True), NOON_MS))
    assert store.read_now(lambda db: scopes.listing(db, scope.listing_key(KOREAN), MOVIE)) is None
    assert store.read_now(lambda db: scopes.listing(db, scope.listing_key(DRAMA), MOVIE)) is not None


def test_a_listing_being_made_does_not_replace_the_one_before(store: Store) -> None:
    key = Scope().listing_key(KOREAN)
    first = ScopeListing(key, MOVIE, NOON_MS, False, 0, BitMap([1]), BitMap([1, 2, 3]), walk="{}")
    store.write_now(lambda db: scopes.put_listing(db, first))
    begun = store.read_now(lambda db: scopes.listing(db, key, MOVIE))
    assert begun is not None and not begun.decides and begun.walk == "{}"
    done = ScopeListing(key, MOVIE, NOON_MS, True, 0, BitMap([1, 2]), BitMap([1, 2, 3]))
    store.write_now(lambda db: scopes.put_listing(db, done))
    store.write_now(lambda db: scopes.put_listing(db, first))
    found = store.read_now(lambda db: scopes.listing(db, key, MOVIE))
    assert found is not None and found.decides and list(found.ids) == [1, 2]
    store.write_now(lambda db: scopes.put_listing(db, done))
    assert store.read_now(lambda db: scopes.begun(db, key, MOVIE)) is None
