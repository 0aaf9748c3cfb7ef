"""Reading the library: filters, orders, facets, details and exports, checked against the plain meaning of each."""

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import catalogue, library, titles
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.health import connect
from gdvg_desktop.store.library import Condition, TitleFilter, parse_query
from gdvg_desktop.store.titles import TITLE_COLUMNS, TitleRows
from tests.support.titles import rows, write

DAY_MS = 86_400_000
GENRES = {18: "Drama", 35: "Comedy", 80: "Crime"}


def now_ms() -> int:
    return round(time.time() * 1000)


def ids(store: Store, wanted: TitleFilter | str = "", sort: str = "tmdb_id", descending: bool = False) -> list[int]:
    chosen = parse_query(wanted) if isinstance(wanted, str) else wanted
    return list(store.read_now(lambda db: library.id_vector(db, chosen, sort, descending)))


def facets(store: Store, query: str = "") -> library.Facets:
    return store.read_now(lambda db: library.facets(db, parse_query(query)))


def shelf(store: Store) -> None:
    """Five titles, one of them of last year's fetching."""

    def genre(*numbers: int) -> list[dict[str, Any]]:
        return [{"id": number, "name": GENRES[number]} for number in numbers]

    write(
        store,
        rows(1, title="Alpha", release_date="2015-03-01", origin_country=["KR"], genres=genre(18), popularity=5.0),
        rows(2, title="beta", release_date="2020-01-01", origin_country=["KR", "US"], genres=genre(18, 35)),
        rows(3, title="Émile", release_date="", origin_country=["US"], overview="A text.", popularity=9.0),
        rows(3, MediaType.TV, title="Delta", release_date="2026-12-31", origin_country=["JP"], genres=genre(80)),
        now_ms=now_ms(),
    )
    write(store, rows(4, title="Gamma", poster_path="/p.jpg", imdb_id="tt0133093"), now_ms=now_ms() - 200 * DAY_MS)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [2, 4, 6, 7, 8]), ("type:tv", [7]), ("type:movie", [2, 4, 6, 8]), ("type:tv type:movie", [2, 4, 6, 7, 8]),
        ("origin:kr", [2, 4]), ("origin:us", [4, 6]), ("origin:kr origin:jp", [2, 4, 7]), ("origin:xx", []),
        ("genre:drama", [2, 4]), ("genre:DRAMA genre:crime", [2, 4, 7]), ("genre:western", []),
        ("year:2015..2020", [2, 4]), ("year:2020", [4]), ("year:2020..", [4, 7]), ("year:..2019", [2]),
        ("is:no_overview", [2, 4, 7, 8]), ("is:no_poster", [2, 4, 6, 7]), ("is:stale_150d", [8]), ("is:complete", []),
        ("id:3", [6, 7]), ("id:3 type:tv", [7]), ("tt0133093", [8]), ("tt9999999", []),
        ("emile", [6]), ("a", [2]), ("be origin:us", [4]), ("be origin:jp", []),
        ("origin:kr year:2020 genre:comedy", [4]),
    ],
)  # fmt: skip
def test_a_query_gives_what_it_says(store: Store, query: str, expected: list[int]) -> None:
    shelf(store)
    assert ids(store, query) == expected


@pytest.mark.parametrize(
    ("sort", "ascending", "descending"),
    [
        ("title", [2, 4, 7, 6, 8], [8, 6, 7, 4, 2]),
        ("popularity", [2, 6, 4, 7, 8], [6, 2, 4, 7, 8]),
        ("release_date", [2, 4, 7, 6, 8], [7, 4, 2, 6, 8]),
        ("tmdb_id", [2, 4, 6, 7, 8], [8, 7, 6, 4, 2]),
        ("media_type", [2, 4, 6, 8, 7], [7, 8, 6, 4, 2]),
    ],
)
def test_titles_come_in_order_and_unknown_values_last(
    store: Store, sort: str, ascending: list[int], descending: list[int]
) -> None:
    shelf(store)
    assert ids(store, "", sort) == ascending
    assert ids(store, "", sort, descending=True) == descending
    assert ids(store, "type:movie", sort) == [one for one in ascending if one != 7]


def test_an_empty_library_answers_everything_with_nothing(store: Store) -> None:
    for sort in library.SORTS:
        assert ids(store, "", sort) == []
    assert ids(store, "a origin:kr year:2000..2020") == []
    assert facets(store) == library.Facets(0, {}, {}, {}, {}, dict.fromkeys([one.value for one in Condition], 0))
    assert store.read_now(lambda db: list(library.export_rows(db, TitleFilter()))) == []
    store.read_now(library.warm)


