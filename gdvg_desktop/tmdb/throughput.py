"""How many requests were sent when, for the last five minutes: the figures behind the rate and the sparkline."""

SECONDS = 300
STEP_S = 5
RATE_OVER_S = 5


class Throughput:
    """One counter for each of the last 300 seconds. Times are monotonic seconds."""

    def __init__(self, now: float) -> None:
        self._started = now
        self._second = int(now)
        self._counts = [0] * (SECONDS + 1)  # the second running now and 300 whole ones before it

    def record(self, now: float, count: int = 1) -> None:
        """Note requests sent (or, with a negative count, taken back)."""
        self._move(now)
        self._counts[self._second % len(self._counts)] += count

    def total(self, now: float, seconds: int) -> int:
        """Requests in the second running now and the whole seconds before it, `seconds` in all."""
        return sum(self._in(int(now) - back) for back in range(seconds))

    def rate(self, now: float) -> float:
        """Requests per second over the last few seconds."""
        span = min(now - self._started, now - int(now) + RATE_OVER_S - 1)
        return self.total(now, RATE_OVER_S) / max(span, 1.0)

    def history(self, now: float) -> tuple[float, ...]:
        """Requests per second in steps of 5 s over the last 5 minutes, oldest first; the running second left out."""
        ordered = [self._in(int(now) - back) for back in range(SECONDS, 0, -1)]
        return tuple(sum(ordered[start : start + STEP_S]) / STEP_S for start in range(0, SECONDS, STEP_S))

    def _in(self, second: int) -> int:
        """The count of one second. Reading changes nothing, so any thread may."""
        known = self._second - len(self._counts) < second <= self._second
        return self._counts[second % len(self._counts)] if known else 0

    def _move(self, now: float) -> None:
        second = int(now)
        for passed in range(max(self._second + 1, second - len(self._counts) + 1), second + 1):
            self._counts[passed % len(self._counts)] = 0
        self._second = max(self._second, second)
