"""The first minutes, by keyboard alone: the wizard, its key and scope, and what an empty library shows."""

from pathlib import Path

import keyring
import keyring.backends.fail
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gdvg_desktop.app import App
from gdvg_desktop.commands import jobs, schedule
from gdvg_desktop.core.credentials import ACCOUNT
from gdvg_desktop.core.keychain import SERVICE
from gdvg_desktop.demo.faults import EVERY_KEY
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.ui.dialogs.schedule_form import DAILY, SIX_HOURS
from gdvg_desktop.ui.dialogs.wizard import KEY as KEY_STEP
from gdvg_desktop.ui.dialogs.wizard import SCHEDULE, SCOPE, Wizard
from gdvg_desktop.ui.docks.sync_health import SyncHealthDock
from gdvg_desktop.ui.session import Next
from tests.support.secret_service import MemoryKeyring
from tests.ui.face_world import KEY, WAIT_MS, Face


def wizard_of(face: Face) -> Wizard:
    """The wizard that opened by itself."""
    face.until(lambda: isinstance(face.contents._dialog, Wizard) and face.contents._dialog.isVisible())
    wizard = face.contents._dialog
    assert isinstance(wizard, Wizard)
    face.until(lambda: wizard.key.status is not None)
    return wizard


@pytest.fixture
def wizard(face: Face, small_demo: DemoServer, tmp_path: Path) -> Wizard:
    """The wizard over a fresh library; TMDb is the demo, and there is no key."""
    face.use_demo(small_demo, key="")
    face.open(tmp_path / "data")
    return wizard_of(face)


def test_from_nothing_to_a_running_import_by_keyboard(
    face: Face, wizard: Wizard, qtbot: QtBot, memory_keyring: MemoryKeyring, small_demo: DemoServer, tmp_path: Path
) -> None:
    assert wizard.isModal()
    qtbot.keyClicks(wizard.key.field, KEY)
    qtbot.keyClick(wizard.key.field, Qt.Key.Key_Return)
    face.until(lambda: wizard.pages.currentIndex() == SCOPE)
    assert memory_keyring.passwords == {(SERVICE, ACCOUNT): KEY}
    assert wizard.key.field.text() == ""
    qtbot.keyClick(wizard.scope.by_country.radio, Qt.Key.Key_Return)
    assert "Choose at least one country" in wizard.scope._problem.accessibleName()
    qtbot.keyClick(wizard.scope.by_country.radio, Qt.Key.Key_Up)
    assert wizard.scope.everything.radio.isChecked()
    qtbot.keyClick(wizard.scope.everything.radio, Qt.Key.Key_Return)
    assert wizard.pages.currentIndex() == SCHEDULE and wizard.schedule.automatic.hasFocus()
    face.until(lambda: ", then " in wizard.schedule.changes.accessibleName())
    qtbot.keyClick(wizard.schedule.automatic, Qt.Key.Key_Return)
    face.until(lambda: face.status().last_finished)
    assert face.status().titles == len(small_demo.truth())
    assert face.session is not None and face.session.window.screen_name() == "queue"
    face.close()
    assert "wizard_done = true" in (tmp_path / "data" / "settings.toml").read_text(encoding="utf-8")
    assert KEY not in (tmp_path / "data" / "settings.toml").read_text(encoding="utf-8")


def test_text_that_is_no_key_is_refused_without_asking_tmdb(
    wizard: Wizard, qtbot: QtBot, small_demo: DemoServer
) -> None:
    before = small_demo.stats.requests
    qtbot.keyClicks(wizard.key.field, "not a key")
    qtbot.keyClick(wizard.key.field, Qt.Key.Key_Return)
    assert "neither a TMDb API key nor a read access token" in wizard.key.field.accessibleDescription()
    assert wizard.pages.currentIndex() == KEY_STEP and not wizard.key.busy
    assert small_demo.stats.requests == before


def test_a_key_tmdb_refuses_is_not_kept(
    face: Face, wizard: Wizard, qtbot: QtBot, small_demo: DemoServer, memory_keyring: MemoryKeyring
) -> None:
    small_demo.faults.revoked = [EVERY_KEY]
    qtbot.keyClicks(wizard.key.field, KEY)
    wizard.next.click()
    face.until(lambda: wizard.key.field.accessibleDescription())
    assert memory_keyring.passwords == {} and wizard.pages.currentIndex() == KEY_STEP


def test_the_test_button_says_how_fast_tmdb_answered(face: Face, wizard: Wizard, qtbot: QtBot) -> None:
    qtbot.keyClicks(wizard.key.field, KEY)
    wizard.key.test_button.click()
    face.until(lambda: "The key works" in wizard.key.message.accessibleName())
    assert "API key accepted. TMDb answered in" in wizard.key.message.accessibleName()


def test_an_unreachable_tmdb_lets_the_key_be_kept_untested(
    face: Face, wizard: Wizard, qtbot: QtBot, small_demo: DemoServer, memory_keyring: MemoryKeyring
) -> None:
    small_demo.faults.refuse = True
    qtbot.keyClicks(wizard.key.field, KEY)
    wizard.next.click()
    face.until(lambda: "keep the key untested" in wizard.key.message.accessibleName())
    assert memory_keyring.passwords == {}
    wizard.next.click()
    face.until(lambda: wizard.pages.currentIndex() == SCOPE)
    assert memory_keyring.passwords == {(SERVICE, ACCOUNT): KEY}


