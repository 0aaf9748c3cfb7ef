"""The queue shows what the engine does and steers it: by keys, by painted buttons, by dragging."""

from collections.abc import Callable
from typing import Any

import pytest
from peewee import SqliteDatabase
from PySide6.QtCore import QCoreApplication, QMimeData, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from gdvg_desktop.app import App
from gdvg_desktop.commands import imports, jobs
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.demo.faults import EVERY_KEY
from gdvg_desktop.demo.truth import Wanted
from gdvg_desktop.store import jobs as rows
from gdvg_desktop.store import titles
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui.docks.queue import QueueDock
from gdvg_desktop.ui.models.queue_model import ROW
from gdvg_desktop.ui.models.queue_rows import Act, QueueRow, RowKind
from tests.ui.docks.conftest import Engine

CODES = ("KR", "US", "JP", "IN", "FR", "DE")
SLOW = 0.5  # requests a second: jobs stand where a test put them


def make_dock(engine: Engine, qtbot: QtBot) -> QueueDock:
    dock = QueueDock(engine.host, engine.bridge)
    QAbstractItemModelTester(dock.model, QAbstractItemModelTester.FailureReportingMode.Fatal, dock.model)
    qtbot.addWidget(dock)
    dock.resize(1000, 800)
    with qtbot.waitExposed(dock):
        dock.show()
    return dock


def start(engine: Engine, *codes: str) -> list[Job]:
    """Imports of one country each."""
    found = []
    for code in codes:
        request = ImportRequest(countries=(code,), name=f"From {code}")
        job, new = engine.ask(lambda app, one=request: imports.start(app, one))
        assert new
        found.append(job)
    return found


def names(dock: QueueDock) -> list[str]:
    return [row.name for row in dock.model.rows() if row.kind is RowKind.JOB]


def row_of(dock: QueueDock, job: Job) -> QueueRow:
    return dock.model.rows()[dock.model.row_of(job.id)]


def state(engine: Engine, job: Job) -> JobState:
    found: JobState = engine.ask(lambda app: jobs.show(app, job.id)).job.state
    return found


@pytest.fixture
def slow(start_engine: Callable[..., Engine]) -> Engine:
    """An engine so slow that nothing ends during a test."""
    return start_engine(requests_per_second=SLOW)


def test_an_empty_queue_says_what_will_be_here(engine: Engine, qtbot: QtBot) -> None:
    dock = make_dock(engine, qtbot)
    engine.until(lambda: dock._queue is not None)
    assert dock._stack.currentIndex() == 0


def test_a_whole_import_is_followed_to_its_end(engine: Engine, qtbot: QtBot) -> None:
    dock = make_dock(engine, qtbot)
    words = set()
    dock.model.dataChanged.connect(lambda *_: words.update(row.progress for row in dock.model.rows()))
    dock.model.rowsInserted.connect(lambda *_: words.update(row.progress for row in dock.model.rows()))
    request = ImportRequest(countries=("KR", "US"))
    job, _new = engine.ask(lambda app: imports.start(app, request))
    dock.choose(job.id)
    engine.until(lambda: any(row.kind is RowKind.DONE for row in dock.model.rows()))
    truth = engine.demo.truth(Wanted(countries=("KR", "US")))

    async def held(app: App) -> dict[str, int]:
        return await app.store.read(titles.count)

    assert sum(engine.ask(held).values()) == len(truth)
    row = row_of(dock, job)
    assert row.badge.text == "Completed"
    assert row.note == f"{len(truth)} new, 0 failed"
    assert dock.list.current_row() == row  # the selection went along into the finished section


