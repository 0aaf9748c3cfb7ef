"""What failed, over all jobs: one line a title or listing, however many jobs it failed in.

The rows are the jobs' own (`job_item`, `listing_window`); every failed try is a row of `attempt`, kept over automatic
retries too, until the failure is resolved: stored by some job, gone from TMDb, or skipped by the user. The counts of
every job stay consistent, as `store.jobs` promises. A title another job has stored since is not listed any more, and
`settle` takes it out of the job it had failed in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.clock import utc_day
from gdvg_desktop.core.errors import Attempt, UsageError
from gdvg_desktop.core.kinds import FailureCategory, JobKind, JobState, MediaType
from gdvg_desktop.store import counts, jobs, skips, windows
from gdvg_desktop.store.windows import WindowRow

SKIPPED_FOR = "error"
LISTED = 5000
"""Failures listed at once; the counts are always of all."""


@dataclass(frozen=True, slots=True)
class Key:
    """What failed: a title, or with `window_id` one listing of a job. `str()` gives movie/12 or listing/7."""

    media_type: MediaType
    tmdb_id: int | None
    window_id: int | None = None

    def __str__(self) -> str:
        return f"listing/{self.window_id}" if self.tmdb_id is None else f"{self.media_type.value}/{self.tmdb_id}"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed title or listing. `tries` counts every failed request for it; `next_try_at` is when it is tried again
    by itself (None = not), `name` what the library knows it as. `job_ids` has the latest first."""

    key: Key
    name: str | None
    category: FailureCategory
    message: str
    tries: int
    failed_at: int
    next_try_at: int | None
    job_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """Failures of a category: how many of them are retried by themselves, and when the first of these is."""

    count: int = 0
    automatic: int = 0
    next_try_at: int | None = None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One failed try, and the job it was made for."""

    job_id: int
    at: int
    category: FailureCategory
    message: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """Failed titles that came in after all: by an automatic retry, and because the user asked."""

    by_itself: int = 0
    asked: int = 0


# what has happened to a failed `item` since, by whatever job
_STORED = """EXISTS (SELECT 1 FROM title WHERE title.id = item.tmdb_id * 2 + (item.media_type = 'tv')
                     AND title.checked_at > item.failed_at)"""
_GONE = """EXISTS (SELECT 1 FROM title_answer AS said WHERE said.title_id = item.tmdb_id * 2 + (item.media_type = 'tv')
                   AND said.answer = 'gone' AND said.asked_at > item.failed_at)"""
# without being told, SQLite would walk the index of all items, of which the mirror has a million
_FAILED = "FROM job_item AS item INDEXED BY job_item_failed WHERE item.state = 'failed'"
_OPEN = f"{_FAILED} AND NOT {_STORED} AND NOT {_GONE}"
# of a title that failed in several jobs, SQLite's bare columns are those of the row with the latest failure
_TITLES = f"""
    SELECT media_type, tmdb_id, NULL AS window_id, category, message, max(failed_at) AS failed_at,
           group_concat(job_id) AS job_ids, sum(attempts) AS attempts {_OPEN} GROUP BY media_type, tmdb_id
"""
_WINDOWS = """
    SELECT media_type, NULL, id, coalesce(category, 'server'), coalesce(note, ''), coalesce(last_synced_at, 0),
           CAST(job_id AS TEXT), max(passes, 1) FROM listing_window WHERE failed = 1
"""
_NEXT = """
    (SELECT min(next_try_at) FROM job_item AS item JOIN job ON job.id = item.job_id
     WHERE item.state = 'failed' AND item.media_type = failure.media_type AND item.tmdb_id = failure.tmdb_id
       AND job.state <> 'cancelled')
"""
_ALL = f"""
    SELECT failure.media_type, failure.tmdb_id, failure.window_id, failure.category, failure.message,
           failure.failed_at, failure.job_ids,
           {_NEXT} AS next_try_at,
           max(failure.attempts, (SELECT count(*) FROM attempt WHERE attempt.media_type = failure.media_type
                                  AND attempt.tmdb_id = failure.tmdb_id)) AS tries,
           title.title AS name
    FROM ({_TITLES} UNION ALL {_WINDOWS}) AS failure
    LEFT JOIN title ON title.id = failure.tmdb_id * 2 + (failure.media_type = 'tv')
