"""The self-healing part, end to end without a face: gaps made by hand are found, explained and mended."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import gaps as commands
from gdvg_desktop.commands.gaps import FillRequest, GapFilter
from gdvg_desktop.core.kinds import GapKind, JobState, MediaType
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store import gaps, jobs
from gdvg_desktop.store.titles import title_id_of
from gdvg_desktop.sync.filters import build_filter
from tests.support.library import app_on, held, job_of, queue_import

BOTH = (MediaType.MOVIE, MediaType.TV)
DAY_MS = 86_400_000


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=240, series=110)) as server:
        server.faults.rate_limit = 0
        yield server


async def run(app: App, job: jobs.Job) -> jobs.Job:
    assert app.engine is not None
    await app.engine.run(only=job.id)
    return await job_of(app, job.id)


async def fill_library(app: App) -> None:
    job = await run(app, await queue_import(app, build_filter(types=BOTH)))
    assert job.state is JobState.COMPLETED


async def analyze(app: App) -> jobs.Job:
    job, _ = await commands.analyze(app)
    done = await run(app, job)
    assert done.state is JobState.COMPLETED, done.reason_args
    return done


async def fill(app: App, **request: Any) -> jobs.Job:
    job, _ = await commands.fill(app, FillRequest(**request))
    return await run(app, job)


async def change(app: App, sql: str, *values: Any) -> None:
    await app.store.write(lambda db: db.execute_sql(sql, values))


async def remove(app: App, title_ids: list[int]) -> None:
    for title_id in title_ids:
        await change(app, "DELETE FROM title WHERE id = ?", title_id)


async def found(app: App, kind: GapKind) -> set[int]:
    return set(await app.store.read(lambda db: gaps.title_ids(db, kind)))


def wanted_ids(demo: DemoServer) -> set[int]:
    return {title_id_of(MediaType(kind), tmdb_id) for kind, tmdb_id in demo.truth()}


async def test_gaps_made_by_hand_are_found_with_their_kind_and_mended(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, popular_threshold=2.0) as app:
        await fill_library(app)
        await analyze(app)
        assert (await commands.summary(app)).total == 0

        every = sorted(wanted_ids(demo))
        dice = Random(4)
        removed = dice.sample(every, 30)
        popular = await app.store.read(
            lambda db: {
                row[0]
                for row in db.execute_sql(
                    f"SELECT id FROM title WHERE popularity >= 2.0 AND id IN ({', '.join(map(str, removed))})"
                )
            }
        )
        await remove(app, removed)
        blanked: dict[int, set[str]] = {}

        def blank(db: Any) -> None:
            fields = {
                "poster": "UPDATE title SET poster_path = NULL WHERE id = ?",
                "overview": "UPDATE title SET overview = NULL WHERE id = ?",
                "credits": "DELETE FROM credit WHERE title_id = ?",
                "genres": "DELETE FROM title_genre WHERE title_id = ?",
                "external_ids": "DELETE FROM external_id WHERE title_id = ?",
                "date": "UPDATE title SET release_date = NULL WHERE id = ?",
            }
            bits = {"poster": 2, "overview": 8, "date": 16, "genres": 32, "credits": 256, "external_ids": 512}
            for title_id in dice.sample(sorted(set(every) - set(removed)), 40):
                name = dice.choice(list(fields))
                mask = db.execute_sql("SELECT unavailable FROM title WHERE id = ?", (title_id,)).fetchone()[0]
                if not mask & bits[name]:  # what TMDb has
                    db.execute_sql(fields[name], (title_id,))
                    blanked.setdefault(title_id, set()).add(name)

        await app.store.write(blank)
        assert len(blanked) > 20

        job = await analyze(app)
        assert await found(app, GapKind.SEQUENTIAL) == set(removed)
        assert await found(app, GapKind.METADATA) == set(blanked)
        assert popular and popular <= await found(app, GapKind.POPULARITY) <= set(removed)
        listed = await app.store.read(lambda db: gaps.rows(db, gaps.keys(db, GapFilter(kinds=(GapKind.METADATA,)))))
        assert {one.title_id: set(one.fields) for one in listed} == blanked
        assert job.summary["gaps_by_type"]["sequential"] == 30
        summary = await commands.summary(app)
        assert (summary.missing_titles, summary.incomplete_titles) == (30, len(blanked))
        assert summary.top[0].score == max(one.score for one in summary.top) > 0

        filled = await fill(app)
        assert (filled.state, filled.total, filled.failed) == (JobState.COMPLETED, 30 + len(blanked), 0)
        assert (await commands.summary(app)).total == 0
        assert await held(app) == {(kind, tmdb_id) for kind, tmdb_id in demo.truth()}
        await analyze(app)
        assert (await commands.summary(app)).total == 0