def test_space_pauses_and_resumes_the_chosen_job(slow: Engine, qtbot: QtBot) -> None:
    (job,) = start(slow, "KR")
    dock = make_dock(slow, qtbot)
    slow.until(lambda: names(dock) == ["From KR"])
    dock.choose(job.id)
    qtbot.keyClick(dock.list, Qt.Key.Key_Space)
    slow.until(lambda: row_of(dock, job).badge.text == "Paused")
    assert row_of(dock, job).note == "Paused by you. It keeps its place."
    qtbot.keyClick(dock.list, Qt.Key.Key_Space)
    slow.until(lambda: row_of(dock, job).badge.text == "Running")


def test_alt_and_arrows_change_the_order(slow: Engine, qtbot: QtBot) -> None:
    found = start(slow, *CODES[:4])
    dock = make_dock(slow, qtbot)
    slow.until(lambda: len(names(dock)) == 4)
    dock.choose(found[3].id)
    qtbot.keyClick(dock.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    slow.until(lambda: names(dock)[2] == "From IN")
    assert dock.list.current_row() == row_of(dock, found[3])
    qtbot.keyClick(dock.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    slow.until(lambda: names(dock)[3] == "From IN")


def test_dragging_puts_a_job_where_it_is_dropped(slow: Engine, qtbot: QtBot) -> None:
    found = start(slow, *CODES[:4])
    dock = make_dock(slow, qtbot)
    slow.until(lambda: len(names(dock)) == 4)
    data = dock.model.mimeData([dock.model.index(3)])
    second = dock.list.visualRect(dock.model.index(1))
    drag(dock, data, QPoint(20, second.top() - 2), second.topLeft() + QPoint(20, 4))
    slow.until(lambda: names(dock) == ["From KR", "From IN", "From US", "From JP"])
    assert row_of(dock, found[3]).place == 1


def drag(dock: QueueDock, data: QMimeData, enter: QPoint, drop: QPoint) -> None:
    """What the list hears when a job is dragged in at one point and dropped at another."""
    move, left, none = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    area = dock.list.viewport()
    for event in (
        QDragEnterEvent(enter, move, data, left, none),
        QDragMoveEvent(drop, move, data, left, none),
        QDropEvent(drop.toPointF(), move, data, left, none),
    ):
        QCoreApplication.sendEvent(area, event)
        assert event.isAccepted()


def test_nothing_can_be_dropped_among_finished_jobs(engine: Engine, qtbot: QtBot) -> None:
    start(engine, "KR")
    dock = make_dock(engine, qtbot)
    engine.until(lambda: any(row.kind is RowKind.DONE for row in dock.model.rows()))
    data = dock.model.mimeData([dock.model.index(1)])
    spot = dock.list.visualRect(dock.model.index(1)).center()
    move, left, none = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragMoveEvent(spot, move, data, left, none)
    QCoreApplication.sendEvent(dock.list.viewport(), event)
    assert not event.isAccepted()


def test_del_asks_before_a_job_is_cancelled(slow: Engine, qtbot: QtBot) -> None:
    (job,) = start(slow, "KR")
    dock = make_dock(slow, qtbot)
    slow.until(lambda: names(dock) == ["From KR"])
    dock.choose(job.id)
    qtbot.keyClick(dock.list, Qt.Key.Key_Delete)
    assert dock._confirm is not None and dock._confirm.isVisible()
    assert dock._confirm.accessibleDescription() == "Nothing was imported yet."
    qtbot.keyClick(dock._confirm._keep, Qt.Key.Key_Escape)
    slow.until(lambda: state(slow, job) is JobState.RUNNING)
    slow.until(dock.list.hasFocus)  # the keyboard is back at the list
    qtbot.keyClick(dock.list, Qt.Key.Key_Delete)
    dock._confirm._cancel.click()
    slow.until(lambda: any(row.kind is RowKind.DONE for row in dock.model.rows()))
    assert state(slow, job) is JobState.CANCELLED


def test_the_painted_buttons_work_under_the_mouse(slow: Engine, qtbot: QtBot) -> None:
    jobs_ = start(slow, *CODES[:3])
    dock = make_dock(slow, qtbot)
    slow.until(lambda: len(names(dock)) == 3 and row_of(dock, jobs_[0]).badge.text == "Running")
    press(dock, jobs_[2], Act.RAISE)
    slow.until(lambda: names(dock)[1] == "From JP")
    press(dock, jobs_[0], Act.PAUSE)
    slow.until(lambda: row_of(dock, jobs_[0]).badge.text == "Paused")


def press(dock: QueueDock, job: Job, act: Act) -> None:
    index = dock.model.index(dock.model.row_of(job.id))
    buttons = dock.list._delegate.buttons(dock.list.visualRect(index), index.data(ROW))
    spot = next(button.rect.center().toPoint() for button in buttons if button.act is act)
    QTest.mouseClick(dock.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)


def test_many_deletions_are_marked_or_everything_is_kept(slow: Engine, qtbot: QtBot) -> None:
    jobs_ = start(slow, *CODES[:2])
    dock = make_dock(slow, qtbot)
    slow.until(lambda: len(names(dock)) == 2)
    for job in jobs_:
        slow.ask(lambda app, one=job.id: jobs.pause(app, one))
        slow.until(lambda one=job: state(slow, one) is JobState.PAUSED)
        args = {"movie": 30, "message": "TMDb no longer has 30 of 120 movies of the library."}

        def wait(db: SqliteDatabase, one: int = job.id, said: dict[str, Any] = args) -> None:
            rows.set_state(db, one, JobState.PAUSED, 1, reason="deletions", args=said)

        slow.ask(lambda app, write=wait: app.store.write(write))
    dock._refresh.ask()
    slow.until(lambda: all(row_of(dock, job).acts == (Act.BURY, Act.KEEP, Act.MORE) for job in jobs_))
    assert "keep everything" in row_of(dock, jobs_[0]).note
    press(dock, jobs_[0], Act.BURY)
    slow.until(lambda: state(slow, jobs_[0]) is JobState.RUNNING)
    press(dock, jobs_[1], Act.KEEP)
    slow.until(lambda: state(slow, jobs_[1]) is JobState.CANCELLED)


def test_a_press_that_leaves_its_button_does_nothing(slow: Engine, qtbot: QtBot) -> None:
    (job,) = start(slow, "KR")
    dock = make_dock(slow, qtbot)
    slow.until(lambda: names(dock) == ["From KR"])
    asked: list[object] = []
    dock.list.acted.connect(lambda *args: asked.append(args))
    index = dock.model.index(0)
    button = dock.list._delegate.buttons(dock.list.visualRect(index), index.data(ROW))[0]
    QTest.mousePress(dock.list.viewport(), Qt.MouseButton.LeftButton, pos=button.rect.center().toPoint())
    QTest.mouseRelease(dock.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 20))
    assert asked == []
    assert dock.list.current_row() == row_of(dock, job)


def test_f2_renames_in_place(slow: Engine, qtbot: QtBot) -> None:
    (job,) = start(slow, "KR")
    dock = make_dock(slow, qtbot)
    slow.until(lambda: names(dock) == ["From KR"])
    dock.choose(job.id)
    qtbot.keyClick(dock.list, Qt.Key.Key_F2)
    editor = dock.list.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit) and editor.text() == "From KR"
    editor.selectAll()
    qtbot.keyClicks(editor, "K-Drama 2024")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    slow.until(lambda: names(dock) == ["K-Drama 2024"])


