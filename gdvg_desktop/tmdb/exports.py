"""The daily id exports: every id TMDb has, one gzipped file a type and day, no key needed and none ever sent.

The newest file of the last seven days is fetched whole into a folder and checked (TMDB.md 5); one that is held already
is not fetched again. How it is read says `export_rows`; whether it is trusted is for others to say. Of each type the
file trusted last is kept, because titles that are missing have their names nowhere else.
"""

import asyncio
import contextlib
import errno
import itertools
import logging
import math
import os
import re
import time
from collections.abc import AsyncIterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

import httpx

from gdvg_desktop.core.clock import Clock, utc_day
from gdvg_desktop.core.errors import (
    BadAnswer,
    ConnectionTrouble,
    CredentialError,
    DiskFull,
    RateLimited,
    RequestError,
    StorageError,
    UnreachableError,
)
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.tmdb import export_rows
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
ADULT_EXPORT_NAMES = {kind: f"adult_{name}" for kind, name in EXPORT_NAMES.items()}  # none of these is in the others
DAYS_BACK = 7
DAMAGED_TRIES = 3  # a file that came whole and is bad stays so, unless the server was just replacing it
UNREACHABLE_TRIES = 4  # without a network nothing comes of more, and whoever waits for the file wants to be told
WRITE_BYTES = 1 << 20
_KEPT = re.compile(r"[a-z_]+_\d\d_\d\d_\d{4}\.json\.gz")
LEFT_S = 86_400.0  # a file nobody has deleted for a day belongs to a reader that was killed
NOT_THERE = (403, 404)  # the file store answers 403 for a missing file
DOWNLOAD_S = 1_800.0  # for 28 MB on a slow line; a stalled line is noticed by `timeout_s`


class NoExport(UnreachableError):
    """There is no export to be had. `code` is missing, unreachable, empty, cut_off or damaged; `day` the file's day."""

    def __init__(self, code: str, message: str, hint: str = "", day: date | None = None) -> None:
        super().__init__(message, hint)
        self.code = code
        self.day = day


