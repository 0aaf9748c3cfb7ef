"""What answers mean: every status and code TMDb documents, odd shapes, and answers that are not TMDb's."""

import json
from pathlib import Path

import pytest

from gdvg_desktop.core.errors import (
    BadAnswer,
    BadRequest,
    ConnectionTrouble,
    CredentialError,
    GdvgError,
    Gone,
    Intercepted,
    RateLimited,
    ServerTrouble,
)
from gdvg_desktop.tmdb.answers import check_json, usable_body
from gdvg_desktop.tmdb.transport import Answer

NOW = 1_795_000_000.0
RECORDED = Path(__file__).parents[3] / "shared" / "data" / "tmdb"
HTML = b"<html><body>Please log in</body></html>"


def read(status: int, body: bytes, kind: str = "application/json", retry_after: str | None = None) -> bytes:
    return usable_body(Answer(status, kind, retry_after, body), NOW)


def said(code: int, message: str = "Words.") -> bytes:
    return json.dumps({"success": False, "status_code": code, "status_message": message}).encode()


CODES: dict[int, tuple[int, type[GdvgError]]] = {
    2: (501, BadRequest),
    3: (401, CredentialError),
    4: (405, BadRequest),
    5: (422, BadRequest),
    6: (404, Gone),
    7: (401, CredentialError),
    8: (403, CredentialError),
    9: (503, ServerTrouble),
    10: (401, CredentialError),
    11: (500, ServerTrouble),
    14: (401, CredentialError),
    15: (500, ServerTrouble),
    16: (401, CredentialError),
    17: (401, CredentialError),
    18: (400, BadRequest),
    19: (406, BadRequest),
    20: (422, BadRequest),
    22: (400, BadRequest),
    23: (400, BadRequest),
    24: (504, ServerTrouble),
    25: (429, RateLimited),
    26: (400, BadRequest),
    27: (400, BadRequest),
    28: (400, BadRequest),
    29: (400, BadRequest),
    30: (401, CredentialError),
    31: (401, CredentialError),
    32: (401, CredentialError),
    33: (401, CredentialError),
    34: (404, Gone),
    35: (401, CredentialError),
    36: (401, CredentialError),
    37: (404, Gone),
    38: (401, CredentialError),
    39: (401, CredentialError),
    41: (422, BadRequest),
    42: (405, BadRequest),
    43: (502, ServerTrouble),
    44: (500, ServerTrouble),
    45: (403, CredentialError),
    46: (503, ServerTrouble),
    47: (400, BadRequest),
}


@pytest.mark.parametrize("code", CODES)
def test_every_documented_code_has_its_reaction(code: int) -> None:
    status, error = CODES[code]
    with pytest.raises(error) as caught:
        read(status, said(code))
    assert type(caught.value) is error


@pytest.mark.parametrize("kind", ["application/json", "application/json;charset=utf-8", "text/plain"])
def test_a_200_with_json_is_the_body_as_it_came(kind: str) -> None:
    assert read(200, b' {"id": 1}', kind) == b' {"id": 1}'
    assert read(200, b'{"success":true,"status_code":1,"status_message":"Success."}', kind)


@pytest.mark.parametrize(
    ("status", "body", "kind", "error"),
    [
        (200, HTML, "text/html", Intercepted),
        (200, HTML, "application/json", Intercepted),
        (200, b'{"id": 1}', "text/html", Intercepted),
        (200, b"", "application/json", BadAnswer),
        (200, b"OK", "text/plain", BadAnswer),
        (204, b"", "", BadAnswer),
        (302, b"", "", Intercepted),
        (401, b'{"error": "no key"}', "text/plain", CredentialError),
        (401, HTML, "text/html", Intercepted),
        (401, b"Please log in", "text/plain", Intercepted),
        (401, b"", "", Intercepted),
        (403, HTML, "text/html", Intercepted),
        (403, b"", "", Intercepted),
        (404, HTML, "text/html", Intercepted),
        (404, b"", "", BadAnswer),
        (404, b'{"error": "nothing here"}', "application/json", BadAnswer),
        (404, said(18), "application/json", BadAnswer),
        (404, b'{"errors": ["no such page"]}', "application/json", BadAnswer),
        (404, b'{"a": ' + b"[" * 100_000, "application/json", BadAnswer),
        (407, b"", "", ConnectionTrouble),
        (408, b"", "", ConnectionTrouble),
        (422, b'{"errors":["page must be less than or equal to 500"]}', "application/json", BadRequest),
        (400, b"", "", BadRequest),
        (500, b"", "", ServerTrouble),
        (502, b"<html>Bad gateway</html>", "text/html", ServerTrouble),
        (503, said(9)[:20], "application/json", ServerTrouble),
        (504, b'{"status_message": "no code"}', "application/json", ServerTrouble),
        (520, b"", "text/html", ServerTrouble),
    ],
)
def test_answers_that_are_not_as_they_should_be(status: int, body: bytes, kind: str, error: type[GdvgError]) -> None:
    with pytest.raises(error) as caught:
        read(status, body, kind)
    assert type(caught.value) is error
    assert caught.value.message


@pytest.mark.parametrize(
    "odd",
    [
        b'"status_message": "\\ud800"',
        b'"status_message": ["gone"]',
        b'"status_message": "x", "errors": {}',
        b'"success": "false"',
    ],
)
@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf"])
def test_an_error_with_an_odd_field_is_still_that_error(begin: bytes, odd: bytes) -> None:
    with pytest.raises(Gone):
        read(404, begin + b'{"status_code": "34", ' + odd + b"}")


@pytest.mark.parametrize(
    ("code", "error"), [(25, RateLimited), (7, CredentialError), (43, ServerTrouble), (34, ServerTrouble)]
)
def test_an_error_of_tmdbs_in_a_200_is_an_error(code: int, error: type[GdvgError]) -> None:
    with pytest.raises(error):
        read(200, said(code))


def test_interception_is_named_and_counts_for_the_connection() -> None:
    with pytest.raises(Intercepted, match="Something between us and TMDb answered") as caught:
        read(403, HTML, "text/html")
    assert caught.value.connection_level


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("7", 7.0),
        ("Fri, 20 Nov 2020 00:00:30 GMT", None),
        ("soon", None),
        ("-3", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", None),
    ],
)
def test_retry_after_is_read_in_every_form(header: str | None, seconds: float | None) -> None:
    with pytest.raises(RateLimited) as caught:
        read(429, said(25), retry_after=header)
    assert caught.value.retry_after_s == seconds


def test_retry_after_may_be_a_date() -> None:
    with pytest.raises(RateLimited) as caught:
        usable_body(Answer(429, "", "Thu, 01 Jan 1970 00:00:30 GMT", b""), 10.0)
    assert caught.value.retry_after_s == 20.0


@pytest.mark.parametrize("body", [b"{}", b"[]", b' {"a": [1, {"b": "\xc3\xa9"}], "c": null}\n'])
def test_complete_json_passes_unchanged(body: bytes) -> None:
    assert check_json(body) is body


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"a": 1', b'{"a": [1, 2}', b'{"a": 1}{"b": 2}', b"<html>", b'{"a": "x', b'{"a": ' + b"[" * 100_000],
)
def test_json_that_broke_off_does_not(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        check_json(body)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded answers are not here")
def test_recorded_error_bodies_are_understood() -> None:
    found = {}
    for path in sorted(RECORDED.glob("error_*.json")):
        status = int(path.name.split("_")[1])
        with pytest.raises(GdvgError) as caught:
            read(status, path.read_bytes())
        found[status] = type(caught.value)
    assert found == {400: BadRequest, 401: CredentialError, 404: Gone}