def test_pause_all_and_the_dots_count_states(slow: Engine, qtbot: QtBot) -> None:
    start(slow, *CODES[:3])
    dock = make_dock(slow, qtbot)
    slow.until(lambda: [row.badge.text for row in dock.model.rows()] == ["Running", "Running", "Pending"])
    shown = {one: part[1].text() for one, part in dock._dots._parts.items() if part[0].isVisibleTo(dock._dots)}
    assert shown == {JobState.RUNNING: "2", JobState.PENDING: "1"}
    dock._pause_all.click()
    slow.until(lambda: [row.badge.text for row in dock.model.rows()] == ["Paused"] * 3)
    assert not dock._pause_all.isEnabled()


def test_the_finished_section_folds_and_is_cleared(engine: Engine, qtbot: QtBot) -> None:
    start(engine, "KR", "FR")
    dock = make_dock(engine, qtbot)
    engine.until(lambda: sum(row.kind is RowKind.DONE for row in dock.model.rows()) == 2)
    head = next(i for i, row in enumerate(dock.model.rows()) if row.kind is RowKind.HEAD)
    dock.list.setFocus()
    dock.list.setCurrentIndex(dock.model.index(head))
    qtbot.keyClick(dock.list, Qt.Key.Key_Return)
    assert [row.kind for row in dock.model.rows()] == [RowKind.HEAD]
    qtbot.keyClick(dock.list, Qt.Key.Key_Space)
    assert len(dock.model.rows()) == 3
    dock._on_act(dock.model.rows()[head], Act.CLEAR)
    engine.until(lambda: dock.model.rowCount() == 0)
    assert dock._stack.currentIndex() == 0


