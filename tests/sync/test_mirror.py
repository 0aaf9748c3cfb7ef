"""The mirror job over a real socket: exactly what the scope wants, nothing twice, and its way to delta mode."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.core.kinds import JobKind, JobState
from gdvg_desktop.core.scope import Scope
from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store import jobs, mirror
from gdvg_desktop.store.coverage import coverage
from gdvg_desktop.sync.mirror import name_of
from tests.support.library import app_on, held, job_of

TODAY = date(2026, 11, 21)


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=300, series=120, faults=Faults(rate_limit=0))) as server:
        yield server


async def mirror_once(app: App) -> jobs.Job:
    """Queue the mirror job and work it to its end."""
    job, _ = await app.store.write(lambda db: jobs.add(db, JobKind.MIRROR, name_of(Scope()), {}, 1))
    assert app.engine is not None
    await app.engine.run(only=job.id)
    return await job_of(app, job.id)


async def test_the_whole_catalogue_is_held_and_the_mirror_goes_over_to_delta(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job = await mirror_once(app)
        assert (job.state, job.failed, job.gone) == (JobState.COMPLETED, 0, 0)
        assert await held(app) == demo.truth()
        found = await app.store.read(coverage)
        assert (found.percent, found.missing, found.undetermined) == (100.0, 0, 0)
        assert demo.stats.requests <= 1.02 * job.added
        assert max(demo.stats.detail_requests.values()) == 1
        assert job.summary["before"]["movie"]["held"] == 0
        assert job.summary["after"]["movie"]["percent"] == 100.0
        assert job.summary["requests_per_title"] <= 1.02
        mode = await app.store.read(mirror.mode)
        assert mode is not None and mode.value == mirror.DELTA
