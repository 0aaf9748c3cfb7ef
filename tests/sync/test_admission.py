"""Titles judged by their own details."""

from datetime import date
from typing import Any

import pytest

from gdvg_desktop.core.kinds import Match, MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.sync.admission import belongs
from gdvg_desktop.tmdb.payloads import decode_title
from tests.support.titles import body

MOVIE, TV = MediaType.MOVIE, MediaType.TV
KOREAN = ScopeRule(countries=("KR", "JP"), year_from=2010, year_to=2020, min_votes=10)
DRAMA = ScopeRule(genres=("Drama", "Crime"), genre_ids=((MOVIE, (18, 80)),), match=Match.ALL)
FIELDS = {
    "origin_country": ["US", "KR"],
    "release_date": "2015-03-01",
    "vote_count": 10,
    "genres": [{"id": 18}, {"id": 80}, {"id": 35}],
    "original_language": "ko",
}


def judged(*rules: ScopeRule, media_type: MediaType = MOVIE, **changes: Any) -> bool:
    details = decode_title(body(5, **(FIELDS | changes)))
    return belongs(Scope(not rules, rules), media_type, details)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"origin_country": ["US"]}, False),
        ({"release_date": "2021-01-01"}, False),
        ({"release_date": ""}, False),
        ({"vote_count": 9}, False),
        ({"adult": True}, False),
        ({"video": True}, False),
    ],
)
def test_every_condition_of_a_rule_counts(changes: dict[str, Any], expected: bool) -> None:
    assert judged(KOREAN, **changes) is expected


def test_a_period_counts_to_the_day() -> None:
    rule = ScopeRule(date_from=date(2015, 3, 1), date_to=date(2016, 2, 29))
    days = {"2015-02-28": False, "2015-03-01": True, "2016-02-29": True, "2016-03-01": False, "": False}
    assert {day: judged(rule, release_date=day) for day in days} == days


def test_genres_all_or_any_and_any_of_the_rules_is_enough() -> None:
    assert judged(DRAMA) and not judged(DRAMA, genres=[{"id": 18}])
    assert judged(ScopeRule(genres=("Drama",), genre_ids=((MOVIE, (18,)),)), genres=[{"id": 18}])
    assert judged(KOREAN, DRAMA, genres=[]) and not judged(DRAMA, media_type=TV)
    assert not judged(ScopeRule(languages=("ja",))) and judged(ScopeRule(languages=("ja", "ko")))


def test_everything_means_everything_but_adult_and_video_entries() -> None:
    assert judged() and not judged(adult=True) and not judged(video=True)
    details = decode_title(body(5, adult=True, video=True))
    assert belongs(Scope(adult=True, video=True), MOVIE, details)
