"""`gdvg gaps ...`: find what is missing or incomplete, see why, fill it or leave it."""

from typing import Annotated, Any

import typer
from rich.table import Table

from gdvg_desktop.cli import show
from gdvg_desktop.cli.foreground import need_key, queued, work
from gdvg_desktop.cli.imports import exit_code
from gdvg_desktop.cli.session import Session, check_limit, whole_number
from gdvg_desktop.commands import gaps
from gdvg_desktop.commands import jobs as job_commands
from gdvg_desktop.commands.gaps import FillRequest, Gap, GapFilter, GapSummary
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import GapKind, GapStatus
from gdvg_desktop.sync import filters

cli = typer.Typer(no_args_is_help=True)

Queue = Annotated[bool, typer.Option("--queue", help="Only queue it; an engine runs it later.")]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="sequential, popularity, temporal or metadata. Repeatable.")
]
Type = Annotated[str, typer.Option("--type", help="movie, tv or all.")]
Titles = Annotated[list[str], typer.Argument(metavar="TYPE/ID...", help="Titles such as movie/603 or tv/1399.")]


@cli.command("analyze")
def analyze(context: typer.Context, queue: Queue = False) -> None:
    """Find the gaps: the newest export, TMDb's popular lists, release months, and what held titles lack."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app(engine=not queue) as app:
            if not queue:
                need_key(app)
            job, new = await gaps.analyze(app)
            if queue:
                return queued(session, job, new)
            await work(session, app, job.id)
            job = (await job_commands.show(app, job.id)).job
            summary = await gaps.summary(app)
        if session.as_json:
            session.emit({**job.summary, **summary_json(summary), "job": show.job_json(job)})
        else:
            _print_summary(session, summary)
        return exit_code(job)

    session.run(run)


@cli.command("summary")
def summary(context: typer.Context) -> None:
    """How many gaps of which kind there are, as of the last analysis."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await gaps.summary(app)
        if session.as_json:
            session.emit(summary_json(found))
        else:
            _print_summary(session, found)
        return 0

    session.run(run)


@cli.command("list")
def listing(
    context: typer.Context,
    kind: Kinds = None,
    type_: Type = "all",
    status: Annotated[str, typer.Option("--status", help="open, ignored, gave_up or all.")] = "open",
    min_score: Annotated[float, typer.Option("--min-score", help="Only this score or more, 0 to 100.")] = 0.0,
    month: Annotated[str | None, typer.Option("--month", help="Only this release month, such as 2003-03.")] = None,
    limit: Annotated[int, typer.Option("--limit", parser=whole_number, metavar="N", help="At most so many.")] = 50,
) -> None:
    """Gaps as the last analysis found them, the best score first."""
    session: Session = context.obj

    async def run() -> int:
        chosen = GapFilter(
            kinds=_kinds(kind),
            media_types=filters.parse_types(type_),
            status=_status(status),
            min_score=min_score,
            month=month,
        )
        gaps.check_month(month)
        check_limit(limit)
        async with session.app() as app:
            found = await gaps.listing(app, chosen, limit)
        if session.as_json:
            session.emit([gap_json(one) for one in found])
            return 0
        if not found:
            session.out.print("There are no such gaps. Look for them with: gdvg gaps analyze.")
            return 0
        table = Table("Title", "ID", "Gap", "Score", "Popularity x recency", "Why", "Tries", "Found")
        for one in found:
            table.add_row(
                one.name or "",
                f"{one.media_type.value}/{one.tmdb_id}",
                one.kind.value,
                f"{one.score:.1f}",
                f"{one.popularity:.0f} x {one.recency:.2f}",
                why(one),
                str(one.tries),
                show.local(one.found_at),
            )
        session.out.print(table)
        return 0

    session.run(run)


@cli.command("runs")
def runs(
    context: typer.Context,
    type_: Type = "all",
    limit: Annotated[int, typer.Option("--limit", parser=whole_number, metavar="N", help="At most so many.")] = 50,
) -> None:
    """Missing ids as runs of neighbours, the longest first: where an import broke off, there is a hole."""
    session: Session = context.obj

    async def run() -> int:
        check_limit(limit)
        async with session.app() as app:
            found = [(kind, one) for kind in filters.parse_types(type_) for one in await gaps.runs(app, kind, limit)]
        found.sort(key=lambda pair: -pair[1].count)
        if session.as_json:
            session.emit(
                [
                    {"media_type": kind.value, "first": one.first, "last": one.last, "count": one.count}
                    for kind, one in found[:limit]
                ]
            )
            return 0
        for kind, one in found[:limit]:
            session.out.print(f"{kind.value} {one.words}")
        if not found:
            session.out.print("There are no missing ids.")
        return 0

    session.run(run)


@cli.command("explain")
def explain(
    context: typer.Context,
    title: Annotated[str, typer.Argument(metavar="TYPE/ID", help="A title such as movie/603 or tv/1399.")],
    kind: Annotated[str | None, typer.Option("--kind", help="Only this kind of gap.")] = None,
) -> None:
    """Everything known of why a title is missing or incomplete."""
    session: Session = context.obj

    async def run() -> int:
        media_type, tmdb_id = gaps.parse_title(title)
        chosen = _kinds([kind])[0] if kind else None
        async with session.app() as app:
            found = await gaps.explain(app, media_type, tmdb_id, chosen)
        if session.as_json:
            session.emit(
                {
                    "media_type": found.media_type.value,
                    "tmdb_id": found.tmdb_id,
                    "title": found.name,
                    "gaps": [gap_json(one) for one in found.gaps],
                    "lines": [
                        {"about": line.about, "text": line.text, "at": show.instant(line.at)} for line in found.lines
                    ],
                }
            )
            return 0
        session.out.print(f"{found.name or 'A title without a known name'} ({title})")
        for line in found.lines:
            session.out.print(f"- {line.text}")
        return 0

    session.run(run)


