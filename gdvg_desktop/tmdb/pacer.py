"""The pacer: decides when a request may be sent. Rate, cool-down after 429, connections at once, and fair turns.

Everything is an even schedule of slots. A slot taken late (timers are late, loops are busy) lets the next come a
little earlier, so that the allowance is used, but never more than the rate falls into any sliding second. The server
counts at its own side, where answers arrive with jitter: so slots run 3.5 % slower than the rate, and the window that
is kept is a little longer than a second.

On 429 everything cools down, the allowed rate drops towards what the server accepted, and creeps back up with the
answers that succeed: quickly to just below the rate the server accepted, slowly beyond it.
"""

import asyncio
import contextlib
import math
from collections import deque
from dataclasses import dataclass

from gdvg_desktop.core.clock import Clock
from gdvg_desktop.tmdb.throughput import Throughput

MARGIN = 0.965  # of the rate: 38.6 sent where 40 are allowed, so 36 ms of network jitter make no 41st in a second
WINDOW_S = 1.025  # the sliding second, with room for jitter
CATCH_UP_S = 0.05  # how much lateness is made good
SMALLEST_GAP_S = 0.002  # below this timers are too coarse to space slots one by one
WINDOW_UP_TO = 1000.0  # rates above are for loopback; their window is not kept
UNPACED_TOP = 1000.0  # an unpaced client that met 429 is unpaced again from here

LONGEST_COOL_DOWN_S = 60.0
LOWEST_SHARE = 0.25  # of the set rate: below it the cool-downs do the rest, and a server's mere whims cost little
LOWEST_UNPACED = 50.0
CREEP_S = 60.0  # from nothing to the set rate
SLOW_CREEP_S = 2400.0  # the same near the rate that was refused and above
FORGET_S = 60.0  # a refused rate is tried again at full creep after this

TURNS = (0, 0, 1)  # two slots for the higher job, one for the other


@dataclass(frozen=True, slots=True)
class PacerState:
    """The pacer at one moment, in requests per second where nothing else is said.

    `rate` is measured over the last seconds, `allowed` is what the server lets us send, `limit` the set rate; 0 =
    unpaced for both. `cooldown_s` is what is left of a cool-down. `history` holds the last 5 minutes in 5 s steps.
    """

    rate: float
    allowed: float
    limit: float
    cooldown_s: float
    last_minute: int
    history: tuple[float, ...]

    @property
    def limited(self) -> bool:
        """True while TMDb has us slowed down."""
        return self.cooldown_s > 0 or self.allowed != self.limit