def test_without_a_keyring_it_says_so_and_offers_the_session(
    face: Face, qtbot: QtBot, small_demo: DemoServer, tmp_path: Path
) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    face.use_demo(small_demo, key="")
    face.open(tmp_path / "data")
    wizard = wizard_of(face)
    assert not wizard.key.keyring.radio.isEnabled() and wizard.key.session.radio.isChecked()
    assert "keyring cannot be used" in wizard.key.keyring.radio.accessibleDescription()
    qtbot.keyClicks(wizard.key.field, KEY)
    wizard.next.click()
    face.until(lambda: wizard.pages.currentIndex() == SCOPE)
    assert face.contents.host.app is not None and face.contents.host.app.credential_source == "session"
    stored = [file for file in (tmp_path / "data").rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
    assert stored == []


def test_the_estimate_comes_on_demand_and_belongs_to_one_choice(face: Face, wizard: Wizard, qtbot: QtBot) -> None:
    qtbot.keyClicks(wizard.key.field, KEY)
    wizard.next.click()
    face.until(lambda: wizard.pages.currentIndex() == SCOPE)
    scope = wizard.scope
    scope.everything.choose()
    assert scope._facts.accessibleName() == ""
    scope.estimate_button.click()
    face.until(lambda: scope._facts.accessibleName().startswith("Titles 1"))
    assert "Disk about" in scope._facts.accessibleName() and scope.estimate_button.isEnabled()
    scope.types.choose("tv")
    assert scope._facts.accessibleName() == ""


def test_presets_are_a_choice_and_each_becomes_an_import(face: Face, wizard: Wizard, qtbot: QtBot) -> None:
    qtbot.keyClicks(wizard.key.field, KEY)
    wizard.next.click()
    face.until(lambda: wizard.pages.currentIndex() == SCOPE and len(wizard.scope.presets._chips) == 3)
    wizard.scope.by_preset.choose()
    wizard.next.click()
    assert "Choose at least one preset" in wizard.scope._problem.accessibleName()
    for chip in list(wizard.scope.presets._chips.values())[:2]:
        chip.click()
    wizard.next.click()
    wizard.next.click()
    face.until(lambda: len(face.ask(jobs.listing)) == 2)
    assert {job.name for job in face.ask(jobs.listing)} == {"K-Drama 2024", "Hollywood Blockbusters"}


def test_the_schedule_is_chosen_in_plain_words(
    face: Face, small_demo: DemoServer, qtbot: QtBot, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    face.contents.open_wizard(SCHEDULE)
    form = wizard_of(face).schedule
    face.until(lambda: ", then " in form.changes.accessibleName())
    assert form.often.value() == SIX_HOURS and "Daily at 09:00 (UTC)" in form.analysis.accessibleName()
    form.often.choose(DAILY)
    form.unmetered.setChecked(True)
    form.at_login.setChecked(True)
    wizard = wizard_of(face)
    wizard.scope.everything.choose()
    wizard.next.click()
    face.until(lambda: face.status().last_finished)
    delta, backup = (face.ask(lambda app, name=name: schedule.task(app, name)) for name in ("delta", "backup"))
    assert delta.cron == DAILY and delta.conditions.unmetered and not backup.conditions.unmetered
    assert len(list((home / ".config" / "autostart").iterdir())) == 1
    face.ask(lambda app: schedule.change(app, "delta", cron_expression="7 */3 * * *"))
    face.contents.open_wizard(SCHEDULE)
    again = wizard_of(face)
    face.until(lambda: again.schedule._tasks)
    assert again.schedule.unmetered.isChecked() and again.schedule.wishes()["cron"] == "7 */3 * * *"
    again.schedule.automatic.click()
    assert "only when you start it" in again.schedule.changes.accessibleName()
    again.next.click()
    face.until(lambda: [one.name for one in face.ask(schedule.tasks) if one.enabled] == ["health", "backup"])


def test_enter_on_not_now_does_not_start_the_import(face: Face, wizard: Wizard, qtbot: QtBot) -> None:
    wizard.show_step(SCHEDULE)
    wizard.cancel.setFocus()
    qtbot.keyClick(wizard.cancel, Qt.Key.Key_Return)
    face.until(lambda: face.contents._dialog is None)
    assert face.ask(jobs.listing) == []


def test_a_start_at_login_the_system_refuses_is_told(
    face: Face, small_demo: DemoServer, tmp_path: Path, home: Path
) -> None:
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    (home / ".config").write_text("no folder", encoding="utf-8")
    face.contents.open_wizard(SCHEDULE)
    wizard = wizard_of(face)
    wizard.schedule.at_login.setChecked(True)
    begin(face, wizard)
    assert face.session is not None
    (toast,) = [one for one in face.session.window.toasts.toasts() if "login" in one.accessibleDescription()]
    assert "cannot be changed" in toast.accessibleDescription()


def begin(face: Face, wizard: Wizard) -> None:
    """Start the import of everything from the last step."""
    wizard.scope.everything.choose()
    wizard.next.click()
    face.until(lambda: face.contents._dialog is None)


def test_the_wizard_changes_only_what_was_touched(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo)
    face.open(tmp_path / "data")

    async def own(app: App) -> None:
        await schedule.change(app, "mirror", unmetered=True, on_mains=True)
        await schedule.change(app, "gap_fill", enabled=False)
        await schedule.change(app, "delta", cron_expression="7 */3 * * *")

    face.ask(own)
    before = {one.name: (one.cron, one.enabled, one.conditions) for one in face.ask(schedule.tasks)}
    face.contents.open_wizard(SCHEDULE)
    wizard = wizard_of(face)
    face.until(lambda: wizard.schedule._tasks)
    assert wizard.schedule.often.tabText(wizard.schedule.often.currentIndex()) == "Custom"
    begin(face, wizard)
    assert {one.name: (one.cron, one.enabled, one.conditions) for one in face.ask(schedule.tasks)} == before


def test_automatic_sync_switched_on_again_brings_its_tasks_back(
    face: Face, small_demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    face.use_demo(small_demo)
    monkeypatch.setenv("GDVG_BULK_IMPORT_ENABLED", "false")
    face.open(tmp_path / "data")
    on = [one.name for one in face.ask(schedule.tasks) if one.enabled]
    for _ in range(2):
        face.contents.open_wizard(SCHEDULE)
        wizard = wizard_of(face)
        form = wizard.schedule
        face.until(lambda form=form: form._tasks)
        form.automatic.click()
        shown = (form.changes, form.analysis, form.mirror)
        said = ["only when you start it" not in line.accessibleName() for line in shown]
        begin(face, wizard)
        enabled = [one.name for one in face.ask(schedule.tasks) if one.enabled]
        assert said == [name in enabled for name in ("delta", "gap_analysis", "mirror")]
    assert enabled == on


def test_what_the_environment_switches_is_locked_in_the_wizard(
    face: Face, small_demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    face.use_demo(small_demo)
    monkeypatch.setenv("TMDB_DELTA_SYNC_ENABLED", "false")
    face.open(tmp_path / "data")
    face.contents.open_wizard(SCHEDULE)
    form = wizard_of(face).schedule
    face.until(form.locked.isVisible)
    assert not form.automatic.isEnabled() and not form.automatic.isChecked()
    assert "only when you start it" in form.changes.accessibleName()
    assert "Daily at 03:30" in form.mirror.accessibleName(), "the mirror batch is not switched by it"


def test_daily_says_when_next(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    face.contents.open_wizard(SCHEDULE)
    form = wizard_of(face).schedule
    face.until(lambda: ", then " in form.changes.accessibleName())
    form.often.choose(DAILY)
    assert "Daily at 06:00, next " in form.changes.accessibleName()
    assert form.changes.accessibleName().endswith("06:00")


def test_put_off_the_wizard_stays_away_and_the_empty_library_shows_the_way(
    face: Face, wizard: Wizard, qtbot: QtBot, tmp_path: Path
) -> None:
    wizard.cancel.click()
    health = face.contents.docks[SyncHealthDock.KEY]
    assert isinstance(health, SyncHealthDock)
    face.until(lambda: health.steps.main.isVisible())
    assert health.steps.main.text() == "Add TMDb key"
    face.close()
    face.open(tmp_path / "data")
    assert face.contents._dialog is None
    again = face.contents.docks[SyncHealthDock.KEY]
    assert isinstance(again, SyncHealthDock)
    again.steps.main.click()
    assert wizard_of(face).pages.currentIndex() == KEY_STEP


def test_the_demo_is_one_press_away(face: Face, wizard: Wizard, qtbot: QtBot) -> None:
    with qtbot.waitSignal(face.loop.ended, timeout=WAIT_MS):
        wizard.demo.click()
    assert face.await_end().next is Next.DEMO


def test_a_key_from_the_environment_needs_no_wizard(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    assert face.contents._dialog is None
    health = face.contents.docks[SyncHealthDock.KEY]
    assert isinstance(health, SyncHealthDock)
    face.until(lambda: health.steps.key_step.accessibleDescription())
    assert health.steps.key_step.accessibleDescription() == "From TMDB_API_KEY in the environment"
    assert health.steps.main.text() == "Choose what to import"


@pytest.mark.usefixtures("real_keyring")
def test_the_key_is_kept_in_a_real_keyring(face: Face, qtbot: QtBot, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo, key="")
    face.open(tmp_path / "data")
    wizard = wizard_of(face)
    qtbot.keyClicks(wizard.key.field, KEY)
    wizard.next.click()
    face.until(lambda: wizard.pages.currentIndex() == SCOPE)
    assert keyring.get_password(SERVICE, ACCOUNT) == KEY
    wizard.cancel.click()
    face.close()
    face.open(tmp_path / "data")
    assert face.contents.host.app is not None and face.contents.host.app.credential_source == "keyring"
