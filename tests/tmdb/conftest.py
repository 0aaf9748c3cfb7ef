"""A raw server and a client to it, over each of the two transports."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import pytest

from gdvg_desktop.core.credentials import Credential, parse_credential
from gdvg_desktop.core.events import Bus, Event
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.tmdb.client import TmdbClient
from gdvg_desktop.tmdb.transport import OpenTransport, open_httpx_transport, open_transport
from tests.support.clock import JumpingClock
from tests.tmdb.raw_server import RawServer, ok

KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJ0ZXN0In0.c2lnbmF0dXJlLW9mLXRoZS10ZXN0"


@dataclass
class Bench:
    """What a client test works with. `credential` is what the client is given at each request."""

    server: RawServer
    clock: JumpingClock
    transport: OpenTransport
    credential: Credential | None = field(default_factory=lambda: parse_credential(TOKEN))
    events: list[Event] = field(default_factory=list)
    sent: int = 0

    def client(self, *, url: str = "", **settings: object) -> AbstractAsyncContextManager[TmdbClient]:
        """A client to the server (or `url`) with these settings, unpaced unless they say otherwise."""
        bus = Bus()
        bus.subscribe(self.events.append)
        chosen = Settings(**{"tmdb_url": url or self.server.url, "requests_per_second": 0, "timeout_s": 5.0} | settings)
        return TmdbClient(
            chosen,
            lambda: self.credential,
            clock=self.clock,
            bus=bus,
            on_request=self._count,
            transport=self.transport,
        )

    def _count(self) -> None:
        self.sent += 1

    def events_of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    """A raw server; give it a `script`."""
    async with RawServer(lambda request: ok({"id": 1})) as server:
        yield server
    await asyncio.get_running_loop().shutdown_default_executor()  # its threads are no leak


@pytest.fixture(params=[open_transport, open_httpx_transport], ids=["aiohttp", "httpx"])
def bench(request: pytest.FixtureRequest, server: RawServer) -> Bench:
    """Everything a client test needs, once for each transport."""
    return Bench(server, JumpingClock(), request.param)


@pytest.fixture
def in_turn(server: RawServer) -> Callable[..., None]:
    """Answer the requests with these acts one after the other, the last for ever."""

    def give(*acts: object) -> None:
        waiting = list(acts)
        server.script = lambda request: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return give


async def until(condition: Callable[[], bool]) -> None:
    """Let everybody run until it holds; the test's own time limit is the end of patience."""
    while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
        await asyncio.sleep(0)
