"""Which export is trusted: whatever TMDb's file store does, nothing is deleted and the reason is kept."""

import asyncio
import gzip
import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage as commands
from gdvg_desktop.core.errors import UnreachableError
from gdvg_desktop.core.events import CoverageChanged, Event
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.demo.exports import Exports
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.demo.truth import Wanted
from gdvg_desktop.store import exports
from gdvg_desktop.store.exports import ExportSet, Refusal
from gdvg_desktop.sync.enumerate import names_of, read_newest
from gdvg_desktop.sync.filters import build_filter
from gdvg_desktop.tmdb.exports import ExportFile, ExportReader
from tests.support.command_line import environment_of
from tests.support.library import BriskClock, app_on, held, queue_import, until
from tests.tmdb.raw_server import Act, RawServer, Received, send

MOVIE, TV = MediaType.MOVIE, MediaType.TV
FAULTS = {
    "export_missing": ("missing", "no daily export"),
    "export_empty": ("empty", "empty"),
    "export_truncated": ("cut_off", "cut off"),
    "export_half": ("fell", "fewer than the"),
}


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=200, series=80)) as server:
        server.faults.rate_limit = 0
        yield server


def live(demo: DemoServer, media_type: MediaType) -> set[int]:
    return {title.id for title in demo.catalogue.all(media_type.value) if not title.adult}


async def refusals(app: App) -> list[Refusal]:
    return await app.store.read(exports.refusals)


async def kept(app: App) -> list[tuple[str, bytes]]:
    """The stored exports, byte by byte."""
    return await app.store.read(lambda db: db.execute_sql("SELECT date, ids, popularity FROM export").fetchall())


