"""The schedule as rows: tasks, their runs and the pause. Any process may change them; the engine's process obeys."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.store import counts, jobs

PAUSE = "schedule_pause"


@dataclass(frozen=True, slots=True)
class Task:
    """One row. Instants are unix milliseconds.

    `checked_at` is up to which of its planned moments, jitter aside, all were dealt with;
    `owed_at` is the earliest planned run still to be caught up. `run_now` is who asked for a run now: manual or api.
    """

    name: str
    kind: str
    config: dict[str, Any]
    cron: str
    zone: str
    enabled: bool
    catch_up: str
    on_network: bool
    on_mains: bool
    unmetered: bool
    jitter_s: int
    checked_at: int
    owed_at: int | None
    run_now: str | None
    updated_at: int


@dataclass(frozen=True, slots=True)
class TaskRun:
    """A run of a task, or one that was missed (`started_at` None) with the reason. `planned_at` None: by hand."""

    id: int
    task: str
    planned_at: int | None
    started_at: int | None
    ended_at: int | None
    trigger: str
    status: str
    reason: str | None
    summary: dict[str, Any]
    job_id: int | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Whether scheduled work is paused, since when, by whom (window, tray, cli, api, remote) and until when.

    `until` None: until somebody resumes it. `reminded_at` is when the user was last told that it still is.
    """

    paused: bool = False
    at: int | None = None
    by: str = ""
    until: int | None = None
    reminded_at: int | None = None


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be made where it does not exist yet."""

    name: str
    kind: str
    cron: str
    zone: str
    enabled: bool = True
    config: dict[str, Any] = field(default_factory=dict)


_TASK = (
    "name, kind, config, cron, zone, enabled, catch_up, on_network, on_mains, unmetered, jitter_s, checked_at, "
    "owed_at, run_now, updated_at"
)
_RUN = "id, task, planned_at, started_at, ended_at, trigger, status, reason, summary, job_id"
_CHANGEABLE = (
    "config", "cron", "zone", "enabled", "catch_up", "on_network", "on_mains", "unmetered", "jitter_s",
)  # fmt: skip


def _task(row: Sequence[Any]) -> Task:
    values = list(row)
    values[2] = json.loads(values[2])
    for index in (5, 7, 8, 9):
        values[index] = bool(values[index])
    return Task(*values)


def _run(row: Sequence[Any]) -> TaskRun:
    values = list(row)
    values[8] = json.loads(values[8]) if values[8] else {}
    return TaskRun(*values)


def ensure(db: SqliteDatabase, wanted: Iterable[NewTask], now_ms: int) -> None:
    """Make the tasks that do not exist; those that do keep what their user chose."""
    for one in wanted:
        db.execute_sql(
            "INSERT INTO task (name, kind, config, cron, zone, enabled, checked_at, updated_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING",
            (one.name, one.kind, json.dumps(one.config), one.cron, one.zone, int(one.enabled), now_ms, now_ms),
        )


def tasks(db: SqliteDatabase) -> list[Task]:
    """All tasks, by name."""
    return [_task(row) for row in db.execute_sql(f"SELECT {_TASK} FROM task ORDER BY name")]


def get(db: SqliteDatabase, name: str) -> Task:
    """One task. Raises UsageError when there is none."""
    row = db.execute_sql(f"SELECT {_TASK} FROM task WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise UsageError(f"There is no scheduled task {name}.", "Tasks are listed by: gdvg schedule list.")
    return _task(row)


def change(db: SqliteDatabase, name: str, now_ms: int, **values: Any) -> Task:
    """Change a task: config, cron, zone, enabled, catch_up, on_network, on_mains, unmetered, jitter_s.

    With another expression or zone, or switched on, its moments count from now: nothing of the past is caught up.
    """
    before = get(db, name)
    unknown = set(values) - set(_CHANGEABLE)
    if unknown:
        raise ValueError(f"a task has no {', '.join(sorted(unknown))}")
    if "config" in values:
        values["config"] = json.dumps(values["config"], sort_keys=True)
    restarts = {"cron", "zone"} & set(values) or (values.get("enabled") and not before.enabled)
    sets = ", ".join(f"{column} = ?" for column in values)
    if values:
        stored = [int(value) if isinstance(value, bool) else value for value in values.values()]
        db.execute_sql(f"UPDATE task SET {sets}, updated_at = ? WHERE name = ?", (*stored, now_ms, name))
    if restarts:
        restart_moments(db, name, now_ms)
    return get(db, name)


def remove(db: SqliteDatabase, name: str) -> None:
    """Take a task out of the schedule; its runs stay in the history."""
    db.execute_sql("DELETE FROM task WHERE name = ?", (name,))


def want_now(db: SqliteDatabase, name: str, now_ms: int, by: str = "manual") -> None:
    """Ask for a run now; `by` is manual or api. The schedule stays as it is."""
    get(db, name)
    db.execute_sql("UPDATE task SET run_now = ?, updated_at = ? WHERE name = ?", (by, now_ms, name))


def restart_moments(db: SqliteDatabase, name: str, now_ms: int) -> None:
    """Count a task's moments from now: nothing of the past is caught up."""
    db.execute_sql("UPDATE task SET checked_at = ?, owed_at = NULL WHERE name = ?", (now_ms, name))


