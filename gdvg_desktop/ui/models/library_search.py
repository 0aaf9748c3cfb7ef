"""What the library screen looks for: the query, its order, and the answers, shared by the table and the facets.

Quick typing is gathered and answers to older questions are dropped. While titles come in, the list stays as it
is: how many new ones match is counted now and then, and `refresh` shows them.
"""

import asyncio
import time
from array import array
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pyroaring import BitMap
from PySide6.QtCore import QObject, QTimer, Signal

from gdvg_desktop.app import App
from gdvg_desktop.commands import titles
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.store.library import TitleFilter, TitleRow, parse_query
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.host import Call, Host
from gdvg_desktop.ui.models.query_text import write_query
from gdvg_desktop.ui.models.row_windows import SIZE

TYPING_MS = 60
COUNT_AGAIN_MS = 10_000
WARM_AFTER_MS = 1_500  # when the first screen stands
LEAST_PAUSE = 20  # counting anew may take a twentieth of the time at most
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """An answer: ids in order, rows of the first window, how long it took, whether it is the same question again."""

    chosen: TitleFilter
    ids: "array[int]"
    first: Sequence[TitleRow]
    seconds: float
    again: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key of `commands.titles.ids` and its direction."""

    sort: str = "popularity"
    descending: bool = True


class LibrarySearch(QObject):
    """The state of the library screen. Both docks hold one; `wake` and `rest` follow whether the table is seen."""

    text_changed = Signal(str)  # by somebody other than the search field
    found = Signal(object)  # Found
    stored = Signal(object)  # ids of titles that were written
    newer = Signal(int)  # titles that match and are not in the list yet
    counted = Signal(int)  # titles in the library
    failed = Signal(object)  # GdvgError

    def __init__(self, host: Host, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self.text = ""
        self.chosen = TitleFilter()
        self.order = Order()
        self.answer: Found | None = None
        self.total: int | None = None  # titles in the library, when last counted
        self._awake = False
        self._stale = True
        self._call: Call | None = None
        self._again = False
        self._known: BitMap | None = None  # ids of the list, made when titles come in
        self._arrived = BitMap()
        self._new = 0
        self._counting: Call | None = None
        self._typed = False  # something was typed since the last question
        self._typing = _single_shot(self, TYPING_MS, self._on_rest)
        self._count_soon = _single_shot(self, COUNT_AGAIN_MS, self._count)
        self._warm_soon = _single_shot(self, WARM_AFTER_MS, self._warm)
        host.opened.connect(self._on_opened)
        bridge.titles_changed.connect(self.note_stored)
        bridge.library_replaced.connect(self.refresh)

    # asking ----------------------------------------------------------------------------------------------------

    def type_text(self, text: str) -> None:
        """The user types: the first letter is asked for at once, those that follow quickly are gathered."""
        if text == self.text:
            return
        self._take(text)
        if self._typing.isActive():
            self._typed = True
        else:
            self._ask()
            self._typing.start()

    def _on_rest(self) -> None:
        if self._typed:
            self._typed = False
            self._ask()
            self._typing.start()

    def set_text(self, text: str) -> None:
        """Another query, asked at once and shown in the field."""
        self._take(text)
        self.text_changed.emit(text)
        self._typing.stop()
        self._typed = False
        self._ask()

    def choose(self, chosen: TitleFilter) -> None:
        """A changed filter, as a query."""
        self.set_text(write_query(chosen))

    def _take(self, text: str) -> None:
        self.text = text
        self.chosen = parse_query(text)
        self._again = False

    def sort_by(self, order: Order) -> None:
        """The same titles in another order."""
        if order != self.order:
            self.order = order
            self._again = False
            self._ask()

    def refresh(self) -> None:
        """The same question again, to take in what is new."""
        self._again = True
        self._ask()

    @property
    def awake(self) -> bool:
        """Whether the table can be seen."""
        return self._awake

    def wake(self) -> None:
        """The table can be seen: read what is stale."""
        self._awake = True
        if self._stale:
            self._ask()
        if self._arrived:
            self._count_soon.start()

    def rest(self) -> None:
        """The table cannot be seen: ask nothing."""
        self._awake = False
        self._count_soon.stop()

    def _warm(self) -> None:
        if self._host.app is not None:
            self._host.call(self, titles.warm)

    def _on_opened(self) -> None:
        self._warm_soon.start()
        if self._awake:
            self._ask()

    def _ask(self) -> None:
        self._stale = True
        if not self._awake or self._host.app is None:
            return
        if self._call is not None:
            self._call.cancel()
        if self._counting is not None:
            self._counting.cancel()
            self._counting = None
        self._stale = False
        chosen, order, again = self.chosen, self.order, self._again

        async def look(app: App) -> Found:
            began = time.perf_counter()
            ids = await titles.ids(app, chosen, order.sort, order.descending)
            taken = time.perf_counter() - began
            first = await titles.rows(app, ids[:SIZE])
            return Found(chosen, ids, first, taken, again)

        self._call = self._host.call(self, look, self._on_found, self._on_failed)

    def _on_found(self, answer: Found) -> None:
        self._call = None
        self._again = False
        self.answer = answer
        self._known = None
        self._arrived.clear()
        self._count_soon.stop()
        self._tell_new(0)
        if answer.chosen == TitleFilter():
            self._tell_total(len(answer.ids))
        elif self.total is None or answer.again:
            self._host.call(self, _count_all, self._tell_total)
        self.found.emit(answer)

    def _tell_total(self, total: int) -> None:
        self.total = total
        self.counted.emit(total)

    def _on_failed(self, problem: GdvgError) -> None:
        self._call = None
        self._stale = True
        self.failed.emit(problem)

    # what is new -----------------------------------------------------------------------------------------------

    def note_stored(self, ids: Collection[int]) -> None:
        """Titles were written."""
        if ids:
            self.stored.emit(ids)
        self._arrived.update(ids)
        if not self._awake or self.answer is None:
            return
        if not len(self.answer.ids) and self._call is None:
            self.refresh()  # nothing to lose one's place in
        elif not self._count_soon.isActive() and self._counting is None:
            self._count_soon.setInterval(0 if self._known is None else self._pause())
            self._count_soon.start()

    def _pause(self) -> int:
        taken = self.answer.seconds if self.answer is not None else 0.0
        return max(COUNT_AGAIN_MS, round(1000 * LEAST_PAUSE * taken))

    def _count(self) -> None:
        answer = self.answer
        if answer is None or not self._awake or self._counting is not None:
            return
        arrived, self._arrived = self._arrived, BitMap()
        known = self._known
        everything = answer.chosen == TitleFilter()

        async def count(app: App) -> tuple[BitMap, int]:
            held = known if known is not None else await asyncio.to_thread(_bitmap, answer.ids)
            fresh = arrived - held
            if not fresh or everything:
                return held, len(fresh)
            now = await asyncio.to_thread(_bitmap, await titles.ids(app, answer.chosen, "tmdb_id", False))
            return held, len(now - held)

        def then(counted: tuple[BitMap, int]) -> None:
            self._counting = None
            if answer is not self.answer:
                return
            self._known, new = counted
            self._tell_new(self._new + new if everything else max(new, self._new))
            if everything:
                self._known.update(arrived)
            if self._arrived:
                self.note_stored(())

        def failed(problem: GdvgError) -> None:
            self._counting = None
            self._arrived |= arrived

        self._counting = self._host.call(self, count, then, failed)

    def _tell_new(self, new: int) -> None:
        if new != self._new:
            self._new = new
            self.newer.emit(new)


async def _count_all(app: App) -> int:
    return len(await titles.ids(app, TitleFilter(), "tmdb_id", False))


def _bitmap(ids: "array[int]") -> BitMap:
    """The ids as a set, made in steps so that other threads get their turn."""
    result = BitMap()
    for start in range(0, len(ids), _CHUNK):
        result.update(array("I", ids[start : start + _CHUNK]))
    return result


def _single_shot(owner: QObject, interval_ms: int, then: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(then)
    return timer
