"""Enumerating the catalogue: TMDb's newest daily export is fetched, checked and, if it is to be trusted, taken over.

Not trusted is an export that is not there, cannot be fetched or read, holds nothing, or has over 5 % fewer rows than
the one trusted last. Then what was trusted last stays the basis of everything, the reason is kept, and nothing is
ever deleted on its account. A fall can be real: a user may accept it.
"""

import asyncio
import logging
from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Protocol

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import Clock, to_millis, utc_day
from gdvg_desktop.core.events import Bus, CoverageChanged
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import exports
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.exports import ExportFigures, ExportSet
from gdvg_desktop.tmdb.export_rows import Damaged, ExportIds, read_ids
from gdvg_desktop.tmdb.exports import EXPORT_NAMES, ExportFile, ExportReader, Known, NoExport

log = logging.getLogger(__name__)

MOST_FALL = 0.05  # of the rows trusted last
MOST_BROKEN = 0.05  # of the lines of a file


class HasExports(Protocol):
    """What is needed to read an export; both `App` and `Tools` have it."""

    @property
    def store(self) -> Store: ...
    @property
    def exports(self) -> ExportReader: ...
    @property
    def bus(self) -> Bus: ...
    @property
    def clock(self) -> Clock: ...


@dataclass(frozen=True, slots=True)
class ExportTools:
    """Just what is needed to read an export, for those who hold the parts one by one."""

    store: Store
    exports: ExportReader
    bus: Bus
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Untrusted:
    code: str
    reason: str
    day: date
    rows: int | None = None
    etag: str | None = None  # of a file that was read to its end


async def read_newest(tools: HasExports, media_type: MediaType, *, accept_fall: bool = False) -> ExportSet:
    """The export everything is to be based on: the newest one when it can be trusted, else the one trusted last.

    A file that is stored already is not downloaded again. With `accept_fall` a file with far fewer rows is taken over.
    Raises UnreachableError with the reason when no export was ever trusted, and DiskFull.
    """
    known = await tools.store.read(lambda db: exports.figures(db, media_type))
    refused = await _bring_up(tools, media_type, known, accept_fall)
    found = await tools.store.read(lambda db: exports.newest(db, media_type))
    if found is None:
        assert refused is not None, "an export that is not refused is stored"
        raise NoExport(refused.code, refused.reason, "Try again later.")
    return found


async def _bring_up(
    tools: HasExports, media_type: MediaType, known: ExportFigures | None, accept_fall: bool
) -> _Untrusted | None:
    """Take the newest export over that can be trusted; what kept the newest of all from it is stored and returned."""
    stamp = Known(known.date, known.etag, known.length) if known is not None else None
    newest: _Untrusted | None = None
    before: date | None = None
    spurned, said = await tools.store.read(lambda db: _spurned(db, media_type))
    if accept_fall:
        spurned = {}
    while True:
        try:
            file = await tools.exports.newest(EXPORT_NAMES[media_type], stamp, before, spurned)
        except NoExport as trouble:
            if trouble.code == "spurned" and trouble.day is not None:  # the very file that was refused before
                newest = newest or said[trouble.day]
                before = trouble.day
                continue
            if trouble.code == "missing" and newest is not None:
                return newest  # a newer one was there and is named already
            refused = _Untrusted(trouble.code, trouble.message, trouble.day or utc_day(tools.clock.now()))
        else:
            if file is None:
                assert known is not None, "only what is known can be unchanged"
                await tools.store.write(partial(exports.settle, media_type=media_type, day=known.date))
                return newest
            found = await _read(tools, media_type, file, known, accept_fall)
            if found is None:
                return newest
            refused = found
        await _refuse(tools, media_type, refused, known)
        newest = newest or refused
        if refused.code in ("missing", "unreachable"):
            return newest
        before = refused.day  # an older one may be in order, and newer still than what is known


