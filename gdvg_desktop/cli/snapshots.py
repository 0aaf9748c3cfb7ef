"""`gdvg snapshots ...`: what the library held when, and what changed in between."""

from typing import Annotated, Any

import typer
from rich.table import Table

from gdvg_desktop.cli import show
from gdvg_desktop.cli.session import Session, whole_number
from gdvg_desktop.commands import snapshots
from gdvg_desktop.store.snapshots import Difference, Snapshot

cli = typer.Typer(no_args_is_help=True)
Number = Annotated[int, typer.Argument(parser=whole_number, metavar="N", help="The number of a snapshot.")]
MOST_TOTALS = 20


@cli.command("list")
def listing(context: typer.Context) -> None:
    """All snapshots, newest first."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await snapshots.listing(app)
        if session.as_json:
            session.emit([_json(one) for one in found])
            return 0
        if not found:
            session.out.print("There are no snapshots yet. One is taken a day after a mirror or delta run.")
            return 0
        table = Table("Number", "Taken", "Why", "Movies", "TV series", "New", "Coverage", "")
        for one in found:
            table.add_row(
                str(one.id),
                show.local(one.taken_at),
                one.reason,
                f"{one.movies:,}",
                f"{one.tv:,}",
                "" if one.new_titles is None else f"{one.new_titles:,}",
                "" if one.percent is None else f"{one.percent:g} %",
                "pinned" if one.pinned else "",
            )
        session.out.print(table)
        return 0

    session.run(run)


@cli.command("take")
def take(context: typer.Context) -> None:
    """Take a snapshot now."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            taken = await snapshots.take(app)
        if session.as_json:
            session.emit(_json(taken))
        else:
            session.out.print(f"Snapshot {taken.id}: {taken.movies:,} movies and {taken.tv:,} TV series.")
        return 0

    session.run(run)


@cli.command("diff")
def diff(context: typer.Context, first: Number, second: Number) -> None:
    """What was added, removed and changed between two snapshots."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await snapshots.difference(app, first, second)
        if session.as_json:
            session.emit(_difference_json(found))
            return 0
        session.out.print(
            f"From snapshot {found.before.id} ({show.local(found.before.taken_at)}) "
            f"to {found.after.id} ({show.local(found.after.taken_at)})"
        )
        table = Table("Type", "Added", "Removed", "Changed")
        for kind, one in found.types.items():
            table.add_row(kind.value, f"{len(one.added):,}", f"{len(one.removed):,}", f"{len(one.changed):,}")
        session.out.print(table)
        if not found.changes_known:
            session.out.print("The log of changes does not reach back that far: Changed is only a part.")
        for kind_of, value, before, after in sorted(found.totals, key=lambda row: -abs(row[3] - row[2]))[:MOST_TOTALS]:
            session.out.print(f"{kind_of} {value}: {before:,} to {after:,}")
        return 0

    session.run(run)


@cli.command("pin")
def pin(
    context: typer.Context,
    number: Number,
    off: Annotated[bool, typer.Option("--off", help="Let it go with the others again.")] = False,
) -> None:
    """Keep a snapshot for good."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            changed = await snapshots.pin(app, number, not off)
        if session.as_json:
            session.emit(_json(changed))
        else:
            session.out.print(f"Snapshot {changed.id} is {'pinned' if changed.pinned else 'no longer pinned'}.")
        return 0

    session.run(run)


def _json(one: Snapshot) -> dict[str, Any]:
    return {
        "id": one.id,
        "taken_at": show.instant(one.taken_at),
        "reason": one.reason,
        "job_id": one.job_id,
        "pinned": one.pinned,
        "movies": one.movies,
        "tv": one.tv,
        "new_titles": one.new_titles,
        "coverage": one.coverage,
    }


def _difference_json(found: Difference) -> dict[str, Any]:
    return {
        "before": _json(found.before),
        "after": _json(found.after),
        "changes_known": found.changes_known,
        **{
            kind.value: {"added": list(one.added), "removed": list(one.removed), "changed": list(one.changed)}
            for kind, one in found.types.items()
        },
        "totals": [
            {"kind": kind, "value": value, "before": before, "after": after}
            for kind, value, before, after in found.totals
        ],
    }
