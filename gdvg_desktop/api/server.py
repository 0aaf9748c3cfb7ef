"""Serves the control API while the app's settings say so: `serve` follows the switch, the port and the token.

It belongs to the process that has the engine. A port that is taken, or a keyring that does not open, is told where the
API is switched on and tried again; the program goes on.
"""

import errno
import logging
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gdvg_desktop.app import App
from gdvg_desktop.commands import api as commands
from gdvg_desktop.commands.api import LOOPBACK, Listening
from gdvg_desktop.core.errors import GdvgError

if TYPE_CHECKING:
    from gdvg_desktop.api.running import RunningServer

log = logging.getLogger(__name__)

LOOK_S = 1.0
NO_TOKEN = "There is no token yet. Make one in Settings, Control API, or with: gdvg api token --rotate."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be served; with a `problem` nothing can be."""

    port: int
    token: str = ""
    problem: str | None = None


async def serve(app: App, *, own_thread: bool = False) -> None:
    """Serve until cancelled, in the running loop or, where that is the window's own, on a thread.

    Returns at once in a process without the engine.
    """
    if app.engine is None:
        return
    await _Keeper(app, own_thread).run()


class _Keeper:
    """Brings what is served in line with what is wanted, once a second."""

    def __init__(self, app: App, own_thread: bool) -> None:
        self._app = app
        self._own_thread = own_thread
        self._running: RunningServer | None = None
        self._served: _Wanted | None = None
        self._told: Listening | None = None
        self._token: tuple[str, str | None] | None = None  # the mark it was read at, and the token

    async def run(self) -> None:
        """Until cancelled; nothing listens any more when this ends."""
        await commands.tell(self._app, None)
        try:
            while True:
                try:
                    await self._look()
                except GdvgError as error:
                    log.warning("The control API could not be brought up to date: %s", error)
                except Exception:  # a fault of the API must not end the program
                    log.exception("The control API failed")
                await self._app.clock.sleep(LOOK_S)
        finally:
            await self._stop()
            await commands.tell(self._app, None)

    async def _look(self) -> None:
        wanted = await self._wanted()
        if self._running is not None and (wanted != self._served or self._running.ended):
            await self._stop()
        if wanted is None:
            await self._tell(None)
        elif wanted.problem is not None:
            await self._tell(Listening(wanted.port, wanted.problem))
        elif self._running is None:
            await self._start(wanted)

    async def _wanted(self) -> _Wanted | None:
        settings = self._app.settings
        if not settings.api_enabled:
            self._token = None
            return None
        mark = await commands.token_mark(self._app)
        if self._token is None or self._token[0] != mark or self._token[1] is None:
            try:
                self._token = (mark, await commands.read_token(self._app))
            except GdvgError as error:
                return _Wanted(settings.api_port, problem=str(error))
        token = self._token[1]
        return _Wanted(settings.api_port, token or "", None if token else NO_TOKEN)

    async def _start(self, wanted: _Wanted) -> None:
        from gdvg_desktop.api.running import RunningServer  # late: FastAPI costs a start what only this needs

        try:
            listener = _listen(wanted.port)
        except OSError as error:
            await self._tell(Listening(wanted.port, _words(wanted.port, error)))
            return
        self._running, self._served = RunningServer(self._app, wanted.token, wanted.port), wanted
        await self._running.start(listener, own_thread=self._own_thread)
        log.info("The control API answers on %s", commands.address_of(wanted.port))
        await self._tell(Listening(wanted.port, None))

    async def _stop(self) -> None:
        running, self._running, self._served = self._running, None, None
        if running is not None:
            await running.stop()
            log.info("The control API has stopped")

    async def _tell(self, listening: Listening | None) -> None:
        if listening == self._told:
            return
        if listening is not None and listening.problem is not None:
            log.warning("The control API cannot answer: %s", listening.problem)
        self._told = listening
        await commands.tell(self._app, listening)


def _listen(port: int) -> socket.socket:
    # Named as TCP: asyncio switches Nagle's algorithm off only for sockets whose protocol it can see.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows this option would let another program share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(128)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _words(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use by another program. Choose another one in Settings, Control API."
    if error.errno == errno.EACCES:
        return f"The system does not let this program use port {port}. Choose one from 1024 on."
    return f"Port {port} cannot be used: {error.strerror}."
