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
        self._move(now)
        return sum(self._counts[(self._second - back) % len(self._counts)] for back in range(seconds))

    def rate(self, now: float) -> float:
        """Requests per second over the last few seconds."""
        sent = self.total(now, RATE_OVER_S)
        span = min(now - self._started, now - self._second + RATE_OVER_S - 1)
        return sent / max(span, 1.0)

    def history(self, now: float) -> tuple[float, ...]:
        """Requests per second in steps of 5 s over the last 5 minutes, oldest first; the running second left out."""
        self._move(now)
        ordered = [self._counts[(self._second - back) % len(self._counts)] for back in range(SECONDS, 0, -1)]
        return tuple(sum(ordered[start : start + STEP_S]) / STEP_S for start in range(0, SECONDS, STEP_S))

    def _move(self, now: float) -> None:
        second = int(now)
        passed = second - self._second
        if passed <= 0:
            return
        for back in range(min(passed, len(self._counts))):
            self._counts[(second - back) % len(self._counts)] = 0
        self._second = second
