"""One uvicorn server over the API's application, from start to stop."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Iterator

import uvicorn

from gdvg_desktop.api.application import build
from gdvg_desktop.api.guard import Guard
from gdvg_desktop.api.recent import Recent
from gdvg_desktop.api.work import Work
from gdvg_desktop.app import App

log = logging.getLogger(__name__)

GRACE_S = 3  # how long answers under way may take once the end is asked for
IDLE_CONNECTION_S = 30


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: they would replace those of the program, and run twice."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class RunningServer:
    """Serves one app on one port with one token, from `start` to `stop`."""

    def __init__(self, app: App, token: str, port: int) -> None:
        self._work = Work(app, asyncio.get_running_loop())
        config = uvicorn.Config(
            Guard(Recent(build(self._work), app.store.data_version, app.clock.monotonic), token, port),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=IDLE_CONNECTION_S,
        )
        self._server = _Server(config)
        self._ended: asyncio.Future[None] | None = None

    @property
    def ended(self) -> bool:
        """Whether it has ended without having been stopped."""
        return self._ended is not None and self._ended.done()

    async def start(self, listener: socket.socket, *, own_thread: bool) -> None:
        """Answer on a listening socket, which is closed at the end."""
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        loop = asyncio.get_running_loop()
        if not own_thread:
            self._ended = loop.create_task(self._server.serve([listener]), name="api")
            return
        ended = self._ended = loop.create_future()

        def run() -> None:
            try:
                asyncio.run(self._server.serve([listener]))
            except Exception:
                log.exception("The control API ended on a bug")
            with contextlib.suppress(RuntimeError):  # the program's loop is gone
                loop.call_soon_threadsafe(settle)

        def settle() -> None:
            if not ended.done():
                ended.set_result(None)

        threading.Thread(target=run, name="api", daemon=True).start()

    async def stop(self) -> None:
        """End open streams, let answers under way finish, and close."""
        self._work.end()
        self._server.should_exit = True
        if self._ended is not None:
            try:
                await asyncio.shield(self._ended)
            except Exception:
                log.exception("The control API ended on a bug")
