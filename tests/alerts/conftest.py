"""An app on a real library, a clock that is told the time, and the watch over its alerts."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from gdvg_desktop.alerts.channels import ChannelError, Message
from gdvg_desktop.alerts.watch import AlertWatch, Looked
from gdvg_desktop.app import App
from gdvg_desktop.commands import alerts
from gdvg_desktop.commands.alerts import AlertView
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store.db import LibraryDatabase
from tests.support.clock import JumpingClock
from tests.support.library import app_on

T = TypeVar("T")
LOOK_S = 600.0


@dataclass
class Recorder:
    """A channel that keeps what it is given, or fails as it is told."""

    sent: list[tuple[str, Message]] = field(default_factory=list)
    problem: str = ""

    async def send(self, address: str, message: Message) -> None:
        if self.problem:
            raise ChannelError(self.problem)
        self.sent.append((address, message))

    async def close(self) -> None:
        pass

    @property
    def events(self) -> list[str]:
        return [message.event for _, message in self.sent]

    @property
    def titles(self) -> list[str]:
        return [message.title for _, message in self.sent]


class World:
    """One app, its clock and its watch; every look takes ten minutes."""

    def __init__(self, app: App, clock: JumpingClock, demo: DemoServer) -> None:
        self.app, self.clock, self.demo = app, clock, demo
        self.channel = Recorder()
        self.watch = self.new_watch()

    def new_watch(self) -> AlertWatch:
        """A watch as after a restart of the program; it waits for nothing."""
        return alerts.make_watch(self.app, {"webhook": self.channel}, look_s=LOOK_S, settle_s=0)

    @property
    def now_ms(self) -> int:
        return to_millis(self.clock.now())

    async def look(self, times: int = 1) -> Looked:
        for _ in range(times):
            await self.clock.advance(LOOK_S)
            found = await self.watch.look()
        return found

    async def write(self, fn: Callable[[LibraryDatabase], T]) -> T:
        return await self.app.store.write(fn)

    async def open(self) -> list[str]:
        """The rules with an open alert."""
        return sorted(one.rule for one in await alerts.listing(self.app))

    async def one(self, rule: str) -> AlertView:
        return next(one for one in await alerts.listing(self.app, True) if one.rule == rule)

    async def send(self) -> int:
        return await self.watch._dispatcher.send_due()


@pytest.fixture(scope="session")
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=40, series=20)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture
async def world(demo: DemoServer, tmp_path: Path) -> AsyncIterator[World]:
    clock = JumpingClock()
    async with app_on(demo, tmp_path, clock=clock, min_free_mb=1) as app:
        world = World(app, clock, demo)
        await world.watch.look()  # the first one only learns where it begins
        yield world
