"""The query language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.query import TitleFilter, parse_query


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", TitleFilter()),
        ("squid game", TitleFilter(text="squid game")),
        ('moving "red sea"', TitleFilter(text='moving "red sea"')),
        ("origin:kr year:2015..2026", TitleFilter(countries=("KR",), year_from=2015, year_to=2026)),
        ("ORIGIN:UK country:gb", TitleFilter(countries=("GB",))),
        ("type:series type:Movies", TitleFilter(media_types=(MediaType.TV, MediaType.MOVIE))),
        ('genre:"Sci-Fi & Fantasy" genre:drama', TitleFilter(genres=("Sci-Fi & Fantasy", "drama"))),
        ("genre:science_fiction", TitleFilter(genres=("science fiction",))),
        ("year:2024", TitleFilter(year_from=2024, year_to=2024)),
        ("year:2024..", TitleFilter(year_from=2024)),
        ("year:..1999", TitleFilter(year_to=1999)),
        ("year:2020..2010", TitleFilter(year_from=2010, year_to=2020)),
        ("id:603 tt0133093", TitleFilter(tmdb_ids=(603,), imdb_ids=("tt0133093",))),
        ("is:no_poster", TitleFilter(completeness="no_poster")),
    ],
)
def test_keys_are_read(text: str, expected: TitleFilter) -> None:
    assert parse_query(text) == expected


@pytest.mark.parametrize("text", ["year:soon", "year:", "origin:korea", "foo:bar", "id:x", "is:nice", "type:", "12:30"])
def test_what_is_no_key_is_searched_as_words(text: str) -> None:
    assert parse_query(text) == TitleFilter(text=text)


@pytest.mark.parametrize(
    ("text", "words", "open_ended"),
    [("a b", ["a", "b"], True), ('"a b"', ["a b"], False), ('c "a b', ["c", "a b"], True), ('""', [], False)],
)
def test_quoted_words_belong_together(text: str, words: list[str], open_ended: bool) -> None:
    found = parse_query(text)
    assert (found.words, found.open_ended) == (words, open_ended)


@given(st.text(max_size=50))
def test_any_text_is_a_query(text: str) -> None:
    found = parse_query(text)
    assert all(found.words)


@given(st.lists(st.sampled_from(["origin:kr", "type:tv", "genre:drama", "year:1999", "id:5", "word", '"two words"'])))
def test_order_of_keys_does_not_matter(parts: list[str]) -> None:
    keys = sorted(part for part in parts if ":" in part)
    words = [part for part in parts if ":" not in part]
    assert parse_query(" ".join(parts)) == parse_query(" ".join((*keys, *words)))
