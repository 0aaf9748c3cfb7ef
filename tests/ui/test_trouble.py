"""What the window does when something is in the way: running work at closing, a damaged library, a refused key, an
outage, and a bug."""

import sqlite3
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import imports, keys
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.credentials import hide
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.core.settings import load_settings
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.store import backup
from gdvg_desktop.ui.closing import MINIMISE, STOP
from gdvg_desktop.ui.crash import CrashReporter
from gdvg_desktop.ui.dialogs.settings import SettingsDialog
from gdvg_desktop.ui.recovery import RESTORE
from tests.ui.face_world import KEY, WAIT_MS, Face


def running(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    """A window with an import at work."""
    face.use_demo(small_demo, rate=20)
    face.open(tmp_path / "data")
    face.ask(lambda app: imports.start(app, ImportRequest()))
    face.until(lambda: face.contents.feed.latest is not None and face.contents.feed.latest.running)


def test_closing_during_work_asks_once_and_remembers_the_answer(
    face: Face, small_demo: DemoServer, qtbot: QtBot, tmp_path: Path
) -> None:
    running(face, small_demo, tmp_path)
    assert face.session is not None
    assert not face.session.window.close()
    question = face.contents.guard.question
    assert question is not None and question.isVisible() and question.remember.isChecked()
    with qtbot.waitSignal(face.loop.ended, timeout=WAIT_MS):
        question.buttons[STOP].click()
    face.await_end()
    assert load_settings(tmp_path / "data" / "settings.toml", {}).on_close == STOP
    face.open(tmp_path / "data")
    face.until(lambda: face.contents.feed.latest is not None and face.contents.feed.latest.running)
    with qtbot.waitSignal(face.loop.ended, timeout=WAIT_MS):
        face.session.window.close()
    face.await_end()


def test_escape_leaves_the_window_open_and_nothing_decided(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    running(face, small_demo, tmp_path)
    assert face.session is not None
    face.contents.other.trigger()
    assert face.contents.guard.question is not None
    face.contents.guard.question.reject()
    assert face.session.window.isVisible() and face.session.next == "quit"
    assert face.contents.guard.choice == "ask"


def test_minimised_it_stays_until_the_work_is_done(
    face: Face, small_demo: DemoServer, qtbot: QtBot, tmp_path: Path
) -> None:
    running(face, small_demo, tmp_path)
    assert face.session is not None
    face.session.window.close()
    assert face.contents.guard.question is not None
    face.contents.guard.question.buttons[MINIMISE].click()
    assert face.session.window.isMinimized()
    with qtbot.waitSignal(face.loop.ended, timeout=WAIT_MS):
        app = face.contents.host.app
        assert app is not None
        app.client.apply(replace(app.settings, requests_per_second=0.0))  # the rest takes a moment
    face.await_end()


def test_a_damaged_library_is_offered_its_last_good_backup(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    face.ask(lambda app: imports.start(app, ImportRequest(limit=7)))
    face.until(lambda: face.status().last_finished)
    face.close()
    paths = open_paths(tmp_path / "data")
    backup.make_backup(paths, "test")
    paths.library.write_bytes(b"SQLite format 3\x00" + b"\xff" * 8192)
    face.show(tmp_path / "data")
    face.until(lambda: face.contents.recovery.question is not None)
    question = face.contents.recovery.question
    assert question is not None
    question.buttons[RESTORE].click()
    face.until(lambda: face.contents.feed.latest is not None)
    assert face.status().titles == 7
    assert list((tmp_path / "data").glob("damaged-*"))


def test_a_newer_library_is_refused_with_its_reason(face: Face, tmp_path: Path) -> None:
    face.open(tmp_path / "data")
    face.close()
    with sqlite3.connect(tmp_path / "data" / "library.db") as file:
        file.execute("PRAGMA user_version = 9999")
    file.close()
    face.show(tmp_path / "data")
    face.until(lambda: face.contents.recovery.banner.isVisible())
    assert "newer" in face.contents.recovery.banner.accessibleName()
    assert face.contents.recovery.again.isVisible()


def test_a_refused_key_shows_one_alert_and_a_new_key_lets_the_work_go_on(
    face: Face, small_demo: DemoServer, qtbot: QtBot, tmp_path: Path
) -> None:
    face.use_demo(small_demo, key="", rate=50)
    face.open(tmp_path / "data")
    face.until(lambda: face.contents._dialog is not None)
    face.contents._dialog.reject()  # type: ignore[union-attr]
    face.ask(lambda app: keys.set_key(app, "f" * 32))
    face.ask(lambda app: imports.start(app, ImportRequest()))
    face.until(lambda: face.status().titles > 5)
    small_demo.faults.revoked = ["f" * 32]
    banner = face.contents.status._banner
    face.until(banner.isVisible)
    assert face.contents._window.toolbar._state.text() == "Key refused"
    face.contents.status._replace.click()
    dialog = face.contents._dialog
    assert isinstance(dialog, SettingsDialog)
    assert dialog.focusWidget() is dialog.key.form.field
    qtbot.keyClicks(dialog.key.form.field, KEY)
    dialog.key._save.click()
    face.until(lambda: not banner.isVisible())
    face.until(lambda: face.status().last_finished)
    assert face.status().titles == len(small_demo.truth())
    dialog.reject()


def test_an_outage_is_told_in_the_toolbar_and_waited_out(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo, rate=40)
    face.open(tmp_path / "data")
    face.ask(lambda app: imports.start(app, ImportRequest()))
    face.until(lambda: face.status().titles)
    small_demo.faults.refuse = True
    state = face.contents._window.toolbar._state
    face.until(lambda: state.text() == "TMDb unreachable")
    small_demo.faults.refuse = False
    face.until(lambda: state.text() == "TMDb connected")
    face.until(lambda: face.status().last_finished)


@pytest.mark.parametrize("thread", [False, True])
def test_a_bug_opens_a_report_without_keys(qtbot: QtBot, themed: QApplication, thread: bool) -> None:
    secret = "5" * 32
    hide(secret)
    hooks = sys.excepthook, threading.excepthook
    reporter = CrashReporter(lambda: None)
    try:
        if thread:
            failing = threading.Thread(target=_fail, args=(secret,))
            failing.start()
            failing.join()
        else:
            try:
                _fail(secret)
            except ValueError as error:
                sys.excepthook(type(error), error, error.__traceback__)
        qtbot.waitUntil(lambda: reporter.dialog is not None)
        assert reporter.dialog is not None
        text = reporter.dialog.text.toPlainText()
        assert "ValueError" in text and "_fail" in text and secret not in text
        reporter.dialog.accept()
        assert reporter.dialog is None
    finally:
        reporter.close()
    assert (sys.excepthook, threading.excepthook) == hooks


def _fail(secret: str) -> None:
    raise ValueError(f"https://api.themoviedb.org/3/movie/1?api_key={secret}")
