"""The shell: screens, layouts that are remembered, keyboard, small windows, what it shows and what it asks for."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from gdvg_desktop.ui import actions
from gdvg_desktop.ui.actions import MenuKey, action_specs
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.theme import apply_theme
from gdvg_desktop.ui.tokens import DARK, Accent
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind, IconButton
from gdvg_desktop.ui.widgets.chips import Chip
from gdvg_desktop.ui.widgets.flow import FlowLayout
from gdvg_desktop.ui.widgets.rail import RailItem
from tests.ui.shell import window

pytestmark = pytest.mark.usefixtures("themed")


@pytest.fixture
def shell(qtbot) -> MainWindow:
    main = window()
    qtbot.addWidget(main)
    main.resize(1600, 1000)
    main.show()
    main.activateWindow()
    qtbot.waitUntil(main.isActiveWindow)
    return main


def _open(main: MainWindow) -> set[str]:
    return {dock.objectName() for dock in main.host.docks() if dock.toggleViewAction().isChecked()}


def _text(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def _rail_item(main: MainWindow, text: str) -> RailItem:
    return next(item for item in main.rail.findChildren(RailItem) if item.text() == text)


# screens -----------------------------------------------------------------------------------------------------------


def test_the_first_screen_is_shown_with_its_own_docks(shell: MainWindow) -> None:
    assert shell.screen_name() == "overview"
    assert _open(shell) == {"overview", "health"}
    assert _rail_item(shell, "Overview").isChecked()


def test_docks_get_the_heights_their_screen_asked_for(shell: MainWindow) -> None:
    assert abs(shell.host.dock("overview").height() - 200) < 40


@pytest.mark.parametrize(
    ("key", "name", "docks"),
    [
        (Qt.Key.Key_2, "import", {"filters"}),
        (Qt.Key.Key_3, "queue", {"queue", "inspector"}),
    ],
)
def test_control_and_a_number_show_a_screen(qtbot, shell: MainWindow, key, name: str, docks: set[str]) -> None:
    with qtbot.waitSignal(shell.screen_changed) as changed:
        qtbot.keyClick(shell, key, Qt.KeyboardModifier.ControlModifier)
    assert changed.args == [name]
    assert _open(shell) == docks


def test_the_rail_shows_screens_and_asks_for_settings(qtbot, shell: MainWindow) -> None:
    qtbot.mouseClick(_rail_item(shell, "Queue"), Qt.MouseButton.LeftButton)
    assert shell.screen_name() == "queue"
    with qtbot.waitSignal(shell.settings_asked):
        qtbot.mouseClick(_rail_item(shell, "Settings"), Qt.MouseButton.LeftButton)
    assert shell.screen_name() == "queue"


def test_tab_goes_as_the_screen_lies_also_to_what_came_later(qtbot, shell: MainWindow) -> None:
    """A window's own order is that of creation: a late widget would come after the last one of the window."""
    body = shell.host.dock("overview").findChild(QLineEdit).parentWidget()
    chips = QWidget()
    flow = FlowLayout(chips)
    for text in ("One", "Two"):
        flow.addWidget(Chip(text))
    body.layout().insertWidget(0, chips)
    qtbot.waitUntil(chips.isVisible)
    shell.toolbar.search.setFocus()
    came = []
    for _ in range(40):
        focus = QApplication.focusWidget()
        came.append(focus.accessibleName() or focus.text())
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is shell.toolbar.search:
            break
    inside = came[came.index("Float Overview") :]
    assert inside == [
        "Float Overview", "Close Overview", "One", "Two", "Act in overview", "Field in overview",
        "Float Health", "Close Health", "Act in health", "Field in health",
    ]  # fmt: skip
    assert came.index("Overview") < came.index("Float Overview")
    qtbot.keyClick(shell.toolbar.search, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget().accessibleName() == "Field in health"


def test_arrow_keys_move_in_the_rail(qtbot, shell: MainWindow) -> None:
    _rail_item(shell, "Overview").setFocus()
    qtbot.keyClick(_rail_item(shell, "Overview"), Qt.Key.Key_Down)
    assert _rail_item(shell, "Import").hasFocus()
    qtbot.keyClick(_rail_item(shell, "Import"), Qt.Key.Key_Space)
    assert shell.screen_name() == "import"


def test_a_footer_is_shown_on_its_screen_only(shell: MainWindow) -> None:
    footer = next(button for button in shell.findChildren(Button) if button.text() == "Start import")
    assert not footer.isVisible()
    shell.show_screen("import")
    assert footer.isVisible()
    shell.show_screen("queue")
    assert not footer.isVisible()
    assert not footer.parentWidget().isVisible()


def test_the_main_action_leads_on_overview_only(shell: MainWindow) -> None:
    assert shell.toolbar.main.kind() is ButtonKind.PRIMARY
    shell.show_screen("queue")
    assert shell.toolbar.main.kind() is ButtonKind.NEUTRAL


# layouts -----------------------------------------------------------------------------------------------------------


def test_each_screen_remembers_what_was_closed_until_it_is_reset(shell: MainWindow) -> None:
    shell.show_screen("queue")
    shell.host.dock("inspector").close()
    shell.show_screen("overview")
    shell.show_screen("queue")
    assert _open(shell) == {"queue"}
    shell.reset_layout()
    assert _open(shell) == {"queue", "inspector"}


def test_a_layout_comes_back_in_a_new_window(qtbot, shell: MainWindow) -> None:
    shell.host.dock("health").setFloating(True)
    shell.show_screen("queue")
    shell.host.tabifyDockWidget(shell.host.dock("queue"), shell.host.dock("inspector"))
    shell.show_screen("overview")
    saved = shell.layout_state()
    assert all(isinstance(value, bytes) for value in saved.values())
    assert saved.pop("window")  # Qt fits it to the screen, and the screen of tests is smaller than the window

    other = window()
    qtbot.addWidget(other)
    other.restore_layout(saved)
    other.show()
    assert other.host.dock("health").isFloating()
    other.show_screen("queue")
    tabbed = other.host.tabifiedDockWidgets(other.host.dock("queue"))
    assert other.host.dock("inspector") in tabbed


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"\x00" * 200])
def test_a_layout_that_does_not_fit_is_left_out(qtbot, rubbish: bytes) -> None:
    main = window()
    qtbot.addWidget(main)
    main.restore_layout({"overview": rubbish, "window": rubbish, "gone": b"x"})
    main.show()
    assert _open(main) == {"overview", "health"}
    assert "gone" not in main.layout_state()


