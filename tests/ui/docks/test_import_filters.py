"""The filters are plain data both ways, check themselves when a field is left, and never ask TMDb."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.ui.docks.import_filters import ImportFiltersDock
from gdvg_desktop.ui.models.import_draft import ImportDraft
from gdvg_desktop.ui.widgets.chips import Chip
from tests.ui.docks.conftest import Engine


@pytest.fixture
def filters(engine: Engine, qtbot: QtBot) -> ImportFiltersDock:
    """The dock, shown, with the countries and genres known."""
    draft = ImportDraft(engine.host, engine.bridge)
    dock = ImportFiltersDock(engine.host, engine.bridge, draft)
    qtbot.addWidget(dock)
    dock.resize(480, 900)
    dock.show()
    draft.setParent(dock)
    engine.until(lambda: bool(chip(dock, "South Korea")))
    return dock


def chip(root: QWidget, text: str) -> Chip | None:
    return next((one for one in root.findChildren(Chip) if one.text() == text), None)


def press(root: QWidget, text: str) -> None:
    found = chip(root, text)
    assert found is not None
    found.click()


@pytest.mark.parametrize(
    "request_",
    [
        ImportRequest(),
        ImportRequest(
            type="movie",
            countries=("CI", "KR"),
            date_from="2024-02",
            date_to="2024-11",
            genres=("Drama", "War"),
            match="all",
            priority=12,
            existing="update",
            limit=250,
        ),
        ImportRequest(type="tv", genres=("Soap",), priority=0, limit=1),
    ],
)
def test_a_request_set_is_the_request_read(filters: ImportFiltersDock, request_: ImportRequest) -> None:
    filters.set_request(request_)
    assert filters.request() == request_
    assert filters.problem() == ""


def test_years_of_a_request_become_months(filters: ImportFiltersDock) -> None:
    filters.set_request(ImportRequest(date_from="2023", date_to="2024"))
    assert (filters.request().date_from, filters.request().date_to) == ("2023-01", "2024-12")


def test_chips_choose_countries_and_genres(filters: ImportFiltersDock) -> None:
    press(filters, "South Korea")
    press(filters, "Japan")
    press(filters, "Drama")
    assert filters.request().countries == ("JP", "KR")
    assert filters.request().genres == ("Drama",)
    press(filters, "South Korea")
    assert filters.request().countries == ("JP",)


def test_genres_follow_the_type_and_are_remembered(filters: ImportFiltersDock) -> None:
    press(filters, "Romance")
    press(filters, "Drama")
    filters._type.choose("tv")
    assert chip(filters, "Romance") is None
    assert filters.request().genres == ("Drama",)
    filters._type.choose("movie")
    assert filters.request().genres == ("Drama", "Romance")
    assert chip(filters, "Action & Adventure") is None


def test_a_quick_period_sets_both_months_and_shows_itself_chosen(filters: ImportFiltersDock) -> None:
    press(filters, "This year")
    request = filters.request()
    assert request.date_from is not None and request.date_from.endswith("-01")
    assert request.date_to == request.date_from.replace("-01", "-12")
    press(filters, "Any date")
    assert (filters.request().date_from, filters.request().date_to) == (None, None)
    chosen = [one for one, _period in filters._quick if one.isChecked()]
    assert [one.text() for one in chosen] == ["Any date"]


def test_a_period_that_ends_before_it_begins_is_told(filters: ImportFiltersDock) -> None:
    filters.set_request(ImportRequest(date_from="2024-05", date_to="2024-02"))
    assert "ends before it begins" in filters.problem()
    filters._to.set_value("2024-06")
    assert filters.problem() == ""


def test_the_limit_is_checked_when_it_is_left(filters: ImportFiltersDock, qtbot: QtBot) -> None:
    field = filters._limit
    qtbot.keyClicks(field, "many")
    assert filters.problem() == ""  # nobody is told off while typing
    field.editingFinished.emit()
    assert "many is not a limit" in filters.problem()
    assert filters._draft.problem == filters.problem()
    field.clear()
    qtbot.keyClicks(field, "1,500")
    field.editingFinished.emit()
    assert (filters.problem(), filters.request().limit) == ("", 1500)


def test_a_country_is_found_and_chosen_with_keys_alone(filters: ImportFiltersDock, qtbot: QtBot) -> None:
    opener = chip(filters, "More countries")
    assert opener is not None
    qtbot.keyClick(opener, Qt.Key.Key_Return)
    popup = filters._countries._popup
    assert popup.isVisible()
    search = popup._search
    qtbot.keyClicks(search, "ivory")
    qtbot.keyClick(search, Qt.Key.Key_Space)
    if not filters.request().countries:  # known as Côte d'Ivoire to some versions of Qt
        search.clear()
        qtbot.keyClicks(search, "CI")
        qtbot.keyClick(search, Qt.Key.Key_Space)
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert filters.request().countries == ("CI",)


def test_slider_and_number_are_one_value_and_explain_it(filters: ImportFiltersDock) -> None:
    filters._slider.setValue(10)
    assert filters.request().priority == 10
    filters._priority.setValue(50)
    assert filters._slider.value() == 50
    assert "not a filter" in filters._order_note.accessibleName()


def test_reset_takes_everything_back(filters: ImportFiltersDock) -> None:
    filters.set_request(ImportRequest(type="tv", countries=("KR",), priority=3, limit=5, existing="update"))
    reset = next(b for b in filters.findChildren(QPushButton) if b.accessibleName() == "Reset all filters")
    reset.click()
    assert filters.request() == ImportRequest()


def test_changing_filters_asks_tmdb_for_nothing(filters: ImportFiltersDock, engine: Engine) -> None:
    before = engine.demo.stats.requests
    press(filters, "South Korea")
    press(filters, "This year")
    filters._slider.setValue(40)
    engine.ask(_nothing)
    assert engine.demo.stats.requests == before


async def _nothing(_app: object) -> None:
    """A turn through the engine's loop: what was asked before it has begun."""


def test_every_control_has_a_name_and_is_reached_by_tab(filters: ImportFiltersDock, qtbot: QtBot) -> None:
    body = filters.widget()
    controls = [
        one
        for one in body.findChildren(QWidget)
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isVisibleTo(body) and one.focusProxy() is None
    ]
    assert len(controls) > 20
    nameless = [one for one in controls if not (one.accessibleName() or getattr(one, "text", str)())]
    assert nameless == []
    seen: set[QWidget] = set()
    with qtbot.waitActive(filters):
        filters.activateWindow()
    controls[0].setFocus()
    for _ in range(200):
        now = QApplication.focusWidget()
        if now is None or now in seen:
            break
        seen.add(now)
        qtbot.keyClick(now, Qt.Key.Key_Tab)
    unreached = [one for one in controls if one not in seen and not _shares_a_stop(one)]
    assert unreached == []


def _shares_a_stop(control: QWidget) -> bool:
    """Radio buttons of a group are one stop: arrow keys go on inside."""
    return control.inherits("QRadioButton") and not control.isChecked()  # type: ignore[attr-defined]
