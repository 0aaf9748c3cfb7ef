"""The delta job against a real demo server: what the change lists name, once, and what was deleted."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import jobs as job_commands
from gdvg_desktop.commands import reset as reset_commands
from gdvg_desktop.commands import sync
from gdvg_desktop.core.clock import SystemClock
from gdvg_desktop.core.kinds import JobKind, JobState, MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.demo.catalogue import TitleKey
from gdvg_desktop.demo.changes import changed_on
from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store import change_days, changes, errors, exports, jobs, runs, schedule, scope, tombstones
from gdvg_desktop.store.reset import ResetKind
from gdvg_desktop.store.titles import title_id_of
from gdvg_desktop.sync.filters import build_filter
from tests.support.library import app_on, held, job_of, queue_import, until

DAY = date(2026, 11, 21)
BOTH = (MediaType.MOVIE, MediaType.TV)


class DayClock(SystemClock):
    """The machine's clock moved to a moment of the test's choosing; waits are real but short."""

    def __init__(self) -> None:
        self._offset = 0.0
        self.set(DAY, 12)

    def set(self, day: date, hour: int) -> None:
        moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        self._offset = moment.timestamp() - super().now()

    def now(self) -> float:
        return super().now() + self._offset

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 40)


class World:
    """A demo server and an app that agree on what day it is."""

    def __init__(self, demo: DemoServer, app: App, clock: DayClock) -> None:
        self.demo, self.app, self.clock = demo, app, clock
        self._before: Counter[str] = Counter()

    def at(self, days: int, hour: int) -> None:
        """It is so many days after the first."""
        day = DAY + timedelta(days=days)
        self.clock.set(day, hour)
        self.demo.catalogue.today = day

    async def mirror(self) -> None:
        assert (await self.run(await queue_import(self.app, build_filter(types=BOTH)))).state is JobState.COMPLETED
        self.asked()

    async def run(self, job: jobs.Job) -> jobs.Job:
        assert self.app.engine is not None
        await self.app.engine.run(only=job.id)
        return await job_of(self.app, job.id)

    async def delta(self, **options: Any) -> jobs.Job:
        job, _ = await sync.delta(self.app, **options)
        return await self.run(job)

    def asked(self) -> Counter[TitleKey]:
        """Detail requests since this was last called."""
        now = Counter(self.demo.stats.detail_requests)
        new, self._before = now - self._before, now
        return Counter({(name.split("/")[0], int(name.split("/")[1])): count for name, count in new.items()})

    def noise(self, day: date) -> set[TitleKey]:
        """Titles whose entry in the day's list means nothing changed."""
        return {t.key for kind in ("movie", "tv") for t in self.demo.catalogue.all(kind) if changed_on(t, day)}

    def truth(self) -> set[TitleKey]:
        return {(kind, number) for kind, number in self.demo.truth()}

    async def read(self, fn: Callable[[Any], Any]) -> Any:
        return await self.app.store.read(fn)

    async def value(self, sql: str, *values: Any) -> Any:
        return await self.app.store.read(lambda db: db.execute_sql(sql, values).fetchone()[0])

    async def history(self, kind: str, number: int) -> list[changes.FieldChange]:
        key = title_id_of(MediaType(kind), number)
        return await self.app.store.read(lambda db: changes.history(db, key))

    async def gone(self) -> set[TitleKey]:
        ids = await self.read(tombstones.ids)
        return {("tv" if one & 1 else "movie", one >> 1) for one in ids}


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    options = DemoOptions(movies=400, series=200, today=DAY, faults=Faults(rate_limit=0))
    with DemoServer(options) as server:
        yield server


@pytest.fixture
async def world(demo: DemoServer, tmp_path: Path) -> AsyncIterator[World]:
    clock = DayClock()
    async with app_on(demo, tmp_path, clock=clock) as app:
        yield World(demo, app, clock)