def test_a_floating_dock_comes_home_on_reset(shell: MainWindow) -> None:
    shell.host.dock("overview").setFloating(True)
    shell.reset_layout()
    assert not shell.host.dock("overview").isFloating()
    assert _open(shell) == {"overview", "health"}


def test_the_window_menu_lists_every_dock_and_brings_it_back(shell: MainWindow) -> None:
    names = [action.text() for action in shell._menus[MenuKey.WINDOW].actions()]
    assert names[:5] == ["Overview", "Health", "Filters", "Queue", "Inspector"]
    shell.host.dock("health").close()
    action = next(one for one in shell._menus[MenuKey.WINDOW].actions() if one.text() == "Health")
    action.trigger()
    assert "health" in _open(shell)


def test_docks_that_share_a_place_are_named_by_the_tab_bar(qtbot, shell: MainWindow) -> None:
    health = shell.host.dock("health")
    shell.host.tabifyDockWidget(shell.host.dock("overview"), health)
    qtbot.waitUntil(lambda: health.titleBarWidget() is not health.title_bar())
    health.setFloating(True)
    qtbot.waitUntil(lambda: health.titleBarWidget() is health.title_bar())


# keyboard ----------------------------------------------------------------------------------------------------------


def test_f6_goes_through_the_panels_and_back(qtbot, shell: MainWindow) -> None:
    shell.show_screen("queue")
    seen = []
    for modifier in (Qt.KeyboardModifier.NoModifier,) * 3 + (Qt.KeyboardModifier.ShiftModifier,):
        qtbot.keyClick(shell, Qt.Key.Key_F6, modifier)
        seen.append(next(dock.objectName() for dock in shell.host.docks() if dock.holds_focus()))
    assert seen == ["inspector", "queue", "inspector", "queue"]


