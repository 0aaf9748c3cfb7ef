"""Daily exports over a raw server: which day, which lines, and every way a download can go wrong."""

import asyncio
import gzip
import json
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gdvg_desktop.core.errors import BadAnswer, DiskFull, UnreachableError
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.tmdb.exports import ExportFile, ExportReader, ExportRow, read_export
from gdvg_desktop.tmdb.transport import OpenTransport, open_httpx_transport, open_transport
from tests.support.clock import JumpingClock
from tests.tmdb.raw_server import Act, RawServer, Received, reset, said, send, then_close

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "exports"
TODAY = datetime(2026, 11, 21, 6, 0, tzinfo=UTC).timestamp()
LINES = [
    b'{"adult":false,"id":3924,"original_title":"Blondie","popularity":1.8133,"video":false}',
    b'{"adult":false,"id":6124,"original_title":"Der Mann ohne Namen","popularity":0.0,"video":true}',
    b"",
    b'{"id": 5, "popul',
    '{"adult":true,"id":7,"original_title":"日本沈没","popularity":3,"video":false}'.encode(),
    b'{"id":1,"original_name":"Pride","popularity":3.8242}',
    b"[]",
    b'{"id":"x"}',
]
FILE = gzip.compress(b"\n".join(LINES) + b"\n")
ROWS = [
    ExportRow(3924, 1.8133),
    ExportRow(6124, 0.0, False, True),
    ExportRow(7, 3.0, True, False),
    ExportRow(1, 3.8242),
]
GOOD = send(200, FILE, kind="application/gzip")
MISSING = send(403, b"<Error><Code>AccessDenied</Code></Error>", kind="application/xml")


@pytest.fixture(params=[open_transport, open_httpx_transport], ids=["aiohttp", "httpx"])
async def reader(request: pytest.FixtureRequest, server: RawServer, tmp_path: Path) -> AsyncIterator[ExportReader]:
    """A reader whose downloads go to tmp_path/exports, on the morning of 2026-11-21, over each transport."""
    yield make_reader(server, tmp_path, request.param)


def make_reader(server: RawServer, folder: Path, transport: OpenTransport = open_transport) -> ExportReader:
    settings = Settings(
        exports_url=f"http://127.0.0.1:{server.port}/p/exports", max_attempts=4, timeout_s=5, max_connections=2
    )
    return ExportReader(settings, JumpingClock(TODAY), folder / "exports", transport)


async def everything(
    reader: ExportReader, name: str = "movie_ids", chunk: int = 3
) -> tuple[ExportFile, list[list[ExportRow]]]:
    export = await reader.newest(name)
    return export, [rows async for rows in reader.rows(export, chunk)]


async def test_rows_come_in_chunks_and_bad_lines_are_counted(reader: ExportReader, server: RawServer) -> None:
    server.script = lambda request: GOOD
    export, chunks = await everything(reader)
    assert chunks == [ROWS[:3], ROWS[3:]]
    assert (export.rows, export.blank, export.broken) == (4, 1, 3)
    assert (export.name, export.date) == ("movie_ids", date(2026, 11, 21))
    assert not export.path.exists()
    assert list(export.path.parent.iterdir()) == []


@pytest.mark.parametrize("missing", [MISSING, send(404, b"")], ids=["403", "404"])
async def test_the_newest_day_that_is_there_is_taken(reader: ExportReader, server: RawServer, missing: Act) -> None:
    server.script = lambda request: GOOD if request.path.endswith("_11_19_2026.json.gz") else missing
    export, _ = await everything(reader, "tv_series_ids")
    assert export.date == date(2026, 11, 19)
    assert [one.path.rsplit("/", 1)[1] for one in server.received] == [
        f"tv_series_ids_11_{day}_2026.json.gz" for day in (21, 20, 19)
    ]


async def test_without_a_file_in_seven_days_it_says_so(reader: ExportReader, server: RawServer) -> None:
    server.script = lambda request: MISSING
    with pytest.raises(UnreachableError, match="last 7 days"):
        await reader.newest("movie_ids")
    assert len(server.received) == 8


