"""A demo server and an engine beside the window, as in life, for the docks that talk to them."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.app import App
from gdvg_desktop.core.credentials import CredentialStore
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.events import Bus
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.host import Host

KEY = "0123456789abcdef" * 2
WAIT_MS = 30_000


class Engine:
    """A started host on a data folder of its own, with its bridge."""

    def __init__(self, qtbot: QtBot, folder: Path, demo: DemoServer, environ: dict[str, str], **settings: Any) -> None:
        self.qtbot, self.demo = qtbot, demo
        self.bus = Bus()
        values = {"requests_per_second": 0.0, "max_attempts": 2} | settings
        chosen = Settings(tmdb_url=demo.url, exports_url=demo.exports_url, **values)
        self.host = Host(open_paths(folder), chosen, self.bus, CredentialStore(environ))
        self.bridge = Bridge(self.bus)
        self.crashes: list[object] = []
        self.host.crashed.connect(self.crashes.append)

    def start(self) -> None:
        with self.qtbot.waitSignal(self.host.opened, timeout=WAIT_MS):
            self.host.start()

    def close(self) -> None:
        with self.qtbot.waitSignal(self.host.closed, timeout=WAIT_MS):
            self.host.close()
        self.host.join()
        self.bridge.close()
        assert not self.crashes

    def ask(self, work: Callable[[App], Awaitable[Any]]) -> Any:
        """The answer of a command; a known error is raised."""
        owner, answers, errors = QObject(), [], []
        self.host.call(owner, work, answers.append, errors.append)
        self.qtbot.waitUntil(lambda: bool(answers or errors), timeout=WAIT_MS)
        if errors:
            error: GdvgError = errors[0]
            raise error
        return answers[0]

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=WAIT_MS)


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    """A small demo catalogue without a rate limit."""
    with DemoServer(DemoOptions(movies=120, series=60)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture
def start_engine(
    qtbot: QtBot, themed: QApplication, tmp_path: Path, demo: DemoServer
) -> Iterator[Callable[..., Engine]]:
    """Starts an engine: `start_engine(key="...", requests_per_second=...)`; it is closed after the test."""
    started: list[Engine] = []

    def start(key: str = KEY, **settings: Any) -> Engine:
        engine = Engine(qtbot, tmp_path / "data", demo, {"TMDB_API_KEY": key}, **settings)
        started.append(engine)
        engine.start()
        return engine

    yield start
    for engine in started:
        engine.close()


@pytest.fixture
def engine(start_engine: Callable[..., Engine]) -> Engine:
    """A running engine with a key the demo takes."""
    return start_engine()
