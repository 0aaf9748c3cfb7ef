"""The History screen in the whole window: its key, the number at the rail, and what a stalled job offers."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

from gdvg_desktop.commands import errors, imports, jobs
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.events import JobStalled
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.demo.truth import Wanted
from gdvg_desktop.ui.docks.history import HistoryDock
from gdvg_desktop.ui.docks.run_detail import RunDetailDock
from gdvg_desktop.ui.screens import HISTORY, QUEUE
from gdvg_desktop.ui.widgets.toasts import Toast
from tests.ui.face_world import Face

LOST = 3


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=80, series=40)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    (made / "settings.toml").write_text("max_attempts = 1\n", encoding="utf-8")
    return made


def test_what_failed_is_counted_at_the_rail_and_gone_when_it_came_in(
    face: Face, demo: DemoServer, folder: Path
) -> None:
    face.use_demo(demo)
    session = face.open(folder)
    lost = {f"{kind}/{tmdb_id}" for kind, tmdb_id in sorted(demo.truth(Wanted(media_type="movie")))[:LOST]}
    demo.faults.always_500 = lost
    item = session.window.rail._items[HISTORY]
    job, _ = face.ask(lambda app: imports.start(app, ImportRequest("movie", name="Films")))
    face.until(lambda: item.accessibleDescription() == str(LOST))
    assert item._urgent
    face.until(lambda: face.ask(lambda app: jobs.show(app, job.id)).job.state is JobState.COMPLETED)
    action = next(one for one in session.window.findChildren(QAction) if one.objectName() == f"screen_{HISTORY}")
    assert action.shortcut().toString() == "Ctrl+5"
    action.trigger()
    assert session.window.screen_name() == HISTORY
    detail = cast(RunDetailDock, face.contents.docks[RunDetailDock.KEY])
    runs = cast(HistoryDock, face.contents.docks[HistoryDock.KEY])
    face.until(lambda: runs.model.rowCount() == 1 and detail.run_id() == job.id)
    face.until(lambda: detail._badge.text() == "With errors")
    demo.faults.always_500 = set()
    face.ask(errors.retry_all)
    face.until(lambda: item.accessibleDescription() == "")
    face.until(lambda: detail._badge.text() == "Completed" and detail._recovered._value.text() == str(LOST))
    assert "retry" in detail.timeline.names()
    detail.again.click()
    face.until(lambda: session.window.screen_name() == QUEUE)
    face.close()


def test_a_stalled_job_is_told_with_its_restart(face: Face, demo: DemoServer, folder: Path) -> None:
    demo.faults.latency_ms = 300
    face.use_demo(demo, rate=1)
    session = face.open(folder)
    job, _ = face.ask(lambda app: imports.start(app, ImportRequest("movie", name="Films")))
    face.until(lambda: face.ask(lambda app: jobs.show(app, job.id)).job.state is JobState.RUNNING)
    face.contents.bus.publish(JobStalled(job.id))
    face.until(lambda: any("progress" in toast.accessibleName() for toast in session.window.findChildren(Toast)))
    toast = next(one for one in session.window.findChildren(Toast) if "progress" in one.accessibleName())
    next(one for one in toast.findChildren(QPushButton) if one.text() == "Restart").click()
    reasons: list[str | None] = []
    face.until(lambda: reasons.append(face.ask(lambda app: jobs.show(app, job.id)).job.reason) or reasons)  # type: ignore[func-returns-value]
    face.until(lambda: face.ask(lambda app: jobs.show(app, job.id)).job.reason is None)
    face.close()
