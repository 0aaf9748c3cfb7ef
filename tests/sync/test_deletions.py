"""What proves a title deleted, and who may say yes to many deletions."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gdvg_desktop.commands import errors as error_commands
from gdvg_desktop.commands import jobs as job_commands
from gdvg_desktop.commands import sync
from gdvg_desktop.core.kinds import JobState, MediaType
from gdvg_desktop.demo.catalogue import TitleKey
from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store import answers, jobs
from gdvg_desktop.store.titles import title_id_of
from tests.support.library import app_on, held, job_of
from tests.sync.test_delta import DAY, DayClock, World


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=120, series=40, today=DAY, faults=Faults(rate_limit=0))) as server:
        yield server


@pytest.fixture
async def world(demo: DemoServer, tmp_path: Path) -> AsyncIterator[World]:
    clock = DayClock()
    async with app_on(demo, tmp_path, clock=clock, max_attempts=2) as app:
        yield World(demo, app, clock)


async def asks(world: World, failing: int = 0) -> tuple[jobs.Job, set[TitleKey]]:
    """A delta job that asks about twenty movies, of which nothing has been deleted yet, and these movies."""
    await world.mirror()
    await world.delta()
    quiet = [key for key in sorted(world.truth() - world.noise(DAY)) if key[0] == "movie"]
    world.demo.catalogue.delete(quiet[:20], unlisted=True)
    world.demo.catalogue.add(movies=40)  # so that the export itself is not suspicious
    world.demo.catalogue.edit(quiet[20 : 20 + failing])
    world.demo.faults.always_500 = {f"{kind}/{number}" for kind, number in quiet[20 : 20 + failing]}
    job = await world.delta()
    world.demo.faults.always_500 = set()
    assert job.asks and job.failed == failing
    return job, set(quiet[:20])


async def test_a_pause_of_a_job_that_asks_is_no_answer(world: World) -> None:
    job, gone = await asks(world)
    await job_commands.pause(world.app, job.id)
    again = await world.delta()
    assert again.id == job.id and again.asks and await world.gone() == set()
    await job_commands.resume(world.app, job.id)
    assert (await world.run(job)).state is JobState.COMPLETED
    assert await world.gone() == gone


async def test_a_retry_of_what_failed_is_no_answer_and_is_done_after_it(world: World) -> None:
    job, gone = await asks(world, failing=2)
    assert (await error_commands.retry_all(world.app)).count == 2
    assert world.app.engine is not None
    await world.app.engine.run(until_idle=True)
    assert (await job_of(world.app, job.id)).asks and await world.gone() == set()
    await job_commands.resume(world.app, job.id)
    done = await world.run(job)
    assert (done.state, done.failed, done.left) == (JobState.COMPLETED, 0, 0)
    assert await world.gone() == gone


async def test_a_restart_makes_a_job_ask_again(world: World) -> None:
    job, _ = await asks(world)
    await job_commands.restart(world.app, job.id)
    again = await world.run(job)
    assert again.asks and await world.gone() == set()


async def test_a_permission_is_used_up_by_what_it_was_asked_for(world: World) -> None:
    job, gone = await asks(world)
    await job_commands.resume(world.app, job.id)
    assert (await world.run(job)).state is JobState.COMPLETED
    more = [key for key in sorted(world.truth() - world.noise(DAY)) if key[0] == "movie"][30:50]
    world.demo.catalogue.delete(more, unlisted=True)
    world.demo.catalogue.add(movies=40)
    assert (await world.delta()).asks and await world.gone() == gone


async def test_a_title_that_came_after_the_export_needs_the_next_export_to_be_deleted(world: World) -> None:
    await world.mirror()
    await world.delta()
    catalogue = world.demo.catalogue
    catalogue.freeze_exports()
    new = next(key for key in catalogue.add(movies=9) if (title := catalogue.find(*key)) is not None and title.listed)
    world.at(0, 14)
    await world.delta()
    assert new in await held(world.app)
    catalogue.delete([new], unlisted=True)
    world.at(1, 9)  # the closing pass of the day; a new export is not made yet
    await world.delta()
    assert (await world.read(lambda db: answers.of(db, title_id_of(MediaType(new[0]), new[1])))) is not None
    assert await world.gone() == set()  # TMDb's 404 is the only sign
    catalogue.release_exports()
    world.at(2, 12)
    await world.delta()
    assert await world.gone() == {new}


async def test_to_keep_everything_is_an_answer_as_well(world: World) -> None:
    job, gone = await asks(world)
    await job_commands.cancel(world.app, job.id)
    assert await world.gone() == set() and gone <= await held(world.app)
    assert await world.value("SELECT count(*) FROM fact WHERE name LIKE 'deletions_allowed%'") == 0
    again = await world.delta()
    assert again.id != job.id and again.asks
    _, new = await sync.delta(world.app, confirm_deletions=True)
    assert not new and (await world.run(again)).state is JobState.COMPLETED
    assert await world.gone() == gone
