"""`gdvg health`: a quick look at the file, the disk, the key and the exports."""

import typer
from rich.table import Table

from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import health


def show(context: typer.Context) -> None:
    """Look at the file, the disk, the key and the exports; exit code 1 when something is wrong."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await health.check(app)
        if session.as_json:
            session.emit(found.as_json())
        else:
            table = Table("Looked at", "Found")
            for one in found.checks:
                table.add_row(one.name, one.problem or "well")
            session.out.print(table)
        return 1 if found.problems else 0

    session.run(run)
