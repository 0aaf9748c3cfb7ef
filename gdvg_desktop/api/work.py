"""Where requests have their commands run: in the app's own loop, from whichever loop the server has."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from gdvg_desktop.app import App
from gdvg_desktop.core.events import Bus, Event

T = TypeVar("T")


class Work:
    """Runs commands on the app. `ending` tells open streams to end."""

    def __init__(self, app: App, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._loop = loop
        self._streams: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._heard: list[Callable[[], None]] = []
        self._reading = asyncio.Semaphore(1)
        self.ending = False

    async def read(self, command: Callable[[App], Coroutine[Any, Any, T]]) -> T:
        """Run a command that only reads the library, one at a time.

        Each thread that computes is one more the window's waits for, so what is asked at once is answered by turns.
        """
        async with self._reading:
            return await self.run(command)

    @property
    def bus(self) -> Bus:
        """The app's events; they come in any thread."""
        return self._app.bus

    async def run(self, command: Callable[[App], Coroutine[Any, Any, T]]) -> T:
        """Run a command. Raises what it raises."""
        if asyncio.get_running_loop() is self._loop:
            return await command(self._app)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(command(self._app), self._loop))

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Hear events until the end."""
        self._heard.append(self._app.bus.subscribe(listener))

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    def open_stream(self, woken: asyncio.Event) -> Callable[[], None]:
        """Have an open stream woken at the end; returns what is to be called when it has closed."""
        entry = (asyncio.get_running_loop(), woken)
        self._streams.add(entry)
        return lambda: self._streams.discard(entry)

    def end(self) -> None:
        """Hear nothing more, and let every open stream end now."""
        for unsubscribe in self._heard:
            unsubscribe()
        self.ending = True
        for loop, woken in tuple(self._streams):
            loop.call_soon_threadsafe(woken.set)