def test_facets_count_what_matches_and_keep_what_could_be_chosen_beside(store: Store) -> None:
    shelf(store)
    every = facets(store)
    assert every.total == 5
    assert every.media_types == {"movie": 4, "tv": 1}
    assert every.countries == {"KR": 2, "US": 2, "JP": 1}
    assert every.genres == {"Drama": 2, "Comedy": 1, "Crime": 1}
    assert every.years == {2015: 1, 2020: 1, 2026: 1}
    assert every.completeness == {
        "complete": 0,
        "no_overview": 4,
        "no_poster": 4,
        "stale_150d": 1,
        "tombstone": 0,
    }
    korean = facets(store, "origin:kr")
    assert (korean.total, korean.media_types, korean.genres) == (2, {"movie": 2}, {"Drama": 2, "Comedy": 1})
    assert korean.countries == every.countries  # what choosing another country would give
    assert facets(store, "beta").countries == {"KR": 1, "US": 1}


def test_rows_come_in_the_order_asked_and_without_what_is_gone(store: Store) -> None:
    shelf(store)
    found = store.read_now(lambda db: library.rows(db, [7, 999, 4]))
    assert [(row.id, row.media_type, row.title, row.year, row.countries) for row in found] == [
        (7, MediaType.TV, "Delta", 2026, ("JP",)),
        (4, MediaType.MOVIE, "beta", 2020, ("KR", "US")),
    ]


def test_what_is_in_memory_follows_what_is_written(store: Store) -> None:
    shelf(store)
    store.read_now(library.warm)
    assert ids(store, "a") == [2]
    write(
        store, rows(1, title="Omega", origin_country=["FR"], popularity=99.0), rows(9, title="Aleph"), now_ms=now_ms()
    )
    assert ids(store, "a") == [18]
    assert ids(store, "o") == [2]
    assert ids(store, "origin:kr") == [4]
    assert ids(store, "origin:fr") == [2]
    assert ids(store, "", "popularity", descending=True)[0] == 2
    assert facets(store).countries == {"US": 2, "FR": 1, "JP": 1, "KR": 1}


def test_a_title_that_comes_touches_only_the_sets_it_is_in(store: Store) -> None:
    shelf(store)

    def sets() -> dict[tuple[str, str], Any]:
        asked = [("country", "KR"), ("country", "JP"), ("year", "2015"), ("media_type", "movie"), ("initial", "b")]
        store.read_now(lambda db: db.catalogue.every(db))
        return {one: store.read_now(lambda db, one=one: db.catalogue.with_value(db, *one)) for one in asked}

    before = sets()
    write(store, rows(9, title="Ceph", origin_country=["JP"], release_date="2016-01-01"), now_ms=now_ms() + 1)
    after = sets()
    changed = {one for one in before if after[one] is not before[one]}  # those are copied, at a million titles for long
    assert changed == {("country", "JP"), ("media_type", "movie")}


def test_another_process_can_have_written_it(store: Store) -> None:
    shelf(store)
    assert len(ids(store, "type:movie")) == 4
    other = Store.open(store.paths, exclusive=False)
    write(other, rows(50, title="Late"), now_ms=now_ms())
    other.close()
    assert ids(store, "type:movie")[-1] == 100


TITLES = st.builds(
    dict,
    tmdb_id=st.integers(1, 8),
    media_type=st.sampled_from(MediaType),
    title=st.sampled_from(["", "Alpha", "Beta", "al pha", "Ωmega", "日本", "1 a", "$"]),
    release_date=st.sampled_from(["", "2019-12-31", "2020-01-01", "2020-12-31", "2021-06-01", "0999-01-01"]),
    popularity=st.sampled_from([None, 0, 1.5, 2.5]),
    origin_country=st.lists(st.sampled_from(["KR", "JP"]), unique=True),
    genres=st.lists(st.sampled_from([{"id": 18, "name": "Drama"}, {"id": 35, "name": "Comedy"}]), max_size=2),
    overview=st.sampled_from(["", "A text."]),
)
FILTERS = st.builds(
    TitleFilter,
    text=st.sampled_from(["", "", "a", "al", "alpha", "日本", "$"]),
    media_types=st.sampled_from([(), (MediaType.TV,), tuple(MediaType)]),
    countries=st.sampled_from([(), ("KR",), ("KR", "JP"), ("FR",)]),
    genres=st.sampled_from([(), ("Drama",), ("comedy", "Drama")]),
    year_from=st.sampled_from([None, 2020]),
    year_to=st.sampled_from([None, 2020]),
    completeness=st.sampled_from([None, "no_overview", "complete"]),
)


