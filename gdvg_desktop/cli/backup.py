"""`gdvg backup ...`: whole, verified copies of the library."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from gdvg_desktop.cli import show
from gdvg_desktop.cli.confirm import sure
from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import backup
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import default_data_dir, open_paths
from gdvg_desktop.store.backup import Backup
from gdvg_desktop.store.backup_preview import LibraryFacts, RestorePreview

cli = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The name from `gdvg backup list`, or latest.")]


@cli.command("create")
def create(context: typer.Context) -> None:
    """Copy the library and verify the copy; work going on goes on."""
    session: Session = context.obj

    async def run() -> int:
        said = ""

        def say(text: str) -> None:
            nonlocal said
            if text != said and session.err.is_terminal:
                said = text
                session.err.print(text)

        async with session.app() as app:
            made = await backup.create(app, say)
        if session.as_json:
            session.emit(_json(made))
        else:
            session.out.print(f"Backup {made.name}: {_titles(made.titles)}, {made.size / 1e6:,.1f} MB, verified.")
        return 0

    session.run(run)


@cli.command("list")
def listing(context: typer.Context) -> None:
    """All backups, newest first."""
    session: Session = context.obj

    async def run() -> int:
        paths = open_paths(session.data_dir or default_data_dir())
        found = await backup.listing(paths)
        if session.as_json:
            session.emit([_json(one) for one in found])
            return 0
        if not found:
            session.out.print("There are no backups. Make one with: gdvg backup create.")
            return 0
        table = Table(
            Column("Name", no_wrap=True, overflow="fold", min_width=40),
            "Made",
            "Why",
            "Size",
            "Titles",
            "Schema",
            "State",
        )
        for one in found:
            table.add_row(
                one.name,
                show.local(one.made_at),
                one.reason,
                f"{one.size / 1e6:,.1f} MB",
                f"{sum(one.titles.values()):,}" if one.titles is not None else "",
                "" if one.schema is None else str(one.schema),
                "verified" if one.verified else one.problem,
            )
        session.out.print(table)
        return 0

    session.run(run)


@cli.command("restore")
def restore(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would change.")] = False,
) -> None:
    """Put a backup in the library's place; the present files are kept beside it."""
    session: Session = context.obj

    async def run() -> int:
        paths = open_paths(session.data_dir or default_data_dir())
        found = await backup.preview(paths, name)
        if preview:
            if session.as_json:
                session.emit(_preview_json(found))
            else:
                session.out.print(preview_text(found))
            return 0
        if not session.as_json:
            session.out.print(preview_text(found))
        sure(session, "Restore this backup?", yes)
        kept: Path = await backup.restore(paths, found.backup.name)
        if session.as_json:
            session.emit({**_preview_json(found), "kept_in": str(kept)})
        else:
            session.out.print(f"Restored {found.backup.name}. What it replaced is kept in {kept}.")
        return 0

    session.run(run)


def preview_text(found: RestorePreview) -> str:
    """What a restoration would change, in a few lines."""
    lines = [f"The backup of {show.local(found.backup.made_at)} ({found.backup.reason}): {_facts(found.then)}"]
    if found.now is None:
        lines.append("The present library is missing or cannot be read.")
        return "\n".join(lines)
    lines.append(f"The present library: {_facts(found.now)}")
    lost = f"{sum(found.lost.values()):,} titles would be lost"
    if found.lost_names:
        lost += f", among them {', '.join(found.lost_names)}"
    lines.append(f"{lost}.")
    lines.append(
        f"{sum(found.gained.values()):,} titles would come back, {found.changed:,} would go back to older data."
    )
    if found.then.schema < found.now.schema:
        lines.append(f"The backup has schema {found.then.schema}; it is brought up to date at the next start.")
    return "\n".join(lines)


def _facts(facts: LibraryFacts) -> str:
    return (
        f"{_titles(facts.titles)}, newest fetched {show.local(facts.newest_fetch) or 'never'}, schema {facts.schema}, "
        f"{facts.size / 1e6:,.1f} MB"
    )


def _titles(titles: dict[MediaType, int] | None) -> str:
    if titles is None:
        return "titles unknown"
    return f"{titles[MediaType.MOVIE]:,} movies and {titles[MediaType.TV]:,} TV series"


def _json(one: Backup) -> dict[str, Any]:
    return {
        "name": one.name,
        "path": str(one.path),
        "reason": one.reason,
        "made_at": show.instant(one.made_at),
        "size_bytes": one.size,
        "schema": one.schema,
        "titles": None if one.titles is None else sum(one.titles.values()),
        "verified": one.verified,
        "problem": one.problem or None,
    }


def _facts_json(facts: LibraryFacts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {
        "movies": facts.titles[MediaType.MOVIE],
        "tv": facts.titles[MediaType.TV],
        "schema": facts.schema,
        "newest_fetch": show.instant(facts.newest_fetch),
        "size_bytes": facts.size,
    }


def _preview_json(found: RestorePreview) -> dict[str, Any]:
    return {
        "backup": _json(found.backup),
        "then": _facts_json(found.then),
        "now": _facts_json(found.now),
        "lost": sum(found.lost.values()),
        "gained": sum(found.gained.values()),
        "changed": found.changed,
        "lost_names": list(found.lost_names),
    }