@dataclass(frozen=True, slots=True)
class Known:
    """The export that is held already: its day and what the server said of it then (None: nothing)."""

    date: date
    etag: str | None
    length: int | None


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A downloaded export of one UTC day. `etag` and `length` (bytes) are what the server said of it."""

    name: str
    date: date
    path: Path
    etag: str | None = None
    length: int | None = None


class _Unchanged(Exception):
    """The server has the very file that is held."""


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

    async def newest(
        self,
        name: str,
        known: Known | None = None,
        before: date | None = None,
        spurned: Mapping[date, str] = MappingProxyType({}),
    ) -> ExportFile | None:
        """The newest file of the last 7 days, downloaded and whole; None when it is the `known` one.

        With `before` only days before that one are looked at. `spurned` are the ETags of files that were read and not
        trusted: such a file is not downloaded again, but NoExport raised with the code "spurned" and its day.

        The caller gives it back to `done_with`. A file of the same day whose ETag or length differs is another file,
        and so is one of a server that sends no ETag. Files older than the known one are of no use. Raises NoExport
        when there is none or it cannot be fetched after `max_attempts` tries, and DiskFull.
        """
        today = utc_day(self._clock.now())
        own = f"{os.getpid()}-{next(self._downloads)}"  # two jobs, or another process, may read the same export
        await asyncio.to_thread(self._sweep)
        if known is not None and not self._kept(name, known.date).exists():
            known = Known(known.date, None, None)  # somebody deleted the file, and with it the names: fetch it again
        tls = await asyncio.to_thread(httpx.create_ssl_context)
        transport = self._open_transport(self._settings, self._base, tls)
        try:
            for back in range(DAYS_BACK + 1):
                day = today - timedelta(days=back)
                if known is not None and day < known.date:
                    break
                if before is not None and day >= before:
                    continue
                export = ExportFile(name, day, self._folder / f"{name}_{day:%m_%d_%Y}.{own}.json.gz")
                had = known if known is not None and known.date == day else None
                if had is None and day in spurned:
                    had = Known(day, spurned[day], None)
                try:
                    found = await self._fetched(transport, export, had)
                except _Unchanged:
                    if had is known:
                        return None
                    raise NoExport("spurned", "The export was read before and not trusted.", day=day) from None
                if found is not None:
                    return found
        finally:
            await transport.aclose()
        if known is not None:
            text = f"TMDb offers no daily export {name} of {known.date}, the one held here, or later."
            raise NoExport("missing", text, "Try again later.")
        raise NoExport(
            "missing",
            f"TMDb offers no daily export {name} for the last {DAYS_BACK} days.",
            "Try again later, or give the import a period: it is then listed without the export.",
        )

    async def done_with(self, export: ExportFile, *, keep: bool) -> None:
        """Delete a downloaded file, or keep it in the place of the one kept before."""
        await asyncio.to_thread(self._keep if keep else _delete, export)

    def names_of(self, name: str, day: date, ids: Set[int]) -> dict[int, str]:
        """Original titles of some ids from the kept file of a day; {} without it. Blocks."""
        try:
            return export_rows.names_of(self._kept(name, day), ids)
        except (OSError, BadAnswer) as error:
            log.warning("The kept export %s of %s cannot be read: %s", name, day, error)
            return {}

    def _kept(self, name: str, day: date) -> Path:
        return self._folder / f"{name}_{day:%m_%d_%Y}.json.gz"

    def _keep(self, export: ExportFile) -> None:
        kept = self._kept(export.name, export.date)
        try:
            export.path.replace(kept)
        except OSError as error:  # Windows, while another process reads the old one: the names stay yesterday's
            log.info("%s is not kept: %s", export.path, error)
            _delete(export)
            return
        for other in self._folder.glob(f"{export.name}_*.json.gz"):
            if _KEPT.fullmatch(other.name) and other != kept:
                with contextlib.suppress(OSError):
                    other.unlink()

    def _sweep(self) -> None:
        """Delete what a reader that was killed has left."""
        oldest = time.time() - LEFT_S  # the machine's own time, as file dates are
        for left in self._folder.glob("*_ids_*"):
            if _KEPT.fullmatch(left.name):
                continue
            with contextlib.suppress(OSError):
                if left.lstat().st_mtime < oldest:
                    left.unlink()

    async def _fetched(
        self, transport: httpx.AsyncBaseTransport, export: ExportFile, known: Known | None
    ) -> ExportFile | None:
        """Download one day's file; None when that day has none. Raises _Unchanged when it is the known one."""
        failures, most = 0, self._settings.max_attempts
        while True:
            try:
                return await self._download(transport, export, known)
            except RateLimited as error:
                await self._clock.sleep(min(max(error.retry_after_s or 0.0, 1.0), LONGEST_COOL_DOWN_S))
                continue
            except RequestError as error:
                failures += 1
                log.info("%s failed (%d): %s", export.path.name, failures, error.message)
                if failures >= min(_tries(error), most):
                    raise NoExport(
                        error.code if isinstance(error, export_rows.Damaged) else "unreachable",
                        f"TMDb's daily export could not be fetched: {error.message}",
                        error.hint or "Check the network and try again.",
                        export.date,
                    ) from None
            await self._clock.sleep(back_off(failures))

    async def _download(
        self, transport: httpx.AsyncBaseTransport, export: ExportFile, known: Known | None
    ) -> ExportFile | None:
        partial = export.path.with_suffix(".part")
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
            async with asyncio.timeout(DOWNLOAD_S):
                file_name = f"{export.name}_{export.date:%m_%d_%Y}.json.gz"
                headers = await self._stream(transport, file_name, partial, known)
                if headers is None:
                    return None
            await asyncio.to_thread(export_rows.check, partial)
            await asyncio.to_thread(partial.replace, export.path)
        except TimeoutError:
            raise ConnectionTrouble("The download took too long.") from None
        except OSError as error:  # what goes wrong on the wire has words of its own by now
            raise _no_room(error, self._folder) from None
        finally:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(partial.unlink, missing_ok=True)
        return replace(export, etag=headers.get("etag"), length=_length(headers))

    async def _stream(
        self, transport: httpx.AsyncBaseTransport, file_name: str, partial: Path, known: Known | None
    ) -> httpx.Headers | None:
        """Write one file and return the headers it came with; None when the server has no such file."""
        wanted = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        if known is not None and known.etag:
            wanted["If-None-Match"] = known.etag
        request = httpx.Request(
            "GET",
            f"{self._base}/{file_name}",
            headers=wanted,
            extensions={"timeout": timeouts(self._settings.timeout_s)},
        )
        try:
            response = await transport.handle_async_request(request)
        except FOREIGN as error:
            raise in_our_words(error) from None  # no key was sent, so its context holds none
        try:
            if response.status_code in NOT_THERE:
                return None
            if known is not None and _is_known(response, known):
                raise _Unchanged
            if response.status_code != httpx.codes.OK:
                await self._refuse(response)
            await _write(response, partial)
        finally:
            await let_go(response)
        return response.headers

    async def _refuse(self, response: httpx.Response) -> None:
        """Raise what an answer that is no file means."""
        kind = response.headers.get("content-type", "").split(";", 1)[0].strip().lower()
        answer = Answer(response.status_code, kind, response.headers.get("retry-after"), await response.aread())
        with contextlib.suppress(CredentialError):  # no key is sent, so none was refused
            usable_body(answer, self._clock.now())
        raise BadAnswer(f"The answer is no file ({answer.status}).")


def _tries(error: RequestError) -> float:
    """How often a download that fails like this is worth trying."""
    if isinstance(error, export_rows.Damaged):
        return DAMAGED_TRIES
    return UNREACHABLE_TRIES if isinstance(error, ConnectionTrouble) else math.inf


async def _write(response: httpx.Response, path: Path) -> None:
    await asyncio.to_thread(path.write_bytes, b"")
    async for part in _parts(response):
        await asyncio.to_thread(_append, path, part)


def _append(path: Path, part: bytes) -> None:
    """Add to a file that is there: a download that was cancelled meanwhile does not come back to life."""
    with path.open("r+b") as file:  # for each part, so that no cancelling leaves it open
        file.seek(0, os.SEEK_END)
        file.write(part)


def _no_room(error: OSError, folder: Path) -> StorageError:
    """What a folder that does not take the file means for the user."""
    if error.errno == errno.ENOSPC:
        return DiskFull(f"The disk is full: {folder} has no room for the export file.", "Free some space.")
    return StorageError(
        f"The export file cannot be written to {folder}: {error.strerror}.", "Check the folder's permissions."
    )


async def _parts(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for part in response.aiter_raw(WRITE_BYTES):
            yield part
    except FOREIGN as error:
        raise in_our_words(error, response) from None


def _is_known(response: httpx.Response, known: Known) -> bool:
    """Whether an answer is the file that is held: 304, or the same ETag and length from a server that sends it all."""
    if not known.etag:
        return False
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return True
    return (
        response.status_code == httpx.codes.OK
        and response.headers.get("etag") == known.etag
        and _length(response.headers) == known.length
    )


def _length(headers: httpx.Headers) -> int | None:
    said = headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else None


def _delete(export: ExportFile) -> None:
    export.path.unlink(missing_ok=True)