def meets(one: TitleRows, wanted: TitleFilter) -> bool:
    """The plain meaning of a filter, on a title's rows."""
    value = dict(zip(TITLE_COLUMNS, one.title, strict=True))
    year = int(value["release_date"][:4]) if value["release_date"] else None
    words = one.search_text.split()
    text = wanted.text
    return all(
        (
            not wanted.media_types or one.media_type in wanted.media_types,
            not wanted.countries or {row[2] for row in one.children.get("origin_country", ())} & set(wanted.countries),
            not wanted.genres or {row[3].lower() for row in one.shared["genre"]} & {g.lower() for g in wanted.genres},
            wanted.year_from is None or (year is not None and year >= wanted.year_from),
            wanted.year_to is None or (year is not None and year <= wanted.year_to),
            wanted.completeness != "no_overview" or value["overview"] is None,
            wanted.completeness != "complete" or value["completeness"] == 100,
            not text or "日本" not in text or "日 本" in one.search_text,
            not text or "日本" in text or any(word.startswith(text) for word in words),
        )
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.lists(TITLES, min_size=1, max_size=6), min_size=1, max_size=4),
    wanted=FILTERS,
    sort=st.sampled_from(sorted(library.SORTS)),
    descending=st.booleans(),
    many=st.sampled_from([0, 2_000]),
)
def test_the_answer_is_that_of_a_library_read_title_by_title(
    store: Store, batches: list[list[dict[str, Any]]], wanted: TitleFilter, sort: str, descending: bool, many: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "_MANY_CHANGED", many)  # 0: everything is loaded anew each time
        store.write_now(lambda db: [db.execute_sql("DELETE FROM title"), db.execute_sql("DELETE FROM genre")])
        fresh = Store.open(store.paths, exclusive=False)
        try:
            truth: dict[int, TitleRows] = {}
            for at, batch in enumerate(batches):
                made = [rows(one["tmdb_id"], one["media_type"], **without_key(one)) for one in batch]
                write(fresh, *made, now_ms=now_ms() + at)
                truth.update({one.title_id: one for one in made})
                found = ids(fresh, wanted, sort, descending)
                assert sorted(found) == sorted(key for key, one in truth.items() if meets(one, wanted))
                assert found == in_order(fresh, found, sort, descending)
                counted = fresh.read_now(lambda db: library.facets(db, wanted))
                assert counted.total == len(found)
                assert sum(counted.media_types.values()) == len(
                    [one for one in truth.values() if meets(one, replace(wanted, media_types=()))]
                )
        finally:
            fresh.close()


def without_key(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name not in ("tmdb_id", "media_type")}


def in_order(store: Store, found: list[int], sort: str, descending: bool) -> list[int]:
    column = library.SORTS[sort]
    values = dict(store.read_now(lambda db: db.execute_sql(f"SELECT id, {column} FROM title").fetchall()))
    known = sorted((one for one in found if values[one] is not None), key=lambda one: (values[one], one))
    return (known[::-1] if descending else known) + sorted(one for one in found if values[one] is None)


# ------------------------------------------------------------------------------------------------------ exports


def test_an_export_holds_every_title_once_in_chunks(store: Store) -> None:
    shelf(store)
    chunks = store.read_now(lambda db: list(library.export_rows(db, TitleFilter(), chunk=2)))
    assert [len(chunk) for chunk in chunks] == [2, 2, 1]
    first = chunks[0][1]
    assert first["fetched_at"].endswith("Z")
    assert {**first, "fetched_at": ""} == {
        "media_type": "movie", "tmdb_id": 2, "title": "beta", "original_title": None, "release_date": "2020-01-01",
        "origin_country": ["KR", "US"], "original_language": None, "genres": ["Drama", "Comedy"], "popularity": None,
        "vote_average": None, "vote_count": None, "overview": None, "poster_path": None, "imdb_id": None,
        "runtime": None, "status": None, "fetched_at": "",
    }  # fmt: skip
    some = store.read_now(lambda db: list(library.export_rows(db, parse_query("origin:us"), chunk=1)))
    assert [row["tmdb_id"] for chunk in some for row in chunk] == [2, 3]


