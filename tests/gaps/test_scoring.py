"""Scores: within bounds, growing with both factors, explained by them."""

from datetime import date

import numpy
from hypothesis import given
from hypothesis import strategies as st

from gdvg_desktop.gaps import scoring

TODAY = date(2026, 11, 21)
POPULARITY = st.floats(min_value=0, max_value=5_000, allow_nan=False)
IDS = st.integers(min_value=1, max_value=2_000_000)
MONTHS = st.one_of(
    st.just(0), st.builds(lambda year, month: year * 100 + month, st.integers(1874, 2040), st.integers(1, 12))
)


@given(st.lists(st.tuples(POPULARITY, IDS, MONTHS), min_size=1, max_size=50), st.floats(0, 10_000))
def test_scores_and_factors_stay_in_their_bounds(rows: list[tuple[float, int, int]], highest: float) -> None:
    popularity, ids, months = (numpy.array(column) for column in zip(*rows, strict=True))
    popular = scoring.popularity_factor(popularity, highest)
    recent = scoring.recency(ids.astype(numpy.uint32), months.astype(numpy.int32), int(ids.max()), TODAY)
    score = scoring.score(popular, recent)
    assert ((popular >= 0) & (popular <= 100)).all()
    assert ((recent >= scoring.FLOOR) & (recent <= 1)).all()
    assert ((score >= 0) & (score <= 100)).all()
    assert numpy.allclose(score, popular * recent)


@given(POPULARITY, POPULARITY)
def test_the_more_popular_never_scores_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    factors = scoring.popularity_factor(numpy.array([low, high]), 5_000)
    assert factors[0] <= factors[1]


@given(MONTHS.filter(bool), MONTHS.filter(bool))
def test_the_newer_never_scores_less(one: int, other: int) -> None:
    old, new = sorted((one, other))
    factors = scoring.recency_of_months(numpy.array([old, new], numpy.int32), TODAY)
    assert factors[0] <= factors[1]


def test_the_first_of_the_catalogue_released_today_scores_100() -> None:
    popular = scoring.popularity_factor(numpy.array([812.5]), 812.5)
    recent = scoring.recency_of_months(numpy.array([202611], numpy.int32), TODAY)
    assert scoring.score(popular, recent)[0] == 100


def test_an_unknown_popularity_and_an_empty_catalogue_score_nothing() -> None:
    assert scoring.popularity_factor(numpy.array([numpy.nan, -1.0]), 10).tolist() == [0, 0]
    assert scoring.popularity_factor(numpy.array([5.0]), 0).tolist() == [0]


def test_half_a_life_of_recency_is_gone_after_its_years() -> None:
    age = int(scoring.HALF_LIFE_YEARS)
    factor = scoring.recency_of_months(numpy.array([(2026 - age) * 100 + 11], numpy.int32), TODAY)[0]
    assert abs(factor - (scoring.FLOOR + (1 - scoring.FLOOR) / 2)) < 1e-9


def test_the_newest_id_is_as_recent_as_today() -> None:
    factors = scoring.recency_of_ids(numpy.array([1, 500, 1000], numpy.uint32), 1000)
    assert factors[2] == 1 and factors[0] < factors[1] < factors[2]
