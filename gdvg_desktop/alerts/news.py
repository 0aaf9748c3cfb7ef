"""What happened that is no alert: runs that ended, the mirror complete, a budget used, the summary of a day.

Up to where was looked is a row, so nothing is told twice and nothing is lost over a restart.
"""

import json
from dataclasses import dataclass
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import from_millis
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.store import counts, jobs, mirror

RUN_FINISHED, MIRROR_COMPLETE, BUDGET_PAUSE, DIGEST = "run_finished", "mirror_complete", "budget_pause", "digest"
GOOD_RUN = "good_run"  # for heartbeats only
_SEEN = "alerts_seen"
_BUDGET = "budget"  # the reason of a job that waits for another day


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened: an event's name, the arguments of its words, and the code of those words."""

    event: str
    args: dict[str, Any]
    words: str = ""


def take(db: SqliteDatabase, now_ms: int) -> list[News]:
    """What happened since this was last asked for; nothing the first time. Runs in the caller's transaction."""
    known = counts.fact(db, _SEEN)
    mode = mirror.mode(db)
    seen: dict[str, Any] = json.loads(known.value) if known is not None else {}
    before = dict(seen)
    if known is None:
        seen = {"at": now_ms, "ids": [], "mode": mode.value if mode else None, "budget": {}}
    found = _ended(db, seen) + _complete(seen, mode.value if mode else None) + _budgets(db, seen)
    if seen != before:
        counts.set_fact(db, _SEEN, json.dumps(seen), now_ms)
    return found


def _ended(db: SqliteDatabase, seen: dict[str, Any]) -> list[News]:
    ended = [one for one in jobs.finished(db, seen["at"]) if one.id not in seen["ids"]]
    found = []
    for job in reversed(ended):
        if job.completed_at is not None and job.completed_at > seen["at"]:
            seen["at"], seen["ids"] = job.completed_at, []
        seen["ids"].append(job.id)
        if job.state is JobState.CANCELLED:
            continue
        figures = {
            "job": job.id,
            "name": job.name,
            "added": job.added,
            "updated": job.updated,
            "skipped": job.skipped,
            "failed": job.failed,
        }
        failed = job.state is JobState.FAILED
        found.append(News(RUN_FINISHED, figures, "run_failed" if failed else RUN_FINISHED))
        if not failed and not job.failed:
            found.append(News(GOOD_RUN, figures, RUN_FINISHED))
    return found


def _complete(seen: dict[str, Any], mode: str | None) -> list[News]:
    was, seen["mode"] = seen["mode"], mode
    return [News(MIRROR_COMPLETE, {})] if mode == mirror.DELTA and was == mirror.FILLING else []


def _budgets(db: SqliteDatabase, seen: dict[str, Any]) -> list[News]:
    """Jobs that wait for another day; each is told of once a day it waits for."""
    found, waiting = [], {}
    for job in jobs.queue(db):
        if job.state is JobState.INTERRUPTED and job.reason == _BUDGET:
            until = job.reason_args.get("until", 0)
            waiting[str(job.id)] = until
            if seen["budget"].get(str(job.id)) != until:
                found.append(News(BUDGET_PAUSE, {"job": job.id, "name": job.name}))
    seen["budget"] = waiting
    return found


def of_day(db: SqliteDatabase, now_ms: int, alerts: int) -> News:
    """The summary of the UTC day before this one, and how many alerts are open."""
    day = from_millis(now_ms - 86_400_000).date()
    figures = counts.daily(db, day, day).get(day, {})
    args = {
        "added": figures.get(counts.ADDED_MOVIE, 0) + figures.get(counts.ADDED_TV, 0),
        "updated": figures.get(counts.UPDATED, 0),
        "failed": figures.get(counts.FAILED, 0),
        "alerts": alerts,
        "day": day.isoformat(),
    }
    return News(DIGEST, args)
