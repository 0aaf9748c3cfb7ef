"""The refresh job against a real demo server: by age, by choice, and what cannot be refreshed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import sync
from gdvg_desktop.core.clock import SystemClock, utc_day
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import JobState, MediaType
from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store import jobs
from gdvg_desktop.store.titles import title_id_of
from gdvg_desktop.sync.filters import build_filter
from tests.support.library import app_on, held, job_of, queue_import

BOTH = (MediaType.MOVIE, MediaType.TV)
DAY_S = 86_400


class Later(SystemClock):
    """The machine's clock, so many days on."""

    days = 0.0

    def now(self) -> float:
        return super().now() + self.days * DAY_S

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 40)


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=60, series=30, faults=Faults(rate_limit=0))) as server:
        yield server


def later(demo: DemoServer, clock: Later, days: int) -> None:
    clock.days = days
    demo.catalogue.today = utc_day(clock.now())


async def run(app: App, job: jobs.Job) -> jobs.Job:
    assert app.engine is not None
    await app.engine.run(only=job.id)
    return await job_of(app, job.id)


async def test_the_longest_unchecked_are_refreshed_first_and_the_fresh_not_at_all(
    demo: DemoServer, tmp_path: Path
) -> None:
    clock = Later()
    async with app_on(demo, tmp_path, clock=clock, max_connections=1) as app:
        await run(app, await queue_import(app, build_filter(types=(MediaType.MOVIE,))))
        later(demo, clock, 10)
        await run(app, await queue_import(app, build_filter(types=(MediaType.TV,))))
        movies = {key for key in await held(app) if key[0] == "movie"}
        later(demo, clock, 155)
        edited = set(demo.catalogue.edit(sorted(movies)[:9]))
        demo.stats.reset()
        job, _ = await sync.refresh(app)
        done = await run(app, job)
        assert (done.state, done.total, done.updated) == (JobState.COMPLETED, len(movies), len(edited))
        assert set(demo.stats.detail_requests) == {f"movie/{number}" for _, number in movies}
        assert done.summary["overdue"] == 0
        demo.stats.reset()
        status = await sync.status(app)
        assert (status.due, status.overdue) == (0, 0)
        again, _ = await sync.refresh(app, older_than_days=140)
        assert (await run(app, again)).total == len(await held(app)) - len(movies)
        assert all(name.startswith("tv/") for name in demo.stats.detail_requests)


async def test_chosen_titles_are_refreshed_and_wrong_content_is_put_right(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await run(app, await queue_import(app, build_filter(types=BOTH)))
        chosen = sorted(await held(app))[::20]
        ids = [title_id_of(MediaType(kind), number) for kind, number in chosen]

        def spoil(db: object) -> None:
            db.execute_sql("UPDATE title SET overview = 'wrong', runtime = 1 WHERE id = ?", (ids[0],))  # type: ignore[attr-defined]

        await app.store.write(spoil)
        demo.stats.reset()
        job, _ = await sync.refresh(app, title_ids=ids)
        done = await run(app, job)
        assert (done.total, done.updated, done.unchanged) == (len(ids), 1, len(ids) - 1)
        assert set(demo.stats.detail_requests) == {f"{kind}/{number}" for kind, number in chosen}


async def test_what_cannot_be_refreshed_in_time_is_told(demo: DemoServer, tmp_path: Path) -> None:
    clock = Later()
    async with app_on(demo, tmp_path, clock=clock, max_attempts=1) as app:
        await run(app, await queue_import(app, build_filter(types=(MediaType.TV,))))
        later(demo, clock, 181)
        stuck = sorted(await held(app))[0]
        demo.faults.always_500 = {f"{stuck[0]}/{stuck[1]}"}
        job, _ = await sync.refresh(app)
        done = await run(app, job)
        assert (done.state, done.failed, done.summary["overdue"]) == (JobState.COMPLETED, 1, 1)
        assert (await sync.status(app)).overdue == 1
        with pytest.raises(UsageError):
            await sync.refresh(app, older_than_days=-1)


async def test_posters_go_180_days_after_they_were_fetched(demo: DemoServer, tmp_path: Path) -> None:
    clock = Later()
    async with app_on(demo, tmp_path, clock=clock) as app:
        app.paths.posters.mkdir()
        old, new = app.paths.posters / "old.img", app.paths.posters / "new.img"
        for file, days in ((old, 181), (new, 179)):
            file.write_bytes(b"picture")
            os.utime(file, (clock.now() - days * DAY_S,) * 2)
        job, _ = await sync.refresh(app)
        assert (await run(app, job)).state is JobState.COMPLETED
        assert not old.exists() and new.exists()
