"""Days of the change lists as rows."""

from datetime import date, timedelta

from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store import change_days
from gdvg_desktop.store.db import Store

DAY = date(2026, 11, 18)
MOVIE = MediaType.MOVIE


def after(days: int) -> date:
    return DAY + timedelta(days=days)


def read_and_close(store: Store, day: date, late: bool = True) -> bool:
    at = change_days.closes_from(day) - (0 if late else 1)

    def write(db: object) -> bool:
        change_days.listed(db, MOVIE, day, ids=BitMap({1, 2}), fetched=BitMap({1}), now_ms=at)  # type: ignore[arg-type]
        return change_days.close(db, MOVIE, day, at)  # type: ignore[arg-type]

    return store.write_now(write)


def test_the_watermark_is_the_last_day_before_the_first_open_one(store: Store) -> None:
    def watermark() -> date | None:
        return store.read_now(lambda db: change_days.watermark(db, MOVIE))

    assert watermark() is None
    store.write_now(lambda db: change_days.plan(db, MOVIE, [after(n) for n in range(4)], 5))
    assert watermark() == after(-1)
    assert read_and_close(store, after(1))  # a day in the middle does not move it
    assert watermark() == after(-1)
    assert read_and_close(store, after(0))
    assert watermark() == after(1)
    assert not read_and_close(store, after(2), late=False)
    assert watermark() == after(1)
    assert store.read_now(lambda db: change_days.open_days(db, MOVIE)) == [after(2), after(3)]
    assert store.read_now(lambda db: change_days.watermark(db, MediaType.TV)) is None


def test_planning_a_known_day_keeps_what_is_known(store: Store) -> None:
    store.write_now(lambda db: change_days.plan(db, MOVIE, [DAY], 5))
    read_and_close(store, DAY)
    store.write_now(lambda db: change_days.plan(db, MOVIE, [DAY], 9))
    store.write_now(lambda db: change_days.add_fetched(db, MOVIE, DAY, BitMap({2, 77})))
    one = store.read_now(lambda db: change_days.get(db, MOVIE, DAY))
    assert one is not None and (one.first_at, one.ids, one.fetched) == (5, BitMap({1, 2}), BitMap({1, 2}))
    assert one.closed_at == change_days.closes_from(DAY) == one.last_at


def test_old_days_go_but_never_the_last_one(store: Store) -> None:
    store.write_now(lambda db: change_days.plan(db, MOVIE, [after(n) for n in range(3)], 5))
    for n in range(3):
        read_and_close(store, after(n))
    store.write_now(lambda db: change_days.prune(db, MOVIE, after(40)))
    assert store.read_now(lambda db: change_days.watermark(db, MOVIE)) == after(2)
    assert store.read_now(lambda db: change_days.get(db, MOVIE, after(1))) is None
    assert store.read_now(lambda db: change_days.latest_naming(db, MOVIE, 2)) == after(2)
    assert store.read_now(lambda db: change_days.latest_naming(db, MOVIE, 3)) is None
