"""find: which title of TMDb has an id of another site (TMDB.md 7)."""

from urllib.parse import quote

from gdvg_desktop.tmdb.requests import Request


def find_imdb(imdb_id: str) -> Request:
    """The titles with an IMDb id."""
    return Request(f"/find/{quote(imdb_id, safe='')}", {"external_source": "imdb_id"}, "find")