"""


def parse_key(db: SqliteDatabase, text: str) -> Key:
    """Read movie/12, tv/12 or listing/7. Raises UsageError for anything else, or when nothing of it failed."""
    kind, _, number = text.strip().partition("/")
    if kind not in ("movie", "tv", "listing") or not (number.isascii() and number.isdigit()):
        raise UsageError(
            f"{text} names no title.", "Write movie/ID or tv/ID, or listing/ID as: gdvg errors list shows."
        )
    if kind != "listing":
        return Key(MediaType(kind), int(number))
    row = db.execute_sql("SELECT media_type FROM listing_window WHERE id = ?", (int(number),)).fetchone()
    if row is None:
        raise UsageError(f"There is no listing {number}.", "Failed listings are shown by: gdvg errors list.")
    return Key(MediaType(row[0]), None, int(number))


def listing(
    db: SqliteDatabase,
    *,
    category: FailureCategory | None = None,
    key: Key | None = None,
    limit: int = LISTED,
) -> list[Failure]:
    """Failures, the latest first."""
    rows = db.execute_sql(
        f"{_ALL} WHERE (:category IS NULL OR failure.category = :category) AND (:any OR (failure.media_type = :type "
        "AND failure.tmdb_id IS :tmdb_id AND failure.window_id IS :window_id)) "
        "ORDER BY failure.failed_at DESC, failure.media_type, failure.tmdb_id LIMIT :limit",
        {
            "category": category.value if category else None,
            "any": key is None,
            "type": key.media_type.value if key else None,
            "tmdb_id": key.tmdb_id if key else None,
            "window_id": key.window_id if key else None,
            "limit": limit,
        },
    )
    return [
        Failure(
            Key(MediaType(kind), tmdb_id, window_id),
            name,
            FailureCategory(said),
            message or "",
            int(tries),
            failed_at,
            next_try_at,
            tuple(sorted((int(one) for one in job_ids.split(",")), reverse=True)),
        )
        for kind, tmdb_id, window_id, said, message, failed_at, job_ids, next_try_at, tries, name in rows
    ]


def by_category(db: SqliteDatabase) -> dict[FailureCategory, CategoryCount]:
    """How many titles and listings failed, by category of their latest failure."""
    rows = db.execute_sql(
        "SELECT category, count(*), count(next_try_at), min(next_try_at) FROM "
        f"(SELECT category, {_NEXT} AS next_try_at FROM ({_TITLES} UNION ALL {_WINDOWS}) AS failure) GROUP BY category"
    )
    return {FailureCategory(row[0]): CategoryCount(*row[1:]) for row in rows}


def count(db: SqliteDatabase) -> int:
    """How many titles and listings are failed."""
    row = db.execute_sql(
        f"SELECT (SELECT count(*) FROM (SELECT 1 {_OPEN} GROUP BY item.media_type, item.tmdb_id)) + "
        "(SELECT count(*) FROM listing_window WHERE failed = 1)"
    ).fetchone()
    return int(row[0])


def attempts(db: SqliteDatabase, key: Key) -> list[AttemptRow]:
    """Every failed try of a title, oldest first; a listing keeps none but its note."""
    rows = db.execute_sql(
        "SELECT job_id, at, category, message FROM attempt WHERE media_type = ? AND tmdb_id = ? ORDER BY at, id",
        (key.media_type.value, key.tmdb_id),
    )
    return [AttemptRow(job_id, at, FailureCategory(category), message) for job_id, at, category, message in rows]


def window_of(db: SqliteDatabase, key: Key) -> WindowRow | None:
    """The window of a failed listing; None for a title."""
    if key.window_id is None:
        return None
    row = db.execute_sql("SELECT job_id FROM listing_window WHERE id = ?", (key.window_id,)).fetchone()
    found = windows.of_job(db, row[0]) if row else []
    return next((one for one in found if one.id == key.window_id), None)


# --------------------------------------------------------------------------------------------- as jobs go on


def tried(
    db: SqliteDatabase, job_id: int, media_type: MediaType, tmdb_id: int, failed_tries: Iterable[Attempt]
) -> None:
    """Keep the failed tries of a title, in the transaction that keeps it as failed."""
    db.connection().executemany(
        "INSERT INTO attempt (job_id, media_type, tmdb_id, at, category, message) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (job_id, media_type.value, tmdb_id, round(one.at * 1000), one.category.value, one.message[:500])
            for one in failed_tries
        ],
    )


def resolved(
    db: SqliteDatabase, job_id: int, keys: Sequence[tuple[MediaType, int]], now_ms: int, *, gone: bool = False
) -> Recovered:
    """A job got the answer to these titles: what failed of them before, in it or in other jobs, is resolved.

    To be called in the transaction that stores them. Returns how many had failed in this job, counted into the job's
    `recovered`; with `gone` TMDb does not have them and nothing has recovered.
    """
    by_itself = asked = 0
    for media_type, tmdb_id in keys:
        where = (media_type.value, tmdb_id)
        others = db.execute_sql(
            "SELECT job_id FROM job_item WHERE state = 'failed' AND media_type = ? AND tmdb_id = ? AND job_id <> ?",
            (*where, job_id),
        ).fetchall()
        for (other,) in others:
            _leave(db, other, Key(media_type, tmdb_id), now_ms, "gone" if gone else "skipped", recovered=not gone)
        mine = db.execute_sql(
            "SELECT count(*) FROM attempt WHERE media_type = ? AND tmdb_id = ? AND job_id = ?", (*where, job_id)
        ).fetchone()[0]
        if not mine and not others:
            continue
        db.execute_sql("DELETE FROM attempt WHERE media_type = ? AND tmdb_id = ?", where)
        if mine and not gone:
            row = db.execute_sql(
                "SELECT by_user FROM job_item WHERE job_id = ? AND media_type = ? AND tmdb_id = ?", (job_id, *where)
            ).fetchone()
            asked += bool(row and row[0])
            by_itself += not (row and row[0])
    jobs.bump(db, job_id, now_ms, recovered=by_itself + asked)
    day = {counts.RECOVERED: by_itself, counts.RECOVERED_ASKED: asked}
    counts.add_daily(db, utc_day(now_ms / 1000), day)
    return Recovered(by_itself, asked)


def any_settled(db: SqliteDatabase) -> bool:
    """Whether a failed title was stored or found gone since, so that `settle` has something to do."""
    sql = f"SELECT EXISTS (SELECT 1 {_FAILED} AND ({_STORED} OR {_GONE}))"
    return bool(db.execute_sql(sql).fetchone()[0])


def settle(db: SqliteDatabase, now_ms: int, limit: int = 1000) -> int:
    """Resolve failures whose titles were stored or found gone since, by whatever way; returns how many."""
    rows = db.execute_sql(
        f"SELECT job_id, media_type, tmdb_id, {_STORED} {_FAILED} AND ({_STORED} OR {_GONE}) LIMIT ?",
        (limit,),
    ).fetchall()
    for job_id, kind, tmdb_id, stored in rows:
        key = Key(MediaType(kind), tmdb_id)
        _leave(db, job_id, key, now_ms, "skipped" if stored else "gone", recovered=bool(stored))
        db.execute_sql(
            "DELETE FROM attempt WHERE job_id = ? AND media_type = ? AND tmdb_id = ?", (job_id, kind, tmdb_id)
        )
    return len(rows)


def day_listed(db: SqliteDatabase, media_type: MediaType, day: date, now_ms: int) -> int:
    """A day's change list was read whole: where it failed in finished delta jobs it is no failure any more.

    They count it as skipped. To be called in the transaction that keeps the list; returns in how many jobs.
    """
    rows = db.execute_sql(
        "SELECT listing_window.id, job_id FROM listing_window JOIN job ON job.id = job_id "
        "WHERE listing_window.failed = 1 AND kind = ? AND state IN ('completed', 'failed', 'cancelled') "
        "AND media_type = ? AND date_from = ?",
        (JobKind.DELTA.value, media_type.value, day.isoformat()),
    ).fetchall()
    for window_id, job_id in rows:
        _close_listing(db, job_id, window_id, "Read by a later run. ", now_ms)
    return len(rows)


def _leave(db: SqliteDatabase, job_id: int, key: Key, now_ms: int, counted_as: str, *, recovered: bool = False) -> None:
    """Take a failed title out of a job: it counts as skipped or gone from now on."""
    changed = db.execute_sql(
        "UPDATE job_item SET state = 'done', next_try_at = NULL "
        "WHERE job_id = ? AND media_type = ? AND tmdb_id = ? AND state = 'failed'",
        (job_id, key.media_type.value, key.tmdb_id),
    ).rowcount
    if changed:
        jobs.bump(db, job_id, now_ms, failed=-1, recovered=int(recovered), **{counted_as: 1})


# ------------------------------------------------------------------------------------------- what a user does


@dataclass(frozen=True, slots=True)
class Retried:
    """How many titles and listings are wanted again, in which jobs, and which titles only cancelled jobs know.

    `refused` are listings of cancelled jobs: what they belong to has been given up.
    """

    count: int
    job_ids: tuple[int, ...]
    homeless: tuple[Key, ...] = ()
    refused: int = 0


def retry(db: SqliteDatabase, keys: Iterable[Key], now_ms: int) -> Retried:
    """Put failures back in the queue, each in one job: the unfinished one that wants it, else the latest.

    Of finished jobs of the same kind and config only one may be unfinished again: it takes the titles of the others,
    whose listings are left for a later retry. Other jobs a title had failed in count it as skipped, as this one asks
    for all of them. Titles that failed in cancelled jobs only are returned as `homeless`; they leave those jobs, for
    the caller to queue anew.
    """
    plan = _Plan()
    for key in dict.fromkeys(keys):
        owners = [plan.job(db, job_id) for job_id in _jobs_of(db, key)]
        if not owners:
            continue
        owner = min(owners, key=_fitness)
        heir = plan.heir(db, owner)
        if key.tmdb_id is None:
            if heir is None:
                plan.refused += 1
            elif heir.id == owner.id:
                plan.listings.setdefault(owner.id, []).append(key)
            continue
        if heir is None:
            plan.homeless.append(key)
        elif any(one.id == heir.id for one in owners):
            plan.items.setdefault(heir.id, []).append(key)
        else:
            _want(db, heir, key, now_ms)
        for other in owners:
            if heir is None or other.id != heir.id:
                _leave(db, other.id, key, now_ms, "skipped")
        adopt(db, (heir or owner).id, [key])
        plan.count += 1
    for job_id in plan.items.keys() | plan.listings.keys():
        wanted, lists = plan.items.get(job_id, []), plan.listings.get(job_id, [])
        db.connection().executemany(
            "UPDATE job_item SET state = 'pending', category = NULL, message = NULL, attempts = 0, failed_at = NULL, "
            "next_try_at = NULL, by_user = 1 WHERE job_id = ? AND media_type = ? AND tmdb_id = ?",
            [(job_id, key.media_type.value, key.tmdb_id) for key in wanted],
        )
        db.connection().executemany(
            "UPDATE listing_window SET failed = 0, note = NULL, category = NULL WHERE id = ?",
            [(key.window_id,) for key in lists],
        )
        plan.count += len(lists)
        jobs.back_to_queue(db, jobs.get(db, job_id), len(wanted), len(lists), now_ms)
    return Retried(
        plan.count, tuple(sorted(plan.items.keys() | plan.listings.keys())), tuple(plan.homeless), plan.refused
    )


def adopt(db: SqliteDatabase, job_id: int, keys: Iterable[Key]) -> None:
    """The failed tries of these titles are another job's from now on, as it tries them again."""
    db.connection().executemany(
        "UPDATE attempt SET job_id = ? WHERE media_type = ? AND tmdb_id = ?",
        [(job_id, key.media_type.value, key.tmdb_id) for key in keys],
    )


