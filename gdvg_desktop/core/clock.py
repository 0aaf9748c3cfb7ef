"""Time as a value that is passed in, so that tests run a day in a moment."""

import asyncio
import time
from datetime import UTC, date, datetime
from typing import Protocol


class Clock(Protocol):
    """What the engine knows of time."""

    def now(self) -> float:
        """Wall clock, unix seconds."""

    def monotonic(self) -> float:
        """Seconds that never go back, for rates and waits."""

    async def sleep(self, seconds: float) -> None:
        """Wait; returns early only by cancellation."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def to_millis(seconds: float) -> int:
    """Unix milliseconds as stored in every `*_at` column."""
    return round(seconds * 1000)


def from_millis(millis: int) -> datetime:
    """An aware UTC datetime from a stored `*_at` value."""
    return datetime.fromtimestamp(millis / 1000, UTC)


def utc_day(seconds: float) -> date:
    """The UTC day a unix time falls on."""
    return datetime.fromtimestamp(seconds, UTC).date()
