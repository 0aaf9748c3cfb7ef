"""`gdvg coverage`: how much of TMDb the library holds, proved id by id."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from gdvg_desktop.cli.session import Session
from gdvg_desktop.cli.show import refusals, refusals_json
from gdvg_desktop.commands import coverage as commands
from gdvg_desktop.core.scope import Scope
from gdvg_desktop.store.coverage import Coverage, TypeCoverage
from gdvg_desktop.store.exports import Refusal


def show(
    context: typer.Context,
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate",
            metavar="FILE",
            help="Write the state of every id with its reason to FILE, as .csv or .json.",
        ),
    ] = None,
) -> None:
    """How much of TMDb the library holds. The first time TMDb's daily export is fetched; no key is needed."""
    session: Session = context.obj

    async def run() -> int:
        written: commands.Certificate | None = None
        async with session.app() as app:
            await commands.ensure_exports(app)
            if certificate is not None:
                written = await commands.certificate(app, certificate)
            found = written.coverage if written is not None else await commands.coverage(app)
            scope, refused = await commands.get_scope(app), await commands.refusals(app)
        if session.as_json:
            session.emit(_json(found, scope, refused, written))
        else:
            _print(session, found, scope, refused, written)
        return 0

    session.run(run)


def _json(
    found: Coverage, scope: Scope, refused: list[Refusal], written: commands.Certificate | None
) -> dict[str, Any]:
    document = commands.as_json(found)
    document["scope"] = scope.words
    document["refused"] = refusals_json(refused)
    if written is not None:
        document["certificate"] = {"file": str(written.path), "ids": written.ids}
    return document


def _print(
    session: Session,
    found: Coverage,
    scope: Scope,
    refused: list[Refusal],
    written: commands.Certificate | None,
) -> None:
    session.out.print(f"Scope: {scope.words}")
    table = Table("", "Movies", "TV series")
    for column in table.columns[1:]:
        column.justify = "right"
    for words, read in _LINES:
        table.add_row(words, read(found.movie), read(found.tv))
    session.out.print(table)
    for line in refusals(refused):
        session.out.print(line)
    if written is not None:
        session.out.print(f"{written.ids:,} ids written to {written.path}")


def _number(name: str) -> Any:
    return lambda one: f"{getattr(one, name):,}"


def _percent(one: TypeCoverage) -> str:
    return f"{one.percent:g} %"


def _date(one: TypeCoverage) -> str:
    return f"{one.export_date:%d %b %Y}" if one.export_date else "not read"


_LINES = (
    ("Export of", _date),
    ("Ids in the export", _number("in_export")),
    ("In scope", _number("in_scope")),
    ("Held", _number("held")),
    ("Missing", _number("missing")),
    ("Deleted by TMDb", _number("tombstoned")),
    ("Excluded by the scope", _number("excluded")),
    ("Undetermined", _number("undetermined")),
    ("Coverage", _percent),
)
