"""Everything recorded of TMDb's answers, served over a socket and imported: client, engine, mapping and library.

What each odd value becomes in the rows is tested in tests/sync/test_mapping.py; here whole answers take the whole way.
"""

import json
from collections.abc import AsyncIterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.core.errors import BadRequest, CredentialError, GaveUp, GdvgError, Gone
from gdvg_desktop.core.kinds import Existing, JobState, MediaType
from gdvg_desktop.store.titles import CHILD_TABLES, SHARED_TABLES, title_id_of
from gdvg_desktop.sync.filters import build_filter
from gdvg_desktop.tmdb import payloads, reference
from gdvg_desktop.tmdb.details import PARTS, details
from gdvg_desktop.tmdb.discover import DiscoverQuery, discover
from tests.support.library import app_on, held, job_of, queue_import
from tests.tmdb.raw_server import Act, RawServer, Received, ok, send

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "tmdb"
MOVIE, TV = MediaType.MOVIE, MediaType.TV
PAGE = 20

# Where 0 means what it says. In every other number of the library TMDb's 0 means unknown and is NULL.
ZERO_IS_A_VALUE = {
    "position", "release_position", "rating_position", "season_number", "episode_number", "billing", "cast_id",
    "display_priority", "number_of_seasons", "number_of_episodes", "adult", "softcore", "video", "official",
    "in_production", "completeness",
}  # fmt: skip
ZERO_IS_A_VALUE_IN = {("season", "episode_count"), ("title", "unavailable")}
SENT_AS = {
    name: name
    for name in (
        "overview", "tagline", "homepage", "status", "imdb_id", "poster_path", "backdrop_path", "original_language",
        "runtime", "budget", "revenue", "popularity", "vote_average", "vote_count", "number_of_seasons",
    )
}  # fmt: skip
RENAMED = {
    MOVIE: {"title": "title", "original_title": "original_title", "release_date": "release_date"},
    TV: {"title": "name", "original_title": "original_name", "release_date": "first_air_date"},
}
FALLS_BACK = {"overview", "tagline", "homepage"}  # to another language, or what is held, where nothing was sent

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not here")


@cache
def recorded() -> dict[str, Any]:
    """Every recorded body by file name."""
    return {path.name: json.loads(path.read_bytes()) for path in sorted(RECORDED.glob("*.json"))}


def type_of(body: Any) -> MediaType | None:
    """The type of title these are the details of; None when they are no details."""
    if not isinstance(body, dict) or "vote_average" not in body or not isinstance(body.get("id"), int):
        return None
    return MOVIE if "budget" in body else TV if "number_of_seasons" in body else None


def with_parts(name: str, stem: str, **elsewhere: str) -> dict[str, Any]:
    """Recorded details with the parts that were recorded one by one, as append_to_response gives them."""
    files = {part: f"{stem}_{part.replace('/', '_')}.tmdblib.json" for part in PARTS[MOVIE] + PARTS[TV]} | elsewhere
    return recorded()[name] | {part: recorded()[file] for part, file in files.items() if file in recorded()}


def rounds() -> list[dict[tuple[MediaType, int], dict[str, Any]]]:
    """All recorded details; titles recorded more than once come again in the next round."""
    bodies = [body for body in recorded().values() if type_of(body) is not None]
    bodies.append(with_parts("movie_47964.tmdblib.json", "movie_47964"))
    bodies.append(
        with_parts("tv_1396.tmdblib.json", "tv_1396", aggregate_credits="TVSeriesAggregateCredits.swifttmdb.json")
    )
    found: list[dict[tuple[MediaType, int], dict[str, Any]]] = []
    for body in bodies:
        kind = type_of(body)
        assert kind is not None
        key = (kind, body["id"])
        free = next((one for one in found if key not in one), None)
        if free is None:
            found.append(free := {})
        free[key] = body
    return found


