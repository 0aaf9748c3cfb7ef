"""What changed of a title: found by comparing with the rows themselves, kept field by field, undone for a past day."""

import json
import sqlite3
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import JobKind, MediaType
from gdvg_desktop.store import changes, jobs
from gdvg_desktop.store.changes import Snapshot
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.title_rows import CHILD_TABLES, TITLE_COLUMNS, TitleRows
from gdvg_desktop.sync.mapping import map_title
from tests.store.test_fields import SERIES, WHOLE
from tests.support.titles import NOW, body, fetch, rows, write

DAY = 86_400_000
TV = MediaType.TV
FULL = WHOLE | {
    "spoken_languages": [{"iso_639_1": "ko", "english_name": "Korean", "name": "한국어"}],
    "production_countries": [{"iso_3166_1": "KR", "name": "South Korea"}],
    "production_companies": [{"id": 7, "name": "Company"}],
    "alternative_titles": {"titles": [{"iso_3166_1": "DE", "title": "Anders"}]},
    "release_dates": {
        "results": [
            {"iso_3166_1": "US", "release_dates": [{"type": 3, "certification": "PG", "descriptors": ["Violence"]}]}
        ]
    },
    "watch/providers": {
        "results": {"AT": {"link": "https://x", "flatrate": [{"provider_id": 8, "provider_name": "P"}]}}
    },
    "popularity": 3.5,
}
FULL_SERIES = SERIES | {
    "networks": [{"id": 9, "name": "Net"}],
    "seasons": [{"season_number": 1, "id": 5, "name": "One", "episode_count": 8, "vote_average": 7.0}],
    "content_ratings": {"results": [{"iso_3166_1": "US", "rating": "TV-MA", "descriptors": ["V"]}]},
    "last_episode_to_air": {"id": 900, "season_number": 1, "episode_number": 8, "name": "End"},
}


def series() -> TitleRows:
    """FULL_SERIES under its own names, with the languages it is broadcast in."""
    named = {"title": "name", "release_date": "first_air_date"}
    fields = {named.get(name, name): value for name, value in FULL_SERIES.items()}
    return map_title(body(1, languages=["ko"], **fields), TV, ("en-US",))


def recorded(store: Store, title_id: int = 2) -> dict[str, tuple[str | None, str | None]]:
    found = fetch(store, "SELECT field, old, new FROM title_change WHERE title_id = ? ORDER BY id", title_id)
    return {name: (old, new) for name, old, new in found}


def content(store: Store) -> dict[str, list[Any]]:
    """Every row of every title, without bookkeeping."""
    found = {table: fetch(store, f"SELECT * FROM {table}") for table in (*CHILD_TABLES, "title_search", "episode")}
    return found | {"title": fetch(store, f"SELECT {', '.join(TITLE_COLUMNS)} FROM title")}


def snapshot(store: Store, title_id: int, at: int, now: int) -> Snapshot:
    return store.read_now(lambda db: changes.as_of(db, title_id, at, now))


# ------------------------------------------------------------------------------------------------- no difference


def test_what_is_the_same_is_only_confirmed(store: Store) -> None:
    write(store, rows(1, **FULL), series(), job_id=4)
    again = write(store, rows(1, **FULL), series(), job_id=5, now_ms=NOW + 9)
    assert again == ["unchanged", "unchanged"]
    columns = "fetched_at, checked_at, created_at, job_id, first_job_id"
    assert fetch(store, f"SELECT {columns} FROM title") == [(NOW, NOW + 9, NOW, 4, 4)] * 2
    assert recorded(store) == recorded(store, 3) == {}


def test_values_that_move_and_the_order_of_lists_are_no_change_but_are_kept(store: Store) -> None:
    people = [{"id": n, "name": f"P{n}", "credit_id": f"c{n}", "order": n} for n in range(3)]
    people = [one | {"id": one["id"] + 1} for one in people]  # type: ignore[operator]
    images = [{"file_path": f"/{n}.jpg", "vote_count": n + 1} for n in range(3)]
    days = [{"type": n, "certification": "PG", "descriptors": [f"D{n}"]} for n in (1, 2, 3)]

    def made(order: int) -> Any:
        cast = [one | {"order": place} for place, one in enumerate(people[::order])]
        found = [one | {"vote_count": place + 10} for place, one in enumerate(images[::order])]
        return rows(
            1, title="A", popularity=5.0 + order, vote_count=3 + order, credits={"cast": cast},
            images={"posters": found}, origin_country=["KR", "US"][::order],
            release_dates={"results": [{"iso_3166_1": "US", "release_dates": days[::order]}]},
        )  # fmt: skip

    write(store, made(1))
    assert write(store, made(-1), now_ms=NOW + 9) == ["unchanged"]
    assert recorded(store) == {}
    assert fetch(store, "SELECT popularity, vote_count, fetched_at, checked_at FROM title") == [(4.0, 2, NOW, NOW + 9)]
    assert fetch(store, "SELECT country FROM origin_country ORDER BY position") == ["US", "KR"]
    assert fetch(store, "SELECT vote_count FROM image ORDER BY file_path") == [12, 11, 10]
    descriptors = (
        "SELECT type, descriptor FROM release_descriptor JOIN title_release USING (title_id) "
        "WHERE release_position = title_release.position ORDER BY type"
    )
    assert fetch(store, descriptors) == [(1, "D1"), (2, "D2"), (3, "D3")]
    assert store.check() == []


