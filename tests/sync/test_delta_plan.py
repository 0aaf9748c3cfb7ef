"""Which days are read and which titles are fetched: decided without a server."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.change_days import ChangeDay, begins_at, closes_from
from gdvg_desktop.store.coverage import IdSets
from gdvg_desktop.sync.delta_plan import days_to_read, sort_listed, to_fetch

TODAY = date(2026, 11, 21)
HOUR_MS = 3_600_000


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def day(ids: set[int], fetched: set[int], *, last_at: int = 0, closed_at: int | None = None) -> ChangeDay:
    return ChangeDay(MediaType.MOVIE, TODAY, begins_at(TODAY), last_at, closed_at, BitMap(ids), BitMap(fetched))


def test_the_day_of_the_watermark_is_read_once_more() -> None:
    found = days_to_read(ago(2), ago(100), TODAY)
    assert found.days == (ago(2), ago(1), TODAY) and found.refresh_before is None


def test_as_many_days_as_are_wished_for_are_read_in_any_case() -> None:
    found = days_to_read(ago(1), ago(100), TODAY, lookback=5)
    assert found.days == (ago(4), ago(3), ago(2), ago(1), TODAY) and found.refresh_before is None
    assert len(days_to_read(ago(9), None, TODAY, lookback=3).days) == 10
    assert len(days_to_read(ago(1), None, TODAY, lookback=14).days) == 14


def test_the_first_run_begins_before_the_oldest_title() -> None:
    assert days_to_read(None, TODAY, TODAY).days == (ago(1), TODAY)
    assert days_to_read(None, None, TODAY).days == (TODAY,)
    old = days_to_read(None, ago(40), TODAY)
    assert len(old.days) == 14 and old.refresh_before == old.days[0] == ago(13)


def test_fourteen_days_behind_still_follows_and_fifteen_does_not() -> None:
    assert days_to_read(ago(14), None, TODAY).refresh_before is None
    assert days_to_read(ago(15), None, TODAY).refresh_before == ago(13)


@given(st.one_of(st.none(), st.integers(-3, 4000)), st.one_of(st.none(), st.integers(-3, 4000)))
def test_days_are_unbroken_end_today_and_are_never_more_than_fourteen(marked: int | None, oldest: int | None) -> None:
    found = days_to_read(None if marked is None else ago(marked), None if oldest is None else ago(oldest), TODAY).days
    assert found[-1] == TODAY and 1 <= len(found) <= 14
    assert all(after - before == timedelta(days=1) for before, after in pairwise(found))


def test_listed_ids_are_sorted_by_what_is_known_of_them() -> None:
    sets = IdSets(
        in_export=BitMap({1, 2, 3, 4, 5}),
        held=BitMap({1}),
        missing=BitMap({2}),
        tombstoned=BitMap({3}),
        excluded=BitMap({4}),
        undetermined=BitMap({5}),
        beyond=BitMap({6}),
    )
    listed = BitMap(range(1, 10))
    found = sort_listed(listed, BitMap({6, 9}), sets, BitMap({1, 6}), names_type=True, adult_in_scope=False)
    assert (found.held, found.missing, found.unjudged) == (BitMap({1, 3, 6}), BitMap({2}), BitMap({7, 8}))
    assert (found.adult, found.outside) == (BitMap({9}), BitMap({4, 5}))
    assert 9 in sort_listed(listed, BitMap({9}), sets, BitMap(), names_type=True, adult_in_scope=True).unjudged
    assert not sort_listed(listed, BitMap(), sets, BitMap(), names_type=False, adult_in_scope=False).unjudged


def test_an_open_day_is_fetched_when_first_seen_only() -> None:
    now = begins_at(TODAY) + 12 * HOUR_MS
    assert to_fetch(day(set(), set()), BitMap({1, 2}), {1: now - 1}, now) == BitMap({1, 2})
    read = day({1, 2}, {1, 2}, last_at=now - HOUR_MS)
    assert to_fetch(read, BitMap({1, 2, 3}), {1: now, 2: now, 3: now}, now) == BitMap({3})


def test_what_failed_or_was_cancelled_is_asked_for_again_unless_it_was_had_since() -> None:
    now = begins_at(TODAY) + 12 * HOUR_MS
    read = day({1, 2}, set(), last_at=now - HOUR_MS)
    assert to_fetch(read, BitMap({1, 2}), {1: now - 2 * HOUR_MS, 2: now - 1}, now) == BitMap({1})


def test_the_closing_pass_fetches_what_was_last_had_before_it() -> None:
    limit = closes_from(TODAY)
    read = day({1, 2, 3}, {1, 2, 3}, last_at=limit - HOUR_MS)
    asked = {1: limit - 1, 2: limit, 3: limit + HOUR_MS}
    assert to_fetch(read, BitMap({1, 2, 3, 4}), asked, limit - 1) == BitMap({4})
    assert to_fetch(read, BitMap({1, 2, 3, 4}), asked, limit) == BitMap({1, 4})


def test_after_the_closing_pass_only_what_is_new_on_the_list_is_fetched() -> None:
    limit = closes_from(TODAY)
    closed = day({1, 2}, {1}, last_at=limit, closed_at=limit + 1)
    assert to_fetch(closed, BitMap({1, 2, 3, 4}), {2: limit - 1, 4: limit + 5}, limit + HOUR_MS) == BitMap({2, 3})
