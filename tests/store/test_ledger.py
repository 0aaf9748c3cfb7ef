"""The month ledger: held titles, what was listed, and what keeps a month open."""

from datetime import date
from typing import Any

import pytest
from pyroaring import BitMap

from gdvg_desktop.core.kinds import JobKind, JobState, MediaType
from gdvg_desktop.store import jobs, ledger, windows
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.ledger import ExportState, MonthRow
from gdvg_desktop.store.windows import Window
from tests.support.titles import rows, write

TODAY = date(2026, 11, 21)
MOVIE, TV = MediaType.MOVIE, MediaType.TV


def months(store: Store, exports: dict[MediaType, ExportState] | None = None) -> dict[tuple[str, Any, Any], MonthRow]:
    found = store.read_now(lambda db: ledger.months(db, TODAY, exports or {}))
    return {(row.media_type.value, row.year, row.month): row for row in found}


def export(missing: int = 0, held: tuple[int, ...] = ()) -> ExportState:
    return ExportState(date(2026, 11, 20), missing, BitMap(held), 1_000)


def an_import(
    store: Store,
    window: Window,
    *,
    pages: tuple[int, int] = (3, 3),
    complete: bool = True,
    state: JobState = JobState.COMPLETED,
    **config: Any,
) -> None:
    """An import with one window as far as told."""

    def add(db: Any) -> None:
        job, _ = jobs.add(db, JobKind.IMPORT, "Import", {"countries": [], "genres": [], "limit": None} | config, 1)
        windows.add(db, job.id, [window])
        row = windows.of_job(db, job.id)[0]
        windows.page_done(db, row.id, pages[0], pages[1], pages[1] * 20, 5_000)
        if complete:
            windows.pass_done(db, row.id, complete=True, note=None, now_ms=5_000)
        jobs.set_state(db, job.id, state, 6_000)

    store.write_now(add)


def release_month(store: Store, month: str, reported: int, ids: tuple[int, ...] | None = None) -> None:
    store.write_now(
        lambda db: db.execute_sql(
            "INSERT INTO release_month (rule, media_type, month, reported, asked_at, listed_at, ids) "
            "VALUES ('r', 'movie', ?, ?, 7000, ?, ?)",
            (month, reported, None if ids is None else 7000, None if ids is None else BitMap(ids).serialize()),
        )
    )


def test_held_titles_are_counted_by_month_and_type(store: Store) -> None:
    write(
        store,
        rows(1, release_date="2001-03-01"),
        rows(2, release_date="2001-03-31"),
        rows(3, TV, release_date="2001-03-15"),
        rows(4, release_date="1999-12-31"),
        rows(5),
        rows(6, TV),
        rows(7, release_date="2001-03-02"),
    )
    store.write_now(lambda db: db.execute_sql("UPDATE title SET release_date = '' WHERE tmdb_id = 7"))  # by hand
    found = months(store)
    assert {key: row.held for key, row in found.items()} == {
        ("movie", 2001, 3): 2,
        ("tv", 2001, 3): 1,
        ("movie", 1999, 12): 1,
        ("movie", None, None): 2,
        ("tv", None, None): 1,
    }
    assert not any(row.is_complete for row in found.values())
    assert found["movie", 2001, 3].notes == "Never listed by itself."
    assert found["movie", None, None].notes == "No export has been read."


def test_rows_go_from_the_newest_month_to_the_undated(store: Store) -> None:
    write(
        store,
        rows(1, release_date="2001-03-01"),
        rows(2, TV, release_date="2001-03-01"),
        rows(3, TV, release_date="2010-01-01"),
    )
    found = store.read_now(lambda db: ledger.months(db, TODAY, {}))
    assert [(row.media_type.value, row.year) for row in found] == [
        ("tv", 2010), ("movie", 2001), ("tv", 2001), ("movie", None), ("tv", None),
    ]  # fmt: skip
    only = store.read_now(lambda db: ledger.months(db, TODAY, {}, (TV,)))
    assert {row.media_type for row in only} == {TV}


def test_titles_tmdb_deleted_are_not_counted(store: Store) -> None:
    write(store, rows(1, release_date="2001-03-01"), rows(2, release_date="2001-03-02"))
    store.write_now(
        lambda db: db.execute_sql(
            "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at) "
            "VALUES (4, 'movie', 2, 1, '2026-11-20', 1)"
        )
    )
    assert months(store)["movie", 2001, 3].held == 1


