"""Cron expressions in a zone: right across both changes of the clock, refused when they mean nothing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.schedule.cron import parse

VIENNA = ZoneInfo("Europe/Vienna")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA)


def runs(expression: str, after: str, count: int, zone: str = "Europe/Vienna") -> list[str]:
    found = parse(expression, zone).next(local(after), count)
    return [one.astimezone(VIENNA).strftime("%m-%d %H:%M %z") for one in found]


def test_a_time_the_spring_change_leaves_out_runs_right_after_it() -> None:
    assert runs("30 2 * * *", "2026-03-28T12:00", 3) == ["03-29 03:00 +0200", "03-30 02:30 +0200", "03-31 02:30 +0200"]


def test_a_time_the_autumn_change_repeats_runs_once() -> None:
    assert runs("30 2 * * *", "2026-10-24T12:00", 2) == ["10-25 02:30 +0200", "10-26 02:30 +0100"]


def test_an_expression_of_every_half_hour_runs_through_the_repeated_hour() -> None:
    assert runs("*/30 * * * *", "2026-10-25T01:45", 5) == [
        "10-25 02:00 +0200",
        "10-25 02:30 +0200",
        "10-25 02:00 +0100",
        "10-25 02:30 +0100",
        "10-25 03:00 +0100",
    ]


def test_an_expression_in_utc_does_not_move_with_the_local_clock() -> None:
    assert runs("0 */6 * * *", "2026-10-24T20:00", 3, "UTC") == [
        "10-25 02:00 +0200",
        "10-25 07:00 +0100",
        "10-25 13:00 +0100",
    ]


def test_weekdays_count_from_sunday() -> None:
    first = parse("0 12 * * 1", "UTC").next(datetime(2026, 11, 21, tzinfo=UTC), 1)[0]
    assert first.strftime("%A") == "Monday"


@pytest.mark.parametrize(
    "expression",
    ["", "* * * *", "* * * * * *", "61 * * * *", "0 25 * * *", "0 0 * * tea", "0 0 30 2 *", "0 0 */31 * 1#5", "soon"],
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(UsageError):
        parse(expression, "UTC")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(UsageError):
        parse("0 0 * * *", zone)


def test_an_expression_is_said_in_words() -> None:
    assert "03:30" in parse("30 3 * * *", "UTC").words()


@given(
    start=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001  naive is what hypothesis takes
    hours=st.integers(0, 24 * 40),
    expression=st.sampled_from(["0 */6 * * *", "30 3 * * *", "30 2 * * *", "15 8 * * 1", "0 0 1 * *"]),
)
def test_runs_are_later_each_and_between_counts_the_same(start: datetime, hours: int, expression: str) -> None:
    cron = parse(expression, "Europe/Vienna")
    begin = start.replace(tzinfo=UTC)
    end = begin + timedelta(hours=hours)
    found = cron.between(begin, end)
    assert found == sorted(set(found))
    assert all(begin < one <= end for one in found)
    assert cron.next(begin, len(found) + 1)[: len(found)] == found
