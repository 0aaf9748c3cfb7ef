"""What GitHub's answers mean: its rows as values, its refusals as errors that say which right is missing.

Statuses and fields follow GitHub's REST documentation of Actions; whatever is not certain to be there is optional.
"""

import re
from http import HTTPStatus

import msgspec

from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import GdvgError

_SAID = 200  # characters of GitHub's own message that are repeated
_LONGEST_WAIT_S = 86_400.0


class GithubError(GdvgError):
    """GitHub did not do what was asked."""

    title = "GitHub did not do it"


class TokenRefused(GithubError):
    """401, or 403: no token, a wrong one, or one without the right."""

    title = "GitHub does not take the token"
    exit_code = 3


class NotThere(GithubError):
    """404: there is none, or the token may not see it."""

    title = "Not found on GitHub"
    exit_code = 2


class AlreadyThere(GithubError):
    """409: it exists, or its state does not allow it any more."""

    title = "Not possible any more"


class NotAccepted(GithubError):
    """422: GitHub understood the request and refuses it, as starting a disabled workflow."""

    title = "GitHub refuses it"
    exit_code = 2


class Throttled(GithubError):
    """429, or 403 with the limit used up. `wait_s` is how long GitHub wants to be left alone, None: it does not say."""

    title = "GitHub wants a rest"
    exit_code = 4
    retryable = True

    def __init__(self, message: str, hint: str, wait_s: float | None) -> None:
        super().__init__(message, hint)
        self.wait_s = wait_s


class OutOfReach(GithubError):
    """No answer, a server's trouble, or something else answering in GitHub's place."""

    title = "GitHub cannot be reached"
    exit_code = 4
    retryable = True


class Workflow(msgspec.Struct, frozen=True):
    """A workflow. `state`: active, disabled_manually, disabled_inactivity, disabled_fork or deleted."""

    state: str
    name: str = ""
    html_url: str = ""


class Run(msgspec.Struct, frozen=True):
    """A run. `status`: queued, in_progress, completed...; `conclusion` of a completed one: success, failure..."""

    id: int
    status: str | None = None
    conclusion: str | None = None
    created_at: str | None = None
    html_url: str | None = None
    event: str | None = None
    run_number: int | None = None


class Runs(msgspec.Struct, frozen=True):
    """A page of runs, newest first."""

    workflow_runs: list[Run]


class Started(msgspec.Struct, frozen=True):
    """What a dispatch answers with run details; all None where GitHub answered 204 without."""

    workflow_run_id: int | None = None
    html_url: str | None = None


class Variable(msgspec.Struct, frozen=True):
    """A repository variable."""

    name: str
    value: str


class _Message(msgspec.Struct):
    message: str = ""


class Reply(msgspec.Struct, frozen=True):
    """An answer as it came: `kind` is its content type in lower case; headers by name in lower case."""

    status: int
    kind: str
    headers: dict[str, str]
    body: bytes


def refusal(reply: Reply, subject: str, right: str, now_s: float) -> GithubError:
    """The error of an answer that is none of 2xx.

    `subject` is what was asked about ("The workflow sync.yml in owner/name"), `right` the permission it takes
    ("Actions: write"), `now_s` unix seconds.
    """
    said = _said(reply)
    status = reply.status
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS) and _is_limit(reply, said):
        wait_s = _wait(reply.headers, now_s)
        when = f"in {_minutes(wait_s)}" if wait_s is not None else "in a few minutes"
        return Throttled("GitHub has had too many requests from this token or address.", f"Try again {when}.", wait_s)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and _is_page(reply):
        return intercepted()
    if status == HTTPStatus.UNAUTHORIZED:
        return TokenRefused("GitHub does not know the token: it is wrong, expired or revoked.", "Save another one.")
    if status == HTTPStatus.FORBIDDEN:
        return TokenRefused(
            f"The token lacks a right: {subject} needs {right} of a fine-grained token, or repo of a classic one."
            + said,
            "Give it that right for this repository at GitHub, or save another token.",
        )
    if status == HTTPStatus.NOT_FOUND:
        return NotThere(
            f"{subject} does not exist, or the token cannot see it.",
            "Check the repository's and the workflow's name, and that the token is for this repository.",
        )
    if status == HTTPStatus.CONFLICT:
        return AlreadyThere(f"{subject} is no longer in a state for that.{said}", "Look at it again.")
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return NotAccepted(f"GitHub refuses it for {_lower(subject)}.{said}")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return NotThere(f"{subject} has moved.", "Enter the repository's present name.")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return OutOfReach(f"GitHub has trouble of its own ({status}).", "Try again in a few minutes.")
    return GithubError(f"GitHub answered {status}.{said}", "Check the address of the API.")


def intercepted() -> OutOfReach:
    """The error of a web page where GitHub's API should have answered."""
    return OutOfReach(
        "A web page answered in place of GitHub's API.",
        "Sign in to the network if it asks for that, and check the address of the API.",
    )


def _is_page(reply: Reply) -> bool:
    return "html" in reply.kind or reply.body.lstrip()[:1] == b"<"


def _is_limit(reply: Reply, said: str) -> bool:
    if _is_page(reply):
        return False
    return (
        reply.status == HTTPStatus.TOO_MANY_REQUESTS
        or "retry-after" in reply.headers
        or reply.headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in said.lower()
    )


def _wait(headers: dict[str, str], now_s: float) -> float | None:
    """Seconds until GitHub may be asked again: Retry-After, else the moment x-ratelimit-reset names (unix seconds)."""
    for name, start in (("retry-after", 0.0), ("x-ratelimit-reset", now_s)):
        text = headers.get(name, "").strip()
        if re.fullmatch(r"[0-9]{1,12}", text):
            return min(max(float(text) - start, 1.0), _LONGEST_WAIT_S)
    return None


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


def _said(reply: Reply) -> str:
    """GitHub's own words, shortened and without secrets, as a sentence to append; empty when it said nothing."""
    try:
        text = msgspec.json.decode(reply.body, type=_Message).message
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    text = " ".join(redact(text).split())[:_SAID].rstrip(".")
    return f" GitHub says: {text}." if text else ""


def _lower(subject: str) -> str:
    return f"{subject[:1].lower()}{subject[1:]}"
