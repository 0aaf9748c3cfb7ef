"""Keys of the gaps table: one row a title, marks that follow their gaps, words of the cells."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gdvg_desktop.core.credentials import CredentialStore
from gdvg_desktop.core.events import Bus
from gdvg_desktop.core.kinds import GapKind, GapStatus, MediaType
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.store.gaps import Gap, key_of
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import gap_words
from gdvg_desktop.ui.models.gaps import Column, GapsModel, all_kinds, one_each

pytestmark = pytest.mark.usefixtures("themed")
GAP = Gap(
    title_id=2482,
    media_type=MediaType.MOVIE,
    tmdb_id=1241,
    kind=GapKind.POPULARITY,
    status=GapStatus.OPEN,
    score=96.04,
    popularity=98.0,
    recency=0.98,
    found_at=0,
)


def keys(*pairs: tuple[int, GapKind]) -> "numpy.ndarray[tuple[int], numpy.dtype[numpy.int64]]":
    return numpy.array([key_of(title, kind) for title, kind in pairs], dtype=numpy.int64)


@pytest.fixture
def model(qtbot: QtBot, tmp_path: Path) -> Iterator[GapsModel]:
    """A model whose host is not open: rows never come, which keys and marks do not need."""
    host = Host(open_paths(tmp_path / "data"), Settings(), Bus(), CredentialStore({}))
    yield GapsModel(host)


def test_the_strongest_kind_stands_for_a_title_and_order_is_kept() -> None:
    seq, pop, temporal, meta = GapKind.SEQUENTIAL, GapKind.POPULARITY, GapKind.TEMPORAL, GapKind.METADATA
    listed = keys((9, seq), (9, temporal), (4, meta), (9, pop), (6, temporal), (6, seq), (2, seq))
    assert one_each(listed).tolist() == keys((4, meta), (9, pop), (6, temporal), (2, seq)).tolist()
    assert one_each(listed[:0]).tolist() == []


def test_every_title_of_a_large_list_is_kept_once() -> None:
    titles = numpy.random.default_rng(5).permutation(20_000)
    listed = numpy.concatenate([titles * 4, titles[:5000] * 4 + 1, titles * 4 + 2])
    found = one_each(listed)
    assert sorted((found >> 2).tolist()) == list(range(20_000))
    assert int(((found & 3) == 1).sum()) == 5000


def test_all_kinds_of_a_row_are_named() -> None:
    assert all_kinds([key_of(7, GapKind.TEMPORAL)]) == tuple(key_of(7, kind) for kind in GapKind)


def test_marks_follow_their_gaps_into_another_order(model: GapsModel) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    first = keys(*((number, GapKind.SEQUENTIAL) for number in range(10)))
    told: list[int] = []
    model.marked.connect(told.append)
    model.show_list(first)
    model.mark(range(2, 4), True)
    model.mark(range(9, 10), True)
    assert model.marked_keys() == tuple(first[[2, 3, 9]].tolist())
    model.show_list(first[::-1][1:].copy())  # turned round, and the last one is filled
    assert model.marked_keys() == tuple(first[[3, 2]].tolist())
    assert model.is_marked(model.row_of(int(first[2])))
    assert told == [2, 3, 2]
    assert tester.model() is model


def test_the_box_of_the_header_is_on_off_or_mixed(model: GapsModel) -> None:
    def box() -> Qt.CheckState:
        state = model.headerData(Column.CHECK, Qt.Orientation.Horizontal, Qt.ItemDataRole.CheckStateRole)
        return Qt.CheckState(state)

    model.show_list(keys((1, GapKind.SEQUENTIAL), (2, GapKind.SEQUENTIAL)))
    assert box() is Qt.CheckState.Unchecked
    assert model.setData(model.index(1, Column.CHECK), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    assert box() is Qt.CheckState.PartiallyChecked
    model.mark_all(True)
    assert box() is Qt.CheckState.Checked


def test_an_id_is_shown_before_its_row_is_here(model: GapsModel) -> None:
    model.show_list(keys((1241 * 2, GapKind.SEQUENTIAL), (77 * 2 + 1, GapKind.SEQUENTIAL)))
    assert [model.index(row, Column.TMDB_ID).data() for row in range(2)] == ["1241", "77"]
    assert model.index(0, Column.TITLE).data() is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Never fetched"),
        ({"month": "2003-03"}, "Never fetched (Mar 2003)"),
        ({"kind": GapKind.METADATA, "fields": ("poster", "date")}, "No poster or release date"),
        ({"kind": GapKind.METADATA, "fields": ("poster", "overview", "credits")}, "No poster, overview or credits"),
        ({"category": "rate_limit", "tries": 2, "message": "x" * 80}, "Rate limit (429)"),
        ({"category": "network", "tries": 1, "message": "Detail request timed out"}, "Detail request timed out"),
        (
            {"status": GapStatus.GAVE_UP, "tries": 5, "category": "server", "message": "y" * 80},
            "Gave up after 5 tries: TMDb server error",
        ),
        ({"status": GapStatus.IGNORED}, "Ignored · Never fetched"),
    ],
)
def test_the_reason_is_told_in_few_words(changes: dict[str, object], words: str) -> None:
    assert gap_words.why(replace(GAP, **changes)) == words  # type: ignore[arg-type]


def test_a_score_shows_its_factors() -> None:
    assert (gap_words.score_text(GAP), gap_words.factors(GAP)) == ("96.0", "98 × 0.98")


@pytest.mark.parametrize(
    ("seconds", "words"), [(30, "30 s ago"), (150, "2 min ago"), (7_300, "2 h ago"), (137_000, "1 d ago")]
)
def test_ages_take_one_unit(seconds: float, words: str) -> None:
    assert gap_words.age(seconds) == words
