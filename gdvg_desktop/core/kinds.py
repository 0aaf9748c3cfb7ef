"""The enums every layer shares. Their values are what the database, the command line and JSON output show."""

from enum import StrEnum


class MediaType(StrEnum):
    """TMDb's two kinds of title. Movie and TV ids overlap, so a title's key is always (media type, id)."""

    MOVIE = "movie"
    TV = "tv"


class JobKind(StrEnum):
    """What a job does. One handler a kind, registered in `app`."""

    IMPORT = "import"


class JobState(StrEnum):
    """Where a job stands. The first four are unfinished: the same job asked for again is that job."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """True when no work is left that the engine would take by itself."""
        return self in (JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED)


class Wanted(StrEnum):
    """What the user wants of a job. Any process may write it; the engine brings the state in line."""

    RUN = "run"
    PAUSE = "pause"
    CANCEL = "cancel"


class FailureCategory(StrEnum):
    """Why something failed, in the words the user sees."""

    NETWORK = "network"
    RATE_LIMIT = "rate_limit"
    SERVER = "server"
    VALIDATION = "validation"
    NOT_FOUND = "not_found"
    STORAGE = "storage"


class Existing(StrEnum):
    """What an import does with titles the library already holds."""

    SKIP = "skip"
    UPDATE = "update"


class Match(StrEnum):
    """Whether a title needs any or all of the chosen genres."""

    ANY = "any"
    ALL = "all"


class Freshness(StrEnum):
    """How a title of a preview stands to the library."""

    NEW = "new"
    DUPLICATE = "duplicate"
    UPDATE = "update"
