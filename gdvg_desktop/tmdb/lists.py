"""TMDb's short lists: popular, top rated, now playing, upcoming, on the air, airing today (TMDB.md 7).

They are presets of discover with its pages: 20 rows each, 500 at most, an envelope like discover's.
"""

from dataclasses import dataclass

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.tmdb.requests import Request


@dataclass(frozen=True, slots=True)
class ShortList:
    """One list. `name` is how the user calls it; `takes_region` says whether TMDb narrows it to a country."""

    name: str
    media_type: MediaType
    path: str
    words: str
    takes_region: bool = False


LISTS: dict[str, ShortList] = {
    one.name: one
    for one in (
        ShortList("popular-movies", MediaType.MOVIE, "/movie/popular", "Popular movies", takes_region=True),
        ShortList("now-playing", MediaType.MOVIE, "/movie/now_playing", "Now playing", takes_region=True),
        ShortList("upcoming", MediaType.MOVIE, "/movie/upcoming", "Upcoming movies", takes_region=True),
        ShortList("top-rated-movies", MediaType.MOVIE, "/movie/top_rated", "Top rated movies", takes_region=True),
        ShortList("popular-tv", MediaType.TV, "/tv/popular", "Popular TV series"),
        ShortList("on-the-air", MediaType.TV, "/tv/on_the_air", "On the air"),
        ShortList("airing-today", MediaType.TV, "/tv/airing_today", "Airing today"),
        ShortList("top-rated-tv", MediaType.TV, "/tv/top_rated", "Top rated TV series"),
    )
}


def short_list(one: ShortList, page: int, region: str | None = None) -> Request:
    """Page `page` (1 to 500) of a list; read it with `payloads.decode_discover`."""
    params = {"page": str(page)}
    if region is not None:
        params["region"] = region
    return Request(one.path, params, "list")