def test_a_screen_begins_in_its_main_panel(qtbot, shell: MainWindow) -> None:
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    shell.show_screen("queue")
    assert shell.host.dock("queue").holds_focus()


def test_a_search_that_changes_the_screen_can_be_typed_on(qtbot, shell: MainWindow) -> None:
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    shell.toolbar.search.setFocus()
    shell.show_screen("queue")
    assert shell.toolbar.search.hasFocus()


def test_the_panel_with_the_focus_has_a_focus_line(shell: MainWindow) -> None:
    dock = shell.host.dock("health")
    dock.take_focus()
    bar = dock.title_bar()
    assert bar.grab().toImage().pixelColor(bar.width() // 2, 0).name() == DARK.focus
    shell.toolbar.search.setFocus()
    assert bar.grab().toImage().pixelColor(bar.width() // 2, 0).name() != DARK.focus


def test_escape_returns_to_the_main_panel(qtbot, shell: MainWindow) -> None:
    shell.toolbar.search.setFocus()
    qtbot.keyClick(shell.toolbar.search, Qt.Key.Key_Escape)
    assert shell.host.dock("overview").holds_focus()


def test_control_k_searches(qtbot, shell: MainWindow) -> None:
    qtbot.keyClick(shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert shell.toolbar.search.hasFocus()
    with qtbot.waitSignal(shell.search_edited) as edited:
        qtbot.keyClick(shell.toolbar.search, Qt.Key.Key_M)
    assert edited.args == ["m"]
    with qtbot.waitSignal(shell.search_submitted) as submitted:
        qtbot.keyClick(shell.toolbar.search, Qt.Key.Key_Return)
    assert submitted.args == ["m"]


def test_control_n_asks_for_a_new_import(qtbot, shell: MainWindow) -> None:
    with qtbot.waitSignal(shell.new_import_asked):
        qtbot.keyClick(shell, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)


def test_f5_and_the_toolbar_sync_now_and_the_menu_offers_every_way(qtbot, shell: MainWindow) -> None:
    asked: list[str] = []
    shell.sync_asked.connect(asked.append)
    qtbot.keyClick(shell, Qt.Key.Key_F5)
    qtbot.mouseClick(shell.toolbar.main, Qt.MouseButton.LeftButton)
    assert asked == [actions.SYNC_NOW] * 2
    asked.clear()
    for action in shell._actions.of_menu(MenuKey.SYNC):
        action.trigger()
    assert asked == list(actions.SYNC_ACTIONS)


def test_no_shortcut_is_given_twice(shell: MainWindow) -> None:
    keys = [action.shortcut().toString() for action in shell.findChildren(QAction) if not action.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))
    assert len({spec.key for spec in action_specs()}) == len(action_specs())


def test_everything_that_takes_the_focus_has_a_name(shell: MainWindow) -> None:
    unnamed = []
    for widget in shell.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            face = QAccessible.queryAccessibleInterface(widget)
            if face is None or not face.text(QAccessible.Text.Name):
                unnamed.append(repr(widget))
    assert unnamed == []
    assert all(button.accessibleName() and button.toolTip() for button in shell.findChildren(IconButton))


# small windows -----------------------------------------------------------------------------------------------------


def test_the_window_is_at_least_1100_by_700(shell: MainWindow) -> None:
    shell.resize(10, 10)
    assert (shell.width(), shell.height()) == (1100, 700)


def test_below_1280_the_inspector_goes_behind_and_the_button_shows_its_icon(qtbot, shell: MainWindow) -> None:
    shell.show_screen("queue")
    shell.host.dock("inspector").resize(400, 400)
    wide = shell.toolbar.main.width()
    shell.resize(1200, 900)
    inspector = shell.host.dock("inspector")
    qtbot.waitUntil(lambda: shell.host.tabifiedDockWidgets(inspector) == [shell.host.dock("queue")])
    qtbot.waitUntil(lambda: shell.toolbar.main.width() < wide)
    assert shell.toolbar.main.toolTip() == "Sync now"
    shell.resize(1600, 1000)
    assert shell.host.tabifiedDockWidgets(inspector) == []


def test_a_short_window_has_its_own_arrangement(shell: MainWindow) -> None:
    shell.resize(1600, 750)
    assert shell.host.tabifiedDockWidgets(shell.host.dock("health")) == [shell.host.dock("overview")]
    shell.resize(1600, 1000)
    assert shell.host.tabifiedDockWidgets(shell.host.dock("health")) == []


@pytest.mark.parametrize("scale", [1.25, 1.5, 2.0])
def test_larger_text_reflows_within_the_smallest_window(qapp: QApplication, shell: MainWindow, scale: float) -> None:
    shell.toolbar.set_connection("TMDb connected", Accent.GREEN)
    shell.toolbar.set_rate(38.4, 40.0, [1.0, 2.0, 3.0])
    shell.status.set_job("K-Drama 2024 import", "456 of 890", 0.5, accent=Accent.BLUE, more="+1 more running")
    shell.status.set_queue("33,907 requests")
    shell.status.set_database("9.84 GB")
    shell.status.set_rate("38.4 req/s")
    shell.resize(1100, 700)
    apply_theme(qapp, replace(DARK, motion=False, text_scale=scale))
    assert shell.host.narrow
    for bar in (shell.toolbar, shell.status):
        assert bar.row.minimumSize().width() <= bar.width()
        assert all(child.geometry().right() <= bar.width() for child in bar.findChildren(QWidget) if child.isVisible())
    assert shell.menuBar().height() == round(32 * scale)


# what it shows -----------------------------------------------------------------------------------------------------


def test_the_demo_says_so(shell: MainWindow) -> None:
    shell.set_demo(True)
    assert shell.windowTitle() == "GDVG Desktop (DEMO)"
    badge = next(child for child in shell.toolbar.findChildren(QWidget) if child.accessibleName() == "DEMO")
    assert badge.isVisible()


def test_the_toolbar_tells_how_the_connection_stands(shell: MainWindow) -> None:
    shell.toolbar.set_connection("TMDb connected", Accent.GREEN, "Key accepted")
    assert "req/s" not in _text(shell.toolbar)
    shell.toolbar.set_rate(38.44, 40.0, [20.0, 38.4])
    assert _text(shell.toolbar).split() == ["TMDb", "connected", "38.4", "req/s", "limit", "40"]
    shell.toolbar.set_rate(None, None)
    assert "req/s" not in _text(shell.toolbar)


def test_the_status_strip_tells_of_the_leading_job(shell: MainWindow) -> None:
    assert "Idle Nothing is running" in _text(shell.status)
    shell.status.set_job("K-Drama 2024 import", "456 of 890", 0.51, accent=Accent.BLUE, more="+1 more running")
    shell.status.set_database("9.84 GB")
    words = _text(shell.status)
    assert "K-Drama 2024 import 456 of 890 +1 more running" in words
    assert "Database 9.84 GB" in words
    assert "UTC" in words
    assert "Data from TMDb" in words
    assert "Queue" not in words
    shell.status.set_idle("Nothing has been imported yet")
    assert "K-Drama" not in _text(shell.status)


def test_counts_stand_at_the_rail(shell: MainWindow) -> None:
    shell.set_count("queue", 6)
    assert _rail_item(shell, "Queue").accessibleDescription() == "6"
    shell.set_count("queue", 0)
    assert _rail_item(shell, "Queue").accessibleDescription() == ""


def test_a_dock_can_put_an_action_into_a_menu(shell: MainWindow) -> None:
    assert not shell._menus[MenuKey.EDIT].menuAction().isVisible()
    action = QAction("Copy title", shell)
    shell.add_menu_action(MenuKey.EDIT, action)
    assert shell._menus[MenuKey.EDIT].menuAction().isVisible()
    sync = QAction("Pause job", shell)
    shell.add_menu_action(MenuKey.SYNC, sync)
    assert sync in shell._menus[MenuKey.SYNC].actions()


def test_the_guard_can_keep_the_window_open(qtbot, shell: MainWindow) -> None:
    shell.set_close_guard(lambda: False)
    assert not shell.close()
    assert shell.isVisible()
    shell.set_close_guard(lambda: True)
    with qtbot.waitSignal(shell.closed):
        shell.close()
