"""Every error a user can meet, as a tree.

A `GdvgError` is *known*: it says what happened and what to do, and is shown where it happened. Anything else that
escapes is a bug and opens a crash report.

    GdvgError
      UsageError               wrong arguments                              exit 2
      CredentialError          key missing or refused                       exit 3
        KeyringUnavailable     the system has no usable keyring
      UnreachableError         TMDb cannot be reached                       exit 4
      StorageError             database problem                             exit 5
        LibraryLocked NewerLibrary CorruptLibrary DiskFull LibraryBusy
      RequestError             one request failed; carries its category
        RateLimited ServerTrouble ConnectionTrouble BadAnswer Intercepted Gone BadRequest
      GaveUp                   a request failed after all its attempts
"""

from dataclasses import dataclass

from gdvg_desktop.core.kinds import FailureCategory


class GdvgError(Exception):
    """A known error: `title` in a few words, `message` what happened, `hint` what to do about it."""

    title = "Something went wrong"
    exit_code = 1
    retryable = False

    def __init__(self, message: str, hint: str = "", *, title: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if title is not None:
            self.title = title

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(GdvgError):
    """Input that names no possible work: an unknown country, a month 2024-13, a job that does not exist."""

    title = "Not possible as asked"
    exit_code = 2


class CredentialError(GdvgError):
    """TMDb has no key from us, or refused it."""

    title = "TMDb key needed"
    exit_code = 3


class KeyringUnavailable(CredentialError):
    """The operating system offers no usable keyring."""

    title = "No keyring"


class UnreachableError(GdvgError):
    """TMDb cannot be reached, or something between us and TMDb answers in its place."""

    title = "TMDb cannot be reached"
    exit_code = 4
    retryable = True


class StorageError(GdvgError):
    """The library file cannot be used as asked."""

    title = "Library problem"
    exit_code = 5


class LibraryLocked(StorageError):
    """Another engine holds the data folder."""

    title = "The library is in use"


class LibraryBusy(StorageError):
    """Another program holds a lock on the library file."""

    title = "The library is locked by another program"
    retryable = True


class NewerLibrary(StorageError):
    """The library was written by a newer version."""

    title = "The library is newer than this program"


class CorruptLibrary(StorageError):
    """The library file is damaged. `backups` are paths of good backups, newest first."""

    title = "The library is damaged"

    def __init__(self, message: str, hint: str = "", *, backups: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.backups = backups


class DiskFull(StorageError):
    """The disk holding the library is full."""

    title = "The disk is full"
    retryable = True


class RequestError(GdvgError):
    """One request to TMDb failed. `category` is what the user sees; `retryable` whether asking again can help."""

    title = "A request failed"
    category = FailureCategory.SERVER
    connection_level = False  # True when nothing that looks like TMDb answered: these make an outage


class RateLimited(RequestError):
    """429, or code 25. `retry_after_s` is the server's wish, None without the header."""

    category = FailureCategory.RATE_LIMIT
    retryable = True

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ServerTrouble(RequestError):
    """500, 502, 503, 504 or TMDb's codes 11, 15, 24, 43, 46; or an answer that ended before its end."""

    retryable = True


class ConnectionTrouble(RequestError):
    """Refused, unresolved, reset, timed out."""

    category = FailureCategory.NETWORK
    retryable = True
    connection_level = True


class BadAnswer(RequestError):
    """An answer whose body is not what was asked for: no JSON, cut off, empty, of another title."""

    category = FailureCategory.VALIDATION
    retryable = True


class Intercepted(RequestError):
    """HTML in a 200 or a 403: a captive portal or provider block, not TMDb."""

    category = FailureCategory.NETWORK
    retryable = True
    connection_level = True


class Gone(RequestError):
    """404 with code 6 or 34: an answer, not a failure."""

    category = FailureCategory.NOT_FOUND


class BadRequest(RequestError):
    """400, 405, 406 or 422: our own mistake, logged as such and never retried."""

    category = FailureCategory.VALIDATION


@dataclass(frozen=True, slots=True)
class Attempt:
    """One failed try of a request: when (unix seconds), its category and what was said."""

    at: float
    category: FailureCategory
    message: str


class GaveUp(GdvgError):
    """A request that failed after all its attempts. `attempts` lists them, oldest first."""

    title = "Gave up"

    def __init__(self, cause: RequestError, attempts: tuple[Attempt, ...]) -> None:
        super().__init__(cause.message, cause.hint)
        self.category = cause.category
        self.attempts = attempts
        self.retryable = cause.retryable
