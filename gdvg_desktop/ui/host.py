"""Where the engine lives beside the window, and how the window asks it for things.

`Host` runs an `App` on an asyncio loop in a thread of its own and takes requests from the GUI thread: `call` runs a
coroutine there and hands the result back to the GUI thread. Panels never see the loop.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from gdvg_desktop.app import App, open_app
from gdvg_desktop.core.credentials import CredentialStore
from gdvg_desktop.core.errors import GdvgError, LibraryLocked
from gdvg_desktop.core.events import Bus
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.core.settings import Settings

log = logging.getLogger(__name__)
T = TypeVar("T")


class Call:
    """A request under way. `cancel` makes sure its callbacks are not called any more."""

    def __init__(self, owner: QObject) -> None:
        self._owner = owner
        self._future: Future[Any] | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """Stop the work if it can be stopped, and hear nothing of it."""
        self._cancelled = True
        if self._future is not None:
            self._future.cancel()

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for the result."""
        return not self._cancelled and isValid(self._owner)


class Host(QObject):
    """Opens the app in a thread, runs its engine, and closes it.

    `opened` comes when the app can be used, `failed` when it cannot be opened; `closed` when all is stored and shut.
    """

    opened = Signal()
    failed = Signal(object)  # GdvgError
    closed = Signal()
    crashed = Signal(object)  # an exception that is a bug

    _deliver = Signal(object)

    def __init__(self, paths: Paths, settings: Settings, bus: Bus, credentials: CredentialStore) -> None:
        super().__init__()
        self._paths = paths
        self._settings = settings
        self._bus = bus
        self._credentials = credentials
        self._loop: asyncio.AbstractEventLoop | None = None
        self._app: App | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._deliver.connect(self._run_callback, Qt.ConnectionType.QueuedConnection)
        self.is_engine = True

    @property
    def app(self) -> App | None:
        """The app once opened. Only plain values of it may be read from the GUI thread (settings, client.status())."""
        return self._app

    def start(self) -> None:
        """Open the app in the background."""
        self._thread.start()

    def close(self) -> None:
        """Stop the work, store what is held and shut everything; `closed` follows."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        else:
            self.closed.emit()

    def join(self, timeout_s: float = 20.0) -> None:
        """Wait for the thread to end, once `close` was called and no GUI loop runs any more."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def call(
        self,
        owner: QObject,
        work: Callable[[App], Awaitable[T]],
        then: Callable[[T], None] | None = None,
        failed: Callable[[GdvgError], None] | None = None,
    ) -> Call:
        """Run a command in the engine's loop; `then` or `failed` is called on the GUI thread while `owner` lives.

        A known error without a `failed` is logged; any other error is a bug and emits `crashed`.
        """
        call = Call(owner)
        app, loop = self._app, self._loop
        if app is None or loop is None:
            return call

        async def run() -> T:
            return await work(app)

        def finished(future: "Future[T]") -> None:
            if future.cancelled() or not call.wanted:
                return
            error = future.exception()
            if error is None:
                if then is not None:
                    result = future.result()
                    self._deliver.emit(lambda: then(result) if call.wanted else None)
            elif isinstance(error, GdvgError):
                if failed is not None:
                    self._deliver.emit(lambda: failed(error) if call.wanted else None)
                else:
                    log.warning("%s: %s", error.title, error)
            else:
                log.error("A command failed on a bug", exc_info=error)
                self.crashed.emit(error)

        future = asyncio.run_coroutine_threadsafe(run(), loop)
        call._future = future
        future.add_done_callback(finished)
        return call

    @Slot(object)
    def _run_callback(self, callback: Callable[[], None]) -> None:
        callback()

    # ------------------------------------------------------------------------------- in the engine's thread

    def _main(self) -> None:
        try:
            asyncio.run(self._live())
        except GdvgError as error:
            self.failed.emit(error)
        except Exception as error:  # the last place that can tell the user
            log.exception("The engine's thread ended on a bug")
            self.crashed.emit(error)
        finally:
            self._app = self._loop = None
            self.closed.emit()

    async def _live(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        try:
            await self._open(engine=True)
        except LibraryLocked as locked:
            # another process is the engine: this window shows and steers it through rows
            log.info("Beside a running engine: %s", locked)
            self.is_engine = False
            await self._open(engine=False)

    async def _open(self, *, engine: bool) -> None:
        assert self._stop is not None
        async with open_app(
            self._paths, self._settings, engine=engine, credentials=self._credentials, bus=self._bus
        ) as app:
            self._app = app
            self.opened.emit()
            async with asyncio.TaskGroup() as group:
                worker = group.create_task(app.engine.run() if app.engine else app.watch())
                await self._stop.wait()
                worker.cancel()
            self._app = None