def dealt_with(db: SqliteDatabase, name: str, checked_at: int, owed_at: int | None) -> None:
    """Record up to when a task's moments were dealt with. To be called with what was done about them."""
    db.execute_sql("UPDATE task SET checked_at = ?, owed_at = ? WHERE name = ?", (checked_at, owed_at, name))


def begin_run(db: SqliteDatabase, name: str, planned_at: int | None, trigger: str, now_ms: int) -> int:
    """Record that a run starts; returns its number."""
    db.execute_sql("UPDATE task SET run_now = NULL WHERE name = ?", (name,))
    row = db.execute_sql(
        "INSERT INTO task_run (task, planned_at, started_at, trigger, status) VALUES (?, ?, ?, ?, 'running') "
        "RETURNING id",
        (name, planned_at, now_ms, trigger),
    ).fetchone()
    return int(row[0])


def run_has_job(db: SqliteDatabase, run_id: int, job_id: int) -> None:
    """Record the job a run queued: it ends when the job does."""
    db.execute_sql("UPDATE task_run SET job_id = ? WHERE id = ?", (job_id, run_id))


def end_run(
    db: SqliteDatabase, run_id: int, status: str, now_ms: int, *, reason: str | None = None, summary: Any = None
) -> None:
    """Record how a run ended: done or failed."""
    db.execute_sql(
        "UPDATE task_run SET status = ?, reason = ?, summary = ?, ended_at = ? WHERE id = ?",
        (status, reason, json.dumps(summary, ensure_ascii=False) if summary else None, now_ms, run_id),
    )


def call_off(db: SqliteDatabase, run_id: int, reason: str) -> None:
    """Make a run that began missed: what it would have started stands in its own way."""
    db.execute_sql(
        "UPDATE task_run SET status = 'missed', reason = ?, planned_at = coalesce(planned_at, started_at), "
        "started_at = NULL WHERE id = ?",
        (reason, run_id),
    )


def add_missed(db: SqliteDatabase, name: str, missed: Iterable[tuple[int, str]]) -> None:
    """Record planned moments that did not run, each with its reason."""
    db.connection().executemany(
        "INSERT INTO task_run (task, planned_at, trigger, status, reason) VALUES (?, ?, 'schedule', 'missed', ?)",
        [(name, planned_at, reason) for planned_at, reason in missed],
    )


def running(db: SqliteDatabase) -> list[TaskRun]:
    """Runs that have not ended."""
    return [_run(row) for row in db.execute_sql(f"SELECT {_RUN} FROM task_run WHERE status = 'running' ORDER BY id")]