# --------------------------------------------------------------------------------------------------- differences


def test_each_field_is_kept_with_its_old_and_new_value(store: Store) -> None:
    write(store, rows(1, **FULL))
    edited = FULL | {
        "title": "Another",
        "runtime": 95,
        "poster_path": None,
        "genres": [{"id": 18, "name": "Drama"}, {"id": 80, "name": "Crime"}],
        "credits": {"cast": [{"id": 6, "name": "B", "credit_id": "d"}]},
        "external_ids": {"imdb_id": "tt0000002", "wikidata_id": "Q1"},
        "translations": {"translations": [{"iso_639_1": "de", "data": {"title": "Anders", "overview": "Neu."}}]},
    }
    assert write(store, rows(1, **edited), job_id=None, now_ms=NOW + 9) == ["updated"]
    assert recorded(store) == {
        "title": ("Whole", "Another"),
        "runtime": ("90", "95"),
        "poster_path": ("/p.jpg", None),
        "imdb_id": ("tt0000001", "tt0000002"),
        "genres": (None, '["160"]'),
        "credits": ('["cast/5/c"]', '["cast/6/d"]'),
        "external_ids/imdb": ("tt0000001", "tt0000002"),
        "external_ids/wikidata": (None, "Q1"),
        "translations/de/title": ("Ganz", "Anders"),
        "translations/de/overview": (None, "Neu."),
    }
    assert fetch(store, "SELECT fetched_at, checked_at FROM title") == [(NOW + 9, NOW + 9)]


def test_an_entry_that_is_altered_is_in_both_lists(store: Store) -> None:
    cast = {"id": 5, "name": "A", "credit_id": "c", "character": "Boy"}
    write(store, rows(1, credits={"cast": [cast]}))
    write(store, rows(1, credits={"cast": [cast | {"character": "Man"}]}))
    assert recorded(store) == {"credits": ('["cast/5/c"]', '["cast/5/c"]')}
    assert fetch(store, "SELECT character FROM credit") == ["Man"]


def test_what_follows_from_other_fields_is_no_change_of_its_own(store: Store) -> None:
    write(store, rows(1))
    write(store, rows(1, keywords={"keywords": [{"id": 7, "name": "K"}]}), now_ms=NOW + DAY)
    assert fetch(store, "SELECT completeness FROM title WHERE completeness > 0")
    assert recorded(store) == {"keywords": (None, '["7"]')}


def test_a_figure_altered_by_hand_is_put_right_and_is_no_field_of_earlier_days(store: Store) -> None:
    write(store, rows(1, **FULL))
    before = snapshot(store, 2, NOW, NOW)
    store.write_now(lambda db: db.execute_sql("UPDATE title SET completeness = 3"))
    write(store, rows(1, **FULL), now_ms=NOW + DAY)
    assert list(recorded(store)) == ["completeness"]
    assert snapshot(store, 2, NOW, NOW + DAY) == before


def test_no_change_is_kept_of_what_is_new(store: Store) -> None:
    write(store, rows(1, **FULL), series())
    assert fetch(store, "SELECT count(*) FROM title_change") == [0]


# ------------------------------------------------------------------------------------- altered by hand or by a fault


ALTERED = [
    "UPDATE title SET title = 'Wrong', sort_title = 'wrong' WHERE id = 2",
    "UPDATE title SET sort_title = 'wrong', completeness = 3 WHERE id = 2",
    "UPDATE title SET overview = NULL, poster_path = NULL, runtime = NULL, release_date = NULL WHERE id = 2",
    "UPDATE title SET original_language = 'xx' WHERE id = 3",
    "UPDATE title_genre SET genre_id = (SELECT max(id) FROM genre) WHERE title_id = 2",
    "UPDATE external_id SET value = 'tt9' WHERE title_id = 2",
    "UPDATE translation SET overview = 'Wrong' WHERE title_id = 2",
    "UPDATE credit SET character = 'Wrong' WHERE title_id = 3",
    "UPDATE season SET name = NULL",
    "UPDATE episode SET name = 'Wrong'",
    "UPDATE watch_link SET link = 'https://wrong'",
    *(f"DELETE FROM {table}" for table in (*CHILD_TABLES, "episode")),
]


