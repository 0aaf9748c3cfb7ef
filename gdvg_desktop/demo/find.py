"""find/{external_id}: which title has an id of another site. Always five lists, rows shaped as in listings, and one
IMDb id may match a movie and a series. Only IMDb ids are known here; the other sources find nothing."""

from __future__ import annotations

from gdvg_desktop.demo.catalogue import Catalogue, Title
from gdvg_desktop.demo.discover import listing_row
from gdvg_desktop.demo.texts import language_of

SOURCES = frozenset(
    {
        "imdb_id",
        "facebook_id",
        "instagram_id",
        "tvdb_id",
        "tiktok_id",
        "twitter_id",
        "wikidata_id",
        "youtube_id",
    }
)


def results(catalogue: Catalogue, external_id: str, source: str, locale: str) -> dict[str, list[dict[str, object]]]:
    """The answer's body; lists are empty when nobody has the id."""
    found: dict[str, list[dict[str, object]]] = {
        f"{kind}_results": [] for kind in ("movie", "person", "tv", "tv_episode", "tv_season")
    }
    if source == "imdb_id":
        for media_type in ("movie", "tv"):
            found[f"{media_type}_results"] = [
                _row(title, locale)
                for title in catalogue.all(media_type)
                if title.imdb_id == external_id and title.key not in catalogue.deleted
            ]
    return found


def _row(title: Title, locale: str) -> dict[str, object]:
    return listing_row(title, language_of(locale)) | {
        "media_type": title.media_type,
        "popularity": title.popularity,
        "vote_count": title.vote_count,
    }
