"""Movies and TV series take turns page by page, in the proportion asked for."""

import numpy
from hypothesis import given
from hypothesis import strategies as st

from gdvg_desktop.store.interleave import TURN, interleave

counts = st.integers(0, 700)
shares = st.integers(0, 100)


def sequence(movies: int, series: int, share: int) -> str:
    """The order as a text of m and t."""
    movie_ranks, series_ranks = interleave(movies, series, share)
    letters = ["?"] * (movies + series)
    for rank in movie_ranks:
        letters[rank - 1] = "m"
    for rank in series_ranks:
        letters[rank - 1] = "t"
    return "".join(letters)


@given(counts, counts, shares)
def test_every_title_has_one_place_and_each_type_keeps_its_order(movies: int, series: int, share: int) -> None:
    movie_ranks, series_ranks = interleave(movies, series, share)
    everyone = numpy.sort(numpy.concatenate([movie_ranks, series_ranks]))
    assert everyone.tolist() == list(range(1, movies + series + 1))
    assert (numpy.diff(movie_ranks) > 0).all() and (numpy.diff(series_ranks) > 0).all()


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 99))
def test_while_both_have_pages_the_share_is_kept_to_within_one_page(movies: int, series: int, share: int) -> None:
    order = sequence(movies * TURN, series * TURN, share)
    pages = order[::TURN]
    both = min(pages.rindex("m"), pages.rindex("t"))
    for end in range(1, both + 1):
        assert abs(pages[:end].count("m") - end * share / 100) <= 1


@given(counts, counts, shares)
def test_an_unused_share_flows_over(movies: int, series: int, share: int) -> None:
    order = sequence(movies, series, share)
    assert len(order) == movies + series and "?" not in order


def test_by_halves_the_types_alternate_page_by_page() -> None:
    order = sequence(60, 40, 50)
    assert order == "m" * 20 + "t" * 20 + "m" * 20 + "t" * 20 + "m" * 20


def test_a_share_of_nothing_or_all_puts_one_type_after_the_other() -> None:
    assert sequence(30, 30, 0) == "t" * 30 + "m" * 30
    assert sequence(30, 30, 100) == "m" * 30 + "t" * 30


def test_a_quarter_of_movies_is_one_page_in_four() -> None:
    pages = sequence(200, 600, 25)[::TURN]
    assert pages.count("m") == 10 and all(pages[at : at + 4].count("m") == 1 for at in range(0, 40, 4))
