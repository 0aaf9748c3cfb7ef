"""Answers that lack a part: what is held of it stays, in the rows, in the texts and in what is known of TMDb."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import audit_rows, fields
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.titles import CHILD_TABLES, Written, title_id_of
from gdvg_desktop.sync.mapping import map_title
from gdvg_desktop.tmdb.details import PARTS
from tests.store.test_changes import FULL, FULL_SERIES
from tests.support.titles import NOTHING_APPENDED, NOW, fetch, rows, write

MOVIE, TV = MediaType.MOVIE, MediaType.TV
ERROR = {"success": False, "status_code": 34, "status_message": "The resource you requested could not be found."}
INSTEAD: list[Any] = ["missing", None, [], {}, ERROR, "words"]
"""What may come in place of a part."""
ANSWERS: dict[MediaType, dict[str, Any]] = {
    MOVIE: NOTHING_APPENDED | FULL | {"id": 1, "original_title": "Ganz", "imdb_id": "tt0000001"},
    TV: NOTHING_APPENDED
    | {
        {"title": "name", "release_date": "first_air_date"}.get(name, name): value
        for name, value in FULL_SERIES.items()
    }
    | {
        "id": 1,
        "original_name": "Ganz",
        "aggregate_credits": {"cast": [{"id": 5, "name": "A", "roles": [{"credit_id": "c", "character": "B"}]}]},
        "created_by": [{"id": 6, "name": "Maker", "credit_id": "m"}],
    },
}


def store_answer(store: Store, media_type: MediaType, answer: dict[str, Any], now_ms: int = NOW) -> Written:
    body = json.dumps({name: value for name, value in answer.items() if value != "missing"}).encode()
    return write(store, map_title(body, media_type, ("en-US", "de")), now_ms=now_ms)[0]


def library(store: Store) -> dict[str, list[Any]]:
    found = {table: fetch(store, f"SELECT * FROM {table}") for table in (*CHILD_TABLES, "title_search", "title_change")}
    return found | {"title": fetch(store, "SELECT * FROM title")}


def altered(store: Store) -> list[int]:
    """Titles an audit takes for altered since they were stored."""
    return store.read_now(lambda db: list(audit_rows.altered(db.connection(), 0, 100)))


def unavailable(store: Store) -> set[str]:
    return set(fields.names_of(fetch(store, "SELECT unavailable FROM title")[0]))


def test_the_parts_looked_at_are_those_asked_for() -> None:
    assert set(PARTS[MOVIE]) <= ANSWERS[MOVIE].keys()
    assert set(PARTS[TV]) <= ANSWERS[TV].keys()


@pytest.mark.parametrize("media_type", MediaType)
@pytest.mark.parametrize("instead", INSTEAD, ids=str)
def test_a_title_whose_parts_did_not_come_is_unchanged(store: Store, media_type: MediaType, instead: Any) -> None:
    answer = ANSWERS[media_type]
    store_answer(store, media_type, answer)
    before = library(store)
    for part in PARTS[media_type]:
        lacking = answer | {part: instead} | ({"credits": instead} if part == "aggregate_credits" else {})
        assert store_answer(store, media_type, lacking) == "unchanged", part
    assert store_answer(store, media_type, answer | dict.fromkeys((*PARTS[media_type], "credits"), instead)) == (
        "unchanged"
    )
    assert library(store) == before
    assert altered(store) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(media_type=st.sampled_from(MediaType), data=st.data())
def test_what_came_replaces_what_is_held_whatever_else_did_not(
    store: Store, media_type: MediaType, data: st.DataObject
) -> None:
    """The same as if the missing parts had come with what they had before."""
    store.write_now(lambda db: db.execute_sql("DELETE FROM title"))
    store.write_now(lambda db: db.execute_sql("DELETE FROM title_change"))
    first, parts = ANSWERS[media_type], st.sets(st.sampled_from(PARTS[media_type]))
    emptied, away = data.draw(parts, "emptied"), data.draw(parts, "away")
    changed = first | {"genres": [], "status": "Ended", "runtime": 91}
    changed |= {part: NOTHING_APPENDED.get(part, NOTHING_APPENDED["credits"]) for part in emptied - away}
    no_credits = {"credits": "missing"} if "aggregate_credits" in away else {}
    store_answer(store, media_type, first)
    assert store_answer(store, media_type, changed | dict.fromkeys(away, "missing") | no_credits, NOW + 1) == "updated"
    found, hashed = library(store), altered(store)
    store.write_now(lambda db: db.execute_sql("DELETE FROM title"))
    store.write_now(lambda db: db.execute_sql("DELETE FROM title_change"))
    store_answer(store, media_type, first)
    store_answer(store, media_type, changed, NOW + 1)
    expected = library(store)
    for rows_ in (found["title_change"], expected["title_change"]):
        rows_[:] = [row[1:] for row in rows_]  # the number of the row
    assert found == expected
    assert hashed == []


def test_texts_that_came_from_a_translation_stay_without_the_translations(store: Store) -> None:
    data = {"title": "Ganz", "overview": "Text", "tagline": "Spruch", "homepage": "https://x"}
    answer = ANSWERS[MOVIE] | {
        "title": "온전", "original_title": "온전", "original_language": "ko", "overview": "", "tagline": "",
        "translations": {"translations": [{"iso_639_1": "de", "iso_3166_1": "DE", "data": data}]},
    }  # fmt: skip
    store_answer(store, MOVIE, answer)
    before = library(store)
    assert fetch(store, "SELECT title, overview, overview_language FROM title") == [("Ganz", "Text", "de-DE")]
    assert store_answer(store, MOVIE, answer | {"translations": None}) == "unchanged"
    assert library(store) == before
    store_answer(store, MOVIE, answer | {"translations": None, "title": "Whole", "overview": "Words"})
    names = "title, title_language, overview, overview_language, tagline, homepage"
    assert fetch(store, f"SELECT {names} FROM title") == [("Whole", "en-US", "Words", "en-US", "Spruch", "https://x")]
    assert altered(store) == []
    store_answer(store, MOVIE, answer | {"translations": None})  # what was in the language asked for is gone again
    assert fetch(store, "SELECT title, overview, tagline FROM title") == [("온전", None, "Spruch")]
    assert not unavailable(store) & {"title", "overview", "translations"}


def test_nothing_is_known_of_tmdb_from_a_part_that_did_not_come(store: Store) -> None:
    bare = {"id": 1, "title": "Bare"}
    store_answer(store, MOVIE, bare)
    told = {"poster", "backdrop", "date", "genres", "countries", "runtime"}
    assert unavailable(store) == told  # the rest is looked for by a gap search
    store_answer(store, MOVIE, bare | {"keywords": {"keywords": []}})
    assert unavailable(store) == told | {"keywords"}
    store_answer(store, MOVIE, bare | {"videos": {"results": []}})
    assert unavailable(store) == told | {"keywords", "videos"}


def test_creators_and_a_movies_imdb_id_come_with_the_details_themselves(store: Store) -> None:
    store_answer(store, TV, ANSWERS[TV])
    lacking = ANSWERS[TV] | {"aggregate_credits": None, "credits": None}
    store_answer(store, TV, lacking | {"created_by": [{"id": 7, "name": "Other", "credit_id": "o"}]})
    key = title_id_of(TV, 1)
    found = fetch(store, "SELECT position, kind, person_id FROM credit WHERE title_id = ? ORDER BY position", key)
    assert found == [(0, "cast", 5), (1, "creator", 7)]
    store_answer(store, MOVIE, ANSWERS[MOVIE])
    store_answer(store, MOVIE, ANSWERS[MOVIE] | {"external_ids": ERROR, "imdb_id": "tt0000009"})
    assert fetch(store, "SELECT source, value FROM external_id WHERE title_id = 2") == [("imdb", "tt0000009")]
    assert fetch(store, "SELECT imdb_id FROM title WHERE id = 2") == ["tt0000009"]
    assert altered(store) == []


def test_plain_credits_stand_in_for_aggregate_ones_that_did_not_come(store: Store) -> None:
    answer = ANSWERS[TV] | {"aggregate_credits": {}, "credits": {"cast": [{"id": 8, "name": "Plain"}]}}
    assert ("cast", 8) in [row[2:4] for row in map_title(json.dumps(answer).encode(), TV, ()).children["credit"]]


def test_an_error_in_place_of_external_ids_is_no_id(store: Store) -> None:
    assert "external_id" not in rows(1, external_ids=ERROR).children
