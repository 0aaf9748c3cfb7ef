"""The list job over a real socket: what it fetches, what it refreshes, what it leaves out and why."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage as coverage_commands
from gdvg_desktop.commands import mirror as commands
from gdvg_desktop.commands.coverage import RuleRequest
from gdvg_desktop.core.clock import SystemClock
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import JobState, MediaType
from gdvg_desktop.core.scope import Scope
from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store import skips
from gdvg_desktop.store.jobs import Job
from tests.support.library import app_on, held, job_of


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=200, series=120, faults=Faults(rate_limit=0))) as server:
        yield server


class LaterClock(SystemClock):
    """The machine's clock, some seconds ahead."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> float:
        return super().now() + self.ahead_s


async def run_list(app: App, name: str, region: str | None = None, pages: int = 1) -> Job:
    job, _ = await commands.run_list(app, name, region, pages)
    assert app.engine is not None
    await app.engine.run(only=job.id)
    return await job_of(app, job.id)


async def test_a_list_brings_its_pages_in_their_order(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, max_connections=1) as app:
        job = await run_list(app, "popular-movies", pages=2)
        assert (job.state, job.added, job.requests) == (JobState.COMPLETED, 40, 42)
        popular = sorted(
            (title for title in demo.catalogue.all("movie") if title.listed), key=lambda one: -one.popularity
        )
        surely = {("movie", title.id) for title in popular[:30]}  # popularity drifts a little from answer to answer
        assert surely <= await held(app)


async def test_pages_end_with_the_list(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job = await run_list(app, "popular-movies", region="KR", pages=100)
        korean = {("movie", one.id) for one in demo.catalogue.all("movie") if one.listed and "KR" in one.countries}
        assert await held(app) == korean and job.added == len(korean)
        assert job.name == "Popular movies · KR"


async def test_held_titles_are_refreshed_once_a_day(demo: DemoServer, tmp_path: Path) -> None:
    clock = LaterClock()
    async with app_on(demo, tmp_path, clock=clock) as app:
        first = await run_list(app, "top-rated-tv", pages=5)
        again = await run_list(app, "top-rated-tv", pages=5)
        assert (again.added, again.updated, again.skipped) == (0, 0, first.added)
        skipped = await app.store.read(lambda db: skips.counts(db, again.id))
        assert skipped == {skips.DUPLICATE: first.added}
        clock.ahead_s = 25 * 3600
        later = await run_list(app, "top-rated-tv", pages=5)
        assert (later.added, later.skipped) == (0, 0)
        assert later.updated + later.unchanged == first.added == later.total


async def test_what_the_scope_does_not_want_is_left_out_with_the_reason(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        rule = await coverage_commands.understand_rule(app, RuleRequest(type="tv", countries=("KR",)))
        scope = Scope(everything=False, rules=(rule,))
        job, _ = await commands.start(app, scope)
        assert app.engine is not None
        await app.engine.run(only=job.id)
        have = await held(app)
        listed = await run_list(app, "popular-tv", pages=2)
        skipped = await app.store.read(lambda db: skips.counts(db, listed.id))
        assert listed.total == 40 == sum(skipped.values()) and skipped[skips.OUT_OF_SCOPE] > 0
        assert await held(app) == have
        left_out = await app.store.read(lambda db: skips.ids(db, listed.id, MediaType.TV, skips.OUT_OF_SCOPE))
        assert not {("tv", tmdb_id) for tmdb_id in left_out} & have


async def test_a_new_title_no_listing_has_judged_is_judged_by_its_details(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        rule = await coverage_commands.understand_rule(app, RuleRequest(type="tv", countries=("KR",)))
        await coverage_commands.set_scope(app, Scope(everything=False, rules=(rule,)))
        job = await run_list(app, "popular-tv", pages=500)  # no export was read and no rule was listed
        korean = {("tv", one.id) for one in demo.catalogue.all("tv") if one.listed and "KR" in one.countries}
        assert await held(app) == korean
        assert job.total == job.added + job.skipped and job.added == len(korean)


async def test_requests_that_name_no_list_are_refused(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        for name, region, pages in (
            ("best", None, 1),
            ("popular-tv", "KR", 1),
            ("upcoming", "XXX", 1),
            ("upcoming", None, 0),
            ("upcoming", None, 501),
        ):
            with pytest.raises(UsageError):
                await commands.run_list(app, name, region, pages)
