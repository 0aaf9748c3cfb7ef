"""discover/movie and discover/tv: typed parameters, each sent once (TMDB.md 2).

Unknown parameters are silently ignored by TMDb, so a misspelt filter would look as if it worked: nothing but the
fields of `DiscoverQuery` is ever sent, and a test holds them against TMDb's own specification.
"""

from dataclasses import dataclass
from datetime import date

from gdvg_desktop.core.kinds import Match, MediaType
from gdvg_desktop.tmdb.requests import Request

_DATE = {MediaType.MOVIE: "primary_release_date", MediaType.TV: "first_air_date"}
_TITLE = {MediaType.MOVIE: "original_title", MediaType.TV: "original_name"}
_LAST_DATE = date(2999, 12, 31)  # later than any title: up to it lies every dated one
_BEYOND_DATES = date(3000, 1, 1)

STABLE_ORDERS: dict[MediaType, tuple[str, ...]] = {
    media_type: (f"{_DATE[media_type]}.asc", f"{_DATE[media_type]}.desc", f"{_TITLE[media_type]}.asc")
    for media_type in MediaType
}
"""Sort orders whose rows do not move by themselves while one pages, unlike popularity: by date both ways, by title."""


@dataclass(frozen=True, slots=True)
class DiscoverQuery:
    """One discover query. Dates and votes are inclusive, None is open.

    `countries` always means any of them; `match` says whether a title needs any or all of `genres`. `undated` says
    whether titles without a date belong to it: with, without or only. TMDb can list undated series beside a date
    filter but no undated movies, so for movies "only" is refused and "with" means no date filter.
    """

    media_type: MediaType
    countries: tuple[str, ...] = ()
    genres: tuple[int, ...] = ()
    match: Match = Match.ANY
    date_from: date | None = None
    date_to: date | None = None
    undated: str = "without"
    original_language: str | None = None
    vote_count_gte: int | None = None
    vote_count_lte: int | None = None
    sort_by: str = "popularity.desc"
    include_adult: bool = False
    include_video: bool = False

    def __post_init__(self) -> None:
        if self.undated not in ("with", "without", "only"):
            raise ValueError(f"undated is with, without or only, not {self.undated}")
        if self.undated == "only" and self.media_type is MediaType.MOVIE:
            raise ValueError("TMDb has no way to list only the movies without a date")
        if self.undated == "with" and self.media_type is MediaType.MOVIE and (self.date_from or self.date_to):
            raise ValueError("any date filter drops the movies without a date")


def discover(query: DiscoverQuery, page: int) -> Request:
    """Page `page` (1 to 500) of a query."""
    params = {"include_adult": _flag(query.include_adult)}
    if query.media_type is MediaType.MOVIE:
        params["include_video"] = _flag(query.include_video)
    params |= _dates(query)
    if query.countries:
        params["with_origin_country"] = "|".join(query.countries)
    if query.genres:
        params["with_genres"] = ("," if query.match is Match.ALL else "|").join(map(str, query.genres))
    if query.original_language is not None:
        params["with_original_language"] = query.original_language
    if query.vote_count_gte is not None:
        params["vote_count.gte"] = str(query.vote_count_gte)
    if query.vote_count_lte is not None:
        params["vote_count.lte"] = str(query.vote_count_lte)
    params["sort_by"] = query.sort_by
    params["page"] = str(page)
    return Request(f"/discover/{query.media_type.value}", params, "discover")


def _dates(query: DiscoverQuery) -> dict[str, str]:
    name = _DATE[query.media_type]
    if query.undated == "only":
        return {f"{name}.gte": _BEYOND_DATES.isoformat(), "include_null_first_air_dates": "true"}
    params = {}
    if query.date_from is not None:
        params[f"{name}.gte"] = query.date_from.isoformat()
    if query.date_to is not None:
        params[f"{name}.lte"] = query.date_to.isoformat()
    if query.undated == "without" and not params:
        params[f"{name}.lte"] = _LAST_DATE.isoformat()  # a date filter that keeps every title that has a date
    if query.undated == "with" and params:
        params["include_null_first_air_dates"] = "true"
    return params


def _flag(value: bool) -> str:
    return "true" if value else "false"
