"""The windows hold what the list says, stay bounded, and never forget a wish for what is looked at."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gdvg_desktop.ui.models.row_windows import RowWindows


def fetch_all(windows: RowWindows[str], version: dict[int, int] | None = None) -> int:
    count = 0
    while (wish := windows.take_wish()) is not None:
        windows.put(wish.window, {one: f"{one}.{(version or {}).get(one, 0)}" for one in wish.ids})
        count += 1
    return count


@given(st.integers(0, 700), st.integers(1, 80), st.data())
def test_every_row_comes_from_its_own_id(length: int, size: int, data: st.DataObject) -> None:
    windows: RowWindows[str] = RowWindows(array("q", (7 * n + 3 for n in range(length))), size=size)
    for index in data.draw(st.lists(st.integers(0, length - 1), max_size=20)) if length else []:
        windows.row(index)
        fetch_all(windows)
        assert windows.row(index) == f"{7 * index + 3}.0"
    with pytest.raises(IndexError):
        windows.row(length)


def test_a_jump_over_a_million_rows_fetches_one_window() -> None:
    windows: RowWindows[str] = RowWindows(array("q", range(1_200_000)))
    windows.row(600_000)
    wish = windows.take_wish()
    assert wish is not None and len(wish.ids) == 64 and 600_000 in wish.ids
    assert windows.take_wish() is None


def test_the_newest_wish_is_served_first_and_old_ones_are_dropped() -> None:
    windows: RowWindows[str] = RowWindows(array("q", range(6_400)), wishes=3)
    for window in range(10):
        windows.row(window * 64)
    served = []
    while (wish := windows.take_wish()) is not None:
        served.append(wish.window)
    assert served == [9, 8, 7]


def test_a_window_under_way_is_not_wished_for_twice() -> None:
    windows: RowWindows[str] = RowWindows(array("q", range(10)))
    windows.row(0)
    wish = windows.take_wish()
    windows.row(5)
    assert wish is not None and windows.take_wish() is None
    windows.give_up(wish.window)
    windows.row(5)
    assert windows.take_wish() is not None


def test_a_title_that_is_gone_leaves_an_empty_row() -> None:
    windows: RowWindows[str] = RowWindows(array("q", [1, 2, 3]))
    windows.row(0)
    assert windows.take_wish() is not None
    windows.put(0, {1: "one", 3: "three"})
    assert [windows.row(n) for n in range(3)] == ["one", None, "three"]
    assert windows.take_wish() is None


class WindowsMachine(RuleBasedStateMachine):
    """Looking, fetching, changing titles and failing in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = array("q", (n * 2 + 1 for n in range(300)))
        self.windows: RowWindows[str] = RowWindows(self.ids, size=16, kept=4, wishes=3)
        self.version: dict[int, int] = {}
        self.on_the_way: list[tuple[int, dict[int, str]]] = []

    def _now(self, one: int) -> str:
        return f"{one}.{self.version.get(one, 0)}"

    @rule(index=st.integers(0, 299))
    def look(self, index: int) -> None:
        row = self.windows.row(index)
        assert row is None or row.startswith(f"{self.ids[index]}.")

    @rule()
    def send(self) -> None:
        wish = self.windows.take_wish()
        if wish is not None:
            self.on_the_way.append((wish.window, {one: self._now(one) for one in wish.ids}))

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        window, rows = self.on_the_way.pop(data.draw(st.integers(0, len(self.on_the_way) - 1)))
        assert list(self.windows.put(window, rows)) == list(range(window * 16, min(window * 16 + 16, 300)))

    @precondition(lambda self: self.on_the_way)
    @rule()
    def fail(self) -> None:
        self.windows.give_up(self.on_the_way.pop()[0])

    @rule(places=st.sets(st.integers(0, 299), max_size=4))
    def change(self, places: set[int]) -> None:
        ids = [self.ids[place] for place in places]
        for one in ids:
            self.version[one] = self.version.get(one, 0) + 1
        self.windows.stale([*ids, 100_000])

    @rule(index=st.integers(0, 299))
    def looking_long_enough_shows_the_truth(self, index: int) -> None:
        for _ in range(4):
            self.windows.row(index)
            for window, rows in self.on_the_way:
                self.windows.put(window, rows)
            self.on_the_way.clear()
            self.windows.row(index)
            fetch_all(self.windows, self.version)
        assert self.windows.row(index) == self._now(self.ids[index])

    @invariant()
    def bounded(self) -> None:
        assert self.windows.held() <= 4


TestWindowsMachine = WindowsMachine.TestCase
