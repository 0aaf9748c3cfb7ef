"""The presets bar: choosing, the edited mark, saving, renaming, deleting, schedules, files; by mouse and keyboard."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import jobs, presets
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.commands.presets import PresetView
from gdvg_desktop.ui.docks.import_filters import ImportFiltersDock
from gdvg_desktop.ui.docks.import_presets import PresetsBar
from gdvg_desktop.ui.docks.preset_popups import DeletePopup, NamePopup, SchedulePopup
from gdvg_desktop.ui.models.import_draft import ImportDraft
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.chips import Chip
from tests.ui.docks.conftest import Engine

DRAMA = "K-Drama 2024"


class Screen:
    """Bar and filters over one draft, as on the import screen."""

    def __init__(self, engine: Engine, qtbot: QtBot) -> None:
        self.engine, self.qtbot = engine, qtbot
        self.draft = ImportDraft(engine.host, engine.bridge)
        self.filters = ImportFiltersDock(engine.host, engine.bridge, self.draft)
        self.bar = PresetsBar(engine.host, engine.bridge, self.draft)
        self.told: list[tuple[Accent, str, str]] = []
        self.bar.told.connect(lambda *news: self.told.append(news))
        for widget in (self.filters, self.bar):
            qtbot.addWidget(widget)
            widget.resize(1500 if widget is self.bar else 480, widget.sizeHint().height())
            widget.show()
        self.draft.setParent(self.filters)
        engine.until(lambda: len(self.bar.chips.chips) == 3 and self.filter_chip("South Korea") is not None)

    def filter_chip(self, text: str) -> Chip | None:
        return next((one for one in self.filters.findChildren(Chip) if one.text() == text), None)

    def chip(self, name: str) -> Chip:
        return next(one for one in self.bar.chips.chips.values() if one.accessibleName() == name)

    def names(self) -> list[str]:
        return [one.name for one in self.bar.presets]

    def chosen(self) -> str:
        return self.draft.preset.name if self.draft.preset is not None else ""

    def stored(self, name: str) -> PresetView:
        found: PresetView = self.engine.ask(lambda app: presets.get(app, name))
        return found

    def popup(self, kind: type) -> Any:
        assert isinstance(self.bar.popup, kind)
        return self.bar.popup


@pytest.fixture
def screen(engine: Engine, qtbot: QtBot) -> Screen:
    return Screen(engine, qtbot)


def test_choosing_a_preset_shows_its_filters_and_edits_are_marked(screen: Screen) -> None:
    screen.chip(DRAMA).click()
    assert screen.filters.request() == screen.stored(DRAMA).request
    assert screen.chip(DRAMA).isChecked() and not screen.draft.edited and not screen.bar.save.isEnabled()
    korea = screen.filter_chip("South Korea")
    assert korea is not None
    korea.click()
    assert screen.draft.edited and screen.chip(DRAMA).accessibleDescription() == "edited"
    assert screen.bar.save.isEnabled()
    screen.chip(DRAMA).click()  # its filters again
    assert not screen.draft.edited and screen.filters.request().countries == ("KR",)
    screen.chip(DRAMA).click()  # and none
    assert screen.draft.preset is None and not screen.chip(DRAMA).isChecked()
    assert screen.filters.request().countries == ("KR",)


def test_edits_are_saved_or_kept_under_another_name(screen: Screen) -> None:
    screen.chip(DRAMA).click()
    screen.filters.set_request(ImportRequest("tv", ("JP",), priority=40))
    screen.bar.save.click()
    screen.engine.until(lambda: not screen.draft.edited and bool(screen.told))
    assert screen.stored(DRAMA).request == ImportRequest("tv", ("JP",), priority=40)
    assert screen.told[-1][1] == f"{DRAMA} saved"
    screen.filters.set_request(ImportRequest("tv", ("JP",), genres=("Comedy",)))
    screen.bar.save_as.click()
    popup = screen.popup(NamePopup)
    popup.save.click()
    assert popup.isVisible()  # a name is asked for
    popup.line.setText(DRAMA)
    popup.save.click()
    screen.engine.until(lambda: popup.save.isEnabled())
    assert popup.isVisible()  # the name is taken
    popup.line.setText("Funny")
    screen.qtbot.keyClick(popup.line, Qt.Key.Key_Return)
    screen.engine.until(lambda: screen.chosen() == "Funny" and "Funny" in screen.names())
    assert not screen.draft.edited
    assert screen.stored("Funny").request.genres == ("Comedy",)
    assert screen.stored(DRAMA).request.genres == ()


def test_reset_leaves_the_preset(screen: Screen) -> None:
    screen.chip(DRAMA).click()
    screen.filters._on_reset()
    assert screen.draft.preset is None and screen.filters.request() == ImportRequest()


def test_an_import_started_with_a_preset_counts_as_its_use(screen: Screen) -> None:
    asian = "Asian Cinema Mix"
    screen.chip(asian).click()
    with screen.qtbot.waitSignal(screen.draft.started) as started:
        screen.draft.start()
    assert screen.engine.ask(lambda app: jobs.show(app, started.args[0])).job.name == asian
    screen.engine.until(lambda: screen.names()[0] == asian and screen.bar.presets[0].use_count == 1)
    assert screen.bar.presets[0].last_used
    screen.engine.until(lambda: "Used once, last on" in screen.chip(asian).toolTip())
    screen.filters.set_request(ImportRequest("tv", ("JP",)))
    with screen.qtbot.waitSignal(screen.draft.started) as started:
        screen.draft.start()
    assert screen.engine.ask(lambda app: jobs.show(app, started.args[0])).job.name == "TV series · Japan · any date"
    assert screen.stored(asian).use_count == 1


def test_the_keyboard_goes_from_chip_to_chip_renames_and_deletes(screen: Screen) -> None:
    keys, first = screen.qtbot.keyClick, screen.chip(DRAMA)
    screen.bar.activateWindow()
    first.setFocus()
    keys(first, Qt.Key.Key_Right)
    second = screen.chip("Hollywood Blockbusters")
    screen.engine.until(second.hasFocus)
    keys(second, Qt.Key.Key_Return)
    assert screen.draft.preset is not None and screen.draft.preset.name == "Hollywood Blockbusters"
    keys(second, Qt.Key.Key_F2)
    popup = screen.popup(NamePopup)
    assert popup.line.text() == "Hollywood Blockbusters"
    popup.line.setText("Blockbusters")
    popup.save.click()
    screen.engine.until(lambda: screen.chosen() == "Blockbusters" and "Blockbusters" in screen.names())
    keys(screen.chip("Blockbusters"), Qt.Key.Key_Delete)
    question = screen.popup(DeletePopup)
    question.keep.click()
    assert "Blockbusters" in screen.names()
    screen.chip("Blockbusters").setFocus()
    keys(screen.chip("Blockbusters"), Qt.Key.Key_Delete)
    question = screen.popup(DeletePopup)
    question.delete.setFocus()
    keys(question.delete, Qt.Key.Key_Return)
    screen.engine.until(lambda: screen.chosen() == "" and "Blockbusters" not in screen.names())
    assert screen.chip("Asian Cinema Mix").hasFocus(), "the keyboard stays in the bar"


def test_the_menu_duplicates_and_schedules(screen: Screen) -> None:
    screen.chip(DRAMA).click()
    menu = screen.bar.make_menu(screen.draft.preset)
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == [
        "Rename…", "Duplicate", "Schedule…", "Delete…", "Import presets…", "Export presets…",
    ]  # fmt: skip
    acts = {action.text(): action for action in menu.actions()}
    acts["Duplicate"].trigger()
    screen.engine.until(lambda: screen.chosen() == f"{DRAMA} (2)" and screen.chosen() in screen.names())
    assert screen.draft.preset is not None
    screen.bar.plan(screen.draft.preset)
    popup = screen.popup(SchedulePopup)
    popup.line.setText("99 * * * *")
    assert not popup.save.isEnabled()
    for _ in range(2):
        popup.quick["0 4 * * *"].click()
        assert popup.line.text() == "0 4 * * *" and popup.save.isEnabled() and "Next:" in popup.words.text()
        assert [key for key, chip in popup.quick.items() if chip.isChecked()] == ["0 4 * * *"]
    assert popup.words.plain_text().startswith("Daily at 04:00, ")
    popup.save.click()
    screen.engine.until(lambda: screen.stored(f"{DRAMA} (2)").cron == "0 4 * * *")
    screen.engine.until(lambda: any(one.cron for one in screen.bar.presets) and bool(screen.told))
    assert screen.told[-1][2].startswith("It runs by itself: Daily at 04:00, ")
    assert "Runs by itself: Daily at 04:00, " in screen.chip(f"{DRAMA} (2)").toolTip()
    screen.bar.plan(next(one for one in screen.bar.presets if one.cron))
    screen.popup(SchedulePopup).none.click()
    screen.engine.until(lambda: screen.stored(f"{DRAMA} (2)").cron is None)
    assert all(not one.isEnabled() for one in screen.bar.make_menu(None).actions()[:4])


def test_files_are_written_and_read_and_wrong_ones_told(screen: Screen, tmp_path: Path) -> None:
    path = tmp_path / "presets.json"
    screen.bar.write_file(path)
    screen.engine.until(path.exists)
    screen.bar.read_file(path)
    screen.engine.until(lambda: len(screen.names()) == 6)
    screen.engine.until(lambda: bool(screen.told) and screen.told[-1][1] == "Presets imported")
    path.write_text("[]", encoding="utf-8")
    screen.bar.read_file(path)
    screen.engine.until(lambda: screen.told[-1][0] is Accent.RED)
    assert "not a file of presets" in screen.told[-1][2]


def test_what_does_not_fit_is_behind_the_last_chip(screen: Screen) -> None:
    def shown() -> list[QWidget]:
        return [one for one in screen.bar.chips.chips.values() if one.isVisible()]

    assert len(shown()) == 3 and not screen.bar.chips.more.isVisible()
    screen.chip("Asian Cinema Mix").click()
    screen.bar.resize(700, screen.bar.height())
    screen.engine.until(lambda: screen.bar.chips.more.isVisible())
    chips = screen.bar.chips
    assert screen.chip("Asian Cinema Mix") in shown()  # the chosen one stays
    assert all(one.geometry().right() <= chips.width() for one in (*shown(), chips.more))
    hidden = 3 - len(shown())
    assert hidden and chips.more.text() == f"{hidden} more"
    chips._open_more()
    assert chips.menu is not None and len(chips.menu.actions()) == hidden
    chips.menu.actions()[0].trigger()
    assert screen.draft.preset is not None and screen.draft.preset.name != "Asian Cinema Mix"
    chips.menu.close()