@cli.command("fill")
def fill(
    context: typer.Context,
    kind: Kinds = None,
    type_: Type = "all",
    title: Annotated[
        list[str] | None, typer.Option("--id", help="A title such as movie/603, tried at once. Repeatable.")
    ] = None,
    month: Annotated[str | None, typer.Option("--month", help="A release month, such as 2003-03.")] = None,
    min_score: Annotated[float, typer.Option("--min-score", help="Only this score or more, 0 to 100.")] = 0.0,
    limit: Annotated[
        int | None, typer.Option("--limit", parser=whole_number, metavar="N", help="Only the best N titles.")
    ] = None,
    queue: Queue = False,
) -> None:
    """Fetch what the open gaps name, the best score first, in the foreground to the end."""
    session: Session = context.obj

    async def run() -> int:
        request = FillRequest(
            kinds=_kinds(kind),
            types=filters.parse_types(type_),
            titles=tuple(title or ()),
            month=month,
            min_score=min_score,
            limit=limit,
        )
        async with session.app(engine=not queue) as app:
            if not queue:
                need_key(app)
            job, new = await gaps.fill(app, request)
            if queue:
                return queued(session, job, new)
            await work(session, app, job.id)
            job = (await job_commands.show(app, job.id)).job
            summary = await gaps.summary(app)
        if session.as_json:
            session.emit({**show.job_json(job), "gaps_left": summary.total})
        else:
            session.out.print(f"Job {job.id} {job.state.value}: {show.counts_line(job)} of {job.total:,}.")
            session.out.print(f"{summary.total:,} gaps are left.")
        return exit_code(job)

    session.run(run)


@cli.command("ignore")
def ignore(context: typer.Context, titles: Titles) -> None:
    """Leave these titles' gaps alone."""
    _steer(context, titles, ignored=True)


@cli.command("unignore")
def unignore(context: typer.Context, titles: Titles) -> None:
    """Let these titles' gaps be filled again, also those given up."""
    _steer(context, titles, ignored=False)


def _steer(context: typer.Context, titles: list[str], *, ignored: bool) -> None:
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await gaps.keys_of(app, titles)
            changed = await (gaps.ignore(app, found) if ignored else gaps.unignore(app, found))
        if session.as_json:
            session.emit({"titles": titles, "changed": changed})
        else:
            session.out.print(f"{changed:,} gaps are {'ignored' if ignored else 'open'} now.")
        return 0

    session.run(run)


def _kinds(names: list[str] | None) -> tuple[GapKind, ...]:
    for name in names or ():
        if name not in tuple(GapKind):
            raise UsageError(f"{name} is not a kind of gap.", f"Use {', '.join(GapKind)}.")
    return tuple(kind for kind in GapKind if not names or kind in names)


def _status(name: str) -> GapStatus | None:
    if name == "all":
        return None
    if name not in tuple(GapStatus):
        raise UsageError(f"{name} is not a status of gaps.", f"Use {', '.join(GapStatus)} or all.")
    return GapStatus(name)


def why(gap: Gap) -> str:
    """Why a row is there, in a few words."""
    if gap.message:
        return gap.message
    if gap.fields:
        return f"no {', '.join(gap.fields).replace('_', ' ')}"
    if gap.kind is GapKind.TEMPORAL:
        return f"listed for {gap.month}" if gap.month else "listed by discover"
    return "never fetched"


def gap_json(gap: Gap) -> dict[str, Any]:
    """A row as scripts see it."""
    return {
        "media_type": gap.media_type.value,
        "tmdb_id": gap.tmdb_id,
        "title": gap.name,
        "gap_type": gap.kind.value,
        "status": gap.status.value,
        "score": gap.score,
        "popularity": gap.popularity,
        "recency": gap.recency,
        "month": gap.month,
        "fields": list(gap.fields),
        "tries": gap.tries,
        "found_at": show.instant(gap.found_at),
        "last_try_at": show.instant(gap.last_try_at),
        "next_try_at": show.instant(gap.next_try_at),
        "category": gap.category,
        "message": gap.message,
    }


def summary_json(found: GapSummary) -> dict[str, Any]:
    """The figures as scripts see them; all counts are of open gaps unless their name says otherwise."""
    return {
        "gaps_by_type": {kind.value: one.open for kind, one in found.by_kind.items()},
        "total_count": found.total,
        "top_priority": [gap_json(one) for one in found.top],
        "missing_titles": found.missing_titles,
        "incomplete_titles": found.incomplete_titles,
        "ignored": sum(one.ignored for one in found.by_kind.values()),
        "gave_up": sum(one.gave_up for one in found.by_kind.values()),
        "months_below": found.months_below,
        "unavailable": found.unavailable,
        "export_date": found.export_date,
        "analysed_at": show.instant(found.analysed_at),
    }


def _print_summary(session: Session, found: GapSummary) -> None:
    session.out.print(
        f"{found.missing_titles:,} missing titles, {found.incomplete_titles:,} incomplete"
        + (f", against the export of {found.export_date}." if found.export_date else ".")
    )
    table = Table("Gap", "Open", "Ignored", "Given up")
    for kind, one in found.by_kind.items():
        table.add_row(kind.value.capitalize(), f"{one.open:,}", f"{one.ignored:,}", f"{one.gave_up:,}")
    session.out.print(table)
    if found.months_below:
        session.out.print(f"{found.months_below:,} release months are below what discover lists.")
    if found.unavailable:
        session.out.print(f"{found.unavailable:,} titles lack something that TMDb lacks as well.")
    if found.total:
        session.out.print("Fill them with: gdvg gaps fill.")
