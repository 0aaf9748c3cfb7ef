"""`gdvg import preview` and `gdvg import start`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, NoReturn

import typer
from rich.table import Table

from gdvg_desktop.app import App
from gdvg_desktop.cli import show
from gdvg_desktop.cli.foreground import need_key, queued, work
from gdvg_desktop.cli.session import EXIT_INTERRUPTED, Session, whole_number
from gdvg_desktop.commands import imports, presets
from gdvg_desktop.commands import jobs as job_commands
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.sync.preview import Preview

cli = typer.Typer(no_args_is_help=True)

Type = Annotated[str, typer.Option("--type", help="movie, tv or all.")]
Countries = Annotated[
    list[str] | None, typer.Option("--country", help="Origin country, for example KR. Repeat it for any of several.")
]
From = Annotated[str | None, typer.Option("--from", help="First month (2024-01) or year.")]
To = Annotated[str | None, typer.Option("--to", help="Last month (2024-12) or year.")]
Genres = Annotated[list[str] | None, typer.Option("--genre", help="Genre by name or TMDb id. Repeatable.")]
MatchOption = Annotated[str, typer.Option("--match", help="any or all of the genres.")]
Priority = Annotated[
    int,
    typer.Option(
        "--priority",
        parser=whole_number,
        metavar="0..100",
        help="0 to 100. Orders and never excludes: 100 most popular first, 50 newest, 0 least.",
    ),
]
ExistingOption = Annotated[str, typer.Option("--existing", help="skip or update titles already held.")]
Limit = Annotated[
    int | None,
    typer.Option("--limit", parser=whole_number, metavar="N", help="Only the first N titles to fetch, in that order."),
]
Name = Annotated[str | None, typer.Option("--name", help="A name for the job.")]
Languages = Annotated[
    list[str] | None, typer.Option("--language", help="Metadata language in order of preference. Repeatable.")
]


@cli.command("preview")
def preview(
    context: typer.Context,
    type_: Type = "all",
    country: Countries = None,
    from_: From = None,
    to: To = None,
    genre: Genres = None,
    match: MatchOption = "any",
    priority: Priority = 100,
    existing: ExistingOption = "skip",
    limit: Limit = None,
    name: Name = None,
) -> None:
    """Say what an import would do; nothing is written."""
    session: Session = context.obj
    request = _request(type_, country, from_, to, genre, match, priority, existing, limit, name)

    async def run() -> int:
        async with session.app() as app:
            found = await imports.preview(app, request)
        if session.as_json:
            session.emit(show.preview_json(found))
        else:
            _print_preview(session, found)
        return 0

    session.run(run)


@cli.command("start")
def start(
    context: typer.Context,
    type_: Type = "all",
    country: Countries = None,
    from_: From = None,
    to: To = None,
    genre: Genres = None,
    match: MatchOption = "any",
    priority: Priority = 100,
    existing: ExistingOption = "skip",
    limit: Limit = None,
    name: Name = None,
    language: Languages = None,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="NAME", help="The filters of a preset instead; counts as its use.")
    ] = None,
    queue: Annotated[bool, typer.Option("--queue", help="Only queue it; an engine runs it later.")] = False,
) -> None:
    """Import titles, in the foreground to the end."""
    session: Session = context.obj
    request = _request(type_, country, from_, to, genre, match, priority, existing, limit, name)

    async def begin(app: App) -> tuple[Job, bool]:
        if preset is None:
            return await imports.start(app, request)
        if request != ImportRequest():
            raise UsageError("--preset and filters do not go together.", "Save the filters as a preset of their own.")
        return await presets.use(app, preset)

    run_import(session, begin, queue, language)


def run_import(
    session: Session,
    begin: Callable[[App], Awaitable[tuple[Job, bool]]],
    queue: bool,
    language: list[str] | None = None,
) -> NoReturn:
    """Queue the import that `begin` asks for and, but for `queue`, work it to the end."""

    async def run() -> int:
        async with session.app(engine=not queue, languages=tuple(language) if language else None) as app:
            if not queue:
                need_key(app)
            job, new = await begin(app)
            if queue:
                return queued(session, job, new)
            if not new and not session.as_json:
                session.err.print(f"Job {job.id} is this very import; going on with it.")
            try:
                await work(session, app, job.id)
            finally:
                job = (await job_commands.show(app, job.id)).job
                if session.as_json:
                    session.emit(show.job_json(job))
            return _report(session, job)

    session.run(run)


def _request(
    type_: str,
    country: list[str] | None,
    from_: str | None,
    to: str | None,
    genre: list[str] | None,
    match: str,
    priority: int,
    existing: str,
    limit: int | None,
    name: str | None,
) -> ImportRequest:
    return ImportRequest(
        type_, tuple(country or ()), from_, to, tuple(genre or ()), match, priority, existing, limit, name
    )


def _report(session: Session, job: Job) -> int:
    if not session.as_json:
        session.out.print(f"Job {job.id} {job.state.value}: {show.counts_line(job)} of {job.total:,}.")
        if job.unlisted:
            session.out.print(
                f"TMDb reports {job.reported:,} titles for this filter; {job.unlisted:,} of them could not be listed."
            )
        if job.failed:
            session.out.print(f"See them with: gdvg jobs show {job.id}. Try them again with: gdvg jobs retry {job.id}.")
    return exit_code(job)


def exit_code(job: Job) -> int:
    """0 when all is well, 1 with failed items, 130 when somebody paused or cancelled it."""
    if job.state in (JobState.PAUSED, JobState.CANCELLED, JobState.INTERRUPTED):
        return EXIT_INTERRUPTED
    return 1 if job.failed or job.state is JobState.FAILED else 0


def _print_preview(session: Session, found: Preview) -> None:
    about = "" if found.exact else "about "
    session.out.print(
        f"{about}{found.estimated:,} titles match; {found.duplicates:,} already in the library, {found.new:,} new"
        + (f", {found.updates:,} fetched again" if found.updates else "")
        + "."
    )
    session.out.print(
        f"{found.requests:,} requests ({found.list_requests:,} lists, {found.detail_requests:,} details) in "
        f"{found.windows} windows; {show.duration(found.seconds)} at {found.rate:g} requests a second."
        if found.seconds is not None
        else f"{found.requests:,} requests in {found.windows} windows, unpaced."
    )
    for note in found.notes:
        session.out.print(note)
    table = Table("Title", "Type", "Country", "Released", "Popularity", "Status", title="First titles in fetch order")
    for one in found.sample:
        table.add_row(
            one.title,
            "Movie" if one.media_type == "movie" else "TV",
            " ".join(one.countries),
            one.date or "",
            f"{one.popularity:.1f}" if one.popularity is not None else "",
            one.freshness.value.capitalize(),
        )
    session.out.print(table)
