"""The limit of all requests of a UTC day, and the share of it that scheduled work leaves to manual work. Pure."""

from datetime import UTC, datetime, time, timedelta

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.kinds import Origin
from gdvg_desktop.core.settings import Settings

REASON = "day_limit"


def next_day_ms(now_s: float) -> int:
    """When the next UTC day begins, in unix milliseconds."""
    day = datetime.fromtimestamp(now_s, UTC).date() + timedelta(days=1)
    return to_millis(datetime.combine(day, time(), UTC).timestamp())


def limit_of(settings: Settings, origin: Origin) -> int | None:
    """How many requests a day there may have been for a job of this origin to go on; None is no limit."""
    whole = settings.tmdb_daily_requests
    if not whole:
        return None
    return whole if origin in (Origin.USER, Origin.API) else whole * (100 - settings.reserved_manual_percent) // 100


def reached(settings: Settings, origin: Origin, requests_today: int) -> bool:
    """Whether jobs of this origin have to wait for the next day."""
    limit = limit_of(settings, origin)
    return limit is not None and requests_today >= limit
