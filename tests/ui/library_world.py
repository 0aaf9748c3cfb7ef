"""The library screen over a real host, and a library filled from a demo server."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from gdvg_desktop.core.credentials import CredentialStore
from gdvg_desktop.core.events import Bus
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.sync.filters import ImportFilter
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.facets import FacetsDock
from gdvg_desktop.ui.docks.library import LibraryDock
from gdvg_desktop.ui.docks.title_details import TitleDetailsDock
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.library_search import LibrarySearch
from gdvg_desktop.ui.posters import Posters
from tests.support.library import KEY, app_on, queue_import

TOP = Qt.DockWidgetArea.TopDockWidgetArea


def fill(demo: DemoServer, folder: Path, chosen: ImportFilter) -> None:
    """Import into a folder, to the end, without a window."""

    async def work() -> None:
        async with app_on(demo, folder) as app:
            await queue_import(app, chosen)
            assert app.engine is not None
            await app.engine.run(until_idle=True)

    asyncio.run(work())


class World:
    """The three docks in a window, with the engine behind them."""

    def __init__(self, qtbot: QtBot, demo: DemoServer, folder: Path) -> None:
        self.qtbot, self.demo = qtbot, demo
        self.bus = Bus()
        self.bridge = Bridge(self.bus)
        self.paths = open_paths(folder)
        settings = replace(Settings(), tmdb_url=demo.url, exports_url=demo.exports_url, requests_per_second=0.0)
        self.host = Host(self.paths, settings, self.bus, CredentialStore({"TMDB_API_KEY": KEY}))
        self.search = LibrarySearch(self.host, self.bridge)
        self.posters = Posters(self.host, self.paths.posters)
        self.facets = FacetsDock(self.host, self.search)
        self.library = LibraryDock(self.host, self.search, self.posters)
        self.details = TitleDetailsDock(self.host, self.bridge, self.posters)
        self.library.title_chosen.connect(self.details.show_title)
        self.library.title_opened.connect(self.details.open_title)
        self.table, self.model = self.library.table, self.library.model
        self.window = QMainWindow()
        for dock in (self.facets, self.library, self.details):
            self.window.addDockWidget(TOP, dock)
        self.window.resize(1600, 1000)
        self.bugs: list[BaseException] = []
        self.host.crashed.connect(self.bugs.append)

    def open(self) -> None:
        """Show the window and wait for the first answer."""
        self.window.show()
        with self.qtbot.waitSignal(self.host.opened, timeout=20_000):
            self.host.start()
        self.qtbot.waitUntil(lambda: self.search.answer is not None, timeout=20_000)

    def find(self, text: str) -> int:
        """Search as the toolbar does, wait for the answer, and say how many titles there are."""
        with self.qtbot.waitSignal(self.search.found):
            self.library.search_for(text)
        return self.model.rowCount()

    def rows_ready(self) -> None:
        """Wait until every row in view is here."""
        rows = self.table.rows_in_view()
        self.qtbot.waitUntil(lambda: all(self.text(row) is not None for row in rows))

    def text(self, row: int, column: int = 0) -> str | None:
        """What a cell shows."""
        shown: str | None = self.model.index(row, column).data()
        return shown

    def close(self) -> None:
        """End everything, in the order the program does."""
        if self.host.app is not None:
            with self.qtbot.waitSignal(self.host.closed, timeout=20_000):
                self.host.close()
        self.host.join()
        self.posters.close()
        self.bridge.close()
        # here and now: left to Python's collector, they could be destroyed in any thread
        for made in (self.window, self.search, self.posters, self.bridge, self.host):
            shiboken6.delete(made)
        assert self.bugs == []


@contextmanager
def world_in(qtbot: QtBot, demo: DemoServer, folder: Path, filled: Path | None = None) -> Iterator[World]:
    """A world on a folder, which starts as a copy of `filled`."""
    if filled is not None:
        shutil.copytree(filled, folder)
    world = World(qtbot, demo, folder)
    try:
        yield world
    finally:
        world.close()
