"""Gaps: their figures, what they are and why, the analysis that finds them and the job that fills them."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands.queueing import queue
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.events import GapsChanged
from gdvg_desktop.core.kinds import GapKind, GapStatus, JobKind, MediaType, Origin
from gdvg_desktop.gaps import explain as explaining
from gdvg_desktop.gaps import months as month_figures
from gdvg_desktop.gaps import runs as id_runs
from gdvg_desktop.gaps.explain import Line
from gdvg_desktop.gaps.months import MonthCell, MonthDetail, MonthMap
from gdvg_desktop.gaps.runs import IdRun
from gdvg_desktop.store import counts, jobs
from gdvg_desktop.store import gaps as registry
from gdvg_desktop.store.gaps import Gap, GapFilter
from gdvg_desktop.store.titles import title_id_of
from gdvg_desktop.sync.gap_orders import ALL_KINDS, FillOrder

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

__all__ = [
    "Explanation",
    "FillRequest",
    "Gap",
    "GapFilter",
    "GapSummary",
    "IdRun",
    "KindSummary",
    "Line",
    "MonthCell",
    "MonthDetail",
    "MonthMap",
]

TOP = 10
BOTH = tuple(MediaType)


@dataclass(frozen=True, slots=True)
class KindSummary:
    """How many gaps of a kind there are, by what is done about them."""

    open: int = 0
    ignored: int = 0
    gave_up: int = 0


@dataclass(frozen=True, slots=True)
class GapSummary:
    """The figures of the gaps screen.

    `total` counts open rows of all kinds; `missing_titles` and `incomplete_titles` count titles, each once.
    `analysed_at` (unix ms), `export_date` (YYYY-MM-DD) and `unavailable` (held titles that lack a field TMDb lacks as
    well) are those of the last analysis, None while the scope has had none. `months_below` are the release months short
    of what discover lists, as far as they are open gaps; None without an analysis. `top` are the best open rows.
    """

    by_kind: dict[GapKind, KindSummary]
    missing_titles: int
    incomplete_titles: int
    total: int
    analysed_at: int | None
    export_date: str | None
    popular_threshold: float
    popular_top: int
    months_below: int | None
    unavailable: int | None
    top: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class FillRequest:
    """What to fill: the best open gaps of these kinds and types, or a month, or rows by key, or titles by name.

    `titles` are written movie/603 or tv/1399; `keys` are those of `Gap.key`; `month` is YYYY-MM. All empty = every
    open gap that is due.
    """

    kinds: tuple[GapKind, ...] = ALL_KINDS
    types: tuple[MediaType, ...] = BOTH
    keys: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()
    month: str | None = None
    min_score: float = 0.0
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a title is a gap, or is none."""

    media_type: MediaType
    tmdb_id: int
    name: str | None
    gaps: tuple[Gap, ...]
    lines: tuple[Line, ...]


# ---------------------------------------------------------------------------------------------------- reading


async def summary(app: App) -> GapSummary:
    """The figures of the gaps screen."""

    def read(db: SqliteDatabase) -> GapSummary:
        found = registry.counts(db)
        by_kind = {kind: KindSummary(**{one.value: found.get((kind, one), 0) for one in GapStatus}) for kind in GapKind}
        missing, incomplete = registry.open_titles(db)
        fact = counts.fact(db, month_figures.ANALYSIS_FACT)
        last: dict[str, Any] = json.loads(fact.value) if fact else {}
        return GapSummary(
            by_kind=by_kind,
            missing_titles=missing,
            incomplete_titles=incomplete,
            total=sum(one.open for one in by_kind.values()),
            analysed_at=fact.at if fact else None,
            export_date=last.get("export_date"),
            popular_threshold=app.settings.popular_threshold,
            popular_top=app.settings.popular_top,
            months_below=registry.short_months(db) if fact else None,
            unavailable=last.get("unavailable"),
            top=tuple(registry.rows(db, registry.keys(db, GapFilter(), TOP))),
        )

    return await app.store.read(read)


async def gap_ids(
    app: App, chosen: GapFilter, limit: int | None = None, *, order: str = "score", falling: bool = True
) -> "NDArray[numpy.int64]":
    """The keys of the rows a filter lists, best score first or in another of the registry's orders."""
    return await app.store.read(lambda db: registry.keys(db, chosen, limit, order=order, falling=falling))


async def rows(app: App, keys: Iterable[int]) -> list[Gap]:
    """Rows by key, in that order; those gone meanwhile are left out."""
    wanted = list(keys)
    return await app.store.read(lambda db: registry.rows(db, wanted))


async def listing(app: App, chosen: GapFilter, limit: int) -> list[Gap]:
    """The best rows of a filter."""
    return await app.store.read(lambda db: registry.rows(db, registry.keys(db, chosen, limit)))


async def page(app: App, chosen: GapFilter, limit: int, after: tuple[float, int] | None = None) -> list[Gap]:
    """The best rows of a filter, those behind the (score, key) of the last row of the page before."""
    return await app.store.read(lambda db: registry.page(db, chosen, limit, after))


