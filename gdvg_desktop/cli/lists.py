"""`gdvg lists`: TMDb's short lists brought up to date."""

from typing import Annotated

import typer

from gdvg_desktop.cli.foreground import need_key, queued
from gdvg_desktop.cli.mirror import run_job
from gdvg_desktop.cli.session import Session, whole_number
from gdvg_desktop.commands import mirror
from gdvg_desktop.tmdb.lists import LISTS

cli = typer.Typer(no_args_is_help=True)


@cli.command("show")
def show_lists(context: typer.Context) -> None:
    """The lists there are."""
    session: Session = context.obj
    if session.as_json:
        session.emit(
            [
                {"list": one.name, "type": one.media_type.value, "name": one.words, "takes_region": one.takes_region}
                for one in LISTS.values()
            ]
        )
    for one in () if session.as_json else LISTS.values():
        session.out.print(f"{one.name:<18} {one.words}{' (takes --region)' if one.takes_region else ''}")


@cli.command("run")
def run_list(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="LIST", help=f"One of {', '.join(LISTS)}.")],
    region: Annotated[str | None, typer.Option("--region", help="Country of a movie list, for example KR.")] = None,
    pages: Annotated[
        int, typer.Option("--pages", parser=whole_number, metavar="N", help="So many pages of 20 titles.")
    ] = 1,
    queue: Annotated[bool, typer.Option("--queue", help="Only queue it; an engine runs it later.")] = False,
) -> None:
    """Fetch what a list names and the library lacks, and refresh the rest of it, in the foreground to the end."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app(engine=not queue) as app:
            if not queue:
                need_key(app)
            job, new = await mirror.run_list(app, name, region, pages)
            if not queue:
                return await run_job(session, app, job)
        return queued(session, job, new)

    session.run(run)
