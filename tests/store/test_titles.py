"""Writing titles: added, updated, unchanged, and the rows they share."""

from typing import Any

import peewee
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import titles
from gdvg_desktop.store.db import Store
from tests.support.titles import NOW, fetch, rows, write

TV = MediaType.TV


def test_a_title_is_added_once_and_then_updated(store: Store) -> None:
    assert write(store, rows(1, title="First"), job_id=4) == ["added"]
    assert write(store, rows(1, title="Second"), job_id=5, now_ms=NOW + 9) == ["updated"]
    row = "title, created_at, fetched_at, checked_at, first_job_id, job_id"
    assert fetch(store, f"SELECT {row} FROM title") == [("Second", NOW, NOW + 9, NOW + 9, 4, 5)]


def test_a_movie_and_a_series_of_one_number_are_two_titles(store: Store) -> None:
    assert write(store, rows(7, title="Film"), rows(7, TV, title="Show")) == ["added", "added"]
    assert fetch(store, "SELECT id, media_type, tmdb_id FROM title ORDER BY id") == [(14, "movie", 7), (15, "tv", 7)]


def test_a_title_twice_in_a_batch_is_one_title(store: Store) -> None:
    assert write(store, rows(7, title="Early"), rows(7, title="Late")) == ["added", "updated"]
    assert fetch(store, "SELECT title FROM title") == ["Late"]


def test_rows_of_a_changed_title_are_replaced(store: Store) -> None:
    write(store, rows(1, genres=[{"id": 18, "name": "Drama"}, {"id": 35, "name": "Comedy"}], origin_country=["KR"]))
    write(store, rows(1, genres=[{"id": 80, "name": "Crime"}], origin_country=[]))
    assert fetch(store, "SELECT tmdb_id FROM genre JOIN title_genre ON genre_id = genre.id") == [80]
    assert fetch(store, "SELECT count(*) FROM origin_country") == [0]


def test_values_that_move_are_updated_and_nothing_else_is_touched(store: Store) -> None:
    cast = [{"id": 5, "name": "A", "character": "B"}]
    write(store, rows(1, title="One", popularity=1.5, vote_average=7.0, vote_count=10, credits={"cast": cast}))
    before = store.write_now(lambda db: db.connection().total_changes)
    write(store, rows(1, title="One", popularity=2.5, vote_average=7.1, vote_count=11, credits={"cast": cast}))
    changes = store.write_now(lambda db: db.connection().total_changes) - before
    assert fetch(store, "SELECT popularity, vote_average, vote_count FROM title") == [(2.5, 7.1, 11)]
    assert changes == 1  # the row of the title alone


def test_a_person_keeps_what_another_credit_does_not_say(store: Store) -> None:
    known = {"id": 5, "name": "A", "known_for_department": "Acting", "gender": 2, "popularity": 3.0}
    write(store, rows(1, credits={"cast": [known]}))
    write(store, rows(2, TV, created_by=[{"id": 5, "name": "A new name", "gender": 0, "credit_id": "c"}]))
    assert fetch(store, "SELECT name, known_for_department, gender FROM person") == [("A new name", "Acting", 2)]


def test_names_of_genres_come_from_the_list_and_not_from_a_title_in_another_language(store: Store) -> None:
    write(store, rows(1, genres=[{"id": 18, "name": "Drama"}]))
    write(store, rows(2, genres=[{"id": 18, "name": "드라마"}], title="x"))
    assert fetch(store, "SELECT name FROM genre") == ["Drama"]


def test_a_name_that_was_unknown_is_taken_from_the_next_title_that_has_it(store: Store) -> None:
    def named(genre: str | None, language: str, own: str, country: str) -> dict[str, Any]:
        return {
            "genres": [{"id": 99, "name": genre}],
            "spoken_languages": [{"iso_639_1": "ko", "english_name": language, "name": own}],
            "production_countries": [{"iso_3166_1": "KR", "name": country}],
        }

    names = (
        "SELECT genre.name, language.name, language.native_name, country.name FROM genre, language, country "
        "WHERE tmdb_id = 99 AND language.code = 'ko' AND country.code = 'KR'"
    )
    write(store, rows(1, **named(None, "Korean", "", "")))
    assert fetch(store, names) == [(None, "Korean", None, None)]
    write(store, rows(2, **named("Documentary", "Coréen", "한국어", "South Korea")))
    write(store, rows(3, **named(None, "", "", "")))
    assert fetch(store, names) == [("Documentary", "Korean", "한국어", "South Korea")]


