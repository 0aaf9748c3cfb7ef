"""The requests for what changes rarely (TMDB.md 6) and the test of a credential."""

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.tmdb.requests import Request


def configuration() -> Request:
    """Image addresses and sizes, and the change keys."""
    return Request("/configuration")


def countries(language: str = "en-US") -> Request:
    """TMDb's own country list, with names in `language`."""
    return Request("/configuration/countries", {"language": language})


def languages() -> Request:
    """Every language a title can be in; some codes are TMDb's own (xx, cn)."""
    return Request("/configuration/languages")


def genres(media_type: MediaType, language: str = "en") -> Request:
    """Genre ids and names of one type; the movie and TV id spaces overlap and differ."""
    return Request(f"/genre/{media_type.value}/list", {"language": language})


def authentication() -> Request:
    """Whether the credential is good: 200 or 401."""
    return Request("/authentication", kind="authentication")
