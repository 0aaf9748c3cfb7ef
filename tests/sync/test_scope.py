"""Rules of a scope: their discover windows, and listing them from the demo over a real socket."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage as commands
from gdvg_desktop.commands.coverage import RuleRequest
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import Match, MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.demo.catalogue import Title
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store import coverage
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.scope import ScopeListing
from gdvg_desktop.store.windows import Window
from gdvg_desktop.sync import planner, scope_listing
from gdvg_desktop.sync.enumerate import read_newest
from gdvg_desktop.sync.filters import ImportFilter
from gdvg_desktop.sync.listing import query_of
from gdvg_desktop.sync.preset_scope import rule_of
from gdvg_desktop.sync.scope import windows_of
from gdvg_desktop.sync.title_run import Tools
from gdvg_desktop.tmdb.discover import discover
from tests.support.library import BriskClock, app_on, until

MOVIE, TV = MediaType.MOVIE, MediaType.TV
KOREAN = ScopeRule(countries=("KR",))


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=600, series=200)) as server:
        server.faults.rate_limit = 0
        yield server


def tools_of(app: App) -> Tools:
    return Tools(app.store, app.client, app.exports, app.reference, app.bus, app.clock, app.settings)


def live(demo: DemoServer, media_type: MediaType, matches: Callable[[Title], bool]) -> set[int]:
    """Listed titles that are neither adult nor video entries."""
    titles = demo.catalogue.all(media_type.value)
    return {one.id for one in titles if one.listed and one.key not in demo.catalogue.deleted and matches(one)}


async def listing_of(app: App, scope: Scope, media_type: MediaType) -> ScopeListing:
    found = await app.store.read(lambda db: scopes.listing(db, scope.listing_key(scope.rules[0]), media_type))
    assert found is not None
    return found


async def sets_of(app: App, scope: Scope, media_type: MediaType) -> coverage.IdSets:
    return await app.store.read(lambda db: coverage.id_sets(db, media_type, scope))


# ------------------------------------------------------------------------------------------------------------- rules


def test_the_key_of_a_rule_is_that_of_its_conditions() -> None:
    one = ScopeRule(countries=("KR", "JP"), genres=("Drama", "War"), match=Match.ALL)
    assert one.key == ScopeRule(types=(TV,), countries=("JP", "KR"), genres=("War", "Drama"), match=Match.ALL).key
    others = [
        ScopeRule(),
        ScopeRule(countries=("KR",)),
        ScopeRule(languages=("ko",)),
        ScopeRule(year_from=2000),
        ScopeRule(year_to=2000),
        ScopeRule(date_from=date(2000, 2, 1)),
        ScopeRule(date_to=date(2000, 2, 29)),
        ScopeRule(year_from=2000, date_to=date(2000, 2, 29)),
        ScopeRule(min_votes=5),
        ScopeRule(genres=("Drama", "War")),
        one,
    ]
    assert len({rule.key for rule in others}) == len(others)


def test_a_rule_is_said_in_words() -> None:
    rule = ScopeRule(
        types=(TV,), countries=("KR",), languages=("ko", "ja"), year_from=2010, year_to=2020, genres=("Drama", "War"),
        match=Match.ALL, min_votes=1500,
    )  # fmt: skip
    assert rule.words == "TV series · KR · in ko, ja · Drama and War · 2010 to 2020 · 1,500 votes or more"
    assert Scope(False, (rule,), video=True).words == f"{rule.words}; with video entries"
    assert Scope().words == "Everything"


def test_a_rule_is_listed_by_one_window_a_language() -> None:
    rule = ScopeRule(languages=("ko", "ja"), year_from=2010, year_to=2020, min_votes=10)
    assert windows_of(rule, MOVIE) == [
        Window(MOVIE, date(2010, 1, 1), date(2020, 12, 31), "without", votes_from=10, language=code)
        for code in ("ko", "ja")
    ]
    assert windows_of(ScopeRule(countries=("KR",)), TV) == [Window(TV, undated="with")]
    assert windows_of(ScopeRule(types=(TV,)), MOVIE) == []
    assert windows_of(ScopeRule(genres=("War",), genre_ids=((TV, (10768,)),)), MOVIE) == []


def test_a_period_may_begin_and_end_within_a_year() -> None:
    rule = ScopeRule(types=(MOVIE,), date_from=date(2010, 3, 1), year_to=2020)
    assert (rule.first_day, rule.last_day, rule.has_period) == (date(2010, 3, 1), date(2020, 12, 31), True)
    assert not rule.is_everything and rule.words == "Movies · 2010-03 to 2020-12"
    assert windows_of(rule, MOVIE) == [Window(MOVIE, date(2010, 3, 1), date(2020, 12, 31), "without")]
    assert ScopeRule(date_to=date(2020, 2, 29)).words == "Movies and TV series · to 2020-02"


def test_the_rule_of_a_preset_keeps_its_months_and_whole_years_as_years() -> None:
    months = ImportFilter((TV,), ("KR",), date(2024, 2, 1), date(2024, 12, 31), priority=5, limit=7)
    rule = rule_of(months)
    assert rule == ScopeRule((TV,), ("KR",), date_from=date(2024, 2, 1), year_to=2024)
    years = rule_of(ImportFilter((TV, MOVIE), date_from=date(2010, 1, 1), date_to=date(2020, 12, 31)))
    assert years == ScopeRule(year_from=2010, year_to=2020)
    assert years.key == ScopeRule(year_from=2010, year_to=2020).key  # one listing, however it was asked for
    read_back = ImportFilter.from_config(json.loads(json.dumps(months.to_config())))
    assert rule_of(read_back) == rule and hash(rule_of(read_back)) == hash(rule)


def test_every_condition_reaches_discover() -> None:
    rule = ScopeRule(
        countries=("KR", "JP"), languages=("ko",), year_from=2010, genres=("Drama",), genre_ids=((MOVIE, (18,)),),
        min_votes=10,
    )  # fmt: skip
    window = windows_of(rule, MOVIE)[0]
    query = query_of(rule, window, "primary_release_date.asc", adult=True, video=True)
    params = discover(query, 3).params
    assert params == {
        "include_adult": "true",
        "include_video": "true",
        "primary_release_date.gte": "2010-01-01",
        "with_origin_country": "KR|JP",
        "with_genres": "18",
        "with_original_language": "ko",
        "vote_count.gte": "10",
        "sort_by": "primary_release_date.asc",
        "page": "3",
    }


# ----------------------------------------------------------------------------------------------------------- listing


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        (KOREAN, lambda one: "KR" in one.countries),
        (ScopeRule(languages=("ko", "ja")), lambda one: one.language in ("ko", "ja")),
        (
            ScopeRule(year_from=2005, year_to=2015),
            lambda one: one.date is not None and "2005" <= one.date[:4] <= "2015",
        ),
        (ScopeRule(min_votes=100), lambda one: one.vote_count >= 100),
    ],
    ids=["country", "languages", "years", "votes"],
)
async def test_a_rule_excludes_exactly_what_does_not_match(
    demo: DemoServer, tmp_path: Path, rule: ScopeRule, matches: Callable[[Any], bool]
) -> None:
    scope = Scope(False, (rule,))
    async with app_on(demo, tmp_path) as app:
        assert await scope_listing.refresh(tools_of(app), scope)
        for media_type in MediaType:
            sets = await sets_of(app, scope, media_type)
            wanted = live(demo, media_type, matches)
            assert wanted and set(sets.missing) == wanted
            assert not sets.undetermined
            assert set(sets.excluded) == set(sets.in_export) - wanted


async def test_a_fresh_listing_is_not_made_again_until_the_export_names_more(demo: DemoServer, tmp_path: Path) -> None:
    scope = Scope(False, (KOREAN,))
    async with app_on(demo, tmp_path) as app:
        await scope_listing.refresh(tools_of(app), scope)
        asked = demo.stats.by_kind["discover"]
        assert await scope_listing.refresh(tools_of(app), scope)
        assert demo.stats.by_kind["discover"] == asked
        assert await scope_listing.refresh(tools_of(app), scope, max_age_s=-1)
        assert demo.stats.by_kind["discover"] > asked
        demo.catalogue.add(5, 0)
        await read_newest(app, MOVIE)
        assert len((await sets_of(app, scope, MOVIE)).undetermined) == 5
        await scope_listing.refresh(tools_of(app), scope)
        assert not (await sets_of(app, scope, MOVIE)).undetermined


async def test_undated_movies_that_no_window_reaches_leave_the_rest_undetermined(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "SPLIT_ABOVE", 2)
    rule = ScopeRule(languages=("en",))
    scope = Scope(False, (rule,))
    async with app_on(demo, tmp_path) as app:
        assert await scope_listing.refresh(tools_of(app), scope)
        undated = live(demo, MOVIE, lambda one: one.language == "en" and not one.date)
        found = await listing_of(app, scope, MOVIE)
        assert undated and found.unlisted == len(undated)
        assert set(found.ids) == live(demo, MOVIE, lambda one: one.language == "en" and bool(one.date))
        sets = await sets_of(app, scope, MOVIE)
        assert undated < set(sets.undetermined) and not set(sets.excluded) - set(sets.in_export)
        series = await sets_of(app, scope, TV)
        assert not series.undetermined
        assert set(series.missing) == live(demo, TV, lambda one: one.language == "en")


async def test_a_listing_broken_off_goes_on_where_it_was(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "SPLIT_ABOVE", 2)
    rule = ScopeRule(types=(TV,), year_from=1950)
    scope = Scope(False, (rule,))
    async with app_on(demo, tmp_path) as app:
        whole = asyncio.create_task(scope_listing.refresh(tools_of(app), scope))

        async def begun() -> bool:
            found = await app.store.read(lambda db: scopes.begun(db, scope.listing_key(rule), TV))
            return found is not None and len(found.ids) > 0

        await until(begun, "a first window")
        whole.cancel()
        await asyncio.gather(whole, return_exceptions=True)
        listed_before = len((await listing_of(app, scope, TV)).ids)
        assert (await sets_of(app, scope, TV)).undetermined
    asked = demo.stats.by_kind["discover"]
    async with app_on(demo, tmp_path) as app:
        assert await scope_listing.refresh(tools_of(app), scope)
        wanted = live(demo, TV, lambda one: bool(one.date) and one.date >= "1950")
        assert set((await listing_of(app, scope, TV)).ids) == wanted
        assert 0 < listed_before < len(wanted)
    again = demo.stats.by_kind["discover"] - asked
    async with app_on(demo, tmp_path / "other") as app:
        asked = demo.stats.by_kind["discover"]
        assert await scope_listing.refresh(tools_of(app), scope)
        assert again < demo.stats.by_kind["discover"] - asked


async def test_a_window_that_fails_stays_open_and_is_asked_again(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = Scope(False, (ScopeRule(types=(TV,), countries=("KR",)),))
    async with app_on(demo, tmp_path, clock=BriskClock(), max_attempts=2) as app:
        await read_newest(app, TV)
        demo.faults.error_500 = 1.0
        said: list[str] = []
        assert not await scope_listing.refresh(tools_of(app), scope, say=lambda level, text: said.append(level))
        assert said == ["fail"]
        sets = await sets_of(app, scope, TV)
        assert set(sets.undetermined) == set(sets.in_export)
        demo.faults.error_500 = 0.0
        assert await scope_listing.refresh(tools_of(app), scope)
        assert not (await sets_of(app, scope, TV)).undetermined


async def test_an_everything_scope_asks_discover_nothing(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        assert await scope_listing.refresh(tools_of(app), Scope())
        assert demo.stats.by_kind["discover"] == 0


# ----------------------------------------------------------------------------------------------- a user's own words


async def test_a_rule_is_understood_and_kept(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        asked = RuleRequest("movie", ("south korea", "UK"), ("KO",), 2000, 2010, ("drama", "war"), "all", 5)
        rule = await commands.understand_rule(app, asked)
        assert rule == ScopeRule(
            (MOVIE,), ("GB", "KR"), ("ko",), 2000, 2010, ("Drama", "War"), ((MOVIE, (18, 10752)),), 5, Match.ALL
        )
        await commands.set_scope(app, Scope(False, (rule,)))
        assert await commands.get_scope(app) == Scope(False, (rule,))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (RuleRequest("film"), "film is not a type"),
        (RuleRequest(countries=("XYZ",)), "XYZ is not a country"),
        (RuleRequest(languages=("klingon",)), "klingon is not a language"),
        (RuleRequest(year_from=2010, year_to=2000), "end .2000. before they begin .2010."),
        (RuleRequest(year_from=99), "99 is not a year"),
        (RuleRequest(genres=("Nonsense",)), "Nonsense is not a genre"),
        (RuleRequest(match="some"), "some is not a way"),
        (RuleRequest(min_votes=-1), "-1 votes"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_by_name(
    demo: DemoServer, tmp_path: Path, asked: RuleRequest, said: str
) -> None:
    async with app_on(demo, tmp_path) as app:
        with pytest.raises(UsageError, match=said):
            await commands.understand_rule(app, asked)


async def test_a_scope_of_nothing_is_refused(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        with pytest.raises(UsageError, match="needs a rule"):
            await commands.set_scope(app, Scope(False))


def test_a_listing_is_stale_when_it_does_not_know_every_id_of_the_export() -> None:
    listing = ScopeListing("k", MOVIE, 1_000_000, True, 0, BitMap([1]), BitMap([1, 2]))
    assert not scope_listing.stale(listing, BitMap([1, 2]), 1_000_000)
    assert not scope_listing.stale(listing, BitMap([1]), 1_000_000)
    assert scope_listing.stale(listing, BitMap([1, 3]), 1_000_000)
    assert scope_listing.stale(listing, BitMap([1]), 1_000_000 + 86_400_001)
    assert scope_listing.stale(None, BitMap(), 1)
