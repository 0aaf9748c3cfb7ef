"""What a complete title has, what TMDb lacks, and finding what was lost here."""

from dataclasses import fields as dataclass_fields
from typing import Any

import pytest
from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.store import fields
from gdvg_desktop.store.db import Store
from tests.support.titles import rows, write

EVERY = fields.mask_of(fields.FIELDS)
WHOLE: dict[str, Any] = {
    "title": "Whole", "poster_path": "/p.jpg", "backdrop_path": "/b.jpg", "overview": "Text.",
    "release_date": "2020-01-02", "runtime": 90, "origin_country": ["KR"],
    "genres": [{"id": 18, "name": "Drama"}], "credits": {"cast": [{"id": 5, "name": "A", "credit_id": "c"}]},
    "external_ids": {"imdb_id": "tt0000001"}, "keywords": {"keywords": [{"id": 1, "name": "k"}]},
    "images": {"posters": [{"file_path": "/p.jpg"}]}, "videos": {"results": [{"site": "YouTube", "key": "x"}]},
    "translations": {"translations": [{"iso_639_1": "de", "data": {"title": "Ganz"}}]},
    "release_dates": {"results": [{"iso_3166_1": "US", "release_dates": [{"type": 3, "certification": "PG"}]}]},
}  # fmt: skip
SERIES = WHOLE | {
    "keywords": {"results": [{"id": 1, "name": "k"}]},
    "episode_run_time": [45],
    "content_ratings": {"results": [{"iso_3166_1": "US", "rating": "TV-MA"}]},
}
BLANKED = {
    "title": "UPDATE title SET title = NULL",
    "poster": "UPDATE title SET poster_path = NULL",
    "backdrop": "UPDATE title SET backdrop_path = NULL",
    "overview": "UPDATE title SET overview = NULL",
    "date": "UPDATE title SET release_date = NULL",
    "genres": "DELETE FROM title_genre",
    "countries": "DELETE FROM origin_country",
    "runtime": "UPDATE title SET runtime = NULL",
    "credits": "DELETE FROM credit",
    "external_ids": "DELETE FROM external_id",
    "keywords": "DELETE FROM title_keyword",
    "images": "DELETE FROM image",
    "videos": "DELETE FROM video",
    "translations": "DELETE FROM translation",
    "certification": "UPDATE title_release SET certification = NULL",
}

EMPTIED = {
    "title": "UPDATE title SET title = ''",
    "poster": "UPDATE title SET poster_path = ''",
    "backdrop": "UPDATE title SET backdrop_path = ''",
    "overview": "UPDATE title SET overview = ''",
    "date": "UPDATE title SET release_date = ''",
    "runtime": "UPDATE title SET runtime = 0",
    "certification": "UPDATE title_release SET certification = ''",
}


def lacking(store: Store, required: int = EVERY) -> dict[int, int]:
    def read(db: SqliteDatabase) -> dict[int, int]:
        found: dict[int, int] = {}
        for first, last in fields.key_ranges(db, 7):
            found |= fields.lacking(db, required, first, last)
        return found

    return store.read_now(read)


def test_the_names_are_those_of_the_setting() -> None:
    declared = next(one for one in dataclass_fields(Settings) if one.name == "required_fields")
    assert declared.metadata["choices"] == fields.FIELDS
    assert fields.names_of(fields.mask_of(("poster", "credits"))) == ("poster", "credits")


@pytest.mark.parametrize(
    ("field", "blank"), [*BLANKED.items(), *EMPTIED.items()], ids=[*BLANKED, *(f"{name}-emptied" for name in EMPTIED)]
)
def test_a_field_blanked_by_hand_is_found_and_nothing_else(store: Store, field: str, blank: str) -> None:
    assert BLANKED.keys() == set(fields.FIELDS)
    write(store, *(rows(number, **WHOLE) for number in (1, 50)))
    assert lacking(store) == {}
    where = "id" if blank.startswith("UPDATE title SET") else "title_id"
    store.write_now(lambda db: db.execute_sql(f"{blank} WHERE {where} = 100"))
    assert lacking(store) == {100: fields.mask_of((field,))}
    assert lacking(store, EVERY & ~fields.mask_of((field,))) == {}


def test_series_have_lengths_of_episodes_and_ratings_of_their_own(store: Store) -> None:
    write(store, rows(1, MediaType.TV, **{name: value for name, value in SERIES.items() if name != "runtime"}))
    assert lacking(store) == {}
    store.write_now(lambda db: db.execute_sql("DELETE FROM episode_run_time"))
    store.write_now(lambda db: db.execute_sql("DELETE FROM content_rating"))
    store.write_now(lambda db: db.execute_sql("DELETE FROM title_release"))
    assert lacking(store) == {3: fields.mask_of(("runtime", "certification"))}


def test_what_tmdb_lacks_itself_is_no_gap(store: Store) -> None:
    write(store, rows(1, **{name: value for name, value in WHOLE.items() if name not in ("poster_path", "credits")}))
    assert lacking(store) == {}
    store.write_now(lambda db: db.execute_sql("UPDATE title SET overview = NULL"))
    assert lacking(store) == {2: fields.mask_of(("overview",))}


def test_a_title_stored_before_anybody_looked_counts_as_to_be_had(store: Store) -> None:
    write(store, rows(1, title="Old"))
    store.write_now(lambda db: db.execute_sql("UPDATE title SET unavailable = NULL"))
    assert lacking(store) == {2: EVERY & ~fields.mask_of(("title",))}


def test_what_is_deleted_at_tmdb_cannot_be_mended(store: Store) -> None:
    write(store, rows(1, **WHOLE))
    store.write_now(lambda db: db.execute_sql("UPDATE title SET overview = NULL"))
    store.write_now(
        lambda db: db.execute_sql(
            "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at) "
            "VALUES (2, 'movie', 1, 1, '2026-01-01', 1)"
        )
    )
    assert lacking(store) == {}
