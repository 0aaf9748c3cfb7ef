"""`gdvg mirror`: hold everything the scope wants, and see how far that is."""

from dataclasses import replace
from typing import Annotated, Any

import typer
from rich.table import Table

from gdvg_desktop.app import App
from gdvg_desktop.cli import show
from gdvg_desktop.cli.foreground import need_key, queued, work
from gdvg_desktop.cli.imports import exit_code
from gdvg_desktop.cli.session import Session, whole_number
from gdvg_desktop.commands import coverage, presets
from gdvg_desktop.commands import jobs as job_commands
from gdvg_desktop.commands import mirror as commands
from gdvg_desktop.commands.coverage import RuleRequest
from gdvg_desktop.commands.mirror import MirrorStatus
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import JobKind
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.store.exports import Refusal
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.ledger import MonthRow
from gdvg_desktop.sync.filters import parse_types

cli = typer.Typer(no_args_is_help=True)
scope_cli = typer.Typer(no_args_is_help=True)
cli.add_typer(scope_cli, name="scope", help="What the mirror is to hold.")

Everything = Annotated[bool, typer.Option("--everything", help="The scope is the whole catalogue.")]
Type = Annotated[str | None, typer.Option("--type", help="movie, tv or all.")]
Countries = Annotated[
    list[str] | None, typer.Option("--country", help="Origin country, for example KR. Repeat it for any of several.")
]
Languages = Annotated[
    list[str] | None, typer.Option("--language", help="Original language, for example ko. Repeatable.")
]
Genres = Annotated[list[str] | None, typer.Option("--genre", help="Genre by name or TMDb id. Repeatable.")]
MatchOption = Annotated[str, typer.Option("--match", help="any or all of the genres.")]
From = Annotated[int | None, typer.Option("--from", parser=whole_number, metavar="YEAR", help="First year.")]
To = Annotated[int | None, typer.Option("--to", parser=whole_number, metavar="YEAR", help="Last year.")]
MinVotes = Annotated[
    int | None, typer.Option("--min-votes", parser=whole_number, metavar="N", help="At least so many votes.")
]
Adult = Annotated[bool | None, typer.Option("--adult/--no-adult", help="Whether adult entries belong to the scope.")]
Video = Annotated[bool | None, typer.Option("--video/--no-video", help="Whether direct videos belong to the scope.")]
Presets = Annotated[
    list[str] | None,
    typer.Option("--preset", metavar="NAME", help="The titles a preset names. Repeat it for the union of several."),
]
Queue = Annotated[bool, typer.Option("--queue", help="Only queue it; an engine runs it later.")]


@cli.command("start")
def start(
    context: typer.Context,
    everything: Everything = False,
    type_: Type = None,
    country: Countries = None,
    language: Languages = None,
    genre: Genres = None,
    match: MatchOption = "any",
    from_: From = None,
    to: To = None,
    min_votes: MinVotes = None,
    adult: Adult = None,
    video: Video = None,
    preset: Presets = None,
    queue: Queue = False,
) -> None:
    """Fetch whatever of the scope is missing, in the foreground to the end. Options set the scope and are remembered.

    When the day's budget is used the command says until when and ends with exit code 0: nothing went wrong.
    """
    session: Session = context.obj
    request = _request(type_, country, language, genre, match, from_, to, min_votes)

    async def run() -> int:
        async with session.app(engine=not queue) as app:
            if not queue:
                need_key(app)
            scope = await _scope(app, everything, request, preset or [], adult, video)
            job, new = await commands.start(app, scope)
            if queue:
                return queued(session, job, new)
            if not new and not session.as_json:
                session.err.print(f"Job {job.id} is the unfinished mirror job; going on with it.")
            return await run_job(session, app, job)

    session.run(run)


