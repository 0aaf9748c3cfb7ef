"""What jobs make of odd answers over a real socket: one bad answer costs no more than what it was about."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import mirror, sync
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.kinds import FailureCategory, JobState, MediaType
from gdvg_desktop.store import jobs, tombstones
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.tombstones import Vanished
from gdvg_desktop.sync.deletions import settle
from gdvg_desktop.sync.filters import build_filter
from gdvg_desktop.tmdb.client import Meter
from tests.support.library import BriskClock, app_on, held, job_of, queue_import
from tests.tmdb.raw_server import Act, RawServer, Received, ok, said, send

MOVIE = MediaType.MOVIE
ATTEMPTS = 2
POPULAR = "/movie/popular"
NO_TEXT = b'{"id": 6, "title": "\xff\xfe"}'
TOO_LONG = b'{"id": 6, "title": "Six", "budget": ' + b"9" * 5000 + b"}"


@dataclass
class Tmdb:
    """A TMDb of a few answers, by path or by path and page (`/movie/popular 2`); anything else is a 404."""

    answers: dict[str, Act] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    exports_url: str = ""

    def answer(self, request: Received) -> Act:
        path = request.path.removeprefix("/3")
        self.asked.append(path)
        paged = f"{path} {dict(request.params).get('page')}"
        return self.answers.get(paged) or self.answers.get(path) or said(404, 34)

    def has(self, *tmdb_ids: int) -> None:
        """Movies with good details, each with an IMdb id."""
        for tmdb_id in tmdb_ids:
            details = {"id": tmdb_id, "title": f"Movie {tmdb_id}", "imdb_id": f"tt{tmdb_id}"}
            self.answers[f"/movie/{tmdb_id}"] = ok(details)


@pytest.fixture
async def tmdb() -> AsyncIterator[Tmdb]:
    served = Tmdb()
    async with RawServer(served.answer) as server:
        served.url, served.exports_url = server.url, f"{server.url}/exports"
        yield served


@pytest.fixture
async def app(tmdb: Tmdb, tmp_path: Path) -> AsyncIterator[App]:
    async with app_on(tmdb, tmp_path, clock=BriskClock(), max_attempts=ATTEMPTS) as app:  # type: ignore[arg-type]
        yield app


def page(*tmdb_ids: int, number: int = 1, of: int = 1) -> Act:
    rows = [{"id": tmdb_id, "title": f"Movie {tmdb_id}", "popularity": 1.0} for tmdb_id in tmdb_ids]
    return ok({"page": number, "results": rows, "total_pages": of, "total_results": 20 * of})


def changes(*tmdb_ids: int) -> Act:
    rows = [{"id": tmdb_id, "adult": False} for tmdb_id in tmdb_ids]
    return ok({"page": 1, "results": rows, "total_pages": 1, "total_results": len(rows)})


async def run(app: App, job: Job) -> Job:
    assert app.engine is not None
    await app.engine.run(only=job.id)
    return await job_of(app, job.id)


async def run_list(app: App, pages: int = 1) -> Job:
    return await run(app, (await mirror.run_list(app, "popular-movies", None, pages))[0])


async def failures(app: App, job: Job) -> list[tuple[int | None, FailureCategory, int, int | None]]:
    found = await app.store.read(lambda db: jobs.failed_items(db, job.id))
    return [(one.tmdb_id, one.category, one.attempts, one.next_try_at) for one in found]


def movies(*tmdb_ids: int) -> set[tuple[str, int]]:
    return {("movie", tmdb_id) for tmdb_id in tmdb_ids}


@pytest.mark.parametrize(("body", "attempts"), [(NO_TEXT, ATTEMPTS), (TOO_LONG, 1)])
async def test_details_that_cannot_be_read_fail_their_title_and_a_list_goes_on(
    app: App, tmdb: Tmdb, body: bytes, attempts: int
) -> None:
    tmdb.has(5, 7)
    tmdb.answers |= {POPULAR: page(5, 6, 7), "/movie/6": send(200, body)}
    job = await run_list(app)
    assert (job.state, job.added, job.failed) == (JobState.COMPLETED, 2, 1)
    assert await failures(app, job) == [(6, FailureCategory.VALIDATION, attempts, None)]
    assert await held(app) == movies(5, 7)


@pytest.mark.parametrize("body", [NO_TEXT, TOO_LONG])
async def test_details_that_cannot_be_read_fail_their_title_and_a_delta_goes_on(
    app: App, tmdb: Tmdb, body: bytes
) -> None:
    tmdb.has(5, 7)
    tmdb.answers |= {"/movie/changes": changes(5, 6, 7), "/tv/changes": changes(), "/movie/6": send(200, body)}
    job = await run(app, (await sync.delta(app))[0])
    assert (job.state, job.added, job.failed) == (JobState.COMPLETED, 2, 1)
    assert [one[:2] for one in await failures(app, job)] == [(6, FailureCategory.VALIDATION)]
    assert await held(app) == movies(5, 7)


@pytest.mark.parametrize(
    "answer",
    [
        ok({"id": 9, "title": "Another"}),
        ok({"id": 5, "cast": [], "crew": []}),
        send(200, b'{"id": 5, "title": "Cut o'),
        send(200, b""),
        send(204, b""),
    ],
)
async def test_an_answer_that_is_not_the_title_is_for_the_user_to_look_at_and_not_asked_for_ever(
    app: App, tmdb: Tmdb, answer: Act
) -> None:
    tmdb.answers |= {"/discover/movie": page(5), "/movie/5": answer}
    job = await run(app, await queue_import(app, build_filter(types=(MOVIE,), date_from=date(1900, 1, 1))))
    assert await failures(app, job) == [(5, FailureCategory.VALIDATION, ATTEMPTS, None)]
    assert tmdb.asked.count("/movie/5") == ATTEMPTS


@pytest.mark.parametrize(
    ("answer", "category"),
    [
        (said(404, 34), FailureCategory.NOT_FOUND),
        (said(400, 47), FailureCategory.VALIDATION),
        (said(422, 5), FailureCategory.VALIDATION),
        (ok({"page": 1}), FailureCategory.VALIDATION),
        (page(number=1, of=3), FailureCategory.VALIDATION),
    ],
)
async def test_a_list_tmdb_refuses_leaves_its_job_failed_with_the_reason(
    app: App, tmdb: Tmdb, answer: Act, category: FailureCategory
) -> None:
    tmdb.answers[POPULAR] = answer
    job = await run_list(app, pages=3)
    assert (job.state, job.reason, job.reason_args["category"]) == (JobState.FAILED, "error", category.value)
    assert job.reason_args["message"].startswith("Popular movies could not be read: ")
    tmdb.has(5)
    tmdb.answers[POPULAR] = page(5)
    await app.store.write(lambda db: jobs.reopen(db, job.id, 1))
    assert (await run(app, job)).state is JobState.COMPLETED


async def test_ids_that_cannot_be_are_no_titles_of_a_list_or_an_import(app: App, tmdb: Tmdb) -> None:
    tmdb.has(5)
    tmdb.answers |= {POPULAR: page(5, 2**33, 2**62), "/discover/movie": page(5, 2**33, 2**62)}
    listed = await run_list(app)
    imported = await run(app, await queue_import(app, build_filter(types=(MOVIE,), date_from=date(1900, 1, 1))))
    assert (listed.state, listed.added, listed.failed) == (JobState.COMPLETED, 1, 0)
    assert (imported.state, imported.failed) == (JobState.COMPLETED, 0)


async def test_a_genre_that_cannot_be_does_not_cost_its_title(app: App, tmdb: Tmdb) -> None:
    genres = [{"id": 2**62, "name": "None"}, {"id": 18, "name": "Drama"}]
    tmdb.answers |= {POPULAR: page(5), "/movie/5": ok({"id": 5, "title": "Five", "genres": genres})}
    assert (await run_list(app)).added == 1
    ids = await app.store.read(lambda db: db.execute_sql("SELECT tmdb_id FROM genre").fetchall())
    assert (18,) in ids and (2**62,) not in ids


async def test_an_empty_page_amid_a_list_is_asked_again_and_then_left_out_with_a_word(app: App, tmdb: Tmdb) -> None:
    tmdb.has(5, 7)
    tmdb.answers |= {
        f"{POPULAR} 1": page(5, number=1, of=3),
        f"{POPULAR} 2": page(number=2, of=3),
        f"{POPULAR} 3": page(7, number=3, of=3),
    }
    job = await run_list(app, pages=3)
    assert (job.state, await held(app)) == (JobState.COMPLETED, movies(5, 7))
    assert tmdb.asked.count(POPULAR) == 2 + ATTEMPTS
    assert app.engine is not None
    warned = [line.text for line in app.engine.log_lines(job.id) if line.level == "warn"]
    assert len(warned) == 1 and warned[0].startswith("Page 2 of Popular movies is left out")


async def test_a_list_that_ends_earlier_than_it_says_is_not_asked_to_its_end(app: App, tmdb: Tmdb) -> None:
    tmdb.has(5)
    tmdb.answers |= {f"{POPULAR} 1": page(5, of=90), POPULAR: page(number=2, of=90)}
    assert (await run_list(app, pages=90)).state is JobState.COMPLETED
    assert tmdb.asked.count(POPULAR) == 1 + 2 * ATTEMPTS


async def look_up_successors(app: App) -> dict[int, int | None]:
    """Settle deletions once; returns the successors of those looked up, by TMDb id."""
    await settle(app, 1, Meter(), lambda: 0)  # type: ignore[arg-type]

    def read(db: Any) -> dict[int, int | None]:
        rows = db.execute_sql("SELECT tmdb_id, successor_id FROM tombstone WHERE successor_checked_at IS NOT NULL")
        return dict(rows.fetchall())

    return await app.store.read(read)


async def bury(app: App, tmdb: Tmdb, *tmdb_ids: int) -> None:
    tmdb.has(*tmdb_ids)
    tmdb.answers[POPULAR] = page(*tmdb_ids)
    await run_list(app)
    later_ms = to_millis(app.clock.now()) + 1
    gone = [Vanished(tmdb_id * 2, tmdb_id, later_ms) for tmdb_id in tmdb_ids]
    await app.store.write(lambda db: tombstones.make(db, MOVIE, gone, date(2026, 1, 2), 1, 1))


def found(*tmdb_ids: int) -> Act:
    return ok({"movie_results": [{"id": tmdb_id} for tmdb_id in tmdb_ids], "tv_results": []})


async def test_one_successor_that_cannot_be_looked_up_does_not_keep_the_others_waiting(app: App, tmdb: Tmdb) -> None:
    await bury(app, tmdb, 5, 6, 7)
    tmdb.answers |= {"/find/tt5": said(500, 44), "/find/tt6": found(60), "/find/tt7": found(2**33)}
    assert await look_up_successors(app) == {6: 120, 7: None}


async def test_successors_that_always_fail_end_a_run_early_and_the_others_get_their_turn(app: App, tmdb: Tmdb) -> None:
    await bury(app, tmdb, 5, 6, 7, 8, 9)
    tmdb.answers |= {f"/find/tt{tmdb_id}": said(500, 44) for tmdb_id in (5, 6, 7, 8)}
    tmdb.answers["/find/tt9"] = found(90)
    runs = 1
    while await look_up_successors(app) != {9: 180}:
        runs += 1
        assert runs < 100
    questions = sum(path.startswith("/find/") for path in tmdb.asked)
    assert questions <= runs * (4 * ATTEMPTS + 1)
    tmdb.asked.clear()
    assert await look_up_successors(app) == {9: 180}
    assert len(tmdb.asked) == 3 * ATTEMPTS
