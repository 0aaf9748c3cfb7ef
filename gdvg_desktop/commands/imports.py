"""Preview and start imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gdvg_desktop.app import App
from gdvg_desktop.commands.queueing import queue
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import Existing, JobKind, Match, MediaType, Origin
from gdvg_desktop.store import jobs
from gdvg_desktop.sync import filters
from gdvg_desktop.sync.filters import ImportFilter
from gdvg_desktop.sync.preview import Preview


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """An import in a user's words: months as 2024-01 or 2024, countries as codes or names, genres as names or ids."""

    type: str = "all"
    countries: tuple[str, ...] = ()
    date_from: str | None = None
    date_to: str | None = None
    genres: tuple[str, ...] = ()
    match: str = "any"
    priority: int = 100
    existing: str = "skip"
    limit: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: country code to name, genre id to name per type, codes of original languages."""

    countries: Mapping[str, str]
    genres: Mapping[MediaType, Mapping[int, str]]
    languages: Sequence[str] = ()


async def choices(app: App) -> Choices:
    """TMDb's countries, genres and languages as known here; costs no request."""
    known = app.reference
    return Choices(await known.countries(), await known.genres(), await known.language_codes())


async def understand(app: App, request: ImportRequest) -> ImportFilter:
    """Check an import in a user's words. Raises UsageError naming the value and what is accepted."""
    if request.match not in tuple(Match):
        raise UsageError(f"{request.match} is not a way to match genres.", "Use any or all.")
    if request.existing not in tuple(Existing):
        raise UsageError(f"{request.existing} is not possible for existing titles.", "Use skip or update.")
    types = filters.parse_types(request.type)
    date_from = filters.parse_month(request.date_from, end=False) if request.date_from else None
    date_to = filters.parse_month(request.date_to, end=True) if request.date_to else None

    def read(countries: Mapping[str, str], genres: Mapping[MediaType, Mapping[int, str]]) -> ImportFilter:
        names, ids = filters.parse_genres(request.genres, types, genres)
        return filters.build_filter(
            types=types,
            countries=filters.parse_countries(request.countries, countries),
            date_from=date_from,
            date_to=date_to,
            genres=names,
            genre_ids=ids,
            match=Match(request.match),
            priority=request.priority,
            existing=Existing(request.existing),
            limit=request.limit,
        )

    filters.build_filter(
        types=types, date_from=date_from, date_to=date_to, priority=request.priority, limit=request.limit
    )  # what needs no lists is refused before TMDb is asked for any
    return await app.reference.understand(read)


async def preview(app: App, request: ImportRequest) -> Preview:
    """What the import would do; writes nothing."""
    return await app.previewer.preview(await understand(app, request))


async def start(app: App, request: ImportRequest, *, origin: Origin = Origin.USER) -> tuple[jobs.Job, bool]:
    """Queue the import. Returns the job and whether it is new: the same unfinished import asked twice is one job.

    An import asked for again that the user had paused goes on.
    """
    chosen = await understand(app, request)
    name = (request.name or "").strip() or default_name(chosen, await app.reference.countries())
    return await queue(app, JobKind.IMPORT, name, chosen.to_config(), origin)


def default_name(chosen: ImportFilter, countries: Mapping[str, str]) -> str:
    """A name from the filter: "TV series · South Korea · Drama · 2024"."""
    return " · ".join(part for part in (type_words(chosen), *scope_words(chosen, countries)) if part)


def type_words(chosen: ImportFilter) -> str:
    """Movies, TV series, or both."""
    words: dict[tuple[MediaType, ...], str] = {(MediaType.MOVIE,): "Movies", (MediaType.TV,): "TV series"}
    return words.get(chosen.types, "Movies and TV series")


def scope_words(chosen: ImportFilter, countries: Mapping[str, str]) -> list[str]:
    """The filter in short words, without the type: countries, genres, period."""
    parts = [
        _few([countries.get(code, code) for code in chosen.countries], "countries"),
        _few(list(chosen.genres), "genres"),
        _period(chosen),
    ]
    return [part for part in parts if part]


def _few(words: list[str], what: str) -> str:
    return ", ".join(words) if len(words) <= 3 else f"{', '.join(words[:2])} and {len(words) - 2} more {what}"


def _period(chosen: ImportFilter) -> str:
    first, last = chosen.date_from, chosen.date_to
    if first is None and last is None:
        return "everything" if chosen.is_everything else "any date"
    if first and last and first.year == last.year and (first.month, last.month) == (1, 12):
        return str(first.year)
    return (
        f"{first:%Y-%m} to {last:%Y-%m}" if first and last else f"from {first:%Y-%m}" if first else f"to {last:%Y-%m}"
    )
