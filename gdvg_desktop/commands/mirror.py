"""The mirror: start it, see how it stands, its months, its exports, and the short lists."""

from collections.abc import Iterable
from dataclasses import dataclass

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage as coverage_commands
from gdvg_desktop.commands.queueing import queue
from gdvg_desktop.core.clock import to_millis, utc_day
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import JobKind, JobState, MediaType, Origin
from gdvg_desktop.core.scope import Scope
from gdvg_desktop.store import coverage as sets
from gdvg_desktop.store import exports, jobs, ledger, mirror, mirror_days
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.counts import Fact
from gdvg_desktop.store.coverage import Coverage
from gdvg_desktop.store.exports import ExportFigures, Refusal
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.ledger import ExportState, MonthRow
from gdvg_desktop.store.mirror_days import Spent
from gdvg_desktop.sync import mirror_mode
from gdvg_desktop.sync.forecast import Limits, expected_finish
from gdvg_desktop.sync.mirror import BUDGET, name_of
from gdvg_desktop.tmdb.lists import LISTS, ShortList


@dataclass(frozen=True, slots=True)
class MirrorStatus:
    """How the mirror stands. Instants are unix milliseconds.

    `mode` is filling or delta; `left` titles are still to fetch (missing ones, or what the unfinished job has left);
    `rate` is in titles a second, measured now or over the last days, None before the mirror has worked.
    `waits_until` is set while the day's budget is used up.
    """

    mode: str
    since: int | None
    scope: Scope
    coverage: Coverage
    left: int
    rate: float | None
    finish: int | None
    job: Job | None
    limits: Limits
    spent: Spent
    waits_until: int | None
    exports: tuple[ExportFigures, ...]
    refusals: tuple[Refusal, ...]


async def start(app: App, scope: Scope | None = None, *, origin: Origin = Origin.USER) -> tuple[Job, bool]:
    """Queue the mirror job, for another scope when one is given. Returns the job and whether it is new.

    There is one mirror job at a time; one that was paused goes on, one that works follows the new scope.
    """
    if scope is not None:
        await coverage_commands.set_scope(app, scope)
    name = name_of(await coverage_commands.get_scope(app))
    return await queue(app, JobKind.MIRROR, name, {}, origin, goes_on=_goes_on, renames=True)


async def status(app: App) -> MirrorStatus:
    """Everything the mirror has to tell of itself."""
    now = app.clock.now()
    today = utc_day(now)
    found = await coverage_commands.coverage(app)

    def read(
        db: SqliteDatabase,
    ) -> tuple[Fact | None, Scope, Job | None, float | None, Spent, list[ExportFigures], list[Refusal]]:
        job_id = mirror.unfinished(db, JobKind.MIRROR)
        return (
            mirror.mode(db),
            scopes.load(db),
            jobs.get(db, job_id) if job_id is not None else None,
            mirror_days.titles_per_second(db, today),
            mirror_days.of(db, today),
            [one for kind in MediaType if (one := exports.figures(db, kind)) is not None],
            exports.refusals(db),
        )

    mode, scope, job, rate, spent, read_exports, refusals = await app.store.read(read)
    pace = app.engine.pace(job) if app.engine is not None and job is not None else None
    if pace is not None and pace.titles_per_second > 0:
        rate = pace.titles_per_second
    left = job.left if job is not None and job.phase == "fetch" else found.missing
    limits = Limits(app.settings.mirror_daily_requests, app.settings.mirror_daily_minutes)
    finish = expected_finish(left, rate, limits, spent, now) if left else None
    in_delta = mode is not None and mode.value == mirror.DELTA and mirror_mode.is_complete(found)
    return MirrorStatus(
        mode=mirror.DELTA if in_delta else mirror.FILLING,
        since=mode.at if mode is not None else None,
        scope=scope,
        coverage=found,
        left=left,
        rate=rate,
        finish=to_millis(finish) if finish is not None else None,
        job=job,
        limits=limits,
        spent=spent,
        waits_until=waits_until(job) if job is not None else None,
        exports=tuple(read_exports),
        refusals=tuple(refusals),
    )


def waits_until(job: Job) -> int | None:
    """Until when (unix milliseconds) a job waits because its day's budget is used; None when it does not."""
    if job.state is not JobState.INTERRUPTED or job.reason != BUDGET:
        return None
    return int(job.reason_args["until"])


def asks(job: Job) -> bool:
    """Whether a job waits for its user to decide about deletions; it goes on when it is resumed by name."""
    return job.asks


async def months(app: App, types: Iterable[MediaType] = tuple(MediaType)) -> list[MonthRow]:
    """The month ledger, newest month first, the undated last."""
    wanted, today = tuple(types), utc_day(app.clock.now())

    def read(db: SqliteDatabase) -> list[MonthRow]:
        states = {}
        for kind in wanted:
            export = exports.figures(db, kind)
            if export is not None:
                ids = sets.id_sets(db, kind)
                states[kind] = ExportState(
                    export.date, len(ids.missing) + len(ids.undetermined), ids.held | ids.beyond, export.read_at
                )
        return ledger.months(db, today, states, wanted)

    return await app.store.read(read)


async def accept_export(app: App) -> list[ExportFigures]:
    """Take over the newest exports even when they name far fewer ids than the ones before; returns what holds now.

    For a fall that is real. Nothing is deleted on its account without TMDb's own word, and above 5 % not without yours.
    """
    await coverage_commands.read_exports(app, accept_fall=True)
    await mirror_mode.settle(app)
    return await app.store.read(
        lambda db: [one for kind in MediaType if (one := exports.figures(db, kind)) is not None]
    )


async def run_list(
    app: App, name: str, region: str | None = None, pages: int = 1, *, origin: Origin = Origin.USER
) -> tuple[Job, bool]:
    """Queue the update of a short list. Returns the job and whether it is new. Raises UsageError for an unknown list,
    a region it does not take or pages out of range."""
    one = LISTS.get(name)
    if one is None:
        raise UsageError(f"{name} is not a list.", f"The lists are {', '.join(LISTS)}.")
    if not 1 <= pages <= 500:
        raise UsageError(f"{pages} pages are not possible.", "Use 1 to 500.")
    code = await _region(app, one, region) if region is not None else None
    title = f"{one.words}{f' · {code}' if code else ''}"
    return await queue(app, JobKind.LIST, title, {"list": name, "region": code, "pages": pages}, origin)


def _goes_on(_db: SqliteDatabase, job: Job) -> bool:
    return not asks(job)


async def _region(app: App, one: ShortList, region: str) -> str:
    if not one.takes_region:
        raise UsageError(f"The list {one.name} has no regions.", "TMDb narrows only its movie lists to a country.")
    code = region.strip().upper()
    if code not in await app.reference.countries():
        raise UsageError(f"{region} is not a country TMDb knows.", "Use a two-letter code such as KR, US or GB.")
    return code
