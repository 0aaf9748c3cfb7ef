"""The enums every layer shares. Their values are what the database, the command line and JSON output show."""

from enum import StrEnum


class MediaType(StrEnum):
    """TMDb's two kinds of title. Movie and TV ids overlap, so a title's key is always (media type, id)."""

    MOVIE = "movie"
    TV = "tv"


class JobKind(StrEnum):
    """What a job does. One handler a kind, registered in `app`."""

    IMPORT = "import"  # what a filter lists
    MIRROR = "mirror"  # whatever of the scope is missing
    DELTA = "delta"  # what TMDb's change lists name
    LIST = "list"  # a short list of TMDb: popular, now playing, ...
    REFRESH = "refresh"  # titles not checked for long, or chosen ones
    ANALYZE = "analyze"  # find the gaps
    FILL = "fill"  # fetch what the gaps name


class Origin(StrEnum):
    """Who asked for a job."""

    USER = "user"
    SCHEDULE = "schedule"
    GAP = "gap"
    MIRROR = "mirror"
    API = "api"


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


class GapKind(StrEnum):
    """What a gap is: see `gaps`."""

    SEQUENTIAL = "sequential"
    POPULARITY = "popularity"
    TEMPORAL = "temporal"
    METADATA = "metadata"


class GapStatus(StrEnum):
    """What is done about a gap."""

    OPEN = "open"
    IGNORED = "ignored"
    GAVE_UP = "gave_up"


class IdState(StrEnum):
    """How an id of TMDb's export stands to the library. Each id is in exactly one state."""

    HELD = "held"
    MISSING = "missing"
    TOMBSTONED = "tombstoned"
    EXCLUDED = "excluded"
    UNDETERMINED = "undetermined"
