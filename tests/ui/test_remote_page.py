"""The Remote workflow page of the settings, over a small GitHub on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

from gdvg_desktop.commands import remote_follow, schedule
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.ui.dialogs.settings import CONNECTION, REMOTE, SettingsDialog
from tests.support.fake_github import TOKEN, FakeGithub
from tests.support.secret_service import MemoryKeyring
from tests.ui.face_world import Face


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with FakeGithub() as server:
        yield server


@pytest.fixture
def dialog(
    face: Face, small_demo: DemoServer, github: FakeGithub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SettingsDialog:
    """The open page; nothing is set up yet but the address of the small GitHub."""
    monkeypatch.setenv("GDVG_GITHUB_URL", github.url)
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    opened = face.contents.open_settings(REMOTE)
    face.until(lambda: opened.remote.badge.text() == "Not set up")
    return opened


def set_up(face: Face, dialog: SettingsDialog) -> None:
    """As a user does: the repository, Apply, the token, Save."""
    dialog.row("github_repository").editor.focus_widget().setFocus()
    QTest.keyClicks(dialog.row("github_repository").editor.focus_widget(), "ann/mirror")
    dialog.apply.click()
    face.until(lambda: dialog.remote.status is not None and dialog.remote.status.repository == "ann/mirror")
    QTest.keyClicks(dialog.remote.token.field, TOKEN)
    dialog.remote.token.save.click()
    face.until(lambda: dialog.remote.badge.text() == "Active")


def said(dialog: SettingsDialog) -> str:
    message = dialog.remote.message
    return message.accessibleName() if message.isVisible() else ""


def test_it_is_set_up_from_nothing(
    face: Face, dialog: SettingsDialog, github: FakeGithub, memory_keyring: MemoryKeyring
) -> None:
    page = dialog.remote
    assert not page.pause.isEnabled() and not page.run.isEnabled() and not page.token.remove.isVisible()
    assert page.token.field.echoMode() is QLineEdit.EchoMode.Password
    assert github.asked == []
    set_up(face, dialog)
    assert page.pause.isEnabled() and page.pause.isVisible() and not page.resume.isVisible()
    assert page.token.field.text() == "" and page.token.field.placeholderText().endswith(TOKEN[-4:])
    assert TOKEN in memory_keyring.passwords.values()
    page.token.test.click()
    face.until(lambda: "It sees the workflow Sync" in page.token.message.accessibleName())


def test_it_is_paused_resumed_and_started(face: Face, dialog: SettingsDialog, github: FakeGithub) -> None:
    set_up(face, dialog)
    page = dialog.remote
    page.pause.click()
    face.until(lambda: page.badge.text() == "Paused")
    assert github.state == "disabled_manually" and "The workflow is disabled." in page.said.text()
    assert page.resume.isVisible() and not page.pause.isVisible() and "Paused." in said(dialog)
    page.run.click()
    face.until(lambda: "GitHub refuses it" in said(dialog))
    assert "Resume" in said(dialog)
    page.resume.click()
    face.until(lambda: page.badge.text() == "Active")
    page.run.click()
    face.until(lambda: page.runs.cancels)
    assert "Run 9001 is queued." in said(dialog)
    page.runs.cancels[9001].click()
    face.until(lambda: page.runs.links and not page.runs.cancels)
    assert github.runs[0]["conclusion"] == "cancelled"


def test_the_keyboard_stays_at_the_act_while_github_is_asked(
    face: Face, dialog: SettingsDialog, github: FakeGithub
) -> None:
    set_up(face, dialog)
    page = dialog.remote
    dialog.activateWindow()
    for button, twin, state in ((page.pause, page.resume, "Paused"), (page.resume, page.pause, "Active")):
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Return)
        assert not button.isEnabled() and dialog.focusWidget() is not button
        face.until(lambda state=state: page.badge.text() == state)
        assert dialog.focusWidget() is twin
    page.refresh.setFocus()
    QTest.keyClick(page.refresh, Qt.Key.Key_Space)
    face.until(lambda: not page._busy)
    assert dialog.focusWidget() is page.refresh


def test_runs_have_their_result_and_lead_to_github(
    face: Face, dialog: SettingsDialog, github: FakeGithub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for conclusion in ("success", "failure", "skipped", "brand_new"):
        github.add_run(conclusion)
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(QUrl.toString(url)))
    set_up(face, dialog)
    page = dialog.remote
    face.until(lambda: len(page.runs.links) == 4)

    def words() -> list[str]:
        return [one.text() for one in page.runs.findChildren(type(page.badge)) if one.isVisible()]

    face.until(lambda: words() == ["Brand new", "Skipped", "Failed", "Succeeded"])
    page.runs.links[9002].click()
    assert opened == ["https://github.com/ann/mirror/actions/runs/9002"]


def test_trouble_is_told_where_it_happens(face: Face, dialog: SettingsDialog, github: FakeGithub) -> None:
    set_up(face, dialog)
    page = dialog.remote
    github.tokens[TOKEN] = frozenset({"actions:read"})
    page.pause.click()
    face.until(lambda: "Actions: write" in said(dialog))
    assert page.pause.isEnabled() and github.state == "active"
    github.fault = "html"
    page.refresh.click()
    face.until(lambda: page.badge.text() == "Not known")
    assert "web page" in page.said.text() and not page.pause.isEnabled() and page.refresh.isEnabled()


def test_what_is_typed_has_to_be_applied_first(face: Face, dialog: SettingsDialog, github: FakeGithub) -> None:
    set_up(face, dialog)
    page, editor = dialog.remote, dialog.row("github_workflow").editor
    QTest.keyClicks(editor.focus_widget(), "x")
    assert not page.pause.isEnabled() and "Apply" in page.pause.toolTip()
    QTest.keyClick(editor.focus_widget(), Qt.Key.Key_Backspace)
    assert page.pause.isEnabled()


def test_a_workflow_that_does_not_follow_is_shown(face: Face, dialog: SettingsDialog, github: FakeGithub) -> None:
    set_up(face, dialog)
    dialog.row("remote_follows_pause").editor.focus_widget().click()  # type: ignore[attr-defined]
    dialog.apply.click()
    face.until(lambda: dialog.apply.isEnabled() is False)
    github.fault, github.fault_path = "500", "/disable"
    face.ask(lambda app: schedule.pause(app, None, "window"))
    face.until(dialog.remote.behind.isVisible)  # by itself
    assert "could not be paused" in dialog.remote.behind.accessibleName()
    assert github.state == "active" and face.ask(remote_follow.problem) is not None
    github.fault = ""
    face.ask(lambda app: schedule.resume(app, "window"))
    face.until(lambda: not dialog.remote.behind.isVisible())


def test_github_is_asked_only_for_a_page_that_is_shown(face: Face, dialog: SettingsDialog, github: FakeGithub) -> None:
    set_up(face, dialog)
    github.calls()
    dialog.show_page(CONNECTION)
    dialog.row("max_attempts").editor.focus_widget().setValue(7)  # type: ignore[attr-defined]
    dialog.apply.click()
    face.until(lambda: not dialog.apply.isEnabled())
    assert github.asked == []


def test_enter_in_the_token_saves_it_and_leaves_the_dialog_open(
    face: Face, dialog: SettingsDialog, memory_keyring: MemoryKeyring
) -> None:
    field = dialog.remote.token.field
    field.setFocus()
    QTest.keyClicks(field, TOKEN)
    QTest.keyClick(field, Qt.Key.Key_Return)
    face.until(lambda: TOKEN in memory_keyring.passwords.values())
    assert dialog.isVisible()


def test_removing_the_token_asks_first(face: Face, dialog: SettingsDialog, memory_keyring: MemoryKeyring) -> None:
    set_up(face, dialog)
    token = dialog.remote.token
    token.remove.click()
    assert token.remove.text() == "Remove for good" and TOKEN in memory_keyring.passwords.values()
    token.remove.click()
    face.until(lambda: dialog.remote.badge.text() == "Not set up")
    assert TOKEN not in memory_keyring.passwords.values()


def test_everything_has_a_name_and_takes_the_keyboard(face: Face, dialog: SettingsDialog, github: FakeGithub) -> None:
    github.add_run(None, "in_progress")
    set_up(face, dialog)
    face.until(lambda: dialog.remote.runs.links)
    page = dialog.remote
    for kind in (QAbstractButton, QLineEdit, QComboBox):
        for control in page.findChildren(kind):
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control
            assert control.accessibleName() or control.text(), control  # type: ignore[attr-defined]


def test_the_search_finds_the_page(dialog: SettingsDialog) -> None:
    dialog.show_page(CONNECTION)
    dialog._on_search("github")
    assert dialog.list.item(dialog.list.currentRow()).text() == "Remote workflow"
