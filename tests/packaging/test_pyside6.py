"""Guards against the PySide6 6.12.0 fault that crashes Python 3.11 after some thousand void Qt calls."""

import sys

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot


def test_void_qt_calls_do_not_use_up_none(qtbot: QtBot) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    before = sys.getrefcount(None)
    for _ in range(100):
        button.setEnabled(True)
    assert before - sys.getrefcount(None) <= 50
