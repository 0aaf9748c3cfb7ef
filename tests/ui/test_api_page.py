"""The Control API page of the settings, with a real server behind its switch."""

import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.ui.dialogs.api_page import ApiPage
from gdvg_desktop.ui.dialogs.settings import API, SettingsDialog
from tests.support.control import Client, Reply, answers, free_port
from tests.support.secret_service import MemoryKeyring
from tests.ui.face_world import Face


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch, face: Face, small_demo: DemoServer, tmp_path: Path) -> int:
    found = free_port()
    face.use_demo(small_demo)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.toml").write_text(f"api_port = {found}\nwizard_done = true\n")
    return found


@pytest.fixture
def dialog(face: Face, port: int, tmp_path: Path) -> SettingsDialog:
    face.open(tmp_path / "data")
    opened = face.contents.open_settings(API)
    face.until(lambda: opened.api.status is not None)
    return opened


def asked(face: Face, client: Client) -> Reply:
    """The answer to a script, asked beside the window."""
    got: list[Reply] = []
    asking = threading.Thread(target=lambda: got.append(client.ask("GET", "/api/sync/status")))
    asking.start()
    face.until(lambda: not asking.is_alive())
    asking.join()
    return got[0]


def test_the_switch_makes_a_token_shows_it_once_and_serves(face: Face, dialog: SettingsDialog, port: int) -> None:
    page = dialog.api
    assert page.badge.accessibleName() == "Off" and page.token.text() == "" and page.copy.isHidden()
    page.switch.click()
    face.until(lambda: page.badge.accessibleName() == "Answers")
    token = page.token.text()
    assert len(token) >= 43
    page.copy.click()
    assert QGuiApplication.clipboard().text() == token
    assert asked(face, Client(port, token)).status == 200
    assert face.session is not None and face.session.settings.api_enabled
    dialog.show_page("about")
    dialog.show_page(API)
    face.until(lambda: set(page.token.text()) == {"•"})
    assert page.copy.isHidden()
    page.renew.click()
    assert page.renew.text() == "Replace it" and asked(face, Client(port, token)).status == 200
    page.renew.click()
    face.until(lambda: not page.copy.isHidden())
    second = page.token.text()
    assert second != token
    face.until(lambda: _status(face, Client(port, second)) == 200)
    assert asked(face, Client(port, token)).status == 401
    page.switch.click()
    face.until(lambda: not answers(port))
    face.until(lambda: page.badge.accessibleName() == "Off")


def _status(face: Face, client: Client) -> int:
    return asked(face, client).status if answers(client.port) else 0


def test_a_port_in_use_is_told_and_another_one_is_taken_at_once(face: Face, dialog: SettingsDialog, port: int) -> None:
    page = dialog.api
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        page.switch.click()
        face.until(lambda: page.badge.accessibleName() == "Cannot answer")
        assert f"Port {port} is in use" in page.message.accessibleName()
        another = free_port()
        dialog.row("api_port").editor.set_value(another)
        dialog.apply.setEnabled(True)
        dialog.apply.click()
        face.until(lambda: page.badge.accessibleName() == "Answers")
        assert page.address.text() == f"http://127.0.0.1:{another}" and page.message.isHidden()


def test_a_port_in_use_at_the_start_is_told_and_the_window_works(
    face: Face, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GDVG_API_ENABLED", "true")
    monkeypatch.setenv("GDVG_API_TOKEN", "t" * 40)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        session = face.open(tmp_path / "data")
        face.until(lambda: any("cannot answer" in one.accessibleName() for one in session.window.toasts.toasts()))
        assert face.status().titles == 0


def test_a_keyring_that_cannot_be_used_is_told_and_nothing_is_switched_on(
    face: Face, dialog: SettingsDialog, port: int, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring.errors

    def locked(*_parts: Any) -> None:
        raise keyring.errors.KeyringLocked

    monkeypatch.setattr(type(memory_keyring), "set_password", locked)
    dialog.api.switch.click()
    face.until(lambda: "No keyring" in dialog.api.message.accessibleName())
    assert not dialog.api.switch.isChecked() and not answers(port)


def test_what_the_environment_switches_on_is_shown_locked(
    face: Face, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GDVG_API_ENABLED", "true")
    monkeypatch.setenv("GDVG_API_TOKEN", "t" * 40)
    face.open(tmp_path / "data")
    page: ApiPage = face.contents.open_settings(API).api
    face.until(lambda: page.badge.accessibleName() == "Answers" or page.read())
    assert page.switch.isChecked() and not page.switch.isEnabled() and not page.renew.isVisible()
    assert "GDVG_API_TOKEN" in page.note.plain_text()
    assert asked(face, Client(port, "t" * 40)).status == 200


def test_every_control_has_a_name_and_can_be_reached(dialog: SettingsDialog) -> None:
    for control in (*dialog.api.findChildren(QAbstractButton), *dialog.api.findChildren(QLineEdit)):
        if not control.objectName().startswith("qt_"):
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control
            assert control.accessibleName() or control.text(), control