@pytest.mark.parametrize("statement", ALTERED)
def test_what_was_altered_or_blanked_is_repaired_and_kept(store: Store, statement: str) -> None:
    whole = rows(1, **FULL), series(), rows(9, genres=[{"id": 99, "name": "Other"}])
    write(store, *whole)
    before = content(store)
    store.write_now(lambda db: db.execute_sql(statement))
    assert content(store) != before
    written = write(store, *whole, now_ms=NOW + 9)
    assert content(store) == before
    assert "updated" in written[:2]
    assert fetch(store, "SELECT count(*) FROM title_change WHERE at = ?", NOW + 9) != [0]
    assert store.check() == []


def test_a_search_entry_removed_by_hand_is_there_again(store: Store) -> None:
    write(store, rows(1, **FULL))
    store.write_now(lambda db: db.execute_sql("DELETE FROM title_search"))
    assert write(store, rows(1, **FULL)) == ["unchanged"]
    assert fetch(store, "SELECT rowid FROM title_fts WHERE title_fts MATCH 'whole'") == [2]


def test_a_title_removed_by_hand_without_its_rows_is_whole_again(store: Store) -> None:
    write(store, rows(1, **FULL))
    before = content(store)

    other = sqlite3.connect(store.paths.library)  # as other programs are, with foreign keys off
    other.execute("DELETE FROM title")
    other.commit()
    other.close()
    assert write(store, rows(1, **FULL | {"genres": []})) == ["added"]
    assert content(store) == before | {"title_genre": []}
    assert store.check() == []


def test_a_title_that_is_stored_again_is_not_deleted(store: Store) -> None:
    write(store, rows(1, **FULL))
    store.write_now(
        lambda db: db.execute_sql(
            "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at) "
            "VALUES (2, 'movie', 1, 1, '2026-01-01', 1)"
        )
    )
    assert write(store, rows(1, **FULL)) == ["unchanged"]
    assert fetch(store, "SELECT count(*) FROM tombstone") == [0]


# -------------------------------------------------------------------------------------------------------- history


def test_the_history_says_in_words_what_changed(store: Store) -> None:
    job, _ = store.write_now(lambda db: jobs.add(db, JobKind.REFRESH, "Refresh of old titles", {}, NOW))
    write(store, rows(1, **FULL))
    new = {"genres": [{"id": 80, "name": "Crime"}], "runtime": 91}
    write(store, rows(1, **FULL | new), job_id=job.id, now_ms=NOW + DAY)
    cast = [{"id": 5, "name": "A", "credit_id": "c", "character": "New"}, {"id": 6, "name": "B", "credit_id": "d"}]
    write(store, rows(1, **FULL | new | {"credits": {"cast": cast}}), now_ms=NOW + 2 * DAY)
    people, runtime, genres = store.read_now(lambda db: changes.history(db, 2))
    assert (people.field, people.added, people.removed, people.altered) == ("credits", ("B (cast)",), (), ("A (cast)",))
    assert (runtime.field, runtime.old, runtime.new, runtime.is_list) == ("runtime", "90", "91", False)
    assert (runtime.at, runtime.job_id, runtime.job_name) == (NOW + DAY, job.id, "Refresh of old titles")
    assert (genres.removed, genres.added) == (("Drama",), ("Crime",))
    assert len(store.read_now(lambda db: changes.history(db, 2, 1))) == 1


def test_values_go_when_they_are_too_old_and_the_rest_stays(store: Store) -> None:
    write(store, rows(1, title="One"))
    write(store, rows(1, title="Two"), now_ms=NOW + DAY)
    write(store, rows(1, title="Three"), now_ms=NOW + 2 * DAY)
    assert store.write_now(lambda db: changes.expire(db, NOW + 2 * DAY)) == 1
    late, early = store.read_now(lambda db: changes.history(db, 2))
    assert (late.old, late.new, late.expired) == ("Two", "Three", False)
    assert (early.at, early.field, early.old, early.new, early.expired) == (NOW + DAY, "title", None, None, True)
    assert store.write_now(lambda db: changes.expire(db, NOW + 2 * DAY)) == 0
    assert store.write_now(lambda db: changes.expire(db, NOW + 9 * DAY, limit=1)) == 1


# ---------------------------------------------------------------------------------------------------------- as of


def test_an_earlier_day_is_shown_and_nothing_is_written(store: Store) -> None:
    write(store, rows(1, **FULL))
    write(store, rows(1, **FULL | {"title": "Later", "genres": [], "overview": None}), now_ms=NOW + DAY)
    before = store.write_now(lambda db: db.connection().total_changes)
    then, now = snapshot(store, 2, NOW, NOW + DAY), snapshot(store, 2, NOW + DAY, NOW + DAY)
    assert (then.values["title"], then.values["overview"], then.words("genres")) == ("Whole", "Text.", ("Drama",))
    assert (now.values["title"], now.values.get("overview"), now.words("genres")) == ("Later", None, ())
    assert then.words("credits") == ("A (cast)",)
    assert store.write_now(lambda db: db.connection().total_changes) == before


