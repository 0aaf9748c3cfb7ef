"""Where the engine lives beside the window, and how the window asks it for things.

`Host` runs an `App` on an asyncio loop and takes requests from the GUI thread: `call` runs a coroutine in that loop and
hands the result back to the GUI thread. Panels never see the loop. It is a plain loop in a thread of its own, or with
`on_gui_thread` the loop inside Qt's (`ui.gui_loop`); `benchmarks/heartbeat.py` measures which is smoother.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from gdvg_desktop.api import server as api_server
from gdvg_desktop.app import App, open_app
from gdvg_desktop.commands import scheduled, settings
from gdvg_desktop.core.credentials import CredentialStore
from gdvg_desktop.core.errors import GdvgError, LibraryLocked
from gdvg_desktop.core.events import Bus, LibraryReplaced
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.lock import EngineLock
from gdvg_desktop.ui.gui_loop import GuiLoop

log = logging.getLogger(__name__)
T = TypeVar("T")
TAKE_OVER_S = 2.0  # how often a window beside another engine looks whether that one is still there


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


@dataclass(slots=True)
class _Interlude:
    """Work that needs the library to itself: done between two lives of the app."""

    call: Call
    work: Callable[[Paths], Any]
    then: Callable[[Any], None] | None
    failed: Callable[[GdvgError], None] | None


class Host(QObject):
    """Opens the app, runs its engine, and closes it. All signals come on the GUI thread.

    `opened` comes when the app can be used, and again when this window takes over from another process's engine
    (`is_engine` tells which); `failed` when it cannot be opened; `closed` when all is stored and shut after
    `close` (twice at most).
    """

    opened = Signal()
    failed = Signal(object)  # GdvgError
    closed = Signal()
    crashed = Signal(object)  # an exception that is a bug

    _deliver = Signal(object)

    def __init__(
        self, paths: Paths, settings: Settings, bus: Bus, credentials: CredentialStore, *, on_gui_thread: bool = False
    ) -> None:
        super().__init__()
        self._paths = paths
        self._settings = settings
        self._bus = bus
        self._credentials = credentials
        self._on_gui_thread = on_gui_thread
        self._loop: asyncio.AbstractEventLoop | None = None
        self._app: App | None = None
        self._stop: asyncio.Event | None = None
        self._interlude: _Interlude | None = None
        self._interlude_asked: asyncio.Event | None = None
        self._replaced = False
        self._closing = False
        self._ended = True
        self._calls: set[asyncio.Task[Any]] = set()
        self._thread: threading.Thread | None = None
        self._gui_loop: GuiLoop | None = None
        self._life: asyncio.Task[None] | None = None
        self._deliver.connect(self._run_callback, Qt.ConnectionType.QueuedConnection)
        self.is_engine = True

    @property
    def app(self) -> App | None:
        """The app once opened. Only plain values of it may be read from the GUI thread (settings, client.status())."""
        return self._app

    def use_settings(self, settings: Settings) -> None:
        """Open with other settings; to be called before `start`."""
        self._settings = settings

    def start(self, *, restore: Path | None = None) -> None:
        """Open the app in the background; with `restore` put that backup in the library's place first.

        May be called again after `failed`.
        """
        self._ended = False
        if self._on_gui_thread:
            self._gui_loop = self._gui_loop or GuiLoop()
            self._life = self._gui_loop.loop.create_task(self._run(restore))
        else:
            self.join()
            self._thread = threading.Thread(target=lambda: asyncio.run(self._run(restore)), name="engine", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop the work, store what is held and shut everything; `closed` follows."""
        self._closing = True
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            loop.call_soon_threadsafe(stop.set)
        if self._ended:
            self._tell(self.closed.emit)

    def join(self, timeout_s: float = 20.0) -> None:
        """Wait for the thread to end, once `close` was called and no GUI loop runs any more."""
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout_s)
        if self._gui_loop is not None:
            self._gui_loop.close()
            self._gui_loop = None

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
            task = asyncio.current_task()
            assert task is not None
            self._calls.add(task)
            try:
                return await work(app)
            finally:
                self._calls.discard(task)

        def finished(future: "Future[T]") -> None:
            if future.cancelled() or not call.wanted:
                return
            error = future.exception()
            if error is None:
                if then is not None:
                    result = future.result()
                    self._tell(lambda: then(result) if call.wanted else None)
            elif isinstance(error, GdvgError):
                if failed is not None:
                    self._tell(lambda: failed(error) if call.wanted else None)
                else:
                    log.warning("%s: %s", error.title, error)
            else:
                log.error("A command failed on a bug", exc_info=error)
                self._tell(lambda: self.crashed.emit(error))

        future = asyncio.run_coroutine_threadsafe(run(), loop)
        call._future = future
        future.add_done_callback(finished)
        return call

    def alone(
        self,
        owner: QObject,
        work: Callable[[Paths], T],
        then: Callable[[T], None] | None = None,
        failed: Callable[[GdvgError], None] | None = None,
    ) -> bool:
        """Shut the app, run something that needs the library to itself in a thread, and open the app again.

        For putting a backup back and for purging. Running jobs are interrupted and go on afterwards. `then` or `failed`
        is called as `call` does; `opened` comes when the app can be used again. False when the app is not open, or
        something else is being done alone.
        """
        loop, asked = self._loop, self._interlude_asked
        if self._app is None or loop is None or asked is None or self._interlude is not None or self._closing:
            return False
        self._interlude = _Interlude(Call(owner), work, then, failed)
        loop.call_soon_threadsafe(asked.set)
        return True

    def _tell(self, callback: Callable[[], object]) -> None:
        """Have something called on the GUI thread."""
        self._deliver.emit(callback)

    @Slot(object)
    def _run_callback(self, callback: Callable[[], object]) -> None:
        callback()

    # ------------------------------------------------------------------------------------------ in the engine's loop

    async def _run(self, restore: Path | None) -> None:
        self._stop = asyncio.Event()
        self._interlude_asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if self._closing:  # asked to close before there was anything to stop
            self._stop.set()
        try:
            if restore is not None:
                kept = await asyncio.to_thread(Store.restore, self._paths, restore)
                log.info("The library was restored from %s; the damaged files are in %s", restore, kept)
            while not self._stop.is_set():
                await self._live()
                await self._do_alone()
        except GdvgError as error:
            known = error
            self._tell(lambda: self.failed.emit(known))
        except Exception as error:  # the last place that can tell the user
            log.exception("The engine ended on a bug")
            bug = error
            self._tell(lambda: self.crashed.emit(bug))
        finally:
            self._app = self._loop = None
            self._ended = True
            if self._closing:
                self._tell(self.closed.emit)

    async def _do_alone(self) -> None:
        """What was asked to be done while the app is shut. Its trouble is its asker's; the app opens again."""
        interlude, asked = self._interlude, self._interlude_asked
        assert asked is not None
        asked.clear()
        self._interlude = None
        if interlude is None:
            return
        self._replaced = True
        call, then, failed = interlude.call, interlude.then, interlude.failed
        try:
            result = await asyncio.to_thread(interlude.work, self._paths)
        except GdvgError as error:
            log.warning("%s: %s", error.title, error)
            known = error
            if failed is not None:
                self._tell(lambda: failed(known) if call.wanted else None)
        else:
            if then is not None:
                self._tell(lambda: then(result) if call.wanted else None)

    async def _live(self) -> None:
        """One life of the app: as the engine, or beside another one until that ends."""
        try:
            await self._open(engine=True)
        except LibraryLocked as locked:
            # another process is the engine: this window shows and steers it through rows
            log.info("Beside a running engine: %s", locked)
            await self._open(engine=False)

    async def _open(self, *, engine: bool) -> None:
        assert self._stop is not None
        async with open_app(
            self._paths, self._settings, engine=engine, credentials=self._credentials, bus=self._bus
        ) as app:
            self.is_engine = engine
            self._app = app
            self._tell(self.opened.emit)
            if self._replaced:
                self._replaced = False
                self._bus.publish(LibraryReplaced())
            try:
                await self._work(app)
            finally:
                self._settings = app.settings
                self._app = None
                await self._end_calls()

    async def _work(self, app: App) -> None:
        """Run the engine until `close`, or watch another's until it is gone or `close` comes."""
        assert self._stop is not None and self._interlude_asked is not None
        worker = asyncio.create_task(scheduled.work(app) if app.engine else app.watch())
        ending = [worker, asyncio.create_task(self._stop.wait()), asyncio.create_task(self._interlude_asked.wait())]
        if app.engine is None:
            ending.append(asyncio.create_task(self._other_gone()))
        beside = {
            asyncio.create_task(settings.follow(app)),
            asyncio.create_task(api_server.serve(app, own_thread=self._on_gui_thread)),
        }
        done, pending = await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
        pending |= beside
        for task in pending:
            task.cancel()
        for outcome in await asyncio.gather(*pending, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
        if worker in done:
            worker.result()

    async def _other_gone(self) -> None:
        """Wait until no other process holds the engine lock."""
        while True:
            await asyncio.sleep(TAKE_OVER_S)
            lock = EngineLock(self._paths.engine_lock)
            try:
                await asyncio.to_thread(lock.acquire)
            except LibraryLocked:
                continue
            lock.release()
            return

    async def _end_calls(self) -> None:
        """Nothing may reach into the app after it is shut."""
        calls = list(self._calls)
        for task in calls:
            task.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
