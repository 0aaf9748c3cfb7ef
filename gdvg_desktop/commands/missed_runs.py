"""Planned runs that did not run, as History lists them beside those that did."""

from dataclasses import dataclass

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.core.kinds import JobKind, Origin
from gdvg_desktop.schedule.planner import Hindrance
from gdvg_desktop.schedule.tasks import PRESET_PREFIX, default_of
from gdvg_desktop.store import missed, presets, schedule
from gdvg_desktop.store.missed import MissedRow
from gdvg_desktop.store.runs import Result, RunFilter

MOMENTS = 20
"""At most so many planned moments of a missed run are shown one by one."""
REASONS = {
    Hindrance.PAUSED: "the schedule was paused",
    Hindrance.RUNNING: "the same work was still running",
    Hindrance.JOB_PAUSED: "its job was paused and waited to be resumed",
    Hindrance.NOT_SET_UP: "the library was not set up yet",
    Hindrance.BUDGET: "the day's requests were used up",
    Hindrance.OFFLINE: "there was no connection",
    Hindrance.ON_BATTERY: "the computer ran on battery",
    Hindrance.METERED: "the connection was metered",
    Hindrance.QUIET_HOURS: "it fell into the quiet hours",
    Hindrance.NOT_AWAKE: "the computer was asleep or off, or GDVG was not open",
}
"""Why, as a sentence part for the command line and files."""
_KINDS = {
    "delta": JobKind.DELTA,
    "mirror": JobKind.MIRROR,
    "gap_analysis": JobKind.ANALYZE,
    "gap_fill": JobKind.FILL,
    "refresh": JobKind.REFRESH,
    "lists": JobKind.LIST,
}


@dataclass(frozen=True, slots=True)
class MissedRun:
    """A line of the history for planned runs that did not run. `kind` is None for a task that queues no job."""

    row: MissedRow
    name: str
    kind: JobKind | None

    @property
    def key(self) -> int:
        """Tells it from other lines of the history: below zero, where runs have the number of their job."""
        return -self.row.id

    @property
    def result(self) -> Result:
        """How it stands."""
        return Result.MISSED

    @property
    def origin(self) -> Origin:
        """Who would have started it."""
        return Origin.SCHEDULE

    @property
    def at(self) -> int:
        """The moment it was planned for, the latest of them."""
        return self.row.planned_at

    @property
    def worked_s(self) -> float:
        """Nothing was done."""
        return 0.0

    @property
    def words(self) -> str:
        """Why, as a sentence part in English."""
        return REASONS[Hindrance(self.row.reason)] if self.row.reason in tuple(Hindrance) else self.row.reason


@dataclass(frozen=True, slots=True)
class MissedDetail:
    """A missed run with the latest of its planned moments, and when the task ran after all.

    Instants are unix milliseconds. `scheduled` says whether the task is still there to be run.
    """

    run: MissedRun
    moments: tuple[int, ...]
    ran_at: int | None
    scheduled: bool


def listing(db: SqliteDatabase, wanted: RunFilter) -> list[MissedRun]:
    """Missed runs that a filter of the history finds, the latest planned first."""
    if wanted.results and Result.MISSED not in wanted.results:
        return []
    names = _names(db)
    found = [_run(row, names) for row in missed.listing(db, since=wanted.since, until=wanted.until)]
    words = wanted.text.casefold().split()
    return [
        one
        for one in found
        if (not wanted.kinds or one.kind in wanted.kinds) and all(word in one.name.casefold() for word in words)
    ]


async def show(app: App, first_id: int) -> MissedDetail:
    """One missed run. Raises UsageError when there is none."""

    def read(db: SqliteDatabase) -> MissedDetail:
        row = missed.get(db, first_id)
        return MissedDetail(
            run=_run(row, _names(db)),
            moments=tuple(missed.moments(db, row, MOMENTS)),
            ran_at=missed.ran_after(db, row),
            scheduled=any(one.name == row.task for one in schedule.tasks(db)),
        )

    return await app.store.read(read)


def _names(db: SqliteDatabase) -> dict[str, str]:
    return {f"{PRESET_PREFIX}{one.id}": one.name for one in presets.listing(db)}


def _run(row: MissedRow, names: dict[str, str]) -> MissedRun:
    default = default_of(row.task)
    if default is not None:
        return MissedRun(row, default.title, _KINDS.get(row.task))
    kind = JobKind.IMPORT if row.task.startswith(PRESET_PREFIX) else None
    return MissedRun(row, f"Import: {names.get(row.task, row.task)}", kind)
