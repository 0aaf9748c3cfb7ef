"""An app on a demo server, and what its library holds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from gdvg_desktop.app import App, open_app
from gdvg_desktop.core.clock import Clock, SystemClock
from gdvg_desktop.core.credentials import CredentialStore
from gdvg_desktop.core.kinds import JobKind, MediaType
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.store import jobs
from gdvg_desktop.store.held import all_ids
from gdvg_desktop.sync.filters import ImportFilter

KEY = "d" * 32


class BriskClock(SystemClock):
    """The machine's clock with every wait forty times shorter, for back-off and cool-downs over real sockets."""

    def __init__(self, factor: float = 40.0) -> None:
        self._factor = factor

    def monotonic(self) -> float:
        return super().monotonic() * self._factor

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / self._factor)


@asynccontextmanager
async def app_on(
    demo: DemoServer,
    folder: Path,
    *,
    key: str | None = KEY,
    engine: bool = True,
    clock: Clock | None = None,
    **changes: Any,
) -> AsyncIterator[App]:
    """An app in `folder` that takes the demo for TMDb, unpaced unless told otherwise."""
    values = {"requests_per_second": 0.0, "max_connections": 20} | changes
    settings = replace(Settings(), tmdb_url=demo.url, exports_url=demo.exports_url, **values)
    credentials = CredentialStore({"TMDB_API_KEY": key} if key else {})
    async with open_app(open_paths(folder), settings, engine=engine, credentials=credentials, clock=clock) as app:
        yield app


async def queue_import(app: App, chosen: ImportFilter) -> jobs.Job:
    """Queue an import of a filter."""
    job, _ = await app.store.write(lambda db: jobs.add(db, JobKind.IMPORT, "Import", chosen.to_config(), 1))
    return job


async def job_of(app: App, job_id: int) -> jobs.Job:
    """A job as it stands."""
    return await app.store.read(lambda db: jobs.get(db, job_id))


async def held(app: App) -> set[tuple[str, int]]:
    """Every (type, id) of the library."""

    def read(db: Any) -> set[tuple[str, int]]:
        return {(kind.value, tmdb_id) for kind in MediaType for tmdb_id in all_ids(db, kind)}

    return await app.store.read(read)


async def until(condition: Callable[[], Any], what: str) -> None:
    """Wait for something another task brings about."""
    for _ in range(2000):
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"never came: {what}")
