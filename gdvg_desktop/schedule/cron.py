"""Cron expressions in the zone a task was given: the next runs, in UTC, right across both changes of the clock.

The meaning is that of Debian's cron (cronsim): weekdays from Sunday = 0; a time the spring change leaves out runs at
the first moment after it, a time the autumn change repeats runs once; expressions of every few minutes run on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from gdvg_desktop.core.errors import UsageError

_EXAMPLE = "An expression has five parts: minute, hour, day, month, weekday; 30 3 * * * is every day at 03:30."


@dataclass(frozen=True)
class Cron:
    """A checked expression and the IANA zone its hours are in. Made by `parse`."""

    expression: str
    zone: str

    @cached_property
    def tz(self) -> ZoneInfo:
        """The zone."""
        return ZoneInfo(self.zone)

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The runs later than an aware moment, in UTC; ends only where 50 years have none."""
        runs = CronSim(self.expression, moment.astimezone(self.tz))
        for run in runs:
            at = run.astimezone(UTC)
            if at > moment:
                yield at

    def next(self, moment: datetime, count: int = 1) -> list[datetime]:
        """The next runs after a moment, fewer only where 50 years have none."""
        return list(islice(self.after(moment), count))

    def between(self, after: datetime, until: datetime, limit: int = 10_000) -> list[datetime]:
        """The runs later than `after` and not later than `until`, the latest `limit` of them."""
        found: list[datetime] = []
        for run in self.after(after):
            if run > until:
                break
            found.append(run)
            if len(found) > 2 * limit:
                del found[:-limit]
        return found[-limit:]

    def words(self) -> str:
        """The expression in English words."""
        text: str = CronSim(self.expression, datetime.now(UTC)).explain()
        return text


@lru_cache(maxsize=200)
def parse(expression: str, zone: str) -> Cron:
    """Check an expression and a zone. Raises UsageError saying what is wrong and how to write it."""
    text = " ".join(expression.split())
    if len(text.split(" ")) != 5:  # cronsim would take a sixth part as seconds
        raise UsageError(f"{expression!r} is not a schedule.", _EXAMPLE)
    try:
        tz = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"{zone!r} is not a time zone.", "Write it as Europe/Vienna or UTC.") from None
    try:
        runs = CronSim(text, datetime.now(tz))  # refuses a day the calendar has not as well
    except CronSimError:
        raise UsageError(f"{expression!r} is not a schedule.", _EXAMPLE) from None
    if next(runs, None) is None:  # as 0 0 */31 * 1#5: no fifth Monday is the first of a month
        raise UsageError(f"{expression!r} names no day of the next 50 years.", _EXAMPLE)
    return Cron(text, zone)
