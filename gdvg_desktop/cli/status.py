"""`gdvg status`: the state of the mirror."""

import typer

from gdvg_desktop.cli import show as forms
from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import overview
from gdvg_desktop.store.coverage import percent_of


def show(context: typer.Context) -> None:
    """The state of the mirror."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await overview.status(app)
        if session.as_json:
            session.emit(forms.status_json(found))
            return 0
        session.out.print(f"{found.titles:,} titles: {found.movies:,} movies, {found.tv:,} TV series")
        if found.coverage:
            percent = percent_of(found.coverage.held, found.coverage.known)
            session.out.print(
                f"{percent:g} % of the {found.coverage.known:,} titles wanted of TMDb's export of "
                f"{found.coverage.as_of:%d %b %Y}; {found.coverage.missing:,} missing"
            )
        session.out.print(f"{len(found.running)} jobs running, {found.waiting} waiting, {found.paused} paused")
        for job in found.running:
            session.out.print(f"  {job.id} {job.name}: {job.done:,} of {job.total:,}")
        session.out.print(
            f"{found.requests_today:,} requests today; the library takes {found.database_bytes / 1e6:,.1f} MB"
        )
        session.out.print(f"It lies in {found.library}")
        return 0

    session.run(run)
