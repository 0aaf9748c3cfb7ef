"""A refresh of the queue becomes row changes that every view can follow, and leaves the selection where it was."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from gdvg_desktop.ui.models.job_words import BadgeWords
from gdvg_desktop.ui.models.queue_model import QueueModel
from gdvg_desktop.ui.models.queue_rows import Act, QueueRow, RowKind
from gdvg_desktop.ui.tokens import Accent

RUNNING = BadgeWords("Running", Accent.BLUE, "play")
MOVE = Qt.DropAction.MoveAction


def job(job_id: int, place: int, text: str = "") -> QueueRow:
    return QueueRow(RowKind.JOB, job_id, f"Job {job_id}", RUNNING, (Act.PAUSE,), place, progress=text, bar=True)


def head() -> QueueRow:
    return QueueRow(RowKind.HEAD, 0, "Finished today", RUNNING, (Act.FOLD, Act.CLEAR))


def numbered(ids: Sequence[int]) -> list[QueueRow]:
    return [job(job_id, place) for place, job_id in enumerate(ids)]


@pytest.fixture
def model(qapp: QApplication) -> QueueModel:
    found = QueueModel()
    QAbstractItemModelTester(found, QAbstractItemModelTester.FailureReportingMode.Fatal, found)
    return found


orders = st.lists(st.integers(1, 12), unique=True, max_size=12)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=orders, after=orders)
def test_any_order_becomes_any_other(qapp: QApplication, before: list[int], after: list[int]) -> None:
    model = QueueModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.set_rows(numbered(before))
    kept = {job_id: QPersistentModelIndex(model.index(model.row_of(job_id))) for job_id in before}
    model.set_rows(numbered(after))
    assert model.rows() == numbered(after)
    for job_id, index in kept.items():
        assert index.isValid() == (job_id in after)
        if index.isValid():
            assert index.row() == after.index(job_id)


def test_only_rows_that_differ_are_told_and_neighbours_together(model: QueueModel) -> None:
    model.set_rows(numbered([1, 2, 3, 4, 5]))
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    rows = numbered([1, 2, 3, 4, 5])
    model.set_rows(rows)
    assert told == []
    rows[1], rows[2], rows[4] = (replace(rows[i], progress="later") for i in (1, 2, 4))
    model.set_rows(rows)
    assert told == [(1, 2), (4, 4)]


def test_the_selection_stays_with_its_job(model: QueueModel) -> None:
    model.set_rows(numbered([1, 2, 3]))
    selection = QItemSelectionModel(model)
    selection.select(model.index(2), QItemSelectionModel.SelectionFlag.ClearAndSelect)
    model.set_rows(numbered([3, 4, 1]))
    assert [index.row() for index in selection.selectedIndexes()] == [0]


def test_dropping_a_job_asks_for_its_new_place(model: QueueModel) -> None:
    model.set_rows([*numbered([10, 11, 12]), head()])
    asked: list[tuple[int, int]] = []
    model.move_asked.connect(lambda job_id, place: asked.append((job_id, place)))
    first = model.mimeData([model.index(0)])
    assert model.dropMimeData(first, MOVE, 3, 0, QModelIndex())
    assert model.dropMimeData(model.mimeData([model.index(2)]), MOVE, 0, 0, QModelIndex())
    assert asked == [(10, 2), (12, 0)]


def test_a_drop_in_its_own_place_or_among_finished_jobs_asks_nothing(model: QueueModel) -> None:
    model.set_rows([*numbered([10, 11]), head()])
    model.move_asked.connect(lambda *_args: pytest.fail("nothing was to be moved"))
    data = model.mimeData([model.index(0)])
    assert not model.dropMimeData(data, MOVE, 0, 0, QModelIndex())
    assert not model.dropMimeData(data, MOVE, 1, 0, QModelIndex())
    assert not model.canDropMimeData(data, MOVE, 3, 0, QModelIndex())
    assert not model.flags(model.index(2)) & Qt.ItemFlag.ItemIsDragEnabled


def test_a_name_is_only_asked_for_when_it_is_another(model: QueueModel) -> None:
    model.set_rows(numbered([1]))
    asked: list[tuple[int, str]] = []
    model.rename_asked.connect(lambda job_id, name: asked.append((job_id, name)))
    assert not model.setData(model.index(0), "  ")
    assert not model.setData(model.index(0), "Job 1")
    assert model.setData(model.index(0), " Korea ")
    assert asked == [(1, "Korea")]
