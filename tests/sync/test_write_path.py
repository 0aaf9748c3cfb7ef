"""What a job leaves behind beside its titles: answers, skips, failures that recovered, changes, settled gaps."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.core.errors import Attempt
from gdvg_desktop.core.events import ErrorsChanged, Event, GapsChanged
from gdvg_desktop.core.kinds import Existing, FailureCategory, GapKind, GapStatus, JobKind, MediaType
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store import answers, errors, gaps, jobs, skips
from gdvg_desktop.store.gaps import NewGap
from gdvg_desktop.store.jobs import Item
from gdvg_desktop.sync.commit import BatchWriter, Failure, Fetched, Outcome, WasGone
from gdvg_desktop.sync.filters import build_filter
from gdvg_desktop.tmdb.client import Meter
from tests.support.library import app_on, job_of, queue_import
from tests.support.titles import body

MOVIE, TV = MediaType.MOVIE, MediaType.TV
ATTEMPT = Attempt(1_700_000_000.5, FailureCategory.SERVER, "TMDb is busy")


class Desk:
    """A job's writer, fed by hand."""

    def __init__(self, app: App, job_id: int) -> None:
        self.app, self.job_id = app, job_id
        self.events: list[Event] = []
        app.bus.subscribe(self.events.append)

    async def put(self, *outcomes: Outcome) -> jobs.Job:
        writer = BatchWriter(
            self.app.store, self.app.bus, self.app.clock, self.job_id, ("en-US",), Meter(), lambda _: None, max_tries=2
        )
        for outcome in outcomes:
            await writer.put(outcome)
        writer.close()
        await writer.run()
        return await job_of(self.app, self.job_id)

    async def read(self, select: str, *values: Any) -> list[Any]:
        return await self.app.store.read(lambda db: db.execute_sql(select, values).fetchall())


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=120, series=40)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture
async def desk(demo: DemoServer, tmp_path: Path) -> AsyncIterator["Desk"]:
    async with app_on(demo, tmp_path, engine=False) as app:
        job, _ = await app.store.write(lambda db: jobs.add(db, JobKind.REFRESH, "Refresh", {}, 1))
        keys = [(kind, number, None, None) for kind in MediaType for number in (1, 2, 3)]
        await app.store.write(lambda db: jobs.add_listed(db, job.id, None, keys))
        yield Desk(app, job.id)


def movie(number: int) -> Item:
    return Item(MOVIE, number, number)


async def test_added_updated_and_unchanged_are_counted_apart(desk: Desk) -> None:
    first = await desk.put(Fetched(movie(1), body(1, title="A")), Fetched(movie(2), body(2, title="B")))
    assert (first.added, first.updated, first.unchanged) == (2, 0, 0)
    again = await desk.put(Fetched(movie(1), body(1, title="A", popularity=4.0)), Fetched(movie(2), body(2, title="C")))
    assert (again.added, again.updated, again.unchanged) == (2, 1, 1)
    daily = dict(await desk.read("SELECT metric, value FROM daily_count WHERE value > 0"))
    assert daily == {"added_movie": 2, "updated": 1, "unchanged": 1}
    assert await desk.read("SELECT title_id, field, old, new, job_id FROM title_change") == [
        (4, "title", "B", "C", desk.job_id)
    ]


async def test_the_last_answer_is_kept_until_the_title_is_stored(desk: Desk) -> None:
    async def answer(title_id: int) -> answers.Answer | None:
        return await desk.app.store.read(lambda db: answers.of(db, title_id))

    busy = Failure(movie(1), FailureCategory.SERVER, "TMDb is busy", 2, (ATTEMPT, ATTEMPT))
    await desk.put(busy, WasGone(movie(2)))
    await desk.put(busy)
    failed, gone = await answer(2), await answer(4)
    assert failed is not None and (failed.answer, failed.category, failed.tries) == ("failed", "server", 2)
    assert gone is not None and (gone.answer, gone.category, gone.tries) == ("gone", "not_found", 1)
    assert (gone.job_id, gone.message) == (desk.job_id, answers.GONE_MESSAGE)
    await desk.put(WasGone(movie(1)))
    turned = await answer(2)
    assert turned is not None and (turned.answer, turned.tries) == ("gone", 1)
    await desk.put(Fetched(movie(1), body(1)), Fetched(movie(2), body(2)))
    assert await answer(2) is None and await answer(4) is None


