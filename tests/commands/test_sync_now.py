"""Sync now begins what is needed, and no more than that."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage, imports, jobs, mirror
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.commands.sync_now import Begun, sync_now
from gdvg_desktop.core.kinds import JobKind, JobState
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store import jobs as job_rows
from tests.support.library import app_on


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=60, series=40)) as server:
        server.faults.rate_limit = 0
        yield server


def kinds(begun: Begun) -> list[JobKind]:
    return [job.kind for job, _ in begun.jobs]


async def work(app: App, begun: Begun) -> None:
    assert app.engine is not None
    for job, _ in begun.jobs:
        await app.engine.run(only=job.id)
        assert (await jobs.show(app, job.id)).job.state is JobState.COMPLETED


async def test_an_empty_library_is_filled_and_a_full_one_followed(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        first = await sync_now(app)
        assert kinds(first) == [JobKind.MIRROR] and first.missing == 0
        assert [new for _, new in (await sync_now(app)).jobs] == [False]
        await work(app, first)
        full = await sync_now(app)
        assert kinds(full) == [JobKind.DELTA] and full.missing == 0
        await work(app, full)
        await app.store.write(lambda db: db.execute_sql("DELETE FROM title WHERE id IN (SELECT id FROM title LIMIT 3)"))
        lacking = await sync_now(app)
        assert kinds(lacking) == [JobKind.DELTA, JobKind.MIRROR]
        await work(app, lacking)
        assert (await coverage.coverage(app)).percent == 100.0


async def test_a_few_imports_are_no_wish_for_everything(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job, _ = await imports.start(app, ImportRequest("tv", ("KR",)))
        await work(app, Begun(((job, True),)))
        await coverage.read_exports(app)
        begun = await sync_now(app)
        assert kinds(begun) == [JobKind.DELTA]
        assert begun.missing == (await coverage.coverage(app)).missing > 0
        await mirror.start(app, Scope(False, (ScopeRule(countries=("KR",)),)))
        assert kinds(await sync_now(app)) == [JobKind.DELTA, JobKind.MIRROR]


async def test_a_decision_about_deletions_is_not_taken(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await work(app, await sync_now(app))
        (job, _), *_ = (await sync_now(app)).jobs
        await app.store.write(
            lambda db: job_rows.set_state(db, job.id, JobState.PAUSED, 1, reason=job_rows.DELETIONS, args={})
        )
        begun = await sync_now(app)
        assert begun.jobs == () and begun.waits is not None and begun.waits.id == job.id
        assert (await jobs.show(app, job.id)).job.state is JobState.PAUSED
