"""What an import with given filters must deliver, worked out from the catalogue alone and on purpose not
through discover: tests compare a library, or a walk of all pages, with this set."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection
from dataclasses import dataclass

from gdvg_desktop.demo.catalogue import Catalogue, Title, TitleKey
from gdvg_desktop.demo.genres import GENRES


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of an import.

    `start` and `end` are a day, a month or a year (2024-01-31, 2024-01, 2024), both inclusive. `genres` are ids
    or exact English names; an id or name a media type lacks can match nothing there. `undated`: "auto" takes
    titles without a date unless a period is given, "yes" and "no" as they say, "tv" takes undated series only.
    """

    media_type: str = "all"
    countries: Collection[str] = ()
    start: str = ""
    end: str = ""
    genres: Collection[str | int] = ()
    match: str = "any"
    undated: str = "auto"

    def __post_init__(self) -> None:
        for name, allowed in (
            ("media_type", ("all", "movie", "tv")),
            ("match", ("any", "all")),
            ("undated", ("auto", "yes", "no", "tv")),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is one of {', '.join(allowed)}, not {getattr(self, name)!r}")


def truth(catalogue: Catalogue, wanted: Wanted) -> set[TitleKey]:
    """The (media_type, id) of every title that is neither adult, nor a direct-video entry, nor deleted, and
    passes the filters."""
    kinds = ("movie", "tv") if wanted.media_type == "all" else (wanted.media_type,)
    return {
        title.key
        for kind in kinds
        for title in catalogue.all(kind)
        if title.listed and title.key not in catalogue.deleted and _passes(title, wanted)
    }


def _passes(title: Title, wanted: Wanted) -> bool:
    if wanted.countries and not set(wanted.countries) & set(title.countries):
        return False
    if wanted.genres:
        carried = [str(genre) in _labels(title) for genre in wanted.genres]
        if not (all(carried) if wanted.match == "all" else any(carried)):
            return False
    if title.date == "":
        period = bool(wanted.start or wanted.end)
        return {"auto": not period, "yes": True, "no": False, "tv": title.media_type == "tv"}[wanted.undated]
    return first_day(wanted.start) <= title.date <= last_day(wanted.end)


def _labels(title: Title) -> set[str]:
    """Ids and names of the title's genres, as text."""
    names = GENRES[title.media_type]
    return {str(genre) for genre in title.genre_ids} | {names[genre] for genre in title.genre_ids if genre in names}


def first_day(period: str) -> str:
    """The first day of a year, month or day; "" stays open."""
    return "" if period == "" else (_checked(period) + "-01-01")[:10]


def last_day(period: str) -> str:
    """The last day of a year, month or day; "" is far in the future."""
    if period == "":
        return "9999-12-31"
    year, month, day = (*_checked(period).split("-"), "", "")[:3]
    month = month or "12"
    return f"{year}-{month}-{day or calendar.monthrange(int(year), int(month))[1]}"


def _checked(period: str) -> str:
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", period):
        raise ValueError(f"a period is YYYY, YYYY-MM or YYYY-MM-DD, not {period!r}")
    return period
