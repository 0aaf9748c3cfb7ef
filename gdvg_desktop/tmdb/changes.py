"""movie/changes and tv/changes: which titles changed on a UTC day, a hundred a page (TMDB.md 4).

A window may be 14 days long; one day at a time is asked for, because whether the cap of 500 pages holds here is not
known and two weeks of movies are far beyond it.
"""

from datetime import date, timedelta

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.tmdb.requests import Request

LONGEST_WINDOW_DAYS = 14


def changes(media_type: MediaType, start: date, end: date, page: int) -> Request:
    """Page `page` of what changed from `start` up to, not including, `end`. Raises ValueError beyond 14 days."""
    if not timedelta(days=1) <= end - start <= timedelta(days=LONGEST_WINDOW_DAYS):
        raise ValueError(f"a window of changes is 1 to {LONGEST_WINDOW_DAYS} days long, not {start} to {end}")
    params = {"start_date": start.isoformat(), "end_date": end.isoformat(), "page": str(page)}
    return Request(f"/{media_type.value}/changes", params, "changes")


def changes_of_day(media_type: MediaType, day: date, page: int) -> Request:
    """Page `page` of what changed on a UTC day."""
    return changes(media_type, day, day + timedelta(days=1), page)
