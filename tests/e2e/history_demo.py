"""A week of runs a designer can judge: schedules, a fill with a burst of errors, a failed import, open failures."""

import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from gdvg_desktop.core.clock import utc_day
from gdvg_desktop.core.errors import Attempt
from gdvg_desktop.core.kinds import FailureCategory, JobKind, JobState, MediaType, Origin
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.store import counts, errors, jobs, runs, schedule
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.runs import Incident
from gdvg_desktop.store.titles import write_titles
from tests.support.titles import rows

MINUTE = 60_000
HOUR, DAY = 60 * MINUTE, 1440 * MINUTE
PHASES = (("plan", 0.02), ("list", 0.07), ("order", 0.01), ("fetch", 0.76), ("close", 0.06))
NAMES = {
    592831: "Megalopolis", 549509: "The Brutalist", 786892: "Furiosa: A Mad Max Saga", 837335: "La Chimera",
    976893: "Perfect Days", 994108: "All of Us Strangers", 467244: "The Zone of Interest",
}  # fmt: skip
SAID = {
    FailureCategory.NETWORK: ("Timed out after 10 s", "Connection reset by peer", "TLS handshake failed"),
    FailureCategory.RATE_LIMIT: ("429, retry after 10 s",),
    FailureCategory.VALIDATION: ("No release date or title", "Runtime below zero"),
}


@dataclass(frozen=True)
class Past:
    """One run of the past; `ago` and `took` are milliseconds."""

    name: str
    kind: JobKind
    ago: int
    took: int
    counts: dict[str, int]
    state: JobState = JobState.COMPLETED
    origin: Origin = Origin.SCHEDULE


def prepare(folder: Path) -> None:
    """Fill a new library with the past."""
    store = Store.open(open_paths(folder), exclusive=True)
    try:
        store.write_now(lambda db: _write(db, round(time.time() * 1000)))
    finally:
        store.close()


def _past(dice: Random) -> list[Past]:
    """Oldest first."""
    found = []
    for hours in range(6 * 24, 2, -6):
        figures = {
            "added": dice.randrange(300, 1400),
            "updated": dice.randrange(800, 2800),
            "skipped": dice.randrange(60, 220),
            "recovered": dice.choice((0, 0, 2, 5, 9)),
            "requests": dice.randrange(2000, 5000),
        }
        took = dice.randrange(8, 17) * MINUTE
        found.append(Past("Changes sync", JobKind.DELTA, hours * HOUR - dice.randrange(9) * MINUTE, took, figures))
    user = Origin.USER
    anime = {"added": 1176, "skipped": 6, "recovered": 22, "requests": 1300}
    found.append(Past("Anime 2010 to 2019", JobKind.IMPORT, 26 * HOUR, 18 * MINUTE, anime, JobState.FAILED, user))
    hurry = {"added": 96, "updated": 204, "requests": 310}
    found.append(Past("Sync now", JobKind.REFRESH, 25 * HOUR, 2 * MINUTE, hurry, JobState.CANCELLED, user))
    first = {"added": 418, "skipped": 61, "recovered": 3, "requests": 480}
    found.append(Past("Popularity gap fill", JobKind.FILL, 23 * HOUR, 9 * MINUTE, first, origin=Origin.GAP))
    big = {"added": 17300, "skipped": 212, "failed": 47, "recovered": 329, "requests": 17888}
    found.append(Past("Movie backfill, 1.04 to 1.10 M", JobKind.FILL, 20 * HOUR, 20 * MINUTE, big, origin=Origin.GAP))
    return sorted(found, key=lambda one: -one.ago)


def _write(db: Any, now: int) -> None:
    dice = Random(5)
    write_titles(db, [rows(tmdb_id, title=name) for tmdb_id, name in NAMES.items()], None, 1)
    for past in _past(dice):
        job_id = _run(db, past, now)
        if past.counts.get("failed"):
            _trouble(db, job_id, now - past.ago)
            _failures(db, job_id, now, dice, past.counts["failed"])
    for task, reason, *hours in (("mirror", "not_awake", 9), ("delta", "offline", 3.5, 3, 2.5, 2)):
        schedule.add_missed(db, str(task), [(now - round(float(ago) * HOUR), reason) for ago in hours])
    counts.add_daily(db, utc_day(now / 1000), {counts.RECOVERED: 479})


def _run(db: Any, past: Past, now: int) -> int:
    start = now - past.ago
    job, _ = jobs.add(
        db, past.kind, past.name, {"types": ["movie"], "date_from": str(start)}, start, origin=past.origin
    )
    jobs.set_state(db, job.id, JobState.RUNNING, start)
    done = sum(value for name, value in past.counts.items() if name not in ("recovered", "requests"))
    jobs.bump(db, job.id, start + past.took, total=done, **past.counts)
    at = float(start)
    for phase, share in PHASES:
        runs.enter(db, job.id, phase, round(at))
        at += past.took * share
    runs.leave(db, job.id, start + past.took)
    jobs.set_phase(db, job.id, "done")
    jobs.set_state(db, job.id, past.state, start + past.took)
    return int(job.id)


def _trouble(db: Any, job_id: int, start: int) -> None:
    """A burst of errors while fetching, and a retry afterwards."""
    burst = start + 8 * MINUTE
    runs.note(db, job_id, Incident.ERRORS, burst, count=350, text="rate cut to 10 req/s, then restored")
    for second in (40, 66):
        runs.note(db, job_id, Incident.ERRORS, burst + second * 1000, count=0)
    runs.enter(db, job_id, "fetch", start + 20 * MINUTE)
    runs.leave(db, job_id, start + 22 * MINUTE)
    jobs.set_state(db, job_id, JobState.COMPLETED, start + 22 * MINUTE)


def _failures(db: Any, job_id: int, now: int, dice: Random, count: int) -> None:
    known = list(NAMES)
    ids = [known[n // 2] if n % 2 == 0 and n // 2 < len(known) else 1_000_000 + 977 * n for n in range(count)]
    jobs.add_listed(db, job_id, None, [(MediaType.MOVIE, one, None, None) for one in ids])
    for n, tmdb_id in enumerate(ids):
        category = dice.choices(tuple(SAID), (23, 9, 15))[0]
        message = dice.choice(SAID[category])
        tries = 1 if category is FailureCategory.VALIDATION else dice.randrange(2, 6)
        at = now - n * 1000
        said = [Attempt((at - k * 60_000) / 1000, category, message) for k in range(tries)]
        errors.tried(db, job_id, MediaType.MOVIE, tmdb_id, said)
        again = now + 18 * MINUTE if category is FailureCategory.RATE_LIMIT else None
        failed = jobs.FailedItem(MediaType.MOVIE, tmdb_id, category, message, tries, at, again)
        jobs.item_failed(db, job_id, failed)
