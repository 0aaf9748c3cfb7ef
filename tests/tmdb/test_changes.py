"""Requests for change lists and for ids of other sites, and the answers read."""

from datetime import date

import pytest

from gdvg_desktop.core.errors import BadAnswer
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.tmdb.changes import changes, changes_of_day
from gdvg_desktop.tmdb.find import find_imdb
from gdvg_desktop.tmdb.payloads import decode_changes, decode_find
from gdvg_desktop.tmdb.requests import Request


def test_a_day_is_a_window_to_the_next() -> None:
    assert changes_of_day(MediaType.TV, date(2026, 12, 31), 3) == Request(
        "/tv/changes", {"start_date": "2026-12-31", "end_date": "2027-01-01", "page": "3"}, "changes"
    )


@pytest.mark.parametrize("end", [date(2026, 11, 1), date(2026, 10, 31), date(2026, 11, 16)])
def test_a_window_is_one_to_fourteen_days(end: date) -> None:
    assert changes(MediaType.MOVIE, date(2026, 11, 1), date(2026, 11, 15), 1).params["end_date"] == "2026-11-15"
    with pytest.raises(ValueError, match="14 days"):
        changes(MediaType.MOVIE, date(2026, 11, 1), end, 1)


def test_null_ids_are_dropped_and_null_adult_is_kept() -> None:
    body = b'{"results":[{"id":null,"adult":null},{"id":7,"adult":null},{"id":8,"adult":true,"softcore":false}],'
    body += b'"total_pages":1}'
    found = decode_changes(body + b" ")
    assert [(row.id, row.adult) for row in found.results or ()] == [(7, None), (8, True)]


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"page":1,"total_pages":1}',
        b'{"page":1,"total_pages":1,"results":null}',
        b'{"page":1,"results":[{"id":7}]}',  # how many pages follow is not known
        b'{"page":3,"total_pages":9,"results":[]}',  # an empty page in the middle
        b'{"total_pages":9,"results":[]}',
    ],
)
def test_an_answer_that_would_close_a_day_unread_is_none(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode_changes(body)


def test_a_day_on_which_nothing_changed_is_an_answer() -> None:
    for pages in (b"0", b"1"):
        assert decode_changes(b'{"page":1,"total_pages":' + pages + b',"results":[]}').results == []


def test_an_imdb_id_is_found_among_movies_and_series() -> None:
    assert find_imdb("tt0137523").target() == "/find/tt0137523?external_source=imdb_id"
    found = decode_find(b'{"movie_results":[{"id":550,"title":"x"}],"person_results":[],"tv_results":[{"id":null}]}')
    assert [row.id for row in found.movie_results or ()] == [550]
    with pytest.raises(BadAnswer):
        decode_find(b'{"movie_results":[]}')
