"""The daily id exports: every id TMDb has, one gzipped file a type and day, no key needed and none ever sent.

The newest file of the last seven days is fetched whole into a folder, checked, and read in chunks in a thread
(TMDB.md 5). Which rows are wanted is for others to say.
"""

import asyncio
import contextlib
import errno
import gzip
import itertools
import logging
import os
import time
import zlib
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx
import msgspec

from gdvg_desktop.core.clock import Clock, utc_day
from gdvg_desktop.core.errors import (
    BadAnswer,
    ConnectionTrouble,
    CredentialError,
    DiskFull,
    RateLimited,
    RequestError,
    UnreachableError,
)
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.tmdb.answers import usable_body
from gdvg_desktop.tmdb.pacer import LONGEST_COOL_DOWN_S
from gdvg_desktop.tmdb.retry import back_off
from gdvg_desktop.tmdb.transport import (
    FOREIGN,
    USER_AGENT,
    Answer,
    OpenTransport,
    in_our_words,
    let_go,
    open_transport,
    timeouts,
)

log = logging.getLogger(__name__)

EXPORT_NAMES = {MediaType.MOVIE: "movie_ids", MediaType.TV: "tv_series_ids"}
DAYS_BACK = 7
CHUNK_ROWS = 5_000
WRITE_BYTES = 1 << 20
LEFT_S = 86_400.0  # a file nobody has deleted for a day belongs to a reader that was killed
NOT_THERE = (403, 404)  # the file store answers 403 for a missing file
DOWNLOAD_S = 1_800.0  # for 28 MB on a slow line; a stalled line is noticed by `timeout_s`


class ExportRow(msgspec.Struct, frozen=True, gc=False):
    """One line. Series lines carry neither `adult` nor `video`."""

    id: int
    popularity: float = 0.0
    adult: bool = False
    video: bool = False


@dataclass(slots=True)
class ExportFile:
    """A downloaded export of one UTC day. The counts are filled while it is read."""

    name: str
    date: date
    path: Path
    rows: int = 0
    blank: int = 0
    broken: int = 0


