"""`gdvg presets`: import filters kept under a name."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from gdvg_desktop.cli import imports as import_verbs
from gdvg_desktop.cli import show
from gdvg_desktop.cli.imports import (
    Countries,
    ExistingOption,
    From,
    Genres,
    Limit,
    MatchOption,
    Priority,
    To,
    Type,
)
from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import preset_files
from gdvg_desktop.commands import presets as commands
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.commands.presets import PresetView
from gdvg_desktop.core.errors import UsageError

cli = typer.Typer(no_args_is_help=True)

Named = Annotated[str, typer.Argument(metavar="NAME", help="The preset's name, in any case, or its number.")]


@cli.command("list")
def list_presets(context: typer.Context) -> None:
    """The presets, those used last first."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await commands.listing(app)
        if session.as_json:
            session.emit([preset_json(one) for one in found])
        else:
            _print_list(session, found)
        return 0

    session.run(run)


@cli.command("show")
def show_preset(context: typer.Context, name: Named) -> None:
    """One preset with its filters."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await commands.get(app, name)
        _tell(session, found)
        return 0

    session.run(run)


@cli.command("save")
def save(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name to keep the filters under.")],
    type_: Type = "all",
    country: Countries = None,
    from_: From = None,
    to: To = None,
    genre: Genres = None,
    match: MatchOption = "any",
    priority: Priority = 100,
    existing: ExistingOption = "skip",
    limit: Limit = None,
    replace: Annotated[bool, typer.Option("--replace", help="Give a preset that exists these filters.")] = False,
) -> None:
    """Keep filters under a name. The options are those of gdvg import start."""
    session: Session = context.obj
    request = ImportRequest(
        type_, tuple(country or ()), from_, to, tuple(genre or ()), match, priority, existing, limit
    )

    async def run() -> int:
        async with session.app() as app:
            found = await (commands.update(app, name, request) if replace else commands.save(app, name, request))
        _tell(session, found)
        return 0

    session.run(run)


@cli.command("rename")
def rename(context: typer.Context, name: Named, new: Annotated[str, typer.Argument(metavar="NEW")]) -> None:
    """Give a preset another name."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await commands.rename(app, name, new)
        _tell(session, found)
        return 0

    session.run(run)


@cli.command("duplicate")
def duplicate(
    context: typer.Context,
    name: Named,
    new: Annotated[
        str | None, typer.Argument(metavar="[NEW]", help="Its name; left out, this one's and a number.")
    ] = None,
) -> None:
    """Make a second preset with the same filters."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await commands.duplicate(app, name, new)
        _tell(session, found)
        return 0

    session.run(run)


@cli.command("delete")
def delete(context: typer.Context, name: Named) -> None:
    """Take a preset away, and its schedule. Titles stay."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            gone = await commands.delete(app, name)
        if session.as_json:
            session.emit({"deleted": gone.id, "name": gone.name})
        else:
            session.out.print(f"Deleted {gone.name}.")
        return 0

    session.run(run)


@cli.command("export")
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A JSON file; what is there is replaced.")],
    name: Annotated[list[str] | None, typer.Option("--preset", help="Only this preset. Repeatable.")] = None,
) -> None:
    """Write presets to a file."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            count = await preset_files.export(app, file, name)
        if session.as_json:
            session.emit({"file": str(file), "presets": count})
        else:
            session.out.print(f"{count} presets written to {file}.")
        return 0

    session.run(run)


@cli.command("import")
def import_(
    context: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of gdvg presets export.")]
) -> None:
    """Take the presets of a file over, all or none. A name that is taken gets a number."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await preset_files.import_(app, file)
        if session.as_json:
            session.emit([preset_json(one) for one in found])
        for one in () if session.as_json else found:
            session.out.print(f"{one.name}: {one.words}")
        return 0

    session.run(run)


@cli.command("run")
def run_preset(
    context: typer.Context,
    name: Named,
    queue: Annotated[bool, typer.Option("--queue", help="Only queue it; an engine runs it later.")] = False,
) -> None:
    """Import what a preset names, in the foreground to the end."""
    session: Session = context.obj
    import_verbs.run_import(session, lambda app: commands.use(app, name), queue)


@cli.command("schedule")
def schedule(
    context: typer.Context,
    name: Named,
    cron: Annotated[str | None, typer.Argument(metavar="[CRON]", help='For example "0 4 * * 1".')] = None,
    zone: Annotated[str, typer.Option("--zone", help="Time zone of the expression. Default: the computer's.")] = "",
    off: Annotated[bool, typer.Option("--off", help="End the schedule.")] = False,
) -> None:
    """Let a preset run by itself."""
    session: Session = context.obj

    async def run() -> int:
        if (cron is None) is not off:
            raise UsageError("Give either a cron expression or --off.", 'For example: "0 4 * * 1", Mondays at 04:00.')
        async with session.app() as app:
            found = await commands.set_schedule(app, name, None if off else cron, zone)
        _tell(session, found)
        return 0

    session.run(run)


def preset_json(one: PresetView) -> dict[str, Any]:
    """A preset as scripts see it."""
    return {
        "id": one.id,
        "name": one.name,
        "words": one.words,
        "filter": preset_files.filter_json(one.request),
        "shipped": one.shipped,
        "last_used": one.last_used,
        "used_at": show.instant(one.used_at),
        "use_count": one.use_count,
        "in_scope": one.in_scope,
        "schedule": {"cron": one.cron, "zone": one.zone, "enabled": one.enabled} if one.cron is not None else None,
        "created_at": show.instant(one.created_at),
        "updated_at": show.instant(one.updated_at),
    }


def _tell(session: Session, one: PresetView) -> None:
    if session.as_json:
        session.emit(preset_json(one))
        return
    session.out.print(f"{one.name} (preset {one.id}): {one.words}")
    session.out.print(_uses(one))
    if one.in_scope:
        session.out.print("The mirror's scope is made of it.")
    if one.cron is not None:
        session.out.print(f"Runs by itself: {one.cron} in {one.zone}{'' if one.enabled else ' (switched off)'}")


def _uses(one: PresetView) -> str:
    if one.used_at is None:
        return "Not used yet."
    return f"Used {one.use_count:,} {'time' if one.use_count == 1 else 'times'}, last {show.local(one.used_at)}."


def _print_list(session: Session, found: list[PresetView]) -> None:
    table = Table("", "Name", "Filters", "Used", "Last used", "Schedule")
    for one in found:
        table.add_row(str(one.id), one.name, one.words, f"{one.use_count:,}", show.local(one.used_at), one.cron or "")
    session.out.print(table)
