"""`gdvg daemon`: the engine and the schedule without any screen, until it is told to stop."""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any

import typer

from gdvg_desktop.api import server as api_server
from gdvg_desktop.app import App
from gdvg_desktop.cli import readiness
from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import scheduled, settings
from gdvg_desktop.schedule.overrides import overrides

KEY_WAIT_S = 10.0  # how long the start waits for a keyring that waits for its user; the key counts once it comes


def daemon(context: typer.Context) -> None:
    """Work the queue and the schedule without any screen until stopped (Ctrl-C, SIGTERM); a window may open beside."""
    session: Session = context.obj

    async def run() -> int:
        overrides(os.environ)  # what says nothing that can be is told here, not by a schedule that never runs
        try:
            async with session.app(engine=True, key_wait_s=KEY_WAIT_S) as app:
                readiness.notify(readiness.READY, f"STATUS=Working on {app.paths.data_dir}")
                if not session.as_json:
                    session.out.print(f"Working on {app.paths.data_dir}. Stop with Ctrl-C or SIGTERM.")
                try:
                    await _until_stopped(app)
                finally:
                    readiness.notify(readiness.STOPPING)
        except asyncio.CancelledError:  # told to stop, ready or not: that is how a daemon ends well
            pass
        if session.as_json:
            session.emit({"stopped": True})
        else:
            session.out.print("Stopped; what was fetched is stored.")
        return 0

    session.run(run)


def services(app: App) -> list[Coroutine[Any, Any, None]]:
    """What runs beside the engine for as long as the daemon does; what raises one of them ends it."""
    return [readiness.signs_of_life(), settings.follow(app), api_server.serve(app)]


async def _until_stopped(app: App) -> None:
    beside = [asyncio.create_task(one) for one in services(app)]
    work = asyncio.create_task(scheduled.work(app))
    try:
        waiting = {work, *beside}
        while not work.done():
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in (work, *beside):
            task.cancel()
        await asyncio.gather(work, *beside, return_exceptions=True)