async def run_job(session: Session, app: App, job: Job) -> int:
    """Work a job to its end or to the end of the day's budget, and tell how it stands."""
    refused: list[Refusal] = []
    try:
        await work(session, app, job.id)
    finally:
        job = (await job_commands.show(app, job.id)).job
        if job.kind is JobKind.MIRROR:
            refused = await coverage.refusals(app)
        if session.as_json:
            document = show.job_json(job) | {"summary": job.summary, "waits_until": _waits_json(job)}
            session.emit(document | {"refused": show.refusals_json(refused)})
    waits = commands.waits_until(job)
    if not session.as_json:
        if waits is not None:
            session.out.print(
                f"The budget for today is used: {show.counts_line(job)} of {job.total:,}. "
                f"A running engine goes on at {show.local(waits)}; so does this command after that."
            )
        else:
            _report(session, job)
        for line in show.refusals(refused):
            session.out.print(line)
    return 0 if waits is not None else exit_code(job)


def _waits_json(job: Job) -> str | None:
    return show.instant(commands.waits_until(job))


def _report(session: Session, job: Job) -> None:
    session.out.print(f"Job {job.id} {job.state.value}: {show.counts_line(job)} of {job.total:,}.")
    if commands.asks(job):
        session.out.print(f"{show.reason(job)} Go on with: gdvg jobs resume {job.id}, then gdvg mirror start.")
    if "percent" in job.summary:
        session.out.print(f"{job.summary['percent']:g} % of the scope is held.")
    if job.summary.get("mode") == "delta":
        session.out.print("Nothing is missing: from now on the mirror follows TMDb's change lists (gdvg sync delta).")
    if job.failed:
        session.out.print(f"See them with: gdvg jobs show {job.id}. Try them again with: gdvg jobs retry {job.id}.")


# ---------------------------------------------------------------------------------------------------- scope


def _request(
    type_: str | None,
    country: list[str] | None,
    language: list[str] | None,
    genre: list[str] | None,
    match: str,
    from_: int | None,
    to: int | None,
    min_votes: int | None,
) -> RuleRequest | None:
    """The rule the options name, None when they name none."""
    narrowed = bool(country or language or genre or from_ or to or min_votes)
    if not narrowed and type_ in (None, "all"):
        return None
    return RuleRequest(
        type_ or "all",
        tuple(country or ()),
        tuple(language or ()),
        from_,
        to,
        tuple(genre or ()),
        match,
        min_votes or 0,
    )


async def _scope(
    app: App,
    everything: bool,
    request: RuleRequest | None,
    preset: list[str],
    adult: bool | None,
    video: bool | None,
    add: bool = False,
) -> Scope | None:
    """The scope the options ask for; None when they leave it as it is."""
    if everything + (request is not None) + bool(preset) > 1:
        raise UsageError("Everything, a rule and presets do not go together.", "Choose one of the three.")
    if not everything and request is None and not preset and adult is None and video is None:
        return None
    scope = await coverage.get_scope(app)
    if everything:
        scope = replace(scope, everything=True, rules=(), presets=())
    elif preset:
        if add and scope.rules and not scope.presets:
            raise UsageError("The scope has rules of its own; presets cannot be added to it.", "Leave out --add.")
        wanted: list[int | str] = [*(scope.presets if add else ()), *preset]
        scope = await presets.scope_of(app, wanted, scope)
    elif request is not None:
        if add and scope.presets:
            raise UsageError(
                "The scope is made of presets; a rule cannot be added to it.",
                "Save the rule as a preset, or leave out --add.",
            )
        rule = await coverage.understand_rule(app, request)
        rules: tuple[ScopeRule, ...] = (*scope.rules, rule) if add and not scope.everything else (rule,)
        scope = replace(scope, everything=False, rules=tuple(dict.fromkeys(rules)), presets=())
    return replace(
        scope,
        adult=scope.adult if adult is None else adult,
        video=scope.video if video is None else video,
    )


