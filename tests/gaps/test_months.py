"""The figures of release months: of all at once, and of one alone without a look at the rest."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from peewee import SqliteDatabase
from pyroaring import BitMap

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.gaps.months import month_detail, month_map
from gdvg_desktop.store import release_months
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.release_months import ReleaseMonth
from gdvg_desktop.store.titles import title_id_of
from tests.support.titles import rows, write

BOTH = tuple(MediaType)
MONTHS = [f"{year}-{month:02d}" for year in (2019, 2020) for month in range(1, 13)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """400 titles of both types over two years, every ninth deleted at TMDb; months listed, counted or empty."""
    chance = random.Random(3)
    opened = Store.open(open_paths(tmp_path), exclusive=True)
    listed: dict[tuple[MediaType, str], BitMap] = {}
    for number in range(1, 401):
        kind, month = chance.choice(BOTH), chance.choice(MONTHS)
        listed.setdefault((kind, month), BitMap()).add(number)
        if number % 5:
            write(opened, rows(number, kind, title="One", release_date=f"{month}-15"))
        if number % 9 == 0:
            opened.write_now(lambda db, key=(kind, number): _bury(db, *key))  # type: ignore[misc]
    known = [
        ReleaseMonth(rule, kind, month, len(ids), 1_000 + place, 1_000, None if place % 3 == 0 else ids)
        for place, ((kind, month), ids) in enumerate(sorted(listed.items()))
        for rule in ("one", "two")
    ]
    opened.write_now(lambda db: release_months.put(db, known))
    yield opened
    opened.close()


def _bury(db: SqliteDatabase, kind: MediaType, tmdb_id: int) -> None:
    db.execute_sql(
        "INSERT INTO tombstone (title_id, media_type, tmdb_id, gone_at, export_date, made_at) "
        "VALUES (?, ?, ?, 1, '2026-11-20', 1)",
        (title_id_of(kind, tmdb_id), kind.value, tmdb_id),
    )


@pytest.mark.parametrize("types", [BOTH, (MediaType.MOVIE,), (MediaType.TV,)])
def test_a_month_alone_has_the_figures_it_has_among_all(store: Store, types: tuple[MediaType, ...]) -> None:
    every = store.read_now(lambda db: month_map(db, types)).cells
    assert len(every) == len(MONTHS)
    assert any(one.exact for one in every.values()) and any(not one.exact for one in every.values())
    for month in MONTHS:
        detail = store.read_now(lambda db, month=month: month_detail(db, month, types, 0, 0))  # type: ignore[misc]
        assert detail.cell == every[int(month[:4]), int(month[5:])]
    assert store.read_now(lambda db: month_detail(db, "1950-01", types, 0, 0)).cell is None


def test_titles_deleted_at_tmdb_are_neither_listed_nor_held(store: Store) -> None:
    def count(db: SqliteDatabase) -> tuple[int, int]:
        row = db.execute_sql(
            "SELECT count(*), sum(id IN (SELECT title_id FROM tombstone)) FROM title WHERE media_type = 'movie'"
        ).fetchone()
        return int(row[0]), int(row[1])

    held, deleted = store.read_now(count)
    cells = store.read_now(lambda db: month_map(db, (MediaType.MOVIE,))).cells
    counted = sum(one.held for one in cells.values())
    assert deleted and held - deleted - len(cells) <= counted <= held - deleted