def skip(db: SqliteDatabase, keys: Iterable[Key], now_ms: int) -> int:
    """Give failures up for good: their jobs count them as skipped, and keep the ids with the reason. Returns how many.

    The same title may be asked for again by another import; a job of the past does not try it any more.
    """
    skipped = 0
    given_up: dict[tuple[int, MediaType], BitMap] = {}
    for key in dict.fromkeys(keys):
        owners = _jobs_of(db, key)
        skipped += bool(owners)
        for job_id in owners:
            if key.tmdb_id is None:
                _close_listing(db, job_id, key.window_id, "Given up. ", now_ms)
                continue
            _leave(db, job_id, key, now_ms, "skipped")
            given_up.setdefault((job_id, key.media_type), BitMap()).add(key.tmdb_id)
        db.execute_sql("DELETE FROM attempt WHERE media_type = ? AND tmdb_id = ?", (key.media_type.value, key.tmdb_id))
    for (job_id, media_type), ids in given_up.items():
        skips.add_ids(db, job_id, media_type, SKIPPED_FOR, ids, now_ms)
    return skipped


class _Plan:
    """What `retry` has found out and decided so far."""

    def __init__(self) -> None:
        self.items: dict[int, list[Key]] = {}
        self.listings: dict[int, list[Key]] = {}
        self.homeless: list[Key] = []
        self.refused = 0
        self.count = 0
        self._jobs: dict[int, jobs.Job] = {}
        self._heirs: dict[str, jobs.Job] = {}

    def job(self, db: SqliteDatabase, job_id: int) -> jobs.Job:
        """A job as it was at the first look."""
        if job_id not in self._jobs:
            self._jobs[job_id] = jobs.get(db, job_id)
        return self._jobs[job_id]

    def heir(self, db: SqliteDatabase, job: jobs.Job) -> jobs.Job | None:
        """The job that tries again what failed in `job`; None for a cancelled one that has no heir.

        Of jobs of the same kind and config that is the unfinished one, else the first that was asked about here.
        """
        key = db.execute_sql("SELECT key FROM job WHERE id = ?", (job.id,)).fetchone()[0]
        if key not in self._heirs:
            twin = jobs.unfinished_twin(db, job) if job.state.finished else None
            if twin is None and job.state is JobState.CANCELLED:
                return None
            self._heirs[key] = twin or job
        return self._heirs[key]


