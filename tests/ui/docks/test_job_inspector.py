"""The inspector shows one job close up: figures, log, failures with a way to try again."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import imports, jobs
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.events import JobLogged
from gdvg_desktop.demo.truth import Wanted
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui.docks.job_inspector import FAILED, LOG, WINDOWS, JobInspectorDock
from gdvg_desktop.ui.models.job_tables import FailedColumn, WindowColumn
from gdvg_desktop.ui.widgets.chips import Chip
from tests.ui.docks.conftest import Engine

KOREA = ImportRequest(countries=("KR",), date_from="2000", date_to="2024", priority=86)


@pytest.fixture
def inspector(engine: Engine, qtbot: QtBot) -> JobInspectorDock:
    return make_dock(engine, qtbot)


def make_dock(engine: Engine, qtbot: QtBot) -> JobInspectorDock:
    dock = JobInspectorDock(engine.host, engine.bridge)
    for model in (dock._failed_page.model, dock._windows_page.model):
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    qtbot.addWidget(dock)
    dock.resize(480, 900)
    with qtbot.waitExposed(dock):
        dock.show()
    return dock


def start(engine: Engine) -> Job:
    job, _new = engine.ask(lambda app: imports.start(app, KOREA))
    found: Job = job
    return found


def ended(dock: JobInspectorDock) -> bool:
    return dock._badge.text() in ("Completed", "Failed")


def test_without_a_job_it_says_so(inspector: JobInspectorDock) -> None:
    assert inspector._stack.currentIndex() == 0


def test_figures_follow_a_job_to_its_end(engine: Engine, inspector: JobInspectorDock) -> None:
    job = start(engine)
    inspector.show_job(job.id)
    engine.until(lambda: ended(inspector))
    truth = engine.demo.truth(Wanted(countries=("KR",), start="2000", end="2024"))
    assert inspector._imported.accessibleName() == f"Imported: {len(truth)}"
    assert inspector._left.accessibleName() == "Left: 0"
    assert inspector._percent.text() == "100%"
    chips = [chip.text() for chip in inspector._chips.findChildren(Chip)]
    assert chips == ["Movies and TV series", "South Korea", "2000 to 2024", "Priority 86"]
    assert "Requests" in inspector._facts.accessibleName()


def test_the_log_holds_every_line_once_whenever_it_is_opened(
    engine: Engine, inspector: JobInspectorDock, qtbot: QtBot
) -> None:
    job = start(engine)
    inspector.show_job(job.id)
    engine.until(lambda: ended(inspector))
    known = engine.ask(lambda app: jobs.log_lines(app, job.id))
    view = inspector._log.view
    engine.until(lambda: len(view.shown_lines()) == len(known))
    assert [line.text for line in reversed(view.shown_lines())] == [line.text for line in known]
    late = make_dock(engine, qtbot)
    late.show_job(job.id)
    engine.until(lambda: len(late._log.view.shown_lines()) == len(known))


def test_new_lines_of_this_job_alone_are_added(engine: Engine, inspector: JobInspectorDock) -> None:
    job = start(engine)
    inspector.show_job(job.id)
    engine.until(lambda: ended(inspector))
    view = inspector._log.view
    known = len(engine.ask(lambda app: jobs.log_lines(app, job.id)))
    engine.until(lambda: len(view.shown_lines()) == known)
    engine.bus.publish(JobLogged(job.id, 0.0, "warn", "slow"))
    engine.bus.publish(JobLogged(job.id + 1, 0.0, "warn", "another job's"))
    engine.until(lambda: len(view.shown_lines()) == known + 1)
    inspector._log.levels.choose("warnings")
    assert view.shown_lines()[0].text == "slow"
    copy = next(b for b in inspector._log.findChildren(QPushButton) if b.text() == "Copy")
    copy.click()
    assert QGuiApplication.clipboard().text().endswith("slow")


def test_what_failed_is_listed_and_tried_again(engine: Engine, inspector: JobInspectorDock, qtbot: QtBot) -> None:
    truth = engine.demo.truth(Wanted(countries=("KR",), start="2000", end="2024"))
    broken = sorted(f"{kind}/{tmdb_id}" for kind, tmdb_id in truth)[:2]
    engine.demo.faults.always_500 = frozenset(broken)
    job = start(engine)
    inspector.show_job(job.id)
    engine.until(lambda: ended(inspector))
    page = inspector._failed_page
    assert inspector._failed.accessibleName() == "Failed: 2"
    inspector._which.choose(FAILED)
    assert page.model.rowCount() == 2
    names = {page.model.index(row, FailedColumn.TITLE).data() for row in range(2)}
    assert names == {one.replace("movie/", "Movie ").replace("tv/", "TV ") for one in broken}
    assert page.model.index(0, FailedColumn.CATEGORY).data() == "Server"
    assert page.model.index(0, FailedColumn.TRIES).data() == "2"
    assert page.model.index(0, FailedColumn.NEXT).data() != "by you"
    assert page.retry.text() == "Retry 2 failed"
    engine.demo.faults.always_500 = frozenset()
    qtbot.mouseClick(page.retry, Qt.MouseButton.LeftButton)
    engine.until(lambda: inspector._imported.accessibleName() == f"Imported: {len(truth)}")
    engine.until(lambda: page.model.rowCount() == 0)


def test_windows_tell_how_far_each_came(engine: Engine, inspector: JobInspectorDock) -> None:
    job = start(engine)
    inspector.show_job(job.id)
    engine.until(lambda: ended(inspector))
    inspector._which.choose(WINDOWS)
    model = inspector._windows_page.model
    assert model.rowCount() == 2
    assert model.index(0, WindowColumn.WINDOW).data() == "Movies, Jan 2000 to Dec 2024"
    assert model.index(0, WindowColumn.STATE).data() == "Listed"
    inspector._which.choose(LOG)
    assert inspector._log.levels.isVisibleTo(inspector)


def test_the_chart_tells_the_pace(engine: Engine, inspector: JobInspectorDock) -> None:
    job = start(engine)
    inspector.show_job(job.id)
    engine.until(lambda: ended(inspector))
    history = (0.0,) * 58 + (3.0, 4.0)
    inspector._draw(history)
    assert inspector._chart.table()[-1] == ["now", "4"]
    assert inspector._chart.table()[1][0] == "-5 min"


class _Opener(QObject):
    """Stands for the desktop: what would be opened."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toLocalFile())


