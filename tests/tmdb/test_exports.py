"""Daily exports over a raw server: which day, which lines, and every way a download can go wrong."""

import asyncio
import gzip
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gdvg_desktop.core.errors import DiskFull, StorageError
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.tmdb.export_rows import read_ids
from gdvg_desktop.tmdb.exports import ExportFile, ExportReader, Known, NoExport
from gdvg_desktop.tmdb.transport import OpenTransport, open_httpx_transport, open_transport
from tests.support.clock import JumpingClock
from tests.tmdb.raw_server import Act, RawServer, Received, Script, reset, said, send, then_close

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
IDS = [1, 7, 3924, 6124]
GOOD = send(200, FILE, kind="application/gzip")
TAGGED = send(200, FILE, kind="application/gzip", ETag='"abc-1"')
MISSING = send(403, b"<Error><Code>AccessDenied</Code></Error>", kind="application/xml")


@pytest.fixture(params=[open_transport, open_httpx_transport], ids=["aiohttp", "httpx"])
async def reader(request: pytest.FixtureRequest, server: RawServer, tmp_path: Path) -> AsyncIterator[ExportReader]:
    """A reader whose downloads go to tmp_path/exports, on the morning of 2026-11-21, over each transport."""
    yield make_reader(server, tmp_path, request.param)


def make_reader(server: RawServer, folder: Path, transport: OpenTransport = open_transport) -> ExportReader:
    settings = Settings(
        exports_url=f"http://127.0.0.1:{server.port}/p/exports", max_attempts=6, timeout_s=5, max_connections=2
    )
    return ExportReader(settings, JumpingClock(TODAY), folder / "exports", transport)


async def everything(reader: ExportReader, name: str = "movie_ids") -> tuple[ExportFile, list[int]]:
    """The newest export and its ids; its file is kept."""
    export = await reader.newest(name)
    assert export is not None
    ids = read_ids(export.path).ids.tolist()
    await reader.done_with(export, keep=True)
    return export, ids


async def test_a_file_that_is_trusted_is_kept_and_one_that_is_not_is_deleted(
    reader: ExportReader, server: RawServer, tmp_path: Path
) -> None:
    server.script = lambda request: GOOD
    export, ids = await everything(reader)
    assert ids == IDS
    assert (export.name, export.date, export.etag, export.length) == ("movie_ids", date(2026, 11, 21), None, len(FILE))
    assert [one.name for one in (tmp_path / "exports").iterdir()] == ["movie_ids_11_21_2026.json.gz"]
    again = await reader.newest("movie_ids")
    assert again is not None
    await reader.done_with(again, keep=False)
    assert [one.name for one in (tmp_path / "exports").iterdir()] == ["movie_ids_11_21_2026.json.gz"]
    assert reader.names_of("movie_ids", date(2026, 11, 21), {3924, 7, 99}) == {3924: "Blondie", 7: "日本沈没"}
    assert reader.names_of("movie_ids", date(2026, 11, 20), {3924}) == {}


async def test_a_kept_file_takes_the_place_of_older_ones_of_its_type(
    reader: ExportReader, server: RawServer, tmp_path: Path
) -> None:
    server.script = lambda request: GOOD
    folder = tmp_path / "exports"
    folder.mkdir()
    for name in ("movie_ids_11_19_2026.json.gz", "tv_series_ids_11_19_2026.json.gz"):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - 90_000, time.time() - 90_000))
    await everything(reader)
    assert {one.name for one in folder.iterdir()} == {
        "movie_ids_11_21_2026.json.gz",
        "tv_series_ids_11_19_2026.json.gz",
    }


def answers_to(etag: str | None, body: bytes = FILE) -> Script:
    """A server that has one file under an ETag and answers 304 to who has it."""

    def script(request: Received) -> Act:
        if etag is not None and request.headers.get("if-none-match") == etag:
            return send(304, b"", ETag=etag)
        return send(200, body, kind="application/gzip", **({"ETag": etag} if etag else {}))

    return script


async def test_the_very_file_that_is_held_is_not_downloaded_again(reader: ExportReader, server: RawServer) -> None:
    server.script = answers_to('"abc-1"')
    export, _ = await everything(reader)
    assert export.etag == '"abc-1"'
    known = Known(export.date, export.etag, export.length)
    assert await reader.newest("movie_ids", known) is None
    assert server.received[-1].headers["if-none-match"] == '"abc-1"'


async def test_a_server_that_sends_the_held_file_again_is_not_listened_to(
    reader: ExportReader, server: RawServer, tmp_path: Path
) -> None:
    server.script = lambda request: TAGGED
    export, _ = await everything(reader)
    assert await reader.newest("movie_ids", Known(export.date, export.etag, export.length)) is None
    assert [one.name for one in (tmp_path / "exports").iterdir()] == ["movie_ids_11_21_2026.json.gz"]


