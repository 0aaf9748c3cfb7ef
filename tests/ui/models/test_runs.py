"""The history's table: sorted, changed in place, and honest to Qt's model tester."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands.history import Run
from gdvg_desktop.commands.missed_runs import MissedRun
from gdvg_desktop.core.kinds import JobKind, JobState, Wanted
from gdvg_desktop.schedule.planner import Hindrance
from gdvg_desktop.store import runs
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.missed import MissedRow
from gdvg_desktop.ui.models import run_words
from gdvg_desktop.ui.models.runs import Column, RunsModel
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.tables import CellRole

pytestmark = pytest.mark.usefixtures("themed")
NOW = 1_763_730_000_000
MINUTE = 60_000


def make(job_id: int, state: JobState = JobState.COMPLETED, *, worked_s: float = 90.0, **counts: int) -> Run:
    values = {"total": 0, "added": 0, "updated": 0, "skipped": 0, "failed": 0, "gone": 0, "requests": 0} | counts
    job = Job(
        id=job_id, kind=JobKind.IMPORT, name=f"Run {job_id}", config={}, state=state, wanted=Wanted.RUN, phase="done",
        position=1, reported=None, unlisted=None, reason=None, reason_args={}, created_at=NOW,
        started_at=NOW + job_id * MINUTE, updated_at=NOW, completed_at=NOW, **values,
    )  # fmt: skip
    return Run(job, runs.result(job), worked_s)


@pytest.fixture
def model(qtbot: QtBot) -> RunsModel:
    made = RunsModel()
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    return made


def names(model: RunsModel) -> list[str]:
    return [str(model.index(row, Column.RUN).data()) for row in range(model.rowCount())]


def test_runs_stand_with_the_latest_first_and_sort_by_any_column(model: RunsModel) -> None:
    model.fill([make(1, added=5), make(3, added=1), make(2, added=9)], NOW)
    assert names(model) == ["Run 3", "Run 2", "Run 1"]
    model.sort(Column.IMPORTED, Qt.SortOrder.DescendingOrder)
    assert names(model) == ["Run 2", "Run 1", "Run 3"]
    for column in Column:
        model.sort(column, Qt.SortOrder.AscendingOrder)
        assert sorted(names(model)) == ["Run 1", "Run 2", "Run 3"]


def test_figures_change_in_place_and_only_their_rows_are_told(model: RunsModel, qtbot: QtBot) -> None:
    first = [make(1), make(2), make(3, JobState.RUNNING, added=5)]
    model.fill(first, NOW)
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom, _roles: told.append((top.row(), bottom.row())))
    model.fill(first, NOW)
    assert told == []
    with qtbot.assertNotEmitted(model.modelReset):
        model.fill([*first[:2], make(3, JobState.RUNNING, added=6)], NOW)
    assert told == [(0, 0)] and model.index(0, Column.IMPORTED).data() == "6"


def test_a_choice_goes_with_its_run_when_the_order_changes(model: RunsModel) -> None:
    model.fill([make(1, added=5), make(2, added=9)], NOW)
    selection = QItemSelectionModel(model)
    flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    selection.select(model.index(1, 0), flags)
    chosen = QPersistentModelIndex(model.index(1, 0))
    model.sort(Column.RUN, Qt.SortOrder.AscendingOrder)
    assert chosen.row() == 0 and selection.isRowSelected(0)
    run = model.run_at(0)
    assert run is not None and run.job.id == 1 and model.row_of(1) == 0 and model.row_of(9) == -1


def test_errors_are_red_while_some_are_open_and_amber_when_all_came_in(model: RunsModel) -> None:
    open_one, mended, clean = make(3, failed=2), make(2, failed=0), make(1)
    mended = replace(mended, job=replace(mended.job, recovered=4))
    model.fill([open_one, mended, clean], NOW)
    cells = [model.index(row, Column.ERRORS) for row in range(3)]
    assert [cell.data() for cell in cells] == ["2", "4", "0"]
    assert [cell.data(CellRole.ACCENT) for cell in cells] == [Accent.RED, Accent.AMBER, None]
    assert [cell.data(CellRole.QUIET) for cell in cells] == [False, False, True]
    assert model.index(0, Column.RESULT).data() == "With errors"
    assert "4 recovered" in str(cells[1].data(Qt.ItemDataRole.ToolTipRole))


def test_spans_and_moments_read_as_people_say_them() -> None:
    assert run_words.took(45) == "45 s" and run_words.took(840) == "14 min" and run_words.took(7500) == "2 h 5 min"
    assert run_words.short(66) == "66 s"
    assert run_words.when(NOW, NOW).startswith("Today ")
    assert run_words.when(NOW - 30 * 24 * 60 * MINUTE, NOW).count(":") == 1 and run_words.when(None, NOW) == ""


def missed(first_id: int, count: int = 1, reason: str = Hindrance.OFFLINE) -> MissedRun:
    at = NOW + 2 * MINUTE
    row = MissedRow(first_id, first_id + count - 1, "delta", reason, at, at + (count - 1) * MINUTE, count)
    return MissedRun(row, "Changes sync", JobKind.DELTA)


def test_missed_runs_stand_among_the_others_by_their_planned_moment(model: RunsModel) -> None:
    model.fill([make(1), make(3, added=4), missed(3)], NOW)
    assert names(model) == ["Run 3", "Changes sync", "Run 1"]
    assert model.row_of(3) == 0 and model.row_of(-3) == 1
    cells = {column: model.index(1, column) for column in Column}
    assert cells[Column.RESULT].data() == "Missed" and cells[Column.BY].data() == "Schedule"
    assert cells[Column.RESULT].data(CellRole.ACCENT) == Accent.AMBER
    assert cells[Column.RESULT].data(CellRole.ICON) == "calendar-x"
    assert str(cells[Column.STARTED].data()).startswith("Today ")
    assert [cells[column].data() for column in Column if column >= Column.TOOK] == [""] * 5
    assert cells[Column.RESULT].data(Qt.ItemDataRole.ToolTipRole) == "There was no connection."
    assert cells[Column.RUN].data(Qt.ItemDataRole.AccessibleTextRole) == "Changes sync, Missed"
    for column in Column:
        model.sort(column, Qt.SortOrder.AscendingOrder)
        assert sorted(names(model)) == ["Changes sync", "Run 1", "Run 3"]


def test_more_missed_moments_change_their_row_in_place(model: RunsModel, qtbot: QtBot) -> None:
    model.fill([make(1), missed(7)], NOW)
    with qtbot.assertNotEmitted(model.modelReset):
        model.fill([make(1), missed(7, 4)], NOW)
    assert model.index(0, Column.RESULT).data() == "4 missed"


def test_every_reason_has_a_sentence() -> None:
    said = [run_words.missed_because(reason) for reason in Hindrance]
    assert all(one.endswith(".") for one in said) and len(set(said)) == len(Hindrance)
    assert run_words.missed_because("a reason of a later version") == "a reason of a later version"
    assert run_words.planned_span(missed(1)).count(":") == 1 and " to " in run_words.planned_span(missed(1, 3))