@scope_cli.command("show")
def show_scope(context: typer.Context) -> None:
    """What the mirror is to hold."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            _print_scope(session, await coverage.get_scope(app))
        return 0

    session.run(run)


@scope_cli.command("set")
def set_scope(
    context: typer.Context,
    everything: Everything = False,
    type_: Type = None,
    country: Countries = None,
    language: Languages = None,
    genre: Genres = None,
    match: MatchOption = "any",
    from_: From = None,
    to: To = None,
    min_votes: MinVotes = None,
    adult: Adult = None,
    video: Video = None,
    preset: Presets = None,
    add: Annotated[bool, typer.Option("--add", help="Add the rule or presets to those there are.")] = False,
) -> None:
    """Say what the mirror is to hold. Nothing that is held is deleted."""
    session: Session = context.obj
    request = _request(type_, country, language, genre, match, from_, to, min_votes)

    async def run() -> int:
        async with session.app() as app:
            scope = await _scope(app, everything, request, preset or [], adult, video, add)
            if scope is None:
                raise UsageError(
                    "No scope was given.", "Use --everything, --preset or options such as --type and --country."
                )
            await coverage.set_scope(app, scope)
        _print_scope(session, scope)
        return 0

    session.run(run)


def _print_scope(session: Session, scope: Scope) -> None:
    if session.as_json:
        session.emit(scope_json(scope))
    else:
        session.out.print(scope.words)


def scope_json(scope: Scope) -> dict[str, Any]:
    """The scope as scripts see it."""
    return {
        "everything": scope.everything,
        "adult": scope.adult,
        "video": scope.video,
        "words": scope.words,
        "presets": list(scope.presets),
        "rules": [
            {
                "key": rule.key,
                "words": rule.words,
                "types": [one.value for one in rule.types],
                "countries": list(rule.countries),
                "languages": list(rule.languages),
                "year_from": rule.year_from,
                "year_to": rule.year_to,
                "date_from": rule.date_from.isoformat() if rule.date_from else None,
                "date_to": rule.date_to.isoformat() if rule.date_to else None,
                "genres": list(rule.genres),
                "match": rule.match.value,
                "min_votes": rule.min_votes,
            }
            for rule in scope.rules
        ],
    }


# --------------------------------------------------------------------------------------------------- status


@cli.command("status")
def status(context: typer.Context) -> None:
    """How far the mirror is: mode, coverage, what is left, rate, expected finish, budget, exports."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await commands.status(app)
        if session.as_json:
            session.emit(status_json(found))
        else:
            _print_status(session, found)
        return 0

    session.run(run)


def status_json(found: MirrorStatus) -> dict[str, Any]:
    """The status as scripts see it."""
    return {
        "mode": found.mode,
        "since": show.instant(found.since),
        "scope": scope_json(found.scope),
        "percent": found.coverage.percent,
        "coverage": coverage.as_json(found.coverage),
        "titles_left": found.left,
        "titles_per_second": round(found.rate, 2) if found.rate is not None else None,
        "expected_finish": show.instant(found.finish),
        "job": show.job_json(found.job) if found.job is not None else None,
        "waits_until": show.instant(found.waits_until),
        "budget": {
            "requests": found.limits.requests or None,
            "requests_used": found.spent.requests,
            "minutes": found.limits.minutes or None,
            "minutes_used": round(found.spent.millis / 60_000, 1),
        },
        "exports": [
            {
                "type": one.media_type.value,
                "date": one.date.isoformat(),
                "ids": one.rows,
                "read_at": show.instant(one.read_at),
            }
            for one in found.exports
        ],
        "refused": show.refusals_json(found.refusals),
    }


