"""The settings: built from what is declared, locked by the environment, checked before they are saved."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.core.credentials import ACCOUNT
from gdvg_desktop.core.keychain import SERVICE
from gdvg_desktop.core.settings import load_settings
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.ui.dialogs.about import NOTICE, licences_text
from gdvg_desktop.ui.dialogs.setting_editors import (
    ChecksEditor,
    DecimalEditor,
    LanguagesEditor,
    RateEditor,
    TextEditor,
    language_names,
)
from gdvg_desktop.ui.dialogs.settings import APPEARANCE, SettingsDialog
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.widgets.labels import Paragraph
from tests.support.secret_service import MemoryKeyring
from tests.ui.face_world import KEY, Face


@pytest.fixture
def dialog(face: Face, small_demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SettingsDialog:
    """The open dialog; the rate is the user's own, the addresses are the environment's."""
    face.use_demo(small_demo)
    monkeypatch.delenv("GDVG_REQUESTS_PER_SECOND")
    session = face.open(tmp_path / "data")
    session.window.settings_asked.emit()
    opened = face.contents._dialog
    assert isinstance(opened, SettingsDialog) and opened.isVisible() and opened.isModal()
    return opened


def test_what_the_environment_sets_is_shown_locked(dialog: SettingsDialog, small_demo: DemoServer) -> None:
    row = dialog.row("tmdb_url")
    assert row.editor.value() == small_demo.url and not row.editor.isEnabled()
    assert "Set by GDVG_TMDB_URL" in row.editor.focus_widget().accessibleDescription()
    assert dialog.row("requests_per_second").editor.isEnabled()


def test_a_preset_is_saved_and_counts_at_once(face: Face, dialog: SettingsDialog, tmp_path: Path) -> None:
    editor = dialog.row("requests_per_second").editor
    assert isinstance(editor, RateEditor) and editor.presets.value() == "balanced"
    assert not dialog.apply.isEnabled()
    editor.presets.choose("gentle")
    dialog.apply.click()
    face.until(lambda: load_settings(tmp_path / "data" / "settings.toml", {}).requests_per_second == 4.0)
    app = face.contents.host.app
    assert app is not None
    face.until(lambda: app.client.status().pacer.limit == 4.0)
    face.until(lambda: not dialog.apply.isEnabled())
    assert dialog.isVisible()


def test_a_value_that_cannot_be_is_refused_where_it_was_entered(
    dialog: SettingsDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    editor = dialog.row("proxy").editor
    assert isinstance(editor, TextEditor)
    qtbot.keyClicks(editor.line, "socks5://127.0.0.1:9050")
    dialog.ok.click()
    assert dialog.isVisible()
    assert "socks5 is not supported" in editor.line.accessibleDescription()
    assert dialog.focusWidget() is editor.line
    assert not (tmp_path / "data" / "settings.toml").exists()
    editor.line.clear()
    assert dialog.row("proxy").check()


def test_a_rate_that_is_no_number_names_the_text(dialog: SettingsDialog, qtbot: QtBot) -> None:
    editor = dialog.row("requests_per_second").editor
    assert isinstance(editor, RateEditor)
    editor.line.clear()
    qtbot.keyClicks(editor.line, "often")
    assert editor.presets.value() == "other" and not dialog.apply.isEnabled()
    dialog.ok.click()
    assert "often is not a number" in editor.line.accessibleDescription()


def test_enter_saves_and_closes_and_escape_forgets(
    face: Face, dialog: SettingsDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    editor = dialog.row("max_attempts").editor
    editor.set_value(5)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    face.until(lambda: face.contents._dialog is None)
    assert load_settings(tmp_path / "data" / "settings.toml", {}).max_attempts == 5
    again = face.contents.open_settings()
    assert again.row("max_attempts").editor.value() == 5
    again.row("max_attempts").editor.set_value(7)
    qtbot.keyClick(again, Qt.Key.Key_Escape)
    assert load_settings(tmp_path / "data" / "settings.toml", {}).max_attempts == 5


def test_enter_on_cancel_cancels_and_in_the_search_leads_to_the_pages_found(
    face: Face, dialog: SettingsDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.row("max_attempts").editor.set_value(5)
    dialog.search.setFocus()
    qtbot.keyClicks(dialog.search, "theme")
    assert dialog.list.currentItem().text() == "Appearance"
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.isVisible() and dialog.focusWidget() is dialog.list
    dialog.cancel.setFocus()
    qtbot.keyClick(dialog.cancel, Qt.Key.Key_Return)
    face.until(lambda: face.contents._dialog is None)
    assert load_settings(tmp_path / "data" / "settings.toml", {}).max_attempts == 9


def test_a_page_found_by_its_words_is_shown_whole_and_nothing_found_is_said(
    dialog: SettingsDialog, qtbot: QtBot
) -> None:
    qtbot.keyClicks(dialog.search, "cron")
    assert dialog.list.currentItem().text() == "Schedule" and not dialog.none.isVisible()
    assert dialog.row("quiet_from").isVisible() and dialog.row("tmdb_daily_requests").isVisible()
    dialog.search.selectAll()
    qtbot.keyClicks(dialog.search, "requests")
    assert dialog.row("requests_per_second").isVisibleTo(dialog.pages.widget(0))
    assert not dialog.row("proxy").isVisibleTo(dialog.pages.widget(0))
    qtbot.keyClicks(dialog.search, "zzz")
    assert dialog.none.isVisible() and all(dialog.list.item(at).isHidden() for at in range(dialog.list.count()))
    qtbot.keyClick(dialog.search, Qt.Key.Key_Escape)
    assert not dialog.none.isVisible() and dialog.isVisible()


def test_enter_and_escape_while_a_key_is_entered_leave_the_dialog_open(
    face: Face,
    small_demo: DemoServer,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    memory_keyring: MemoryKeyring,
) -> None:
    face.use_demo(small_demo)
    monkeypatch.delenv("TMDB_API_KEY")
    memory_keyring.set_password(SERVICE, ACCOUNT, KEY)
    face.open(tmp_path / "data")
    face.contents.replace_key()
    dialog = face.contents._dialog
    assert isinstance(dialog, SettingsDialog)
    section = dialog.key
    face.until(lambda: section.status is not None and section.form.status is not None)
    qtbot.keyClicks(section.form.field, "half a key")
    qtbot.keyClick(section.form.field, Qt.Key.Key_Escape)
    assert dialog.isVisible() and not section.form.isVisible() and section.form.field.text() == ""
    section.replace.click()
    qtbot.keyClicks(section.form.field, "f" * 32)
    qtbot.keyClick(section.form.field, Qt.Key.Key_Return)
    face.until(lambda: memory_keyring.passwords[SERVICE, ACCOUNT] == "f" * 32)
    face.until(lambda: not section.form.isVisible())
    assert dialog.isVisible()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    face.until(lambda: face.contents._dialog is None)


def test_a_theme_is_worn_at_once(face: Face, dialog: SettingsDialog, themed: QApplication) -> None:
    dialog.show_page(APPEARANCE)
    dialog.row("theme").editor.set_value("light")
    dialog.ok.click()
    face.until(lambda: theme_of().name == "light")


def test_languages_keep_the_order_they_were_chosen_in(face: Face, dialog: SettingsDialog, tmp_path: Path) -> None:
    editor = dialog.row("languages").editor
    assert isinstance(editor, LanguagesEditor)
    editor.set_value(("ko-KR", "en-US"))
    assert editor._order.plain_text() == "Korean, English, then the original"
    dialog.ok.click()
    face.until(lambda: load_settings(tmp_path / "data" / "settings.toml", {}).languages == ("ko-KR", "en-US"))


def test_fields_of_a_complete_title_are_check_boxes(face: Face, dialog: SettingsDialog, tmp_path: Path) -> None:
    editor = dialog.row("required_fields").editor
    assert isinstance(editor, ChecksEditor)
    assert set(editor.value()) == {one for one, box in editor.boxes.items() if box.isChecked()}
    assert not dialog.changes()
    editor.boxes["poster"].click()
    editor.boxes["keywords"].click()
    assert dialog.changes().keys() == {"required_fields"}
    dialog.ok.click()
    path = tmp_path / "data" / "settings.toml"
    face.until(lambda: "keywords" in load_settings(path, {}).required_fields)
    assert "poster" not in load_settings(path, {}).required_fields


def test_numbers_without_an_upper_limit_are_numbers(dialog: SettingsDialog, qtbot: QtBot) -> None:
    editor = dialog.row("mirror_daily_requests").editor
    editor.set_value(123_456_789)
    assert dialog.changes() == {"mirror_daily_requests": 123_456_789} and dialog.row("mirror_daily_requests").check()
    editor.set_value(0)
    threshold = dialog.row("popular_threshold").editor
    assert isinstance(threshold, DecimalEditor)
    threshold.line.clear()
    qtbot.keyClicks(threshold.line, "2,5")
    assert dialog.changes() == {"popular_threshold": 2.5}
    threshold.line.clear()
    qtbot.keyClicks(threshold.line, "many")
    dialog.ok.click()
    assert "many is not a number" in threshold.line.accessibleDescription()


def test_language_codes_are_of_tmdbs_form() -> None:
    names = language_names()
    assert names["de-DE"] == "German" and names["pt-BR"] == "Portuguese (Brazil)" and names["en-US"] == "English"
    assert all(len(code) == 5 and code[2] == "-" for code in names)


def pages_shown(dialog: SettingsDialog) -> list[str]:
    items = [dialog.list.item(row) for row in range(dialog.list.count())]
    return [item.text() for item in items if not item.isHidden()]


def test_the_search_leaves_only_what_it_finds(dialog: SettingsDialog, qtbot: QtBot) -> None:
    qtbot.keyClicks(dialog.search, "motion")
    assert pages_shown(dialog) == ["Appearance"]
    assert dialog.row("reduced_motion").isVisible() and not dialog.row("theme").isVisible()
    dialog.search.clear()
    dialog.search.text_edited.emit("")
    assert len(pages_shown(dialog)) == dialog.list.count()
    qtbot.keyClicks(dialog.search, "snapshot")
    assert pages_shown(dialog) == ["Database"]


def test_the_key_is_replaced_tested_and_removed(
    face: Face, small_demo: DemoServer, memory_keyring: MemoryKeyring, qtbot: QtBot, tmp_path: Path
) -> None:
    memory_keyring.set_password("gdvg-desktop", "tmdb", "f" * 32)
    face.use_demo(small_demo, key="")
    face.open(tmp_path / "data")
    dialog = face.contents.open_settings()
    face.until(lambda: dialog.key._shown.text())
    assert dialog.key._shown.text().endswith("ffff") and "f" * 5 not in dialog.key._shown.text()
    dialog.key.test.click()
    face.until(lambda: dialog.key._message.accessibleName() == "The key works.")
    dialog.key.replace.click()
    qtbot.keyClicks(dialog.key.form.field, KEY)
    dialog.key._save.click()
    face.until(lambda: dialog.key._shown.text().endswith(KEY[-4:]))
    assert memory_keyring.get_password("gdvg-desktop", "tmdb") == KEY
    dialog.key.remove.click()
    assert memory_keyring.get_password("gdvg-desktop", "tmdb") == KEY
    dialog.key.remove.click()
    face.until(lambda: not dialog.key.remove.isVisible())
    assert memory_keyring.passwords == {}


def test_about_carries_tmdbs_notice_and_the_licences(face: Face, dialog: SettingsDialog) -> None:
    face.contents._window.about_asked.emit()
    assert face.contents._dialog is dialog
    assert dialog.list.currentItem().text() == "About"
    assert any(one.plain_text() == NOTICE for one in dialog.findChildren(Paragraph))
    text = licences_text()
    for expected in ("PySide6_Essentials", "LGPL-3.0-only", "peewee", "SIL OPEN FONT LICENSE", "ISC License"):
        assert expected in text