def test_a_month_is_complete_when_every_id_of_the_export_is_held(store: Store) -> None:
    write(store, rows(1, release_date="2001-03-01"), rows(2))
    found = months(store, {MOVIE: export()})
    month, undated = found["movie", 2001, 3], found["movie", None, None]
    assert month.is_complete and undated.is_complete
    assert month.notes == undated.notes == "Every id of the export of 2026-11-20 is held."
    assert month.last_synced == 1_000
    found = months(store, {MOVIE: export(missing=3)})
    assert not found["movie", 2001, 3].is_complete and not found["movie", None, None].is_complete
    assert found["movie", None, None].notes.startswith("3 ids of the export of 2026-11-20 are not held")


@pytest.mark.parametrize("month", ["2026-09", "2026-10", "2026-11", "2027-02"])
def test_the_last_three_months_and_those_to_come_stay_open(store: Store, month: str) -> None:
    write(store, rows(1, release_date=f"{month}-01"), rows(2, release_date="2026-08-31"))
    found = months(store, {MOVIE: export()})
    row = found["movie", int(month[:4]), int(month[5:])]
    assert not row.is_complete and row.notes.startswith("Stays open")
    assert found["movie", 2026, 8].is_complete


def test_what_discover_listed_of_a_month_goes_before_everything(store: Store) -> None:
    write(
        store,
        rows(1, release_date="2001-03-01"),
        rows(2, release_date="2001-03-02"),
        rows(9, release_date="2001-03-03"),
    )
    release_month(store, "2001-03", 41, ids=(1, 2, 3))
    row = months(store, {MOVIE: export(held=(1, 2, 9))})["movie", 2001, 3]
    assert (row.is_complete, row.held, row.listed, row.total_pages, row.last_completed_page) == (False, 3, 41, 3, 3)
    assert row.notes == "1 of the titles listed are not held." and row.last_synced == 7_000
    assert months(store, {MOVIE: export(held=(1, 2, 3))})["movie", 2001, 3].is_complete


def test_a_month_of_which_only_the_total_is_known_is_complete_when_as_many_are_held(store: Store) -> None:
    write(store, rows(1, release_date="2001-03-01"))
    release_month(store, "2001-03", 2)
    release_month(store, "2001-04", 1)
    found = months(store)
    assert not found["movie", 2001, 3].is_complete
    assert found["movie", 2001, 3].notes == "TMDb reports 2, 1 are held."
    assert found["movie", 2001, 4].held == 0 and found["movie", 2001, 4].last_completed_page == 0


def test_a_whole_import_makes_the_months_it_covers_complete(store: Store) -> None:
    write(store, *(rows(n, release_date=f"2001-{n:02d}-10") for n in range(1, 5)))
    an_import(store, Window(MOVIE, date(2001, 2, 1), date(2001, 4, 15)))
    found = months(store)
    assert [found["movie", 2001, n].is_complete for n in range(1, 5)] == [False, True, True, False]
    assert found["movie", 2001, 2].notes == "Listed with 2001-02-01 to 2001-04-15, 3 of 3 pages."
    assert found["movie", 2001, 2].last_synced == 5_000


def test_a_window_of_one_month_gives_its_pages(store: Store) -> None:
    an_import(
        store, Window(MOVIE, date(2001, 2, 1), date(2001, 2, 28)), pages=(2, 5), complete=False, state=JobState.RUNNING
    )
    row = months(store)["movie", 2001, 2]
    assert (row.is_complete, row.last_completed_page, row.total_pages) == (False, 2, 5)
    assert row.notes == "2 of 5 pages listed."


@pytest.mark.parametrize("config", [{"countries": ["KR"]}, {"genres": ["Drama"]}, {"limit": 10}])
def test_an_import_that_was_narrowed_says_nothing_of_a_month(store: Store, config: dict[str, Any]) -> None:
    write(store, rows(1, release_date="2001-02-10"))
    an_import(store, Window(MOVIE, date(2001, 1, 1), date(2001, 12, 31)), **config)
    assert not months(store)["movie", 2001, 2].is_complete


def test_an_import_that_is_not_through_leaves_its_months_open(store: Store) -> None:
    write(store, rows(1, release_date="2001-02-10"))
    an_import(store, Window(MOVIE, date(2001, 1, 1), date(2001, 12, 31)), state=JobState.PAUSED)
    assert not months(store)["movie", 2001, 2].is_complete
