"""Fixtures of the window's tests."""

import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from gdvg_desktop.ui.theme import apply_theme
from gdvg_desktop.ui.tokens import DARK


@pytest.fixture(autouse=True, scope="module")
def collect_on_this_thread() -> Iterator[None]:
    """Python's collector only runs here, as in the program (`ui.collector`): tests have threads beside Qt as well."""
    enabled = gc.isenabled()
    gc.disable()
    yield
    gc.collect()
    if enabled:
        gc.enable()


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[QApplication]:
    """The application in the dark theme, without motion so that every change shows at once."""
    apply_theme(qapp, replace(DARK, motion=False))
    yield qapp
    apply_theme(qapp, replace(DARK, motion=False))
