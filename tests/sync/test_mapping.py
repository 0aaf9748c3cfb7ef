"""TMDb's answers become rows: unknown is NULL, everything else as sent, and texts in the user's languages."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdvg_desktop.core.errors import BadAnswer
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.titles import CHILD_TABLES, SHARED_TABLES, TITLE_COLUMNS, TitleRows, write_titles
from gdvg_desktop.sync.mapping import map_title
from gdvg_desktop.tmdb import payloads
from tests.support.titles import body, rows

MOVIE, TV = MediaType.MOVIE, MediaType.TV
RECORDED = Path(__file__).parents[3] / "shared" / "data" / "tmdb"


def value(one: TitleRows, column: str) -> Any:
    return one.title[TITLE_COLUMNS.index(column)]


def child(one: TitleRows, table: str, column: str) -> list[Any]:
    return [row[CHILD_TABLES[table].index(column)] for row in one.children.get(table, ())]


# ------------------------------------------------------------------------------------------- recorded answers


@pytest.fixture
def store(tmp_path: Path) -> Any:
    opened = Store.open(open_paths(tmp_path / "data"), exclusive=True)
    yield opened
    opened.close()


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not here")
def test_every_recorded_answer_is_read_mapped_and_stored(store: Store) -> None:
    read = pages = errors = 0
    for path in sorted(RECORDED.glob("*.json")):
        text = path.read_bytes()
        errors += payloads.decode_error(text) is not None
        try:
            pages += bool(payloads.decode_discover(text).results)
        except BadAnswer:
            assert not path.name.startswith("discover_"), path.name
        for media_type in MediaType:
            try:
                one = map_title(text, media_type, ("en-US",))
            except BadAnswer:
                assert not is_detail(path), path.name
                continue
            read += 1
            store.write_now(lambda db, one=one: write_titles(db, [one], 1, 1))
    assert read > 200
    assert pages > 20
    assert errors >= 3
    assert_nothing_is_empty(store)
    assert store.check() == []


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not here")
def test_every_row_of_a_recorded_movie_arrives() -> None:
    text = (RECORDED / "movie_550_full.krelinga.json").read_bytes()
    sent, one = json.loads(text), map_title(text, MOVIE, ("en-US",))
    assert len(one.children["credit"]) == len(sent["credits"]["cast"]) + len(sent["credits"]["crew"])
    assert len(one.children["image"]) == sum(len(sent["images"][kind]) for kind in ("backdrops", "logos", "posters"))
    assert child(one, "title_keyword", "keyword_id") == [word["id"] for word in sent["keywords"]["keywords"]]
    releases = [day for country in sent["release_dates"]["results"] for day in country["release_dates"]]
    assert child(one, "title_release", "release_date") == [day["release_date"][:10] for day in releases]
    assert (value(one, "budget"), value(one, "overview")) == (sent["budget"], sent["overview"])


def is_detail(path: Path) -> bool:
    """Recorded details are named `movie_ID.source` or `tv_ID.source`."""
    kind, _, rest = path.name.partition("_")
    return kind in ("movie", "tv") and rest.partition(".")[0].isdigit()


def assert_nothing_is_empty(store: Store) -> None:
    """No "" anywhere, and no 0 where TMDb means unknown by it."""
    unknown = {"popularity", "vote_average", "vote_count", "runtime", "budget", "revenue", "gender"}

    def look(db: Any) -> None:
        for table in ("title", "episode", *CHILD_TABLES, *SHARED_TABLES):
            for row in db.execute_sql(f"PRAGMA table_info({table})").fetchall():
                empty = f"SELECT count(*) FROM {table} WHERE {row[1]} = ''"
                assert db.execute_sql(empty).fetchone() == (0,), (table, row[1])
                if row[1] in unknown:
                    zero = f"SELECT count(*) FROM {table} WHERE {row[1]} = 0"
                    assert db.execute_sql(zero).fetchone() == (0,), (table, row[1])

    store.read_now(look)


# ------------------------------------------------------------------------------------------------- plain values


def test_unknown_is_null_and_everything_else_is_as_sent() -> None:
    one = rows(
        5, title="  A title ", original_title="A\u0308", overview="", tagline="", homepage="", release_date="",
        status="Some new status", runtime=0, budget=0, revenue=0, popularity=0.0, vote_average=0.0, vote_count=0,
        imdb_id=None, poster_path=None, adult=False, video=False,
    )  # fmt: skip
    assert value(one, "title") == "  A title "
    assert value(one, "original_title") == "A\u0308"  # not composed
    assert value(one, "status") == "Some new status"
    for column in ("overview", "tagline", "homepage", "release_date", "runtime", "budget", "revenue", "popularity",
                   "vote_average", "vote_count", "imdb_id", "poster_path", "collection_id"):  # fmt: skip
        assert value(one, column) is None, column
    assert (value(one, "adult"), value(one, "video")) == (False, False)


def test_a_bare_id_is_enough() -> None:
    for media_type in MediaType:
        one = rows(5, media_type)
        assert (one.title_id, one.label) == (10 + (media_type is TV), f"{media_type.value}/5")
        assert (one.children, one.episodes, value(one, "completeness")) == ({}, [], 0)


def test_keywords_titles_and_dates_are_found_where_each_type_has_them() -> None:
    movie = rows(5, MOVIE, title="A", release_date="1999-10-15", keywords={"keywords": [{"id": 1, "name": "k"}]},
                 alternative_titles={"titles": [{"iso_3166_1": "DE", "title": "B", "type": ""}]})  # fmt: skip
    tv = rows(5, TV, title="A", release_date="1999-10-15", keywords={"results": [{"id": 1, "name": "k"}]},
              alternative_titles={"results": [{"iso_3166_1": "DE", "title": "B", "type": ""}]})  # fmt: skip
    for one in (movie, tv):
        assert one.label == "A (1999)"
        assert child(one, "title_keyword", "keyword_id") == [1]
        assert one.children["alternative_title"] == [(one.title_id, 0, "DE", "B", None)]
        assert value(one, "release_date") == "1999-10-15"


def test_aggregate_credits_become_one_row_a_role() -> None:
    roles = [{"credit_id": "x", "character": "B", "episode_count": 4}, {"credit_id": "y", "character": ""}]
    cast = {"id": 1, "name": "A", "order": 0, "total_episode_count": 9, "roles": roles}
    crew = {"id": 1, "name": "A", "department": "Directing", "jobs": [{"credit_id": "z", "job": "Director"}]}
    one = rows(
        5,
        TV,
        credits={"cast": [{"id": 7, "name": "Only this season"}]},
        aggregate_credits={"cast": [cast, {"id": None, "name": "no id"}], "crew": [crew]},
        created_by=[{"id": 2, "name": "C", "credit_id": "w"}],
    )
    columns = ("kind", "person_id", "credit_id", "character", "job", "episode_count")
    found = list(zip(*(child(one, "credit", column) for column in columns), strict=True))
    assert found == [
        ("cast", 1, "x", "B", None, 4),
        ("cast", 1, "y", None, None, None),
        ("crew", 1, "z", None, "Director", None),
        ("creator", 2, "w", None, None, None),
    ]
    assert child(one, "credit", "position") == [0, 1, 2, 3]


def test_external_ids_are_rows_whatever_their_names() -> None:
    one = rows(5, TV, external_ids={"id": 5, "imdb_id": "tt1", "tvdb_id": 81189, "freebase_mid": "/m/0", "tvrage_id": 0,
                                    "facebook_id": "", "new_id": "n", "odd": {"x": 1}, "flag_id": True})  # fmt: skip
    pairs = {(row[1], row[2]) for row in one.children["external_id"]}
    assert pairs == {("imdb", "tt1"), ("tvdb", "81189"), ("freebase_mid", "/m/0"), ("new", "n")}
    assert value(one, "imdb_id") == "tt1"  # series have it only here


def test_releases_ratings_and_offers() -> None:
    release = {"certification": "15", "descriptors": ["Violence", ""], "iso_639_1": "", "note": "Cut", "type": 3,
               "release_date": "1999-10-15T00:00:00.000Z"}  # fmt: skip
    one = rows(
        5,
        release_dates={"results": [{"iso_3166_1": "KR", "release_dates": [release, {**release, "release_date": ""}]}]},
        content_ratings={"results": [{"iso_3166_1": "KR", "rating": "19", "descriptors": ["Fear"]}]},
        **{"watch/providers": {"results": {
            "KR": {"link": "https://x", "flatrate": [{"provider_id": 8, "provider_name": "N", "display_priority": 0}]},
            "US": None,
            "AT": {"link": "", "buy": [{"provider_id": None}]},
        }}},
    )  # fmt: skip
    assert child(one, "title_release", "release_date") == ["1999-10-15", None]
    assert one.children["release_descriptor"] == [(10, 0, 0, "Violence"), (10, 1, 0, "Violence")]
    assert one.children["rating_descriptor"] == [(10, 0, 0, "Fear")]
    assert one.children["watch_offer"] == [(10, 0, "KR", "flatrate", 8, 0)]
    assert one.children["watch_link"] == [(10, "KR", "https://x")]


def test_images_videos_seasons_and_episodes() -> None:
    image = {"file_path": "/a.jpg", "iso_639_1": None, "width": 10, "height": 0, "vote_average": 0, "vote_count": 3}
    video = {"id": "v", "published_at": "2015-05-12T17:00:00.000Z", "official": True, "site": "YouTube", "key": "k"}
    one = rows(
        5,
        TV,
        images={"posters": [image, {"file_path": None}], "backdrops": [image], "logos": []},
        videos={"results": [video, {**video, "published_at": "last spring"}]},
        seasons=[{"id": 1, "season_number": 0, "air_date": "", "vote_average": 0.0}, {"id": 2, "season_number": None}],
        last_episode_to_air={"id": 9, "season_number": 1, "episode_number": 2, "runtime": 0},
        next_episode_to_air={"id": None, "name": "no id"},
    )
    assert child(one, "image", "kind") == ["backdrop", "poster"]
    assert child(one, "image", "height") == [None, None]
    assert child(one, "video", "published_at") == [1431450000000, None]
    assert one.children["season"] == [(11, 0, 1, None, None, None, None, None, None)]
    assert [row[0] for row in one.episodes] == [9]
    assert (value(one, "last_episode_id"), value(one, "next_episode_id")) == (9, None)


def test_what_is_no_answer_for_a_title_is_refused() -> None:
    for text in (b"[]", b"", b'{"success": false}', b'{"id": "x"}'):
        with pytest.raises(BadAnswer):
            map_title(text, MOVIE, ("en-US",))


# ---------------------------------------------------------------------------------------------------- languages


def translation(language: str, country: str, **data: str) -> dict[str, Any]:
    return {"iso_639_1": language, "iso_3166_1": country, "name": "", "english_name": "", "data": data}


def korean(**fields: Any) -> dict[str, Any]:
    return {"title": "기생충", "original_title": "기생충", "original_language": "ko", "overview": "", **fields}


def texts(one: TitleRows) -> tuple[Any, ...]:
    return tuple(value(one, name) for name in ("title", "title_language", "overview", "overview_language"))


GERMAN = translation("de", "DE", title="Parasit", overview="Eine Familie.", tagline="Ha.")
BRITISH = translation("en", "GB", title="Parasite UK", overview="A family.")
ORIGINAL = translation("ko", "KR", title="", overview="가족.")


@pytest.mark.parametrize(
    ("languages", "sent", "expected"),
    [
        (("en-US",), {"title": "Parasite", "overview": "Text."}, ("Parasite", "en-US", "Text.", "en-US")),
        (("fr-FR", "de-DE"), {}, ("Parasit", "de-DE", "Eine Familie.", "de-DE")),
        (("fr-FR", "en-US", "de-DE"), {}, ("Parasite UK", "en-GB", "A family.", "en-GB")),
        (("fr-FR",), {}, ("기생충", "ko", "가족.", "ko-KR")),
        (("ko-KR", "de-DE"), {}, ("기생충", "ko", "Eine Familie.", "de-DE")),
        (("fr-FR", "de-DE"), {"title": "Le Parasite"}, ("Le Parasite", "fr-FR", "Eine Familie.", "de-DE")),
        ((), {"title": "Parasite"}, ("Parasite", "en-US", "가족.", "ko-KR")),
    ],
)
def test_a_missing_text_is_taken_from_the_next_language(
    languages: tuple[str, ...], sent: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    found = {"translations": [GERMAN, BRITISH, ORIGINAL]}
    assert texts(rows(5, languages=languages, **korean(translations=found, **sent))) == expected


def test_each_field_falls_back_by_itself() -> None:
    found = {"translations": [GERMAN]}
    one = rows(5, languages=("en-US", "de-DE"), **korean(title="Parasite", translations=found))
    assert (value(one, "title"), value(one, "tagline"), value(one, "language")) == ("Parasite", "Ha.", "en-US")


def test_without_any_text_there_is_none() -> None:
    assert texts(rows(5, title="", overview="")) == (None, None, None, None)
    assert texts(rows(5, title="", original_title="A", original_language="")) == ("A", None, None, None)


def test_every_form_of_the_title_is_searched() -> None:
    found = {"translations": [GERMAN, BRITISH, ORIGINAL]}
    one = rows(5, **korean(translations=found, alternative_titles={"titles": [{"title": "Gisaengchung"}]}))
    assert one.search_text.split(" \ue000 ") == ["parasite uk", "기 생 충", "parasit", "gisaengchung"]


# --------------------------------------------------------------------------------------------------------- hash


def full(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "title": "A",
        "popularity": 1.0,
        "vote_average": 5.0,
        "vote_count": 10,
        "genres": [{"id": 1, "name": "X"}, {"id": 2, "name": "Y"}],
        "credits": {"cast": [{"id": 1, "name": "P", "character": "C", "popularity": 1.0}, {"id": 2, "name": "Q"}]},
        "images": {"posters": [{"file_path": "/1.jpg", "vote_average": 5.0}, {"file_path": "/2.jpg"}]},
        "release_dates": {
            "results": [{"iso_3166_1": c, "release_dates": [{"descriptors": [c]}]} for c in ("AT", "DE")]
        },
    }
    return made | changes


def test_the_hash_ignores_what_drifts_and_the_order_of_lists() -> None:
    drifted = full(
        popularity=9.0,
        vote_average=6.0,
        vote_count=99,
        genres=full()["genres"][::-1],
        credits={"cast": [full()["credits"]["cast"][1], {**full()["credits"]["cast"][0], "popularity": 7.0}]},
        images={"posters": [{"file_path": "/2.jpg", "vote_count": 1}, {"file_path": "/1.jpg", "vote_average": 4.0}]},
        release_dates={"results": full()["release_dates"]["results"][::-1]},
    )
    assert rows(5, **full()).content_hash == rows(5, **drifted).content_hash


@pytest.mark.parametrize(
    "change",
    [
        {"title": "B"},
        {"genres": [{"id": 1, "name": "X"}]},
        {"credits": {"cast": [{"id": 1, "name": "P", "character": "Other"}, {"id": 2, "name": "Q"}]}},
        {"images": {"posters": [{"file_path": "/1.jpg"}, {"file_path": "/3.jpg"}]}},
        {"tagline": "New"},
        {"last_episode_to_air": {"id": 4}},
    ],
)
def test_the_hash_sees_what_a_title_says(change: dict[str, Any]) -> None:
    assert rows(5, **full()).content_hash != rows(5, **full(**change)).content_hash


def test_the_hash_is_the_same_in_every_process() -> None:
    script = (
        "import sys; from gdvg_desktop.core.kinds import MediaType; from gdvg_desktop.sync.mapping import map_title; "
        "print(map_title(sys.stdin.buffer.read(), MediaType.MOVIE, ('en-US',)).content_hash.hex())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=body(5, **full()),
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {rows(5, **full()).content_hash.hex().encode()}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(payloads.TitleDetails.__struct_fields__),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["id", "results", "cast", "name", "order", "KR", "roles"]), inner)
            ),
            max_leaves=8,
        ),
        max_size=6,
    )
)
def test_any_answer_with_an_id_becomes_rows_of_the_right_shape(fields: dict[str, Any]) -> None:
    text = json.dumps({**fields, "id": 5}).encode()
    for media_type in MediaType:
        one = map_title(text, media_type, ("en-US", "de"))
        assert len(one.title) == len(TITLE_COLUMNS)
        for table, some in one.children.items():
            assert {len(row) for row in some} == {len(CHILD_TABLES[table])}
        for table, some in one.shared.items():
            assert {len(row) for row in some} <= {len(SHARED_TABLES[table])}
