"""discover/movie and discover/tv: filters, orders and pages as TMDb answers them. Parameters it does not know
are ignored in silence, as there. Which titles pass is decided here alone; truth.py asks the same catalogue in
its own words, so each checks the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from random import Random

from gdvg_desktop.demo.catalogue import Catalogue, Title
from gdvg_desktop.demo.drift import Drift
from gdvg_desktop.demo.texts import language_of, name_in, original_name, overview_in
from gdvg_desktop.demo.wire import open_object

PAGE_SIZE = 20
LAST_PAGE = 500
_ROWS_KEPT = 20_000
_QUERIES_KEPT = 256

_SORTS: dict[str, frozenset[str]] = {
    "movie": frozenset(
        {"original_title", "popularity", "primary_release_date", "revenue", "title", "vote_average", "vote_count"}
    ),
    "tv": frozenset({"first_air_date", "name", "original_name", "popularity", "vote_average", "vote_count"}),
}
_DATE_PARAMETERS = {
    "movie": ("primary_release_date", "release_date"),
    "tv": ("first_air_date",),
}
_YEAR_PARAMETERS = {"movie": ("primary_release_year", "year"), "tv": ("first_air_date_year",)}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class BadDateError(ValueError):
    """A date parameter that is not YYYY-MM-DD (TMDb: 400, code 23)."""


class BadPageError(ValueError):
    """A page outside 1..500 or not a number (TMDb: 400, code 22)."""


@dataclass(frozen=True, slots=True)
class Query:
    """The filters of one listing in a form that can be compared and kept; a lone bound is None."""

    media_type: str
    any_genres: frozenset[int]
    all_genres: frozenset[int]
    without_genres: frozenset[int]
    countries: frozenset[str]
    language: str
    date_from: str
    date_to: str
    undated: bool
    votes: tuple[float | None, float | None]
    average: tuple[float | None, float | None]
    adult: bool
    video: bool
    sort_by: str
    descending: bool

    def matches(self, title: Title) -> bool:
        genres = frozenset(title.genre_ids)
        return (
            (self.adult or not title.adult)
            and (self.video or not title.video)
            and (not self.any_genres or bool(self.any_genres & genres))
            and self.all_genres <= genres
            and not self.without_genres & genres
            and (not self.countries or not self.countries.isdisjoint(title.countries))
            and self.language in ("", title.language)
            and (self.undated if title.date == "" else self.date_from <= title.date <= self.date_to)
            and _within(title.vote_count, self.votes)
            and _within(title.vote_average, self.average)
        )


def parse(media_type: str, parameters: Mapping[str, str]) -> Query:
    """Read a listing's filters; raises BadDateError. Unknown names and unknown orders fall back to the defaults."""
    date_from, date_to = _dates(media_type, parameters)
    dated = (date_from, date_to) != ("", "9999")
    any_genres, all_genres = _numbers(parameters.get("with_genres", ""))
    either, both = _numbers(parameters.get("without_genres", ""))
    sort_by, _, direction = parameters.get("sort_by", "").rpartition(".")
    if sort_by not in _SORTS[media_type] or direction not in ("asc", "desc"):
        sort_by, direction = "popularity", "desc"
    return Query(
        media_type=media_type,
        any_genres=any_genres,
        all_genres=all_genres,
        without_genres=either | both,
        countries=frozenset(re.findall(r"[A-Z]{2}", parameters.get("with_origin_country", ""))),
        language=parameters.get("with_original_language", ""),
        date_from=date_from,
        date_to=date_to,
        undated=not dated or (media_type == "tv" and _flag(parameters, "include_null_first_air_dates")),
        votes=(_number(parameters, "vote_count.gte"), _number(parameters, "vote_count.lte")),
        average=(_number(parameters, "vote_average.gte"), _number(parameters, "vote_average.lte")),
        adult=_flag(parameters, "include_adult"),
        video=_flag(parameters, "include_video"),
        sort_by=sort_by,
        descending=direction == "desc",
    )


