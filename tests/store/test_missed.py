"""Planned runs that did not run, gathered into rows of the history."""

from typing import Any

import pytest

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.store import missed, schedule
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.missed import MissedRow

NOW = 1_700_000_000_000
HOUR = 3_600_000


def add(store: Store, task: str, *moments: tuple[int, str]) -> None:
    store.write_now(lambda db: schedule.add_missed(db, task, [(NOW + hour * HOUR, reason) for hour, reason in moments]))


def ran(store: Store, task: str, hour: int) -> None:
    def write(db: Any) -> None:
        run_id = schedule.begin_run(db, task, NOW + hour * HOUR, "schedule", NOW + hour * HOUR)
        schedule.end_run(db, run_id, "done", NOW + hour * HOUR + 1)

    store.write_now(write)


def found(store: Store, **wanted: Any) -> list[tuple[str, str, int, int]]:
    rows = store.read_now(lambda db: missed.listing(db, **wanted))
    return [(one.task, one.reason, one.count, (one.planned_at - NOW) // HOUR) for one in rows]


def test_moments_in_a_row_for_one_reason_are_one_until_the_task_runs(store: Store) -> None:
    add(store, "delta", (0, "offline"), (6, "offline"))
    add(store, "mirror", (7, "offline"))
    add(store, "delta", (12, "offline"), (18, "paused"))
    ran(store, "mirror", 19)
    ran(store, "delta", 24)
    add(store, "delta", (30, "paused"))
    assert found(store) == [
        ("delta", "paused", 1, 30),
        ("delta", "paused", 1, 18),
        ("delta", "offline", 3, 12),
        ("mirror", "offline", 1, 7),
    ]
    assert found(store, since=NOW + 6 * HOUR, until=NOW + 18 * HOUR) == [
        ("delta", "offline", 2, 12),
        ("mirror", "offline", 1, 7),
    ]


def test_one_is_looked_into_by_its_first_moment_and_knows_what_came_after(store: Store) -> None:
    add(store, "delta", *((hour, "not_awake") for hour in range(5)))
    first = store.read_now(missed.listing)[0]
    assert store.read_now(lambda db: missed.get(db, first.id)) == first
    assert store.read_now(lambda db: missed.ran_after(db, first)) is None
    ran(store, "delta", 9)
    again: MissedRow = store.read_now(lambda db: missed.get(db, first.id))
    assert (again.first_at, again.planned_at, again.count) == (NOW, NOW + 4 * HOUR, 5)
    assert store.read_now(lambda db: missed.ran_after(db, again)) == NOW + 9 * HOUR
    assert store.read_now(lambda db: missed.moments(db, again, 2)) == [NOW + 4 * HOUR, NOW + 3 * HOUR]
    for none in (99, again.last_id + 1):
        with pytest.raises(UsageError, match="no missed run"):
            store.read_now(lambda db, none=none: missed.get(db, none))


def test_never_more_than_so_many_are_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed, "READ", 3)
    add(store, "delta", *((hour, "offline") for hour in range(5)))
    assert found(store) == [("delta", "offline", 3, 4)]