def test_the_full_log_is_opened_where_it_lies(engine: Engine, inspector: JobInspectorDock) -> None:
    opener = _Opener()
    QDesktopServices.setUrlHandler("file", opener, "open")
    try:
        full = next(b for b in inspector._log.findChildren(QPushButton) if b.text() == "Open full log")
        full.click()
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert engine.host.app is not None
    assert opener.opened == [str(engine.host.app.paths.logs)]


def test_a_job_taken_out_of_the_list_leaves_it_empty(engine: Engine, inspector: JobInspectorDock) -> None:
    job = start(engine)
    inspector.show_job(job.id)
    engine.until(lambda: ended(inspector))
    engine.ask(lambda app: jobs.clear_finished(app, (job.id,)))
    engine.until(lambda: inspector.job_id() == 0)
    assert inspector._stack.currentIndex() == 0


def test_another_job_shows_nothing_of_the_former(start_engine: Callable[..., Engine], qtbot: QtBot) -> None:
    engine = start_engine(requests_per_second=0.5)
    first = start(engine)
    other, _new = engine.ask(lambda app: imports.start(app, ImportRequest(countries=("JP",), name="From JP")))
    dock = make_dock(engine, qtbot)
    dock.show_job(first.id)
    dock.show_job(other.id)
    engine.until(lambda: dock._name.text() == "From JP")
