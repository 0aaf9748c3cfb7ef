"""The documents of the API: what requests hold and what answers are, checked and described by pydantic.

Instants are ISO 8601 in UTC. What a request may not hold is refused, also a name nobody knows. `tv_series`, as older
scripts write it, is read as tv.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt

from gdvg_desktop.core.kinds import Freshness, GapKind, GapStatus, JobKind, JobState, MediaType, Origin

TypeIn = Literal["movie", "tv", "tv_series", "all"]
Text = Annotated[str, Field(min_length=1, max_length=100)]
Month = Annotated[str, Field(pattern=r"^(18|19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$", description="A month as 2024-01.")]
MonthOrYear = Annotated[
    str,
    Field(pattern=r"^(18|19|20|21)[0-9]{2}(-(0[1-9]|1[0-2]))?$", description="A month as 2024-01, or a year as 2024."),
]
LARGEST = 2**53 - 1


class Request(BaseModel):
    """Base of what is sent in."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Answer(BaseModel):
    """Base of what is answered."""

    model_config = ConfigDict(from_attributes=True)


class Trouble(Answer):
    """What happened and what to do about it."""

    title: str
    message: str
    hint: str


class Error(Answer):
    """Every answer that is not a good one."""

    error: Trouble


# --------------------------------------------------------------------------------------------------------- jobs


class JobOut(Answer):
    """A job of the queue. `total` is what is left, added, updated, unchanged, skipped, failed and gone together."""

    id: int
    kind: JobKind
    name: str
    state: JobState
    phase: str
    origin: Origin
    total: int
    done: int
    left: int
    added: int
    updated: int
    unchanged: int
    skipped: int
    failed: int
    gone: int
    recovered: int
    requests: int
    reason: str | None = Field(description="Why the job is in its state, as a word.")
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    filter: dict[str, Any] = Field(description="What the job was asked for.")
    titles_per_second: float | None = Field(None, description="While it runs here.")
    seconds_left: float | None = None


class JobsOut(Answer):
    """Jobs, newest first."""

    jobs: list[JobOut]


class Started(Answer):
    """A job that was queued; with `new` false the unfinished job of the same work, which goes on."""

    job_id: int
    started_at: datetime = Field(description="When it began, or was queued.")
    new: bool
    state: JobState


class RunOut(JobOut):
    """A run of the past or of now."""

    result: str
    worked_s: float | None = Field(None, description="Seconds of work, without pauses.")


class MissedOut(Answer):
    """Planned runs of a task that did not happen, one after another for the same reason."""

    task: str
    name: str
    first_planned_at: datetime
    planned_at: datetime = Field(description="The latest of them.")
    count: int
    reason: str


class History(Answer):
    """Runs, the latest started first, how many there are in all, and planned runs that did not happen."""

    runs: list[RunOut]
    total: int
    missed: list[MissedOut] = Field(description="The latest planned first, at most as many as runs were asked for.")


# --------------------------------------------------------------------------------------------------------- sync


class Stats(Answer):
    """The library and its work in figures."""

    titles: int
    movies: int
    tv: int
    coverage_percent: float | None = Field(description="None until an export has been read.")
    missing: int | None
    requests_today: int
    running: int
    waiting: int
    paused: int
    titles_left: int
    failures: dict[str, int] = Field(description="Failures of the last days by category.")
    database_bytes: int
    connection: str


class SyncStatus(Answer):
    """Whether scheduled work is paused, when it last ran and runs next, and the figures."""

    is_paused: bool
    paused_at: datetime | None
    paused_by: str | None
    paused_until: datetime | None = Field(description="None while paused: until it is resumed.")
    last_run: RunOut | None = Field(description="The latest run of the mirror or the changes sync.")
    next_run: datetime | None = Field(description="When the schedule next starts something; None while it is paused.")
    next_task: str | None
    stats: Stats


class PauseIn(Request):
    """How long to pause; without a figure until somebody resumes."""

    minutes: StrictInt | None = Field(None, ge=1, le=525_600)


class PauseOut(Answer):
    """Whether scheduled work is paused, since when, by whom and until when."""

    is_paused: bool
    paused_at: datetime | None
    paused_by: str | None
    paused_until: datetime | None


class TriggerIn(Request):
    """full fetches whatever of the scope is missing, incremental what TMDb's change lists name."""

    type: Literal["full", "incremental"]


# ------------------------------------------------------------------------------------------------------- import


class FilterIn(Request):
    """Which titles: every filter narrows, none of them means everything."""

    type: TypeIn = "all"
    countries: list[Text] = Field([], max_length=300, description="Origin countries, as codes or English names.")
    date_from: MonthOrYear | None = None
    date_to: MonthOrYear | None = None
    genres: list[Text] = Field([], max_length=100, description="Genres, by English name or TMDb's number.")
    match: Literal["any", "all"] = "any"
    priority: StrictInt = Field(100, ge=0, le=100, description="100 most popular first, 50 newest, 0 least.")
    existing: Literal["skip", "update"] = "skip"
    limit: StrictInt | None = Field(None, ge=1, le=10_000_000)


