"""Coverage of the mirror: its figures, the certificate, and the scope they are relative to."""

import asyncio
import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands.files import replacing
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.events import CoverageChanged
from gdvg_desktop.core.kinds import Match, MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.store import certificate as certificates
from gdvg_desktop.store import coverage as figures
from gdvg_desktop.store import exports
from gdvg_desktop.store import scope as scopes
from gdvg_desktop.store.coverage import Coverage, IdSets
from gdvg_desktop.store.exports import Refusal
from gdvg_desktop.sync import filters, gap_scope
from gdvg_desktop.sync.enumerate import read_newest

FIELDS = ("type", "id", "state", "reason")
FIRST_YEAR, LAST_YEAR = 1800, 2200


@dataclass(frozen=True, slots=True)
class RuleRequest:
    """A rule of the scope in a user's words: countries, languages and genres as codes, names or ids."""

    type: str = "all"
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    genres: tuple[str, ...] = ()
    match: str = "any"
    min_votes: int = 0


@dataclass(frozen=True, slots=True)
class Certificate:
    """A written certificate: where, how many ids, and the figures they add up to."""

    path: Path
    ids: int
    coverage: Coverage


async def coverage(app: App, *, exact: bool = True) -> Coverage:
    """The figures as they are now; with `exact` off perhaps those of a moment ago, at a small cost while work runs."""
    version = await asyncio.to_thread(app.store.data_version)
    now_s = app.clock.monotonic()
    return await app.store.read(lambda db: app.coverage.figures(db, version, now_s, exact=exact))


async def refusals(app: App) -> list[Refusal]:
    """Exports that were not taken over since the last trusted one of their type, with the reason."""
    return await app.store.read(exports.refusals)


async def read_exports(app: App, *, accept_fall: bool = False) -> None:
    """Fetch the newest export of both types and take it over if it can be trusted; no key is needed.

    With `accept_fall` one with far fewer ids is taken over as well. Raises UnreachableError when there is none and
    none was ever trusted.
    """
    for media_type in MediaType:
        await read_newest(app, media_type, accept_fall=accept_fall)


async def ensure_exports(app: App) -> None:
    """Fetch the export of a type that has never been read, or that of adult titles the scope has come to want."""

    def never_read(db: SqliteDatabase) -> list[MediaType]:
        scope = scopes.load(db)
        return [
            kind
            for kind in MediaType
            if exports.figures(db, kind) is None
            or (scope.wants_adult(kind) and exports.figures(db, kind, adult=True) is None)
        ]

    for media_type in await app.store.read(never_read):
        await read_newest(app, media_type)


async def get_scope(app: App) -> Scope:
    """What the mirror is to hold."""
    return await app.store.read(scopes.load)


async def set_scope(app: App, scope: Scope) -> None:
    """Say what the mirror is to hold. Nothing that is held is deleted; gaps outside of it are forgotten.

    Raises UsageError for a scope of nothing.
    """
    if not scope.everything and not scope.rules:
        raise UsageError("A scope needs a rule.", "Give one, or choose everything.")
    now_ms = to_millis(app.clock.now())

    def write(db: SqliteDatabase) -> bool:
        before = scopes.load(db)
        scopes.save(db, scope, now_ms)
        return before != scope

    if await app.store.write(write):
        await gap_scope.follow(app)
    else:
        app.bus.publish(CoverageChanged())


async def understand_rule(app: App, request: RuleRequest) -> ScopeRule:
    """Check a rule in a user's words. Raises UsageError naming the value and what is accepted."""
    if request.match not in tuple(Match):
        raise UsageError(f"{request.match} is not a way to match genres.", "Use any or all.")
    for year in (request.year_from, request.year_to):
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            raise UsageError(f"{year} is not a year.", f"Use {FIRST_YEAR} to {LAST_YEAR}.")
    if request.year_from is not None and request.year_to is not None and request.year_from > request.year_to:
        raise UsageError(f"The years end ({request.year_to}) before they begin ({request.year_from}).", "Swap them.")
    if request.min_votes < 0:
        raise UsageError(f"{request.min_votes} votes are not possible.", "Use 0 or more.")
    types = filters.parse_types(request.type)
    known = set(await app.reference.language_codes())
    languages = tuple(sorted({one.strip().lower() for one in request.languages}))
    for code in languages:
        if code not in known:
            raise UsageError(f"{code} is not a language TMDb knows.", "Use a two-letter code such as ko, en or ja.")

    def read(countries: Mapping[str, str], genres: Mapping[MediaType, Mapping[int, str]]) -> ScopeRule:
        names, ids = filters.parse_genres(request.genres, types, genres)
        return ScopeRule(
            types=types,
            countries=filters.parse_countries(request.countries, countries),
            languages=languages,
            year_from=request.year_from,
            year_to=request.year_to,
            genres=names,
            genre_ids=ids,
            min_votes=request.min_votes,
            match=Match(request.match) if len(names) > 1 else Match.ANY,
        )

    return await app.reference.understand(read)


async def certificate(app: App, path: Path) -> Certificate:
    """Write the state of every id of the exports to a .csv or .json file, in the place of what is there.

    Raises UsageError for another ending or a folder that is not there, and DiskFull.
    """
    if path.suffix.lower() not in (".csv", ".json"):
        raise UsageError(f"{path.name} is neither a .csv nor a .json file.", "Name the certificate so.")

    def read(db: SqliteDatabase) -> tuple[Scope, Coverage, dict[MediaType, IdSets]]:
        scope = scopes.load(db)
        sets = {media_type: figures.id_sets(db, media_type, scope) for media_type in MediaType}
        return scope, figures.coverage_of(sets), sets

    scope, found, sets = await app.store.read(read)

    def rows() -> Iterator[dict[str, Any]]:
        for media_type in MediaType:
            for row in certificates.rows(app.store.read_now, media_type, sets[media_type]):
                yield dict(zip(FIELDS, (row.media_type.value, row.tmdb_id, row.state.value, row.reason), strict=True))

    write = _write_csv if path.suffix.lower() == ".csv" else _write_json
    head = {"scope": scope.words} | as_json(found)
    return Certificate(path, await asyncio.to_thread(write, path, head, rows()), found)


def as_json(found: Coverage) -> dict[str, Any]:
    """The figures as `gdvg coverage --json` gives them."""
    return {
        "export_date": found.export_date.isoformat() if found.export_date else None,
        **{
            kind.value: {name: value for name, value in asdict(one).items() if name != "export_date"}
            for kind, one in ((MediaType.MOVIE, found.movie), (MediaType.TV, found.tv))
        },
    }


def _write_csv(path: Path, head: dict[str, Any], rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    with replacing(path) as file:
        table = csv.DictWriter(file, FIELDS, lineterminator="\n")
        table.writeheader()
        for count, row in enumerate(rows, 1):  # noqa: B007 (the count is what remains)
            table.writerow(row)
    return count


def _write_json(path: Path, head: dict[str, Any], rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    with replacing(path) as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "ids": [')
        for count, row in enumerate(rows, 1):
            file.write(("\n" if count == 1 else ",\n") + json.dumps(row, ensure_ascii=False))
        file.write("\n]}\n")
    return count