def parse_page(parameters: Mapping[str, str]) -> int:
    """The page asked for, 1 by default; raises BadPageError."""
    text = parameters.get("page", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LAST_PAGE:
        raise BadPageError(text)
    return int(text)


class Listings:
    """Answers discover requests over one catalogue.

    An order holds from request to request, except that popularity and vote orders follow the drift, and that
    every order moves while `shifts` (moves a request) is given: then rows slide over page borders, so some
    repeat and others are skipped.
    """

    def __init__(self, catalogue: Catalogue, drift: Drift) -> None:
        self._catalogue = catalogue
        self._drift = drift
        self._rng = Random(f"shifting {catalogue.seed}")
        self._shifted: dict[tuple[Query, int], list[Title]] = {}
        self._rows: dict[tuple[Title, str], bytes] = {}
        self._matching = lru_cache(_QUERIES_KEPT)(self._match)

    def page(self, query: Query, page: int, language: str, shifts: int = 0) -> tuple[bytes, bytes]:
        """One page as JSON, and the part of it that does not drift (for the ETag)."""
        titles = self._ordered(query, shifts)
        start = (page - 1) * PAGE_SIZE
        shown = titles[start : start + PAGE_SIZE]
        static = [self._row(title, language_of(language)) for title in shown]
        rows = b",".join(row + self._drift.fields(title) for row, title in zip(static, shown, strict=True))
        # TMDb's total for an empty listing has been seen as 0 and as 1.
        pages = -(-len(titles) // PAGE_SIZE) or (1 if query.media_type == "tv" else 0)
        body = b'{"page":%d,"results":[%b],"total_pages":%d,"total_results":%d}' % (page, rows, pages, len(titles))
        return body, b"%d/%d" % (page, len(titles)) + b"".join(static)

    def _match(self, query: Query, version: int) -> list[Title]:
        """Passing titles in the order asked for; ties fall by id. `version` only keys the cache."""
        titles = [title for title in self._catalogue.all(query.media_type) if query.matches(title)]
        titles.sort(key=lambda title: title.id)
        titles.sort(key=self._order(query.sort_by), reverse=query.descending)
        return titles

    def _order(self, sort_by: str) -> Callable[[Title], float | str]:
        orders: dict[str, Callable[[Title], float | str]] = {
            "popularity": self._drift.popularity,
            "vote_count": self._drift.vote_count,
            "vote_average": lambda title: title.vote_average,
            "primary_release_date": lambda title: title.date,
            "first_air_date": lambda title: title.date,
            "revenue": revenue,
            "title": lambda title: name_in(title, "en").casefold(),
            "name": lambda title: name_in(title, "en").casefold(),
            "original_title": lambda title: original_name(title).casefold(),
            "original_name": lambda title: original_name(title).casefold(),
        }
        return orders[sort_by]

    def _ordered(self, query: Query, shifts: int) -> list[Title]:
        version = self._catalogue.version
        if not shifts:
            self._shifted.clear()
        if query.sort_by in ("popularity", "vote_count"):
            titles = list(self._matching(query, version))
            titles.sort(key=self._order(query.sort_by), reverse=query.descending)
        else:
            titles = self._matching(query, version)
        if shifts and len(titles) > 1:
            titles = self._shifted.setdefault((query, version), list(titles))
            for _ in range(shifts):
                origin = self._rng.randrange(len(titles))
                target = origin + self._rng.randint(-PAGE_SIZE, PAGE_SIZE)
                titles.insert(max(0, target), titles.pop(origin))
        return titles

    def _row(self, title: Title, language: str) -> bytes:
        key = (title, language)
        row = self._rows.get(key)
        if row is None:
            if len(self._rows) >= _ROWS_KEPT:
                self._rows.clear()
            row = self._rows[key] = open_object(listing_row(title, language))
        return row


def listing_row(title: Title, language: str) -> dict[str, object]:
    """A row as discover shows it, without the two numbers that drift."""
    row: dict[str, object] = {
        "backdrop_path": title.backdrop_path,
        "genre_ids": title.genre_ids,
        "id": title.id,
        "original_language": title.language,
        "overview": overview_in(title, language),
        "poster_path": title.poster_path,
        "vote_average": title.vote_average,
        "adult": title.adult,
    }
    if title.salt % 10:
        row["softcore"] = False
    # A third of the undated rows leave the key out altogether.
    undated_key_missing = title.date == "" and title.salt % 3 == 0
    if title.media_type == "movie":
        row |= {"title": name_in(title, language), "original_title": original_name(title), "video": title.video}
        date_key = "release_date"
    else:
        row |= {
            "name": name_in(title, language),
            "original_name": original_name(title),
            "origin_country": title.countries,
        }
        date_key = "first_air_date"
    if not undated_key_missing:
        row[date_key] = title.date
    return row


def revenue(title: Title) -> int:
    """In US dollars; 0 where unknown, which is most of the time."""
    return (
        int(title.popularity * 700_000) + title.salt % 100_000 if title.salt % 3 == 0 and title.vote_count > 20 else 0
    )


def _within(value: float, bounds: tuple[float | None, float | None]) -> bool:
    low, high = bounds
    return (low is None or value >= low) and (high is None or value <= high)


def _dates(media_type: str, parameters: Mapping[str, str]) -> tuple[str, str]:
    """Both ends, inclusive; ("", "9999") when no date filter is given."""
    low, high = "", "9999"
    for name in _DATE_PARAMETERS[media_type]:
        low = max(low, _date(parameters.get(f"{name}.gte", "")))
        high = min(high, _date(parameters.get(f"{name}.lte", "")) or "9999")
    for name in _YEAR_PARAMETERS[media_type]:
        year = parameters.get(name, "")
        if re.fullmatch(r"\d{4}", year):
            low, high = max(low, f"{year}-01-01"), min(high, f"{year}-12-31")
    return low, high


def _date(text: str) -> str:
    if text == "":
        return ""
    try:
        return date.fromisoformat(text if _DATE.fullmatch(text) else "").isoformat()
    except ValueError as bad:
        raise BadDateError(text) from bad


def _numbers(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """(any of, all of): a pipe means either, a comma means both."""
    ids = frozenset(int(part) for part in re.findall(r"\d+", text))
    return (ids, frozenset()) if "|" in text else (frozenset(), ids)


def _number(parameters: Mapping[str, str], name: str) -> float | None:
    try:
        return float(parameters[name])
    except (KeyError, ValueError):
        return None


def _flag(parameters: Mapping[str, str], name: str) -> bool:
    return parameters.get(name, "").lower() == "true"
