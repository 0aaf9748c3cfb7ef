"""What titles are wanted: the filter of the library, and the query language people type.

    squid game                words of any form of the title, the last one may go on
    "red sea"                 these words in a row
    origin:kr  type:tv  genre:drama  year:2015..2026  year:2024  is:complete  is:tombstone
    id:603  tt0133093         a TMDb id, an IMDb id

Two values of one key mean either, different keys mean all. How a filter is answered is left to `store.library`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from gdvg_desktop.core.kinds import MediaType

T = TypeVar("T")

STALE_DAYS = 150  # TMDb's terms end caching at six months; what is older than this is due
_TOKEN = re.compile(r'(?P<key>[a-z]+):(?:"(?P<quoted>[^"]*)"?|(?P<value>\S*))|(?P<text>"[^"]*"?|\S+)', re.IGNORECASE)
_YEARS = re.compile(r"(\d{4})?(\.\.)?(\d{4})?")
_IMDB = re.compile(r"tt\d{5,}", re.IGNORECASE)
_TYPES = {
    "movie": MediaType.MOVIE,
    "movies": MediaType.MOVIE,
    "film": MediaType.MOVIE,
    "tv": MediaType.TV,
    "series": MediaType.TV,
}


class Condition(StrEnum):
    """States of a title the library can be filtered by."""

    COMPLETE = "complete"
    NO_OVERVIEW = "no_overview"
    NO_POSTER = "no_poster"
    STALE = "stale_150d"
    TOMBSTONE = "tombstone"  # deleted at TMDb; left out of everything else


@dataclass(frozen=True, slots=True)
class TitleFilter:
    """Which titles: every part that is set must hold, any of the values of a part. Genres are names.

    Titles deleted at TMDb are left out unless `tombstones` is set or `completeness` asks for them alone.
    """

    text: str = ""
    media_types: tuple[MediaType, ...] = ()
    countries: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    completeness: str | None = None
    tmdb_ids: tuple[int, ...] = ()
    imdb_ids: tuple[str, ...] = ()
    tombstones: bool = False

    @property
    def words(self) -> list[str]:
        """The words of `text`; what was quoted is one."""
        return [word.strip('"') for word in re.findall(r'"[^"]*"?|\S+', self.text) if word.strip('"')]

    @property
    def open_ended(self) -> bool:
        """True when the last word may go on: it was not closed by a quotation mark."""
        return not self.text.rstrip().endswith('"')


def parse_query(text: str) -> TitleFilter:
    """Read the query language. Never fails: a key or value that means nothing is searched as words."""
    words: list[str] = []
    found = _Found()
    for match in _TOKEN.finditer(text):
        if match["text"] is not None:
            if _IMDB.fullmatch(match["text"]):
                found.imdb_ids.append(match["text"].lower())
            else:
                words.append(match["text"])
        elif not found.take(match["key"].lower(), match["quoted"] or match["value"] or ""):
            words.append(match[0])
    return TitleFilter(
        text=" ".join(words),
        media_types=_once(found.media_types),
        countries=_once(found.countries),
        genres=_once(found.genres),
        year_from=found.years[0],
        year_to=found.years[1],
        completeness=found.condition,
        tmdb_ids=_once(found.tmdb_ids),
        imdb_ids=_once(found.imdb_ids),
    )


class _Found:
    """What the keys of one query said."""

    def __init__(self) -> None:
        self.media_types: list[MediaType] = []
        self.countries: list[str] = []
        self.genres: list[str] = []
        self.tmdb_ids: list[int] = []
        self.imdb_ids: list[str] = []
        self.years: tuple[int | None, int | None] = (None, None)
        self.condition: str | None = None

    def take(self, key: str, value: str) -> bool:
        """Read one `key:value`; False when it is no key of ours or the value means nothing."""
        if not value:
            return False
        lower = value.lower()
        match key:
            case "type" if lower in _TYPES:
                self.media_types.append(_TYPES[lower])
            case "origin" | "country" if re.fullmatch(r"[a-z]{2}", lower):
                self.countries.append("GB" if lower == "uk" else lower.upper())
            case "genre":
                self.genres.append(value.replace("_", " "))
            case "year" if (years := _years(value)) is not None:
                self.years = years
            case "id" if value.isascii() and value.isdigit() and len(value) < 11:
                self.tmdb_ids.append(int(value))
            case "is" if lower in tuple(Condition):
                self.condition = lower
            case _:
                return False
        return True


def _years(value: str) -> tuple[int | None, int | None] | None:
    """`2024`, `2015..2026`, `2015..` or `..2026`; the ends in either order."""
    match = _YEARS.fullmatch(value)
    if match is None or not (match[1] or match[3]) or (match[3] and not match[2]):
        return None
    first, last = (int(year) if year else None for year in (match[1], match[3]))
    if not match[2]:
        return first, first
    if first is not None and last is not None and first > last:
        first, last = last, first
    return first, last


def _once(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