@pytest.mark.parametrize(
    ("held", "offered", "body"),
    [
        ('"abc-1"', '"abc-2"', FILE),
        (None, None, FILE),
        ('"abc-1"', None, FILE),
    ],
    ids=["another ETag", "no ETag", "an ETag no longer"],
)
async def test_another_file_of_the_same_day_is_downloaded(
    reader: ExportReader, server: RawServer, held: str | None, offered: str | None, body: bytes
) -> None:
    server.script = answers_to(held)
    export, _ = await everything(reader)
    server.script = answers_to(offered, body)
    again = await reader.newest("movie_ids", Known(export.date, export.etag, export.length))
    assert again is not None
    assert again.etag == offered


async def test_the_same_etag_with_another_length_is_another_file(reader: ExportReader, server: RawServer) -> None:
    server.script = lambda request: TAGGED
    export, _ = await everything(reader)
    assert export.length is not None
    assert await reader.newest("movie_ids", Known(export.date, export.etag, export.length + 1)) is not None


async def test_a_held_file_that_was_deleted_is_downloaded_again(
    reader: ExportReader, server: RawServer, tmp_path: Path
) -> None:
    server.script = answers_to('"abc-1"')
    export, _ = await everything(reader)
    (tmp_path / "exports" / "movie_ids_11_21_2026.json.gz").unlink()
    assert await reader.newest("movie_ids", Known(export.date, export.etag, export.length)) is not None


async def test_older_days_than_the_one_held_are_not_asked_for(reader: ExportReader, server: RawServer) -> None:
    server.script = lambda request: GOOD if request.path.endswith("_11_18_2026.json.gz") else MISSING
    with pytest.raises(NoExport, match="of 2026-11-19, the one held here, or later"):
        await reader.newest("movie_ids", Known(date(2026, 11, 19), '"abc-1"', 5))
    assert len(server.received) == 3


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
    with pytest.raises(NoExport, match="last 7 days") as missing:
        await reader.newest("movie_ids")
    assert missing.value.code == "missing"
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
    export, ids = await everything(reader)
    assert ids == IDS
    assert export.date == date(2026, 11, 21), "trouble is not a missing file"


@pytest.mark.parametrize(
    ("fault", "code", "said", "tries"),
    [
        ("cut off at its own length", "cut_off", "cut off", 3),
        ("damaged", "damaged", "damaged", 3),
        ("nothing", "empty", "empty", 3),
        ("reset", "unreachable", "could not be fetched", 4),
        ("500", "unreachable", "could not be fetched", 6),
    ],
)
async def test_trouble_that_stays_says_what_it_is(
    reader: ExportReader, server: RawServer, tmp_path: Path, fault: str, code: str, said: str, tries: int
) -> None:
    server.script = lambda request: FAULTS[fault]
    with pytest.raises(NoExport, match=said) as trouble:
        await reader.newest("movie_ids")
    assert (trouble.value.code, trouble.value.day) == (code, date(2026, 11, 21))
    assert len(server.received) == tries
    assert list((tmp_path / "exports").iterdir()) == []


async def test_being_throttled_is_no_attempt(reader: ExportReader, server: RawServer) -> None:
    answers = [said(429, 25, Retry_After="1")] * 10 + [GOOD]
    server.script = lambda request: answers.pop(0)
    _, ids = await everything(reader)
    assert ids == IDS


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


async def test_a_folder_that_takes_no_file_is_named(server: RawServer, tmp_path: Path) -> None:
    server.script = lambda request: GOOD
    (tmp_path / "exports").write_bytes(b"a file where the folder should be")
    with pytest.raises(StorageError, match="cannot be written to"):
        await make_reader(server, tmp_path).newest("movie_ids")


async def test_two_who_read_the_same_export_do_not_disturb_each_other(reader: ExportReader, server: RawServer) -> None:
    server.script = lambda request: GOOD
    found = await asyncio.gather(*(everything(reader) for _ in range(3)))
    assert [ids for _, ids in found] == [IDS] * 3


async def test_what_a_killed_reader_left_is_deleted_after_a_day(server: RawServer, tmp_path: Path) -> None:
    server.script = lambda request: GOOD
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, age in (("movie_ids_11_19_2026.7-1.json.gz", 90_000), ("movie_ids_11_21_2026.8-1.json.part", 60)):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age, time.time() - age))
    await everything(make_reader(server, tmp_path))
    assert {one.name for one in folder.iterdir()} == {
        "movie_ids_11_21_2026.8-1.json.part",
        "movie_ids_11_21_2026.json.gz",
    }
