"""`gdvg reset ...` and `gdvg purge`: forgetting on purpose. Each asks for a word; scripts give it with --confirm."""

from typing import Annotated

import typer

from gdvg_desktop.cli.confirm import typed
from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import reset
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import default_data_dir, open_paths
from gdvg_desktop.store.reset import ResetKind

cli = typer.Typer(no_args_is_help=True)
Confirm = Annotated[str | None, typer.Option("--confirm", metavar="WORD", help="The word that is asked for.")]
Type = Annotated[str, typer.Option("--type", help="movie, tv or all.")]

WARNINGS = {
    ResetKind.CURSOR: "Forgets how far the change lists were read ({count:,} days). The next delta run compares the "
    "export instead.",
    ResetKind.LEDGER: "Forgets what discover listed of {count:,} months and windows. They are asked again.",
    ResetKind.GAPS: "Forgets {count:,} gaps with their tries and what you ignored. The next analysis finds them again.",
}


def _types(text: str) -> tuple[MediaType, ...]:
    if text == "all":
        return tuple(MediaType)
    try:
        return (MediaType(text),)
    except ValueError:
        raise UsageError(f"{text} is not a type.", "Use movie, tv or all.") from None


def _reset(context: typer.Context, kind: ResetKind, type_: str, confirm: str | None) -> None:
    session: Session = context.obj

    async def run() -> int:
        types = _types(type_)
        async with session.app() as app:
            count = await reset.count(app, kind, types)
            typed(session, WARNINGS[kind].format(count=count), kind.value, confirm)
            done = await reset.reset(app, kind, kind.value, types)
        if session.as_json:
            session.emit({"reset": kind.value, "types": [one.value for one in types], "forgotten": done.forgotten})
        else:
            session.out.print(f"Forgot {done.forgotten:,} rows of the {kind.value}.")
        return 0

    session.run(run)


@cli.command("cursor")
def cursor(context: typer.Context, type_: Type = "all", confirm: Confirm = None) -> None:
    """Forget how far the change lists were read."""
    _reset(context, ResetKind.CURSOR, type_, confirm)


@cli.command("ledger")
def ledger(context: typer.Context, type_: Type = "all", confirm: Confirm = None) -> None:
    """Forget what discover listed of release months."""
    _reset(context, ResetKind.LEDGER, type_, confirm)


@cli.command("gaps")
def gaps(context: typer.Context, type_: Type = "all", confirm: Confirm = None) -> None:
    """Forget the registry of gaps."""
    _reset(context, ResetKind.GAPS, type_, confirm)


def purge(context: typer.Context, confirm: Confirm = None) -> None:
    """Remove all of TMDb's data: titles, change logs, posters, exports, backups. Settings and counts of jobs stay."""
    session: Session = context.obj

    async def run() -> int:
        paths = open_paths(session.data_dir or default_data_dir())
        typed(
            session,
            f"This removes every title in {paths.data_dir} for good, with all backups, posters and exports.",
            reset.PURGE_WORD,
            confirm,
        )
        done = await reset.purge(paths, reset.PURGE_WORD)
        if session.as_json:
            session.emit({"titles": done.titles, "files": done.files, "bytes": done.size})
        else:
            session.out.print(f"Purged {done.titles:,} titles and {done.files:,} files, {done.size / 1e6:,.1f} MB.")
        return 0

    session.run(run)