class ExportReader:
    """Fetches and reads exports. It has a connection of its own, without any credential."""

    def __init__(
        self, settings: Settings, clock: Clock, folder: Path, transport: OpenTransport = open_transport
    ) -> None:
        self._settings = settings
        self._base = settings.exports_url.rstrip("/")
        self._clock = clock
        self._folder = folder
        self._open_transport = transport
        self._downloads = itertools.count(1)

    async def newest(self, name: str) -> ExportFile:
        """The newest file of the last 7 days, downloaded and whole.

        Raises UnreachableError when there is none or it cannot be fetched after `max_attempts` tries.
        """
        today = utc_day(self._clock.now())
        own = f"{os.getpid()}-{next(self._downloads)}"  # two jobs, or another process, may read the same export
        await asyncio.to_thread(self._sweep)
        tls = await asyncio.to_thread(httpx.create_ssl_context)
        transport = self._open_transport(self._settings, self._base, tls)
        try:
            for back in range(DAYS_BACK + 1):
                day = today - timedelta(days=back)
                export = ExportFile(name, day, self._folder / f"{name}_{day:%m_%d_%Y}.{own}.json.gz")
                if await self._fetched(transport, export):
                    return export
        finally:
            await transport.aclose()
        raise UnreachableError(
            f"TMDb offers no daily export {name} for the last {DAYS_BACK} days.",
            "Try again later, or give the import a period: it is then listed without the export.",
        )

    async def rows(self, export: ExportFile, chunk: int = CHUNK_ROWS) -> AsyncIterator[list[ExportRow]]:
        """The rows in lists of up to `chunk`, read in a thread. The file is deleted at the end."""
        chunks = read_export(export, chunk)
        try:
            while rows := await asyncio.to_thread(next, chunks, None):
                yield rows
        finally:
            chunks.close()
            await asyncio.to_thread(export.path.unlink, missing_ok=True)

    def _sweep(self) -> None:
        """Delete what a reader that was killed has left."""
        oldest = time.time() - LEFT_S  # the machine's own time, as file dates are
        for left in self._folder.glob("*_ids_*"):
            with contextlib.suppress(OSError):
                if left.lstat().st_mtime < oldest:
                    left.unlink()

    async def _fetched(self, transport: httpx.AsyncBaseTransport, export: ExportFile) -> bool:
        """Download one day's file; False when that day has none."""
        failures = 0
        while True:
            try:
                return await self._download(transport, export)
            except RateLimited as error:
                await self._clock.sleep(min(max(error.retry_after_s or 0.0, 1.0), LONGEST_COOL_DOWN_S))
                continue
            except RequestError as error:
                failures += 1
                log.info("%s failed (%d): %s", export.path.name, failures, error.message)
                if failures >= self._settings.max_attempts:
                    raise UnreachableError(
                        f"TMDb's daily export could not be fetched: {error.message}",
                        error.hint or "Check the network and try again.",
                    ) from None
            await self._clock.sleep(back_off(failures))

    async def _download(self, transport: httpx.AsyncBaseTransport, export: ExportFile) -> bool:
        partial = export.path.with_suffix(".part")
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        try:
            async with asyncio.timeout(DOWNLOAD_S):
                if not await self._stream(transport, f"{export.name}_{export.date:%m_%d_%Y}.json.gz", partial):
                    return False
            await asyncio.to_thread(_check, partial)
            await asyncio.to_thread(partial.replace, export.path)
        except TimeoutError:
            raise ConnectionTrouble("The download took too long.") from None
        finally:
            await asyncio.to_thread(partial.unlink, missing_ok=True)
        return True

    async def _stream(self, transport: httpx.AsyncBaseTransport, file_name: str, partial: Path) -> bool:
        request = httpx.Request(
            "GET",
            f"{self._base}/{file_name}",
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            extensions={"timeout": timeouts(self._settings.timeout_s)},
        )
        try:
            response = await transport.handle_async_request(request)
        except FOREIGN as error:
            raise in_our_words(error) from None  # no key was sent, so its context holds none
        try:
            if response.status_code in NOT_THERE:
                return False
            if response.status_code != httpx.codes.OK:
                await self._refuse(response)
            await _write(response, partial)
        finally:
            await let_go(response)
        return True

    async def _refuse(self, response: httpx.Response) -> None:
        """Raise what an answer that is no file means."""
        kind = response.headers.get("content-type", "").split(";", 1)[0].strip().lower()
        answer = Answer(response.status_code, kind, response.headers.get("retry-after"), await response.aread())
        with contextlib.suppress(CredentialError):  # no key is sent, so none was refused
            usable_body(answer, self._clock.now())
        raise BadAnswer(f"The answer is no file ({answer.status}).")


async def _write(response: httpx.Response, path: Path) -> None:
    try:
        with await asyncio.to_thread(path.open, "wb") as file:
            async for part in _parts(response):
                await asyncio.to_thread(file.write, part)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise DiskFull(
            f"The disk is full: {path.parent} has no room for the export file.", "Free some space."
        ) from None


async def _parts(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for part in response.aiter_raw(WRITE_BYTES):
            yield part
    except FOREIGN as error:
        raise in_our_words(error, response) from None


def _check(path: Path) -> None:
    """Raise BadAnswer unless the file is one whole gzip stream."""
    try:
        with gzip.open(path) as file:
            if not file.read(1):
                raise BadAnswer("The export file is empty.")
            while file.read(WRITE_BYTES):
                pass
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadAnswer(_damaged(error)) from None


def _damaged(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "The export file is cut off."
    return "The export file is damaged or no export at all."


def read_export(export: ExportFile, chunk: int = CHUNK_ROWS) -> Generator[list[ExportRow], None, None]:
    """The rows of a file in lists of up to `chunk`; blank and broken lines are counted in `export` and left out.

    Blocks. Raises BadAnswer for a file that is cut off or damaged.
    """
    decode = msgspec.json.Decoder(ExportRow).decode
    rows: list[ExportRow] = []
    try:
        with gzip.open(export.path) as file:
            for line in file:
                try:
                    rows.append(decode(line))
                except msgspec.DecodeError:
                    if line.strip():
                        export.broken += 1
                    else:
                        export.blank += 1
                    continue
                if len(rows) >= chunk:
                    export.rows += len(rows)
                    yield rows
                    rows = []
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadAnswer(_damaged(error)) from None
    if rows:
        export.rows += len(rows)
        yield rows
