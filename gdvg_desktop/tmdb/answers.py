"""What an answer means: a body to use, or one of our errors (TMDB.md 1). Pure."""

import email.utils
from datetime import UTC, datetime

import msgspec

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
from gdvg_desktop.tmdb.payloads import ErrorBody, decode_error
from gdvg_desktop.tmdb.transport import Answer

INTERCEPTED = "Something between us and TMDb answered"
KEY_HINT = "Enter a valid API key or read access token."

_RATE_LIMIT_CODE = 25
_SERVER_CODES = {9, 11, 15, 24, 43, 44, 46}
_KEY_CODES = {3, 7, 10, 14, 16, 17, 30, 31, 32, 33, 35, 36, 38, 39, 45}
_GONE_CODES = {6, 34, 37}
_DONE_CODES = {1, 12, 13, 21, 40}
_SMALL = 2_000  # error bodies are small; a larger 200 is content


_raw = msgspec.json.Decoder(msgspec.Raw).decode


def check_json(body: bytes) -> bytes:
    """The same body when it is one complete JSON document, which is checked without building it. Raises BadAnswer."""
    try:
        _raw(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadAnswer("The answer broke off or is not JSON.") from None
    return body


def usable_body(answer: Answer, now: float) -> bytes:
    """The body of a good answer, which may still be cut off. Raises RequestError or CredentialError.

    `now` is unix seconds, for a Retry-After given as a date.
    """
    if answer.status == 200:
        return _from_200(answer, now)
    raise _error(answer, now)


def _from_200(answer: Answer, now: float) -> bytes:
    body = answer.body
    if _is_html(answer):
        raise Intercepted(f"{INTERCEPTED} with a web page.", "Is there a network login or a filter?")
    if not _is_json(answer):
        raise BadAnswer("The answer is not JSON.")
    if len(body) < _SMALL and b'"status_code"' in body:
        said = _said(answer)
        if said is not None and said.status_code not in _DONE_CODES and said.success is not True:
            raise _by_code(said, answer, now)
    return body


def _error(answer: Answer, now: float) -> GdvgError:
    status, said = answer.status, _said(answer)
    if status == 429 or (said is not None and said.status_code == _RATE_LIMIT_CODE):
        return _rate_limited(answer, now)
    if status == 401 and _is_json(answer):
        return _refused(said)
    if status == 407:
        return ConnectionTrouble("The proxy asks for a user name and password.")
    if 300 <= status < 400:
        return Intercepted(f"{INTERCEPTED} with a redirect ({status}).", "Is there a network login or a filter?")
    if said is not None and said.status_code is not None and status not in (400, 405, 406, 422):
        return _by_code(said, answer, now)
    if status >= 500 and status != 501:
        return ServerTrouble(f"TMDb's server had trouble ({status}).")
    if _is_html(answer) or status in (401, 403):
        return Intercepted(
            f"{INTERCEPTED} with status {status}.", "Is there a network login, a filter or a block of this network?"
        )
    if status == 408:
        return ConnectionTrouble("No answer came in time (408).")
    if status in (400, 405, 406, 422, 501) or (said is not None and status != 404):
        return BadRequest(f"TMDb did not accept the request ({status}): {said.words if said else 'no reason given'}")
    return BadAnswer(f"The answer is not TMDb's ({status}).")


def _by_code(said: ErrorBody, answer: Answer, now: float) -> GdvgError:
    """TMDb's own code decides; its HTTP status only where the code is unknown."""
    code, status = said.status_code, answer.status
    if code == _RATE_LIMIT_CODE:
        return _rate_limited(answer, now)
    if code in _KEY_CODES or status == 403:
        return _refused(said)
    if status == 404 and code in _GONE_CODES:
        return Gone("TMDb has no such entry (any more).")
    if code in _SERVER_CODES or (status >= 500 and status != 501):
        return ServerTrouble(f"TMDb had trouble: {said.words} ({status}, code {code})")
    if status == 200:
        return ServerTrouble(f"TMDb answered with an error in place of content: {said.words} (code {code})")
    if status == 404:
        return BadAnswer(f"TMDb answered 404 with a reason that does not fit: {said.words} (code {code})")
    return BadRequest(f"TMDb did not accept the request ({status}, code {code}): {said.words}")


def _refused(said: ErrorBody | None) -> CredentialError:
    words = said.words if said else ""
    return CredentialError(f"TMDb refused the key: {words or 'no reason given'}", KEY_HINT, title="TMDb key refused")


def _rate_limited(answer: Answer, now: float) -> RateLimited:
    return RateLimited("TMDb asks us to slow down.", _seconds(answer.retry_after, now))


def _seconds(retry_after: str | None, now: float) -> float | None:
    """Retry-After as seconds; it may be a date (RFC 9110)."""
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            at = email.utils.parsedate_to_datetime(retry_after)
        except (ValueError, OverflowError):
            return None
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (aware - datetime.fromtimestamp(now, UTC)).total_seconds()
    return seconds if 0 <= seconds < 1e6 else None


def _said(answer: Answer) -> ErrorBody | None:
    """TMDb's error body, or None when this is none."""
    return None if _is_html(answer) else decode_error(answer.body)


def _is_html(answer: Answer) -> bool:
    return "html" in answer.content_type or _begin(answer) == b"<"


def _is_json(answer: Answer) -> bool:
    return not _is_html(answer) and _begin(answer) in (b"{", b"[")


def _begin(answer: Answer) -> bytes:
    """The first byte that is neither blank nor a byte order mark."""
    return answer.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
