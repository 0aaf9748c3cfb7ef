"""A filter written as a query is read back as the same filter, whatever facets and chips did to it."""

from hypothesis import given
from hypothesis import strategies as st

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.library import Condition, TitleFilter, parse_query
from gdvg_desktop.ui.models.query_text import (
    has_genre,
    parts,
    set_years,
    toggle_condition,
    toggle_country,
    toggle_genre,
    toggle_type,
    write_query,
)

GENRES = ("Drama", "Sci-Fi & Fantasy", "TV Movie", "Science Fiction")
years = st.none() | st.integers(1900, 2030)
edits = st.one_of(
    st.tuples(st.just(toggle_type), st.sampled_from(MediaType)),
    st.tuples(st.just(toggle_country), st.sampled_from(("KR", "GB", "JP"))),
    st.tuples(st.just(toggle_genre), st.sampled_from(GENRES)),
    st.tuples(st.just(toggle_condition), st.sampled_from([one.value for one in Condition])),
    st.tuples(st.just(set_years), years, years),
)
queries = st.sampled_from(
    (
        "",
        "squid game",
        '"red sea"',
        "무빙 origin:kr",
        "id:603 tt0133093",
        "year:2015.. moon",
        "type:tv type:movie",
        "a:b",
    )
)


def meaning(chosen: TitleFilter) -> object:
    """What a filter finds: types and values in any order and case, years in order."""
    first, last = chosen.year_from, chosen.year_to
    if first is not None and last is not None and first > last:
        first, last = last, first
    return (
        chosen.text,
        set(chosen.media_types),
        set(chosen.countries),
        {name.casefold() for name in chosen.genres},
        (first, last),
        chosen.completeness,
        set(chosen.tmdb_ids),
        set(chosen.imdb_ids),
    )


@given(queries, st.lists(edits, max_size=6))
def test_what_is_written_is_read_back(query: str, changes: list[tuple]) -> None:  # type: ignore[type-arg]
    chosen = parse_query(query)
    for edit, *values in changes:
        chosen = edit(chosen, *values)
        assert meaning(parse_query(write_query(chosen))) == meaning(chosen)


@given(queries, st.lists(edits, max_size=6))
def test_taking_all_parts_away_leaves_the_words(query: str, changes: list[tuple]) -> None:  # type: ignore[type-arg]
    chosen = parse_query(query)
    for edit, *values in changes:
        chosen = edit(chosen, *values)
    while found := parts(chosen):
        chosen = found[0].without
    assert chosen == TitleFilter(text=chosen.text)


def test_one_type_taken_out_leaves_the_other_and_both_are_all() -> None:
    chosen = toggle_type(TitleFilter(), MediaType.MOVIE)
    assert chosen.media_types == (MediaType.TV,)
    assert toggle_type(chosen, MediaType.MOVIE) == TitleFilter()
    assert toggle_type(chosen, MediaType.TV) == TitleFilter()


def test_genres_are_one_whatever_their_case() -> None:
    chosen = parse_query("genre:drama")
    assert has_genre(chosen, "Drama")
    assert toggle_genre(chosen, "Drama").genres == ()
