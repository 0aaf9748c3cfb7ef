"""The gaps screen's panels over a real host, and a library with gaps made by hand."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import gaps
from gdvg_desktop.core.credentials import CredentialStore
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.events import Bus
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.sync.filters import build_filter
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.gap_cards import GapCards
from gdvg_desktop.ui.docks.gap_fill import GapFill
from gdvg_desktop.ui.docks.gap_month import GapMonthDock
from gdvg_desktop.ui.docks.gap_months import GapMonthsDock
from gdvg_desktop.ui.docks.gap_table import GapTableDock
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.gap_feed import GapFeed
from tests.support.library import KEY, app_on, queue_import

WAIT_MS = 30_000
TOP = Qt.DockWidgetArea.TopDockWidgetArea
POPULAR = 3.0


def damage(demo: DemoServer, folder: Path, *, lost: int = 25, blanked: int = 6) -> None:
    """Import the whole catalogue, lose some titles and some overviews, and analyse."""

    async def work() -> None:
        async with app_on(demo, folder, popular_threshold=POPULAR) as app:
            await queue_import(app, build_filter(types=tuple(MediaType)))
            assert app.engine is not None
            await app.engine.run(until_idle=True)

            def cut(db: Any) -> None:
                known = "SELECT id FROM title WHERE overview IS NOT NULL AND release_date IS NOT NULL ORDER BY id"
                ids = [row[0] for row in db.execute_sql(known)]
                chosen = Random(3).sample(ids, lost + blanked)
                for title_id in chosen[:lost]:
                    db.execute_sql("DELETE FROM title WHERE id = ?", (title_id,))
                for title_id in chosen[lost:]:
                    db.execute_sql("UPDATE title SET overview = NULL WHERE id = ?", (title_id,))

            await app.store.write(cut)
            await gaps.analyze(app)
            await app.engine.run(until_idle=True)

    asyncio.run(work())


class GapsWorld:
    """Cards, docks and strip in a window, with the engine behind them."""

    def __init__(self, qtbot: QtBot, demo: DemoServer, folder: Path) -> None:
        self.qtbot, self.demo = qtbot, demo
        self.bus = Bus()
        self.bridge = Bridge(self.bus)
        settings = replace(
            Settings(),
            tmdb_url=demo.url,
            exports_url=demo.exports_url,
            requests_per_second=0.0,
            popular_threshold=POPULAR,
        )
        self.host = Host(open_paths(folder), settings, self.bus, CredentialStore({"TMDB_API_KEY": KEY}))
        self.feed = GapFeed(self.host, self.bridge)
        self.started: list[tuple[Job, bool]] = []
        self.feed.started.connect(lambda job, new: self.started.append((job, new)))
        self.cards = GapCards(self.host, self.feed)
        self.months = GapMonthsDock(self.host, self.bridge, self.feed)
        self.month = GapMonthDock(self.host, self.bridge, self.feed)
        self.month.follow(self.months)
        self.dock = GapTableDock(self.host, self.bridge, self.feed)
        self.cards.kind_chosen.connect(self.dock.show_kind)
        self.strip = GapFill(self.host, self.feed)
        self.table, self.model = self.dock.table, self.dock.model
        inner = QMainWindow()
        for dock in (self.months, self.month, self.dock):
            inner.addDockWidget(TOP, dock)
        self.window = QWidget()
        column = QVBoxLayout(self.window)
        column.addWidget(self.cards)
        column.addWidget(inner, 1)
        column.addWidget(self.strip)
        self.window.resize(1600, 1000)
        self.bugs: list[BaseException] = []
        self.host.crashed.connect(self.bugs.append)

    def open(self) -> None:
        """Show the window and wait for the first figures."""
        self.window.show()
        self.strip.show()
        with self.qtbot.waitSignal(self.host.opened, timeout=WAIT_MS):
            self.host.start()
        self.until(lambda: self.feed.latest is not None and self.dock._listed)

    def until(self, condition: Any) -> None:
        """Wait for something to become true."""
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=WAIT_MS)

    def ask(self, work: Any) -> Any:
        """The answer of a command; a known error is raised."""
        owner, answers, errors = QObject(), [], []
        self.host.call(owner, work, answers.append, errors.append)
        self.until(lambda: answers or errors)
        if errors:
            error: GdvgError = errors[0]
            raise error
        return answers[0]

    def rows_ready(self) -> None:
        """Wait until every row in view is here."""
        self.until(lambda: all(self.text(row) is not None for row in self.table.rows_in_view()))

    def text(self, row: int, column: int = 1) -> str | None:
        """What a cell shows."""
        shown: str | None = self.model.index(row, column).data()
        return shown

    def texts(self, column: int) -> list[str | None]:
        """What the rows in view show in a column."""
        self.rows_ready()
        return [self.text(row, column) for row in self.table.rows_in_view()]

    def close(self) -> None:
        """End everything, in the order the program does."""
        if self.host.app is not None:
            with self.qtbot.waitSignal(self.host.closed, timeout=WAIT_MS):
                self.host.close()
        self.host.join()
        self.bridge.close()
        for made in (self.window, self.feed, self.bridge, self.host):
            shiboken6.delete(made)
        assert self.bugs == []


@contextmanager
def gaps_world(qtbot: QtBot, demo: DemoServer, folder: Path, filled: Path | None = None) -> Iterator[GapsWorld]:
    """A world on a folder, which starts as a copy of `filled`."""
    if filled is not None:
        shutil.copytree(filled, folder)
    world = GapsWorld(qtbot, demo, folder)
    try:
        yield world
    finally:
        world.close()