class Pacer:
    """Hands out slots in one event loop. `rate` is requests per second, 0 = unpaced; `width` how many may be out."""

    def __init__(self, rate: float, clock: Clock, width: int | None = None) -> None:
        self._clock = clock
        self._limit = rate
        self._allowed = rate or math.inf
        self._free: float = math.inf if width is None else width
        self._lanes: tuple[deque[asyncio.Future[None]], ...] = (deque(), deque())
        self._turn = 0
        self._timer: asyncio.Task[None] | None = None
        now = clock.monotonic()
        self._next = now
        self._granted: deque[float] = deque()
        self._throughput = Throughput(now)
        self._succeeded: deque[float] = deque(maxlen=2000)
        self._cool_until = -math.inf
        self._throttled_at = -math.inf
        self._bursts = 0  # since the last answer that succeeded
        self._accepted = 0
        self._refused_rate = math.inf

    # ------------------------------------------------------------------------------------------------ slots

    async def acquire(self, lane: int = 0) -> None:
        """Wait for a slot; `release` gives the connection back. A cancelled waiter leaves its slot to the others."""
        if self._free > 0 and not any(self._lanes):
            now = self._clock.monotonic()
            if self._due(now) <= now:
                self._next = max(self._next, now)  # nobody waited, so nothing is late
                self._take(now)
                return
        waiter = asyncio.get_running_loop().create_future()
        self._lanes[lane].append(waiter)
        self._dispatch()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.cancelled():
                with contextlib.suppress(ValueError):  # passed over already
                    self._lanes[lane].remove(waiter)
                self._rest()
            else:
                self.give_back()
            raise

    def release(self) -> None:
        """The request is off the wire."""
        self._free += 1
        self._dispatch()

    def give_back(self) -> None:
        """The slot just granted was not used: another may have it."""
        self._free += 1
        if self._granted:
            self._granted.pop()
        if math.isfinite(self._allowed):
            self._next -= 1 / (self._allowed * MARGIN)
        self._throughput.record(self._clock.monotonic(), -1)
        self._dispatch()

    def _dispatch(self) -> None:
        """Grant every slot that is due; for the next one set a timer."""
        while self._free > 0 and any(self._lanes):
            now = self._clock.monotonic()
            due = self._due(now)
            if due > now:
                if self._timer is None:
                    self._timer = asyncio.get_running_loop().create_task(self._wake(due - now), name="pacer")
                return
            waiter = self._next_waiter()
            if not waiter.done():
                self._take(now)
                waiter.set_result(None)
        self._rest()

    async def _wake(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._timer = None
        self._dispatch()

    def _rest(self) -> None:
        """Without anyone to serve there is nothing to wake up for."""
        if self._timer is not None and not any(self._lanes):
            self._timer.cancel()
            self._timer = None

    def _next_waiter(self) -> "asyncio.Future[None]":
        lane = TURNS[self._turn]
        if not self._lanes[lane]:
            return self._lanes[1 - lane].popleft()
        self._turn = (self._turn + 1) % len(TURNS)
        return self._lanes[lane].popleft()

    def _due(self, now: float) -> float:
        """When the next slot is due; at or before `now` means now."""
        if now < self._cool_until:
            return self._cool_until
        if math.isinf(self._allowed):
            return now
        due = self._next
        in_a_second = math.ceil(self._allowed)
        if self._granted and self._allowed <= WINDOW_UP_TO:
            gap = 0.5 / (self._allowed * MARGIN)
            if gap >= SMALLEST_GAP_S:
                due = max(due, self._granted[-1] + gap)
            if len(self._granted) >= in_a_second:
                due = max(due, self._granted[-in_a_second] + WINDOW_S)
        return due

    def _take(self, now: float) -> None:
        self._free -= 1
        self._throughput.record(now)
        if math.isinf(self._allowed):
            return
        self._next = max(self._next, now - CATCH_UP_S) + 1 / (self._allowed * MARGIN)
        self._granted.append(now)
        while self._granted[0] < now - WINDOW_S:
            self._granted.popleft()

    # ----------------------------------------------------------------------------------------------- adapting

    def throttled(self, retry_after_s: float | None, sent_at: float | None = None) -> float:
        """TMDb answered 429. Everything waits, and the allowed rate drops; returns the cool-down in seconds.

        Answers to requests that were on the wire when the first 429 came (`sent_at` is monotonic) belong to its
        burst: they lengthen the cool-down when they ask for more, and slow nothing down again.
        """
        now = self._clock.monotonic()
        wait = max(retry_after_s or 0.0, 1.0)
        if now >= self._cool_until and (sent_at is None or sent_at > self._throttled_at):
            wait = max(wait, 2.0**self._bursts)
            self._bursts = min(self._bursts + 1, 10)
            self._throttled_at = now
            self._slow_down(now)
        wait = min(wait, LONGEST_COOL_DOWN_S)
        self._cool_until = max(self._cool_until, now + wait)
        self._next = max(self._next, self._cool_until)
        return self._cool_until - now

    def _slow_down(self, now: float) -> None:
        """Down by a fifth; and, when two bursts in a row came at the same count, to that count: it is the limit.

        The count is what the server accepted in the last second. A 429 that has nothing to do with the rate comes at
        any count.
        """
        refused = self._allowed if math.isfinite(self._allowed) else float(max(self._throughput.total(now, 2), 2)) / 2
        accepted = sum(1 for at in self._succeeded if at > now - 1.0)
        known = accepted > 0 and 0.75 <= accepted / max(self._accepted, 1) <= 1.33
        self._accepted = accepted
        self._refused_rate = min(refused, accepted) if known else math.inf
        lowest = self._limit * LOWEST_SHARE or LOWEST_UNPACED
        self._allowed = max(min(refused * (0.95 if known else 0.8), self._refused_rate), min(lowest, refused))

    def succeeded(self) -> None:
        """TMDb answered: a little more is allowed again, up to the set rate."""
        now = self._clock.monotonic()
        self._succeeded.append(now)
        if now >= self._cool_until:
            self._bursts = 0
        top = self._limit or UNPACED_TOP
        if self._allowed >= top:
            return
        slow = self._allowed > 0.9 * self._refused_rate and now - self._throttled_at < FORGET_S
        per_second = top / (SLOW_CREEP_S if slow else CREEP_S)
        self._allowed += per_second / self._allowed
        if self._allowed >= top:
            self._allowed = self._limit or math.inf

    def set_rate(self, rate: float) -> None:
        """Use another rate from now on, 0 = unpaced."""
        slowed = self._allowed < (self._limit or math.inf)
        self._limit = rate
        self._allowed = min(self._allowed, rate or math.inf) if slowed else (rate or math.inf)
        now = self._clock.monotonic()
        self._next = max(now, self._cool_until)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._dispatch()

    def state(self) -> PacerState:
        """How it stands now."""
        now = self._clock.monotonic()
        return PacerState(
            rate=self._throughput.rate(now),
            allowed=self._allowed if math.isfinite(self._allowed) else 0.0,
            limit=self._limit,
            cooldown_s=max(0.0, self._cool_until - now),
            last_minute=self._throughput.total(now, 60),
            history=self._throughput.history(now),
        )

    @property
    def limited(self) -> bool:
        """True while TMDb has us slowed down."""
        return self._allowed < (self._limit or math.inf) or self._clock.monotonic() < self._cool_until
