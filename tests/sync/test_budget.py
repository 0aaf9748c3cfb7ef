"""The budget of a UTC day, and the forecast made of it."""

from dataclasses import replace

import pytest

from gdvg_desktop.core.clock import utc_day
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.store.mirror_days import Spent
from gdvg_desktop.sync.budget import DayBudget
from gdvg_desktop.sync.forecast import Limits, expected_finish
from gdvg_desktop.tmdb.client import Meter
from tests.support.clock import START, FakeClock


def budget(clock: FakeClock, meter: Meter, requests: int = 0, minutes: int = 0) -> DayBudget:
    settings = replace(Settings(), mirror_daily_requests=requests, mirror_daily_minutes=minutes)
    return DayBudget(settings, clock, meter)


def test_requests_on_their_way_count_before_they_are_sent() -> None:
    meter = Meter()
    one = budget(FakeClock(), meter, requests=3)
    for _ in range(3):
        assert one.allows_title()
        one.title_begins()
    assert not one.allows_title()
    meter.requests = 3
    for _ in range(3):
        one.title_ended()
    assert not one.allows_title()


def test_a_request_sent_again_counts_again() -> None:
    meter = Meter()
    one = budget(FakeClock(), meter, requests=3)
    one.title_begins()
    meter.requests, meter.retries = 2, 1
    one.title_begins()
    assert not one.allows_title()


def test_what_earlier_runs_of_the_day_used_counts() -> None:
    one = budget(FakeClock(), Meter(), requests=100)
    one.open(Spent(requests=100))
    assert not one.allows_title()


def test_without_limits_everything_is_allowed() -> None:
    one = budget(FakeClock(), Meter())
    one.open(Spent(requests=10**9, millis=10**12))
    assert one.allows_title()


async def test_minutes_run_out_and_come_back_with_the_next_day() -> None:
    clock = FakeClock()  # noon
    one = budget(clock, Meter(), minutes=10)
    await clock.advance(9 * 60)
    assert one.allows_title()
    await clock.advance(60)
    assert not one.allows_title()
    await clock.advance(12 * 3600)
    assert one.allows_title()


async def test_every_day_gets_what_was_used_on_it() -> None:
    clock, meter = FakeClock(), Meter()
    one = budget(clock, meter)
    today = one.today
    meter.requests = 5
    one.stored(4)
    await clock.advance(60)
    assert one.take() == [(today, Spent(5, 60_000, 4))]
    assert one.take() == []
    meter.requests = 7
    await clock.advance(12 * 3600)
    one.allows_title()  # asked for every title, so a day ends within one
    meter.requests = 8
    await clock.advance(2)
    (first, before), (second, after) = one.take()
    assert (first, second) == (today, one.today) and first < second
    assert (before.requests, after.requests, after.millis) == (2, 1, 2_000)


def test_the_next_day_begins_at_midnight_utc() -> None:
    one = budget(FakeClock(), Meter())
    assert one.next_day_ms == round((START + 12 * 3600) * 1000)


@pytest.mark.parametrize(
    ("left", "rate", "limits", "spent", "expected"),
    [
        (0, 10.0, Limits(), Spent(), 0.0),
        (100, None, Limits(), Spent(), None),
        (1000, 10.0, Limits(), Spent(), 100.0),
        (10 * 12 * 3600 + 50, 10.0, Limits(), Spent(), 12 * 3600 + 5.0),  # over midnight
        (4000, 10.0, Limits(requests=4000), Spent(requests=1000), 12 * 3600 + 100.0),  # 3,000 today, 1,000 tomorrow
        (9000, 10.0, Limits(requests=4000), Spent(requests=4000), 36 * 3600 + 24 * 3600 + 100.0),
        (1200, 10.0, Limits(minutes=1), Spent(), 12 * 3600 + 60.0),  # 600 a day
        (10**9, 1.0, Limits(requests=10), Spent(), None),  # more than a century
    ],
)
def test_the_finish_follows_rate_and_budget(
    left: int, rate: float | None, limits: Limits, spent: Spent, expected: float | None
) -> None:
    assert utc_day(START) == utc_day(START + 12 * 3600 - 1)  # it is noon
    found = expected_finish(left, rate, limits, spent, START)
    assert found == (None if expected is None else pytest.approx(START + expected))