def _spurned(db: SqliteDatabase, media_type: MediaType) -> tuple[dict[date, str], dict[date, _Untrusted]]:
    """Files that were read and refused: their ETags, and what was said of them."""
    found = exports.spurned(db, media_type)
    rows = [one for one in exports.refusals(db) if one.media_type is media_type and one.date in found]
    return found, {one.date: _Untrusted(one.code, one.reason, one.date, one.rows) for one in rows}


async def _read(
    tools: HasExports, media_type: MediaType, file: ExportFile, known: ExportFigures | None, accept_fall: bool
) -> _Untrusted | None:
    """Read a downloaded file and take it over, or say why not."""
    refused: _Untrusted | None = None
    keep = False
    try:
        rows = await asyncio.to_thread(read_ids, file.path)
        refused = _distrust(file, rows, known, accept_fall)
        if refused is None:
            await _take_over(tools, media_type, file, rows)
            keep = True
        else:
            refused = replace(refused, etag=file.etag)
    except Damaged as trouble:
        refused = _Untrusted(trouble.code, trouble.message, file.date)
    finally:
        await tools.exports.done_with(file, keep=keep)
    return refused


def _distrust(file: ExportFile, rows: ExportIds, known: ExportFigures | None, accept_fall: bool) -> _Untrusted | None:
    """Why a file that was read to its end is not to be trusted."""
    count = len(rows.ids)
    day = f"{file.date:%Y-%m-%d}"
    if not count:
        return _Untrusted("empty", f"The export of {day} names no title.", file.date, 0)
    if rows.broken > MOST_BROKEN * (count + rows.broken):
        text = f"{rows.broken:,} of {count + rows.broken:,} lines of the export of {day} cannot be read."
        return _Untrusted("damaged", text, file.date, count)
    if known is not None and not accept_fall and count < (1 - MOST_FALL) * known.rows:
        fall = f"{count:,} ids, {1 - count / known.rows:.1%} fewer than the {known.rows:,} of {known.date:%Y-%m-%d}"
        return _Untrusted("fell", f"The export of {day} names {fall}.", file.date, count)
    return None


async def _take_over(tools: HasExports, media_type: MediaType, file: ExportFile, rows: ExportIds) -> None:
    now_ms = to_millis(tools.clock.now())

    def write(db: SqliteDatabase) -> None:
        exports.put(
            db,
            media_type,
            day=file.date,
            ids=rows.ids,
            popularity=rows.popularity,
            video=rows.video,
            adult=rows.adult,
            blank=rows.blank,
            broken=rows.broken,
            etag=file.etag,
            length=file.length,
            now_ms=now_ms,
        )

    await tools.store.write(write)
    log.info(
        "Export of %s of %s taken over: %d ids, %d blank and %d broken lines.",
        media_type.value,
        file.date,
        len(rows.ids),
        rows.blank,
        rows.broken,
    )
    tools.bus.publish(CoverageChanged())


async def _refuse(tools: HasExports, media_type: MediaType, refused: _Untrusted, known: ExportFigures | None) -> None:
    basis = f"The one of {known.date:%Y-%m-%d} stays the basis." if known else "There is none to fall back on."
    log.warning("The export of %s was not taken over. %s %s", media_type.value, refused.reason, basis)
    now_ms = to_millis(tools.clock.now())
    await tools.store.write(
        lambda db: exports.refuse(
            db, media_type, refused.day, refused.code, refused.reason, refused.rows, now_ms, refused.etag
        )
    )
    tools.bus.publish(CoverageChanged())


async def names_of(tools: HasExports, media_type: MediaType, ids: Set[int]) -> dict[int, str]:
    """Original titles of some ids out of the newest trusted export; {} when its file is gone."""
    known = await tools.store.read(lambda db: exports.figures(db, media_type))
    if known is None or not ids:
        return {}
    return await asyncio.to_thread(tools.exports.names_of, EXPORT_NAMES[media_type], known.date, ids)
