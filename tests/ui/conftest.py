"""Fixtures of the window's tests."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from gdvg_desktop.ui.theme import apply_theme
from gdvg_desktop.ui.tokens import DARK


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[QApplication]:
    """The application in the dark theme, without motion so that every change shows at once."""
    apply_theme(qapp, replace(DARK, motion=False))
    yield qapp
    apply_theme(qapp, replace(DARK, motion=False))
