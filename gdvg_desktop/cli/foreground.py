"""Works jobs in the foreground, with progress: `import start` and `jobs run`."""

import asyncio
from collections.abc import Callable
from typing import Any

from rich.progress import BarColumn, Progress, TaskID, TextColumn

from gdvg_desktop.app import App
from gdvg_desktop.cli.session import Session
from gdvg_desktop.cli.show import counts_line, duration, job_json
from gdvg_desktop.commands import jobs as commands
from gdvg_desktop.commands import keys
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.store.jobs import Job

OUTAGE_LIMIT_S = 60.0
REFRESH_S = 0.5


def need_key(app: App) -> None:
    """Refuse work that TMDb would refuse. Raises CredentialError: there is no key, or it could not be read."""
    if app.credential is None:
        raise app.credential_problem or keys.no_key()


def queued(session: Session, job: Job, new: bool, document: Callable[[Job], dict[str, Any]] = job_json) -> int:
    """Tell of a job that was only queued; returns the exit code."""
    if session.as_json:
        session.emit(document(job))
    else:
        session.out.print(f"Job {job.id} {'queued' if new else 'was already queued'}: {job.name}")
    return 0


async def work(session: Session, app: App, only: int | None) -> None:
    """Run the engine until the job, or the whole queue, has nothing left. Trouble that stops everything is raised."""
    assert app.engine is not None
    engine = asyncio.create_task(
        app.engine.run(only=only, until_idle=only is None, outage_limit_s=OUTAGE_LIMIT_S), name="engine"
    )
    try:
        if session.as_json:
            await engine
        else:
            await _with_progress(session, app, only, engine)
    finally:
        if not engine.done():
            engine.cancel()
            await asyncio.gather(engine, return_exceptions=True)


async def _with_progress(session: Session, app: App, only: int | None, engine: "asyncio.Task[None]") -> None:
    bars: dict[int, TaskID] = {}
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[facts]}", markup=False),
    )
    with Progress(*columns, console=session.err, transient=False, refresh_per_second=4) as progress:
        while not engine.done():
            await _draw(app, only, progress, bars)
            await asyncio.wait((engine,), timeout=REFRESH_S)
        await _draw(app, only, progress, bars, list(bars))
    engine.result()


async def _draw(
    app: App, only: int | None, progress: Progress, bars: dict[int, TaskID], also: list[int] | None = None
) -> None:
    queue = await commands.queue(app)
    shown = [
        job for job in (*queue.jobs, *queue.finished) if job.id == only or job.id in bars or job.id in (also or ())
    ]
    if only is None:
        shown += [job for job in queue.jobs if job.state is JobState.RUNNING and job not in shown]
    for job in shown:
        if job.id not in bars:
            bars[job.id] = progress.add_task(job.name, total=None, facts="")
        progress.update(
            bars[job.id], total=job.total or None, completed=job.done, facts=_facts(app, job, queue.pages.get(job.id))
        )


def _facts(app: App, job: Job, pages: tuple[int, int] | None) -> str:
    if job.state.finished:
        return f"{job.state.value}: {counts_line(job)}"
    status = app.client.status()
    if status.state == "outage":
        return f"{status.message or 'TMDb does not answer'}; trying again"
    if job.phase in ("plan", "list"):
        return f"listing, page {pages[0]} of {pages[1]}" if pages and pages[1] else "listing"
    pace = app.engine.pace(job) if app.engine else None
    left = duration(pace.seconds_left) if pace and pace.seconds_left is not None else "unknown"
    return f"{job.done:,} of {job.total:,} · {counts_line(job)} · {status.pacer.rate:.1f} req/s · {left} left"