async def test_the_newest_export_is_stored_with_its_popularity(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        heard: list[Event] = []
        app.bus.subscribe(heard.append)
        found = await read_newest(app, MOVIE)
        assert set(found.ids) == live(demo, MOVIE)
        titles = {title.id: title for title in demo.catalogue.all("movie")}
        assert set(found.video_ids) == {tmdb_id for tmdb_id in live(demo, MOVIE) if titles[tmdb_id].video}
        assert found.popularity.tolist() == pytest.approx([titles[tmdb_id].popularity for tmdb_id in found.ids])
        assert (found.rows, found.blank, found.broken) == (len(live(demo, MOVIE)), 1, 1)
        assert CoverageChanged() in heard
        first = list(found.ids)[:3]
        assert (await names_of(app, MOVIE, set(first))).keys() == set(first)


async def test_an_export_that_is_stored_is_not_downloaded_again(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        first = await read_newest(app, TV)
        assert first.etag
        before = await kept(app)
        again = await read_newest(app, TV)
        assert again.read_at == first.read_at and await kept(app) == before
        demo.catalogue.add(0, 2)  # the file of the same day is replaced
        changed = await read_newest(app, TV)
        assert changed.date == first.date and set(changed.ids) == live(demo, TV) > set(first.ids)


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_export_not_to_be_trusted_deletes_nothing_and_says_why(
    demo: DemoServer, tmp_path: Path, fault: str
) -> None:
    async with app_on(demo, tmp_path, clock=BriskClock(), max_attempts=4) as app:
        job = await queue_import(app, build_filter(types=(TV,)))
        assert app.engine is not None
        await app.engine.run(only=job.id)
        titles, stored, covered = await held(app), await kept(app), await commands.coverage(app)
        assert titles and covered.tv.percent == 100.0
        setattr(demo.faults, fault, True)
        found = await read_newest(app, TV)
        code, said = FAULTS[fault]
        assert await kept(app) == stored and set(found.ids) == live(demo, TV)
        assert await held(app) == titles
        assert await commands.coverage(app) == covered
        [refusal] = await refusals(app)
        assert (refusal.media_type, refusal.code) == (TV, code)
        assert said in refusal.reason
        demo.faults.clear()
        demo.faults.rate_limit = 0
        await read_newest(app, TV)
        assert await refusals(app) == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_with_nothing_to_fall_back_on_it_says_why(demo: DemoServer, tmp_path: Path, fault: str) -> None:
    setattr(demo.faults, fault, True)
    async with app_on(demo, tmp_path, clock=BriskClock(), max_attempts=2) as app:
        if fault == "export_half":  # without one before it nobody can know
            assert (await read_newest(app, TV)).rows == pytest.approx(len(live(demo, TV)) / 2, abs=1)
            return
        with pytest.raises(UnreachableError, match=FAULTS[fault][1]):
            await read_newest(app, TV)
        assert {one.code for one in await refusals(app)} == {FAULTS[fault][0]}


async def test_an_older_export_stands_in_for_a_newest_one_that_is_bad(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.export_empty = demo.faults.export_newest_only = True
    async with app_on(demo, tmp_path, clock=BriskClock()) as app:
        found = await read_newest(app, MOVIE)
        assert found.date == demo.catalogue.today - timedelta(days=2)
        assert [(one.code, one.date) for one in await refusals(app)] == [
            ("empty", demo.catalogue.today - timedelta(days=1))
        ]


async def test_a_real_fall_can_be_accepted(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await commands.read_exports(app)
        demo.catalogue.delete_some(60, True)
        fallen = await read_newest(app, MOVIE)
        assert set(fallen.ids) > live(demo, MOVIE)
        await commands.read_exports(app, accept_fall=True)
        accepted = await app.store.read(lambda db: exports.newest(db, MOVIE))
        assert isinstance(accepted, ExportSet) and set(accepted.ids) == live(demo, MOVIE)
        assert await refusals(app) == []


async def test_a_file_of_broken_lines_is_not_trusted(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_on(demo, tmp_path) as app:
        good = Exports.file

        def spoilt(self: Exports, *arguments: Any) -> bytes | None:
            data = good(self, *arguments)
            return gzip.compress(gzip.decompress(data) + b'{"id":\n' * 40) if data else data

        monkeypatch.setattr(Exports, "file", spoilt)
        with pytest.raises(UnreachableError, match="cannot be read"):
            await read_newest(app, TV)


async def test_killed_while_an_export_is_read_the_next_start_goes_on(demo: DemoServer, tmp_path: Path) -> None:
    """A process that dies in the middle of a download leaves nothing that harms or is believed."""
    over = asyncio.Event()
    whole = Exports(demo.catalogue).file("movie_ids_11_20_2026.json.gz", date(2026, 11, 21), demo.faults)
    assert whole is not None
    ready = False

    def script(request: Received) -> Act:
        if ready:
            return send(200, whole, kind="application/gzip")

        async def half(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(whole) + whole[: len(whole) // 2])
            await writer.drain()
            await over.wait()

        return half

    async with RawServer(script) as server:
        environment = environment_of(demo.url, f"http://127.0.0.1:{server.port}/p/exports")
        arguments = ("-m", "gdvg_desktop", "--data-dir", str(tmp_path), "--json", "coverage")
        start = partial(
            asyncio.create_subprocess_exec, sys.executable, *arguments, env=environment, stdout=asyncio.subprocess.PIPE
        )
        killed = await start()
        await until(lambda: list(tmp_path.glob("exports/*.part")), "a half download")
        killed.kill()
        await killed.communicate()
        over.set()
        ready = True
        out, _ = await (await start()).communicate()
    found = json.loads(out)
    assert found["movie"]["missing"] == sum(kind == "movie" for kind, _ in demo.truth(Wanted()))


async def test_a_file_that_was_refused_is_not_downloaded_again(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        first = await read_newest(app, TV)
        demo.faults.export_today = demo.faults.export_half = demo.faults.export_newest_only = True
        sent: list[Path] = []
        download = ExportReader._download

        async def told(self: ExportReader, transport: Any, export: ExportFile, known: Any) -> ExportFile | None:
            found = await download(self, transport, export, known)
            sent.extend([export.path] if found is not None else [])
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ExportReader, "_download", told)
            for _ in range(3):
                assert (await read_newest(app, TV)).date == first.date
                [refusal] = await refusals(app)
                assert (refusal.code, refusal.date > first.date) == ("fell", True)
            assert len(sent) == 1
            demo.faults.export_half = False  # the file of that day is put right: another ETag
            assert (await read_newest(app, TV)).date > first.date
            assert len(sent) == 2 and await refusals(app) == []
        assert await app.store.read(lambda db: exports.spurned(db, TV)) == {}


async def test_a_file_that_was_refused_can_be_accepted(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        first = await read_newest(app, TV)
        demo.faults.export_today = demo.faults.export_half = demo.faults.export_newest_only = True
        await read_newest(app, TV)
        accepted = await read_newest(app, TV, accept_fall=True)
        assert accepted.date > first.date and accepted.rows < first.rows
        assert await refusals(app) == []