def test_the_menu_holds_what_the_mouse_can_do_and_copies_details(slow: Engine, qtbot: QtBot) -> None:
    jobs_ = start(slow, *CODES[:3])
    dock = make_dock(slow, qtbot)
    slow.until(lambda: len(names(dock)) == 3)
    dock.choose(jobs_[1].id)
    qtbot.keyClick(dock.list, Qt.Key.Key_Return)
    menu = dock._menu
    assert menu is not None
    by_text = {action.text(): action for action in menu.actions() if action.text()}
    assert {"Move to the top", "Move up", "Move down", "Rename", "Copy details", "Cancel job"} <= by_text.keys()
    by_text["Copy details"].trigger()
    assert "From US" in QGuiApplication.clipboard().text()
    by_text["Move to the top"].trigger()
    slow.until(lambda: names(dock)[0] == "From US")
    menu.close()


def test_a_refused_key_pauses_with_the_reason(engine: Engine, qtbot: QtBot) -> None:
    engine.demo.faults.revoked = frozenset({EVERY_KEY})
    (job,) = start(engine, "KR")
    dock = make_dock(engine, qtbot)
    engine.until(lambda: dock.model.rowCount() == 1 and row_of(dock, job).badge.text == "Paused")
    assert "Replace the key in the settings" in row_of(dock, job).note


def test_a_hidden_queue_reads_nothing_and_catches_up_when_shown(slow: Engine, qtbot: QtBot) -> None:
    dock = make_dock(slow, qtbot)
    slow.until(lambda: dock._queue is not None)
    dock.hide()
    start(slow, "KR")
    slow.until(lambda: dock._refresh.stale)
    assert dock.model.rowCount() == 0
    dock.show()
    slow.until(lambda: names(dock) == ["From KR"])


def test_an_outage_is_told_and_passes(engine: Engine, qtbot: QtBot) -> None:
    engine.demo.faults.refuse = True
    (job,) = start(engine, "KR")
    dock = make_dock(engine, qtbot)
    engine.until(lambda: dock.model.rowCount() == 1 and row_of(dock, job).note.startswith("TMDb does not answer"))
    engine.demo.faults.refuse = False
    engine.until(lambda: row_of(dock, job).kind is RowKind.DONE)


def test_a_refresh_asks_once_for_many_hints(slow: Engine, qtbot: QtBot) -> None:
    dock = make_dock(slow, qtbot)
    slow.until(lambda: dock._queue is not None and not dock._refresh.stale)
    reads: list[object] = []
    dock._refresh._then = lambda answer: reads.append(answer)
    for _ in range(50):
        dock._refresh.ask()
    slow.until(lambda: bool(reads))
    slow.ask(jobs.listing)
    assert len(reads) == 1
