"""Fields, form errors, the month picker and the list to tick."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLineEdit, QPushButton

from gdvg_desktop.ui.widgets.fields import ComboBox, FormField, SecretField, SpinBox
from gdvg_desktop.ui.widgets.month_picker import MonthPicker, MonthPopup
from gdvg_desktop.ui.widgets.pick_popup import Option, PickPopup
from gdvg_desktop.ui.widgets.search_field import SearchField, shortcut_text

pytestmark = pytest.mark.usefixtures("themed")

COUNTRIES = [
    Option("KR", "South Korea", "KR", "9,204"),
    Option("CN", "China", "CN", "12,377"),
    Option("IN", "India", "IN", "31,077"),
    Option("ID", "Indonesia", "ID", "2,114"),
    Option("FR", "France", "FR", "1"),
]


def test_the_search_field_clears_on_escape_and_tells_it(qtbot) -> None:
    field = SearchField("Search titles", keys="Ctrl K")
    qtbot.addWidget(field)
    field.show()
    heard: list[str] = []
    field.text_edited.connect(heard.append)
    qtbot.keyClicks(field, "ab")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert heard == ["a", "ab", ""]
    assert field.text() == ""


def test_the_search_field_hands_on_enter_and_down(qtbot) -> None:
    field = SearchField("Search titles")
    qtbot.addWidget(field)
    field.setText("moving")
    with qtbot.waitSignal(field.submitted) as sent:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert sent.args == ["moving"]
    with qtbot.waitSignal(field.left_down):
        qtbot.keyClick(field, Qt.Key.Key_Down)


def test_the_note_of_a_search_field_keeps_off_the_text(qtbot) -> None:
    field = SearchField("Search titles")
    qtbot.addWidget(field)
    before = field.textMargins().right()
    field.set_note("9,204 of 1,204,318 in 18 ms")
    assert field.textMargins().right() > before + 100
    assert field.accessibleDescription() == "9,204 of 1,204,318 in 18 ms"


def test_a_form_field_says_what_is_wrong_under_the_control(qtbot) -> None:
    field = FormField("From", QLineEdit(), hint="By month")
    qtbot.addWidget(field)
    assert field.error() == ""
    field.set_error("Month must be 1 to 12.")
    assert field.error() == "Month must be 1 to 12."
    assert field.control.property("error") is True
    assert field.control.accessibleDescription() == "Month must be 1 to 12."
    field.set_error("")
    assert field.error() == ""
    assert field.control.accessibleDescription() == "By month"
    assert field.control.accessibleName() == "From"


def test_a_secret_is_masked_until_its_eye_is_pressed(qtbot) -> None:
    field = SecretField(name="Key")
    qtbot.addWidget(field)
    eye = field.findChild(QPushButton)
    assert field.echoMode() == QLineEdit.EchoMode.Password
    assert eye.accessibleName() == "Show"
    eye.click()
    assert field.echoMode() == QLineEdit.EchoMode.Normal
    assert eye.accessibleName() == "Hide"


def test_fields_are_32_high(qtbot) -> None:
    combo = ComboBox()
    combo.addItems(["Use system settings", "None"])
    for widget in (SearchField("Find"), QLineEdit(), SpinBox(0, 100, name="Priority"), combo):
        qtbot.addWidget(widget)
        widget.ensurePolished()
        assert widget.sizeHint().height() == 32 or widget.height() == 32, widget


@pytest.mark.parametrize(
    ("keys", "shown"), [("Ctrl+K", "Ctrl K"), ("Ctrl+Return", "Ctrl Enter"), ("F6", "F6"), ("Shift+F6", "Shift F6")]
)
def test_shortcuts_are_written_with_spaces(keys: str, shown: str) -> None:
    assert shortcut_text(QKeySequence(keys)) == shown


def test_a_month_is_chosen_with_the_keyboard(qtbot) -> None:
    picker = MonthPicker("From", "Any month", 2000, 2030)
    qtbot.addWidget(picker)
    picker.show()
    picker.set_value("2024-03")
    popup = picker.findChild(MonthPopup)
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    assert popup.isVisible()
    qtbot.keyClick(popup, Qt.Key.Key_PageUp)
    qtbot.keyClick(popup, Qt.Key.Key_Right)
    with qtbot.waitSignal(picker.changed) as changed:
        qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert changed.args == ["2023-04"]
    assert not popup.isVisible()
    assert picker.shown() == "April 2023"
    assert picker.accessibleName() == "From: April 2023"


def test_delete_clears_a_month_and_escape_leaves_it(qtbot) -> None:
    picker = MonthPicker("To", "Any month", 2000, 2030)
    qtbot.addWidget(picker)
    picker.show()
    picker.set_value("2024-12")
    popup = picker.findChild(MonthPopup)
    picker.open()
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert picker.value() == "2024-12"
    qtbot.keyClick(picker, Qt.Key.Key_Delete)
    assert (picker.value(), picker.shown()) == ("", "Any month")


def test_years_stop_at_their_bounds(qtbot) -> None:
    picker = MonthPicker("To", "Any month", 2023, 2024)
    qtbot.addWidget(picker)
    picker.show()
    popup = picker.findChild(MonthPopup)
    picker.open()
    for _ in range(3):
        qtbot.keyClick(popup, Qt.Key.Key_PageUp)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert picker.value() == "2023-01"


@pytest.fixture
def pick(qtbot) -> Iterator[PickPopup]:
    anchor = QPushButton("More countries")
    qtbot.addWidget(anchor)
    anchor.show()
    popup = PickPopup(anchor, placeholder="Find a country", figures="Titles")
    popup.set_options(COUNTRIES, ["KR"])
    popup.open_under(anchor)
    yield popup
    anchor.close()


def _search(popup: PickPopup) -> SearchField:
    return popup.findChild(SearchField)


def test_typing_filters_with_names_that_begin_so_first(qtbot, pick: PickPopup) -> None:
    qtbot.keyClicks(_search(pick), "in")
    listed = [pick._proxy.index(row, 0).data() for row in range(pick._proxy.rowCount())]
    assert listed == ["India", "Indonesia", "China"]
    assert _search(pick).accessibleDescription() == "3 of 5"


def test_a_code_finds_its_country(qtbot, pick: PickPopup) -> None:
    qtbot.keyClicks(_search(pick), "fr")
    assert pick._proxy.index(0, 0).data() == "France"


def test_space_ticks_enter_ticks_and_closes(qtbot, pick: PickPopup) -> None:
    field = _search(pick)
    qtbot.keyClicks(field, "in")
    with qtbot.waitSignal(pick.picked) as picked:
        qtbot.keyClick(field, Qt.Key.Key_Space)
    assert picked.args == [["KR", "IN"]]
    assert pick.isVisible()
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert pick.values() == ["KR", "IN", "ID"]
    assert not pick.isVisible()


def test_escape_closes_and_keeps_what_was_ticked(qtbot, pick: PickPopup) -> None:
    field = _search(pick)
    qtbot.keyClick(field, Qt.Key.Key_Space)
    with qtbot.waitSignal(pick.closed):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert pick.values() == []