class RecordedTmdb:
    """Answers details with the recordings of one round, and discover with the list of them."""

    def __init__(self) -> None:
        self.titles: dict[tuple[MediaType, int], dict[str, Any]] = {}
        self.instead: Act | None = None  # answers everything
        self.url = self.exports_url = ""

    def answer(self, request: Received) -> Act:
        if self.instead is not None:
            return self.instead
        parts = request.path.removeprefix("/3/").split("/")
        if parts[0] == "discover":
            return self._page(MediaType(parts[1]), int(dict(request.params)["page"]))
        if parts[0] in ("movie", "tv") and parts[1].isdigit():
            found = self.titles.get((MediaType(parts[0]), int(parts[1])))
            if found is not None:
                return ok(found)
        return send(404, (RECORDED / "error_404_not_found.tmdblib.json").read_bytes())

    def _page(self, kind: MediaType, number: int) -> Act:
        rows = [
            {"id": tmdb_id, "title": body.get("title"), "name": body.get("name"), "popularity": body.get("popularity")}
            for (one, tmdb_id), body in self.titles.items()
            if one is kind
        ]
        shown = rows[(number - 1) * PAGE : number * PAGE]
        return ok({"page": number, "results": shown, "total_pages": -(-len(rows) // PAGE), "total_results": len(rows)})


@pytest.fixture
async def tmdb() -> AsyncIterator[RecordedTmdb]:
    served = RecordedTmdb()
    async with RawServer(served.answer) as server:
        served.url, served.exports_url = server.url, f"{server.url}/exports"
        yield served


@pytest.fixture
async def app(tmdb: RecordedTmdb, tmp_path: Path) -> AsyncIterator[App]:
    async with app_on(tmdb, tmp_path, max_attempts=1) as app:
        yield app


async def test_every_recorded_title_is_imported_and_odd_values_end_as_null(app: App, tmdb: RecordedTmdb) -> None:
    every = rounds()
    for number, titles in enumerate(every):
        tmdb.titles = titles
        chosen = build_filter(
            types=(MOVIE, TV), date_from=date(1870, 1, 1), existing=Existing.UPDATE, limit=1000 + number
        )
        job = await queue_import(app, chosen)
        assert app.engine is not None
        await app.engine.run(only=job.id)
        done = await job_of(app, job.id)
        assert (done.state, done.failed, done.gone) == (JobState.COMPLETED, 0, 0)
        assert done.added + done.updated + done.unchanged == done.total == len(titles)
        await app.store.read(lambda db, titles=titles: assert_as_sent(db, titles))
        await app.store.read(assert_nothing_unknown_is_stored)
    assert await held(app) == {(kind.value, tmdb_id) for titles in every for kind, tmdb_id in titles}
    assert len(await held(app)) > 130 and len(every) > 3
    assert app.store.check() == []


def assert_as_sent(db: Any, titles: dict[tuple[MediaType, int], dict[str, Any]]) -> None:
    """Each value is stored as it was sent, or NULL where it was "", 0 or missing."""
    for (kind, tmdb_id), body in titles.items():
        sent = {column: body.get(name) or None for column, name in (SENT_AS | RENAMED[kind]).items()}
        sent["imdb_id"] = sent["imdb_id"] or body.get("external_ids", {}).get("imdb_id") or None
        may_stay = FALLS_BACK | (set() if "external_ids" in body else {"imdb_id"})
        found = db.execute_sql(
            f"SELECT {', '.join(sent)} FROM title WHERE id = ?", (title_id_of(kind, tmdb_id),)
        ).fetchone()
        for (column, expected), value in zip(sent.items(), found, strict=True):
            if isinstance(value, float):
                expected = float(expected)  # one source recorded its numbers as text
            if expected is not None or column not in may_stay:
                assert value == expected, (kind, tmdb_id, column)


def assert_nothing_unknown_is_stored(db: Any) -> None:
    """No "" in any text and no 0 in any number where it would mean unknown, in every table of titles."""
    for table in ("title", "episode", "title_search", *CHILD_TABLES, *SHARED_TABLES):
        for _, column, type_, *_ in db.execute_sql(f"PRAGMA table_info({table})").fetchall():
            odd = "''" if type_ == "TEXT" else "0"
            meant = column in ZERO_IS_A_VALUE or (table, column) in ZERO_IS_A_VALUE_IN
            if type_ == "TEXT" or (type_ in ("INTEGER", "REAL") and not meant):
                query = f"SELECT count(*) FROM {table} WHERE {column} = {odd}"
                assert db.execute_sql(query).fetchone() == (0,), (table, column)


async def test_every_recorded_list_is_read_by_the_client(app: App, tmdb: RecordedTmdb) -> None:
    pages = 0
    for name, body in recorded().items():
        if not (isinstance(body, dict) and isinstance(body.get("results"), list) and "total_pages" in body):
            continue
        tmdb.instead = send(200, (RECORDED / name).read_bytes())
        page = await app.client.get(discover(DiscoverQuery(MOVIE), 1), decode=payloads.decode_discover)
        rows = [row for row in body["results"] if isinstance(row.get("id"), int)]  # reviews have ids that are words
        assert [row.id for row in page.results] == [row["id"] for row in rows], name
        assert (page.total_pages, page.total_results) == (body["total_pages"], body["total_results"]), name
        for row, sent in zip(page.results, rows, strict=True):
            assert row.date == (sent.get("release_date") or sent.get("first_air_date") or None), name
        pages += 1
    assert pages > 60
    assert len([name for name in recorded() if name.startswith("discover_")]) > 10


@pytest.mark.parametrize(
    ("prefixes", "request_", "decode"),
    [
        (("genre_", "genres_"), reference.genres(MOVIE), payloads.decode_genres),
        (("configuration_countries",), reference.countries(), payloads.decode_countries),
        (("configuration_languages",), reference.languages(), payloads.decode_languages),
        (("configuration.",), reference.configuration(), payloads.decode_configuration),
    ],
)
async def test_every_recorded_reference_list_is_read(
    app: App, tmdb: RecordedTmdb, prefixes: tuple[str, ...], request_: Any, decode: Any
) -> None:
    names = [name for name in recorded() if name.startswith(prefixes)]
    assert len(names) >= 2
    for name in names:
        tmdb.instead = send(200, (RECORDED / name).read_bytes())
        found = await app.client.get(request_, decode=decode)
        if isinstance(found, list):
            sent = recorded()[name]
            assert len(found) == len(sent["genres"] if isinstance(sent, dict) else sent), name


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("error_400_invalid_page.adamayoung.json", 400, BadRequest),
        ("error_404_not_found.tmdblib.json", 404, Gone),
        ("error_401_invalid_key.jdrouet.json", 401, CredentialError),
    ],
)
async def test_recorded_errors_are_ours(
    app: App, tmdb: RecordedTmdb, name: str, status: int, error: type[GdvgError]
) -> None:
    tmdb.instead = send(status, (RECORDED / name).read_bytes())
    with pytest.raises(error) as caught:
        await app.client.get(
            details(MOVIE, 550, ("en-US",)), decode=lambda body: payloads.whole_title(body, MOVIE, 550)
        )
    assert caught.value.message and type(caught.value) is error


async def test_any_recorded_body_in_a_titles_place_is_that_title_or_a_known_error(app: App, tmdb: RecordedTmdb) -> None:
    """A proxy that mixes answers up must neither stop the client nor store one title as another."""
    taken = refused = 0
    for name in recorded():
        tmdb.instead = send(200, (RECORDED / name).read_bytes())
        try:
            body = await app.client.get(
                details(MOVIE, 550, ("en-US",)), decode=lambda body: payloads.whole_title(body, MOVIE, 550)
            )
        except GaveUp:
            refused += 1
        except CredentialError:
            assert name.startswith("error_401")
            app.client.reset_credential()
            refused += 1
        else:
            assert json.loads(body)["id"] == 550
            taken += 1
    assert taken >= 2 and refused > 200
