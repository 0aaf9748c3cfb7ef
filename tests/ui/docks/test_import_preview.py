"""The preview runs when asked for, says when it is out of date, tells trouble with a way out; start queues a job."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import jobs
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.demo.faults import EVERY_KEY
from gdvg_desktop.demo.truth import Wanted
from gdvg_desktop.ui.docks.import_footer import ImportFooter
from gdvg_desktop.ui.docks.import_preview import ImportPreviewDock
from gdvg_desktop.ui.models.import_draft import ImportDraft, PreviewState
from gdvg_desktop.ui.models.import_sample import Column
from tests.ui.docks.conftest import Engine

KOREA = ImportRequest(countries=("KR",), date_from="2015", date_to="2024")


@dataclass
class Screen:
    engine: Engine
    window: QMainWindow
    draft: ImportDraft
    preview: ImportPreviewDock
    footer: ImportFooter

    def ask(self, request: ImportRequest) -> None:
        self.draft.set_request(request, "")
        self.draft.ask_preview()
        self.engine.until(lambda: self.draft.state is PreviewState.CURRENT or self.draft.error is not None)


def make_screen(engine: Engine, qtbot: QtBot) -> Screen:
    draft = ImportDraft(engine.host, engine.bridge)
    preview = ImportPreviewDock(engine.host, engine.bridge, draft)
    footer = ImportFooter(draft)
    window, body = QMainWindow(), QWidget()
    draft.setParent(window)
    column = QVBoxLayout(body)
    column.addWidget(preview)
    column.addWidget(footer)
    window.setCentralWidget(body)
    qtbot.addWidget(window)
    window.resize(1000, 800)
    with qtbot.waitExposed(window):
        window.show()
    return Screen(engine, window, draft, preview, footer)


@pytest.fixture
def screen(engine: Engine, qtbot: QtBot) -> Screen:
    return make_screen(engine, qtbot)


def test_a_preview_shows_what_the_catalogue_holds(screen: Screen) -> None:
    screen.ask(KOREA)
    truth = screen.engine.demo.truth(Wanted(countries=("KR",), start="2015", end="2024"))
    assert screen.draft.preview is not None
    assert screen.draft.preview.estimated == len(truth)
    assert screen.preview._tiles._new.accessibleName() == f"New titles: {len(truth)}"
    assert screen.preview._state.text().startswith("Up to date")
    assert screen.footer._lead.text() == f"{len(truth)} new titles, most popular first."
    screen.engine.until(lambda: screen.footer._rest.text() == "Starts at once.")  # the queue is read by itself


def test_the_sample_is_a_sound_model_and_can_be_narrowed(screen: Screen) -> None:
    model = screen.preview.sample.model
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    screen.ask(KOREA)
    assert screen.draft.preview is not None
    count = len(screen.draft.preview.sample)
    assert 0 < count <= 20
    assert model.rowCount() == count
    assert model.index(0, Column.STATUS).data() == "New"
    assert model.index(0, Column.COUNTRY).data()
    screen.preview.sample.which.choose("held")
    assert model.rowCount() == 0
    screen.preview.sample.which.choose("new")
    assert model.rowCount() == count


def test_other_filters_make_it_out_of_date_until_they_are_back(screen: Screen) -> None:
    screen.ask(KOREA)
    screen.draft.set_request(ImportRequest(countries=("JP",)), "")
    assert screen.draft.state is PreviewState.OUTDATED
    assert screen.preview._state.text() == "Out of date, the filters changed"
    assert screen.footer._lead.text() == "The filters have changed since the preview."
    screen.draft.set_request(ImportRequest(countries=("KR",), date_from="2015", date_to="2024"), "")
    assert screen.draft.state is PreviewState.CURRENT


def test_duplicates_stay_known_while_only_their_treatment_changes(screen: Screen) -> None:
    screen.ask(KOREA)
    screen.draft.set_request(
        ImportRequest(countries=("KR",), date_from="2015", date_to="2024", existing="update", priority=3), ""
    )
    assert screen.draft.state is PreviewState.OUTDATED
    assert screen.draft.known_duplicates == 0
    screen.draft.set_request(ImportRequest(countries=("JP",)), "")
    assert screen.draft.known_duplicates is None


def test_ctrl_p_previews_and_ctrl_enter_starts(screen: Screen, qtbot: QtBot) -> None:
    screen.draft.set_request(KOREA, "")
    with qtbot.waitActive(screen.window):
        screen.window.activateWindow()
    qtbot.keyClick(screen.window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    screen.engine.until(lambda: screen.draft.state is PreviewState.CURRENT)
    with qtbot.waitSignal(screen.draft.started, timeout=30_000) as started:
        qtbot.keyClick(screen.window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert started.args[1] is True
    assert [job.id for job in screen.engine.ask(jobs.listing)] == [started.args[0]]


def test_the_shortcuts_rest_while_the_bar_is_not_seen(screen: Screen) -> None:
    assert screen.footer.start_action.isEnabled()
    screen.footer.hide()
    assert not screen.footer.start_action.isEnabled()
    assert not screen.footer.preview_action.isEnabled()


def test_filters_with_a_problem_start_nothing(screen: Screen) -> None:
    screen.draft.set_request(KOREA, "The period ends before it begins.")
    assert not screen.footer._start.isEnabled()
    screen.draft.start()
    screen.draft.ask_preview()
    assert screen.draft.state is PreviewState.NONE
    assert screen.footer._rest.text() == "The period ends before it begins."


def test_the_same_import_asked_twice_is_one_job(start_engine: Callable[..., Engine], qtbot: QtBot) -> None:
    screen = make_screen(start_engine(requests_per_second=1.0), qtbot)  # slow, so the first still runs
    screen.draft.set_request(KOREA, "")
    answers = []
    screen.draft.started.connect(lambda job_id, new: answers.append((job_id, new)))
    screen.draft.start()
    screen.engine.until(lambda: len(answers) == 1)
    screen.draft.start()
    screen.engine.until(lambda: len(answers) == 2)
    assert answers == [(answers[0][0], True), (answers[0][0], False)]


def test_without_a_key_it_says_so_and_leads_to_the_settings(start_engine: Callable[..., Engine], qtbot: QtBot) -> None:
    screen = make_screen(start_engine(key=""), qtbot)
    screen.ask(KOREA)
    message = screen.preview._message
    assert message.isVisible()
    assert message.accessibleName() == ("TMDb key needed There is no TMDb key. Open the settings and enter a TMDb key.")
    with qtbot.waitSignal(screen.preview.settings_asked):
        screen.preview._fix.click()


def test_a_refused_key_is_told_and_another_answer_takes_it_away(screen: Screen) -> None:
    screen.engine.demo.faults.revoked = frozenset({EVERY_KEY})
    screen.ask(KOREA)
    assert screen.preview._message.isVisible()
    assert screen.preview._fix.text() == "Open settings"
    screen.draft.set_request(ImportRequest(countries=("JP",)), "")
    assert not screen.preview._message.isVisible()


def test_offline_it_waits_says_so_and_goes_on_by_itself(screen: Screen) -> None:
    screen.engine.demo.faults.refuse = True
    screen.draft.set_request(KOREA, "")
    screen.draft.ask_preview()
    screen.engine.until(lambda: screen.preview._message.isVisible())
    assert "goes on by itself" in screen.preview._message.accessibleName()
    assert screen.footer._preview.text() == "Stop preview"
    screen.engine.demo.faults.refuse = False
    screen.engine.until(lambda: screen.draft.state is PreviewState.CURRENT)
    assert not screen.preview._message.isVisible()


def test_a_preview_that_waits_can_be_stopped(screen: Screen) -> None:
    screen.engine.demo.faults.refuse = True
    screen.draft.set_request(KOREA, "")
    screen.draft.ask_preview()
    screen.engine.until(lambda: screen.preview._message.isVisible())
    screen.footer._preview.click()
    assert screen.draft.state is PreviewState.NONE
    assert not screen.preview._message.isVisible()
