"""Sync history and run detail beside a real engine: listing, filters, figures, run again, comparing, writing out."""

import csv
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from peewee import SqliteDatabase
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import history, imports, jobs, schedule
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.clock import from_millis, to_millis
from gdvg_desktop.core.events import JobsReordered, ScheduleChanged
from gdvg_desktop.core.kinds import JobKind, JobState
from gdvg_desktop.schedule.planner import Hindrance
from gdvg_desktop.store import jobs as job_rows
from gdvg_desktop.store import schedule as schedule_rows
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.runs import Result
from gdvg_desktop.ui.docks.history import HistoryDock
from gdvg_desktop.ui.docks.run_detail import RunDetailDock
from gdvg_desktop.ui.models.runs import Column
from tests.ui.docks.conftest import Engine


def show(qtbot: QtBot, dock: HistoryDock | RunDetailDock, width: int = 900) -> None:
    qtbot.addWidget(dock)
    dock.resize(width, 600)
    with qtbot.waitExposed(dock):
        dock.show()


@pytest.fixture
def dock(engine: Engine, qtbot: QtBot) -> HistoryDock:
    made = HistoryDock(engine.host, engine.bridge)
    QAbstractItemModelTester(made.model, QAbstractItemModelTester.FailureReportingMode.Fatal, made.model)
    show(qtbot, made)
    return made


@pytest.fixture
def detail(engine: Engine, qtbot: QtBot, dock: HistoryDock) -> RunDetailDock:
    made = RunDetailDock(engine.host, engine.bridge)
    dock.run_chosen.connect(made.show_run)
    show(qtbot, made)
    return made


def run(engine: Engine, code: str) -> Job:
    """An import that has run to its end."""
    request = ImportRequest(countries=(code,), name=f"From {code}")
    job, _ = engine.ask(lambda app: imports.start(app, request))
    engine.until(lambda: engine.ask(lambda app: jobs.show(app, job.id)).job.state.finished)
    found: Job = engine.ask(lambda app: jobs.show(app, job.id)).job
    return found


def names(dock: HistoryDock) -> list[str]:
    return [str(dock.model.index(row, Column.RUN).data()) for row in range(dock.model.rowCount())]


def test_without_runs_it_says_what_will_be_here(engine: Engine, dock: HistoryDock, detail: RunDetailDock) -> None:
    engine.until(lambda: not dock._refresh.stale and not dock._filters.isVisible())
    assert dock._stack.currentIndex() == 0
    assert detail._stack.currentIndex() == 0 and dock.model.rowCount() == 0


def test_runs_come_in_by_themselves_and_the_first_is_looked_into(
    engine: Engine, dock: HistoryDock, detail: RunDetailDock
) -> None:
    job = run(engine, "KR")
    engine.until(lambda: names(dock) == ["From KR"] and detail.run_id() == job.id)
    engine.until(lambda: detail._detail is not None and detail._detail.result is Result.COMPLETED)
    assert detail._imported._value.text() == f"{job.added:,}"
    assert detail._requests._value.text() == f"{job.requests:,}"
    assert detail.timeline.names() == ["plan", "list", "order", "fetch", "close"]
    assert detail.again.isEnabled() and not detail.compare.isEnabled()


def test_filters_leave_out_runs_and_can_be_cleared(engine: Engine, dock: HistoryDock) -> None:
    for code in ("KR", "US"):
        run(engine, code)
    engine.until(lambda: len(names(dock)) == 2)
    dock.choose(kind=JobKind.DELTA, result=None, days=7)
    engine.until(lambda: dock._stack.currentIndex() == 2)
    dock.choose(kind=JobKind.IMPORT, result=Result.COMPLETED, days=1)
    engine.until(lambda: len(names(dock)) == 2)
    engine.qtbot.keyClicks(dock.field, "from us")
    engine.until(lambda: names(dock) == ["From US"])
    dock.clear_filters()
    engine.until(lambda: len(names(dock)) == 2 and dock._dates.text() == "All time")


