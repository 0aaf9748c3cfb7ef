"""Clocks for tests: one that stands still until told, and one that jumps over every wait."""

import asyncio
import heapq
import itertools
from datetime import UTC, datetime

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC).timestamp()


class FakeClock:
    """Time that passes only in `advance`. Whoever sleeps is woken in order, at exactly the right moment."""

    def __init__(self, start: float = START, monotonic: float = 1000.0) -> None:
        self._start = start
        self._began = self._monotonic = monotonic
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._start + self._monotonic - self._began

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._order), waiter))
        await waiter

    @property
    def sleeping(self) -> int:
        """How many are asleep."""
        return sum(1 for _, _, waiter in self._sleepers if not waiter.done())

    async def settle(self) -> None:
        """Let everybody run who can without time passing."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking the sleepers on the way."""
        until = self._monotonic + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            at, _, waiter = heapq.heappop(self._sleepers)
            if waiter.done():
                continue
            self._monotonic = max(self._monotonic, at)
            waiter.set_result(None)
            await self.settle()
        self._monotonic = until
        await self.settle()


class JumpingClock(FakeClock):
    """Every wait is over at once and has taken its time; `slept` lists them. For code that talks to real sockets."""

    def __init__(self, start: float = START, monotonic: float = 1000.0) -> None:
        super().__init__(start, monotonic)
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._monotonic += max(seconds, 0.0)
        await asyncio.sleep(0)
