"""Error recovery beside a real engine: cards, filter, buttons in rows, keys, several at once, and looking into one."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from peewee import SqliteDatabase
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import errors, imports, jobs
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.kinds import FailureCategory, MediaType
from gdvg_desktop.demo.truth import Wanted
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui.docks.errors import ErrorsDock
from gdvg_desktop.ui.models.error_delegates import Act
from gdvg_desktop.ui.models.errors import Column
from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.tables import PAD, CellRole
from tests.ui.docks.conftest import KEY, Engine

LOST = 6


@pytest.fixture
def engine(start_engine: Callable[..., Engine]) -> Engine:
    """One try a title: what fails, fails at once."""
    return start_engine(max_attempts=1)


@pytest.fixture
def lost(engine: Engine) -> list[str]:
    found = sorted(engine.demo.truth(Wanted(countries=("US",))))[:LOST]
    engine.demo.faults.always_500 = {f"{kind}/{tmdb_id}" for kind, tmdb_id in found}
    return [f"{kind}/{tmdb_id}" for kind, tmdb_id in found]


@pytest.fixture
def job(engine: Engine, lost: list[str]) -> Job:
    """An import in which they failed."""
    request = ImportRequest(countries=("US",), name="From US")
    made, _ = engine.ask(lambda app: imports.start(app, request))
    engine.until(lambda: engine.ask(lambda app: jobs.show(app, made.id)).job.state.finished)
    found: Job = engine.ask(lambda app: jobs.show(app, made.id)).job
    assert found.failed == len(lost)
    return found


@pytest.fixture
def dock(engine: Engine, qtbot: QtBot) -> ErrorsDock:
    made = ErrorsDock(engine.host, engine.bridge)
    QAbstractItemModelTester(made.model, QAbstractItemModelTester.FailureReportingMode.Fatal, made.model)
    qtbot.addWidget(made)
    made.resize(568, 820)
    with qtbot.waitExposed(made):
        made.show()
    return made


def keys(dock: ErrorsDock) -> set[str]:
    return {str(one.key) for one in dock.model.failures()}


def shows(engine: Engine, dock: ErrorsDock, count: int) -> None:
    engine.until(lambda: dock.model.rowCount() == count and not dock._refresh.stale)


def click(engine: Engine, dock: ErrorsDock, row: int, act: Act) -> None:
    """Press a painted button of a row."""
    cell = dock.table.visualRect(dock.model.index(row, Column.ACTION))
    spot = next(
        QPoint(x, cell.center().y())
        for x in range(cell.left(), cell.right())
        if dock.table.button_at(QPoint(x, cell.center().y())) == (row, act)
    )
    engine.qtbot.mouseClick(dock.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def test_without_failures_it_says_so(engine: Engine, dock: ErrorsDock) -> None:
    engine.until(lambda: dock._summary is not None)
    assert dock._stack.currentIndex() == 0


def test_failures_appear_by_themselves_with_cards_and_counts(
    engine: Engine, dock: ErrorsDock, lost: list[str], job: Job
) -> None:
    shows(engine, dock, LOST)
    assert keys(dock) == set(lost)
    assert dock._head.text() == "6 failed titles"
    cards = {card.category: card.accessibleName() for card in dock.cards.cards}
    assert cards[FailureCategory.SERVER] == "Server: 6" and cards[FailureCategory.NETWORK] == "Network: 0"
    assert dock.filter.tabText(0) == "All 6"
    cell = dock.model.index(0, Column.TRIES)
    assert cell.data() == "1" and str(cell.data(CellRole.SECOND)).startswith("in ")  # again by itself, in an hour


def test_a_button_retries_one_and_what_comes_in_leaves_the_list(
    engine: Engine, dock: ErrorsDock, lost: list[str], job: Job
) -> None:
    shows(engine, dock, LOST)
    one = str(dock.model.failures()[2].key)
    engine.demo.faults.always_500 = set(lost) - {one}
    click(engine, dock, 2, Act.RETRY)
    engine.until(lambda: keys(dock) == set(lost) - {one})
    engine.until(lambda: engine.ask(lambda app: jobs.show(app, job.id)).job.state.finished)
    assert engine.ask(lambda app: jobs.show(app, job.id)).job.recovered == 1


def test_keys_skip_several_at_once(engine: Engine, dock: ErrorsDock, lost: list[str], job: Job) -> None:
    shows(engine, dock, LOST)
    dock.table.setFocus()
    dock.table.selectRow(1)
    engine.qtbot.keyClick(dock.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    gone = {str(one.key) for one in dock.table.chosen()}
    assert len(gone) == 2
    engine.qtbot.keyClick(dock.table, Qt.Key.Key_Delete)
    engine.until(lambda: keys(dock) == set(lost) - gone)
    assert dock.table.currentIndex().isValid() and dock.table.chosen()
    now = engine.ask(lambda app: jobs.show(app, job.id)).job
    assert (now.failed, now.skipped) == (LOST - 2, job.skipped + 2)


def test_retry_all_brings_everything_in(engine: Engine, dock: ErrorsDock, lost: list[str], job: Job) -> None:
    shows(engine, dock, LOST)
    told: list[int] = []
    dock.failed_changed.connect(told.append)
    engine.demo.faults.always_500 = set()
    dock.retry_all.click()
    engine.until(lambda: dock._stack.currentIndex() == 0)
    assert told[-1] == 0
    engine.until(lambda: engine.ask(errors.summary).recovered_asked == LOST)


def test_skipping_all_asks_first(engine: Engine, dock: ErrorsDock, job: Job) -> None:
    shows(engine, dock, LOST)
    dock.skip_all.click()
    assert dock._confirm is not None
    dock._confirm._keep.click()
    assert dock.model.rowCount() == LOST
    dock.skip_all.click()
    dock._confirm._skip.click()
    engine.until(lambda: dock._stack.currentIndex() == 0)


def test_one_is_looked_into_without_the_key(engine: Engine, dock: ErrorsDock, job: Job) -> None:
    shows(engine, dock, LOST)
    dock.table.setFocus()
    dock.table.selectRow(0)
    one = dock.model.failures()[0]
    engine.qtbot.keyClick(dock.table, Qt.Key.Key_V)
    engine.until(lambda: dock.dialog is not None)
    dialog = dock.dialog
    assert dialog is not None
    text = dialog.text()
    assert f"GET /{one.key}" in text and one.message in text and KEY not in text and "api_key" not in text
    dialog.copy()
    assert QGuiApplication.clipboard().text() == text
    engine.demo.faults.always_500 = set()
    dialog.retry.click()
    engine.until(lambda: dock.model.rowCount() == LOST - 1)


def test_a_category_is_listed_alone_and_its_card_leads_there(
    engine: Engine, dock: ErrorsDock, lost: list[str], job: Job
) -> None:
    shows(engine, dock, LOST)
    kind, tmdb_id = lost[0].split("/")

    def invalid(db: object) -> None:
        db.execute_sql(  # type: ignore[attr-defined]
            "UPDATE job_item SET category = 'validation', next_try_at = NULL WHERE media_type = ? AND tmdb_id = ?",
            (MediaType(kind).value, int(tmdb_id)),
        )

    engine.ask(lambda app: app.store.write(invalid))
    dock._refresh.ask()
    engine.until(lambda: FailureCategory.VALIDATION in dock._categories)
    card = next(card for card in dock.cards.cards if card.category is FailureCategory.VALIDATION)
    assert card.button.text() == "Review 1"
    card.button.click()
    shows(engine, dock, 1)
    assert dock.filter.value() == "validation" and dock.table.hasFocus()
    click(engine, dock, 0, Act.SKIP)
    engine.until(lambda: dock.model.rowCount() == LOST - 1 and dock.filter.value() == "all")


def test_the_keyboard_stays_in_the_panel_when_its_button_has_nothing_left_to_do(
    engine: Engine, dock: ErrorsDock, lost: list[str], job: Job
) -> None:
    shows(engine, dock, LOST)
    marks = [(MediaType(kind).value, int(number)) for kind, number in (name.split("/") for name in lost[:2])]

    def time_out(db: SqliteDatabase) -> None:
        for mark in marks:
            db.execute_sql("UPDATE job_item SET category = 'network' WHERE media_type = ? AND tmdb_id = ?", mark)

    engine.ask(lambda app: app.store.write(time_out))
    dock._refresh.ask()
    engine.until(lambda: FailureCategory.NETWORK in dock._categories)
    dock.activateWindow()
    engine.demo.faults.always_500 = set(lost[2:])
    card = next(card for card in dock.cards.cards if card.category is FailureCategory.NETWORK)
    card.button.setFocus()
    engine.qtbot.keyClick(card.button, Qt.Key.Key_Space)
    shows(engine, dock, LOST - 2)
    assert dock.table.hasFocus()
    assert dock._message.accessibleName() == "2 are back in the queue."
    engine.demo.faults.always_500 = set()
    dock.retry_all.setFocus()
    engine.qtbot.keyClick(dock.retry_all, Qt.Key.Key_Space)
    engine.until(lambda: dock._stack.currentIndex() == 0)
    focused = QApplication.focusWidget()
    assert focused is not None and dock.isAncestorOf(focused)


def test_the_filter_keeps_the_keyboard_when_a_category_comes_in(
    engine: Engine, dock: ErrorsDock, lost: list[str], job: Job
) -> None:
    shows(engine, dock, LOST)
    dock.activateWindow()
    before = dock.filter
    before.setFocus()
    engine.ask(
        lambda app: app.store.write(
            lambda db: db.execute_sql(
                "UPDATE job_item SET category = 'network' WHERE state = 'failed' AND tmdb_id = ?",
                (int(lost[0].split("/")[1]),),
            )
        )
    )
    dock._refresh.ask()
    engine.until(lambda: FailureCategory.NETWORK in dock._categories)
    assert dock.filter is not before and dock.filter.hasFocus()


def test_a_narrow_panel_leaves_out_the_tries_for_what_failed(engine: Engine, dock: ErrorsDock, job: Job) -> None:
    shows(engine, dock, LOST)
    assert not dock.table.isColumnHidden(Column.TRIES)
    dock.resize(440, 820)
    engine.until(lambda: dock.table.isColumnHidden(Column.TRIES))
    for row in range(LOST):
        index = dock.model.index(row, Column.CONTENT)
        mono = QFontMetricsF(font(theme_of(dock), Role.LOG))
        assert (
            mono.horizontalAdvance(str(index.data(CellRole.SECOND))) <= dock.table.columnWidth(Column.CONTENT) - 2 * PAD
        )


def test_failures_are_written_out(engine: Engine, dock: ErrorsDock, lost: list[str], job: Job, tmp_path: Path) -> None:
    shows(engine, dock, LOST)
    target = tmp_path / "failures.csv"
    dock.write(target)
    engine.until(lambda: dock._message.isVisible())
    table = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert {row["key"] for row in table} == set(lost) and {row["category"] for row in table} == {"server"}


def test_a_hidden_panel_reads_nothing_until_it_is_shown(engine: Engine, dock: ErrorsDock, lost: list[str]) -> None:
    engine.until(lambda: not dock._refresh.stale)
    dock.hide()
    request = ImportRequest(countries=("US",), name="From US")
    engine.ask(lambda app: imports.start(app, request))
    engine.until(lambda: dock._refresh.stale and engine.ask(errors.count) == len(lost))
    assert dock.model.rowCount() == 0
    dock.show()
    shows(engine, dock, LOST)