def test_enter_opens_and_arrows_choose(engine: Engine, dock: HistoryDock, detail: RunDetailDock) -> None:
    first, second = run(engine, "KR"), run(engine, "US")
    engine.until(lambda: len(names(dock)) == 2)
    dock.table.setFocus()
    dock.table.choose(0)
    assert detail.run_id() == second.id
    engine.qtbot.keyClick(dock.table, Qt.Key.Key_Down)
    assert detail.run_id() == first.id
    with engine.qtbot.waitSignal(dock.run_opened):
        engine.qtbot.keyClick(dock.table, Qt.Key.Key_Return)


def test_a_run_that_comes_in_does_not_scroll_the_list(engine: Engine, dock: HistoryDock) -> None:
    def write(db: SqliteDatabase) -> None:
        for number in range(40):
            job, _ = job_rows.add(db, JobKind.REFRESH, f"Past {number}", {"ids": [number]}, now - 60_000 * number)
            job_rows.set_state(db, job.id, JobState.RUNNING, now - 60_000 * number)
            job_rows.set_state(db, job.id, JobState.CANCELLED, now - 60_000 * number)

    now = to_millis(time.time())
    engine.ask(lambda app: app.store.write(write))
    engine.bus.publish(JobsReordered())
    engine.until(lambda: len(names(dock)) == 40)
    dock.table.choose(1)
    bar = dock.table.verticalScrollBar()
    bar.setValue(500)
    seen = dock.model.run_at(dock.table.rowAt(0))
    run(engine, "KR")
    engine.until(lambda: len(names(dock)) == 41)
    top = dock.model.run_at(dock.table.rowAt(0))
    assert seen is not None and top is not None and top.key == seen.key
    assert dock.table.currentIndex().row() == 2, "the choice goes with its run"
    bar.setValue(0)
    run(engine, "US")
    engine.until(lambda: len(names(dock)) == 42)
    assert bar.value() == 0, "what comes in is seen where the newest are looked at"


def test_the_runs_listed_are_written_out(engine: Engine, dock: HistoryDock, tmp_path: Path) -> None:
    run(engine, "KR")
    engine.until(lambda: len(names(dock)) == 1)
    target = tmp_path / "runs.csv"
    dock.write(target)
    engine.until(lambda: dock._message.isVisible())
    (row,) = csv.DictReader(target.read_text(encoding="utf-8").splitlines())
    assert (row["name"], row["result"]) == ("From KR", "completed")
    dock.write(tmp_path / "missing" / "runs.csv")
    engine.until(lambda: "cannot be written" in dock._message.accessibleName())


def test_a_run_is_run_again_and_compared_with_the_one_before(
    engine: Engine, dock: HistoryDock, detail: RunDetailDock
) -> None:
    job = run(engine, "KR")
    engine.until(lambda: detail.run_id() == job.id and detail.again.isEnabled())
    with engine.qtbot.waitSignal(detail.started, timeout=30_000) as started:
        detail.again.click()
    again, new = started.args
    assert new and again.id != job.id and again.config == job.config
    engine.until(lambda: engine.ask(lambda app: jobs.show(app, again.id)).job.state is JobState.COMPLETED)
    detail.show_run(again.id)
    engine.until(lambda: detail.compare.isEnabled() and detail._badge.text() == "Completed")
    detail.compare.click()
    assert detail._popup is not None
    rows = {row[0]: row[1:] for row in detail._popup.rows}
    assert rows["Imported"][:2] == ("0", f"{job.added:,}") and rows["Imported"][2].startswith("\N{MINUS SIGN}")
    detail._popup.close()


def test_a_stalled_run_offers_its_restart(start_engine: Callable[..., Engine], qtbot: QtBot) -> None:
    engine = start_engine(requests_per_second=0.5)
    dock = RunDetailDock(engine.host, engine.bridge)
    show(qtbot, dock)
    request = ImportRequest(countries=("KR",), name="From KR")
    job, _ = engine.ask(lambda app: imports.start(app, request))
    engine.until(lambda: engine.ask(lambda app: jobs.show(app, job.id)).job.state is JobState.RUNNING)
    engine.ask(lambda app: app.store.write(lambda db: job_rows.mark_stalled(db, job.id, 1, stalled=True)))
    dock.show_run(job.id)
    engine.until(lambda: dock._restart.isVisible())
    assert not dock.again.isEnabled() and "No progress" in dock._message.accessibleName()
    dock._restart.click()
    engine.until(lambda: engine.ask(lambda app: history.show(app, job.id)).job.reason is None)
    engine.until(lambda: not dock._message.isVisible())


