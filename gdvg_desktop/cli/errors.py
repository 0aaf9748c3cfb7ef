"""`gdvg errors ...`: what failed over all jobs, and what to do about it."""

from typing import Annotated, Any

import typer
from rich.table import Table

from gdvg_desktop.app import App
from gdvg_desktop.cli import show
from gdvg_desktop.cli.foreground import work
from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import errors
from gdvg_desktop.commands.errors import ErrorSummary, FailureDetail
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import FailureCategory
from gdvg_desktop.store.errors import Failure, Key

cli = typer.Typer(no_args_is_help=True)
CATEGORIES = ", ".join(one.value for one in FailureCategory)


def _category(text: str) -> FailureCategory:
    try:
        return FailureCategory(text.strip().lower().replace("-", "_").replace(" ", "_"))
    except ValueError:
        raise typer.BadParameter(f"{text} is none of {CATEGORIES}.") from None


Category = Annotated[
    FailureCategory | None,
    typer.Option("--category", parser=_category, metavar="CATEGORY", help=f"Only one of {CATEGORIES}."),
]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[TYPE/ID]...", help="movie/ID, tv/ID or listing/ID, as errors list shows."),
]
All = Annotated[bool, typer.Option("--all", help="Everything that has failed.")]


@cli.command("list")
def listing(context: typer.Context, category: Category = None) -> None:
    """Failed titles and listings, the latest first, each once."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            summary, found = await errors.summary(app), await errors.listing(app, category)
        if session.as_json:
            session.emit({**_summary_json(summary), "failures": [_json(one) for one in found]})
            return 0
        if not summary.total:
            session.out.print("Nothing failed.")
            return 0
        _print_summary(session, summary)
        table = Table("Title", "Name", "Category", "Tries", "Message", "Next try")
        for one in found:
            when = show.local(one.next_try_at)
            table.add_row(str(one.key), one.name or "", one.category.value, str(one.tries), one.message, when)
        session.out.print(table)
        return 0

    session.run(run)


@cli.command("show")
def show_one(context: typer.Context, name: Annotated[str, typer.Argument(metavar="TYPE/ID")]) -> None:
    """One failure: the request without the key, what was said, and every failed try."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            detail = await errors.show(app, (await errors.keys(app, [name]))[0])
        if session.as_json:
            session.emit(_detail_json(detail))
            return 0
        failure = detail.failure
        session.out.print(f"{detail.name} ({failure.key})\n{failure.category.value}: {failure.message}")
        session.out.print(f"{detail.request.method} {detail.request.path}")
        for parameter, value in detail.request.params.items():
            session.out.print(f"  {parameter} = {value}")
        for job in detail.jobs:
            session.out.print(f"Failed in job {job.id}: {job.name}")
        if failure.next_try_at is not None:
            session.out.print(f"Tried again by itself at {show.local(failure.next_try_at)}")
        if detail.attempts:
            table = Table("Tried", "Job", "Category", "Message")
            for one in detail.attempts:
                table.add_row(show.local(one.at), str(one.job_id), one.category.value, one.message)
            session.out.print(table)
        return 0

    session.run(run)


@cli.command("retry")
def retry(
    context: typer.Context,
    names: Names = None,
    category: Category = None,
    everything: All = False,
    now: Annotated[bool, typer.Option("--run", help="Work the queue to its end as well.")] = False,
) -> None:
    """Put failures back into the queue; work it with --run or: gdvg jobs run."""
    session: Session = context.obj

    async def run() -> int:
        _check_choice(names, category, everything)
        async with session.app(engine=now) as app:
            if names:
                done = await errors.retry(app, await errors.keys(app, names))
            else:
                done = await errors.retry_all(app, category)
            if now and done.count:
                await work(session, app, None)
            left = await errors.count(app)
        document = {"retried": done.count, "jobs": list(done.job_ids), "refused": done.refused, "failed": left}
        if session.as_json:
            session.emit(document)
        else:
            said = f"{done.count:,} back in the queue" if not now else f"{done.count:,} tried again, {left:,} failed"
            session.out.print(f"{said}." if now or not done.count else f"{said}. Work it with: gdvg jobs run.")
            if done.refused:
                session.out.print(f"{done.refused:,} listings belong to cancelled jobs; start those imports again.")
        return 1 if now and left else 0

    session.run(run)


@cli.command("skip")
def skip(context: typer.Context, names: Names = None, category: Category = None, everything: All = False) -> None:
    """Give failures up for good; their jobs count them as skipped."""
    session: Session = context.obj

    async def run() -> int:
        _check_choice(names, category, everything)
        async with session.app() as app:
            skipped = await _skip(app, names, category)
        if session.as_json:
            session.emit({"skipped": skipped})
        else:
            session.out.print(f"{skipped:,} given up.")
        return 0

    session.run(run)


async def _skip(app: App, names: list[str] | None, category: FailureCategory | None) -> int:
    if not names:
        return await errors.skip_all(app, category)
    found: list[Key] = await errors.keys(app, names)
    return await errors.skip(app, found)


def _check_choice(names: list[str] | None, category: FailureCategory | None, everything: bool) -> None:
    if sum((bool(names), category is not None, everything)) != 1:
        raise UsageError("Say which failures: titles, a category, or all.", "Give TYPE/ID, --category or --all.")


def _print_summary(session: Session, summary: ErrorSummary) -> None:
    for category, one in summary.by_category.items():
        when = f", {one.automatic:,} retried by itself from {show.local(one.next_try_at)}" if one.automatic else ""
        session.out.print(f"{category.value}: {one.count:,}{when}")


def _summary_json(summary: ErrorSummary) -> dict[str, Any]:
    return {
        "total": summary.total,
        "recovered_this_week": summary.recovered,
        "by_category": {
            category.value: {
                "count": one.count,
                "automatic": one.automatic,
                "next_try_at": show.instant(one.next_try_at),
            }
            for category, one in summary.by_category.items()
        },
    }


def _json(one: Failure) -> dict[str, Any]:
    return {
        "key": str(one.key),
        "media_type": one.key.media_type.value,
        "tmdb_id": one.key.tmdb_id,
        "name": one.name,
        "category": one.category.value,
        "message": one.message,
        "tries": one.tries,
        "failed_at": show.instant(one.failed_at),
        "next_try_at": show.instant(one.next_try_at),
        "jobs": list(one.job_ids),
    }


def _detail_json(detail: FailureDetail) -> dict[str, Any]:
    request = detail.request
    return {
        **_json(detail.failure),
        "name": detail.name,
        "request": {"method": request.method, "path": request.path, "params": request.params},
        "attempts": [
            {"at": show.instant(one.at), "job": one.job_id, "category": one.category.value, "message": one.message}
            for one in detail.attempts
        ],
    }
