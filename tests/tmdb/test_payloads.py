"""TMDb's answers are read whatever is odd about them, and refused only when they are not answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdvg_desktop.core.errors import BadAnswer
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.tmdb import payloads
from gdvg_desktop.tmdb.payloads import TitleDetails, decode_discover, decode_error, decode_title, whole_title

MOVIE, TV = MediaType.MOVIE, MediaType.TV
NOT_WHOLE = [b"", b"<html></html>", b'{"id": 5', b"\xff\xfe", b"[" * 100_000, b"null null"]
NOT_A_TITLE = [b"null", b"[]", b"5", b"{}", b'{"id": null}', b'{"id": 0}', b'{"id": -3}', b'{"success": false}']


def title(**fields: Any) -> TitleDetails:
    return decode_title(json.dumps({"id": 5, **fields}).encode())


@pytest.mark.parametrize("body", NOT_WHOLE + NOT_A_TITLE)
def test_what_is_no_title_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode_title(body)
    with pytest.raises(BadAnswer):
        whole_title(body, MOVIE, 5)


@pytest.mark.parametrize("body", [b'{"id": 5, "title": ""}', b'{"id": "5", "title": null, "original_title": "A"}'])
def test_the_title_that_was_asked_for_passes_unchanged(body: bytes) -> None:
    assert whole_title(body, MOVIE, 5) is body


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (MOVIE, b'{"id": 6, "title": "Another"}'),
        (MOVIE, b'{"id": 5, "cast": [], "crew": []}'),
        (MOVIE, b'{"id": 5, "title": null}'),
        (MOVIE, b'{"id": 5, "name": "A series"}'),
        (TV, b'{"id": 5, "title": "A movie"}'),
    ],
)
def test_anything_but_the_details_of_the_title_asked_for_is_refused(media_type: MediaType, body: bytes) -> None:
    with pytest.raises(BadAnswer):
        whole_title(body, media_type, 5)


@pytest.mark.parametrize("field", [b"title", b"of_no_use_to_us"])
def test_bytes_that_are_no_text_are_refused_wherever_they_are(field: bytes) -> None:
    body = b'{"id": 5, "title": "A", "original_title": "B", "' + field + b'": "\xff\xfe"}'
    with pytest.raises(BadAnswer):
        whole_title(body, MOVIE, 5)


@pytest.mark.parametrize("body", [b'{"id": 5, "title": "\xff\xfe"}', b'{"id": 5, "budget": ' + b"9" * 5000 + b"}"])
def test_what_no_decoder_can_read_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode_title(body)


@pytest.mark.parametrize("odd", [0, -1, 2**31, 2**33, 2**62])
def test_ids_that_cannot_be_are_left_out_of_every_list(odd: int) -> None:
    rows = [{"id": odd, "name": "x"}, {"id": 2**31 - 1, "name": "y"}]
    found = payloads.decode_find(json.dumps({"movie_results": rows, "tv_results": rows}).encode())
    kept = [
        payloads.decode_genres(json.dumps({"genres": rows}).encode()),
        decode_discover(json.dumps({"results": rows, "total_pages": 1, "total_results": 2}).encode()).results,
        found.movie_results or [],
        found.tv_results or [],
    ]
    assert [[row.id for row in some] for some in kept] == [[2**31 - 1]] * 4


@pytest.mark.parametrize(
    ("field", "odd", "read"),
    [
        ("popularity", "12.5", 12.5),
        ("popularity", "much", None),
        ("popularity", True, None),
        ("runtime", "90", 90),
        ("runtime", 90.0, 90),
        ("runtime", 90.5, None),
        ("runtime", 2**63, None),
        ("runtime", -(2**63), -(2**63)),
        ("budget", 10**400, None),
        ("adult", "yes", None),
        ("title", 5, None),
        ("title", ["x"], None),
        ("genres", {}, None),
        ("genres", [None, 5, {"id": 1}], [payloads.Genre(1, None)]),
        ("credits", [], None),
        ("origin_country", ["KR", None, 5], ["KR"]),
        ("episode_run_time", [60, None, "45"], [60, 45]),
        ("external_ids", "none", None),
    ],
)
def test_an_odd_value_is_read_as_far_as_it_means_something(field: str, odd: Any, read: Any) -> None:
    found = title(**{field: odd, "status": "Released"})
    assert getattr(found, field) == read
    assert found.status == "Released"  # nothing else is lost with it


def test_numbers_and_text_json_allows_and_sqlite_does_not() -> None:
    found = decode_title(b'{"id": 5, "popularity": 1e999, "title": "a\\ud800b", "overview": "\\ud83d\\ude00"}')
    assert found.popularity is None
    assert found.title is not None
    assert found.title.encode().startswith(b"a")
    assert found.overview == "\N{GRINNING FACE}"


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*TitleDetails.__struct_fields__, "results", "cast", "id"]), inner, max_size=4
            )
        ),
        max_leaves=15,
    )
)
def test_any_json_is_read_or_refused(value: Any) -> None:
    for text in (
        json.dumps(value),
        json.dumps({"id": 5, "credits": value, "images": {"posters": value}, "title": value}),
    ):
        for decode in (decode_title, decode_discover, decode_error, payloads.decode_changes, payloads.decode_genres):
            try:
                decode(text.encode())
            except BadAnswer:
                continue


def page(**fields: Any) -> bytes:
    return json.dumps({"page": 1, "results": [], "total_pages": 0, "total_results": 0, **fields}).encode()


def test_a_page_of_discover_is_read() -> None:
    rows = [
        {"id": 1, "title": "A", "release_date": "2020-01-01", "popularity": 2.5},
        {"id": 2, "name": "B", "original_name": "C", "first_air_date": ""},
        {"id": None, "title": "no id"},
        {"id": 3, "original_title": "D", "release_date": "soon"},
    ]
    found = decode_discover(page(results=rows, total_pages=38_020, total_results=760_385))
    assert [(row.id, row.label, row.original, row.date) for row in found.results] == [
        (1, "A", None, "2020-01-01"),
        (2, "B", "C", None),
        (3, "D", "D", None),
    ]
    assert (found.page, found.total_pages, found.total_results) == (1, 38_020, 760_385)


@pytest.mark.parametrize(
    "body", [*NOT_WHOLE, *NOT_A_TITLE, page(results=None), page(total_pages=None), page(total_results="many")]
)
def test_a_page_without_a_list_or_totals_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode_discover(body)


def test_error_bodies_are_told_from_everything_else() -> None:
    known = decode_error(b'{"success": false, "status_code": 7, "status_message": "Invalid API key"}')
    assert known is not None
    assert (known.status_code, known.status_message) == (7, "Invalid API key")
    old = decode_error(b'{"errors": ["page must be less than or equal to 500"]}')
    assert old is not None
    assert old.errors == ["page must be less than or equal to 500"]
    assert (known.words, old.words) == ("Invalid API key", "page must be less than or equal to 500")
    assert decode_error(b"<html>502</html>") is None
    assert decode_error(b'{"results": []}') is None
    assert decode_error(b"") is None


@pytest.mark.parametrize(
    ("decode", "good", "count", "bad"),
    [
        (payloads.decode_genres, b'{"genres": [{"id": 1, "name": "A"}, {"id": null}]}', 1, b'{"genres": []}'),
        (payloads.decode_countries, b'[{"iso_3166_1": "KR"}, {"iso_3166_1": ""}]', 1, b"{}"),
        (payloads.decode_languages, b'[{"iso_639_1": "xx", "name": ""}]', 1, b"[]"),
    ],
)
def test_lists_are_read_and_empty_ones_refused(
    decode: Callable[[bytes], list[Any]], good: bytes, count: int, bad: bytes
) -> None:
    assert len(decode(good)) == count
    with pytest.raises(BadAnswer):
        decode(bad)


@pytest.mark.parametrize(
    ("text", "date"),
    [("2024-02-29", "2024-02-29"), ("2023-02-29", None), ("", None), (None, None), ("2024-1-1", None),
     ("2024-W01-1", None), ("20240101", None), ("0000-00-00", None), ("2024-01-01T00", None)],
)  # fmt: skip
def test_only_days_of_the_calendar_are_dates(text: str | None, date: str | None) -> None:
    assert payloads.valid_date(text) == date
