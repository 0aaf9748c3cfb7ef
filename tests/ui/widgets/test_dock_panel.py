"""The dock's own title bar: float, close, paired tabs, meta text and extra widgets."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMainWindow

from gdvg_desktop.ui.widgets.buttons import IconButton
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.segmented import Segmented

pytestmark = pytest.mark.usefixtures("themed")


@pytest.fixture
def dock(qtbot) -> Iterator[DockPanel]:
    window = QMainWindow()
    panel = DockPanel("analytics", "Analytics", "activity", tabs=("Analytics", "Live log"))
    panel.add_page(QLabel("chart"))
    panel.add_page(QLabel("log"))
    window.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, panel)
    window.resize(800, 400)
    window.show()
    yield panel
    window.close()
    window.deleteLater()


def _button(dock: DockPanel, name: str) -> IconButton:
    return next(button for button in dock.findChildren(IconButton) if button.accessibleName() == name)


def test_a_dock_floats_and_comes_back_by_its_button(qtbot, dock: DockPanel) -> None:
    qtbot.mouseClick(_button(dock, "Float Analytics"), Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    qtbot.mouseClick(_button(dock, "Dock Analytics"), Qt.MouseButton.LeftButton)
    assert not dock.isFloating()


def test_a_dock_closes_by_its_button_and_returns_by_its_action(qtbot, dock: DockPanel) -> None:
    qtbot.mouseClick(_button(dock, "Close Analytics"), Qt.MouseButton.LeftButton)
    assert not dock.isVisible()
    dock.toggleViewAction().trigger()
    assert dock.isVisible()


def test_paired_tabs_turn_the_page(qtbot, dock: DockPanel) -> None:
    labels = {label.text(): label for label in dock.findChildren(QLabel)}
    chart, log = labels["chart"], labels["log"]
    assert (chart.isVisible(), log.isVisible()) == (True, False)
    with qtbot.waitSignal(dock.tab_changed) as changed:
        dock.show_page(1)
    assert changed.args == [1]
    assert (chart.isVisible(), log.isVisible()) == (False, True)


def test_a_tabbed_dock_keeps_a_title_bar_with_controls(dock: DockPanel) -> None:
    dock.set_tabbed(True)
    assert dock.titleBarWidget() is dock.title_bar(), "its paired tabs are nowhere else"
    plain = DockPanel("plain", "Plain", "gauge")
    plain.set_tabbed(True)
    assert plain.titleBarWidget() is not plain.title_bar()
    plain.add_title_widget(IconButton("x", "Show as table"))
    plain.set_tabbed(True)
    assert plain.titleBarWidget() is plain.title_bar()
    names = [one for one in plain.title_bar().findChildren(QLabel) if one.text() == "Plain"]
    assert [one.isHidden() for one in names] == [True], "the tab says it"
    plain.set_tabbed(False)
    assert [one.isHidden() for one in names] == [False]
    plain.deleteLater()


def test_tab_goes_through_the_title_bar_as_the_eye_does(dock: DockPanel) -> None:
    switch, act = Segmented([("7", "7 days"), ("14", "14 days")], small=True), IconButton("x", "Show as table")
    for widget in (switch, act):
        dock.add_title_widget(widget)
    wanted = [switch, act, _button(dock, "Float Analytics"), _button(dock, "Close Analytics")]
    at, seen = dock.nextInFocusChain(), []
    while at is not dock:
        if at in wanted:
            seen.append(at)
        at = at.nextInFocusChain()
    assert seen == wanted


def test_meta_text_and_a_switch_sit_in_the_title_bar(qtbot, dock: DockPanel) -> None:
    dock.set_meta("Updated 2 s ago")
    switch = Segmented([("7", "7 days"), ("14", "14 days")], small=True)
    dock.add_title_widget(switch)
    qtbot.waitUntil(switch.isVisible)
    dock.title_bar().layout().activate()
    assert (dock.title_bar().height(), switch.height()) == (33, 24)
    assert any(label.text() == "Updated 2 s ago" for label in dock.title_bar().findChildren(QLabel))


def test_escape_in_a_floating_dock_is_told(qtbot, dock: DockPanel) -> None:
    dock.setFloating(True)
    with qtbot.waitSignal(dock.escaped):
        qtbot.keyClick(dock, Qt.Key.Key_Escape)


def test_a_dock_without_tabs_takes_no_pages(qtbot) -> None:
    panel = DockPanel("queue", "Queue", "list-ordered")
    qtbot.addWidget(panel)
    with pytest.raises(ValueError, match="queue"):
        panel.add_page(QLabel("x"))