def runs(db: SqliteDatabase, name: str | None = None, limit: int = 200, *, status: str | None = None) -> list[TaskRun]:
    """Runs and missed runs, newest first; `status` is running, done, failed or missed."""
    rows = db.execute_sql(
        f"SELECT {_RUN} FROM task_run WHERE (? IS NULL OR task = ?) AND (? IS NULL OR status = ?) "
        "ORDER BY id DESC LIMIT ?",
        (name, name, status, status, limit),
    )
    return [_run(row) for row in rows]


def last_run(db: SqliteDatabase, name: str) -> TaskRun | None:
    """The latest run that was started."""
    row = db.execute_sql(
        f"SELECT {_RUN} FROM task_run WHERE task = ? AND started_at IS NOT NULL ORDER BY id DESC LIMIT 1", (name,)
    ).fetchone()
    return _run(row) if row else None


def forget_runs(db: SqliteDatabase, before_ms: int) -> None:
    """Drop runs planned or started before an instant."""
    db.execute_sql(
        "DELETE FROM task_run WHERE status <> 'running' AND coalesce(ended_at, started_at, planned_at) < ?",
        (before_ms,),
    )


def fingerprint(db: SqliteDatabase) -> tuple[object, ...]:
    """Something that is another when a task, a run or the pause changed."""
    row = db.execute_sql(
        "SELECT (SELECT value FROM fact WHERE name = ?), (SELECT count(*) FROM task), "
        "(SELECT max(updated_at) FROM task), (SELECT max(id) FROM task_run), (SELECT max(ended_at) FROM task_run), "
        "(SELECT count(*) FROM task_run WHERE status = 'running'), (SELECT group_concat(run_now) FROM task)",
        (PAUSE,),
    ).fetchone()
    return tuple(row)


def library_begun(db: SqliteDatabase) -> bool:
    """Whether anybody ever chose anything for this library: a scope, a job, or titles that came of one."""
    row = db.execute_sql(
        "SELECT EXISTS (SELECT 1 FROM title) OR EXISTS (SELECT 1 FROM job) "
        "OR EXISTS (SELECT 1 FROM fact WHERE name = 'scope')"
    ).fetchone()
    return bool(row[0])


def mirror_begun(db: SqliteDatabase) -> bool:
    """Whether a scope was chosen for the mirror, or it was ever started without one."""
    row = db.execute_sql(
        "SELECT EXISTS (SELECT 1 FROM job WHERE kind = 'mirror') "
        "OR EXISTS (SELECT 1 FROM fact WHERE name IN ('scope', 'mirror_mode'))"
    ).fetchone()
    return bool(row[0])


def pause(db: SqliteDatabase, now_ms: int, by: str, until_ms: int | None) -> Pause:
    """Pause all scheduled work; its running jobs finish their current titles. A second pause changes how long.

    Since when and by whom stay as they were at the first.
    """
    before = pause_state(db)
    held = Pause(True, before.at, before.by, until_ms, None) if before.paused else Pause(True, now_ms, by, until_ms)
    _put_pause(db, held, now_ms)
    jobs.hold_scheduled(db, now_ms)
    return held


def resume(db: SqliteDatabase, now_ms: int) -> None:
    """Let scheduled work go on, and the jobs of it that the pause held."""
    _put_pause(db, Pause(), now_ms)
    jobs.release_scheduled(db, now_ms)


def reminded(db: SqliteDatabase, now_ms: int) -> Pause:
    """Record that the user was told that the schedule is still paused, if it still is."""
    held = pause_state(db)
    if held.paused:
        held = Pause(held.paused, held.at, held.by, held.until, now_ms)
        _put_pause(db, held, now_ms)
    return held


def pause_state(db: SqliteDatabase) -> Pause:
    """Whether scheduled work is paused."""
    found = counts.fact(db, PAUSE)
    return Pause(**json.loads(found.value)) if found else Pause()


def _put_pause(db: SqliteDatabase, held: Pause, now_ms: int) -> None:
    values = {"paused": held.paused, "at": held.at, "by": held.by, "until": held.until, "reminded_at": held.reminded_at}
    counts.set_fact(db, PAUSE, json.dumps(values), now_ms)
