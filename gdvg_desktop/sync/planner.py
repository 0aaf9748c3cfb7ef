"""Which listing queries an import needs, how an overfull one is split, and in which order titles are fetched.

Everything here is pure: it knows TMDb's page cap and nothing of network or store.

discover reaches page 500 and no further (TMDB.md 2), and rows move while one walks. So titles are listed in a stable
order by date, in as few date windows as stay well under the cap, and fetched in the order the user wants from our own
table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.windows import Window
from gdvg_desktop.sync.filters import ImportFilter

PAGE_SIZE = 20
PAGE_CAP = 500
SPLIT_ABOVE = 450  # head-room under the cap: titles are added while a window is walked
FIRST_DATE = date(1870, 1, 1)  # before the oldest film


def first_windows(chosen: ImportFilter) -> list[Window]:
    """The queries to begin with: one per type, with the period when one is given."""
    return [
        Window(
            media_type,
            chosen.date_from,
            chosen.date_to,
            undated="without" if chosen.has_period else "with",
        )
        for media_type in chosen.types
        if chosen.ids_for(media_type) is not None
    ]


def is_overfull(total_pages: int) -> bool:
    """Whether a query has more pages than can be walked safely."""
    return total_pages > SPLIT_ABOVE


def split(window: Window, today: date, languages: Sequence[str]) -> list[Window]:
    """The parts of an overfull window: by date, then by votes, then by original language.

    Returns an empty list when nothing is left to split by. The parts cover the window and never overlap, but for
    movies without a date, which no date query reaches and TMDb offers no way to list.
    """
    if window.undated == "with":
        dated = replace(window, undated="without")
        # TMDb lists undated series beside a date filter, so one query past all dates gives just them
        return [dated, replace(window, undated="only")] if window.media_type is MediaType.TV else [dated]
    if window.undated == "without":
        first = window.date_from or FIRST_DATE
        last = window.date_to or max(date(today.year + 1, 12, 31), first)
        if first < last:
            middle = first + (last - first) // 2
            return [
                replace(window, date_to=middle),
                replace(window, date_from=middle + timedelta(days=1)),
            ]
        if window.date_to is None:
            return [replace(window, date_to=last), replace(window, date_from=last + timedelta(days=1))]
    return _split_votes(window) or _split_languages(window, languages)


def _split_votes(window: Window) -> list[Window]:
    if window.language is not None:
        return []
    low = window.votes_from or 0
    high = window.votes_to
    if high is None:
        middle = 0 if low == 0 else low * 4
    elif high > low:
        middle = low + (high - low) // 2
    else:
        return []
    return [
        replace(window, votes_from=low, votes_to=middle),
        replace(window, votes_from=middle + 1, votes_to=high),
    ]


def _split_languages(window: Window, languages: Sequence[str]) -> list[Window]:
    if window.language is not None:
        return []
    return [replace(window, language=code) for code in languages]


def walk_is_short(seen: int, reported: int) -> bool:
    """Whether a finished walk saw fewer titles than TMDb reported, so rows may have shifted past it."""
    return seen < reported


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listed title with what decides its place."""

    media_type: MediaType
    tmdb_id: int
    popularity: float
    date: str | None


def in_fetch_order(candidates: Iterable[Candidate], priority: int) -> list[Candidate]:
    """Titles in the order they are fetched: priority orders and never excludes.

    With w = (priority - 50) / 50 the score is w x popularity percentile + (1 - |w|) x recency percentile: 100 is the
    most popular first, 50 the newest, 0 the least popular. Percentiles are (rank - 1) / (n - 1) with equal values
    sharing the lowest rank; undated titles are the least recent, and where none has a date the id stands in. The
    store orders a job's titles by the same rule in SQL (`store.jobs.put_in_order`).
    """
    titles = list(candidates)
    weight = (priority - 50) / 50
    dated = any(one.date for one in titles)
    popular = _percentiles([one.popularity for one in titles])
    recent = _percentiles([(one.date or "", 0 if dated else one.tmdb_id) for one in titles])

    def place(index: int) -> tuple[float, float, str, int]:
        one = titles[index]
        score = weight * popular[index] + (1 - abs(weight)) * recent[index]
        return (-score, -one.popularity, one.media_type.value, one.tmdb_id)

    return [titles[index] for index in sorted(range(len(titles)), key=place)]


def _percentiles(values: Sequence[float] | Sequence[tuple[str, int]]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    result = [0.0] * len(values)
    lowest = 0
    for rank, index in enumerate(order):
        if values[index] != values[order[lowest]]:
            lowest = rank
        result[index] = lowest / max(1, len(values) - 1)
    return result
