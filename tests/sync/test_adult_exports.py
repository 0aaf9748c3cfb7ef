"""Adult titles: TMDb lists them in files of their own, asked for and judged only while the scope wants them."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage as commands
from gdvg_desktop.commands import gaps as gap_commands
from gdvg_desktop.commands import mirror as mirror_commands
from gdvg_desktop.core.clock import utc_day
from gdvg_desktop.core.errors import UnreachableError
from gdvg_desktop.core.kinds import JobState, MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.demo.exports import Exports
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store import exports, tombstones
from gdvg_desktop.store.exports import Refusal
from gdvg_desktop.store.titles import title_id_of
from gdvg_desktop.sync.enumerate import names_of, read_newest
from tests.support.library import BriskClock, app_on, held, job_of

MOVIE, TV = MediaType.MOVIE, MediaType.TV
ADULT = Scope(adult=True, video=True)


class Ahead(BriskClock):
    """The machine's clock, so many days ahead of it."""

    days = 0.0

    def now(self) -> float:
        return super().now() + self.days * 86_400


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=400, series=100)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the export files the demo was asked for."""
    names: list[str] = []
    good = Exports.file

    def told(self: Exports, name: str, *rest: Any) -> bytes | None:
        names.append(name.rsplit("_", 3)[0])
        return good(self, name, *rest)

    monkeypatch.setattr(Exports, "file", told)
    return names


def lose_adult_files(monkeypatch: pytest.MonkeyPatch) -> None:
    good = Exports.file
    monkeypatch.setattr(
        Exports, "file", lambda self, name, *rest: None if name.startswith("adult_") else good(self, name, *rest)
    )


def adult(demo: DemoServer, media_type: MediaType) -> set[int]:
    return {one.id for one in demo.catalogue.all(media_type.value) if one.adult and demo.catalogue.find(*one.key)}


async def mirror(app: App, scope: Scope | None = None) -> None:
    assert app.engine is not None
    job, _ = await mirror_commands.start(app, scope)
    await app.engine.run(only=job.id)
    job = await job_of(app, job.id)
    assert job.state is JobState.COMPLETED, job.reason_args


async def refusals(app: App) -> list[Refusal]:
    return await app.store.read(exports.refusals)


async def test_a_mirror_with_adult_titles_holds_them_all(demo: DemoServer, tmp_path: Path, asked: list[str]) -> None:
    assert adult(demo, MOVIE) and adult(demo, TV)
    async with app_on(demo, tmp_path) as app:
        await mirror(app)
        assert {"movie_ids", "tv_series_ids"} == set(asked), "nobody wants adult titles"
        await commands.set_scope(app, ADULT)
        assert (await commands.coverage(app)).percent == 0.0, "nobody knows yet which there are"
        await mirror(app)
        every = {one.key for kind in MediaType for one in demo.catalogue.all(kind.value)}
        assert await held(app) == {key for key in every if demo.catalogue.find(*key)}
        found = await commands.coverage(app)
        assert (found.percent, found.movie.missing, found.movie.excluded) == (100.0, 0, 0)
        assert (await mirror_commands.status(app)).mode == "delta"
        export = await app.store.read(lambda db: exports.newest(db, MOVIE))
        assert export is not None and set(export.adult_ids) == adult(demo, MOVIE)
        popular = {one.id: one.popularity for one in demo.catalogue.all("movie")}
        assert export.popularity.tolist() == pytest.approx([popular[one] for one in export.ids])
        assert (await names_of(app, MOVIE, adult(demo, MOVIE))).keys() == adult(demo, MOVIE)
        written = await commands.certificate(app, tmp_path / "all.csv")
        with written.path.open(encoding="utf-8") as file:
            states = {(row["type"], int(row["id"])): row["state"] for row in csv.DictReader(file)}
        assert states == dict.fromkeys(await held(app), "held")
        await commands.set_scope(app, Scope(video=True))
        found = await commands.coverage(app)
        assert (found.percent, found.movie.excluded) == (100.0, len(adult(demo, MOVIE)))


async def test_only_types_of_the_scope_need_an_adult_file(demo: DemoServer, tmp_path: Path, asked: list[str]) -> None:
    async with app_on(demo, tmp_path) as app:
        await commands.set_scope(app, Scope(False, (ScopeRule(types=(TV,)),), adult=True))
        await commands.read_exports(app)
        assert set(asked) == {"movie_ids", "tv_series_ids", "adult_tv_series_ids"}


async def test_without_an_adult_file_nothing_is_said_to_be_complete(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_on(demo, tmp_path, clock=BriskClock()) as app:
        with monkeypatch.context() as patch:
            lose_adult_files(patch)
            await mirror(app, ADULT)
            found = await commands.coverage(app)
            assert (found.percent, found.movie.missing) == (0.0, 0)
            assert (await mirror_commands.status(app)).mode == "filling"
            assert {(one.media_type, one.adult, one.code) for one in await refusals(app)} == {
                (MOVIE, True, "missing"),
                (TV, True, "missing"),
            }
            await commands.set_scope(app, Scope(video=True))
            assert await refusals(app) == [] and (await commands.coverage(app)).percent == 100.0
            await commands.set_scope(app, ADULT)
        await mirror(app)
        assert await refusals(app) == [] and (await commands.coverage(app)).percent == 100.0
        with monkeypatch.context() as patch:  # what was read once stays the basis
            lose_adult_files(patch)
            await commands.read_exports(app)
            assert len(await refusals(app)) == 2 and (await commands.coverage(app)).percent == 100.0


async def test_without_any_export_there_is_none_to_fall_back_on(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.export_missing = True
    async with app_on(demo, tmp_path, clock=BriskClock()) as app:
        await commands.set_scope(app, ADULT)
        with pytest.raises(UnreachableError, match="no daily export movie_ids"):
            await read_newest(app, MOVIE)


async def test_an_adult_title_that_is_gone_becomes_a_tombstone(demo: DemoServer, tmp_path: Path) -> None:
    gone = min(adult(demo, MOVIE))
    async with app_on(demo, tmp_path, clock=(clock := Ahead())) as app:
        await mirror(app, ADULT)
        clock.days = 2
        demo.catalogue.today = utc_day(clock.now())
        demo.catalogue.delete([("movie", gone)], unlisted=True)
        await mirror(app)
        assert not await app.store.read(tombstones.ids), "the file fell by half and is not trusted"
        assert {(one.adult, one.code) for one in await refusals(app)} == {(True, "fell")}
        await commands.read_exports(app, accept_fall=True)
        await mirror(app)
        assert await app.store.read(tombstones.ids) == {title_id_of(MOVIE, gone)}
        assert (await commands.coverage(app)).percent == 100.0


async def test_a_missing_adult_title_is_a_gap_with_its_name_and_its_evidence(demo: DemoServer, tmp_path: Path) -> None:
    lost = min(adult(demo, MOVIE))
    async with app_on(demo, tmp_path) as app:
        await mirror(app, ADULT)
        await app.store.write(lambda db: db.execute_sql("DELETE FROM title WHERE id = ?", (title_id_of(MOVIE, lost),)))
        job, _ = await gap_commands.analyze(app)
        assert app.engine is not None
        await app.engine.run(only=job.id)
        [row] = await gap_commands.listing(app, gap_commands.GapFilter(media_types=(MOVIE,)), 1)
        assert row.tmdb_id == lost and row.name
        told = await gap_commands.explain(app, MOVIE, lost)
        assert any("as an adult title" in line.text for line in told.lines)