def _fitness(job: jobs.Job) -> tuple[int, int]:
    """Which of several jobs tries a title again: one at work, then the latest; one that was cancelled only last."""
    return (0 if not job.state.finished else 2 if job.state is JobState.CANCELLED else 1, -job.id)


def _jobs_of(db: SqliteDatabase, key: Key) -> list[int]:
    """The jobs a title or listing is failed in."""
    if key.tmdb_id is None:
        sql, where = "SELECT job_id FROM listing_window WHERE failed = 1 AND id = ?", (key.window_id,)
        return [row[0] for row in db.execute_sql(sql, where)]
    rows = db.execute_sql(
        "SELECT job_id FROM job_item WHERE state = 'failed' AND media_type = ? AND tmdb_id = ?",
        (key.media_type.value, key.tmdb_id),
    )
    return [row[0] for row in rows]


def _want(db: SqliteDatabase, job: jobs.Job, key: Key, now_ms: int) -> None:
    """Have a job that has put its titles in order fetch one more; one that still lists comes upon it by itself."""
    if job.phase in ("plan", "list", "order"):
        return
    added = db.execute_sql(
        "INSERT INTO job_item (job_id, media_type, tmdb_id, state, rank, by_user) VALUES (?, ?, ?, "
        "'pending', (SELECT coalesce(max(rank), 0) + 1 FROM job_item WHERE job_id = ?), 1) "
        "ON CONFLICT DO UPDATE SET state = 'pending', rank = excluded.rank, by_user = 1 WHERE state <> 'pending'",
        (job.id, key.media_type.value, key.tmdb_id, job.id),
    ).rowcount
    jobs.bump(db, job.id, now_ms, total=max(0, added))


def _close_listing(db: SqliteDatabase, job_id: int, window_id: int | None, why: str, now_ms: int) -> None:
    """A failed listing that is not walked any more; what it has listed stays."""
    db.execute_sql(
        "UPDATE listing_window SET failed = 0, complete = 1, note = substr(? || coalesce(note, ''), 1, 500) "
        "WHERE id = ?",
        (why, window_id),
    )
    jobs.bump(db, job_id, now_ms, failed=-1, skipped=1)
