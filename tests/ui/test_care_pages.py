"""The Mirror and Database pages of the settings, on a library the demo filled."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import backup, coverage, jobs, snapshots
from gdvg_desktop.commands.imports import ImportRequest, start
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import JobState, Match, MediaType
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.ui.dialogs.backup_section import RESTORE
from gdvg_desktop.ui.dialogs.mirror_page import ScopeDialog, ScopeSummary
from gdvg_desktop.ui.dialogs.settings import DATABASE, MIRROR, SettingsDialog
from tests.ui.face_world import Face


@pytest.fixture
def dialog(face: Face, small_demo: DemoServer, tmp_path: Path) -> SettingsDialog:
    """The open dialog over a library of 12 series."""
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    face.ask(lambda app: start(app, ImportRequest(type="tv", limit=12)))
    settle(face)
    opened = face.contents.open_settings(DATABASE)
    face.until(lambda: opened.database.path.text())
    return opened


def settle(face: Face) -> None:
    """Wait until no job is left to do."""
    face.until(lambda: all(job.state is JobState.COMPLETED for job in face.ask(jobs.listing)))


def message(section: object) -> str:
    return str(section.message.accessibleName()) if section.message.isVisible() else ""  # type: ignore[attr-defined]


def test_the_page_says_where_the_library_lies(dialog: SettingsDialog, tmp_path: Path) -> None:
    assert dialog.database.path.text() == str(tmp_path / "data" / "library.db")
    dialog.database.copy_path.click()
    assert QGuiApplication.clipboard().text() == dialog.database.path.text()
    assert "Free on this disk" in dialog.database.facts.accessibleName()


def test_everything_can_be_reached_by_keyboard_and_has_a_name(face: Face, dialog: SettingsDialog) -> None:
    face.ask(backup.create)
    face.ask(snapshots.take)
    dialog.database.backups.read()
    dialog.database.snapshots.read()
    face.until(lambda: dialog.database.backups.restore_buttons and dialog.database.snapshots.boxes)
    for page in (dialog.mirror, dialog.database):
        for control in (*page.findChildren(QAbstractButton), *page.findChildren(QLineEdit)):
            if control.objectName().startswith("qt_"):  # the line inside a number field
                continue
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control
            assert control.accessibleName() or control.text(), control


def test_a_check_finds_what_was_broken_and_mends_it(face: Face, dialog: SettingsDialog, tmp_path: Path) -> None:
    check = dialog.database.check
    check.check_now.click()
    face.until(lambda: "All is well" in message(check))
    assert check.report is not None and check.report.titles == 12 and not check.mend.isVisible()
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "library.db", isolation_level=None)) as file:
        file.execute("UPDATE title SET release_date = 'soon' WHERE id = (SELECT min(id) FROM title)")
        file.execute("INSERT INTO title_genre (title_id, position, genre_id) SELECT 77777, 0, min(id) FROM genre")
    check.check_now.click()
    face.until(lambda: "2 faults found" in message(check))
    assert check.mend.isVisible()
    check.mend.click()
    face.until(lambda: "Mended 1 row removed" in message(check))
    assert "1 job in the queue" in message(check) and not check.mend.isVisible()
    settle(face)
    check.check_now.click()
    face.until(lambda: "All is well" in message(check))


def test_a_check_under_way_is_given_up_with_the_dialog(face: Face, dialog: SettingsDialog) -> None:
    dialog.database.check.check_now.click()
    dialog.reject()
    face.until(lambda: face.contents._dialog is None)
    assert face.status().titles == 12


def test_a_backup_is_made_compared_and_restored(face: Face, dialog: SettingsDialog) -> None:
    section = dialog.database.backups
    section.back_up.click()
    face.until(lambda: "Backed up and verified 12 titles" in message(section))
    face.until(lambda: section.restore_buttons)
    face.ask(lambda app: start(app, ImportRequest(type="tv", limit=20)))
    settle(face)
    assert face.status().titles > 12
    (button,) = section.restore_buttons.values()
    assert "Restore the backup of" in button.accessibleName()
    button.click()
    face.until(lambda: section.question is not None)
    assert section.question is not None
    section.question.buttons["cancel"].click()
    assert face.status().titles > 12
    next(iter(section.restore_buttons.values())).click()
    face.until(lambda: section.question is not None)
    section.question.buttons[RESTORE].click()
    face.until(lambda: "Restored What it replaced is kept in" in message(section))
    face.until(lambda: face.contents.host.app is not None)
    assert face.status().titles == 12
    face.until(lambda: face.contents.feed.latest is not None and face.contents.feed.latest.titles == 12)
    assert dialog.isVisible()


def test_two_snapshots_are_compared_and_one_is_pinned(face: Face, dialog: SettingsDialog) -> None:
    section = dialog.database.snapshots
    section.take.click()
    face.until(lambda: len(section.boxes) == 1)
    assert not section.compare.isEnabled()
    face.ask(lambda app: start(app, ImportRequest(type="tv", limit=20)))
    settle(face)
    added = face.status().titles - 12
    section.take.click()
    face.until(lambda: len(section.boxes) == 2)
    for box in section.boxes.values():
        box.click()
    section.compare.click()
    face.until(lambda: f"TV series: {added} added, 0 removed" in message(section))
    first = min(section.pins)
    section.pins[first].click()
    face.until(lambda: section.pins[first].text() == "Unpin")
    assert [one.pinned for one in face.ask(snapshots.listing)] == [False, True]


def test_a_reset_wants_its_word(face: Face, dialog: SettingsDialog, qtbot: QtBot) -> None:
    section = dialog.database.reset
    button = next(one for kind, one in section.buttons.items() if kind.value == "ledger")
    button.click()
    face.until(lambda: section.question is not None)
    question = section.question
    assert question is not None and not question.go.isEnabled()
    qtbot.keyClicks(question.line, "ledge")
    qtbot.keyClick(question.line, Qt.Key.Key_Return)
    assert question.isVisible()
    qtbot.keyClicks(question.line, "r")
    assert question.go.isEnabled()
    qtbot.keyClick(question.line, Qt.Key.Key_Return)
    face.until(lambda: "Reset 1 row forgotten" in message(section) or "rows forgotten" in message(section))
    assert dialog.isVisible()


def test_the_keyboard_stays_at_the_act_it_began(face: Face, dialog: SettingsDialog, qtbot: QtBot) -> None:
    dialog.activateWindow()
    check, reset = dialog.database.check, dialog.database.reset
    check.check_now.setFocus()
    qtbot.keyClick(check.check_now, Qt.Key.Key_Space)
    assert not check.check_now.isEnabled()
    face.until(lambda: "All is well" in message(check))
    assert dialog.focusWidget() is check.check_now
    button = next(one for kind, one in reset.buttons.items() if kind.value == "gaps")
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    face.until(lambda: reset.question is not None)
    assert reset.question is not None
    qtbot.keyClicks(reset.question.line, "gaps")
    qtbot.keyClick(reset.question.line, Qt.Key.Key_Return)
    face.until(lambda: "forgotten" in message(reset))
    face.until(lambda: dialog.focusWidget() is button)


def test_the_keyboard_is_left_where_the_user_took_it(face: Face, dialog: SettingsDialog, qtbot: QtBot) -> None:
    dialog.activateWindow()
    check, field = dialog.database.check, dialog.database.path
    check.check_now.setFocus()
    qtbot.keyClick(check.check_now, Qt.Key.Key_Space)
    field.setFocus()
    face.until(lambda: "All is well" in message(check))
    assert dialog.focusWidget() is field


def test_snapshots_are_compared_only_once_two_are_chosen(face: Face, dialog: SettingsDialog) -> None:
    section = dialog.database.snapshots
    section.set_busy(True)
    section.fail(UsageError("It cannot be read."))
    assert section.take.isEnabled() and not section.compare.isEnabled()


def test_a_purge_empties_the_library_under_the_open_window(face: Face, dialog: SettingsDialog, qtbot: QtBot) -> None:
    section = dialog.database.purge
    section.purge.click()
    assert section.question is not None
    section.question.reject()
    assert face.status().titles == 12
    section.purge.click()
    qtbot.keyClicks(section.question.line, "purge")
    section.question.go.click()
    face.until(lambda: "Purged 12 titles" in message(section))
    face.until(lambda: face.contents.host.app is not None)
    assert face.status().titles == 0
    assert [job.added for job in face.ask(jobs.listing)] == [12]
    face.ask(lambda app: start(app, ImportRequest(type="tv", limit=3)))
    settle(face)
    assert face.status().titles == 3


def scope_of(face: Face, dialog: SettingsDialog) -> tuple[ScopeSummary, ScopeDialog]:
    """The scope on the Mirror page, as it is at first, and the dialog that changes it."""
    dialog.show_page(MIRROR)
    summary = dialog.mirror.scope
    face.until(lambda: summary.words.plain_text() == "Everything")
    summary.change.click()
    assert summary.dialog is not None
    return summary, summary.dialog


def test_the_scope_is_shown_and_changed(face: Face, dialog: SettingsDialog, qtbot: QtBot) -> None:
    summary, chooser = scope_of(face, dialog)
    assert chooser.form.everything.radio.isChecked()
    chooser.form.types.choose("tv")
    chooser.year_from.setValue(2015)
    chooser.votes.setValue(10)
    chooser.adult.click()
    chooser.save.click()
    face.until(lambda: summary.words.plain_text().startswith("TV series · from 2015 · 10 votes or more"))
    scope = face.ask(coverage.get_scope)
    assert not scope.everything and scope.adult and not scope.video
    assert scope.rules[0].types == (MediaType.TV,) and scope.rules[0].year_from == 2015
    summary.change.click()
    again = summary.dialog
    assert again is not None and (again.year_from.value(), again.votes.value()) == (2015, 10)
    assert again.form.types.value() == "tv" and again.adult.isChecked()
    again.year_to.setValue(2010)
    again.save.click()
    face.until(lambda: "before they begin" in again.message.accessibleName())
    again.form.types.choose("all")
    again.year_from.setValue(again.year_from.minimum())
    again.year_to.setValue(again.year_to.minimum())
    again.votes.setValue(0)
    again.adult.click()
    again.save.click()
    face.until(lambda: summary.words.plain_text() == "Everything")
    assert face.ask(coverage.get_scope).everything


def test_the_scope_may_be_narrowed_to_languages_and_genres(face: Face, dialog: SettingsDialog, qtbot: QtBot) -> None:
    summary, chooser = scope_of(face, dialog)
    face.until(lambda: bool(chooser.genres._chips) and bool(chooser.languages._chips))
    assert not chooser.match.isVisible()
    for name in ("Drama", "Romance"):
        chooser.genres._chips[name].click()
    assert chooser.match.isVisible()
    chooser.match.choose(Match.ALL)
    chooser.languages._chips["ko"].click()
    chooser.form.types.choose("tv")
    assert "Romance" not in chooser.genres._chips, "TV series have no such genre at TMDb"
    chooser.form.types.choose("movie")
    assert chooser.genres.values() == ("Drama", "Romance")
    chooser.save.click()
    face.until(lambda: summary.words.plain_text().startswith("Movies · in ko · Drama and Romance"))
    (rule,) = face.ask(coverage.get_scope).rules
    assert (rule.languages, set(rule.genres), rule.match) == (("ko",), {"Drama", "Romance"}, Match.ALL)
    summary.change.click()
    again = summary.dialog
    assert again is not None and not again.message.isVisible()
    face.until(lambda: bool(again.genres._chips) and bool(again.languages._chips))
    assert (again.languages.values(), set(again.genres.values())) == (("ko",), {"Drama", "Romance"})
    assert again.match.value() == Match.ALL


def test_tab_goes_through_the_scope_from_top_to_bottom(face: Face, dialog: SettingsDialog) -> None:
    _, chooser = scope_of(face, dialog)
    form = chooser.form
    face.until(lambda: all(one._chips for one in (form.countries, form.presets, chooser.genres, chooser.languages)))
    at, seen = chooser.nextInFocusChain(), list[QWidget]()
    while at is not chooser:
        if at.focusPolicy() & Qt.FocusPolicy.TabFocus and at.isVisible():
            seen.append(at)
        at = at.nextInFocusChain()
    chips = [next(iter(one._chips.values())) for one in (form.countries, form.presets)]
    narrower = [next(iter(one._chips.values())) for one in (chooser.languages, chooser.genres)]
    wanted = [
        form.everything.radio, *chips, form.types, *narrower, chooser.year_from, chooser.video, form.estimate_button,
        chooser.cancel, chooser.save,
    ]  # fmt: skip
    assert [one for one in seen if one in wanted] == wanted


def test_the_scope_may_be_a_union_of_presets(face: Face, dialog: SettingsDialog, qtbot: QtBot) -> None:
    summary, chooser = scope_of(face, dialog)
    form = chooser.form
    face.until(lambda: len(form.presets._chips) == 3)
    form.by_preset.choose()
    assert not chooser.save.isEnabled() and form.problem() == "Choose at least one preset."
    assert not chooser._narrow.isVisible() and not form._types_row.isVisible()
    drama, _, asian = form.presets._chips.values()
    drama.click()
    asian.click()
    form.estimate_button.click()
    face.until(lambda: form.estimate_button.isEnabled())
    assert "at most" in form._facts.accessibleName()
    chooser.video.click()
    chooser.save.click()
    face.until(lambda: summary.words.plain_text().startswith("TV series · KR · Drama · 2024; Movies · CN"))
    scope = face.ask(coverage.get_scope)
    assert len(scope.presets) == 2 == len(scope.rules) and scope.video
    summary.change.click()
    again = summary.dialog
    assert again is not None and again.form.preset_ids() == scope.presets
    again.form.everything.choose()
    again.save.click()
    face.until(lambda: face.ask(coverage.get_scope).everything)
    assert face.ask(coverage.get_scope).presets == ()