def pick(world: World, count: int, avoid: set[TitleKey] = frozenset()) -> list[TitleKey]:  # type: ignore[assignment]
    return sorted(world.truth() - avoid)[:: max(1, len(world.truth()) // count)][:count]


async def test_one_run_brings_what_was_added_edited_and_deleted_and_fetches_nothing_else(world: World) -> None:
    await world.mirror()
    before = world.truth()
    catalogue = world.demo.catalogue
    catalogue.freeze_exports()
    deleted = set(catalogue.delete_some(round(0.03 * len(before)), unlisted=True))
    edited = set(catalogue.edit_some(60))
    added = set(catalogue.add(movies=25, series=15))

    job = await world.delta()
    assert (job.state, job.failed) == (JobState.COMPLETED, 0)
    asked = world.asked()
    wanted = {key for key in added if not catalogue.find(*key).adult}  # type: ignore[union-attr]
    listed = world.noise(DAY) & before
    assert set(asked) == deleted | wanted | edited | listed
    assert max(asked.values()) == 1
    assert await held(world.app) == world.truth() | deleted
    assert await world.gone() == set()  # the export still names them

    for kind, number in sorted(edited):
        history = await world.history(kind, number)
        fields = {one.field for one in history}
        assert {"overview", "tagline", "genres", "credits"} <= fields
        overview = next(one for one in history if one.field == "overview")
        assert overview.new is not None and overview.new.endswith("edition 2.")
        assert overview.old is None or overview.old != overview.new

    catalogue.release_exports()
    again = await world.delta()
    assert again.state is JobState.COMPLETED
    assert set(world.asked()) == set()
    assert await world.gone() == deleted
    assert await held(world.app) - await world.gone() == world.truth()
    assert sum(again.summary["tombstones"].values()) == len(deleted)


async def test_overlapping_runs_fetch_nothing_and_the_closing_pass_fetches_once_more(world: World) -> None:
    await world.mirror()
    edited = pick(world, 12, world.noise(DAY))
    world.demo.catalogue.edit(edited)
    listed = (world.noise(DAY) & world.truth()) | set(edited)

    await world.delta()
    assert set(world.asked()) == listed
    for hour in (13, 18, 23):
        world.at(0, hour)
        await world.delta()
        assert not world.asked()
    later = pick(world, 5, listed)
    world.demo.catalogue.edit(later)
    await world.delta()
    assert set(world.asked()) == set(later)
    listed |= set(later)

    world.at(1, 7)  # the day is over, its closing pass has to wait until eight
    tomorrow = world.noise(DAY + timedelta(days=1)) & world.truth()
    await world.delta()
    assert set(world.asked()) == tomorrow
    world.at(1, 9)
    closing = await world.delta()
    asked = world.asked()
    assert set(asked) == listed and max(asked.values()) == 1
    assert closing.summary["watermark"] == {"movie": DAY.isoformat(), "tv": DAY.isoformat()}
    await world.delta()
    assert not world.asked()


async def test_what_was_checked_after_the_day_needs_nothing_in_the_closing_pass(world: World) -> None:
    await world.mirror()
    world.demo.catalogue.edit(pick(world, 9))
    await world.delta()
    world.at(2, 12)
    job, _ = await sync.refresh(world.app, older_than_days=0)
    assert (await world.run(job)).state is JobState.COMPLETED
    world.asked()
    await world.delta()
    noise = world.noise(DAY + timedelta(days=2)) & world.truth()
    assert set(world.asked()) == noise  # of the days before nothing: everything was checked since


async def test_a_title_first_seen_in_the_closing_pass_is_fetched_once(world: World) -> None:
    await world.mirror()
    edited = pick(world, 7)
    world.demo.catalogue.edit(edited)
    world.at(1, 12)
    job = await world.delta()
    expected = (world.noise(DAY) | world.noise(DAY + timedelta(days=1))) & world.truth() | set(edited)
    asked = world.asked()
    assert set(asked) == expected and max(asked.values()) == 1
    assert job.summary["days"]["movie"] == [(DAY + timedelta(days=n)).isoformat() for n in (-1, 0, 1)]


async def test_a_crash_of_the_counts_is_made_good_from_the_items(world: World) -> None:
    """A run that ends before its close leaves items; the next one writes down what they say and asks nothing again."""
    await world.mirror()
    world.demo.catalogue.edit(pick(world, 30))
    world.demo.faults.latency_ms = 30
    assert world.app.engine is not None
    job, _ = await sync.delta(world.app)
    running = asyncio.create_task(world.app.engine.run(only=job.id))
    enough = len(world.truth()) + 10
    await until(lambda: world.demo.stats.by_kind["details"] > enough, "some titles of the run")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (await job_of(world.app, job.id)).state is JobState.INTERRUPTED
    world.demo.faults.latency_ms = 0
    ended = await world.delta()
    assert ended.id == job.id and ended.state is JobState.COMPLETED
    assert max(world.asked().values()) == 1
    day = await world.read(lambda db: change_days.get(db, MediaType.MOVIE, DAY))
    assert day.ids == day.fetched
    await world.delta()
    assert not world.asked()


async def test_a_failed_page_leaves_the_day_open_and_a_retry_reads_it(world: World) -> None:
    await world.mirror()
    edited = pick(world, 8)
    world.demo.catalogue.edit(edited)
    world.demo.faults.error_500 = 1.0
    job = await world.delta()
    assert job.state is JobState.FAILED and job.failed >= 2
    world.demo.faults.error_500 = 0.0
    await job_commands.retry(world.app, job.id)
    done = await world.run(job)
    assert (done.state, done.failed) == (JobState.COMPLETED, 0)
    assert set(edited) <= set(world.asked())


async def test_a_list_that_failed_is_no_failure_once_a_later_run_has_read_that_day(world: World) -> None:
    await world.mirror()
    await world.delta()
    world.at(1, 12)
    world.demo.faults.error_500 = 1.0
    broken = await world.delta()
    days = broken.failed
    assert broken.state is JobState.FAILED and days >= 4 and await world.read(errors.count) == days
    world.demo.faults.error_500 = 0.0
    assert (await world.delta()).state is JobState.COMPLETED
    assert await world.read(errors.count) == 0
    settled = await job_of(world.app, broken.id)
    assert (settled.failed, settled.skipped, settled.left) == (0, days, 0)
    later_ms = int(world.clock.now() * 1000) + 1
    assert broken.id in await world.read(lambda db: runs.outdated(db, later_ms))  # nothing keeps it from being pruned


async def test_a_run_goes_on_listing_after_the_cursor_was_reset(world: World) -> None:
    await world.mirror()
    await world.delta()
    world.asked()
    world.at(1, 12)
    edited = world.demo.catalogue.edit(pick(world, 8, world.noise(DAY + timedelta(days=1))))
    job, _ = await sync.delta(world.app)
    assert world.app.engine is not None
    world.demo.faults.latency_ms = 300
    running = asyncio.create_task(world.app.engine.run(only=job.id))

    async def lists() -> bool:
        return bool(await world.value("SELECT count(*) FROM listing_window WHERE job_id = ? AND complete = 0", job.id))

    await until(lists, "the first list to be read")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    world.demo.faults.latency_ms = 0
    stopped = await job_of(world.app, job.id)
    assert (stopped.state, stopped.phase) == (JobState.INTERRUPTED, "list")
    await reset_commands.reset(world.app, ResetKind.CURSOR, "cursor")
    done = await world.run(job)
    assert (done.state, done.failed) == (JobState.COMPLETED, 0)
    assert set(edited) <= set(world.asked())
    assert await world.read(lambda db: change_days.get(db, MediaType.TV, DAY + timedelta(days=1)))


async def test_faults_on_the_way_lose_nothing(world: World) -> None:
    await world.mirror()
    catalogue, faults = world.demo.catalogue, world.demo.faults
    deleted = set(pick(world, 10, world.noise(DAY)))
    edited = set(catalogue.edit(pick(world, 40, deleted)))
    catalogue.delete(sorted(deleted), unlisted=True)
    added = {key for key in catalogue.add(movies=20, series=10) if key in world.truth()}
    faults.too_many_zero = faults.error_500 = faults.html_502 = faults.reset = faults.cut_json = faults.cut_body = 0.05
    job = await world.delta()
    assert (job.state, job.failed) == (JobState.COMPLETED, 0)
    assert await world.gone() == deleted
    assert await held(world.app) == world.truth() | deleted
    assert added | edited <= set(world.asked())


async def test_more_than_fourteen_days_behind_falls_back_to_export_and_refresh(world: World) -> None:
    await world.mirror()
    await world.delta()
    world.asked()
    world.at(20, 12)
    added = [key for key in world.demo.catalogue.add(movies=6) if world.demo.catalogue.find(*key).listed]  # type: ignore[union-attr]
    job = await world.delta()
    assert len(job.summary["days"]["tv"]) == 14
    refresh = await job_of(world.app, job.summary["refresh_job"])
    assert refresh.kind is JobKind.REFRESH
    asked = set(world.asked())
    assert set(added) <= asked
    done = await world.run(refresh)
    assert done.state is JobState.COMPLETED
    assert set(world.asked()) == world.truth() - asked  # what the lists did not name, and nothing twice
    again = await world.delta()
    assert "refresh_job" not in again.summary and not world.asked()


async def test_the_refresh_after_a_long_pause_waits_while_the_schedule_is_paused(world: World) -> None:
    await world.mirror()
    await world.delta()
    world.at(20, 12)
    await world.app.store.write(lambda db: schedule.pause(db, 1, "cli", None))
    job = await world.delta()
    refresh = await job_of(world.app, job.summary["refresh_job"])
    assert (refresh.state, refresh.reason) == (JobState.PAUSED, jobs.SCHEDULE_PAUSED)


async def test_a_refresh_that_is_owed_survives_the_run_that_found_out(world: World) -> None:
    await world.mirror()
    await world.delta()
    world.at(20, 12)
    world.demo.catalogue.delete_some(round(0.1 * len(world.truth())), unlisted=True)
    world.demo.catalogue.add(movies=60, series=40)  # so that the export itself is not suspicious
    job = await world.delta()
    assert (job.state, job.reason) == (JobState.PAUSED, "deletions")
    await job_commands.cancel(world.app, job.id)
    assert not [one for one in await world.read(jobs.listing) if one.kind is JobKind.REFRESH]

    later = await world.delta(confirm_deletions=True)
    assert later.state is JobState.COMPLETED
    refresh = await job_of(world.app, later.summary["refresh_job"])
    assert (await world.run(refresh)).state is JobState.COMPLETED
    oldest = await world.value("SELECT min(checked_at) FROM title WHERE id NOT IN (SELECT title_id FROM tombstone)")
    assert oldest > change_days.begins_at(DAY + timedelta(days=6))
    assert "refresh_job" not in (await world.delta()).summary


async def test_a_scope_of_rules_takes_new_titles_that_match(world: World) -> None:
    rule = ScopeRule(countries=("KR",))
    await world.app.store.write(lambda db: scope.save(db, Scope(False, (rule,)), 1))
    chosen = build_filter(types=BOTH, countries=("KR",))
    await world.run(await queue_import(world.app, chosen))
    before = await held(world.app)
    world.asked()
    world.demo.catalogue.freeze_exports()
    await world.delta()
    added = world.demo.catalogue.add(movies=60, series=30)
    job = await world.delta()
    titles = [world.demo.catalogue.find(*key) for key in added]
    matching = {t.key for t in titles if t is not None and t.listed and "KR" in t.countries}
    assert matching and await held(world.app) == before | matching
    assert job.summary["left_out"]["out_of_scope"] >= len(added) - len(matching) - 5
    assert "duplicate" not in job.summary["left_out"]  # none of them is in the library
    assert job.total == job.added + job.updated + job.unchanged + job.skipped + job.failed + job.gone
    world.asked()
    await world.delta()
    assert not world.asked()


# ------------------------------------------------------------------------------------------------- deletions


@pytest.mark.parametrize("fault", ["export_empty", "export_truncated", "export_missing", "export_half"])
async def test_a_bad_export_deletes_nothing_and_says_why(world: World, fault: str) -> None:
    await world.mirror()
    await world.delta()
    deleted = world.demo.catalogue.delete_some(10, unlisted=True)
    world.at(1, 12)
    setattr(world.demo.faults, fault, True)
    job = await world.delta()
    assert job.state is JobState.COMPLETED
    assert await world.gone() == set()
    refused = await world.read(exports.refusals)
    assert {one.media_type for one in refused} == set(MediaType) and all(one.reason for one in refused)
    setattr(world.demo.faults, fault, False)
    await world.delta()
    assert await world.gone() == set(deleted)


async def test_many_deletions_wait_for_a_word(world: World) -> None:
    await world.mirror()
    await world.delta()
    movies = [key for key in sorted(world.truth() - world.noise(DAY)) if key[0] == "movie"]
    deleted = movies[:: len(movies) // 40][:40]
    world.demo.catalogue.delete(deleted, unlisted=True)
    world.demo.catalogue.add(movies=40)  # so that the export itself is not suspicious
    job = await world.delta()
    assert (job.state, job.reason, job.reason_args["movie"]) == (JobState.PAUSED, "deletions", 40)
    assert await world.gone() == set()
    waiting = await world.delta()  # asking again is no answer
    assert waiting.id == job.id and waiting.state is JobState.PAUSED
    await job_commands.resume(world.app, job.id)
    ended = await world.run(job)
    assert ended.state is JobState.COMPLETED
    assert await world.gone() == set(deleted)


async def test_many_deletions_can_be_refused_and_allowed_beforehand(world: World) -> None:
    await world.mirror()
    await world.delta()
    movies = [key for key in sorted(world.truth() - world.noise(DAY)) if key[0] == "movie"]
    deleted = movies[:30]
    world.demo.catalogue.delete(deleted, unlisted=True)
    world.demo.catalogue.add(movies=30)
    job = await world.delta()
    await job_commands.cancel(world.app, job.id)
    assert await world.gone() == set() and set(deleted) <= await held(world.app)
    ended = await world.delta(confirm_deletions=True)
    assert ended.id != job.id and ended.state is JobState.COMPLETED
    assert await world.gone() == set(deleted)
    assert await world.value("SELECT count(*) FROM fact WHERE name LIKE 'deletions_allowed%'") == 0


async def test_one_of_both_signs_is_no_deletion(world: World) -> None:
    await world.mirror()
    await world.delta()
    hidden = [key for key in sorted(world.truth()) if key[0] == "tv"][:4]
    world.demo.catalogue._unlisted.update(hidden)  # out of the export, but TMDb still has them
    world.demo.catalogue.version += 1
    world.at(2, 12)
    await world.delta()
    assert set(hidden) <= set(world.asked())
    assert await world.gone() == set()
    await world.delta()
    assert not set(hidden) & set(world.asked())  # it has been answered since that export


async def test_a_failure_is_no_decision(world: World) -> None:
    await world.mirror()
    await world.delta()
    kind, number = next(key for key in sorted(world.truth()) if key[0] == "tv")
    world.demo.catalogue._unlisted.add((kind, number))
    world.demo.catalogue.version += 1
    world.demo.faults.always_500 = {f"{kind}/{number}"}
    world.at(2, 12)
    job = await world.delta()
    assert job.state is JobState.COMPLETED and await world.gone() == set()
    assert job.summary["undecided"] == 1


async def test_a_run_stopped_while_it_asks_goes_on_where_it_was(world: World) -> None:
    await world.mirror()
    await world.delta()
    movies = [key for key in sorted(world.truth()) if key[0] == "movie"]
    deleted, hidden = movies[:9], movies[9:60]
    world.demo.catalogue.delete(deleted, unlisted=True)
    world.demo.catalogue._unlisted.update(hidden)
    world.demo.catalogue.add(movies=60)  # so that the export itself is not suspicious
    world.at(2, 12)
    world.asked()
    named = {key for day in (0, 1, 2) for key in world.noise(DAY + timedelta(days=day))}
    named |= {(t.media_type, t.id) for t in world.demo.catalogue.changed("movie", DAY)}
    assert world.app.engine is not None
    job, _ = await sync.delta(world.app)
    phases: list[str] = []

    def stop_in_close() -> bool:
        asked = sum(world.demo.stats.detail_requests[f"movie/{number}"] > 1 for _, number in hidden)
        phases.append(world.app.store.read_now(lambda db: jobs.get(db, job.id)).phase)
        return phases[-1] == "close" and asked >= 1

    world.demo.faults.latency_ms = 20
    running = asyncio.create_task(world.app.engine.run(only=job.id))
    await until(stop_in_close, "the asking of the close")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (await job_of(world.app, job.id)).state is JobState.INTERRUPTED
    assert await world.gone() == set()
    world.demo.faults.latency_ms = 0
    ended = await world.delta()
    assert ended.id == job.id and ended.state is JobState.COMPLETED
    assert ended.total == ended.added + ended.updated + ended.unchanged + ended.skipped + ended.failed + ended.gone
    asked_twice = [key for key, count in world.asked().items() if count > 1]
    assert len(asked_twice) <= 8  # what was on the wire when it stopped
    assert await world.gone() == set(deleted)


async def test_a_title_that_comes_back_loses_its_tombstone(world: World) -> None:
    await world.mirror()
    await world.delta()
    deleted = set(pick(world, 5, world.noise(DAY)))
    world.demo.catalogue.delete(sorted(deleted), unlisted=True)
    await world.delta()
    assert await world.gone() == deleted
    world.demo.catalogue.restore()
    job = await world.delta()
    assert await world.gone() == set()
    assert sum(job.summary["back"].values()) == 5


async def test_a_merged_title_names_its_successor_and_its_data_go_in_time(world: World) -> None:
    await world.mirror()
    await world.delta()
    catalogue = world.demo.catalogue
    movies = [t for t in catalogue.all("movie") if t.listed and t.imdb_id and t.poster_path and not changed_on(t, DAY)]
    gone, stays = movies[0], movies[1]
    catalogue.merge(gone.key, stays.key)
    await world.delta()
    key = title_id_of(MediaType.MOVIE, gone.id)
    stone = await world.read(lambda db: tombstones.of(db, key))
    assert stone.successor_id == title_id_of(MediaType.MOVIE, stays.id)
    assert stone.imdb_id == gone.imdb_id and stone.content_hash is not None
    checked = await world.value("SELECT checked_at FROM title WHERE id = ?", key)
    assert stone.data_until == checked + 180 * 86_400_000
    due = await world.read(lambda db: tombstones.expired(db, stone.data_until))
    assert due == [key]
    await world.app.store.write(lambda db: tombstones.forget_data(db, due))
    left = await world.read(lambda db: tombstones.of(db, key))
    assert left.data_until is None and left.imdb_id == gone.imdb_id
    for table, column in (("title", "id"), ("credit", "title_id"), ("image", "title_id"), ("title_search", "title_id")):
        assert await world.value(f"SELECT count(*) FROM {table} WHERE {column} = ?", key) == 0, table
    assert (await world.delta()).summary["tombstones"] == {}
