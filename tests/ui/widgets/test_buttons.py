"""Buttons, chips, segmented choice and toggles: keyboard, signals, sizes and what screen readers get."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from gdvg_desktop.ui.widgets.badges import Badge, KeyCap
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind, IconButton
from gdvg_desktop.ui.widgets.chips import Chip, ChipKind
from gdvg_desktop.ui.widgets.flow import FlowLayout
from gdvg_desktop.ui.widgets.segmented import Segmented
from gdvg_desktop.ui.widgets.toggles import CheckBox, RadioButton, Switch

pytestmark = pytest.mark.usefixtures("themed")


@pytest.fixture
def shown(qtbot) -> Iterator[Callable[..., QWidget]]:
    """Puts widgets into one window, active and on screen."""
    windows: list[QWidget] = []  # Qt's side lives only as long as Python's

    def show(*widgets: QWidget) -> QWidget:
        window = QWidget()
        column = QVBoxLayout(window)
        for widget in widgets:
            column.addWidget(widget)
        windows.append(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    yield show
    for window in windows:
        window.close()


@pytest.mark.parametrize("kind", list(ButtonKind))
def test_a_button_does_not_move_when_it_gets_the_focus(qtbot, shown, kind: ButtonKind) -> None:
    button = Button("Pause", icon="pause", kind=kind)
    window = shown(button, Button("Other"))
    before = button.geometry()
    button.setFocus()
    assert button.hasFocus()
    window.grab()
    assert button.geometry() == before


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_keys_press_the_button_in_focus_and_not_the_usual_answer(qtbot, themed, key: Qt.Key) -> None:
    dialog = QDialog()
    column = QVBoxLayout(dialog)
    usual, other = Button("Start", kind=ButtonKind.PRIMARY), Button("Not now")
    usual.setDefault(True)
    pressed: list[str] = []
    for button in (usual, other):
        column.addWidget(button)
        button.clicked.connect(lambda _checked=False, one=button: pressed.append(one.text()))
    dialog.show()
    other.setFocus()
    qtbot.keyClick(other, key)
    assert pressed == ["Not now"]
    dialog.close()


def test_button_heights_are_32_and_24() -> None:
    assert Button("Pause", icon="pause").sizeHint().height() == 32
    assert Button("Pause", icon="pause", small=True).sizeHint().height() == 24
    assert IconButton("x", "Close").sizeHint() == QSize(32, 32)
    assert IconButton("x", "Close", small=True).sizeHint() == QSize(24, 24)


def test_a_compact_button_shows_its_icon_and_tells_its_text(qtbot) -> None:
    button = Button("New import", icon="plus", keys="Ctrl N")
    qtbot.addWidget(button)
    button.set_compact(True)
    assert button.sizeHint() == QSize(32, 32)
    assert button.toolTip() == "New import"
    button.set_compact(False)
    assert button.sizeHint().width() > 100
    assert button.toolTip() == ""


def test_space_presses_a_button(qtbot, shown) -> None:
    button = Button("Pause")
    shown(button)
    button.setFocus()
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Space)


def test_an_icon_button_names_itself(qtbot) -> None:
    button = IconButton("ellipsis", "More")
    qtbot.addWidget(button)
    face = QAccessible.queryAccessibleInterface(button)
    assert face.text(QAccessible.Text.Name) == "More"
    assert face.role() == QAccessible.Role.Button
    assert button.toolTip() == "More"


def test_a_choice_chip_tells_that_it_is_chosen(qtbot, shown) -> None:
    chip = Chip("Korea")
    shown(chip)
    narrow = chip.sizeHint().width()
    with qtbot.waitSignal(chip.toggled):
        qtbot.keyClick(chip, Qt.Key.Key_Return)
    face = QAccessible.queryAccessibleInterface(chip)
    assert chip.isChecked()
    assert face.state().checked
    assert chip.sizeHint().width() > narrow


def test_a_filter_chip_is_taken_away_by_its_cross_or_delete(qtbot, shown) -> None:
    chip = Chip("Korea", ChipKind.FILTER)
    shown(chip)
    with qtbot.waitSignal(chip.removed):
        qtbot.keyClick(chip, Qt.Key.Key_Delete)
    with qtbot.waitSignal(chip.removed):
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(chip.width() - 14, chip.height() // 2))
    with qtbot.assertNotEmitted(chip.removed):
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(20, chip.height() // 2))


def test_a_fact_chip_takes_no_focus(qtbot, shown) -> None:
    chip = Chip("TV series", ChipKind.FACT)
    shown(chip)
    assert chip.focusPolicy() == Qt.FocusPolicy.NoFocus
    with qtbot.assertNotEmitted(chip.clicked):
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)


def test_arrow_keys_move_a_segmented_choice_and_stop_at_its_ends(qtbot, shown) -> None:
    choice = Segmented([("movie", "Movies"), ("tv", "TV series"), ("all", "Both")], name="Type")
    shown(choice)
    choice.setFocus()
    heard: list[str] = []
    choice.chosen.connect(heard.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(choice, key)
    assert heard == ["tv", "all", "tv"]
    assert choice.value() == "tv"
    with pytest.raises(ValueError, match="people"):
        choice.choose("people")


def test_a_click_chooses_the_segment_under_it(qtbot, shown) -> None:
    choice = Segmented([("movie", "Movies"), ("tv", "TV series"), ("all", "Both")])
    shown(choice)
    qtbot.mouseClick(choice, Qt.MouseButton.LeftButton, pos=QPoint(choice.width() - 10, 16))
    assert choice.value() == "all"


@pytest.mark.parametrize("make", [Switch, CheckBox, RadioButton])
def test_toggles_follow_space_and_a_click_on_their_text(qtbot, shown, make) -> None:
    toggle = make("Check for duplicates")
    shown(toggle)
    toggle.setFocus()
    qtbot.keyClick(toggle, Qt.Key.Key_Space)
    assert toggle.isChecked()
    assert toggle.sizeHint().height() >= 24
    if make is not RadioButton:
        qtbot.mouseClick(toggle, Qt.MouseButton.LeftButton, pos=QPoint(toggle.sizeHint().width() - 8, 12))
        assert not toggle.isChecked()


def test_chips_break_into_rows_where_the_room_ends(qtbot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = FlowLayout(holder, gap=8)
    chips = [Chip(name) for name in ("Drama", "Romance", "Action", "Thriller", "Comedy")]
    for chip in chips:
        flow.addWidget(chip)
    one_row = flow.heightForWidth(2000)
    assert one_row == 28
    assert flow.heightForWidth(160) > 2 * one_row
    holder.resize(200, flow.heightForWidth(200))
    holder.show()
    assert len({chip.y() for chip in chips}) > 1
    assert all(chip.geometry().right() <= 200 for chip in chips)


def test_badges_and_key_caps_speak(qtbot) -> None:
    badge, cap = Badge("Running"), KeyCap("Ctrl K")
    for widget in (badge, cap):
        qtbot.addWidget(widget)
    assert (badge.accessibleName(), cap.accessibleName()) == ("Running", "Ctrl K")
    assert badge.sizeHint().height() == 20
