"""What a task is to do now: pure decisions from its row, the moment and the conditions.

A planned run is a moment of the task's cron expression. It *runs* on time, or late as one catch-up for everything that
was missed, or is *missed* (recorded, never silently dropped). Nothing here moves the schedule: the next run is always
the expression's next moment, whatever was run by hand in between.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gdvg_desktop.schedule.cron import Cron

ON_TIME = timedelta(seconds=90)
"""A run that starts within this of its moment is on time; the loop looks at least every 30 seconds."""
AHEAD = timedelta(hours=2)
"""Moments dealt with further ahead than this, which no jitter explains: the clock was wrong then and is right now."""


class CatchUp(StrEnum):
    """What happens to runs that were due while the computer slept, was off, or the schedule was paused."""

    RUN_ONCE = "run_once"
    SKIP = "skip"


class Hindrance(StrEnum):
    """Why a due run does not start."""

    PAUSED = "paused"
    RUNNING = "running"
    JOB_PAUSED = "job_paused"  # its job is unfinished and waits for its user
    NOT_SET_UP = "not_set_up"  # no key yet, or nothing was ever chosen to be held
    BUDGET = "budget"  # the requests of the day that are not kept for manual work are used
    OFFLINE = "offline"
    ON_BATTERY = "on_battery"
    METERED = "metered"
    QUIET_HOURS = "quiet_hours"
    NOT_AWAKE = "not_awake"


@dataclass(frozen=True, slots=True)
class Plan:
    """A task as the planner sees it. `checked_at` is up to which of its moments, jitter aside, all were dealt with.

    `owed` is the earliest planned run that has not been run yet because something hindered it.
    """

    cron: Cron
    enabled: bool
    catch_up: CatchUp
    checked_at: datetime
    owed: datetime | None = None
    jitter: timedelta = timedelta(0)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, and what the task's row becomes.

    `start` is the planned moment to start a run for (None = start nothing); `late` says it is a catch-up. `missed` are
    planned moments that are given up, each with its reason; they go to the history. `owed` is kept for later.
    """

    start: datetime | None
    late: bool
    missed: tuple[tuple[datetime, Hindrance], ...]
    owed: datetime | None
    checked_at: datetime


def decide(plan: Plan, now: datetime, hindrances: frozenset[Hindrance]) -> Decision:
    """Look at one task. `hindrances` are what stands in its way now.

    A clock set back gives no run twice: `checked_at` does not go back, unless it lies as far ahead as only a clock that
    was wrong before can have brought it.
    """
    until = dealt_with(plan, now)
    if not plan.enabled:
        return Decision(None, False, (), None, max(now, until))
    if until < plan.checked_at:
        return Decision(None, False, (), None, until)
    shift = jittered(plan)
    moments = plan.cron.between(plan.checked_at, until)
    if not moments and plan.owed is None:
        return Decision(None, False, (), None, until)
    if Hindrance.RUNNING in hindrances:
        # what is running does this moment's work: the schedule never starts what is already running
        return Decision(None, False, tuple((one, Hindrance.RUNNING) for one in moments), plan.owed, until)
    if Hindrance.NOT_SET_UP in hindrances:  # once it is set up, nothing of the time before is caught up
        return Decision(None, False, tuple((one, Hindrance.NOT_SET_UP) for one in moments), None, until)
    latest = moments[-1] if moments else None
    on_time = latest is not None and now - (latest + shift) <= ON_TIME
    if hindrances:
        return _hindered(plan, moments, hindrances, until)
    if on_time:
        assert latest is not None
        missed = tuple((one, Hindrance.NOT_AWAKE) for one in moments[:-1])
        return Decision(latest, False, missed, None, until)
    if plan.catch_up is CatchUp.RUN_ONCE:
        start = latest or plan.owed
        missed = tuple((one, Hindrance.NOT_AWAKE) for one in moments[:-1])
        return Decision(start, True, missed, None, until)
    return Decision(None, False, tuple((one, Hindrance.NOT_AWAKE) for one in moments), None, until)


def _hindered(plan: Plan, moments: list[datetime], hindrances: frozenset[Hindrance], until: datetime) -> Decision:
    """Due, but something stands in the way: owed as one run when the task catches up, else missed."""
    reason = min(hindrances, key=list(Hindrance).index)
    missed = tuple((one, reason) for one in moments)
    if plan.catch_up is CatchUp.SKIP:
        return Decision(None, False, missed, None, until)
    return Decision(None, False, missed, plan.owed or (moments[0] if moments else None), until)


def jittered(plan: Plan) -> timedelta:
    """How much later than its moments this task runs: fixed for a task, so that its runs keep their distance."""
    if not plan.jitter:
        return timedelta(0)
    digest = hashlib.blake2b(plan.name.encode(), digest_size=4).digest()
    share = int.from_bytes(digest, "big") / 2**32
    return timedelta(seconds=round(plan.jitter.total_seconds() * share))


def next_runs(plan: Plan, now: datetime, count: int = 5) -> list[datetime]:
    """The next planned runs, jitter included."""
    shift = jittered(plan)
    return [one + shift for one in plan.cron.next(dealt_with(plan, now), count)]


def dealt_with(plan: Plan, now: datetime) -> datetime:
    """The moment, jitter aside, up to which nothing is left to do after a look now. A changed jitter repeats none."""
    until = now - jittered(plan)
    return until if plan.checked_at - until > AHEAD else max(until, plan.checked_at)
