"""Enumerating the catalogue: TMDb's newest daily export is fetched, checked and, if it is to be trusted, taken over.

Not trusted is an export that is not there, cannot be fetched or read, holds nothing, or has over 5 % fewer rows than
the one trusted last. Then what was trusted last stays the basis of everything, the reason is kept, and nothing is
ever deleted on its account. A fall can be real: a user may accept it.

Adult titles have a file of their own, which is read while the scope wants them and judged in the same way.
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
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.exports import ExportFigures, ExportSet
from gdvg_desktop.tmdb.export_rows import Damaged, ExportIds, read_ids
from gdvg_desktop.tmdb.exports import ADULT_EXPORT_NAMES, EXPORT_NAMES, ExportFile, ExportReader, Known, NoExport

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
    Raises UnreachableError with the reason when no export was ever trusted, and DiskFull. Without a file of the adult
    titles the rest is returned: that they are not known is for `store.coverage` to say.
    """
    refused = await _File(tools, media_type, adult=False).bring_up(accept_fall)
    if await tools.store.read(lambda db: scopes.load(db).wants_adult(media_type)):
        await _File(tools, media_type, adult=True).bring_up(accept_fall)
    found = await tools.store.read(lambda db: exports.newest(db, media_type))
    if found is None:
        assert refused is not None, "an export that is not refused is stored"
        raise NoExport(refused.code, refused.reason, "Try again later.")
    return found


class _File:
    """One file of a type: the standard one, or that of the adult titles."""

    def __init__(self, tools: HasExports, media_type: MediaType, *, adult: bool) -> None:
        self._tools = tools
        self._type = media_type
        self._adult = adult
        self._name = (ADULT_EXPORT_NAMES if adult else EXPORT_NAMES)[media_type]
        self._words = "adult export" if adult else "export"

    async def bring_up(self, accept_fall: bool) -> _Untrusted | None:
        """Take the newest file over that can be trusted; what kept the newest of all from it is stored and returned."""
        tools, media_type, adult = self._tools, self._type, self._adult
        known = await tools.store.read(lambda db: exports.figures(db, media_type, adult=adult))
        stamp = Known(known.date, known.etag, known.length) if known is not None else None
        newest: _Untrusted | None = None
        before: date | None = None
        refused_before = await tools.store.read(lambda db: exports.spurned(db, media_type, adult=adult))
        spurned = {} if accept_fall else {day: etag for day, (etag, _) in refused_before.items()}
        while True:
            try:
                file = await tools.exports.newest(self._name, stamp, before, spurned)
            except NoExport as trouble:
                if trouble.code == "spurned" and trouble.day is not None:  # the very file that was refused before
                    said = refused_before[trouble.day][1]
                    newest = newest or _Untrusted(said.code, said.reason, said.date, said.rows)
                    before = trouble.day
                    continue
                if trouble.code == "missing" and newest is not None:
                    return newest  # a newer one was there and is named already
                refused = _Untrusted(trouble.code, trouble.message, trouble.day or utc_day(tools.clock.now()))
            else:
                if file is None:
                    assert known is not None, "only what is known can be unchanged"
                    settle = partial(exports.settle, media_type=media_type, day=known.date, adult=adult)
                    await tools.store.write(settle)
                    return newest
                found = await self._read(file, known, accept_fall)
                if found is None:
                    return newest
                refused = found
            await self._refuse(refused, known)
            newest = newest or refused
            if refused.code in ("missing", "unreachable"):
                return newest
            before = refused.day  # an older one may be in order, and newer still than what is known

    async def _read(self, file: ExportFile, known: ExportFigures | None, accept_fall: bool) -> _Untrusted | None:
        """Read a downloaded file and take it over, or say why not."""
        refused: _Untrusted | None = None
        keep = False
        try:
            rows = await asyncio.to_thread(read_ids, file.path)
            refused = self._distrust(file, rows, known, accept_fall)
            if refused is None:
                await self._take_over(file, rows)
                keep = True
            else:
                refused = replace(refused, etag=file.etag)
        except Damaged as trouble:
            refused = _Untrusted(trouble.code, trouble.message, file.date)
        finally:
            await self._tools.exports.done_with(file, keep=keep)
        return refused

    def _distrust(
        self, file: ExportFile, rows: ExportIds, known: ExportFigures | None, accept_fall: bool
    ) -> _Untrusted | None:
        """Why a file that was read to its end is not to be trusted."""
        count = len(rows.ids)
        what = f"The {self._words} of {file.date:%Y-%m-%d}"
        if not count and (not self._adult or (known is not None and known.rows)):  # there may be no adult title
            return _Untrusted("empty", f"{what} names no title.", file.date, 0)
        if rows.broken > max(1, MOST_BROKEN * (count + rows.broken)):  # one line says nothing of a file of ten
            text = f"{rows.broken:,} of {count + rows.broken:,} lines of {what[0].lower()}{what[1:]} cannot be read."
            return _Untrusted("damaged", text, file.date, count)
        if known is not None and not accept_fall and count < (1 - MOST_FALL) * known.rows:
            fall = f"{count:,} ids, {1 - count / known.rows:.1%} fewer than the {known.rows:,} of {known.date:%Y-%m-%d}"
            return _Untrusted("fell", f"{what} names {fall}.", file.date, count)
        return None

    async def _take_over(self, file: ExportFile, rows: ExportIds) -> None:
        tools, media_type = self._tools, self._type
        now_ms = to_millis(tools.clock.now())

        def write(db: SqliteDatabase) -> None:
            exports.put(
                db,
                media_type,
                is_adult=self._adult,
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
            "Export %s of %s taken over: %d ids, %d blank and %d broken lines.",
            self._name,
            file.date,
            len(rows.ids),
            rows.blank,
            rows.broken,
        )
        tools.bus.publish(CoverageChanged())

    async def _refuse(self, refused: _Untrusted, known: ExportFigures | None) -> None:
        tools, media_type = self._tools, self._type
        basis = f"The one of {known.date:%Y-%m-%d} stays the basis." if known else "There is none to fall back on."
        log.warning("The export %s was not taken over. %s %s", self._name, refused.reason, basis)
        now_ms = to_millis(tools.clock.now())
        await tools.store.write(
            lambda db: exports.refuse(
                db,
                media_type,
                refused.day,
                refused.code,
                refused.reason,
                refused.rows,
                now_ms,
                refused.etag,
                adult=self._adult,
            )
        )
        tools.bus.publish(CoverageChanged())


async def names_of(tools: HasExports, media_type: MediaType, ids: Set[int]) -> dict[int, str]:
    """Original titles of some ids out of the newest trusted export; {} when its file is gone."""
    names: dict[int, str] = {}
    for adult, name in ((False, EXPORT_NAMES[media_type]), (True, ADULT_EXPORT_NAMES[media_type])):
        known = await tools.store.read(partial(exports.figures, media_type=media_type, adult=adult))
        if known is not None and (left := ids - names.keys()):
            names |= await asyncio.to_thread(tools.exports.names_of, name, known.date, left)
    return names
