"""Who may be declared deleted, and what is left of them."""

from datetime import date

import pytest
from pyroaring import BitMap

from gdvg_desktop.core.kinds import GapKind, MediaType
from gdvg_desktop.store import answers, gaps, tombstones
from gdvg_desktop.store.change_days import begins_at
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.titles import title_id_of
from tests.support.titles import fetch, rows, write

DAY = date(2026, 11, 20)
HOUR = 3_600_000
BEGIN = begins_at(DAY)
MOVIE = MediaType.MOVIE


def candidates(store: Store, *ids: int, dropped: bool = False) -> dict[int, int | None]:
    named_once = BitMap(ids if dropped else ())
    found = store.read_now(lambda db: tombstones.candidates(db, MOVIE, BitMap(ids), DAY, named_once))
    return {one.tmdb_id: one.gone_at for one in found}


def gone(store: Store, tmdb_id: int, at: int) -> None:
    store.write_now(lambda db: answers.note_gone(db, title_id_of(MOVIE, tmdb_id), None, at))


def bury(store: Store, *ids: int) -> None:
    def make(db: object) -> None:
        found = tombstones.candidates(db, MOVIE, BitMap(ids), DAY, BitMap())  # type: ignore[arg-type]
        tombstones.make(db, MOVIE, found, DAY, None, BEGIN + 30 * HOUR)  # type: ignore[arg-type]

    store.write_now(make)


@pytest.mark.parametrize(
    ("checked", "answered", "expected"),
    [
        (BEGIN - HOUR, None, {7: None}),  # last seen before the export: to be asked
        (BEGIN + 7 * HOUR, None, {7: None}),  # before the files were ready
        (BEGIN + 9 * HOUR, None, {}),  # TMDb had it after the export was made
        (BEGIN - HOUR, BEGIN + HOUR, {7: BEGIN + HOUR}),
        (BEGIN + 9 * HOUR, BEGIN + 10 * HOUR, {}),  # perhaps it came after the export: that it lacks it says nothing
        (BEGIN - 2 * HOUR, BEGIN - HOUR, {7: None}),  # a 404 older than the export says nothing about today
    ],
)
def test_a_404_counts_when_it_is_newer_than_export_and_title(
    store: Store, checked: int, answered: int | None, expected: dict[int, int | None]
) -> None:
    write(store, rows(7), now_ms=checked)
    if answered is not None:
        gone(store, 7, answered)
    assert candidates(store, 7, 8) == expected


def test_a_title_an_earlier_export_named_may_be_deleted_although_tmdb_had_it_since(store: Store) -> None:
    write(store, rows(7), now_ms=BEGIN + 9 * HOUR)
    assert candidates(store, 7, dropped=True) == {}  # TMDb has it
    gone(store, 7, BEGIN + 10 * HOUR)
    assert candidates(store, 7, dropped=True) == {7: BEGIN + 10 * HOUR}


def test_a_tombstone_is_made_of_a_404_only_and_only_once(store: Store) -> None:
    write(store, rows(7, imdb_id="tt0000007"), rows(8), now_ms=BEGIN - HOUR)
    gone(store, 7, BEGIN + HOUR)
    bury(store, 7, 8)
    stone = store.read_now(lambda db: tombstones.of(db, title_id_of(MOVIE, 7)))
    assert stone is not None
    assert (stone.tmdb_id, stone.imdb_id, stone.gone_at, stone.export_date) == (7, "tt0000007", BEGIN + HOUR, DAY)
    assert stone.data_until == BEGIN - HOUR + 180 * 24 * HOUR
    assert store.read_now(tombstones.ids) == {title_id_of(MOVIE, 7)}
    assert candidates(store, 7, 8) == {8: None}


def test_a_title_stored_after_its_404_is_not_buried_by_what_was_found_before(store: Store) -> None:
    write(store, rows(7), rows(8), now_ms=BEGIN - HOUR)
    new = [gaps.NewGap(title_id_of(MOVIE, one), 50.0, 50.0, 1.0, fields=1) for one in (7, 8)]
    store.write_now(lambda db: gaps.put(db, GapKind.METADATA, new, BEGIN))
    for tmdb_id in (7, 8):
        gone(store, tmdb_id, BEGIN + HOUR)
    found = store.read_now(lambda db: tombstones.candidates(db, MOVIE, BitMap({7, 8}), DAY, BitMap()))
    write(store, rows(8), now_ms=BEGIN + 2 * HOUR)  # another job, before the tombstones are made
    store.write_now(lambda db: tombstones.make(db, MOVIE, found, DAY, None, BEGIN + 3 * HOUR))
    assert store.read_now(tombstones.ids) == {title_id_of(MOVIE, 7)}
    assert fetch(store, "SELECT title_id FROM gap") == [title_id_of(MOVIE, 8)]


def test_a_title_that_is_named_or_shown_again_is_raised(store: Store) -> None:
    write(store, rows(7), rows(8), rows(9), now_ms=BEGIN - HOUR)
    for tmdb_id in (7, 8, 9):
        gone(store, tmdb_id, BEGIN + HOUR)
    bury(store, 7, 8, 9)
    write(store, rows(8), now_ms=BEGIN + 2 * HOUR)
    assert store.read_now(tombstones.ids) == {title_id_of(MOVIE, 7), title_id_of(MOVIE, 9)}
    raised = store.write_now(lambda db: tombstones.raise_up(db, MOVIE, BitMap({7})))
    assert raised == [title_id_of(MOVIE, 7)]
    assert store.read_now(tombstones.ids) == {title_id_of(MOVIE, 9)}


def test_data_go_in_time_and_the_tombstone_stays(store: Store) -> None:
    write(store, rows(7, title="Old", poster_path="/p.png"), now_ms=BEGIN - HOUR)
    write(store, rows(7, title="New", poster_path="/p.png"), now_ms=BEGIN)
    gone(store, 7, BEGIN + HOUR)
    bury(store, 7)
    until = BEGIN + 180 * 24 * HOUR
    assert store.read_now(lambda db: tombstones.expired(db, until - 1)) == []
    due = store.read_now(lambda db: tombstones.expired(db, until))
    store.write_now(lambda db: tombstones.forget_data(db, due))
    assert fetch(store, "SELECT count(*) FROM title") == [0]
    assert fetch(store, "SELECT count(*) FROM title_fts WHERE title_fts MATCH 'new'") == [0]
    assert fetch(store, "SELECT old, new FROM title_change WHERE field = 'title'") == [(None, None)]
    assert store.read_now(lambda db: tombstones.expired(db, until)) == []
    assert store.read_now(tombstones.count) == 1


def test_nothing_is_to_be_filled_of_a_deleted_title(store: Store) -> None:
    write(store, rows(7), rows(8), now_ms=BEGIN - HOUR)
    new = [gaps.NewGap(title_id_of(MOVIE, one), 50.0, 50.0, 1.0, fields=1) for one in (7, 8)]
    store.write_now(lambda db: gaps.put(db, GapKind.METADATA, new, BEGIN))
    gone(store, 7, BEGIN + HOUR)
    bury(store, 7, 8)
    assert fetch(store, "SELECT title_id FROM gap") == [title_id_of(MOVIE, 8)]
