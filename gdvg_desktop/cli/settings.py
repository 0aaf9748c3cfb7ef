"""`gdvg settings ...`: all settings as they stand, and carrying them to another computer, without secrets."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import settings as commands
from gdvg_desktop.core.settings import Settings, env_sources

cli = typer.Typer(no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="FILE", help="A TOML file.")]


@cli.command("show")
def show(context: typer.Context) -> None:
    """Every setting, and which the environment sets."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            values, sources = asdict(app.settings), env_sources()
        if session.as_json:
            default = asdict(Settings())
            session.emit(
                {
                    name: {"value": value, "default": default[name], "set_by": sources.get(name)}
                    for name, value in values.items()
                }
            )
            return 0
        table = Table("Setting", "Value", "Set by")
        for name, value in values.items():
            words = ", ".join(value) if isinstance(value, tuple) else str(value)
            table.add_row(name, words, sources.get(name, ""))
        session.out.print(table)
        return 0

    session.run(run)


@cli.command("export")
def export(context: typer.Context, file: File) -> None:
    """Write the settings that differ from the defaults, without secrets and without what belongs to this computer."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            written = await commands.export(app, file)
        if session.as_json:
            session.emit({"file": str(file), "settings": written})
        else:
            session.out.print(f"{len(written)} settings written to {file}.")
        return 0

    session.run(run)


@cli.command("import")
def read(context: typer.Context, file: File) -> None:
    """Take the settings of a file over; what it does not name stays, and what the environment sets as well."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            taken = await commands.read(app, file)
        if session.as_json:
            session.emit({"file": str(file), "settings": taken})
        else:
            session.out.print(f"{len(taken)} settings taken over from {file}.")
        return 0

    session.run(run)