def test_an_export_does_not_keep_the_library_from_being_written(store: Store) -> None:
    write(store, *(rows(number, title=f"Title {number}") for number in range(1, 30)))

    outside = connect(store.paths.library)

    def export(db: Any) -> list[int]:
        seen: list[int] = []
        for chunk in library.export_rows(db, TitleFilter(), chunk=10):
            seen += [row["tmdb_id"] for row in chunk]
            write(store, rows(seen[-1] + 100, title="New"))
            busy, *_ = outside.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            assert busy == 0  # no read transaction of ours holds the write-ahead log
            if len(seen) > 40:
                break
        return seen

    assert store.read_now(export)[:29] == list(range(1, 30))
    outside.close()


# ------------------------------------------------------------------------------------------------------ details


def test_everything_of_a_title_is_shown(store: Store) -> None:
    write(
        store,
        rows(
            5,
            MediaType.TV,
            title="무빙",
            original_title="무빙",
            original_language="ko",
            overview="Children.",
            genres=[{"id": 18, "name": "Drama"}],
            aggregate_credits={
                "cast": [
                    {"id": 2, "name": "Second", "order": 1, "roles": [{"character": "B", "episode_count": 3}]},
                    {"id": 1, "name": "First", "order": 0, "roles": [{"character": "A"}, {"character": "C"}]},
                ],
                "crew": [{"id": 1, "name": "First", "department": "Directing", "jobs": [{"job": "Director"}]}],
            },
            external_ids={"imdb_id": "tt1", "tvdb_id": 397060, "facebook_id": ""},
            content_ratings={"results": [{"iso_3166_1": "KR", "rating": "19"}, {"iso_3166_1": "US", "rating": ""}]},
            seasons=[{"id": 9, "season_number": 1, "name": "Season 1", "episode_count": 20}],
            last_episode_to_air={"id": 77, "season_number": 1, "episode_number": 20, "name": "End"},
            watch=None,
        ),
        job_id=3,
    )
    found = store.read_now(lambda db: library.detail(db, MediaType.TV, 5))
    assert found is not None
    assert (found.title, found.genres, found.external_ids) == ("무빙", ("Drama",), {"imdb": "tt1", "tvdb": "397060"})
    assert [(one.name, one.role) for one in found.cast] == [("First", "A"), ("First", "C"), ("Second", "B")]
    assert [(one.name, one.role, one.department) for one in found.crew] == [("First", "Director", "Directing")]
    assert [(one.country, one.rating) for one in found.age_ratings] == [("KR", "19")]
    assert found.last_episode is not None
    assert (found.last_episode.episode_number, found.next_episode) == (20, None)
    assert (found.job_id, found.imdb_id) == (3, "tt1")
    met = {point.name: point.count for point in found.points}
    assert met == {
        "overview": 1, "poster": 0, "backdrop": 0, "cast_and_crew": 2, "seasons": 1, "external_ids": 2, "keywords": 0,
        "videos": 0, "age_ratings": 1, "translations": 0,
    }  # fmt: skip
    assert found.completeness == round(100 * sum(point.met for point in found.points) / len(found.points))


def test_a_title_the_library_does_not_have_is_none(store: Store) -> None:
    assert store.read_now(lambda db: library.detail(db, MediaType.MOVIE, 1)) is None


# ------------------------------------------------------------------------------------------------- deleted at TMDb


def bury(store: Store, *title_ids: int, data_until: int | None = 9_999_999_999_999) -> None:
    """Give titles a tombstone."""
    statement = (
        "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at, data_until) "
        "VALUES (?, ?, ?, ?, '2026-01-01', ?, ?)"
    )
    for one in title_ids:
        values = (one, "tv" if one & 1 else "movie", one >> 1, now_ms(), now_ms(), data_until)
        store.write_now(lambda db, values=values: db.execute_sql(statement, values))


@pytest.mark.parametrize("sort", library.SORTS)
def test_deleted_titles_are_left_out_unless_asked_for(store: Store, sort: str) -> None:
    shelf(store)
    assert set(ids(store, "", sort)) == {2, 4, 6, 7, 8}
    bury(store, 4, 7)
    assert set(ids(store, "", sort)) == {2, 6, 8}
    assert ids(store, "origin:kr", sort) == [2]
    assert set(ids(store, TitleFilter(tombstones=True), sort)) == {2, 4, 6, 7, 8}
    assert set(ids(store, "is:tombstone", sort)) == {4, 7}
    assert ids(store, "is:tombstone type:tv", sort) == [7]


