"""When the mirror is expected to be full, from a measured rate and the day's budget. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day

from gdvg_desktop.core.clock import utc_day
from gdvg_desktop.store.mirror_days import Spent

DAY_S = 86_400.0
LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Limits:
    """A day's budget: requests and minutes; 0 is no limit."""

    requests: int = 0
    minutes: int = 0

    def titles(self, rate: float, seconds: float, spent: Spent) -> float:
        """How many titles fit into the seconds left of a day of which something is spent."""
        if self.minutes:
            seconds = min(seconds, max(0.0, self.minutes * 60 - spent.millis / 1000))
        titles = rate * seconds
        return min(titles, max(0, self.requests - spent.requests)) if self.requests else titles


def expected_finish(left: int, rate: float | None, limits: Limits, spent: Spent, now: float) -> float | None:
    """Unix seconds at which `left` titles are fetched, at `rate` titles a second and one request a title.

    None while nothing was measured, or when it would take more than a century. `spent` is what today has cost.
    """
    if left <= 0:
        return now
    if not rate:
        return None
    midnight = datetime.combine(utc_day(now) + timedelta(days=1), time_of_day(), UTC).timestamp()
    today = limits.titles(rate, midnight - now, spent)
    if left <= today:
        return now + left / rate
    left_then = left - today
    a_day = limits.titles(rate, DAY_S, Spent())
    days = (left_then - 1e-9) // a_day
    if days > LONGEST_DAYS:
        return None
    return midnight + days * DAY_S + (left_then - days * a_day) / rate
