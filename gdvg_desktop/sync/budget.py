"""The mirror's budget of a UTC day, in requests and in minutes of work.

What is used is counted here as it happens and handed out in portions to be kept (`take`), so that after a crash at most
the last portion is not on the books. A title counts from the moment its request is promised: the budget is never
exceeded by what is on its way.
"""

from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day

from gdvg_desktop.core.clock import Clock, to_millis, utc_day
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.store.mirror_days import Spent
from gdvg_desktop.tmdb.client import Meter


class DayBudget:
    """Counts one run against the day's limits; 0 is no limit. Begin with `open`."""

    def __init__(self, settings: Settings, clock: Clock, meter: Meter) -> None:
        self._max_requests = settings.mirror_daily_requests
        self._max_millis = settings.mirror_daily_minutes * 60_000
        self._clock = clock
        self._meter = meter
        self._day = self.today
        self._before = Spent()  # of today, up to what was last taken
        self._taken_requests = 0
        self._taken_at = clock.monotonic()
        self._titles = 0
        self._others: list[tuple[date, Spent]] = []  # of days that ended during the run, not yet taken
        self._open = 0
        self._promised = 0

    @property
    def today(self) -> date:
        """The UTC day it is."""
        return utc_day(self._clock.now())

    @property
    def next_day_ms(self) -> int:
        """When the next UTC day begins, in unix milliseconds."""
        begins = datetime.combine(self.today + timedelta(days=1), time_of_day(), UTC)
        return to_millis(begins.timestamp())

    def open(self, spent: Spent) -> None:
        """Begin with what earlier runs used of today."""
        self._day, self._before = self.today, spent

    def allows_title(self) -> bool:
        """Whether one more request may be sent today."""
        self._turn_day()
        if self._max_requests and self._before.requests + self._pending_requests >= self._max_requests:
            return False
        return not self._max_millis or self._before.millis + self._since_taken_millis < self._max_millis

    def title_begins(self) -> None:
        """A title's request is about to be sent."""
        if not self._open:
            self._promised = self._meter.requests - self._meter.retries
        self._open += 1
        self._promised += 1

    def title_ended(self) -> None:
        """Its answer is there, or it was given up."""
        self._open -= 1

    def stored(self, titles: int) -> None:
        """Titles were stored, for the measured rate."""
        self._titles += titles

    def take(self) -> list[tuple[date, Spent]]:
        """What was used since it was last asked for, by day, to be kept now."""
        self._turn_day()
        found = self._others
        self._others = []
        portion = self._portion()
        if portion != Spent():
            found.append((self._day, portion))
            self._before += portion
        return found

    def _portion(self) -> Spent:
        portion = Spent(self._meter.requests - self._taken_requests, self._since_taken_millis, self._titles)
        self._taken_requests = self._meter.requests
        self._taken_at += portion.millis / 1000
        self._titles = 0
        return portion

    def _turn_day(self) -> None:
        if self.today == self._day:
            return
        portion = self._portion()
        if portion != Spent():
            self._others.append((self._day, portion))
        self._day, self._before = self.today, Spent()

    @property
    def _since_taken_millis(self) -> int:
        return int((self._clock.monotonic() - self._taken_at) * 1000)

    @property
    def _pending_requests(self) -> int:
        promised = self._promised + self._meter.retries if self._open else 0
        return max(self._meter.requests, promised) - self._taken_requests
