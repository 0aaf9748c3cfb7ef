"""What an import is asked for, checked once: `ImportFilter` and the reading of its parts.

A filter is stored as a job's config, so its JSON form is stable. Genres are kept by their English names and turned
into TMDb's ids per media type (the movie and TV id spaces overlap and differ).
"""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import Existing, Match, MediaType

_ALIASES = {"UK": "GB"}


@dataclass(frozen=True, slots=True)
class ImportFilter:
    """An import: what to list, in which order to fetch it and what to do with titles already held.

    `genre_ids` holds, per media type, the ids of the chosen genres that exist for that type; a type that is missing
    there while `genres` is not empty has no such genre and lists nothing.
    """

    types: tuple[MediaType, ...] = (MediaType.MOVIE, MediaType.TV)
    countries: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    genres: tuple[str, ...] = ()
    genre_ids: tuple[tuple[MediaType, tuple[int, ...]], ...] = ()
    match: Match = Match.ANY
    priority: int = 100
    existing: Existing = Existing.SKIP
    limit: int | None = None

    @property
    def is_everything(self) -> bool:
        """True when nothing narrows the catalogue: such an import is listed from the daily export."""
        return not (self.countries or self.date_from or self.date_to or self.genres)

    @property
    def has_period(self) -> bool:
        """True when a release period is given; undated titles are then not part of the result."""
        return self.date_from is not None or self.date_to is not None

    def ids_for(self, media_type: MediaType) -> tuple[int, ...] | None:
        """Genre ids of a type: () without a genre filter, None when the filter can match nothing of this type."""
        if not self.genres:
            return ()
        ids = dict(self.genre_ids).get(media_type, ())
        if not ids or (self.match is Match.ALL and len(ids) < len(self.genres)):
            return None
        return ids

    def to_config(self) -> dict[str, Any]:
        """The JSON form kept with a job."""
        config: dict[str, Any] = msgspec.to_builtins(self)
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "ImportFilter":
        """Read the JSON form back."""
        return msgspec.convert(dict(config), cls, strict=False)


def parse_types(text: str) -> tuple[MediaType, ...]:
    """`movie`, `tv` or `all`."""
    if text == "all":
        return (MediaType.MOVIE, MediaType.TV)
    if text in ("movie", "tv"):
        return (MediaType(text),)
    raise UsageError(f"{text} is not a type.", "Use movie, tv or all.")


def parse_month(text: str, *, end: bool) -> date:
    """`2024-01` or `2024` as the first day, or with `end` the last day, of that month or year."""
    parts = text.strip().split("-")
    try:
        if not all(part.isascii() and part.isdigit() for part in parts) or len(parts[0]) != 4:
            raise ValueError
        year = int(parts[0])
        if len(parts) == 1:
            month = 12 if end else 1
        elif len(parts) == 2 and len(parts[1]) in (1, 2):
            month = int(parts[1])
        else:
            raise ValueError
        if not 1800 <= year <= 2200:
            raise ValueError
        return date(year, month, calendar.monthrange(year, month)[1] if end else 1)
    except (ValueError, calendar.IllegalMonthError):
        raise UsageError(f"{text} is not a month.", "Write a month as 2024-01 or a year as 2024.") from None


def parse_countries(codes: Iterable[str], valid: Mapping[str, str]) -> tuple[str, ...]:
    """ISO 3166-1 codes out of TMDb's own list (`valid`: code to English name); `UK` is read as GB.

    English names are understood too. The order is alphabetical, so that the same choice is the same job.
    """
    by_name = {name.casefold(): code for code, name in valid.items()}
    found = set()
    for text in codes:
        code = text.strip().upper()
        code = _ALIASES.get(code, code)
        if code not in valid:
            code = by_name.get(text.strip().casefold(), "")
        if not code:
            raise UsageError(f"{text} is not a country TMDb knows.", "Use a two-letter code such as KR, US or GB.")
        found.add(code)
    return tuple(sorted(found))


def parse_genres(
    wanted: Sequence[str], types: Sequence[MediaType], genres: Mapping[MediaType, Mapping[int, str]]
) -> tuple[tuple[str, ...], tuple[tuple[MediaType, tuple[int, ...]], ...]]:
    """Genres by name (any case) or id, as names and as ids per type.

    `genres` is TMDb's own list per type. Raises UsageError for a genre neither chosen type knows.
    """
    names: set[str] = set()
    for text in wanted:
        name = _genre_name(text.strip(), types, genres)
        if name is None:
            known = sorted({name for media_type in types for name in genres[media_type].values()})
            raise UsageError(f"{text} is not a genre.", f"Known genres: {', '.join(known)}.")
        names.add(name)
    chosen = tuple(sorted(names))
    ids = []
    for media_type in types:
        by_name = {name: genre_id for genre_id, name in genres[media_type].items()}
        matching = tuple(sorted(by_name[name] for name in chosen if name in by_name))
        if matching:
            ids.append((media_type, matching))
    return chosen, tuple(ids)


def _genre_name(text: str, types: Sequence[MediaType], genres: Mapping[MediaType, Mapping[int, str]]) -> str | None:
    for media_type in types:
        for genre_id, name in genres[media_type].items():
            if text == str(genre_id) or text.casefold() == name.casefold():
                return name
    return None


def genre_notes(chosen: ImportFilter) -> tuple[str, ...]:
    """What of the genre filter cannot apply, as sentences, because movie and TV genres differ."""
    notes = []
    words = {MediaType.MOVIE: "movies", MediaType.TV: "TV series"}
    for media_type in chosen.types:
        ids = chosen.ids_for(media_type)
        if ids is None:
            notes.append(f"TMDb has no such genre for {words[media_type]}, so none are listed.")
        elif chosen.genres and len(ids) < len(chosen.genres):
            notes.append(f"Some of these genres do not exist for {words[media_type]}; the others apply.")
    return tuple(notes)


def build_filter(
    *,
    types: tuple[MediaType, ...],
    countries: tuple[str, ...] = (),
    date_from: date | None = None,
    date_to: date | None = None,
    genres: tuple[str, ...] = (),
    genre_ids: tuple[tuple[MediaType, tuple[int, ...]], ...] = (),
    match: Match = Match.ANY,
    priority: int = 100,
    existing: Existing = Existing.SKIP,
    limit: int | None = None,
) -> ImportFilter:
    """A filter whose parts fit together. Raises UsageError naming the value that does not."""
    if date_from and date_to and date_from > date_to:
        raise UsageError(
            f"The period ends ({date_to:%Y-%m}) before it begins ({date_from:%Y-%m}).", "Swap the two months."
        )
    if not 0 <= priority <= 100:
        raise UsageError(f"Priority {priority} is not accepted.", "Use a whole number from 0 to 100.")
    if limit is not None and limit < 1:
        raise UsageError(f"A limit of {limit} is not accepted.", "Use 1 or more, or leave it out.")
    return ImportFilter(
        types,
        countries,
        date_from,
        date_to,
        genres,
        genre_ids,
        match if len(genres) > 1 else Match.ANY,
        priority,
        existing,
        limit,
    )
