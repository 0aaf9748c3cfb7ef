"""`gdvg history ...`: the runs of the past, and planned ones that were missed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from gdvg_desktop.cli import show
from gdvg_desktop.cli.session import Session, whole_number
from gdvg_desktop.commands import history
from gdvg_desktop.commands.history import Line, RunDetail, Totals
from gdvg_desktop.commands.missed_runs import MissedRun
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.kinds import JobKind
from gdvg_desktop.store import runs
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.runs import Result, RunFilter

cli = typer.Typer(no_args_is_help=True)


def _kind(text: str) -> JobKind:
    try:
        return JobKind(text.strip().lower())
    except ValueError:
        raise typer.BadParameter(f"{text} is none of {', '.join(JobKind)}.") from None


def _result(text: str) -> Result:
    try:
        return Result(text.strip().lower().replace("-", "_").replace(" ", "_"))
    except ValueError:
        raise typer.BadParameter(f"{text} is none of {', '.join(Result)}.") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no day, as 2026-11-21.") from None


Kind = Annotated[JobKind | None, typer.Option("--kind", parser=_kind, metavar="KIND", help=", ".join(JobKind) + ".")]
Outcome = Annotated[
    Result | None, typer.Option("--result", parser=_result, metavar="RESULT", help=", ".join(Result) + ".")
]
From = Annotated[date | None, typer.Option("--from", parser=_day, metavar="DAY", help="First UTC day, as 2026-11-21.")]
To = Annotated[date | None, typer.Option("--to", parser=_day, metavar="DAY", help="Last UTC day.")]
Text = Annotated[str, typer.Option("--text", help="Words of the run's name, or its number.")]


def _filter(kind: JobKind | None, result: Result | None, first: date | None, last: date | None, text: str) -> RunFilter:
    return RunFilter(
        kinds=(kind,) if kind else (),
        results=(result,) if result else (),
        since=_midnight(first) if first else None,
        until=_midnight(last + timedelta(days=1)) if last else None,
        text=text,
    )


def _midnight(day: date) -> int:
    return to_millis(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@cli.command("list")
def listing(
    context: typer.Context,
    kind: Kind = None,
    result: Outcome = None,
    first: From = None,
    last: To = None,
    text: Text = "",
) -> None:
    """Runs and planned ones that were missed, the latest first."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await history.lines(app, _filter(kind, result, first, last, text))
        if session.as_json:
            session.emit([_missed_json(one) if isinstance(one, MissedRun) else _json(one.job) for one in found])
            return 0
        if not found:
            session.out.print("No run is like that." if kind or result or first or last or text else "No runs yet.")
            return 0
        table = Table("Run", "Result", "Name", "Started", "Imported", "Updated", "Errors")
        for one in found:
            table.add_row(*_cells(one))
        session.out.print(table)
        return 0

    session.run(run)


@cli.command("show")
def show_one(
    context: typer.Context,
    job_id: Annotated[int, typer.Argument(parser=whole_number, metavar="N", help="The number of the run.")],
) -> None:
    """One run with its phases and incidents."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            detail = await history.show(app, job_id)
        if session.as_json:
            session.emit(_detail_json(detail))
            return 0
        totals = detail.totals
        session.out.print(f"Run {detail.job.id}: {detail.job.name}\n{detail.result.value.replace('_', ' ')}")
        rate = f", {totals.rate:.1f} req/s on average" if totals.rate is not None else ""
        session.out.print(f"{totals.requests:,} requests in {show.duration(totals.worked_s)}{rate}")
        session.out.print(show.counts_line(detail.job))
        session.out.print(f"{totals.errors:,} errors, {totals.recovered:,} recovered, {totals.still_open:,} still open")
        table = Table("Phase", "From", "To")
        for phase in detail.phases:
            table.add_row(phase.phase, show.local(phase.started_at), show.local(phase.ended_at))
        session.out.print(table)
        for one in detail.incidents:
            note = f": {one.note}" if one.note else ""
            session.out.print(f"{show.local(one.started_at)} {one.kind.value} x {one.count:,}{note}")
        return 0

    session.run(run)


@cli.command("export")
def export(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file to write.")],
    kind: Kind = None,
    result: Outcome = None,
    first: From = None,
    last: To = None,
    text: Text = "",
) -> None:
    """Write runs and missed ones as CSV."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            written = await history.export(app, path, _filter(kind, result, first, last, text))
        if session.as_json:
            session.emit({"runs": written, "path": str(path)})
        else:
            session.out.print(f"{written:,} runs written to {path}.")
        return 0

    session.run(run)


def _cells(line: Line) -> list[str]:
    if isinstance(line, MissedRun):
        said = f"{line.row.count:,} missed" if line.row.count > 1 else "missed"
        return ["", said, f"{line.name}: {line.words}", show.local(line.at), "", "", ""]
    job = line.job
    figures = [f"{one:,}" for one in (job.added, job.updated, job.failed + job.recovered)]
    return [str(job.id), line.result.value.replace("_", " "), job.name, show.local(job.started_at), *figures]


def _missed_json(line: MissedRun) -> dict[str, Any]:
    """A missed run as scripts see it: no number, never started, with the moments it was planned for and the reason."""
    return {
        "id": None,
        "kind": line.kind.value if line.kind is not None else None,
        "name": line.name,
        "state": None,
        "result": line.result.value,
        "origin": line.origin.value,
        "task": line.row.task,
        "missed": line.row.count,
        "first_planned_at": show.instant(line.row.first_at),
        "planned_at": show.instant(line.row.planned_at),
        "started_at": None,
        "reason": line.row.reason,
        "reason_text": line.words,
    }


def _json(job: Job) -> dict[str, Any]:
    return {
        **show.job_json(job),
        "result": runs.result(job).value,
        "origin": job.origin.value,
        "errors": job.failed + job.recovered,
        "recovered": job.recovered,
    }


def _totals_json(totals: Totals) -> dict[str, Any]:
    return {
        "requests": totals.requests,
        "imported": totals.imported,
        "updated": totals.updated,
        "unchanged": totals.unchanged,
        "skipped": totals.skipped,
        "gone": totals.gone,
        "errors": totals.errors,
        "recovered": totals.recovered,
        "still_open": totals.still_open,
        "seconds": round(totals.worked_s, 3),
        "rate": round(totals.rate, 3) if totals.rate is not None else None,
    }


def _detail_json(detail: RunDetail) -> dict[str, Any]:
    return {
        **_json(detail.job),
        "totals": _totals_json(detail.totals),
        "phases": [
            {"phase": one.phase, "from": show.instant(one.started_at), "to": show.instant(one.ended_at)}
            for one in detail.phases
        ],
        "incidents": [
            {
                "kind": one.kind.value,
                "from": show.instant(one.started_at),
                "to": show.instant(one.ended_at),
                "count": one.count,
                "note": one.note,
            }
            for one in detail.incidents
        ],
        "previous": detail.before.id if detail.before else None,
    }
