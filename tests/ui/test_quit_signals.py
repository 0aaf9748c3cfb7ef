"""Signals of the system reach the window from Qt's loop, never in the middle of other work."""

import os
import signal
import sys

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.ui.quit_signals import QuitSignals
from tests.ui.face_world import Loop


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGTERM")
@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_waits_for_the_loop(qtbot: QtBot, qapp: QApplication, name: signal.Signals) -> None:
    before = signal.getsignal(name)
    loop = Loop()
    signals = QuitSignals(loop)  # type: ignore[arg-type]
    heard: list[bool] = []
    loop.end_demanded.connect(lambda: heard.append(True))
    try:
        os.kill(os.getpid(), name)
        for _ in range(1000):  # Python has called its handlers long before
            pass
        assert heard == []
        qtbot.waitUntil(lambda: heard == [True])
    finally:
        signals.close()
    assert signal.getsignal(name) is before