async def test_each_try_of_a_failed_title_is_kept_until_it_comes(desk: Desk) -> None:
    key = errors.Key(MOVIE, 1)
    failed = await desk.put(Failure(movie(1), FailureCategory.SERVER, "TMDb is busy", 2, (ATTEMPT, ATTEMPT)))
    assert (failed.failed, failed.recovered) == (1, 0)
    kept = await desk.app.store.read(lambda db: errors.attempts(db, key))
    assert [(one.at, one.category, one.message) for one in kept] == [(1_700_000_000_500, "server", "TMDb is busy")] * 2
    await desk.app.store.write(lambda db: jobs.retry_failed(db, desk.job_id, 5))
    done = await desk.put(Fetched(movie(1), body(1, title="A")))
    assert (done.failed, done.added, done.recovered) == (0, 1, 1)
    assert await desk.app.store.read(lambda db: errors.attempts(db, key)) == []
    assert [type(event) for event in desk.events].count(ErrorsChanged) == 2


async def test_an_answer_that_cannot_be_read_is_a_try_as_well(desk: Desk) -> None:
    job = await desk.put(Fetched(movie(1), b"[]"), Fetched(movie(2), body(2, title="B")))
    assert (job.failed, job.added) == (1, 1)
    kept = await desk.app.store.read(lambda db: errors.attempts(db, errors.Key(MOVIE, 1)))
    assert len(kept) == 1


async def test_gaps_are_settled_with_the_titles(desk: Desk) -> None:
    new = [NewGap(title_id, 50.0, 0.5, 0.5) for title_id in (2, 4, 6)]
    await desk.app.store.write(lambda db: gaps.put(db, GapKind.SEQUENTIAL, new, 1))
    await desk.put(
        Fetched(movie(1), body(1)), WasGone(movie(2)), Failure(movie(3), FailureCategory.NETWORK, "No way there", 1)
    )
    left = await desk.app.store.read(lambda db: [one for title_id in (2, 4, 6) for one in gaps.of_title(db, title_id)])
    assert [(one.title_id, one.status, one.tries, one.category) for one in left] == [
        (4, GapStatus.OPEN, 1, "not_found"), (6, GapStatus.OPEN, 1, "network")
    ]  # fmt: skip
    await desk.put(Failure(movie(3), FailureCategory.NETWORK, "No way there", 1))
    (last,) = await desk.app.store.read(lambda db: gaps.of_title(db, 6))
    assert (last.status, last.message) == (GapStatus.GAVE_UP, "No way there")
    assert GapsChanged() in desk.events


async def test_a_title_removed_by_hand_without_its_rows_is_stored(desk: Desk) -> None:
    whole = body(1, title="A", genres=[{"id": 1, "name": "G"}])
    await desk.put(Fetched(movie(1), whole))

    other = sqlite3.connect(desk.app.paths.library)  # as other programs are, with foreign keys off
    other.execute("DELETE FROM title_search")  # by which what a title has left behind is noticed before
    other.execute("DELETE FROM title")
    other.commit()
    other.close()
    job = await desk.put(Fetched(movie(1), whole))
    assert (job.added, job.failed) == (2, 0)
    assert await desk.read("SELECT genre_id FROM title_genre") == [(2,)]


async def test_skipped_titles_are_kept_as_a_set_with_their_reason(demo: DemoServer, tmp_path: Path) -> None:
    some = build_filter(types=("movie",), date_from=date(2015, 1, 1), existing=Existing.SKIP)
    async with app_on(demo, tmp_path) as app:
        assert app.engine is not None
        for _ in range(2):
            again = await queue_import(app, some)
            await app.engine.run(only=again.id)
        done = await job_of(app, again.id)
        assert done.skipped > 10

        def read(db: Any) -> Any:
            ids = skips.ids(db, again.id, MOVIE, skips.DUPLICATE)
            return ids, skips.counts(db, again.id), skips.of_title(db, MOVIE, ids[0]), skips.of_title(db, TV, ids[0])

        ids, counted, why, other = await app.store.read(read)
        assert counted == {"duplicate": done.skipped}
        assert len(ids) == done.skipped
        assert [(one.job_id, one.reason) for one in why] == [(again.id, "duplicate")]
        assert other == []