def test_episodes_known_from_the_details_are_never_taken_away(store: Store) -> None:
    def episode(number: int) -> dict[str, object]:
        return {"id": 900 + number, "season_number": 1, "episode_number": number, "name": f"Episode {number}"}

    write(store, rows(3, TV, last_episode_to_air=episode(1), next_episode_to_air=episode(2)))
    write(store, rows(3, TV, last_episode_to_air=episode(2), next_episode_to_air=None))
    assert fetch(store, "SELECT id FROM episode ORDER BY id") == [901, 902]
    assert fetch(store, "SELECT last_episode_id, next_episode_id FROM title") == [(902, None)]


def test_what_belongs_to_a_title_goes_with_it(store: Store) -> None:
    full = rows(
        1,
        title="Gone",
        genres=[{"id": 18, "name": "Drama"}],
        credits={"cast": [{"id": 5, "name": "A"}]},
        release_dates={"results": [{"iso_3166_1": "US", "release_dates": [{"type": 3, "descriptors": ["Violence"]}]}]},
    )
    write(store, full)
    store.write_now(lambda db: db.execute_sql("DELETE FROM title WHERE id = 2"))
    for table in (*titles.CHILD_TABLES, "title_search"):
        assert fetch(store, f"SELECT count(*) FROM {table}") == [0]
    assert fetch(store, "SELECT count(*) FROM title_fts WHERE title_fts MATCH 'gone'") == [0]
    assert store.check() == []


def test_errors_are_peewees(store: Store) -> None:
    broken = rows(1, title="x")
    broken.children["title_keyword"] = [(broken.title_id, 0, 99)]  # a keyword nobody brought along
    with pytest.raises(peewee.IntegrityError):
        write(store, broken)
    assert store.read_now(titles.count) == {"movie": 0, "tv": 0}


def test_ids_the_library_holds(store: Store) -> None:
    write(store, *(rows(number) for number in range(1, 1200, 2)), rows(2, TV))
    found = store.read_now(lambda db: titles.existing_ids(db, MediaType.MOVIE, range(1, 2000)))
    assert found == set(range(1, 1200, 2))
    assert store.read_now(lambda db: titles.existing_ids(db, TV, [1, 2])) == {2}
    assert store.read_now(titles.count) == {"movie": 600, "tv": 1}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(1, 6), st.sampled_from(MediaType), st.integers(0, 2)), max_size=6), max_size=6
    )
)
def test_any_sequence_of_batches_ends_with_the_last_version_of_each_title(
    store: Store, batches: list[list[tuple[int, MediaType, int]]]
) -> None:
    store.write_now(lambda db: db.execute_sql("DELETE FROM title"))
    truth: dict[tuple[int, MediaType], int] = {}
    for batch in batches:
        added = write(store, *(rows(number, kind, title=f"Version {v}") for number, kind, v in batch))
        for (number, kind, version), new in zip(batch, added, strict=True):
            assert (new == "added") == ((number, kind) not in truth)
            truth[number, kind] = version
    found = fetch(store, "SELECT tmdb_id, media_type, title FROM title")
    assert {(number, kind): title for number, kind, title in found} == {
        (number, kind.value): f"Version {version}" for (number, kind), version in truth.items()
    }
    store.write_now(lambda db: db.execute_sql("INSERT INTO title_fts (title_fts) VALUES ('integrity-check')"))


def test_the_columns_written_are_those_of_the_schema(store: Store) -> None:
    tables = titles.CHILD_TABLES | titles.SHARED_TABLES | {"episode": titles.EPISODE_COLUMNS}
    for table, columns in tables.items():
        made = {row[1] for row in fetch(store, f"PRAGMA table_info({table})")}
        assert made - set(columns) <= {"fetched_at", "native_name"}, table
        assert set(columns) <= made, table
