"""Rows of a very long list, held in windows around what is looked at. Knows neither Qt nor the store.

The list itself is a vector of ids, a snapshot in one order. `row` answers from the windows held and notes a wish for a
window that is missing or stale; who fetches takes the newest wish first with `take_wish` and gives the rows to `put`.
Both what is held and what is wished for are bounded, so a jump across a million rows costs one or two windows.
"""

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

SIZE = 64  # rows in a window
KEPT = 48  # windows held
WISHES = 4  # windows wished for at once; older wishes are for rows no longer in view


@dataclass(frozen=True, slots=True)
class Wish:
    """A window to fetch: its number and the ids of its rows, in order."""

    window: int
    ids: Sequence[int]


class RowWindows(Generic[Row]):
    """The windows of one id vector. Window n holds the rows from n * size on; the last may be shorter."""

    def __init__(self, ids: "array[int]", *, size: int = SIZE, kept: int = KEPT, wishes: int = WISHES) -> None:
        self.ids = ids
        self._size, self._kept, self._most_wishes = size, kept, wishes
        self._held: OrderedDict[int, list[Row | None]] = OrderedDict()
        self._stale: set[int] = set()
        self._wishes: OrderedDict[int, None] = OrderedDict()
        self._under_way: dict[int, bool] = {}  # window: whether it went stale while it was fetched

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, index: int) -> Row | None:
        """The row, or None while it is not here. A stale row is shown until its successor comes.

        Raises IndexError outside the list.
        """
        if not 0 <= index < len(self.ids):
            raise IndexError(index)
        window, offset = divmod(index, self._size)
        rows = self._held.get(window)
        if rows is not None:
            self._held.move_to_end(window)
        if rows is None or window in self._stale:
            self._wish(window)
        return rows[offset] if rows is not None else None

    def peek(self, index: int) -> Row | None:
        """The row if it is held; wishes for nothing."""
        window, offset = divmod(index, self._size)
        rows = self._held.get(window)
        return rows[offset] if rows is not None else None

    def _wish(self, window: int) -> None:
        if window in self._under_way:
            return
        self._wishes[window] = None
        self._wishes.move_to_end(window)
        while len(self._wishes) > self._most_wishes:
            self._wishes.popitem(last=False)

    @property
    def has_wish(self) -> bool:
        """Whether there is a window to fetch."""
        return bool(self._wishes)

    def take_wish(self) -> Wish | None:
        """The newest wish, under way from now on until `put` or `give_up`; None when there is none."""
        if not self._wishes:
            return None
        window, _ = self._wishes.popitem()
        self._under_way[window] = False
        start = window * self._size
        return Wish(window, self.ids[start : start + self._size])

    def put(self, window: int, rows: Mapping[int, Row]) -> range:
        """Hold the fetched rows, by id; an id without a row is a title that is gone. Returns the rows to show anew.

        A window that went stale on the way stays stale, so the next look at it fetches again.
        """
        again = self._under_way.pop(window, False)
        start = window * self._size
        ids = self.ids[start : start + self._size]
        self._held[window] = [rows.get(one) for one in ids]
        self._held.move_to_end(window)
        if again:
            self._stale.add(window)
        else:
            self._stale.discard(window)
        while len(self._held) > self._kept:
            old, _ = self._held.popitem(last=False)
            self._stale.discard(old)
        return range(start, start + len(ids))

    def give_up(self, window: int) -> None:
        """The fetch failed; the next look at the window wishes for it again."""
        self._under_way.pop(window, None)

    def stale(self, ids: Iterable[int]) -> list[range]:
        """Note that these titles changed. Returns the rows of the windows that must be looked at again."""
        changed = frozenset(ids)
        found = []
        for window in self._held:
            start = window * self._size
            if not changed.isdisjoint(self.ids[start : start + self._size]):
                self._stale.add(window)
                found.append(range(start, min(start + self._size, len(self.ids))))
        for window in self._under_way:
            start = window * self._size
            if not changed.isdisjoint(self.ids[start : start + self._size]):
                self._under_way[window] = True
        return found

    def held(self) -> int:
        """How many windows are in memory."""
        return len(self._held)