def test_deleted_titles_are_counted_by_themselves(store: Store) -> None:
    shelf(store)
    facets(store)
    bury(store, 4, 7)
    every = facets(store)
    assert (every.total, every.media_types, every.countries) == (3, {"movie": 3}, {"US": 1, "KR": 1})
    assert every.completeness["tombstone"] == 2
    assert every.completeness["no_poster"] == 2
    buried = facets(store, "is:tombstone")
    assert (buried.total, buried.media_types, buried.completeness["no_poster"]) == (2, {"movie": 1, "tv": 1}, 2)
    assert store.read_now(titles.count) == {"movie": 3, "tv": 0}


def test_a_deleted_title_that_returns_is_there_again(store: Store) -> None:
    shelf(store)
    bury(store, 4)
    assert ids(store) == [2, 6, 7, 8]
    write(store, rows(2, title="beta", origin_country=["KR"]), now_ms=now_ms())
    assert ids(store) == [2, 4, 6, 7, 8]
    assert ids(store, "is:tombstone") == []


def test_a_deleted_title_whose_data_is_gone_is_nowhere(store: Store) -> None:
    shelf(store)
    bury(store, 4)
    assert ids(store, "is:tombstone") == [4]
    store.write_now(lambda db: db.execute_sql("DELETE FROM title WHERE id = 4"))
    store.write_now(lambda db: db.execute_sql("UPDATE tombstone SET data_until = NULL"))
    assert ids(store, "is:tombstone") == []
    assert ids(store, TitleFilter(tombstones=True)) == [2, 6, 7, 8]


@pytest.mark.parametrize("sort", library.SORTS)
def test_lists_in_every_order_outlive_a_deleted_title_whose_data_go(store: Store, sort: str) -> None:
    shelf(store)
    bury(store, 2)
    assert 2 in ids(store, TitleFilter(tombstones=True), sort)
    store.write_now(lambda db: db.execute_sql("DELETE FROM title WHERE id = 2"))
    store.write_now(lambda db: db.execute_sql("UPDATE tombstone SET data_until = NULL"))
    assert set(ids(store, TitleFilter(tombstones=True), sort)) == {4, 6, 7, 8}
    late = rows(9, title="Beth", release_date="2018-01-01", popularity=6.0, vote_average=5.0)
    write(store, late, now_ms=now_ms() + 1)  # finds its place between the others
    assert set(ids(store, TitleFilter(tombstones=True), sort)) == {4, 6, 7, 8, 18}


def test_exports_leave_deleted_titles_out_unless_asked_for(store: Store) -> None:
    shelf(store)
    bury(store, 4, 7)

    def exported(wanted: TitleFilter) -> list[str]:
        chunks = store.read_now(lambda db: list(library.export_rows(db, wanted, 2)))
        return [row["title"] for chunk in chunks for row in chunk]

    assert exported(TitleFilter()) == ["Alpha", "Émile", "Gamma"]
    assert exported(TitleFilter(tombstones=True)) == ["Alpha", "beta", "Émile", "Delta", "Gamma"]
    assert exported(parse_query("is:tombstone")) == ["beta", "Delta"]


def test_the_detail_names_the_successor_of_a_deleted_title(store: Store) -> None:
    shelf(store)
    bury(store, 4)
    store.write_now(lambda db: db.execute_sql("UPDATE tombstone SET successor_id = 7"))
    found = store.read_now(lambda db: library.detail(db, MediaType.MOVIE, 2))
    assert found is not None and found.deletion is not None
    assert (found.deletion.successor_type, found.deletion.successor_id) == (MediaType.TV, 3)
    assert (found.deletion.successor, found.deletion.export_date) == ("Delta", "2026-01-01")
    other = store.read_now(lambda db: library.detail(db, MediaType.MOVIE, 1))
    assert other is not None and other.deletion is None
    assert "poster" in other.unavailable and "title" not in other.unavailable


def test_what_was_only_confirmed_is_not_old_any_more(store: Store) -> None:
    shelf(store)
    assert ids(store, "is:stale_150d") == [8]
    gamma = rows(4, title="Gamma", poster_path="/p.jpg", imdb_id="tt0133093", popularity=70.0)
    assert write(store, gamma, now_ms=now_ms()) == ["unchanged"]
    assert ids(store, "is:stale_150d") == []
    assert ids(store, "", "popularity", True)[0] == 8
