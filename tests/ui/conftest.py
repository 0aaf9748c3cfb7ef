"""Fixtures of the window's tests."""

import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.ui.theme import apply_theme
from gdvg_desktop.ui.tokens import DARK
from tests.ui.face_world import Face


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


@pytest.fixture
def small_demo() -> Iterator[DemoServer]:
    """A small demo catalogue without a rate limit."""
    with DemoServer(DemoOptions(movies=120, series=60)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture
def face(qtbot: QtBot, themed: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Face]:
    """Opens the whole window; one that is still open is closed after the test."""
    opener = Face(qtbot, themed, monkeypatch)
    yield opener
    if opener.session is not None:
        opener.close()
