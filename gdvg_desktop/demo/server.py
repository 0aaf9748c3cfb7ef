"""Starts and stops the demo server: `serve` for a process of its own, `DemoServer` for tests, which runs it on
a thread of the same process. Both answer on loopback only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import TracebackType

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from gdvg_desktop.demo.catalogue import Catalogue, TitleKey
from gdvg_desktop.demo.control import ControlRoutes
from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.gate import Gate
from gdvg_desktop.demo.lists import ShortListRoutes
from gdvg_desktop.demo.routes import TmdbRoutes, unknown
from gdvg_desktop.demo.stats import Stats
from gdvg_desktop.demo.truth import Wanted, truth

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Size and seed of the catalogue, the faults to start with, and the day the catalogue takes for today (UTC;
    None: the real one)."""

    movies: int = 3_000
    series: int = 1_200
    seed: int = 1
    today: date | None = None
    deleted: int = 0
    faults: Faults = field(default_factory=Faults)


@dataclass(frozen=True, slots=True)
class Demo:
    """One catalogue with its switches, counters and the application that answers for it."""

    catalogue: Catalogue
    faults: Faults
    stats: Stats
    app: ASGIApp

    @classmethod
    def build(cls, options: DemoOptions) -> Demo:
        """Takes well under a second for the default size; the options' faults are copied, so they serve again."""
        today = options.today or datetime.now(UTC).date()
        catalogue = Catalogue(options.movies, options.series, options.seed, today)
        if options.deleted:
            catalogue.delete_some(options.deleted)
        faults, stats = options.faults.copy(), Stats()
        seen: set[str] = set()
        routes = [
            *ShortListRoutes(catalogue).routes(),
            *TmdbRoutes(catalogue, faults).routes(),
            *ControlRoutes(catalogue, faults, stats, seen).routes(),
        ]
        inner = Starlette(routes=routes, exception_handlers={404: unknown, 405: unknown})
        return cls(catalogue, faults, stats, Gate(inner, faults, stats, options.seed, seen))


class _Protocol(H11Protocol):
    """Shows the application the connection a request came by, so faults can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport, "connections": self.connections}


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers (they run twice, and only work on the main thread), saying when it is
    ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    def hang_up(self) -> None:
        """Ask for the end and drop every connection, hung ones too; call it on the server's own loop."""
        self.should_exit = True
        self._drop()

    async def drop_late(self) -> None:
        """After the end: drop what was accepted while it was under way, until nothing of it is left on the loop."""
        own = asyncio.current_task()
        quiet = 0
        while quiet < 3:  # what is accepted or dropped in one turn of the loop shows in the next
            quiet = 0 if self.server_state.connections or asyncio.all_tasks() - {own} else quiet + 1
            self._drop()
            await asyncio.sleep(0.01)

    def _drop(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=True,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=60,
    )


def _listen(port: int) -> socket.socket:
    # Named as TCP: asyncio switches Nagle's algorithm off only for sockets whose protocol it can see, and with it every
    # answer would wait 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows this option would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(256)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def serve(port: int, options: DemoOptions) -> None:
    """Answer on 127.0.0.1:`port` (0: any free port) until interrupted; prints the API's address as its first
    line once ready.

    Raises OSError when the port is taken.
    """
    with _listen(port) as listener, contextlib.suppress(KeyboardInterrupt):
        address = f"http://{LOOPBACK}:{listener.getsockname()[1]}/3"
        asyncio.run(_serve_until_cancelled(Demo.build(options), listener, address))


async def _serve_until_cancelled(demo: Demo, listener: socket.socket, address: str) -> None:
    def announce() -> None:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()

    server = _Server(_config(demo.app), announce)
    serving = asyncio.create_task(server.serve([listener]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:  # the interrupt key
        server.hang_up()
        await serving


class DemoServer:
    """A demo server on a thread, for tests: `with DemoServer(DemoOptions(movies=200, series=80)) as demo: demo.url`.

    `faults` may be changed at any time; `stats` and `catalogue` are the server's own objects.
    """

    def __init__(self, options: DemoOptions | None = None, port: int = 0) -> None:
        self._demo = Demo.build(options or DemoOptions())
        self._port = port
        self.catalogue = self._demo.catalogue
        self.faults = self._demo.faults
        self.stats = self._demo.stats

    def __enter__(self) -> DemoServer:
        self._listener = _listen(self._port)
        self._port = self._listener.getsockname()[1]
        ready = threading.Event()
        self._server = _Server(_config(self._demo.app), ready.set)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="demo server", daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._server.hang_up)
        self._thread.join()
        self._loop.close()
        self._listener.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._server.serve([self._listener]))
        self._loop.run_until_complete(self._server.drop_late())

    @property
    def url(self) -> str:
        """What GDVG_TMDB_URL takes."""
        return f"{self.root}/3"

    @property
    def exports_url(self) -> str:
        """What GDVG_EXPORTS_URL takes."""
        return f"{self.root}/p/exports"

    @property
    def root(self) -> str:
        """Address of the server, without a path."""
        return f"http://{LOOPBACK}:{self._port}"

    def truth(self, wanted: Wanted | None = None) -> set[TitleKey]:
        """The (media_type, id) an import with these filters must deliver; all of the catalogue without any."""
        return truth(self.catalogue, wanted or Wanted())
