"""Planned runs that did not run, gathered: moments of a task in a row that were missed for one reason are one row."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.errors import UsageError

READ = 5_000
"""At most so many rows of runs are looked at, the newest: what came before is not listed."""
_PLANNED = "id, task, coalesce(planned_at, started_at), status, coalesce(reason, '')"


@dataclass(frozen=True, slots=True)
class MissedRow:
    """`count` moments of a task from `first_at` to `planned_at` (unix milliseconds) that were missed for a reason.

    `id` is the number of the first of them, which stays while more are missed. The reason is a `Hindrance` value.
    """

    id: int
    last_id: int
    task: str
    reason: str
    first_at: int
    planned_at: int
    count: int


def listing(db: SqliteDatabase, *, since: int | None = None, until: int | None = None) -> list[MissedRow]:
    """What was missed of all tasks between two instants (unix milliseconds), the latest planned first."""
    rows = db.execute_sql(
        f"SELECT {_PLANNED} FROM task_run WHERE (? IS NULL OR coalesce(planned_at, started_at) >= ?) "
        "AND (? IS NULL OR coalesce(planned_at, started_at) < ?) ORDER BY id DESC LIMIT ?",
        (since, since, until, until, READ),
    ).fetchall()
    return sorted(_gathered(reversed(rows)), key=lambda one: (one.planned_at, one.id), reverse=True)


def get(db: SqliteDatabase, first_id: int) -> MissedRow:
    """What was missed in a row from this run on. Raises UsageError when it is none that was missed."""
    rows = db.execute_sql(
        f"SELECT {_PLANNED} FROM task_run WHERE task = (SELECT task FROM task_run WHERE id = ? AND status = 'missed') "
        "AND id >= ? ORDER BY id LIMIT ?",
        (first_id, first_id, READ),
    ).fetchall()
    found = _gathered(rows)
    if not found:
        raise UsageError(f"There is no missed run {first_id}.", "List them with: gdvg history list --result missed.")
    return found[0]


def moments(db: SqliteDatabase, missed: MissedRow, limit: int) -> list[int]:
    """The latest planned moments of it (unix milliseconds), the latest first."""
    rows = db.execute_sql(
        "SELECT planned_at FROM task_run WHERE task = ? AND id BETWEEN ? AND ? AND status = 'missed' "
        "ORDER BY id DESC LIMIT ?",
        (missed.task, missed.id, missed.last_id, limit),
    )
    return [row[0] for row in rows]


def ran_after(db: SqliteDatabase, missed: MissedRow) -> int | None:
    """When the task ran for the first time after it (unix milliseconds); None while it has not."""
    row = db.execute_sql(
        "SELECT started_at FROM task_run WHERE task = ? AND id > ? AND started_at IS NOT NULL ORDER BY id LIMIT 1",
        (missed.task, missed.last_id),
    ).fetchone()
    return int(row[0]) if row else None


def _gathered(rows: Iterable[tuple[Any, ...]]) -> list[MissedRow]:
    """Rows in the order of their numbers to what was missed; a run of the task or another reason begins a new one."""
    found, open_ones = list[list[Any]](), dict[str, list[Any]]()
    for run_id, task, at, status, reason in rows:
        if status != "missed":
            open_ones.pop(task, None)
            continue
        one = open_ones.get(task)
        if one is None or one[3] != reason:
            open_ones[task] = one = [run_id, run_id, task, reason, at, at, 0]
            found.append(one)
        one[1], one[4], one[5], one[6] = run_id, min(one[4], at), max(one[5], at), one[6] + 1
    return [MissedRow(*one) for one in found]
