"""movie/changes and tv/changes: which ids changed on which day, a hundred rows a page, windows of at most
fourteen days, with the null ids and null adult flags the real feed has. Whatever is
added, edited or deleted while the server runs shows up under the catalogue's day of then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from gdvg_desktop.demo.catalogue import Catalogue, Title

PAGE_SIZE = 100
LONGEST_WINDOW = timedelta(days=14)
_HISTORY_STARTS = {"movie": date(2012, 10, 5), "tv": date(2012, 12, 31)}


class WindowTooLongError(ValueError):
    """More than fourteen days, or an end before the start (TMDb: 422, code 20)."""


def parse_window(parameters: Mapping[str, str], today: date) -> tuple[date, date]:
    """Start and end, the last day by default; a trailing time of day is ignored. Raises WindowTooLongError,
    ValueError for no date."""
    end = date.fromisoformat(parameters["end_date"][:10]) if parameters.get("end_date") else None
    start = date.fromisoformat(parameters["start_date"][:10]) if parameters.get("start_date") else None
    if start is None:
        start = (end or today) - timedelta(days=1)
    if end is None:
        end = start + timedelta(days=1)
    if not timedelta(0) <= end - start <= LONGEST_WINDOW:
        raise WindowTooLongError(f"{start}..{end}")
    return start, end


def page(catalogue: Catalogue, media_type: str, start: date, end: date, number: int) -> dict[str, object]:
    """One page of the changes from `start` up to, not including, `end` (a lone day when both are the same)."""
    rows: list[dict[str, object]] = []
    seen: set[int] = set()
    day = start
    while day < end or day == start:
        for title in _changed(catalogue, media_type, day):
            if title.id not in seen:
                seen.add(title.id)
                rows.append(_row(title))
        if day <= catalogue.today and day.toordinal() % 2 == 0:
            rows.append({"id": None, "adult": None})
        day += timedelta(days=1)
    first = (number - 1) * PAGE_SIZE
    return {
        "results": rows[first : first + PAGE_SIZE],
        "page": number,
        "total_pages": max(1, -(-len(rows) // PAGE_SIZE)),
        "total_results": len(rows),
    }


def changed_on(title: Title, day: date) -> bool:
    """About one title in twenty-nine a day."""
    return (title.salt + day.toordinal() * 7) % 29 == 0


def _changed(catalogue: Catalogue, media_type: str, day: date) -> list[Title]:
    if not _HISTORY_STARTS[media_type] <= day <= catalogue.today:
        return []
    return [title for title in catalogue.all(media_type) if changed_on(title, day)] + catalogue.changed(media_type, day)


def _row(title: Title) -> dict[str, object]:
    if title.salt % 33 == 1:
        return {"id": title.id, "adult": None}
    return {"id": title.id, "adult": title.adult, "softcore": False}
