"""The whole window on a data folder, with its engine and a demo server behind it: `run_window` without its loop."""

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import overview
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.ui.contents import Contents
from gdvg_desktop.ui.session import Session
from gdvg_desktop.ui.theme import ThemeFollower

WAIT_MS = 30_000
KEY = "0123456789abcdef" * 2


class Loop(QObject):
    """What a session needs of the application: two wishes to end, and being told that it is over."""

    quit_asked = Signal()
    end_demanded = Signal()
    ended = Signal()

    def finish(self) -> None:
        self.ended.emit()


class Reports:
    """Takes the place of crash reports; the test fails on any."""

    def __init__(self) -> None:
        self.bugs: list[BaseException] = []

    def report(self, error: BaseException) -> None:
        self.bugs.append(error)


class Face:
    """Opens windows one after another; `close` ends the one that is open."""

    def __init__(self, qtbot: QtBot, app: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
        self.qtbot, self._app, self._patch = qtbot, app, monkeypatch
        self.loop, self.reports = Loop(), Reports()
        self.theme = ThemeFollower(app)
        self.session: Session | None = None

    def use_demo(self, demo: DemoServer, *, key: str = KEY, rate: float = 0) -> None:
        """Point the environment, which wins over settings, at a demo server; "" is no key there."""
        self._patch.setenv("GDVG_TMDB_URL", demo.url)
        self._patch.setenv("GDVG_EXPORTS_URL", demo.exports_url)
        self._patch.setenv("GDVG_REQUESTS_PER_SECOND", f"{rate:g}")
        self._patch.setenv("TMDB_API_KEY", key)

    def begin(self, folder: Path, *, demo: bool = False) -> Session:
        """A window that has been shown and nothing more."""
        self.session = Session(self.loop, self.theme, self.reports, data_dir=folder, demo=demo)  # type: ignore[arg-type]
        return self.session

    def show(self, folder: Path, *, demo: bool = False) -> Session:
        """Open a window and wait until its docks stand; the library may not be open yet."""
        session = self.begin(folder, demo=demo)
        with self.qtbot.waitSignal(session.ready, timeout=WAIT_MS):
            pass
        return session

    def open(self, folder: Path, *, demo: bool = False) -> Session:
        """Open a window and wait until it has read its library."""
        session = self.show(folder, demo=demo)
        self.until(lambda: self.contents.feed.latest is not None)
        return session

    @property
    def contents(self) -> Contents:
        """What the open window holds."""
        assert self.session is not None and self.session.contents is not None
        return self.session.contents

    def until(self, condition: Callable[[], Any]) -> None:
        """Wait for something to become true."""
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=WAIT_MS)

    def ask(self, work: Callable[..., Any]) -> Any:
        """The answer of a command; a known error is raised."""
        owner, answers, errors = QObject(), [], []
        self.contents.host.call(owner, work, answers.append, errors.append)
        self.until(lambda: answers or errors)
        if errors:
            error: GdvgError = errors[0]
            raise error
        return answers[0]

    def status(self) -> overview.Overview:
        """The figures as they stand now."""
        found: overview.Overview = self.ask(overview.status)
        return found

    def await_end(self) -> Session:
        """Wait until a window that was closed has stored and shut everything."""
        session = self.session
        assert session is not None
        self.session = None
        session.release()
        gc.collect()
        assert self.reports.bugs == []
        return session

    def close(self) -> Session:
        """Close the window without a question, as a signal of the system does, and wait for the end."""
        with self.qtbot.waitSignal(self.loop.ended, timeout=WAIT_MS):
            self.loop.end_demanded.emit()
        return self.await_end()