def _print_status(session: Session, found: MirrorStatus) -> None:
    words = {
        "filling": "Filling: titles of the scope are still to be fetched.",
        "delta": f"Delta: all is held since {show.local(found.since)}; TMDb's change lists are followed.",
    }
    session.out.print(words[found.mode])
    session.out.print(f"Scope: {found.scope.words}")
    if not found.exports:
        session.out.print("TMDb's export has not been read yet. Start with: gdvg mirror start")
        return
    session.out.print(
        f"{found.coverage.percent:g} % held: {found.coverage.held:,} titles, {found.coverage.missing:,} missing, "
        f"{found.coverage.undetermined:,} undetermined"
    )
    rate = f"{found.rate:.1f} titles a second" if found.rate is not None else "no rate measured yet"
    finish = f", expected finish {show.local(found.finish)}" if found.finish is not None else ""
    session.out.print(f"{found.left:,} titles left; {rate}{finish}")
    session.out.print(f"Today: {_budget(found)}")
    if found.job is not None:
        why = f" ({show.reason(found.job)})" if found.job.reason else ""
        session.out.print(f"Job {found.job.id} is {found.job.state.value}{why}")
    if found.waits_until is not None:
        session.out.print(f"It waits for the next day, {show.local(found.waits_until)}")
    for one in found.exports:
        session.out.print(f"Export of {one.date:%d %b %Y}: {one.rows:,} {_TYPES[one.media_type.value]}")
    for line in show.refusals(found.refusals):
        session.out.print(line)


_TYPES = {"movie": "movies", "tv": "TV series"}


def _budget(found: MirrorStatus) -> str:
    requests = f"{found.spent.requests:,}" + (f" of {found.limits.requests:,}" if found.limits.requests else "")
    minutes = f"{found.spent.millis / 60_000:.0f}" + (f" of {found.limits.minutes:,}" if found.limits.minutes else "")
    none = "" if found.limits.requests or found.limits.minutes else "; no daily budget is set"
    return f"{requests} requests, {minutes} minutes{none}"


# --------------------------------------------------------------------------------------------------- months


@cli.command("months")
def months(
    context: typer.Context,
    type_: Annotated[str, typer.Option("--type", help="movie, tv or all.")] = "all",
    year: Annotated[
        int | None, typer.Option("--year", parser=whole_number, metavar="YEAR", help="Only this year.")
    ] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only months that are not complete.")] = False,
) -> None:
    """The month ledger: how far each release month is."""
    session: Session = context.obj

    async def run() -> int:
        types = parse_types(type_)
        async with session.app() as app:
            rows = await commands.months(app, types)
        rows = [row for row in rows if (year is None or row.year == year) and not (open_only and row.is_complete)]
        if session.as_json:
            session.emit([month_json(row) for row in rows])
        else:
            _print_months(session, rows)
        return 0

    session.run(run)


def month_json(row: MonthRow) -> dict[str, Any]:
    """A row of the ledger as scripts see it."""
    return {
        "type": row.media_type.value,
        "year": row.year,
        "month": row.month,
        "is_complete": row.is_complete,
        "last_completed_page": row.last_completed_page,
        "total_pages": row.total_pages,
        "notes": row.notes,
        "last_synced": show.instant(row.last_synced),
        "held": row.held,
        "listed": row.listed,
    }


def _print_months(session: Session, rows: list[MonthRow]) -> None:
    table = Table("Type", "Month", "Complete", "Held", "Listed", "Pages", "Last synced", "Notes")
    for row in rows:
        pages = f"{row.last_completed_page or 0} of {row.total_pages}" if row.total_pages is not None else ""
        table.add_row(
            "Movie" if row.media_type.value == "movie" else "TV",
            f"{row.year}-{row.month:02d}" if row.year is not None and row.month is not None else "no date",
            "yes" if row.is_complete else "open",
            f"{row.held:,}",
            f"{row.listed:,}" if row.listed is not None else "",
            pages,
            show.local(row.last_synced),
            row.notes,
        )
    session.out.print(table)


@cli.command("accept-export")
def accept_export(context: typer.Context) -> None:
    """Take over an export that names far fewer ids than the one before, because TMDb has really shrunk."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await commands.accept_export(app)
        if session.as_json:
            session.emit(
                [{"type": one.media_type.value, "date": one.date.isoformat(), "ids": one.rows} for one in found]
            )
        for one in [] if session.as_json else found:
            session.out.print(f"Export of {one.date:%d %b %Y}: {one.rows:,} {_TYPES[one.media_type.value]}")
        return 0

    session.run(run)
