"""`gdvg jobs ...`: see and steer the queue, also from a second terminal while an engine runs."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from rich.table import Table

from gdvg_desktop.app import App
from gdvg_desktop.cli import show
from gdvg_desktop.cli.foreground import need_key, work
from gdvg_desktop.cli.session import Session, whole_number
from gdvg_desktop.commands import jobs
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.store.jobs import Job

cli = typer.Typer(no_args_is_help=True)
JobId = Annotated[int, typer.Argument(parser=whole_number, metavar="ID", help="The number of the job.")]


@cli.command("list")
def listing(context: typer.Context) -> None:
    """All jobs, newest first."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await jobs.listing(app)
        if session.as_json:
            session.emit([show.job_json(job) for job in found])
            return 0
        if not found:
            session.out.print("There are no jobs. Start one with: gdvg import start.")
            return 0
        table = Table("Job", "Name", "State", "Done", "Failed", "Created")
        for job in found:
            table.add_row(
                str(job.id),
                job.name,
                job.state.value,
                f"{job.done:,} of {job.total:,}",
                f"{job.failed:,}",
                show.local(job.created_at),
            )
        session.out.print(table)
        return 0

    session.run(run)


@cli.command("show")
def show_one(context: typer.Context, job_id: JobId) -> None:
    """One job with its listing windows and failed titles."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            detail = await jobs.show(app, job_id)
        if session.as_json:
            session.emit(show.detail_json(detail))
            return 0
        job = detail.job
        why = f" ({show.reason(job)})" if job.reason else ""
        session.out.print(f"Job {job.id}: {job.name}\n{job.state.value}{why}")
        session.out.print(f"{job.done:,} of {job.total:,}: {show.counts_line(job)}; {job.requests:,} requests")
        for row in detail.windows:
            if row.note:
                session.out.print(row.note)
        if detail.failed:
            table = Table("Title", "Category", "Tries", "Message", "Next try")
            for item in detail.failed:
                name = f"{item.media_type.value}/{item.tmdb_id}" if item.tmdb_id else f"{item.media_type.value} listing"
                table.add_row(name, item.category.value, str(item.attempts), item.message, show.local(item.next_try_at))
            session.out.print(table)
        return 0

    session.run(run)


def _steer(context: typer.Context, job_id: int, act: Callable[[App], Awaitable[Any]], said: str) -> None:
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            await act(app)
            job = (await jobs.show(app, job_id)).job
        if session.as_json:
            session.emit(show.job_json(job))
        else:
            session.out.print(f"Job {job.id} {said}: {job.name}")
        return 0

    session.run(run)


@cli.command("pause")
def pause(context: typer.Context, job_id: JobId) -> None:
    """Stop a job after the titles on the wire."""
    _steer(context, job_id, lambda app: jobs.pause(app, job_id), "is to pause")


@cli.command("resume")
def resume(context: typer.Context, job_id: JobId) -> None:
    """Mark a paused job to go on."""
    _steer(context, job_id, lambda app: jobs.resume(app, job_id), "is to go on")


@cli.command("cancel")
def cancel(context: typer.Context, job_id: JobId) -> None:
    """Give up what is left of a job."""
    _steer(context, job_id, lambda app: jobs.cancel(app, job_id), "is to be cancelled")


@cli.command("restart")
def restart(context: typer.Context, job_id: JobId) -> None:
    """Stop a running job that gets nowhere and start it again where it stands."""
    _steer(context, job_id, lambda app: jobs.restart(app, job_id), "is to be restarted")


@cli.command("retry")
def retry(context: typer.Context, job_id: JobId) -> None:
    """Put the failed titles and listings of a job back into the queue."""
    _steer(context, job_id, lambda app: jobs.retry(app, job_id), "has its failed titles back in the queue")


@cli.command("move")
def move(context: typer.Context, job_id: JobId, where: Annotated[str, typer.Argument(help="up, down or top.")]) -> None:
    """Change a job's place in the queue."""
    _steer(context, job_id, lambda app: jobs.move(app, job_id, where), f"moved {where}")


@cli.command("run")
def run_queue(context: typer.Context) -> None:
    """Work the queue until nothing is left."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app(engine=True) as app:
            before = {job.id for job in await jobs.listing(app) if job.state.finished}
            if any(not job.state.finished for job in await jobs.listing(app)):
                need_key(app)
            worked: list[Job] = []
            try:
                await work(session, app, None)
            finally:
                worked = [job for job in await jobs.listing(app) if job.id not in before]
                if session.as_json:
                    session.emit([show.job_json(job) for job in worked])
            if not session.as_json:
                for job in worked:
                    session.out.print(f"Job {job.id} {job.state.value}: {show.counts_line(job)}.")
            return 1 if any(job.failed or job.state is JobState.FAILED for job in worked) else 0

    session.run(run)
