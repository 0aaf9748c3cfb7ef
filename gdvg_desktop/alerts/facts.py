"""What the rules look at: plain values of one moment, gathered from the store and the running parts by the caller."""

from dataclasses import dataclass, field

from gdvg_desktop.store.work_hours import Work

NO_WORK = Work()


@dataclass(frozen=True, slots=True)
class Refused:
    """An export that was not taken over: of which type, why in words, and the date of the one trusted instead."""

    media_type: str
    reason: str
    trusted: str | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """Planned runs of a task that did not happen since it last ran: how many, the latest (unix ms), and why."""

    task: str
    title: str
    count: int
    planned_at: int
    reason: str


@dataclass(frozen=True, slots=True)
class JobFact:
    """A job that needs somebody. `since` is unix ms; `count` is what it waits about, 0 when nothing is counted."""

    job_id: int
    name: str
    since: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Failing:
    """A target nothing gets through to."""

    target_id: int
    name: str
    problem: str
    since: int


@dataclass(frozen=True, slots=True)
class Facts:
    """One moment. Instants are unix ms, lengths milliseconds unless named otherwise.

    paused       scheduled work is paused, or whatever is queued was paused by its user
    settling     the computer woke, or the program started, a moment ago: what is overdue gets its chance first
    working      there is work nobody has paused and that does not wait for another day
    finished     nothing is queued, a mirror lacks nothing, and no failure is open

    Where a figure is None nothing is known, and an alert about it stays as it is.
    """

    now: int
    paused: bool = False
    settling: bool = False
    working: bool = False
    finished: bool = False
    idle_ms: int = 0
    queued: int = 0
    last_day: Work = NO_WORK
    open_failures: int = 0
    today: Work = NO_WORK
    week: Work = NO_WORK
    key_refused: bool | None = None
    key_message: str = ""
    free_mb: int | None = None
    disk: str = ""
    refused: tuple[Refused, ...] = ()
    popular_missing: int | None = None
    popular_threshold: float = 0.0
    filling: bool = False
    missed: tuple[Missed, ...] = ()
    oldest_days: float | None = None
    refreshing: bool = False
    paused_at: int | None = None
    paused_by: str = ""
    reminded: bool = False
    deletions: tuple[JobFact, ...] = ()
    damage: tuple[str, ...] | None = None
    stalled: tuple[JobFact, ...] = ()
    failing: tuple[Failing, ...] = ()
    defaults: dict[str, float] = field(default_factory=dict)
    """Thresholds that come from the settings, by rule."""
