"""`gdvg titles ...`: look titles up and write them out."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.table import Table

from gdvg_desktop.cli.session import Session, whole_number
from gdvg_desktop.commands import titles
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.store.library import TitleRow

cli = typer.Typer(no_args_is_help=True)
Limit = Annotated[int, typer.Option("--limit", parser=whole_number, metavar="N", help="How many at most.")]


@cli.command("list")
def listing(context: typer.Context, limit: Limit = 50) -> None:
    """The most popular titles of the library."""
    _search(context, "", limit)


@cli.command("search")
def search(
    context: typer.Context,
    text: Annotated[
        str, typer.Argument(help="Words of any title form, or origin:kr year:2015..2026 type:tv genre:drama.")
    ],
    limit: Limit = 50,
) -> None:
    """Find titles."""
    _search(context, text, limit)


def _search(context: typer.Context, text: str, limit: int) -> None:
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await titles.search(app, text, limit)
        if session.as_json:
            session.emit([_row_json(row) for row in found])
            return 0
        if not found:
            session.out.print("No titles found." if text else "The library is empty.")
            return 0
        table = Table("Type", "TMDb id", "Title", "Original title", "Year", "Popularity", "Rating")
        for row in found:
            table.add_row(
                row.media_type.value,
                str(row.tmdb_id),
                row.title or "",
                row.original_title if row.original_title != row.title else "",
                str(row.year or ""),
                f"{row.popularity:.1f}" if row.popularity is not None else "",
                f"{row.vote_average:.1f}" if row.vote_average is not None else "",
            )
        session.out.print(table)
        return 0

    session.run(run)


def _row_json(row: TitleRow) -> dict[str, object]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(row).items()}


@cli.command("show")
def show(
    context: typer.Context,
    media_type: Annotated[str, typer.Argument(help="movie or tv, or movie/603.")],
    tmdb_id: Annotated[int | None, typer.Argument(parser=whole_number, metavar="[ID]", help="The TMDb id.")] = None,
) -> None:
    """Everything held of one title."""
    session: Session = context.obj

    async def run() -> int:
        kind, number = _key(media_type, tmdb_id)
        async with session.app() as app:
            found = await titles.show(app, kind, number)
        if session.as_json:
            session.emit(asdict(found))
            return 0
        for name, value in asdict(found).items():
            if value in (None, (), [], ""):
                continue
            text = f"{len(value):,}" if isinstance(value, (tuple, list)) and len(str(value)) > 200 else value
            session.out.print(f"{name}: {text}")
        return 0

    session.run(run)


def _key(media_type: str, tmdb_id: int | None) -> tuple[str, int]:
    if tmdb_id is not None:
        return media_type, tmdb_id
    kind, slash, number = media_type.partition("/")
    if slash and number.isascii() and number.isdigit():
        return kind, int(number)
    raise UsageError(f"{media_type} names no title.", "Write: gdvg titles show movie 603, or movie/603.")


@cli.command("export")
def export(
    context: typer.Context,
    form: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    output: Annotated[str, typer.Option("--output", help="A file, or - for stdout.")] = "-",
) -> None:
    """Write every title, one a line."""
    session: Session = context.obj

    session.answered = output == "-"  # stdout is for the titles alone

    async def run() -> int:
        async with session.app() as app:
            count = await titles.export(app, lambda: _target(output), form=form)
        if output != "-":
            if session.as_json:
                session.emit({"titles": count, "output": output, "format": form})
            else:
                session.out.print(f"{count:,} titles written to {output}.")
        return 0

    session.run(run)


@contextlib.contextmanager
def _target(output: str) -> Iterator[TextIO]:
    """stdout, or a file that appears only when it is whole."""
    if output == "-":
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
        yield sys.stdout
        sys.stdout.flush()
        return
    path = Path(output)
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UsageError(f"{output} cannot be written: {error.strerror}.", "Choose another file.") from None
