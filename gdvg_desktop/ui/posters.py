"""Posters for the library: asked for while painting, fetched and decoded in a thread of their own.

`Posters.poster` answers at once, from a bounded memory or with None; what is missing is looked for on disk, then at the
image host, newest wish first, over at most six connections and without the key. Offline is no error: after a failure
the host is left alone for a while that grows, and then asked once before all others.
"""

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPixmap

from gdvg_desktop.commands import images
from gdvg_desktop.commands.images import ImageSource
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.poster_files import PosterFiles

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

CONNECTIONS = 6  # the host allows 20 for one address (TMDB.md 2)
SIZES = (92, 154, 185, 342, 500, 780)  # widths TMDb offers posters in
MEMORY_BYTES = 24 * 1024 * 1024
MAX_WISHES = 96
MAX_MISSING = 4_000
MAX_BODY = 5 * 1024 * 1024
GATHER_MS = 60
FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 600.0
TIMEOUT_S = 10.0
SOURCE_AGAIN_MS = 60_000

Wish = tuple[str, int]  # path, width in device pixels


class LineGuard:
    """Whether the image host may be asked. After a failure: not for 30 s, then one try; doubling to ten minutes."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._pause = 0.0
        self._next = 0.0
        self._trying = False

    @property
    def closed(self) -> bool:
        """Whether asking now would be refused."""
        return self._now() < self._next

    def may_ask(self) -> bool:
        """Take permission to ask. After a failure only one asker gets it for each pause."""
        if self.closed:
            return False
        if self._pause:
            self._next = self._now() + self._pause
            self._trying = True
        return True

    def failed(self) -> None:
        """The host did not answer as an image host does. Askers that fail together count once."""
        if self._pause and not self._trying:
            return
        self._trying = False
        self._pause = min(max(self._pause * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
        self._next = self._now() + self._pause

    def worked(self) -> bool:
        """The host answered; returns whether it had not before."""
        was_down = self._pause > 0
        self._pause = self._next = 0.0
        self._trying = False
        return was_down


class PosterMemory:
    """The pixmaps used last, bounded in bytes. GUI thread only."""

    def __init__(self, max_bytes: int = MEMORY_BYTES) -> None:
        self._max = max_bytes
        self._kept: OrderedDict[Wish, QPixmap] = OrderedDict()
        self.bytes = 0

    def get(self, wish: Wish) -> QPixmap | None:
        """The pixmap, now the youngest, or None."""
        found = self._kept.get(wish)
        if found is not None:
            self._kept.move_to_end(wish)
        return found

    def put(self, wish: Wish, pixmap: QPixmap) -> None:
        """Keep a pixmap and let go of the oldest beyond the bound."""
        self._forget(wish)
        self._kept[wish] = pixmap
        self.bytes += _weight(pixmap)
        while self.bytes > self._max and len(self._kept) > 1:
            self._forget(next(iter(self._kept)))

    def _forget(self, wish: Wish) -> None:
        old = self._kept.pop(wish, None)
        if old is not None:
            self.bytes -= _weight(old)


def _weight(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4


class Posters(QObject):
    """Posters by TMDb path. `arrived()` says that some came (gathered): who paints posters paints again."""

    arrived = Signal()

    _came = Signal(object, object)  # Wish, QImage
    _line_back = Signal()

    def __init__(self, host: Host, folder: Path, *, guard: LineGuard | None = None, parent: QObject | None = None):
        super().__init__(parent)
        self._host = host
        self._files = PosterFiles(folder)
        self._memory = PosterMemory()
        self._guard = guard or LineGuard()
        self._lock = threading.Lock()
        self._wishes: OrderedDict[Wish, None] = OrderedDict()
        self._under_way: set[Wish] = set()
        self._put_off: set[Wish] = set()  # not on disk, and the host cannot be asked at present
        self._missing: OrderedDict[str, None] = OrderedDict()
        self._source: ImageSource | None = None
        self._source_asked = False
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._stopped = threading.Event()
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self.arrived)
        self._came.connect(self._on_came, Qt.ConnectionType.QueuedConnection)
        self._line_back.connect(self._gather.start, Qt.ConnectionType.QueuedConnection)

    def poster(self, path: str | None, width: int) -> QPixmap | None:
        """The poster `width` device pixels wide, or None while it is not here (then it is looked for)."""
        if not path or width <= 0 or self._stopped.is_set():
            return None
        wish = (path, width)
        found = self._memory.get(wish)
        if found is not None:
            return found
        self._ask_source()
        with self._lock:
            if path in self._missing or wish in self._under_way:
                return None
            if wish in self._put_off:
                if self._source is None or self._guard.closed:
                    return None
                self._put_off.clear()
            self._wishes[wish] = None
            self._wishes.move_to_end(wish)
            while len(self._wishes) > MAX_WISHES:
                self._wishes.popitem(last=False)
        self._start()
        return None

    def memory_bytes(self) -> int:
        """What the pixmaps in memory weigh."""
        return self._memory.bytes

    def close(self) -> None:
        """Stop fetching; posters in memory stay."""
        self._stopped.set()
        thread, loop = self._thread, self._loop
        if thread is None:
            return
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._nudge)
        thread.join(1.0)  # a moment; only a name lookup that hangs takes longer, and that ends by itself

    def _ask_source(self) -> None:
        if self._source_asked or self._host.app is None:
            return
        self._source_asked = True
        self._host.call(self, images.source, self.use_source, self._on_no_source)

    def use_source(self, source: ImageSource) -> None:
        self._source = source
        self.arrived.emit()  # what was not on disk is asked for again

    def _on_no_source(self, problem: GdvgError) -> None:
        log.info("No posters for now: %s", problem)
        QTimer.singleShot(SOURCE_AGAIN_MS, self, self._forget_source)

    def _forget_source(self) -> None:
        self._source_asked = False

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._main, name="posters", daemon=True)
            self._thread.start()
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._nudge)

    def _nudge(self) -> None:
        if self._wake is not None:
            self._wake.set()

    @Slot(object, object)
    def _on_came(self, wish: Wish, image: QImage) -> None:
        self._memory.put(wish, QPixmap.fromImage(image))
        with self._lock:
            self._under_way.discard(wish)
        if not self._gather.isActive():
            self._gather.start()

    # ------------------------------------------------------------------------------------ in the poster thread

    def _main(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._files.prune()
        fetcher = _Fetcher()
        tasks: set[asyncio.Task[None]] = set()
        try:
            while not self._stopped.is_set():
                self._wake.clear()
                while len(tasks) < CONNECTIONS and (wish := self._take()) is not None:
                    task = asyncio.create_task(self._look_for(wish, fetcher))
                    tasks.add(task)
                    task.add_done_callback(lambda _done: self._nudge())
                tasks = {task for task in tasks if not _ended(task)}
                if tasks or not self._wishes:
                    await self._wake.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await fetcher.close()

    def _take(self) -> Wish | None:
        """The newest wish, now under way."""
        with self._lock:
            if not self._wishes:
                return None
            wish, _ = self._wishes.popitem()
            self._under_way.add(wish)
            return wish

    async def _look_for(self, wish: Wish, fetcher: "_Fetcher") -> None:
        """Find one poster on disk or at the host and hand it over, or let the wish go."""
        path, width = wish
        size = next((f"w{offered}" for offered in SIZES if offered >= width), f"w{SIZES[-1]}")
        kept = self._files.read(size, path)
        image = _decode(kept, width) if kept is not None else None
        if image is None:
            if kept is not None:
                self._files.forget(size, path)
            image = await self._fetch(size, path, width, fetcher)
        if image is None:
            with self._lock:
                self._under_way.discard(wish)
        else:
            self._came.emit(wish, image)

    async def _fetch(self, size: str, path: str, width: int, fetcher: "_Fetcher") -> QImage | None:
        source = self._source
        if source is None or not self._guard.may_ask():
            with self._lock:
                if len(self._put_off) > MAX_MISSING:
                    self._put_off.clear()
                self._put_off.add((path, width))
            return None
        data = await fetcher.get(source, f"{size}{path}")
        if data is None:
            self._guard.failed()
            return None
        came_back = self._guard.worked()
        if came_back:
            self._line_back.emit()
        image = _decode(data, width) if data else None
        if image is None:
            self._remember_missing(path)
            return None
        self._files.write(size, path, data)
        return image

    def _remember_missing(self, path: str) -> None:
        with self._lock:
            self._missing[path] = None
            while len(self._missing) > MAX_MISSING:
                self._missing.popitem(last=False)


def _ended(task: "asyncio.Task[None]") -> bool:
    """Whether a task is over; a bug in one is told, and the others go on."""
    if not task.done():
        return False
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("Looking for a poster failed on a bug", exc_info=error)
    return True


def _decode(data: bytes, width: int) -> QImage | None:
    image = QImage.fromData(data)
    if image.isNull() or image.width() == 0:
        return None
    if image.width() > width:
        image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
    return image


class _Fetcher:
    """The HTTP client of the poster thread, made when first needed."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def get(self, source: ImageSource, name: str) -> bytes | None:
        """The file; b"" when the host has none of that name; None when no image host answered."""
        import httpx  # deferred: not needed before the first poster is fetched

        if self._client is None:
            self._client = httpx.AsyncClient(
                headers={"User-Agent": source.user_agent},
                limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
                timeout=TIMEOUT_S,
                proxy=source.proxy,
                trust_env=False,
            )
        try:
            async with self._client.stream("GET", f"{source.base_url}{name}") as answer:
                if answer.status_code in (400, 404, 410):
                    return b""
                if answer.status_code != 200 or _is_html(answer):
                    return None
                return await _body(answer)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError):
            return None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()


async def _body(answer: "httpx.Response") -> bytes:
    data = bytearray()
    async for part in answer.aiter_bytes():
        data += part
        if len(data) > MAX_BODY:
            return b""
    return bytes(data)


def _is_html(answer: "httpx.Response") -> bool:
    """A page where an image was asked for comes from something in between, such as a captive portal."""
    return "html" in answer.headers.get("content-type", "")
