"""The short lists: popular, top rated, now playing, upcoming, on the air, airing today. Each is a listing with fixed
filters, as at TMDb, and has its page rules. `region` keeps movies of that country; the two lists that follow the
calendar of the cinemas say which days they cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gdvg_desktop.demo.catalogue import Catalogue
from gdvg_desktop.demo.discover import BadPageError, Listings, Query, parse, parse_page
from gdvg_desktop.demo.drift import Drift
from gdvg_desktop.demo.wire import answer, encode, error, weak_etag

_DATES = {"movie": "primary_release_date", "tv": "first_air_date"}


@dataclass(frozen=True, slots=True)
class ShortList:
    """One list: its order, the votes a title needs, and its days relative to today (None: any day)."""

    media_type: str
    name: str
    sort_by: str = "popularity.desc"
    votes: int = 0
    first_day: int | None = None
    last_day: int | None = None
    shows_dates: bool = False

    def query(self, today: date, region: str) -> Query:
        """The listing behind it."""
        parameters = {"sort_by": self.sort_by}
        if self.votes:
            parameters["vote_count.gte"] = str(self.votes)
        if self.first_day is not None and self.last_day is not None:
            parameters[f"{_DATES[self.media_type]}.gte"] = (today + timedelta(days=self.first_day)).isoformat()
            parameters[f"{_DATES[self.media_type]}.lte"] = (today + timedelta(days=self.last_day)).isoformat()
        if region and self.media_type == "movie":
            parameters["with_origin_country"] = region
        return parse(self.media_type, parameters)


# The days of the cinema lists are those of the specification's examples: 48 days back, 20 days ahead.
LISTS = (
    ShortList("movie", "popular"),
    ShortList("movie", "top_rated", sort_by="vote_average.desc", votes=200),
    ShortList("movie", "now_playing", first_day=-42, last_day=6, shows_dates=True),
    ShortList("movie", "upcoming", first_day=7, last_day=26, shows_dates=True),
    ShortList("tv", "popular"),
    ShortList("tv", "top_rated", sort_by="vote_average.desc", votes=200),
    ShortList("tv", "on_the_air", first_day=-90, last_day=7),  # series of which an episode is due within a week
    ShortList("tv", "airing_today", first_day=-30, last_day=0),
)


class ShortListRoutes:
    """Handlers of the short lists over one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._drift = Drift()
        self._listings = Listings(catalogue, self._drift)

    def routes(self) -> list[Route]:
        return [Route(f"/3/{one.media_type}/{one.name}", partial(self._page, one)) for one in LISTS]

    async def _page(self, one: ShortList, request: Request) -> Response:
        parameters: Mapping[str, str] = request.query_params
        try:
            page = parse_page(parameters)
        except BadPageError:
            return error(22)
        query = one.query(self._catalogue.today, parameters.get("region", ""))
        self._drift.advance()
        body, steady = self._listings.page(query, page, parameters.get("language", "en-US"))
        if one.shows_dates:
            dates = encode({"maximum": query.date_to, "minimum": query.date_from})
            body = b'{"dates":' + dates + b"," + body[1:]
        return answer(request, body, 600, etag=weak_etag(steady))