def test_days_that_cannot_be_shown_are_refused(store: Store) -> None:
    write(store, rows(1, title="A"), now_ms=NOW)
    with pytest.raises(UsageError, match="180 days"):
        snapshot(store, 2, NOW, NOW + 181 * DAY)
    with pytest.raises(UsageError, match="later than that"):
        snapshot(store, 2, NOW - 1, NOW + DAY)
    with pytest.raises(UsageError, match="does not hold"):
        snapshot(store, 4, NOW, NOW)


def _lists(values: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, max_size=most)


_TEXT = st.sampled_from([None, "", "One", "Two", "Dré/x", "[]"])
_NUMBER = st.integers(0, 3)
_CODE = st.sampled_from(["de", "en", "ko", "xx"])
_EDITS = st.fixed_dictionaries(
    {
        "title": _TEXT, "overview": _TEXT, "runtime": st.integers(0, 3), "adult": st.booleans(), "imdb_id": _TEXT,
        "release_date": st.sampled_from(["", "2020-01-01", "2021-02-03"]), "popularity": st.floats(0, 9),
        "belongs_to_collection": st.one_of(st.none(), st.builds(lambda n: {"id": n, "name": "C"}, st.integers(1, 2))),
        "genres": _lists(st.builds(lambda n: {"id": n + 1, "name": f"G{n}"}, _NUMBER)),
        "origin_country": _lists(st.sampled_from(["KR", "US", "DE"])),
        "keywords": st.builds(
            lambda some: {"keywords": some, "results": some},
            _lists(st.builds(lambda n: {"id": n + 1, "name": f"K{n}"}, _NUMBER)),
        ),
        "credits": st.builds(
            lambda some: {"cast": some},
            _lists(
                st.builds(
                    lambda n, c, role: {"id": n + 1, "name": "P", "credit_id": c, "character": role},
                    _NUMBER, _TEXT, _TEXT,
                )
            ),
        ),
        "images": st.builds(
            lambda some: {"posters": some},
            _lists(st.builds(lambda n, c: {"file_path": f"/{n}.jpg", "iso_639_1": c}, _NUMBER, _CODE)),
        ),
        "videos": st.builds(
            lambda some: {"results": some},
            _lists(st.builds(lambda k, n: {"site": "YouTube", "key": k, "name": n}, _TEXT, _TEXT)),
        ),
        "external_ids": st.dictionaries(st.sampled_from(["imdb_id", "tvdb_id", "wikidata_id"]), _TEXT),
        "translations": st.builds(
            lambda some: {"translations": some},
            _lists(
                st.builds(
                    lambda c, t, o: {"iso_639_1": c, "iso_3166_1": "", "data": {"title": t, "overview": o}},
                    _CODE, _TEXT, _TEXT,
                )
            ),
        ),
        "release_dates": st.builds(
            lambda some: {"results": [{"iso_3166_1": "US", "release_dates": some}]},
            _lists(
                st.builds(
                    lambda n, c, d: {"type": n, "certification": c, "descriptors": [d] if d else []},
                    _NUMBER, _TEXT, _TEXT,
                )
            ),
        ),
        "watch/providers": st.builds(
            lambda ids, link: {
                "results": {"AT": {"link": link, "rent": [{"provider_id": n + 1, "provider_name": "P"} for n in ids]}}
            },
            _lists(_NUMBER), _TEXT,
        ),
        "seasons": _lists(
            st.builds(lambda n, t, c: {"season_number": n, "name": t, "episode_count": c}, _NUMBER, _TEXT, _NUMBER)
        ),
    }
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(MediaType), states=st.lists(_EDITS, min_size=2, max_size=5))
def test_every_earlier_state_is_had_back_by_undoing(
    store: Store, kind: MediaType, states: list[dict[str, Any]]
) -> None:
    store.write_now(lambda db: db.execute_sql("DELETE FROM title"))
    store.write_now(lambda db: db.execute_sql("DELETE FROM title_change"))
    seen: list[Snapshot] = []
    for day, state in enumerate(states):
        one = rows(1, kind, **state)
        at = NOW + day * DAY
        write(store, one, now_ms=at)
        seen.append(snapshot(store, one.title_id, at, at))
    last = NOW + len(states) * DAY
    for known in seen:
        assert snapshot(store, known.title_id, known.at, last) == known
    for old, new in fetch(store, "SELECT old, new FROM title_change WHERE field = 'genres'"):
        assert all(isinstance(json.loads(text), list) for text in (old, new) if text)