async def runs(app: App, media_type: MediaType, limit: int = id_runs.LONGEST) -> list[IdRun]:
    """Missing ids of a type as runs of neighbours, the longest first."""
    return await app.store.read(lambda db: id_runs.longest(db, media_type, limit))


async def months(app: App, types: Sequence[MediaType] = BOTH) -> MonthMap:
    """Release months as discover lists them, beside what the library has of each."""
    return await app.store.read(lambda db: month_figures.month_map(db, types))


async def month_detail(app: App, year: int, month: int, types: Sequence[MediaType] = BOTH) -> MonthDetail:
    """One release month in detail."""
    rate = app.client.status().pacer.rate
    now_ms = to_millis(app.clock.now())
    return await app.store.read(
        lambda db: month_figures.month_detail(db, f"{year:04d}-{month:02d}", types, now_ms, rate)
    )


async def explain(app: App, media_type: MediaType, tmdb_id: int, kind: GapKind | None = None) -> Explanation:
    """Everything that is known of why a title is, or is not, a gap."""

    def read(db: SqliteDatabase) -> Explanation:
        title_id = title_id_of(media_type, tmdb_id)
        found = tuple(one for one in registry.of_title(db, title_id) if kind in (None, one.kind))
        held = db.execute_sql("SELECT title FROM title WHERE id = ?", (title_id,)).fetchone()
        name = held[0] if held else next((one.name for one in found if one.name), None)
        lines = explaining.evidence(db, media_type, tmdb_id, kind)
        return Explanation(media_type, tmdb_id, name, found, tuple(lines))

    return await app.store.read(read)


# --------------------------------------------------------------------------------------------------- steering


async def analyze(app: App, *, origin: Origin = Origin.USER) -> tuple[jobs.Job, bool]:
    """Queue an analysis. Returns the job and whether it is new."""
    return await queue(app, JobKind.ANALYZE, "Gap analysis", {}, origin)


async def fill(app: App, request: FillRequest, *, origin: Origin = Origin.USER) -> tuple[jobs.Job, bool]:
    """Queue a job that fetches what the gaps name, best score first. Raises UsageError for what cannot be filled."""
    check_month(request.month)
    if request.limit is not None and request.limit < 1:
        raise UsageError(f"A limit of {request.limit} is not accepted.", "Use 1 or more, or leave it out.")
    named = {title_id_of(*parse_title(text)) for text in request.titles}
    named |= {registry.of_key(int(key))[0] for key in request.keys}
    order = FillOrder(
        kinds=request.kinds,
        types=request.types,
        titles=tuple(sorted(named)),
        month=request.month,
        min_score=request.min_score,
        limit=request.limit,
    )
    return await queue(app, JobKind.FILL, fill_name(order), order.to_config(), origin)


async def ignore(app: App, keys: Iterable[int]) -> int:
    """These gaps are not to be filled; returns how many changed."""
    wanted = list(keys)
    changed = await app.store.write(lambda db: registry.ignore(db, wanted))
    app.bus.publish(GapsChanged())
    return changed


async def unignore(app: App, keys: Iterable[int]) -> int:
    """Ignored gaps and those given up are to be filled again; returns how many changed."""
    wanted = list(keys)
    changed = await app.store.write(lambda db: registry.unignore(db, wanted))
    app.bus.publish(GapsChanged())
    return changed


async def keys_of(app: App, titles: Iterable[str]) -> list[int]:
    """The rows of titles written movie/603 or tv/1399. Raises UsageError for a title that has none."""
    wanted = [(text, title_id_of(*parse_title(text))) for text in titles]

    def read(db: SqliteDatabase) -> list[int]:
        found: list[int] = []
        for text, title_id in wanted:
            of_title = registry.of_title(db, title_id)
            if not of_title:
                raise UsageError(f"{text} has no gap.", "Gaps are listed by: gdvg gaps list.")
            found += [one.key for one in of_title]
        return found

    return await app.store.read(read)


def check_month(text: str | None) -> None:
    """Raises UsageError for what is no release month such as 2003-03; None is every month."""
    if text is not None and not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
        raise UsageError(f"{text} is not a month.", "Write a month as 2003-03.")


def parse_title(text: str) -> tuple[MediaType, int]:
    """`movie/603` or `tv/1399`. Raises UsageError."""
    kind, _, number = text.strip().partition("/")
    if kind not in ("movie", "tv") or not (number.isascii() and number.isdigit()) or not 0 < int(number) < 2**31:
        raise UsageError(f"{text} is not a title.", "Write a title as movie/603 or tv/1399.")
    return MediaType(kind), int(number)


def fill_name(order: FillOrder) -> str:
    """What a fill job is called: "Fill gaps", "Fill popularity gaps", "Fill March 2003", "Fill 4 titles"."""
    if order.titles:
        return f"Fill {len(order.titles):,} title{'s' if len(order.titles) > 1 else ''}"
    if order.month:
        year, month = order.month.split("-")
        return f"Fill {MONTHS[int(month) - 1]} {year}"
    if len(order.kinds) == 1:
        return f"Fill {order.kinds[0].value} gaps"
    return "Fill gaps"


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
