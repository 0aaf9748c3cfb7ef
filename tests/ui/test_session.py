"""A window from its first paint to its end, on a real library and a demo server."""

import os
import sqlite3
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import imports
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.ui.session import Next, Session
from gdvg_desktop.ui.theme import apply_theme, theme_of
from gdvg_desktop.ui.tokens import DARK
from gdvg_desktop.ui.widgets.messages import InlineMessage
from tests.ui.face_world import WAIT_MS, Face


def shown_messages(session: Session) -> list[str]:
    """The inline messages that can be seen, as a screen reader has them."""
    return [one.accessibleName() for one in session.window.findChildren(InlineMessage) if one.isVisible()]


def test_the_frame_is_painted_before_there_are_docks(face: Face, qtbot: QtBot, tmp_path: Path) -> None:
    session = face.begin(tmp_path / "data")
    assert session.window.isVisible() and session.contents is None and session.window.host.docks() == []
    with qtbot.waitSignal(session.ready, timeout=WAIT_MS):
        pass
    assert [dock.objectName() for dock in session.window.host.open_docks()] == [
        "overview",
        "sync_health",
        "alerts",
        "analytics",
    ]


@pytest.mark.parametrize("loop", ["thread", "qasync"])
def test_an_import_runs_to_its_end_with_the_engine_on_either_loop(
    face: Face, small_demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    monkeypatch.setenv("GDVG_ENGINE_LOOP", loop)
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    face.ask(lambda app: imports.start(app, ImportRequest()))
    face.until(lambda: face.status().last_finished)
    found = face.status()
    assert found.titles == len(small_demo.truth())
    assert found.last_finished is not None and found.last_finished.state is JobState.COMPLETED


def test_closing_during_an_import_stores_it_and_the_next_window_goes_on(
    face: Face, small_demo: DemoServer, tmp_path: Path
) -> None:
    face.use_demo(small_demo, rate=100)
    face.open(tmp_path / "data")
    job, _new = face.ask(lambda app: imports.start(app, ImportRequest()))
    face.until(lambda: face.status().titles >= 10)
    face.close()
    with sqlite3.connect(tmp_path / "data" / "library.db") as file:
        assert file.execute("SELECT state FROM job WHERE id = ?", (job.id,)).fetchone() == ("interrupted",)
    file.close()
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    face.until(lambda: face.status().last_finished)
    assert face.status().titles == len(small_demo.truth())


def test_the_window_is_as_it_was_left(face: Face, tmp_path: Path) -> None:
    session = face.open(tmp_path / "data")
    session.window.resize(session.window.minimumSize())  # as small as the screen of these tests makes it again
    session.window.host.dock("analytics").close()
    face.close()
    again = face.open(tmp_path / "data")
    assert [dock.objectName() for dock in again.window.host.open_docks()] == ["overview", "sync_health"]


def test_the_look_chosen_is_there_at_the_first_paint_of_the_next_start(
    face: Face, themed: QApplication, tmp_path: Path
) -> None:
    session = face.open(tmp_path / "data")
    session.change_settings(theme="light")
    face.close()
    apply_theme(themed, DARK)
    face.begin(tmp_path / "data")
    assert theme_of().name == "light"
    with face.qtbot.waitSignal(face.session.ready, timeout=WAIT_MS):
        pass


def test_settings_that_cannot_be_read_are_told_and_touched_by_nobody(face: Face, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "settings.toml").write_text("theme = ", encoding="utf-8")
    session = face.begin(folder)
    qtbot.waitUntil(lambda: bool(shown_messages(session)), timeout=WAIT_MS)
    assert "settings.toml cannot be read" in shown_messages(session)[0]
    assert face.close().exit_code == 2
    assert (folder / "settings.toml").read_text(encoding="utf-8") == "theme = "
    assert not (folder / "library.db").exists()


def test_closing_while_it_still_loads_ends_at_once(face: Face, qtbot: QtBot, tmp_path: Path) -> None:
    session = face.begin(tmp_path / "data")
    with qtbot.waitSignal(face.loop.ended, timeout=WAIT_MS):
        session.window.close()
    assert face.await_end().next is Next.QUIT


def test_a_second_window_works_beside_the_first_and_takes_over_from_it(
    face: Face, small_demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    face.use_demo(small_demo, rate=20)
    first = Face(qtbot, QApplication.instance(), monkeypatch)  # type: ignore[arg-type]
    first.open(tmp_path / "data")
    session = face.open(tmp_path / "data")
    assert any("Another GDVG program is working on this library" in text for text in shown_messages(session))
    job, _new = face.ask(lambda app: imports.start(app, ImportRequest()))
    face.until(lambda: any(one.id == job.id for one in face.status().running))
    first.close()
    face.until(lambda: face.contents.host.is_engine and face.contents.host.app is not None)
    face.until(lambda: not shown_messages(session))
    face.until(lambda: any(one.id == job.id for one in face.status().running))


def test_the_demo_runs_as_a_process_of_its_own_and_ends_with_its_window(face: Face, tmp_path: Path) -> None:
    session = face.open(tmp_path / "demo", demo=True)
    assert session.window.windowTitle().endswith("(DEMO)")
    assert os.environ["GDVG_TMDB_URL"].startswith("http://127.0.0.1:")
    face.ask(lambda app: imports.start(app, ImportRequest(limit=5)))
    face.until(lambda: face.status().last_finished)
    assert face.status().titles == 5
    face.close()
    assert "GDVG_TMDB_URL" not in os.environ
    assert "127.0.0.1" not in (tmp_path / "demo" / "window.ini").read_text(encoding="utf-8")


def test_the_demo_follows_when_it_is_asked_for(face: Face, qtbot: QtBot, tmp_path: Path) -> None:
    face.open(tmp_path / "data")
    with qtbot.waitSignal(face.loop.ended, timeout=WAIT_MS):
        face.contents.other.trigger()
    assert face.await_end().next is Next.DEMO
