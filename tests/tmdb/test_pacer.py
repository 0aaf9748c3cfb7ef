"""The pacer on a clock of its own: spacing, windows, lanes, cool-down, creeping back."""

import asyncio
import itertools
import random
from collections.abc import Iterable

import pytest

from gdvg_desktop.tmdb.pacer import Pacer
from tests.support.clock import FakeClock


class LateClock(FakeClock):
    """A clock whose sleepers wake late, as on a busy loop."""

    def __init__(self, lateness: Iterable[float]) -> None:
        super().__init__()
        self._lateness = iter(lateness)

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + next(self._lateness))


def in_any_second(times: list[float]) -> int:
    """The most that fall into one sliding second."""
    most = start = 0
    for end, at in enumerate(times):
        while times[start] <= at - 1.0:
            start += 1
        most = max(most, end - start + 1)
    return most


async def run(pacer: Pacer, clock: FakeClock, seconds: float, *, callers: int = 12) -> list[float]:
    """Let many callers take slots for a while; when each was granted."""
    times: list[float] = []

    async def caller() -> None:
        while True:
            await pacer.acquire()
            times.append(clock.monotonic())
            pacer.release()

    tasks = [asyncio.create_task(caller()) for _ in range(callers)]
    await clock.advance(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return times


@pytest.mark.parametrize("rate", [1, 4, 20, 40, 200])
async def test_slots_are_evenly_spaced_and_never_more_than_the_rate_in_a_second(rate: int) -> None:
    clock = FakeClock()
    times = await run(Pacer(rate, clock), clock, 10)
    assert in_any_second(times) <= rate
    assert len(times) >= 0.95 * rate * 10
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert min(gaps) == pytest.approx(max(gaps), rel=0.1)


@pytest.mark.parametrize("seed", range(5))
async def test_late_timers_cost_no_allowance_and_make_no_burst(seed: int) -> None:
    chance = random.Random(seed)
    clock = LateClock(chance.choice((0.0, 0.001, 0.001, 0.002, 0.004, 0.008, 0.012, 0.03)) for _ in iter(int, 1))
    times = await run(Pacer(40, clock), clock, 30)
    assert in_any_second(times) <= 40
    assert len(times) >= 0.95 * 40 * 30
    assert min(after - before for before, after in itertools.pairwise(times)) >= 0.5 / 40


async def test_a_long_stall_is_not_made_good_by_a_burst() -> None:
    clock = LateClock([0.0] * 20 + [2.0] + [0.0] * 1000)
    times = await run(Pacer(40, clock), clock, 10)
    assert in_any_second(times) <= 40
    assert len(times) < 40 * 8.2


async def test_the_first_request_after_a_pause_goes_at_once_and_the_pause_is_not_saved_up() -> None:
    clock = FakeClock()
    pacer = Pacer(10, clock)
    await pacer.acquire()
    await clock.advance(60)
    times = await run(pacer, clock, 1)
    assert times[0] == clock.monotonic() - 1
    assert len(times) <= 10


async def test_unpaced_grants_at_once_and_only_as_many_as_may_be_out() -> None:
    clock = FakeClock()
    pacer = Pacer(0, clock, width=3)
    for _ in range(3):
        await pacer.acquire()
    fourth = asyncio.create_task(pacer.acquire())
    await clock.advance(100)
    assert not fourth.done()
    pacer.release()
    await fourth
    assert pacer.state().limit == 0


async def test_no_slot_is_lost_or_saved_up_while_all_connections_are_busy() -> None:
    clock = FakeClock()
    pacer = Pacer(10, clock, width=1)
    await pacer.acquire()
    waiting = [asyncio.create_task(pacer.acquire()) for _ in range(5)]
    await clock.advance(5)
    assert not any(task.done() for task in waiting)
    for _ in range(5):
        pacer.release()
    await clock.settle()
    assert sum(task.done() for task in waiting) == 1, "five connections came free at once, but only one slot was due"
    await clock.advance(1)
    assert all(task.done() for task in waiting)


async def test_two_lanes_share_two_to_one_while_both_wait() -> None:
    clock = FakeClock()
    pacer = Pacer(30, clock)
    granted = {0: 0, 1: 0}

    async def caller(lane: int) -> None:
        while True:
            await pacer.acquire(lane)
            granted[lane] += 1
            pacer.release()

    tasks = [asyncio.create_task(caller(lane)) for lane in (0, 1) for _ in range(8)]
    await clock.advance(20)
    assert granted[0] == pytest.approx(2 * granted[1], abs=3)
    for task in tasks[:8]:
        task.cancel()
    await clock.settle()
    before = granted[1]
    await clock.advance(10)
    assert granted[1] - before >= 0.95 * 300, "a lane alone gets every slot"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_cancelled_waiter_leaves_its_slot_to_the_next() -> None:
    clock = FakeClock()
    pacer = Pacer(1, clock, width=2)
    await pacer.acquire()
    first, second = (asyncio.create_task(pacer.acquire()) for _ in range(2))
    await clock.settle()
    first.cancel()
    await clock.advance(1.1)
    assert second.done() and not second.cancelled()
    pacer.release()
    pacer.release()
    assert pacer.state().last_minute == 2


async def test_a_waiter_cancelled_just_when_it_was_served_gives_slot_and_connection_back() -> None:
    clock = FakeClock()
    pacer = Pacer(0, clock, width=1)
    await pacer.acquire()
    waiting = asyncio.create_task(pacer.acquire())
    await clock.settle()
    pacer.release()  # grants the slot; the waiter has not run yet
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.wait_for(pacer.acquire(), 1)
    assert pacer.state().last_minute == 2


async def test_without_waiters_nothing_is_left_running() -> None:
    clock = FakeClock()
    pacer = Pacer(1, clock)
    await pacer.acquire()
    waiting = asyncio.create_task(pacer.acquire())
    await clock.settle()
    waiting.cancel()
    await clock.settle()
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize(
    ("retry_after", "least", "most"), [(None, 1, 2), (0, 1, 2), (2, 2, 2), (7.5, 7.5, 7.5), (900, 60, 60)]
)
async def test_after_429_everything_waits(retry_after: float | None, least: float, most: float) -> None:
    clock = FakeClock()
    pacer = Pacer(40, clock)
    await pacer.acquire()
    cool_down = pacer.throttled(retry_after)
    assert least <= cool_down <= most
    assert pacer.state().cooldown_s == cool_down
    assert pacer.limited
    waiting = asyncio.create_task(pacer.acquire())
    await clock.advance(cool_down - 0.01)
    assert not waiting.done()
    await clock.advance(0.02)
    assert waiting.done()


async def test_several_429_of_one_burst_count_once() -> None:
    clock = FakeClock()
    pacer = Pacer(40, clock)
    sent_at = clock.monotonic()
    await clock.advance(1)
    first = pacer.throttled(None, sent_at)
    allowed = pacer.state().allowed
    for _ in range(9):
        pacer.throttled(None, sent_at)
    assert pacer.state().allowed == allowed
    assert pacer.state().cooldown_s == first
    pacer.throttled(5, sent_at)
    assert pacer.state().cooldown_s == 5, "the longest wish of the burst counts"
    await clock.advance(6)
    pacer.throttled(None, sent_at)
    assert pacer.state().allowed == allowed, "a late answer to the same burst slows nothing down again"


async def test_bursts_one_after_the_other_wait_twice_as_long_each() -> None:
    clock = FakeClock()
    pacer = Pacer(40, clock)
    waits = []
    for _ in range(8):
        waits.append(pacer.throttled(None))
        await clock.advance(waits[-1] + 0.5)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    await clock.advance(61)
    pacer.succeeded()
    assert pacer.throttled(None) == 1, "an answer in between makes it a new matter"


async def test_429_at_random_never_slows_down_below_a_quarter_of_the_set_rate() -> None:
    chance = random.Random(7)
    clock = FakeClock()
    pacer = Pacer(40, clock)
    good = 0
    lowest = 40.0
    while good < 1000:
        await pacer.acquire()
        if chance.random() < 0.05:
            await clock.advance(pacer.throttled(1) + 0.001)
        else:
            good += 1
            pacer.succeeded()
        lowest = min(lowest, pacer.state().allowed)
        pacer.release()
        await clock.advance(0.2)
    assert 10 <= lowest < 40
    assert pacer.state().cooldown_s == 0


async def test_after_the_cool_down_there_is_no_burst() -> None:
    clock = FakeClock()
    pacer = Pacer(40, clock)
    await run(pacer, clock, 2)
    cool_down = pacer.throttled(3)
    allowed = pacer.state().allowed
    times = await run(pacer, clock, cool_down + 2)
    assert times[0] >= clock.monotonic() - 2
    assert in_any_second(times) <= allowed


async def test_the_rate_creeps_back_to_the_set_one_with_answers_only() -> None:
    clock = FakeClock()
    pacer = Pacer(40, clock)
    await run(pacer, clock, 2)
    pacer.throttled(None)
    low = pacer.state().allowed
    assert 20 <= low <= 38
    await clock.advance(120)
    assert pacer.state().allowed == low, "time alone allows nothing"
    seen = [low]
    for _ in range(40 * 120):
        pacer.succeeded()
        seen.append(pacer.state().allowed)
    assert all(after - before < 0.1 for before, after in itertools.pairwise(seen))
    assert pacer.state().allowed == 40
    assert not pacer.limited


class AllowingServer:
    """Counts sliding seconds, as a server does, and says whether a request goes through."""

    def __init__(self, allowed: float) -> None:
        self.allowed = allowed
        self._taken: list[float] = []

    def takes(self, now: float) -> bool:
        self._taken = [at for at in self._taken if at > now - 1.0]
        if len(self._taken) >= self.allowed:
            return False
        self._taken.append(now)
        return True


async def test_it_adapts_to_a_server_that_suddenly_allows_less() -> None:
    clock = FakeClock()
    pacer = Pacer(40, clock)
    server = AllowingServer(40)
    good: list[float] = []
    bad: list[float] = []

    async def caller() -> None:
        while True:
            await pacer.acquire()
            sent_at = clock.monotonic()
            await clock.sleep(0.05)
            if server.takes(sent_at):
                good.append(sent_at)
                pacer.succeeded()
            else:
                bad.append(sent_at)
                pacer.throttled(None, sent_at)
            pacer.release()

    tasks = [asyncio.create_task(caller()) for _ in range(12)]
    await clock.advance(10)
    assert not bad
    server.allowed = 10
    changed = clock.monotonic()
    await clock.advance(120)
    later = changed + 20
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(at >= later for at in bad) <= 10, "about one refusal in ten seconds while it feels for the limit"
    assert sum(at >= later for at in good) >= 0.75 * 10 * 100


async def test_an_unpaced_client_paces_itself_after_429() -> None:
    clock = FakeClock()
    pacer = Pacer(0, clock)
    for _ in range(100):
        await pacer.acquire()
        pacer.release()
    pacer.throttled(None)
    assert 0 < pacer.state().allowed <= 50
    times = await run(pacer, clock, 5)
    assert in_any_second(times) <= 50


async def test_another_rate_counts_at_once_and_keeps_a_slow_down() -> None:
    clock = FakeClock()
    pacer = Pacer(1, clock)
    assert len(await run(pacer, clock, 5)) == 5
    waiting = [asyncio.create_task(pacer.acquire()) for _ in range(3)]
    await clock.settle()
    pacer.set_rate(40)
    await clock.advance(0.2)
    assert all(task.done() for task in waiting)
    pacer.throttled(None)
    allowed = pacer.state().allowed
    pacer.set_rate(30)
    assert pacer.state().allowed == min(allowed, 30)
    pacer.set_rate(4)
    assert pacer.state().allowed <= 4


async def test_the_state_shows_rate_last_minute_and_history() -> None:
    clock = FakeClock()
    pacer = Pacer(20, clock)
    await run(pacer, clock, 30)
    state = pacer.state()
    assert state.rate == pytest.approx(19.3, abs=1)
    assert state.last_minute == pytest.approx(579, abs=3)
    assert len(state.history) == 60
    assert state.history[-3:] == pytest.approx([19.3] * 3, abs=0.5)
    assert state.history[:50] == (0.0,) * 50
    await clock.advance(400)
    assert pacer.state().rate == 0
    assert pacer.state().last_minute == 0
    assert set(pacer.state().history) == {0.0}