class ImportIn(FilterIn):
    """An import to be made."""

    name: str | None = Field(None, max_length=200)


class TypeCountOut(Answer):
    """The counts of one type."""

    estimated: int
    duplicates: int
    new: int


class SampleOut(Answer):
    """A title as TMDb lists it."""

    media_type: MediaType
    tmdb_id: int
    title: str
    original_title: str | None
    release_date: str | None
    origin_country: list[str]
    popularity: float | None
    vote_average: float | None
    status: Freshness


class PreviewOut(Answer):
    """What an import would do; `exact` says whether the counts are, or are estimates."""

    estimated: int
    duplicates: int
    new: int
    updates: int
    requests: int
    list_requests: int
    detail_requests: int
    windows: int
    seconds: float | None
    rate: float
    exact: bool
    by_type: dict[MediaType, TypeCountOut]
    notes: list[str]
    sample: list[SampleOut]


class ScheduleIn(Request):
    """When something runs by itself: a cron expression of five fields, in a zone ("" is the computer's)."""

    cron: str = Field(min_length=9, max_length=200)
    zone: str = Field("", max_length=64)


class PresetIn(Request):
    """A preset to be kept. Without `schedule` the one it has stays; null takes it away."""

    name: str = Field(min_length=1, max_length=80)
    filters: FilterIn
    schedule: ScheduleIn | None = None


class FilterOut(Answer):
    """The filters of a preset, as they can be sent in."""

    type: str
    countries: list[str]
    date_from: str | None
    date_to: str | None
    genres: list[str]
    match: str
    priority: int
    existing: str
    limit: int | None


class ScheduleOut(Answer):
    """When a preset runs by itself."""

    cron: str
    zone: str
    enabled: bool


class PresetOut(Answer):
    """Filters kept under a name."""

    id: int
    name: str
    words: str
    filters: FilterOut
    shipped: bool
    created_at: datetime
    updated_at: datetime
    used_at: datetime | None
    use_count: int
    schedule: ScheduleOut | None


class PresetsOut(Answer):
    """All presets, those used last first."""

    presets: list[PresetOut]


class Deleted(Answer):
    """What is gone."""

    id: int
    name: str


# --------------------------------------------------------------------------------------------------------- gaps


class KindOut(Answer):
    """How many gaps of a kind there are, by what is done about them."""

    open: int
    ignored: int
    gave_up: int


class GapOut(Answer):
    """One gap: a title and what it lacks. `score` is popularity x recency."""

    media_type: MediaType
    tmdb_id: int
    kind: GapKind
    status: GapStatus
    score: float
    popularity: float
    recency: float
    name: str | None
    month: str | None
    fields: list[str]
    found_at: datetime
    tries: int
    last_try_at: datetime | None
    next_try_at: datetime | None
    category: str | None
    message: str | None


class GapsOut(Answer):
    """The gaps as the last analysis left them and as they were filled since.

    `gaps_by_type`, `total_count` and `top_priority` are of open gaps. `analysed_at` is null while the scope has had no
    analysis.
    """

    analysed_at: datetime | None
    export_date: date | None
    gaps_by_type: dict[GapKind, int]
    total_count: int
    top_priority: list[GapOut] = Field(description="The best of them by score.")
    missing_titles: int
    incomplete_titles: int
    by_kind: dict[GapKind, KindOut]
    months_below: int | None
    unavailable: int | None
    popular_threshold: float


class RegistryOut(Answer):
    """A page of gaps, best score first; `next_cursor` asks for what follows, null at the end."""

    gaps: list[GapOut]
    next_cursor: str | None


class FillIn(Request):
    """What to fill: open gaps of kinds and a type, or a month, or titles by name. Nothing given: all that is due."""

    kinds: list[GapKind] = Field([], max_length=4, description="Empty: all kinds.")
    type: TypeIn = "all"
    titles: list[Annotated[str, Field(pattern=r"^(movie|tv|tv_series)/[1-9][0-9]{0,8}$")]] = Field(
        [], max_length=10_000
    )
    month: Month | None = None
    min_score: StrictFloat = Field(0.0, ge=0, le=1e9)
    limit: StrictInt | None = Field(None, ge=1, le=10_000_000)


# ----------------------------------------------------------------------------------------------------- coverage


class TypeCoverageOut(Answer):
    """in_export = held + missing + tombstoned + excluded + undetermined."""

    export_date: date | None
    in_export: int
    in_scope: int
    held: int
    missing: int
    tombstoned: int
    excluded: int
    undetermined: int
    percent: float


class CoverageOut(Answer):
    """How much of what the mirror is to hold it holds, proved id by id against TMDb's export."""

    export_date: date | None
    held: int
    missing: int
    undetermined: int
    percent: float
    movie: TypeCoverageOut
    tv: TypeCoverageOut
