"""Cycles are collected on the GUI thread, never on a thread that happens to allocate."""

import gc
import threading

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.ui.collector import GuiCollector

COUNT = 2_000  # more than the youngest generation may hold


class Cycle:
    """Unreachable as soon as it is made; tells where it was destroyed."""

    def __init__(self, seen: list[str]) -> None:
        self.itself = self
        self.seen = seen

    def __del__(self) -> None:
        self.seen.append(threading.current_thread().name)


def allocate(seen: list[str]) -> None:
    """Enough that Python's own collector would run here."""
    kept = [Cycle(seen) for _ in range(COUNT)]
    del kept


def test_another_threads_cycles_wait_for_the_gui_thread(qtbot: QtBot, qapp: QApplication) -> None:
    seen: list[str] = []
    collector = GuiCollector(qapp)
    try:
        thread = threading.Thread(target=allocate, args=(seen,), name="engine")
        thread.start()
        thread.join()
        assert seen == []
        qtbot.waitUntil(lambda: len(seen) == COUNT)
        assert set(seen) == {threading.main_thread().name}
    finally:
        collector.close()


def test_closing_gives_the_work_back(qapp: QApplication) -> None:
    before = gc.isenabled()
    collector = GuiCollector(qapp)
    collector.settle()
    assert not gc.isenabled()
    collector.close()
    assert gc.isenabled() is before
    assert gc.get_freeze_count() == 0
