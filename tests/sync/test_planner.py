"""Windows cover what they should and never overlap; the order follows the stated rule."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.windows import Window
from gdvg_desktop.sync.filters import ImportFilter
from gdvg_desktop.sync.planner import (
    FIRST_DATE,
    SPLIT_ABOVE,
    Candidate,
    first_windows,
    in_fetch_order,
    is_overfull,
    split,
    walk_is_short,
)

TODAY = date(2026, 11, 21)
days = st.dates(date(1900, 1, 1), date(2030, 12, 31))


def matches(window: Window, day: date | None, votes: int, language: str) -> bool:
    """What TMDb would say: whether a title with these values is in the window."""
    if day is None:
        dated = window.undated in ("with", "only")
    else:
        dated = window.undated != "only" and (
            (window.date_from is None or day >= window.date_from) and (window.date_to is None or day <= window.date_to)
        )
    return (
        dated
        and (window.votes_from is None or votes >= window.votes_from)
        and (window.votes_to is None or votes <= window.votes_to)
        and (window.language is None or language == window.language)
    )


@given(first=days, span=st.integers(0, 40_000), day=days, votes=st.integers(0, 10**6), open_end=st.booleans())
def test_parts_of_a_window_hold_a_title_exactly_once(
    first: date, span: int, day: date, votes: int, open_end: bool
) -> None:
    last = None if open_end else min(date(2099, 1, 1), first + timedelta(days=span))
    window = Window(MediaType.MOVIE, first, last)
    parts = split(window, TODAY, ["en", "ko"])
    expected = int(matches(window, day, votes, "ko"))
    assert sum(matches(part, day, votes, "ko") for part in parts) == expected


@given(day=days, votes=st.integers(0, 10**7), language=st.sampled_from(["en", "ko", "xx"]))
def test_splitting_on_and_on_never_loses_a_title_and_ends(day: date, votes: int, language: str) -> None:
    waiting, final = [Window(MediaType.TV, day, day)], []
    for _ in range(200):
        if not waiting:
            break
        window = waiting.pop()
        parts = split(window, TODAY, ["en", "ko", "xx"])
        # walk down only the branch that holds the title: the others are not overfull
        final += [part for part in parts if not matches(part, day, votes, language)]
        waiting += [part for part in parts if matches(part, day, votes, language)]
        if not parts:
            final.append(window)
    assert not waiting
    assert sum(matches(window, day, votes, language) for window in final) == 1


def test_an_undated_series_query_splits_into_dated_and_undated() -> None:
    dated, undated = split(Window(MediaType.TV, undated="with"), TODAY, [])
    assert (dated.undated, undated.undated) == ("without", "only")
    assert matches(undated, None, 0, "en") and not matches(undated, TODAY, 0, "en")


def test_an_undated_movie_query_splits_into_dates_only() -> None:
    assert [part.undated for part in split(Window(MediaType.MOVIE, undated="with"), TODAY, [])] == ["without"]


def test_an_open_window_keeps_its_end_open() -> None:
    early, late = split(Window(MediaType.MOVIE), TODAY, [])
    assert early.date_from is None or early.date_from <= FIRST_DATE
    assert late.date_to is None
    assert early.date_to is not None and late.date_from == early.date_to + timedelta(days=1)


def test_a_single_day_splits_by_votes_and_then_by_language() -> None:
    day = date(2024, 1, 1)
    none, some = split(Window(MediaType.MOVIE, day, day), TODAY, ["en"])
    assert (none.votes_from, none.votes_to) == (0, 0)
    assert (some.votes_from, some.votes_to) == (1, None)
    assert [part.language for part in split(none, TODAY, ["en", "ko"])] == ["en", "ko"]
    assert split(split(none, TODAY, ["en"])[0], TODAY, ["en"]) == []


def test_a_filter_that_fits_needs_one_window_a_type() -> None:
    chosen = ImportFilter(date_from=date(2024, 1, 1), date_to=date(2024, 12, 31))
    assert [(one.media_type, one.undated) for one in first_windows(chosen)] == [
        (MediaType.MOVIE, "without"),
        (MediaType.TV, "without"),
    ]
    assert not is_overfull(SPLIT_ABOVE) and is_overfull(SPLIT_ABOVE + 1)


def test_a_type_without_the_genre_is_not_asked() -> None:
    chosen = ImportFilter(genres=("Kids",), genre_ids=((MediaType.TV, (10762,)),))
    assert [one.media_type for one in first_windows(chosen)] == [MediaType.TV]


def test_a_walk_is_short_when_it_saw_less_than_reported() -> None:
    assert walk_is_short(99, 100)
    assert not walk_is_short(100, 100)


CANDIDATES = [
    Candidate(MediaType.MOVIE, 1, 10.0, "2020-01-01"),
    Candidate(MediaType.MOVIE, 2, 90.0, "2010-01-01"),
    Candidate(MediaType.TV, 2, 50.0, "2024-05-05"),
    Candidate(MediaType.TV, 3, 1.0, None),
]


@pytest.mark.parametrize(
    ("priority", "first", "last"),
    [
        (100, (MediaType.MOVIE, 2), (MediaType.TV, 3)),
        (50, (MediaType.TV, 2), (MediaType.TV, 3)),
        (0, (MediaType.TV, 3), (MediaType.MOVIE, 2)),
    ],
)
def test_priority_orders_by_popularity_or_date(
    priority: int, first: tuple[MediaType, int], last: tuple[MediaType, int]
) -> None:
    order = [(one.media_type, one.tmdb_id) for one in in_fetch_order(CANDIDATES, priority)]
    assert (order[0], order[-1]) == (first, last)


@given(
    st.lists(
        st.builds(
            Candidate,
            st.sampled_from(MediaType),
            st.integers(1, 30),
            st.floats(0, 1000),
            st.none() | days.map(date.isoformat),
        ),
        unique_by=lambda one: (one.media_type, one.tmdb_id),
    ),
    st.integers(0, 100),
)
def test_priority_never_excludes(candidates: list[Candidate], priority: int) -> None:
    order = in_fetch_order(candidates, priority)
    assert len(order) == len(candidates)
    assert set(order) == set(candidates)
