"""The schedule: its tasks with their next and last runs, changing and running them, and the pause over all of it."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands import remote_follow
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.events import ScheduleChanged
from gdvg_desktop.schedule import cron
from gdvg_desktop.schedule.loop import overridden, plan_of
from gdvg_desktop.schedule.overrides import Override, overrides
from gdvg_desktop.schedule.planner import CatchUp, next_runs
from gdvg_desktop.schedule.tasks import PRESET_PREFIX, TASKS, default_of
from gdvg_desktop.schedule.zone import local_zone
from gdvg_desktop.store import counts, presets
from gdvg_desktop.store import schedule as rows
from gdvg_desktop.store.schedule import NewTask, Task, TaskRun

NEXT_RUNS = 5
BY = ("window", "tray", "cli", "api", "remote")
MOST_JITTER_S = 3600
_EFFECTIVE = "schedule_effective"  # the expressions of the last start, the environment's among them


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a task waits for."""

    on_network: bool
    on_mains: bool
    unmetered: bool


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as it is shown. Instants of `next_runs` are aware, in UTC; a task that is switched off has none.

    `words` are its expression in English, `set_by` the environment variables that set its expression or its switch,
    which then cannot be changed here. `running` says whether a run has not ended.
    """

    name: str
    title: str
    help: str
    cron: str
    zone: str
    words: str
    enabled: bool
    catch_up: CatchUp
    conditions: Conditions
    jitter_s: int
    config: dict[str, Any]
    next_runs: tuple[datetime, ...]
    last_run: TaskRun | None
    running: bool
    set_by: tuple[str, ...]

    @property
    def cron_set_by(self) -> str:
        """The environment variable that sets the expression, and the zone with it; "" where none does."""
        return next((name for name in self.set_by if name.endswith("_CRON")), "")

    @property
    def switch_set_by(self) -> str:
        """The environment variable that switches it on or off; "" where none does."""
        return next((name for name in self.set_by if name.endswith("_ENABLED")), "")


@dataclass(frozen=True, slots=True)
class PauseState:
    """Whether scheduled work is paused: since when and until when (unix milliseconds; None: until resumed), by whom.

    `reminded_at` is when a long pause was last recorded as one to be reminded of.
    """

    paused: bool
    at: int | None
    by: str
    until: int | None
    reminded_at: int | None


async def prepare(app: App) -> None:
    """Make the tasks a schedule has from the start where they are not there yet; their moments count from now.

    So do those of a task the environment gives another expression than at the last start.
    """
    now_ms, zone, given = to_millis(app.clock.now()), local_zone(), overrides(os.environ)
    wanted = [
        NewTask(one.name, one.command, one.cron, one.zone or zone, one.enabled, _first_config(one.name))
        for one in TASKS
    ]

    def write(db: SqliteDatabase) -> None:
        rows.ensure(db, wanted, now_ms)
        _follow_environment(db, given, now_ms)

    await app.store.write(write)


def _first_config(name: str) -> dict[str, Any]:
    return {"lists": ["popular-movies", "popular-tv", "now-playing", "on-the-air"]} if name == "lists" else {}


def _follow_environment(db: SqliteDatabase, given: dict[str, Override], now_ms: int) -> None:
    effective = {}
    for name in given:
        task = overridden(rows.get(db, name), given)
        effective[name] = [task.cron, task.zone, task.enabled]
    found = counts.fact(db, _EFFECTIVE)
    before = json.loads(found.value) if found is not None else {}
    if before == effective:
        return
    for name in before.keys() | effective.keys():
        if before.get(name) != effective.get(name):
            rows.restart_moments(db, name, now_ms)
    counts.set_fact(db, _EFFECTIVE, json.dumps(effective), now_ms)


# ---------------------------------------------------------------------------------------------------- reading


async def tasks(app: App) -> list[TaskView]:
    """All tasks: those of the program in their order, then those of presets by name."""
    known = {one.name for one in await app.store.read(rows.tasks)}
    if not {one.name for one in TASKS} <= known:
        await prepare(app)
    now, given = datetime.fromtimestamp(app.clock.now(), UTC), overrides(os.environ)

    def read(db: SqliteDatabase) -> list[TaskView]:
        running = {one.task for one in rows.running(db)}
        names = {f"{PRESET_PREFIX}{one.id}": one.name for one in presets.listing(db)}
        return [_view(db, task, now, given, running, names) for task in rows.tasks(db)]

    order = {one.name: index for index, one in enumerate(TASKS)}
    return sorted(await app.store.read(read), key=lambda one: (order.get(one.name, len(order)), one.title))


async def task(app: App, name: str) -> TaskView:
    """One task. Raises UsageError when there is none."""
    found = [one for one in await tasks(app) if one.name == name]
    if not found:
        raise UsageError(f"There is no scheduled task {name}.", "Tasks are listed by: gdvg schedule list.")
    return found[0]


def _view(
    db: SqliteDatabase,
    stored: Task,
    now: datetime,
    given: dict[str, Override],
    running: set[str],
    names: dict[str, str],
) -> TaskView:
    row = overridden(stored, given)
    default, override = default_of(row.name), given.get(row.name)
    try:
        plan = plan_of(row)
        words, coming = plan.cron.words(), tuple(next_runs(plan, now, NEXT_RUNS)) if row.enabled else ()
    except UsageError as error:  # of a zone this computer does not know
        words, coming = error.message, ()
    return TaskView(
        name=row.name,
        title=default.title if default else f"Import: {names.get(row.name, row.name)}",
        help=default.help if default else "Starts the import of this preset.",
        cron=row.cron,
        zone=row.zone,
        words=words,
        enabled=row.enabled,
        catch_up=CatchUp(row.catch_up),
        conditions=Conditions(row.on_network, row.on_mains, row.unmetered),
        jitter_s=row.jitter_s,
        config=row.config,
        next_runs=coming,
        last_run=rows.last_run(db, row.name),
        running=row.name in running,
        set_by=override.variables if override else (),
    )


async def runs(app: App, limit: int = 200, name: str | None = None, *, missed_only: bool = False) -> list[TaskRun]:
    """Runs and missed runs, newest first, of one task or all."""
    status = "missed" if missed_only else None
    return await app.store.read(lambda db: rows.runs(db, name, limit, status=status))


async def pause_state(app: App) -> PauseState:
    """Whether scheduled work is paused."""
    found = await app.store.read(rows.pause_state)
    return PauseState(found.paused, found.at, found.by, found.until, found.reminded_at)


def preview(expression: str, zone: str, now: datetime, count: int = NEXT_RUNS) -> tuple[str, tuple[datetime, ...]]:
    """An expression in words and its next runs, for an editor. Raises UsageError saying what is wrong."""
    parsed = cron.parse(expression, zone)
    return parsed.words(), tuple(parsed.next(now, count))


# --------------------------------------------------------------------------------------------------- steering


async def change(
    app: App,
    name: str,
    *,
    cron_expression: str | None = None,
    zone: str | None = None,
    enabled: bool | None = None,
    catch_up: str | None = None,
    on_network: bool | None = None,
    on_mains: bool | None = None,
    unmetered: bool | None = None,
    jitter_s: int | None = None,
    config: dict[str, Any] | None = None,
) -> TaskView:
    """Change a task; what is None stays. Raises UsageError for a value that cannot be, or one the environment sets."""
    before = await task(app, name)
    override = overrides(os.environ).get(name)
    if override is not None:
        fixed = ((override.cron, (cron_expression, zone)), (override.enabled, (enabled,)))
        if any(given is not None and any(one is not None for one in values) for given, values in fixed):
            raise UsageError(f"{name} is set by the environment: {', '.join(override.variables)}.", "Change it there.")
    parsed = cron.parse(
        before.cron if cron_expression is None else cron_expression, before.zone if zone is None else zone
    )
    if catch_up is not None and catch_up not in tuple(CatchUp):
        raise UsageError(f"{catch_up} is not a way to catch up.", "Use run_once or skip.")
    if jitter_s is not None and not 0 <= jitter_s <= MOST_JITTER_S:
        raise UsageError(f"A jitter of {jitter_s} seconds is not accepted.", f"Use 0 to {MOST_JITTER_S}.")
    values = {
        "cron": None if cron_expression is None else parsed.expression,
        "zone": zone,
        "enabled": enabled,
        "catch_up": catch_up,
        "on_network": on_network,
        "on_mains": on_mains,
        "unmetered": unmetered,
        "jitter_s": jitter_s,
        "config": config,
    }
    wanted = {key: value for key, value in values.items() if value is not None}
    now_ms = to_millis(app.clock.now())
    await app.store.write(lambda db: rows.change(db, name, now_ms, **wanted))
    app.bus.publish(ScheduleChanged())
    return await task(app, name)


async def run_now(app: App, name: str, by: str = "manual") -> TaskView:
    """Ask for a run now, paused or not; `by` is manual or api. The schedule stays as it is.

    The process with the engine starts it within a second; without one it starts with the next.
    """
    await task(app, name)
    await app.store.write(lambda db: rows.want_now(db, name, to_millis(app.clock.now()), by))
    app.bus.publish(ScheduleChanged())
    return await task(app, name)


async def pause(app: App, until_ms: int | None, by: str) -> PauseState:
    """Pause all scheduled work until an instant (unix milliseconds), or until somebody resumes it.

    What is running of it finishes its current titles and goes on after the pause. Raises UsageError for an instant
    that is past.
    """
    now_ms = to_millis(app.clock.now())
    if until_ms is not None and until_ms <= now_ms:
        raise UsageError("The pause would end before it begins.", "Give a moment to come.")
    await app.store.write(lambda db: rows.pause(db, now_ms, by, until_ms))
    return await _steered(app)


async def resume(app: App, by: str) -> PauseState:
    """Let scheduled work go on; what was missed is caught up once, where a task does that."""
    now_ms = to_millis(app.clock.now())
    await app.store.write(lambda db: rows.resume(db, now_ms))
    return await _steered(app)


async def _steered(app: App) -> PauseState:
    app.bus.publish(ScheduleChanged())
    if app.engine is not None:
        app.engine.wake()
    else:
        await remote_follow.follow_alone(app)
    return await pause_state(app)


def tomorrow_ms(app: App) -> int:
    """The next midnight of the computer's zone, in unix milliseconds."""
    zone = ZoneInfo(local_zone())
    today = datetime.fromtimestamp(app.clock.now(), zone).date()
    return to_millis(datetime.combine(today + timedelta(days=1), time(), zone).timestamp())
