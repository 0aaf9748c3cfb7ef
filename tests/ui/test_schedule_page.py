"""The schedule in the window: its page of the settings, the editor of a task, and the pause in frame and tray."""

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import schedule
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import LibraryBusy
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.ui.dialogs.schedule_page import SchedulePage
from gdvg_desktop.ui.dialogs.settings import SCHEDULE, SettingsDialog
from gdvg_desktop.ui.dialogs.task_dialog import TaskDialog
from gdvg_desktop.ui.models.cron_shapes import Kind
from gdvg_desktop.ui.phrases import local
from tests.ui.face_world import Face

PAUSE_KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def page(face: Face, small_demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SchedulePage:
    """The page of the open settings, its tasks read; one task's expression is the environment's."""
    face.use_demo(small_demo)
    monkeypatch.setenv("TMDB_DELTA_SYNC_CRON", "30 */4 * * *")
    face.open(tmp_path / "data")
    dialog = face.contents.open_settings(SCHEDULE)
    face.until(lambda: dialog.schedule.cards)
    return dialog.schedule


def editor(page: SchedulePage, name: str) -> TaskDialog:
    page.cards[name].edit.click()
    assert page.dialog is not None and page.dialog.isVisible() and page.dialog.isModal()
    return page.dialog


def test_each_task_says_when_it_runs_in_words_and_when_next(page: SchedulePage, face: Face) -> None:
    views = {one.name: one for one in face.ask(schedule.tasks)}
    assert list(page.cards) == list(views)
    mirror = page.cards["mirror"]
    assert mirror.when.text() == "Daily at 03:30" and mirror.on.isChecked()
    assert mirror.on._knob.value == 1.0, "drawn as it stands"
    at = views["mirror"].next_runs[0]
    assert f"{at.astimezone():%H:%M}" in mirror.next.text()
    assert mirror.next.toolTip().count("UTC") == 5 and f"{at:%Y-%m-%d %H:%M:%S} UTC" in mirror.next.toolTip()
    assert page.cards["gap_analysis"].when.text() == "Daily at 09:00 (UTC)"
    assert page.cards["backup"].last.text() == "Last: has not run yet"


def test_tab_goes_through_the_tasks_before_the_settings_below(page: SchedulePage, qtbot: QtBot) -> None:
    dialog = page.window()
    assert isinstance(dialog, SettingsDialog)
    dialog.activateWindow()
    qtbot.waitUntil(lambda: not page.cards["delta"].on.visibleRegion().isEmpty())
    dialog.list.setFocus()
    for card in page.cards.values():
        for control in (card.on, card.run, card.edit):
            qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
            assert dialog.focusWidget() is control
            assert not control.visibleRegion().isEmpty(), "scrolled to"
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.row("delta_lookback_days").editor.focus_widget()


def test_a_task_is_switched_off_and_on_at_once(page: SchedulePage, face: Face) -> None:
    card = page.cards["backup"]
    card.on.click()
    face.until(lambda: card.next.text() == "Off")
    assert not face.ask(lambda app: schedule.task(app, "backup")).enabled
    card.on.click()
    face.until(lambda: card.next.text().startswith("Next:"))
    assert face.ask(lambda app: schedule.task(app, "backup")).enabled


def test_run_now_runs_the_task_and_leaves_its_schedule(page: SchedulePage, face: Face) -> None:
    card = page.cards["health"]
    planned = face.ask(lambda app: schedule.task(app, "health")).next_runs
    card.run.click()
    face.until(lambda: card.last.text().startswith("Last: Done at"))
    view = face.ask(lambda app: schedule.task(app, "health"))
    assert view.last_run.trigger == "manual" and view.last_run.planned_at is None
    assert view.next_runs == planned


def test_the_editor_shows_shape_words_and_runs_live(page: SchedulePage, face: Face, qtbot: QtBot) -> None:
    dialog = editor(page, "backup")
    assert dialog.cron.kinds.value() == Kind.WEEKLY and dialog.cron.days[0].isChecked()
    dialog.cron.kinds.choose(Kind.DAILY)
    dialog.cron.times[Kind.DAILY].selectAll()
    qtbot.keyClicks(dialog.cron.times[Kind.DAILY], "04:45")
    assert dialog.cron.expression() == "45 4 * * *"
    dialog.zone.setCurrentIndex(dialog.zone.findData("Asia/Seoul"))  # no summer time: always 19:45 UTC
    face.until(lambda: "19:45:00 UTC" in dialog.runs[0][1].text())
    assert all("19:45:00 UTC" in there.text() for _, there in dialog.runs)
    first = datetime.fromisoformat(dialog.runs[0][1].text().replace(" UTC", "+00:00"))
    assert dialog.runs[0][0].text().endswith(f"{first.astimezone():%H:%M}")
    dialog.mains.setChecked(True)
    dialog.jitter.setValue(3)
    dialog.catch_up.setCurrentIndex(dialog.catch_up.findData("skip"))
    dialog.save.click()
    face.until(lambda: page.cards["backup"].when.text() == "Daily at 04:45")
    view = face.ask(lambda app: schedule.task(app, "backup"))
    assert (view.cron, view.zone, view.catch_up, view.jitter_s) == ("45 4 * * *", "Asia/Seoul", "skip", 180)
    assert view.conditions.on_mains and not view.conditions.unmetered


def test_typing_an_expression_finds_its_shape_and_says_what_is_wrong(
    page: SchedulePage, face: Face, qtbot: QtBot
) -> None:
    dialog = editor(page, "retry")
    text = dialog.cron.text
    text.selectAll()
    qtbot.keyClicks(text, "15 */8 * * *")
    assert dialog.cron.kinds.value() == Kind.HOURS
    assert dialog.cron.step.currentData() == 8 and dialog.cron.minute.value() == 15
    text.selectAll()
    qtbot.keyClicks(text, "15 99 * * *")
    face.until(lambda: not dialog.save.isEnabled())
    assert dialog.cron.kinds.value() == Kind.TEXT and text.property("error")
    assert dialog.message.isVisible() and "is not a schedule" in dialog.message.accessibleName()
    assert [here.text() for here, _ in dialog.runs] == [""] * 5
    text.selectAll()
    qtbot.keyClicks(text, "*/20 9-17 * * 1-5")
    face.until(dialog.save.isEnabled)
    assert dialog.cron.kinds.value() == Kind.TEXT and not dialog.message.isVisible()
    dialog.save.click()
    face.until(lambda: face.ask(lambda app: schedule.task(app, "retry")).cron == "*/20 9-17 * * 1-5")


def test_what_the_environment_sets_is_shown_and_not_to_be_changed(page: SchedulePage) -> None:
    card = page.cards["delta"]
    assert card.when.text() == "Every 4 hours, 30 min past (UTC), set by the environment"
    assert "TMDB_DELTA_SYNC_CRON" in card.when.toolTip() and card.on.isEnabled()
    dialog = editor(page, "delta")
    assert "TMDB_DELTA_SYNC_CRON" in dialog.locked.accessibleName()
    assert not dialog.cron.text.isEnabled() and not dialog.zone.isEnabled() and dialog.mains.isEnabled()
    dialog.reject()


def test_a_switch_of_the_environment_locks_the_switch_alone(
    face: Face, small_demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    face.use_demo(small_demo)
    monkeypatch.setenv("GDVG_BULK_IMPORT_ENABLED", "false")
    face.open(tmp_path / "data")
    page = face.contents.open_settings(SCHEDULE).schedule
    face.until(lambda: page.cards)
    card = page.cards["mirror"]
    assert not card.on.isEnabled() and "GDVG_BULK_IMPORT_ENABLED" in card.on.toolTip()
    assert card.when.text() == "Daily at 03:30" and card.next.text() == "Off"
    dialog = editor(page, "mirror")
    assert dialog.cron.text.isEnabled() and not hasattr(dialog, "locked")
    assert any(one.text() == "Next runs, once it is switched on" for one in dialog.findChildren(QLabel))
    dialog.reject()


def test_a_part_that_is_missing_is_named(page: SchedulePage, face: Face, qtbot: QtBot) -> None:
    dialog = editor(page, "backup")
    dialog.cron.days[0].click()
    face.until(lambda: not dialog.save.isEnabled())
    assert dialog.message.accessibleName() == "Choose at least one day." and not dialog.cron.text.property("error")
    dialog.cron.days[3].click()
    face.until(dialog.save.isEnabled)
    assert dialog.words.plain_text() == "Wed at 05:00" and not dialog.message.isVisible()
    field = dialog.cron.times[Kind.WEEKLY]
    field.selectAll()
    qtbot.keyClicks(field, "25:00")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert dialog.isVisible() and "a time of the day" in dialog.message.accessibleName()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_resuming_by_keyboard_leaves_it_at_the_tasks(page: SchedulePage, face: Face, qtbot: QtBot) -> None:
    face.ask(lambda app: schedule.pause(app, None, "cli"))
    face.until(page.pause.isVisible)
    page.window().activateWindow()
    page.resume.setFocus()
    qtbot.keyClick(page.resume, Qt.Key.Key_Return)
    face.until(lambda: not page.pause.isVisible())
    assert page.window().focusWidget() is page.cards["delta"].on


def test_trouble_with_reading_goes_with_the_next_good_look(page: SchedulePage, face: Face) -> None:
    page._on_failed(LibraryBusy("The library is busy.", "It is tried again."))
    assert page.message.isVisible()
    page.read_anew()
    face.until(lambda: not page.message.isVisible())


def test_quiet_hours_and_closing_are_settings_of_this_page(page: SchedulePage, face: Face) -> None:
    dialog = page.window()
    assert isinstance(dialog, SettingsDialog)
    row = dialog.row("quiet_from")
    row.editor.set_value("25:00")
    assert not row.check()
    row.editor.set_value("22:30")
    dialog.row("quiet_to").editor.set_value("06:00")
    dialog.row("on_close").editor.set_value("tray")
    dialog.ok.click()
    app = face.contents.host.app
    assert app is not None
    face.until(lambda: app.settings.quiet_from == "22:30" and app.settings.on_close == "tray")
    face.until(lambda: face.contents.guard.choice == "tray")


def test_starting_at_login_is_switched_in_the_system(page: SchedulePage, home: Path) -> None:
    entries = home / ".config" / "autostart"
    assert not page.at_login.isChecked()
    page.at_login.click()
    (entry,) = entries.iterdir()
    assert "--minimised --data-dir" in entry.read_text(encoding="utf-8")
    page.at_login.click()
    assert not page.at_login.isChecked() and list(entries.iterdir()) == []


def test_a_refusal_of_the_system_puts_the_switch_back(page: SchedulePage, home: Path) -> None:
    (home / ".config").write_text("no folder", encoding="utf-8")
    page.at_login.click()
    assert not page.at_login.isChecked() and "cannot be changed" in page._login_hint.plain_text()


# ----------------------------------------------------------------------------------------- the frame of the window


def test_the_toolbar_pauses_and_resumes_the_schedule(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo)
    session = face.open(tmp_path / "data")
    button = session.window.toolbar.pause
    face.until(button.isEnabled)
    assert button.text() == "Pause schedule"
    hour, tomorrow, always = button.menu_of_ways.actions()
    hour.trigger()
    face.until(lambda: button.paused)
    state = face.ask(schedule.pause_state)
    app = face.contents.host.app
    assert app is not None and state.by == "window"
    assert abs(state.until - to_millis(app.clock.now()) - 3_600_000) < 30_000
    assert button.text() == "Resume schedule" and button.toolTip().startswith("Paused since ")
    assert "by you, until" in button.toolTip()
    assert session.window.status._next._figure.text() == "paused"
    button.click()
    face.until(lambda: not button.paused)
    assert not face.ask(schedule.pause_state).paused
    tomorrow.trigger()
    face.until(lambda: button.paused)
    until = local(face.ask(schedule.pause_state).until)
    assert (until.hour, until.minute) == (0, 0)
    button.click()
    face.until(lambda: not button.paused)
    always.trigger()
    face.until(lambda: button.paused)
    assert face.ask(schedule.pause_state).until is None


def test_there_is_nothing_to_pause_before_the_library_is_open(
    face: Face, small_demo: DemoServer, tmp_path: Path
) -> None:
    face.use_demo(small_demo)
    session = face.begin(tmp_path / "data")
    before: list[bool] = []
    session.ready.connect(lambda: before.append(face.contents.schedule_bar.toggle.isEnabled()))
    face.until(lambda: before)
    assert before == [False]
    bar = face.contents.schedule_bar
    face.until(bar.toggle.isEnabled)
    bar.toggle.trigger()
    face.until(lambda: bar.button.paused)


def test_the_shortcut_and_another_program_change_the_same_button(
    face: Face, small_demo: DemoServer, qtbot: QtBot, tmp_path: Path
) -> None:
    face.use_demo(small_demo)
    session = face.open(tmp_path / "data")
    button = session.window.toolbar.pause
    face.until(button.isEnabled)
    session.window.activateWindow()
    face.until(session.window.isActiveWindow)
    qtbot.keyClick(session.window, Qt.Key.Key_P, PAUSE_KEYS)
    face.until(lambda: button.paused)
    qtbot.keyClick(session.window, Qt.Key.Key_P, PAUSE_KEYS)
    face.until(lambda: not button.paused)
    face.ask(lambda app: schedule.pause(app, None, "api"))
    face.until(lambda: button.paused)
    assert "by the control API" in button.toolTip()


def test_the_strip_names_the_next_run(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo)
    session = face.open(tmp_path / "data")
    face.until(lambda: face.contents.schedule.latest is not None)
    news = face.contents.schedule.latest
    assert news is not None and news.next_run is not None
    task, at = news.next_run
    assert at == min(one.next_runs[0] for one in news.tasks if one.next_runs)
    figure = session.window.status._next._figure
    face.until(lambda: f"{at.astimezone():%H:%M}" in figure.text())
    assert task.title in session.window.status._next.toolTip() and "UTC" in session.window.status._next.toolTip()


def test_the_menu_leads_to_the_page(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    face.contents.schedule_bar.edit.trigger()
    dialog = face.contents._dialog
    assert isinstance(dialog, SettingsDialog)
    assert dialog.list.currentItem().text() == "Schedule" and dialog.schedule.isVisible()
    assert QApplication.activeModalWidget() is dialog
