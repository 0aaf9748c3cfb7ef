"""`gdvg titles ...`: look titles up and write them out."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.table import Table
from rich.text import Text

from gdvg_desktop.cli.session import Session, check_limit, whole_number
from gdvg_desktop.cli.show import local
from gdvg_desktop.commands import titles
from gdvg_desktop.commands.files import replacing
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.store.changes import FieldChange, Snapshot
from gdvg_desktop.store.library import TitleRow, parse_query

cli = typer.Typer(no_args_is_help=True)
Limit = Annotated[int, typer.Option("--limit", parser=whole_number, metavar="N", help="How many at most.")]


Offset = Annotated[int, typer.Option("--offset", parser=whole_number, metavar="N", help="How many to leave out first.")]
Tombstones = Annotated[bool, typer.Option("--tombstones", help="Titles deleted at TMDb as well.")]
Query = Annotated[
    str, typer.Argument(help="Words of any title form, or origin:kr year:2015..2026 type:tv genre:drama.")
]
Type = Annotated[str, typer.Argument(help="movie or tv, or movie/603.")]
Number = Annotated[int | None, typer.Argument(parser=whole_number, metavar="[ID]", help="The TMDb id.")]


@cli.command("list")
def listing(
    context: typer.Context, text: Query = "", limit: Limit = 50, offset: Offset = 0, tombstones: Tombstones = False
) -> None:
    """The most popular titles of the library, or of what a query finds, page by page."""
    _search(context, text, limit, offset, tombstones)


@cli.command("search")
def search(
    context: typer.Context, text: Query, limit: Limit = 50, offset: Offset = 0, tombstones: Tombstones = False
) -> None:
    """Find titles."""
    _search(context, text, limit, offset, tombstones)


def _search(context: typer.Context, text: str, limit: int, offset: int, tombstones: bool) -> None:
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await titles.search(app, text, limit, offset=offset, tombstones=tombstones)
        if session.as_json:
            session.emit([_row_json(row) for row in found])
            return 0
        if not found:
            session.out.print("No titles found." if text or offset else "The library is empty.")
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
    media_type: Type,
    tmdb_id: Number = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="As it was on that day (UTC), YYYY-MM-DD.")
    ] = None,
) -> None:
    """Everything held of one title, or what it said on an earlier day."""
    session: Session = context.obj

    async def run() -> int:
        kind, number = _key(media_type, tmdb_id)
        async with session.app() as app:
            if as_of is not None:
                then = await titles.as_of(app, kind, number, _day(as_of))
                session.emit(_snapshot_json(then)) if session.as_json else _print_snapshot(session, then)
                return 0
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


def _snapshot_json(then: Snapshot) -> dict[str, object]:
    lists = {name: list(then.words(name)) for name in then.lists}
    return {"title_id": then.title_id, "at": then.at, "values": then.values, "lists": lists}


def _print_snapshot(session: Session, then: Snapshot) -> None:
    for name, value in then.values.items():
        session.out.print(f"{name}: {value}", markup=False)
    for name in then.lists:
        words = then.words(name)
        session.out.print(f"{name}: {', '.join(words) if len(words) <= 20 else f'{len(words):,}'}", markup=False)


@cli.command("changes")
def changes(
    context: typer.Context,
    media_type: Type,
    tmdb_id: Number = None,
    limit: Limit = 200,
) -> None:
    """What changed of one title, field by field, the latest first."""
    session: Session = context.obj

    async def run() -> int:
        kind, number = _key(media_type, tmdb_id)
        check_limit(limit)
        async with session.app() as app:
            found = await titles.changes(app, kind, number, limit)
        if session.as_json:
            session.emit([asdict(one) for one in found])
            return 0
        if not found:
            session.out.print("Nothing has changed since it came into the library.")
            return 0
        table = Table("When", "Field", "Before", "After", "Job")
        for one in found:
            before, after = _before_and_after(one)
            table.add_row(
                local(one.at), Text(one.field), Text(before), Text(after), str(one.job_id) if one.job_id else ""
            )
        session.out.print(table)
        return 0

    session.run(run)


def _before_and_after(one: FieldChange) -> tuple[str, str]:
    if one.expired:
        return "no longer kept", ""
    if not one.is_list:
        return one.old or "", one.new or ""
    altered = [f"~ {text}" for text in one.altered]
    return "\n".join(f"- {text}" for text in one.removed), "\n".join([*(f"+ {text}" for text in one.added), *altered])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text} is not a date.", "Write it as 2026-01-31.") from None


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
    query: Annotated[str, typer.Option("--query", help="Only what this finds, written as for search.")] = "",
    tombstones: Tombstones = False,
) -> None:
    """Write every title, one a line."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            chosen = replace(parse_query(query), tombstones=tombstones)
            count = await titles.export(app, lambda: _target(session, output), form=form, chosen=chosen)
        if output != "-":
            if session.as_json:
                session.emit({"titles": count, "output": output, "format": form})
            else:
                session.out.print(f"{count:,} titles written to {output}.")
        return 0

    session.run(run)


@contextlib.contextmanager
def _target(session: Session, output: str) -> Iterator[TextIO]:
    """stdout, or a file that appears only when it is whole."""
    if output == "-":
        session.answered = True  # from here on stdout is for the titles alone
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
        yield sys.stdout
        sys.stdout.flush()
        return
    with replacing(Path(output)) as file:
        yield file
