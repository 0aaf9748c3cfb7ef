"""docs/database.md is true: its queries run and find what they say, its tables and columns exist."""

import re
from pathlib import Path

import pytest

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.db import Store
from tests.support.titles import fetch, rows, write

TEXT = (Path(__file__).parents[2] / "docs" / "database.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", TEXT, flags=re.DOTALL)
TABLES = set(re.findall(r"^\| ((?:`\w+`(?:, | → )?)+) \|", TEXT, flags=re.MULTILINE))


@pytest.fixture
def filled(store: Store) -> Store:
    """Two titles that every query of the document finds something of."""
    bong = {"id": 21684, "name": "Bong Joon Ho", "job": "Director", "credit_id": "a"}
    song = {"id": 20738, "name": "Song Kang-ho", "character": "Kim Ki-taek", "order": 0}
    stream = {"provider_id": 8, "provider_name": "Somewhere"}
    common = {"vote_count": 500, "vote_average": 8.5, "origin_country": ["KR"], "genres": [{"id": 18, "name": "Drama"}]}
    write(
        store,
        rows(
            496243,
            title="Parasite",
            original_title="기생충",
            release_date="2019-05-30",
            credits={"cast": [song], "crew": [bong]},
            external_ids={"imdb_id": "tt6751668"},
            **common,
            **{"watch/providers": {"results": {"AT": {"flatrate": [stream]}}}},
        ),
        rows(127529, MediaType.TV, title="Moving", release_date="2023-08-09", **common),
    )
    return store


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: " ".join(query.split())[:50])
def test_a_query_of_the_document_finds_something(filled: Store, query: str) -> None:
    assert fetch(filled, query)


def test_there_are_queries() -> None:
    assert len(QUERIES) >= 8


def test_every_table_is_explained_and_every_explained_table_exists(store: Store) -> None:
    made = set(fetch(store, "SELECT name FROM sqlite_schema WHERE type = 'table'"))
    made = {name for name in made if not name.startswith(("sqlite_", "title_fts"))}
    named = set(re.findall(r"`(\w+)`", TEXT))
    assert made <= named
    listed = {name for cell in TABLES for name in re.findall(r"`(\w+)`", cell)}
    columns = {row[1] for row in fetch(store, "PRAGMA table_info(title)")}
    assert listed <= made | columns


def test_every_column_of_a_title_is_explained_or_means_its_name(store: Store) -> None:
    plain = {"id", "media_type", "tmdb_id", "adult", "softcore", "video", "imdb_id", "poster_path", "backdrop_path"}
    named = set(re.findall(r"`(\w+)`", TEXT))
    assert {row[1] for row in fetch(store, "PRAGMA table_info(title)")} - plain <= named