def test_a_narrow_dock_leaves_out_the_lesser_columns(engine: Engine, dock: HistoryDock) -> None:
    run(engine, "KR")
    engine.until(lambda: len(names(dock)) == 1)
    dock.resize(560, 600)
    engine.until(lambda: dock.table.isColumnHidden(Column.SKIPPED))
    assert not dock.table.isColumnHidden(Column.ERRORS) and dock.table.columnWidth(Column.RUN) >= 120


def miss(engine: Engine, task: str, *minutes_ago: int, reason: str = Hindrance.OFFLINE) -> list[str]:
    """Moments of a task are missed, and the window is told; returns how it shows them."""
    now = to_millis(time.time())
    missed = [(now - ago * 60_000, reason) for ago in minutes_ago]
    engine.ask(lambda app: app.store.write(lambda db: schedule_rows.add_missed(db, task, missed)))
    engine.bus.publish(ScheduleChanged())
    today = from_millis(now).astimezone().date()
    moments = [from_millis(at).astimezone() for at, _ in missed]
    # just after midnight it was yesterday
    return [f"{'Today' if at.date() == today else f'{at:%a}'} {at:%H:%M}" for at in moments]


def test_a_missed_run_comes_in_by_itself_and_says_why(engine: Engine, dock: HistoryDock, detail: RunDetailDock) -> None:
    engine.ask(schedule.prepare)
    (first,) = miss(engine, "delta", 2, reason=Hindrance.NOT_AWAKE)
    engine.until(lambda: names(dock) == ["Changes sync"] and detail._stack.currentWidget() is detail.missed)
    page = detail.missed
    assert (page.badge.text(), page.name.text()) == ("Missed", "Changes sync")
    assert "asleep or off" in page.reason.accessibleName() and page.planned.plain_text() == first
    assert "not run since" in page.after.plain_text() and detail.run_id() == 0
    (second,) = miss(engine, "delta", 1, reason=Hindrance.NOT_AWAKE)
    engine.until(lambda: page.badge.text() == "2 missed")
    assert sorted(page.planned.plain_text().split(", ")) == sorted((first, second))
    engine.until(lambda: dock.model.index(0, Column.RESULT).data() == "2 missed")
    page.run_now.click()
    engine.until(page.answer.isVisible)
    engine.until(
        lambda: engine.ask(lambda app: app.store.read(lambda db: schedule_rows.get(db, "delta"))).run_now is not None
    )


def test_missed_runs_are_found_by_result_and_kind_and_leave_the_detail_when_a_run_is_chosen(
    engine: Engine, dock: HistoryDock, detail: RunDetailDock
) -> None:
    job = run(engine, "KR")
    miss(engine, "backup", 3)
    miss(engine, "delta", 4)
    engine.until(lambda: sorted(names(dock)) == ["Backup", "Changes sync", "From KR"])
    dock.choose(kind=None, result=Result.MISSED, days=7)
    engine.until(lambda: names(dock) == ["Backup", "Changes sync"] and dock._results.text() == "Missed")
    dock.choose(kind=JobKind.DELTA, result=Result.MISSED, days=7)
    engine.until(lambda: names(dock) == ["Changes sync"] and detail.missed.name.text() == "Changes sync")
    dock.choose(kind=None, result=Result.FAILED, days=7)
    engine.until(lambda: dock._stack.currentIndex() == 2 and detail._stack.currentIndex() == 0)
    dock.choose(kind=None, result=Result.COMPLETED, days=7)
    engine.until(lambda: names(dock) == ["From KR"] and detail.run_id() == job.id)
    engine.until(lambda: detail._stack.currentIndex() == 1)