async def test_no_key_is_ever_sent(reader: ExportReader, server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMDB_API_KEY", "0123456789abcdef0123456789abcdef")
    server.script = lambda request: GOOD
    await everything(reader)
    for request in server.received:
        assert request.params == []
        assert "authorization" not in request.headers
        assert "cookie" not in request.headers
        assert "0123456789abcdef" not in repr(request)
        assert request.headers["user-agent"].startswith("gdvg-desktop/")


FAULTS: dict[str, Act] = {
    "500": send(500, b""),
    "502 with a page": send(502, b"<html>", kind="text/html"),
    "reset": reset(),
    "cut off": then_close(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + FILE[:50]),
    "cut off without a length": then_close(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + FILE[:50]),
    "cut off at its own length": send(200, FILE[:-9], kind="application/gzip"),
    "damaged": send(200, FILE[:30] + b"\xff" * 20 + FILE[50:], kind="application/gzip"),
    "a page in its place": send(200, b"<html>Log in</html>", kind="text/html"),
    "401": said(401, 7),
    "redirect": send(302, b"", Location="http://login.invalid/"),
    "nothing": send(200, b"", kind="application/gzip"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_trouble_is_tried_again(reader: ExportReader, server: RawServer, fault: str) -> None:
    answers = [FAULTS[fault], FAULTS[fault], GOOD]
    server.script = lambda request: answers.pop(0)
    export, chunks = await everything(reader)
    assert chunks == [ROWS[:3], ROWS[3:]]
    assert export.date == date(2026, 11, 21), "trouble is not a missing file"


async def test_trouble_that_stays_says_what_it_is(reader: ExportReader, server: RawServer, tmp_path: Path) -> None:
    server.script = lambda request: FAULTS["cut off at its own length"]
    with pytest.raises(UnreachableError, match="cut off"):
        await reader.newest("movie_ids")
    assert len(server.received) == 4
    assert list((tmp_path / "exports").iterdir()) == []


async def test_being_throttled_is_no_attempt(reader: ExportReader, server: RawServer) -> None:
    answers = [said(429, 25, Retry_After="1")] * 10 + [GOOD]
    server.script = lambda request: answers.pop(0)
    export, _ = await everything(reader)
    assert export.rows == 4


async def test_leaving_off_half_way_deletes_the_file(reader: ExportReader, server: RawServer) -> None:
    server.script = lambda request: GOOD
    export = await reader.newest("movie_ids")
    rows = reader.rows(export, 1)
    assert await anext(rows) == ROWS[:1]
    await rows.aclose()  # type: ignore[attr-defined]
    assert not export.path.exists()


async def test_cancelling_a_download_leaves_no_file(server: RawServer, tmp_path: Path) -> None:
    begun = asyncio.Event()

    def script(request: Received) -> Act:
        async def act(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + FILE[:50])
            await writer.drain()
            begun.set()
            await asyncio.Event().wait()

        return act

    server.script = script
    task = asyncio.create_task(make_reader(server, tmp_path).newest("movie_ids"))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list((tmp_path / "exports").glob("*")) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
async def test_a_full_disk_is_named(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / f"movie_ids_11_21_2026.{os.getpid()}-1.json.part").symlink_to("/dev/full")
    server.script = lambda request: send(200, gzip.compress(b"x" * 100) * 5000, kind="application/gzip")
    with pytest.raises(DiskFull):
        await make_reader(server, tmp_path).newest("movie_ids")


def test_reading_a_cut_off_file_raises(tmp_path: Path) -> None:
    path = tmp_path / "cut.json.gz"
    path.write_bytes(FILE[:-12])
    with pytest.raises(BadAnswer, match="cut off"):
        list(read_export(ExportFile("movie_ids", date(2026, 11, 21), path)))


@pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded exports are not here")
def test_recorded_exports_are_read(tmp_path: Path) -> None:
    for recorded in RECORDED.glob("*_ids_*.json"):
        path = tmp_path / "export.json.gz"
        path.write_bytes(gzip.compress(recorded.read_bytes()))
        export = ExportFile(recorded.name, date(2026, 11, 21), path)
        rows = [row for chunk in read_export(export) for row in chunk]
        good = [json.loads(line)["id"] for line in recorded.read_text(encoding="utf-8").splitlines() if line.strip()]
        assert [row.id for row in rows] == good
        assert export.broken == 0


async def test_two_who_read_the_same_export_do_not_disturb_each_other(reader: ExportReader, server: RawServer) -> None:
    server.script = lambda request: GOOD
    found = await asyncio.gather(*(everything(reader) for _ in range(3)))
    assert [[row for rows in chunks for row in rows] for _, chunks in found] == [ROWS] * 3


async def test_what_a_killed_reader_left_is_deleted_after_a_day(server: RawServer, tmp_path: Path) -> None:
    server.script = lambda request: GOOD
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, age in (("movie_ids_11_19_2026.7-1.json.gz", 90_000), ("movie_ids_11_21_2026.8-1.json.part", 60)):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age, time.time() - age))
    await everything(make_reader(server, tmp_path))
    assert [one.name for one in folder.iterdir()] == ["movie_ids_11_21_2026.8-1.json.part"]
