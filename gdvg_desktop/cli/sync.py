"""`gdvg sync delta`, `gdvg sync refresh` and `gdvg sync status`."""

from typing import Annotated, Any

import typer

from gdvg_desktop.app import App
from gdvg_desktop.cli import show
from gdvg_desktop.cli.foreground import need_key, queued, work
from gdvg_desktop.cli.imports import exit_code
from gdvg_desktop.cli.session import Session, whole_number
from gdvg_desktop.commands import coverage, sync
from gdvg_desktop.commands import jobs as job_commands
from gdvg_desktop.commands.sync import SyncStatus, TypeSync
from gdvg_desktop.core.kinds import JobKind
from gdvg_desktop.store.jobs import Job

cli = typer.Typer(no_args_is_help=True)

Queue = Annotated[bool, typer.Option("--queue", help="Only queue it; an engine runs it later.")]


@cli.command("delta")
def delta(
    context: typer.Context,
    queue: Queue = False,
    confirm_deletions: Annotated[
        bool, typer.Option("--confirm-deletions", help="Yes to however many titles TMDb has deleted.")
    ] = False,
) -> None:
    """Fetch what TMDb's change lists name, add what is new, mark what is deleted; in the foreground to the end."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app(engine=not queue) as app:
            if not queue:
                need_key(app)
            job, new = await sync.delta(app, confirm_deletions=confirm_deletions)
            return queued(session, job, new, _job_json) if queue else await _work(session, app, job, new)

    session.run(run)


@cli.command("refresh")
def refresh(
    context: typer.Context,
    older_than: Annotated[
        int | None,
        typer.Option(
            "--older-than",
            parser=whole_number,
            metavar="DAYS",
            help="Titles not checked for so many days. Default: the setting. 0 for all.",
        ),
    ] = None,
    queue: Queue = False,
) -> None:
    """Fetch titles again that were not checked for long, the longest unchecked first."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app(engine=not queue) as app:
            if not queue:
                need_key(app)
            job, new = await sync.refresh(app, older_than_days=older_than)
            return queued(session, job, new, _job_json) if queue else await _work(session, app, job, new)

    session.run(run)


@cli.command("status")
def status(context: typer.Context) -> None:
    """How far the change lists are followed, and how old the oldest data are."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await sync.status(app)
        if session.as_json:
            session.emit(_status_json(found))
        else:
            _print_status(session, found)
        return 0

    session.run(run)


async def _work(session: Session, app: App, job: Job, new: bool) -> int:
    if not new and not session.as_json:
        session.err.print(f"Job {job.id} is not finished yet; going on with it.")
    try:
        await work(session, app, job.id)
    finally:
        job = (await job_commands.show(app, job.id)).job
        refused = await coverage.refusals(app) if job.kind is JobKind.DELTA else []
        if session.as_json:
            session.emit(_job_json(job) | {"refused": show.refusals_json(refused)})
    if not session.as_json:
        _report(session, job)
        for line in show.refusals(refused):
            session.out.print(line)
    return 1 if job.asks else exit_code(job)


def _report(session: Session, job: Job) -> None:
    session.out.print(f"Job {job.id} {job.state.value}: {show.counts_line(job)} of {job.total:,}.")
    buried = sum(job.summary.get("tombstones", {}).values())
    if buried:
        session.out.print(f"{buried:,} titles are deleted at TMDb and marked so.")
    if job.asks:
        session.out.print(f"{job.reason_args.get('message', '')} Nothing was deleted.")
        session.out.print(
            f"To mark them as deleted: gdvg jobs resume {job.id}, then gdvg jobs run; or gdvg sync delta "
            f"--confirm-deletions. To keep everything: gdvg jobs cancel {job.id}."
        )
    if refresh_job := job.summary.get("refresh_job"):
        session.out.print(f"Job {refresh_job} will refresh older titles. Run it with: gdvg jobs run.")
    if overdue := job.summary.get("overdue"):
        session.out.print(f"{overdue:,} titles are over 180 days old and could not be refreshed.")
    if job.failed:
        session.out.print(f"See them with: gdvg jobs show {job.id}. Try them again with: gdvg jobs retry {job.id}.")


def _job_json(job: Job) -> dict[str, Any]:
    return {**show.job_json(job), "unchanged": job.unchanged, "summary": job.summary}


def _status_json(found: SyncStatus) -> dict[str, Any]:
    return {
        "today": found.today.isoformat(),
        "movie": _type_json(found.movie),
        "tv": _type_json(found.tv),
        "waits_for_deletions": found.waits_for_deletions,
        "current": _job_json(found.current) if found.current else None,
        "last_run": _job_json(found.last_run) if found.last_run else None,
        "tombstones": found.tombstones,
        "due": found.due,
        "overdue": found.overdue,
    }


def _type_json(one: TypeSync) -> dict[str, Any]:
    return {
        "watermark": one.watermark.isoformat() if one.watermark else None,
        "open_days": [day.isoformat() for day in one.open_days],
        "read_at": show.instant(one.read_at),
        "oldest_checked_at": show.instant(one.oldest_checked_at),
    }


def _print_status(session: Session, found: SyncStatus) -> None:
    for name, one in (("Movies", found.movie), ("TV series", found.tv)):
        if one.watermark is None:
            session.out.print(f"{name}: the change lists have not been read yet.")
        else:
            session.out.print(
                f"{name}: complete up to {one.watermark}, {len(one.open_days)} days open, "
                f"last read {show.local(one.read_at)}."
            )
    if found.current is not None:
        reason = show.reason(found.current)
        session.out.print(f"Job {found.current.id} is {found.current.state.value}{f': {reason}' if reason else ''}.")
    if found.last_run is not None:
        job = found.last_run
        session.out.print(f"Last run: job {job.id}, {show.local(job.completed_at)}, {show.counts_line(job)}.")
    session.out.print(f"{found.tombstones:,} titles are deleted at TMDb.")
    session.out.print(f"{found.due:,} titles are due for a refresh, {found.overdue:,} are over 180 days old.")
