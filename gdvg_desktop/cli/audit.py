"""`gdvg audit`: is the library sound, and what is done about what is not."""

from typing import Annotated, Any

import typer
from rich.table import Table

from gdvg_desktop.app import App
from gdvg_desktop.cli.foreground import need_key, work
from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import audit as command
from gdvg_desktop.commands import jobs
from gdvg_desktop.commands.audit import Mended
from gdvg_desktop.core.errors import CorruptLibrary, LibraryLocked
from gdvg_desktop.store.audit import Check, CheckName, Mend, Report

LABELS = {
    CheckName.FILE: "Damage of the file",
    CheckName.ORPHANS: "Rows whose title or job is gone",
    CheckName.REFERENCES: "Missing people, companies and the like",
    CheckName.MALFORMED: "Malformed rows",
    CheckName.DUPLICATES: "Rows that are there twice",
    CheckName.SEARCH: "Search index against the titles",
    CheckName.REQUIRED: "Titles without a required field",
    CheckName.CONTENT: "Titles altered since they were stored",
    CheckName.STALE: "Titles older than six months",
    CheckName.JOBS: "Counts of jobs",
    CheckName.IMDB: "IMDb ids on several titles",
}
CURES = {
    Mend.RESTORE: "restore a backup",
    Mend.REMOVE: "--fix removes them",
    Mend.REFETCH: "--fix fetches them again",
    Mend.REBUILD: "--fix mends it",
    Mend.RECOUNT: "--fix counts anew",
    Mend.NOTHING: "so at TMDb",
}


def audit(
    context: typer.Context,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is found; titles are fetched again.")] = False,
    queue: Annotated[bool, typer.Option("--queue", help="With --fix: only queue what is fetched again.")] = False,
) -> None:
    """Check the whole library. Exit code 0 when all is well, 1 when something was found."""
    session: Session = context.obj

    async def run() -> int:
        try:
            if fix and not queue:
                try:
                    async with session.app(engine=True) as app:
                        return await _run(session, app, fix=True, work_now=True)
                except LibraryLocked:
                    pass  # the other engine takes what is queued
            async with session.app() as app:
                return await _run(session, app, fix=fix, work_now=False)
        except CorruptLibrary as error:
            if not session.as_json and error.backups:
                session.err.print("Put the newest back with: gdvg backup restore latest")
            raise

    session.run(run)


async def _run(session: Session, app: App, *, fix: bool, work_now: bool) -> int:
    said = ""

    def say(text: str) -> None:
        nonlocal said
        if text != said and session.err.is_terminal:
            said = text
            session.err.print(text)

    report = await command.audit(app, say)
    mended = await command.mend(app, report) if fix and not report.clean else None
    try:
        if mended is not None and mended.jobs and work_now:
            need_key(app)
            for job in mended.jobs:
                await work(session, app, job.id)
    finally:
        if session.as_json:
            session.emit(_json(report, mended))
        else:
            _print(session, report)
            if mended is not None:
                _print_mended(session, mended)
    if report.clean:
        return 0
    if mended is None or report.damaged:
        return 1
    ended = [(await jobs.show(app, job.id)).job for job in mended.jobs]
    return 1 if any(job.failed or not job.state.finished for job in ended) else 0


def _print(session: Session, report: Report) -> None:
    table = Table("Check", "Found", "Examples", "")
    for check in report.checks:
        table.add_row(
            LABELS[check.name],
            f"{check.count:,}" if check.count else "none",
            "\n".join(check.examples),
            CURES[check.mend] if check.count else "",
        )
    session.out.print(table)
    if report.damaged:
        session.out.print(
            f"The library is damaged. Good backups: {', '.join(report.backups) or 'none'}. "
            "Put the newest back with: gdvg backup restore latest"
        )
    elif report.clean:
        session.out.print(f"{report.titles:,} titles checked: all is well.")


def _print_mended(session: Session, mended: Mended) -> None:
    search = "the search index was made anew" if mended.search is None else f"{mended.search:,} titles in the search"
    session.out.print(
        f"Mended: {mended.removed:,} rows removed, {mended.emptied:,} empty texts, {search}, "
        f"{mended.recounted:,} jobs counted anew."
    )
    for job in mended.jobs:
        session.out.print(f"Job {job.id}: {job.name}")
    for text in mended.told:
        session.out.print(text)


def _check_json(check: Check) -> dict[str, Any]:
    return {
        "check": check.name.value,
        "count": check.count,
        "fault": check.fault,
        "mend": check.mend.value,
        "examples": list(check.examples),
    }


def _json(report: Report, mended: Mended | None) -> dict[str, Any]:
    return {
        "clean": report.clean,
        "titles": report.titles,
        "found": command.fault_count(report.checks),
        "checks": [_check_json(check) for check in report.checks],
        "backups": list(report.backups),
        "fixed": None
        if mended is None
        else {
            "removed": mended.removed,
            "search_rebuilt": mended.search is None,
            "search_titles": mended.search,
            "empty_texts": mended.emptied,
            "jobs_recounted": mended.recounted,
            "jobs": [job.id for job in mended.jobs],
            "told": list(mended.told),
        },
    }
