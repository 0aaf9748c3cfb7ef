"""The library screen over a real library: search, facets, table, details and export, with mouse and keys."""

import csv
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import imports
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.errors import LibraryBusy
from gdvg_desktop.core.kinds import Existing, MediaType
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.sync.filters import ImportFilter, build_filter
from gdvg_desktop.ui.docks.facet_parts import FacetValue
from gdvg_desktop.ui.exporting import ExportStopped, ExportTarget
from gdvg_desktop.ui.models.titles import Column, key_of
from gdvg_desktop.ui.widgets.tables import CellRole
from tests.ui.library_world import World, fill, world_in

MOVIES, SERIES = 130, 50


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=MOVIES, series=SERIES)) as server:
        yield server


@pytest.fixture(scope="module")
def filled(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose library holds every movie and series TMDb's export lists."""
    folder = tmp_path_factory.mktemp("filled")
    fill(demo, folder, ImportFilter())
    return folder


@pytest.fixture
def world(qtbot: QtBot, themed: QApplication, demo: DemoServer, filled: Path, tmp_path: Path) -> Iterator[World]:
    with world_in(qtbot, demo, tmp_path / "data", filled) as made:
        made.open()
        yield made


@pytest.fixture
def empty_world(qtbot: QtBot, themed: QApplication, demo: DemoServer, tmp_path: Path) -> Iterator[World]:
    with world_in(qtbot, demo, tmp_path / "data") as made:
        made.open()
        yield made


def held(world: World, where: str = "1", values: tuple[object, ...] = ()) -> list[int]:
    """Title ids straight from the file."""
    with sqlite3.connect(f"file:{world.paths.library}?mode=ro", uri=True) as db:
        found = [row[0] for row in db.execute(f"SELECT id FROM title WHERE {where}", values)]
    db.close()
    return found


# the table -----------------------------------------------------------------------------------------------------


def test_the_model_behaves_as_a_model_and_shows_every_title_once(world: World) -> None:
    QAbstractItemModelTester(world.model, QAbstractItemModelTester.FailureReportingMode.Fatal, world.window)
    assert sorted(world.model.ids()) == sorted(held(world))
    shown = []
    for row in range(world.model.rowCount()):
        world.qtbot.waitUntil(lambda row=row: world.text(row) is not None)
        shown.append((world.text(row, Column.TYPE), world.text(row, Column.TMDB_ID)))
    expected = {
        ("Movie" if kind is MediaType.MOVIE else "TV", str(number)) for kind, number in map(key_of, held(world))
    }
    assert set(shown) == expected and len(shown) == len(expected)
    world.find("type:tv")
    world.find("")


def test_rows_come_most_popular_first_and_follow_a_click_on_a_header(world: World) -> None:
    popular = held(world, "1 ORDER BY popularity DESC, id DESC")
    assert list(world.model.ids()) == popular
    header = world.table.horizontalHeader()
    where = header.sectionViewportPosition(Column.YEAR) + 10
    with world.qtbot.waitSignal(world.search.found):
        world.qtbot.mouseClick(
            header.viewport(),
            Qt.MouseButton.LeftButton,
            pos=_point(header.viewport(), where / header.viewport().width()),
        )
    dated = held(world, "release_date IS NOT NULL ORDER BY release_date DESC, id DESC")
    assert list(world.model.ids())[: len(dated)] == dated
    assert header.sortIndicatorSection() == Column.YEAR


def test_the_footer_tells_which_rows_are_seen(world: World) -> None:
    count = world.model.rowCount()
    rows = world.table.rows_in_view()
    assert rows.start == 0 and 10 < len(rows) < count
    assert world.library._position.text() == f"Rows 1 to {rows[-1] + 1} of {count}"
    bar = world.table.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert world.library._position.text().endswith(f"to {count} of {count}")
    world.rows_ready()


def test_posters_come_into_the_table_and_the_details(world: World) -> None:
    def row_with_poster() -> int:
        return next(
            row
            for row in world.table.rows_in_view()
            if (shown := world.model._windows.peek(row)) is not None and shown.poster_path
        )

    world.rows_ready()
    index = world.model.index(row_with_poster(), Column.TITLE)
    world.qtbot.waitUntil(lambda: index.data(CellRole.POSTER) is not None)
    assert index.data(CellRole.POSTER).width() == world.model.poster_width


# searching -----------------------------------------------------------------------------------------------------


def test_typing_searches_and_the_last_word_wins(world: World) -> None:
    answers: list[str] = []
    world.search.found.connect(lambda found: answers.append(found.chosen.text))
    QTest.keyClicks(world.library.field, "the moun")
    world.qtbot.waitUntil(lambda: bool(answers) and answers[-1] == "the moun")
    expected = {key_of(one) for one in world.model.ids()}
    assert 0 < len(expected) < MOVIES
    assert len(answers) < len("the moun"), "quick typing is gathered"
    assert f"{len(expected)} of {MOVIES + SERIES}"[:3] in world.library.field._note
    with world.qtbot.waitSignal(world.search.found):
        QTest.keyClick(world.library.field, Qt.Key.Key_Escape)
    assert world.library.field.text() == "" and world.model.rowCount() == len(held(world))


def test_the_note_says_how_many_of_all(world: World) -> None:
    found, every = world.find("type:tv"), len(held(world))
    assert world.library.field._note.startswith(f"{found} of {every} in ")
    assert world.library.field._note.endswith(" ms")


def test_chips_show_and_remove_the_parts_of_a_query(world: World) -> None:
    world.find("moon origin:kr year:2015..2026")
    world.qtbot.waitUntil(lambda: chips(world) == ["South Korea", "2015 to 2026", "Clear all"])
    chip = world.library._chip_row.itemAt(0).widget()
    chip.setFocus()
    with world.qtbot.waitSignal(world.search.found):
        QTest.keyClick(chip, Qt.Key.Key_Delete)
    assert world.library.field.text() == "moon year:2015..2026"
    clear = world.library._chip_row.itemAt(1).widget()
    with world.qtbot.waitSignal(world.search.found):
        world.qtbot.mouseClick(clear, Qt.MouseButton.LeftButton)
    assert world.library.field.text() == "" and chips(world) == []
    assert world.library._chips.isHidden()


def chips(world: World) -> list[str]:
    row = world.library._chip_row
    return [row.itemAt(place).widget().text() for place in range(row.count())]


def test_nothing_found_says_so_and_leads_back(world: World) -> None:
    assert world.find("zzzzqqqq") == 0
    assert world.library._stack.currentWidget() is world.library._nothing
    assert not world.library._export_button.isEnabled()
    with world.qtbot.waitSignal(world.search.found):
        world.library._clear()
    assert world.library._stack.currentWidget() is world.library._frame


def test_an_empty_library_invites_to_import_and_fills_by_itself(empty_world: World) -> None:
    library = empty_world.library
    assert library._stack.currentWidget() is library._empty
    with empty_world.qtbot.waitSignal(library.import_asked):
        library._empty.findChild(type(library._export_button)).click()
    start_import(empty_world, "movie")
    empty_world.qtbot.waitUntil(lambda: empty_world.model.rowCount() > 0, timeout=20_000)
    assert library._stack.currentWidget() is library._frame


def test_trouble_is_told_where_it_happens_until_it_is_over(world: World) -> None:
    world.search.failed.emit(LibraryBusy("Another program holds the library.", "Close it and search again."))
    assert world.library._message.isVisible()
    assert "Close it and search again." in world.library._message.accessibleName()
    assert world.find("type:movie") > 0
    assert not world.library._message.isVisible()


# facets --------------------------------------------------------------------------------------------------------


def boxes(section) -> dict[str, tuple[int, bool]]:  # type: ignore[no-untyped-def]
    return {value: (int(line._count.text()), line.box.isChecked()) for value, line in section._lines.items()}


def test_a_facet_shows_the_ampersand_of_a_name(world: World) -> None:
    section = world.facets.genres
    world.qtbot.waitUntil(lambda: bool(section._lines))
    section.set_values([FacetValue("10759", "Action & Adventure", 3, False)])
    box = section._lines["10759"].box
    assert box.text() == "Action && Adventure" and box.accessibleName() == "Action & Adventure"


def test_facets_count_what_is_found_and_change_the_query(world: World) -> None:
    facets = world.facets
    world.qtbot.waitUntil(lambda: bool(facets.types._lines))
    movies, series = len(held(world, "media_type = 'movie'")), len(held(world, "media_type = 'tv'"))
    assert boxes(facets.types) == {"movie": (movies, True), "tv": (series, True)}
    with world.qtbot.waitSignal(world.search.found):
        QTest.keyClick(facets.types._lines["movie"].box, Qt.Key.Key_Space)
    assert world.library.field.text() == "type:tv"
    assert world.model.rowCount() == series
    world.qtbot.waitUntil(lambda: boxes(facets.types)["movie"] == (movies, False))
    country, (count, _) = next(iter(boxes(facets.countries).items()))
    in_country = "id IN (SELECT title_id FROM origin_country WHERE country = ?)"
    world.qtbot.waitUntil(
        lambda: (
            boxes(facets.countries).get(country, (0, False))[0]
            == len(held(world, f"media_type = 'tv' AND {in_country}", (country,)))
        )
    )
    with world.qtbot.waitSignal(world.search.found):
        facets.countries._lines[country].box.click()
    assert set(world.model.ids()) == set(held(world, f"media_type = 'tv' AND {in_country}", (country,)))
    assert count >= world.model.rowCount()


def test_more_countries_can_be_shown_and_folded_away(world: World) -> None:
    section = world.facets.countries
    world.qtbot.waitUntil(lambda: len(section._lines) == 5)
    rest = len(section._values) - 5
    assert section._more.text() == f"Show {rest} more"
    section._more.click()
    assert len(section._lines) == rest + 5
    section._more.click()
    assert len(section._lines) == 5
    section._fold.click()
    assert section._body.isHidden() and section._fold.accessibleName() == "Unfold Origin country"


def test_years_are_chosen_with_mouse_and_keys(world: World) -> None:
    years = world.facets.years
    world.qtbot.waitUntil(lambda: bool(years._counts))
    low, high = years._span()
    with world.qtbot.waitSignal(world.search.found):
        world.qtbot.mousePress(years, Qt.MouseButton.LeftButton, pos=_point(years, 0.75))
        world.qtbot.mouseMove(years, pos=_point(years, 0.9))
        world.qtbot.mouseRelease(years, Qt.MouseButton.LeftButton, pos=_point(years, 0.9))
    first, last = world.search.chosen.year_from, world.search.chosen.year_to
    assert first is not None and last is not None and low < first < last < high
    expected = held(world, "substr(release_date, 1, 4) BETWEEN ? AND ?", (str(first), str(last)))
    assert set(world.model.ids()) == set(expected)
    with world.qtbot.waitSignal(world.search.found):
        QTest.keyClick(years, Qt.Key.Key_Right)
    assert world.search.chosen.year_from == first + 1
    with world.qtbot.waitSignal(world.search.found):
        QTest.keyClick(years, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert world.search.chosen.year_to == last - 1
    with world.qtbot.waitSignal(world.search.found):
        QTest.keyClick(years, Qt.Key.Key_Delete)
    assert world.search.text == ""


def _point(widget, share: float):  # type: ignore[no-untyped-def]
    point = widget.rect().center()
    point.setX(round(widget.width() * share))
    return point


# keys ----------------------------------------------------------------------------------------------------------


def test_keys_alone_find_open_and_copy_a_title(world: World) -> None:
    qtbot, library = world.qtbot, world.library
    world.window.activateWindow()
    world.table.setFocus()
    qtbot.waitUntil(world.table.hasFocus)
    QTest.keyClick(world.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert library.field.hasFocus()
    with qtbot.waitSignal(world.search.found):
        QTest.keyClicks(library.field, "the")
    qtbot.waitUntil(lambda: world.search.answer is not None and world.search.answer.chosen.text == "the")
    QTest.keyClick(library.field, Qt.Key.Key_Down)
    assert world.table.hasFocus() and world.table.currentIndex().row() == 0
    QTest.keyClick(world.table, Qt.Key.Key_Down)
    QTest.keyClick(world.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(world.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    keys = [key_of(world.model.id_at(row)) for row in (1, 2)]
    assert QGuiApplication.clipboard().text() == "\n".join(f"{kind.value}/{number}" for kind, number in keys)
    QTest.keyClick(world.table, Qt.Key.Key_End)
    assert world.table.currentIndex().row() == world.model.rowCount() - 1
    QTest.keyClick(world.table, Qt.Key.Key_Home)
    assert world.table.currentIndex().row() == 0
    QTest.keyClick(world.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: world.details.shown is not None and world.details.shown.id == world.model.id_at(0))
    assert world.details.holds_focus()


def test_letters_typed_into_the_table_go_to_the_search_field(world: World) -> None:
    world.window.activateWindow()
    world.table.setFocus()
    with world.qtbot.waitSignal(world.search.found):
        QTest.keyClick(world.table, Qt.Key.Key_M)
    assert world.library.field.text() == "m" and world.library.field.hasFocus()


def test_too_many_ids_are_not_copied(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdvg_desktop.ui.docks.library.MOST_COPIED", 10)
    QGuiApplication.clipboard().setText("before")
    world.table.selectAll()
    world.library.copy_ids()
    assert QGuiApplication.clipboard().text() == "before"
    assert "10" in world.library._message.accessibleName()


def test_columns_and_order_are_reached_by_menu(world: World) -> None:
    world.library._view_button.click()
    menu = open_menu(world)
    next(one for one in menu.actions() if one.text() == "Rating").trigger()
    menu.close()
    assert world.table.isColumnHidden(Column.RATING)
    with world.qtbot.waitSignal(world.search.found):
        world.library._sort_from_menu(Column.TITLE)
    assert list(world.model.ids()) == held(world, "1 ORDER BY sort_title IS NULL, sort_title, id")
    with world.qtbot.waitSignal(world.search.found):
        world.library._sort_from_menu(Column.TITLE)
    assert world.search.order.descending


def open_menu(world: World) -> QMenu:
    found = [one for one in world.library.findChildren(QMenu) if one.isVisible()]
    assert found
    return found[0]


# imports -------------------------------------------------------------------------------------------------------


def start_import(world: World, kind: str, existing: Existing = Existing.SKIP) -> None:
    request = ImportRequest(type=kind, existing=existing.value)
    world.host.call(world.window, lambda app: imports.start(app, request))


def test_an_import_does_not_move_the_table(
    qtbot: QtBot, themed: QApplication, demo: DemoServer, filled: Path, tmp_path: Path
) -> None:
    half = build_filter(types=(MediaType.MOVIE,))
    fill(demo, tmp_path / "half", half)
    with world_in(qtbot, demo, tmp_path / "data", tmp_path / "half") as world:
        world.open()
        shown = world.model.ids()
        before = list(shown)
        world.table.go_to(60)
        top = world.model.id_at(world.table.rows_in_view().start)
        new = series_in(filled)
        start_import(world, "tv")
        qtbot.waitUntil(lambda: len(held(world)) == len(before) + new, timeout=30_000)
        qtbot.waitUntil(lambda: world.library._newer.isVisible(), timeout=15_000)
        assert list(world.model.ids()) == before
        assert world.model.id_at(world.table.rows_in_view().start) == top
        chosen = world.table.current_id()
        with qtbot.waitSignal(world.search.found):
            world.library._newer.click()
        assert set(world.model.ids()) == set(held(world))
        assert world.table.current_id() == chosen
        assert world.model.id_at(world.table.rows_in_view().start) == top
        assert not world.library._newer.isVisible()


def series_in(folder: Path) -> int:
    with sqlite3.connect(f"file:{folder / 'library.db'}?mode=ro", uri=True) as db:
        count: int = db.execute("SELECT count(*) FROM title WHERE media_type = 'tv'").fetchone()[0]
    db.close()
    return count


def test_new_titles_are_counted_against_the_query(world: World) -> None:
    """A title stored again is not new; one that does not match is not announced."""
    world.find("type:tv")
    some = list(world.model.ids())[:3]
    movie = held(world, "media_type = 'movie'")[0]
    told: list[int] = []
    world.search.newer.connect(told.append)
    world.search.note_stored(frozenset([*some, movie]))
    world.qtbot.waitUntil(lambda: world.search._known is not None)
    assert told == [] and not world.library._newer.isVisible()


def test_a_title_stored_again_is_read_again_in_place(world: World) -> None:
    world.rows_ready()
    title_id = world.model.id_at(3)
    with sqlite3.connect(world.paths.library) as db:
        db.execute("UPDATE title SET title = 'Renamed meanwhile' WHERE id = ?", (title_id,))
    db.close()
    world.bridge.titles_changed.emit(frozenset([title_id]))
    world.qtbot.waitUntil(lambda: world.text(3) == "Renamed meanwhile")


def test_a_hidden_table_asks_nothing_and_catches_up_when_shown(world: World) -> None:
    world.library.hide()
    answer = world.search.answer
    world.search.set_text("type:tv")
    assert world.search._call is None and world.search.answer is answer
    with world.qtbot.waitSignal(world.search.found):
        world.library.show()
    assert world.model.rowCount() == len(held(world, "media_type = 'tv'"))


# details -------------------------------------------------------------------------------------------------------


class Browser(QObject):
    """Takes the place of the desktop's browser."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())


def show(world: World, title_id: int) -> None:
    kind, number = key_of(title_id)
    world.details.show_title(kind.value, number)
    world.qtbot.waitUntil(lambda: world.details.shown is not None and world.details.shown.id == title_id)


def test_the_details_of_every_title_can_be_shown(world: World) -> None:
    for title_id in held(world)[::4]:
        show(world, title_id)
        shown = world.details.shown
        assert shown is not None
        assert world.details._title.plain_text() == (shown.title or shown.original_title or "Without a title")
        met = sum(point.met for point in shown.points)
        assert world.details.completeness._count.text() == f"{met} of {len(shown.points)}"
        assert "First imported" in world.details._provenance.plain_text()
        assert "by Import." in world.details._provenance.plain_text()


def test_an_overview_in_another_language_says_so(world: World) -> None:
    other = held(world, "overview IS NOT NULL AND overview_language NOT LIKE 'en%'")[0]
    show(world, other)
    assert world.details._language.isVisible()
    assert "TMDb has no overview in English" in world.details._language.text()
    english = held(world, "overview IS NOT NULL AND overview_language LIKE 'en%'")[0]
    show(world, english)
    assert not world.details._language.isVisible()


def test_ids_are_copied_and_the_page_opens_in_the_browser(world: World) -> None:
    title_id = held(world, "imdb_id IS NOT NULL")[0]
    show(world, title_id)
    kind, number = key_of(title_id)
    grid = world.details.ids._grid
    assert grid.itemAtPosition(0, 1).widget().text() == f"{kind.value}/{number}"
    names = [
        grid.itemAtPosition(row, 0).widget().text() for row in range(grid.rowCount()) if grid.itemAtPosition(row, 0)
    ]
    row = names.index("IMDb")
    grid.itemAtPosition(row, 2).widget().click()
    assert QGuiApplication.clipboard().text().startswith("tt")
    browser = Browser()
    QDesktopServices.setUrlHandler("https", browser, "open")
    try:
        world.details._page.click()
    finally:
        QDesktopServices.unsetUrlHandler("https")
    assert browser.opened == [f"https://www.themoviedb.org/{kind.value}/{number}"]


def test_the_cast_unfolds(world: World) -> None:
    crowded = "id IN (SELECT title_id FROM credit WHERE kind = 'cast' GROUP BY title_id HAVING count(*) > 8)"
    show(world, held(world, crowded)[0])
    cast = world.details.cast
    shown = world.details.shown
    assert shown is not None and cast._grid.count() == 6
    cast._more.click()
    assert cast._grid.count() == len(shown.cast)


def test_a_title_that_is_no_longer_there_is_told(world: World) -> None:
    world.details.open_title("movie", 999_999_999)
    world.qtbot.waitUntil(lambda: world.details._stack.currentWidget() is world.details._trouble)
    assert "movie/999999999" in world.details._message.accessibleName()


def test_the_details_follow_the_table(world: World) -> None:
    world.table.go_to(5)
    world.qtbot.waitUntil(lambda: world.details.shown is not None and world.details.shown.id == world.model.id_at(5))


# export --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_is_found_is_written_to_a_file(world: World, tmp_path: Path, form: str) -> None:
    found = world.find("type:tv")
    target = tmp_path / f"titles.{form}"
    answer = world.search.answer
    assert answer is not None
    world.library.export_strip.write(target, form, answer.chosen, found)
    assert world.library.export_strip.isVisible() and world.library.export_strip.busy
    world.qtbot.waitUntil(lambda: not world.library.export_strip.busy)
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file)) if form == "csv" else [json.loads(line) for line in file]
    assert {(row["media_type"], int(row["tmdb_id"])) for row in rows} == {
        (kind.value, number) for kind, number in map(key_of, world.model.ids())
    }
    assert str(target) in world.library.export_strip._result.accessibleName()


def test_a_stopped_export_leaves_no_file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strip = world.library.export_strip
    monkeypatch.setattr(strip, "_show_progress", strip.stop)  # pressed as soon as it is there
    strip.write(tmp_path / "titles.jsonl", "jsonl", world.search.chosen, 1)
    world.qtbot.waitUntil(lambda: not strip.busy)
    assert list(tmp_path.glob("titles*")) == []
    assert "stopped" in strip._result.accessibleName()


def test_an_export_stopped_at_its_last_line_leaves_no_file(tmp_path: Path) -> None:
    target = ExportTarget(tmp_path / "titles.jsonl")
    with pytest.raises(ExportStopped), target.open() as file:
        file.write("a title\n")
        target.stop()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told(world: World, tmp_path: Path) -> None:
    strip = world.library.export_strip
    strip.write(tmp_path / "no such folder" / "titles.csv", "csv", world.search.chosen, 1)
    world.qtbot.waitUntil(lambda: not strip.busy)
    assert "cannot be written" in strip._result.accessibleName()


def test_every_control_has_a_name(world: World) -> None:
    world.rows_ready()
    show(world, held(world)[0])
    for dock in (world.library, world.facets, world.details):
        for widget in dock.findChildren(type(world.library._export_button)):
            assert widget.isHidden() or widget.accessibleName() or widget.text(), widget
    assert world.table.accessibleName() and world.library.field.accessibleName()
