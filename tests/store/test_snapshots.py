"""Snapshots: what they hold, which are kept, and what two of them say."""

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from peewee import SqliteDatabase

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import NewerLibrary, StorageError, UsageError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import snapshot_file, snapshots
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.snapshots import Snapshot
from tests.support.titles import rows, write

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(moment: datetime) -> int:
    return to_millis(moment.timestamp())


def take(store: Store, moment: datetime = MONDAY, *, daily: bool = False) -> Snapshot | None:
    return store.read_now(lambda db: snapshots.take(store.paths, db, at(moment), "manual", daily=daily))


def edit(store: Store, title_id: int, moment: datetime) -> None:
    """An entry in the log of changes."""

    def note(db: SqliteDatabase) -> None:
        db.execute_sql(
            "INSERT INTO title_change (title_id, at, field, old, new) VALUES (?, ?, 'title', 'a', 'b')",
            (title_id, at(moment)),
        )

    store.write_now(note)


def test_a_snapshot_counts_what_is_held_by_year_and_country(store: Store, paths: Paths) -> None:
    write(
        store,
        rows(1, title="One", release_date="2019-05-30", origin_country=["KR", "FR"]),
        rows(2, title="Two", release_date="2019-01-01", origin_country=["KR"]),
        rows(1, MediaType.TV, title="Undated series"),
        rows(3, title="Deleted", release_date="2019-01-01"),
    )
    store.write_now(
        lambda db: db.execute_sql(
            "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at) "
            "VALUES (6, 'movie', 3, 1, '2026-01-01', 1)"
        )
    )
    taken = take(store)
    assert taken is not None
    assert (taken.movies, taken.tv, taken.new_titles, taken.percent) == (2, 1, None, None)
    assert snapshots.totals(paths, taken.id) == [
        (MediaType.MOVIE, "country", "FR", 1),
        (MediaType.MOVIE, "country", "KR", 2),
        (MediaType.MOVIE, "year", "2019", 2),
    ]
    write(store, rows(4, title="Four"))
    later = take(store, MONDAY + timedelta(hours=1))
    assert later is not None and (later.movies, later.new_titles) == (3, 1)


def test_a_day_gets_one_by_itself_and_as_many_as_are_asked_for(store: Store, paths: Paths) -> None:
    assert take(store, daily=True) is not None
    assert take(store, MONDAY + timedelta(hours=11), daily=True) is None
    assert take(store, MONDAY + timedelta(hours=13), daily=True) is not None
    assert take(store, MONDAY + timedelta(hours=13)) is not None
    assert len(snapshots.listing(paths)) == 3


def test_the_last_five_one_a_month_for_a_year_and_pinned_ones_are_kept(store: Store, paths: Paths) -> None:
    first = take(store, MONDAY - timedelta(days=700))
    assert first is not None
    snapshots.pin(paths, first.id, pinned=True)
    for days in range(500, 0, -7):
        take(store, MONDAY - timedelta(days=days))
    kept = [datetime.fromtimestamp(one.taken_at / 1000, UTC) for one in snapshots.listing(paths)]
    newest = MONDAY - timedelta(days=3)
    assert kept[:5] == [newest - timedelta(weeks=back) for back in range(5)]
    months = [f"{one:%Y-%m}" for one in kept[:-1]]
    assert set(months) == {f"{newest - timedelta(days=back):%Y-%m}" for back in range(0, 365, 7)}
    assert sorted(months, reverse=True) == months and len(months) <= 5 + 12
    assert kept[-1] == MONDAY - timedelta(days=700)
    snapshots.pin(paths, first.id, pinned=False)
    take(store, MONDAY)
    assert first.id not in [one.id for one in snapshots.listing(paths)]


def test_two_snapshots_say_what_was_added_removed_and_changed(store: Store, paths: Paths) -> None:
    write(store, *(rows(number, title=str(number), release_date="2020-01-01") for number in range(1, 6)))
    write(store, rows(1, MediaType.TV, title="Series"))
    edit(store, 2, MONDAY - timedelta(days=1))
    before = take(store)
    write(store, rows(6, title="6", release_date="2021-01-01"), rows(2, MediaType.TV, title="Another"))
    store.write_now(lambda db: db.execute_sql("DELETE FROM title WHERE id = 2"))
    for title_id in (4, 4, 12, 3):  # movies 2 and 6, series 1
        edit(store, title_id, MONDAY + timedelta(hours=1))
    after = take(store, MONDAY + timedelta(hours=2))
    edit(store, 8, MONDAY + timedelta(hours=3))
    assert before is not None and after is not None
    found = store.read_now(lambda db: snapshots.difference(paths, db, after.id, before.id))
    assert (found.before, found.after, found.changes_known) == (before, after, True)
    movies, series = found.types[MediaType.MOVIE], found.types[MediaType.TV]
    assert (list(movies.added), list(movies.removed), list(movies.changed)) == ([6], [1], [2])
    assert (list(series.added), list(series.removed), list(series.changed)) == ([2], [], [1])
    assert found.totals == (("year", "2020", 5, 4), ("year", "2021", 0, 1))


def test_a_log_that_does_not_reach_back_is_told(store: Store, paths: Paths) -> None:
    write(store, rows(1, title="One"))
    before = take(store)
    for _ in range(3):
        edit(store, 2, MONDAY + timedelta(hours=1))
    after = take(store, MONDAY + timedelta(hours=2))
    store.write_now(lambda db: db.execute_sql("DELETE FROM title_change WHERE id < 3"))
    assert before is not None and after is not None
    found = store.read_now(lambda db: snapshots.difference(paths, db, before.id, after.id))
    assert not found.changes_known and list(found.types[MediaType.MOVIE].changed) == [1]


def test_purged_ids_leave_the_counts(store: Store, paths: Paths) -> None:
    write(store, rows(1, title="One"))
    one, two = take(store), take(store, MONDAY + timedelta(hours=1))
    assert one is not None and two is not None
    snapshot_file.purge_ids(paths)
    assert [each.movies for each in snapshots.listing(paths)] == [1, 1]
    with pytest.raises(UsageError, match="purged"):
        store.read_now(lambda db: snapshots.difference(paths, db, one.id, two.id))
    later = take(store, MONDAY + timedelta(hours=2))
    assert later is not None and later.new_titles is None


def test_files_that_cannot_be_used_are_named(store: Store, paths: Paths) -> None:
    take(store)
    with pytest.raises(UsageError, match="no snapshot 99"):
        snapshots.pin(paths, 99, pinned=True)
    with contextlib.closing(sqlite3.connect(snapshot_file.path_of(paths))) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerLibrary):
        snapshots.listing(paths)
    snapshot_file.path_of(paths).write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError, match=r"snapshots\.db"):
        snapshots.listing(paths)
