"""The gaps screen over a real engine and a demo server: figures, filters, marks, filling, ignoring, explaining."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import gaps, reset
from gdvg_desktop.commands.gaps import GapFilter
from gdvg_desktop.core.kinds import GapKind, GapStatus, JobKind, JobState
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store import gaps as registry
from gdvg_desktop.store import jobs
from gdvg_desktop.store.reset import ResetKind
from gdvg_desktop.ui.docks.gap_month import Lines
from gdvg_desktop.ui.docks.gap_months import periods
from gdvg_desktop.ui.models.gaps import Column
from gdvg_desktop.ui.screens import GAPS, QUEUE
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.heat_map import month_of, year_month
from gdvg_desktop.ui.widgets.labels import ElidedLabel
from tests.ui.face_world import Face
from tests.ui.gaps_world import GapsWorld, damage, gaps_world

pytestmark = pytest.mark.usefixtures("themed")
LOST, BLANKED = 25, 6


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=160, series=70)) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture(scope="module")
def damaged(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose library lost titles and overviews, analysed."""
    folder = tmp_path_factory.mktemp("damaged") / "data"
    damage(demo, folder, lost=LOST, blanked=BLANKED)
    return folder


@pytest.fixture
def world(qtbot: QtBot, themed: QApplication, demo: DemoServer, damaged: Path, tmp_path: Path) -> Iterator[GapsWorld]:
    with gaps_world(qtbot, demo, tmp_path / "data", damaged) as made:
        made.open()
        yield made


def press(widget: QWidget, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, key, held))


# ------------------------------------------------------------------------------------------------------- figures


def test_the_cards_show_each_kind_as_the_registry_counts_it(world: GapsWorld) -> None:
    found = world.ask(gaps.summary)
    for kind, card in world.cards.cards.items():
        assert card.value_text() == f"{found.by_kind[kind].open:,}"
        assert card.fill.isEnabled() == bool(found.by_kind[kind].open)
    assert world.cards.cards[GapKind.SEQUENTIAL].value_text() == str(LOST)
    assert world.cards.cards[GapKind.METADATA].value_text() == str(BLANKED)
    assert "poster" in world.cards.cards[GapKind.METADATA].facts_text()
    card = world.cards.cards[GapKind.SEQUENTIAL]
    assert card.accessibleName() == f"Sequential: {LOST} missing IDs"


def test_the_title_bar_tells_titles_and_the_last_analysis(world: GapsWorld) -> None:
    meta = world.dock.title_bar()._meta.text()
    assert meta.startswith(f"{LOST} missing titles, {BLANKED} incomplete · last analysis ")


def test_a_title_missing_in_several_ways_is_one_row(world: GapsWorld) -> None:
    every = world.ask(lambda app: gaps.gap_ids(app, GapFilter()))
    assert world.model.rowCount() == LOST + BLANKED < len(every)
    kinds = world.texts(Column.GAP)
    assert "Metadata" in kinds or "Popularity" in kinds


def test_a_card_lists_its_kind(world: GapsWorld) -> None:
    press(world.cards.cards[GapKind.METADATA], Qt.Key.Key_Return)
    world.until(lambda: world.model.rowCount() == BLANKED)
    assert set(world.texts(Column.GAP)) == {"Metadata"}
    assert set(world.texts(Column.WHY)) == {"No overview"}
    assert world.dock._kind_button.text() == "Gap type: metadata"


# --------------------------------------------------------------------------------------------------- the heat map


def test_the_map_shows_what_the_months_hold_and_starts_at_the_worst(world: GapsWorld) -> None:
    world.until(lambda: world.months.heat.current() >= 0)
    cells = world.ask(gaps.months).cells
    assert sum(cell.missing for cell in cells.values()) == LOST
    worst = cells[year_month(world.months.heat.current())]
    in_view = [cell for cell in cells.values() if cell.year in world.months.heat.years()]
    assert worst.missing == max(cell.missing for cell in in_view if cell.asked_at) > 0
    for place, cell in cells.items():
        assert world.months.heat.share_of(month_of(*place)) == cell.share_missing


def test_the_selected_month_is_told_and_filled(world: GapsWorld) -> None:
    world.until(lambda: world.months.heat.current() >= 0)
    year, number = year_month(world.months.heat.current())
    cell = world.ask(gaps.months).cells[year, number]
    world.until(lambda: world.month.lines.texts().get("Missing titles") == str(cell.missing))
    assert world.month.title.text().endswith(str(year))
    assert world.month.listed.plain_text().startswith(f"{cell.listed} title")
    assert "listed by discover" in world.month.listed.plain_text()
    press(world.months.heat, Qt.Key.Key_Return)
    world.until(lambda: world.started)
    job, new = world.started[0]
    assert (job.kind, new) == (JobKind.FILL, True)
    world.until(lambda: world.ask(lambda app: app.store.read(lambda db: jobs.get(db, job.id))).state.finished)
    done = world.ask(lambda app: app.store.read(lambda db: jobs.get(db, job.id)))
    assert (done.state, done.added) == (JobState.COMPLETED, cell.missing)
    world.until(lambda: world.months.heat.share_of(month_of(year, number)) == 0.0)
    world.until(lambda: not world.month.fill.isEnabled())


def test_a_narrow_month_shows_its_figures_whole(qtbot: QtBot) -> None:
    lines = Lines()
    qtbot.addWidget(lines)
    lines.set_lines(
        [("Skipped before, now due", "0"), ("Cause", "Never fetched"), ("Requests to fill", "29, about 1 s")]
    )
    lines.resize(200, lines.sizeHint().height())
    lines.show()
    for value in lines.findChildren(ElidedLabel):
        assert value.fontMetrics().horizontalAdvance(value.text()) <= value.width()


def test_a_range_of_months_is_summed_and_filled_as_one_job(world: GapsWorld) -> None:
    world.until(lambda: world.months.heat.current() >= 0)
    cells = [cell for cell in world.ask(gaps.months).cells.values() if cell.missing]
    places = sorted((cell.year, cell.month) for cell in cells)[:3]
    first, last = month_of(*places[0]), month_of(*places[-1])
    missing = sum(cell.missing for cell in cells if first <= month_of(cell.year, cell.month) <= last)
    world.months.heat.select(first, last)
    assert world.month.lines.texts()["Missing titles"] == str(missing)
    world.month.fill_selected()
    world.until(lambda: world.started)
    job = world.started[0][0]
    world.until(lambda: world.ask(lambda app: app.store.read(lambda db: jobs.get(db, job.id))).state.finished)
    done = world.ask(lambda app: app.store.read(lambda db: jobs.get(db, job.id)))
    assert (done.added, done.failed) == (missing, 0)


def test_the_map_can_be_read_as_a_table(world: GapsWorld) -> None:
    world.until(lambda: world.months.cells())
    world.months._switch.click()
    assert world.months.table.isVisible() and not world.months.heat.isVisible()
    model = world.months.table.model()
    years = world.months.heat.years()
    assert model.rowCount() == sum(1 for year, _ in world.months.cells() if year in years)
    world.months._switch.click()
    assert world.months.heat.isVisible()


def test_types_can_be_told_apart(world: GapsWorld) -> None:
    world.until(lambda: world.months.cells())
    both = sum(cell.listed for cell in world.months.cells().values())
    world.months._types.choose("tv")
    world.until(lambda: sum(cell.listed for cell in world.months.cells().values()) < both)
    series = world.ask(lambda app: gaps.months(app, world.months.types()))
    assert world.months.cells() == series.cells


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (1902, 2026, [("old", 1950, 1989), ("new", 1990, 2026), ("all", 1902, 2026)]),
        (1971, 2026, [("old", 1971, 1989), ("new", 1990, 2026), ("all", 1971, 2026)]),
        (1994, 2026, [("all", 1994, 2026)]),
    ],
)
def test_periods_follow_what_is_listed(first: int, last: int, expected: list[tuple[str, int, int]]) -> None:
    assert [(value, years[0], years[-1]) for value, years in periods(first, last)] == expected


# ------------------------------------------------------------------------------------------------------ the table


def test_the_model_keeps_the_rules_of_models_while_lists_and_marks_change(world: GapsWorld) -> None:
    tester = QAbstractItemModelTester(world.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    world.rows_ready()
    world.model.mark(range(3), True)
    world.dock.choose_kind(GapKind.SEQUENTIAL)
    world.until(lambda: world.model.rowCount() == LOST)
    world.model.mark_all(True)
    world.dock.clear_filters()
    world.until(lambda: world.model.rowCount() == LOST + BLANKED)
    world.rows_ready()
    assert tester.model() is world.model


def test_marks_are_set_by_key_mouse_and_box_and_belong_to_their_gaps(world: GapsWorld) -> None:
    world.rows_ready()
    world.table.choose(0)
    press(world.table, Qt.Key.Key_Space)
    assert world.model.is_marked(0) and world.model.all_marked() == Qt.CheckState.PartiallyChecked
    assert world.dock.fill_marked.text() == "Fill selected (1)"
    assert world.model.index(0, Column.CHECK).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    press(world.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert world.model.marked_count() == 2
    key = world.model.key_at(1)
    world.table.horizontalHeader().setSortIndicator(Column.SCORE, Qt.SortOrder.AscendingOrder)
    world.until(lambda: world.model.row_of(key) == world.model.rowCount() - 2)
    assert world.model.is_marked(world.model.row_of(key))
    spot = world.table.visualRect(world.model.index(0, Column.CHECK)).center()
    click(world.table.viewport(), spot)
    assert world.model.marked_count() == 3
    world.table.toggle_all()
    assert world.model.all_marked() == Qt.CheckState.Checked
    world.table.toggle_all()
    assert world.model.marked_count() == 0 and not world.dock.ignore.isEnabled()


def click(widget: QWidget, spot: QPoint) -> None:
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        left = Qt.MouseButton.LeftButton
        where = spot.toPointF()
        event = QMouseEvent(kind, where, widget.mapToGlobal(where), left, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)


@pytest.mark.parametrize("column", [one for one in Column if one is not Column.CHECK], ids=lambda one: one.name.lower())
def test_every_column_sorts_the_whole_list(world: GapsWorld, column: Column) -> None:
    before = {world.model.key_at(row) >> 2 for row in range(world.model.rowCount())}
    order = Qt.SortOrder.AscendingOrder
    world.table.horizontalHeader().setSortIndicator(column, order)
    world.until(lambda: (not world.dock._anew and world.dock._order != "score") or column is Column.SCORE)
    world.until(lambda: not world.dock._refresh.stale and world.dock._refresh._call is None)
    assert {world.model.key_at(row) >> 2 for row in range(world.model.rowCount())} == before
    shown = world.texts(column)
    if column in (Column.TYPE, Column.GAP):
        assert shown == sorted(shown, key=str)
    elif column is Column.TITLE:
        plain = [text.lower() for text in shown if text and text.isascii()]
        assert plain == sorted(plain)
    elif column is Column.TMDB_ID:
        assert [int(text or 0) for text in shown] == sorted(int(text or 0) for text in shown)
    elif column is Column.SCORE:
        assert [float(text or 0) for text in shown] == sorted(float(text or 0) for text in shown)


def test_search_finds_by_id_and_by_words_and_can_find_nothing(world: GapsWorld) -> None:
    world.rows_ready()
    number, name = world.text(2, Column.TMDB_ID), world.text(2, Column.TITLE)
    world.dock.field.setText(str(number))
    world.dock.field.text_edited.emit(str(number))
    world.until(lambda: world.model.rowCount() == 1)
    assert world.texts(Column.TITLE) == [name]
    world.dock.field.setText("no such title anywhere")
    world.dock.field.text_edited.emit("no such title anywhere")
    world.until(lambda: world.dock._stack.currentWidget() is world.dock._nothing)
    world.dock.clear_filters()
    world.until(lambda: world.model.rowCount() == LOST + BLANKED)


def test_ignored_gaps_leave_the_list_and_come_back(world: GapsWorld) -> None:
    world.rows_ready()
    world.model.mark(range(2), True)
    world.dock.ignore.click()
    world.until(lambda: world.model.rowCount() == LOST + BLANKED - 2)
    world.dock.choose_status(GapStatus.IGNORED)
    world.until(lambda: world.model.rowCount() == 2)
    world.model.mark_all(True)
    assert world.dock.ignore.text() == "No longer ignore"
    world.dock.ignore.click()
    world.until(lambda: world.dock._stack.currentWidget() is world.dock._nothing)
    world.dock.choose_status(GapStatus.OPEN)
    world.until(lambda: world.model.rowCount() == LOST + BLANKED)


@pytest.mark.parametrize("act", ["ignore", "fill_marked"])
def test_the_keyboard_goes_back_to_the_rows_from_what_was_done_to_them(world: GapsWorld, act: str) -> None:
    world.rows_ready()
    world.window.activateWindow()
    following = world.model.key_at(4)
    world.table.choose(3)
    press(world.table, Qt.Key.Key_Space)
    button = getattr(world.dock, act)
    button.setFocus()
    button.click()
    assert world.table.hasFocus(), "and not the button that fills everything"
    world.until(lambda: world.model.rowCount() == LOST + BLANKED - 1)
    assert world.table.current_key() == following


def test_ignored_and_given_up_gaps_are_not_called_complete(world: GapsWorld) -> None:
    every = [int(key) for key in world.ask(lambda app: gaps.gap_ids(app, GapFilter()))]
    titles = sorted({key >> 2 for key in every})
    world.ask(lambda app: gaps.ignore(app, [key for key in every if key >> 2 != titles[0]]))
    world.ask(lambda app: app.store.write(lambda db: registry.tried(db, titles[0], "network", "Timed out", 1, 1)))
    world.feed.ask()
    world.dock.choose_status(GapStatus.OPEN)
    world.until(lambda: world.dock._stack.currentWidget() is world.dock._settled)
    given_up = sum(key >> 2 == titles[0] for key in every)
    text = f"Not everything is here: {len(every) - given_up} gaps are ignored, {given_up} w"
    world.until(lambda: world.dock._settled.accessibleDescription().startswith(text))
    world.dock._settled.findChildren(Button)[0].click()
    world.until(lambda: world.model.rowCount() == LOST + BLANKED)


def test_a_month_of_ignored_gaps_offers_no_fill(world: GapsWorld) -> None:
    world.until(lambda: world.months.heat.current() >= 0 and world.month.fill.isEnabled())
    year, number = year_month(world.months.heat.current())
    chosen = GapFilter(month=f"{year:04d}-{number:02d}")
    keys = [int(key) for key in world.ask(lambda app: gaps.gap_ids(app, chosen))]
    world.ask(lambda app: gaps.ignore(app, keys))
    world.until(lambda: world.month.lines.texts().get("Requests to fill") == "0")
    assert not world.month.fill.isEnabled() and world.month.fill.text() == "No open gap to fill"


def test_after_a_reset_nothing_is_claimed_until_the_next_analysis(world: GapsWorld) -> None:
    world.ask(lambda app: reset.reset(app, ResetKind.GAPS, "gaps"))
    world.until(lambda: world.dock._stack.currentWidget() is world.dock._never)
    assert {card.value_text() for card in world.cards.cards.values()} == {"–"}


def test_an_analysis_of_another_day_is_told_with_its_day(world: GapsWorld) -> None:
    world.ask(lambda app: app.store.write(lambda db: db.execute_sql("UPDATE fact SET at = at - 3 * 86400000")))
    world.feed.ask()
    with_day = r"\d+ \S+ \d\d:\d\d$"
    world.until(lambda: re.search(f"last analysis {with_day}", world.dock.title_bar()._meta.text()))
    assert re.search(f"checked {with_day}", world.cards.cards[GapKind.POPULARITY].facts_text())


def test_enter_explains_a_gap_with_its_evidence(world: GapsWorld, qtbot: QtBot) -> None:
    world.rows_ready()
    world.table.choose(0)
    press(world.table, Qt.Key.Key_Return)
    dialog = world.dock.explanation
    assert dialog is not None
    world.until(lambda: dialog.lines)
    assert any("export of" in line for line in dialog.lines)
    assert any("gap" in line for line in dialog.lines)
    assert dialog.fill.isEnabled()
    dialog.fill.click()
    world.until(lambda: world.started)
    gone = world.model.rowCount()
    world.until(lambda: world.model.rowCount() == gone - 1 or world.model.rowCount() == LOST + BLANKED - 1)
    world.until(lambda: world.dock.explanation is None)


def test_the_menu_offers_what_the_row_allows(world: GapsWorld) -> None:
    world.rows_ready()
    menu = world.dock.make_menu(world.model.key_at(0))
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["Explain this gap", "Fill", "Ignore", "Copy ID", "Open on TMDb"]
    menu.close()


# -------------------------------------------------------------------------------------------------------- filling


def test_filling_everything_empties_the_screen_and_shows_the_strip_meanwhile(world: GapsWorld) -> None:
    seen: list[str] = []
    world.feed.work_changed.connect(lambda work: seen.append(world.strip._name.text()) if work else None)
    assert not world.strip.isVisible()
    world.demo.faults.latency_ms = 3000  # long enough to be seen, however slow this machine is
    try:
        world.dock.fill_all.click()
        world.until(lambda: world.strip.isVisible())
    finally:
        world.demo.faults.latency_ms = 0
    world.until(lambda: world.feed.latest is not None and world.feed.latest.total == 0)
    world.until(lambda: world.dock._stack.currentWidget() is world.dock._whole)
    world.until(lambda: not world.strip.isVisible())
    assert seen and seen[0] == "Fill gaps"
    assert not world.dock.fill_all.isEnabled()
    assert {card.value_text() for card in world.cards.cards.values()} == {"0"}
    assert world.cards.cards[GapKind.TEMPORAL].facts_text().startswith("0 months short")


def test_the_strip_pauses_and_resumes_a_fill(world: GapsWorld) -> None:
    world.demo.faults.latency_ms = 3000  # long enough to be paused, however slow this machine is
    try:
        world.dock.fill_all.click()
        world.until(lambda: world.strip.isVisible() and world.feed.work is not None)
        world.strip._pause.click()
        world.until(lambda: world.feed.work is not None and world.feed.work.job.state is JobState.PAUSED)
        world.until(lambda: world.strip._pause.text() == "Resume")
    finally:
        world.demo.faults.latency_ms = 0
    world.strip._pause.click()
    world.until(lambda: world.feed.latest is not None and world.feed.latest.total == 0)


def test_marked_rows_alone_are_filled(world: GapsWorld) -> None:
    world.rows_ready()
    world.model.mark(range(4), True)
    world.dock.fill_marked.click()
    world.until(lambda: world.model.rowCount() == LOST + BLANKED - 4)
    assert world.started[0][0].name == "Fill 4 titles"
    assert world.model.marked_count() == 0


# ------------------------------------------------------------------------------------------- empty, hidden, errors


def test_without_an_analysis_the_screen_offers_one(
    qtbot: QtBot, demo: DemoServer, damaged: Path, tmp_path: Path
) -> None:
    with gaps_world(qtbot, demo, tmp_path / "data") as world:
        world.open()
        assert world.dock._stack.currentWidget() is world.dock._never
        world.until(lambda: world.months._stack.currentWidget() is world.months._empty)
        assert world.cards.cards[GapKind.SEQUENTIAL].value_text() == "–"
        world.dock._start.click()
        world.until(lambda: world.feed.latest is not None and world.feed.latest.analysed_at is not None)
        world.until(lambda: world.model.rowCount() > 0)
        assert world.dock._stack.currentWidget() is world.dock._frame
        world.until(lambda: world.months.heat.current() >= 0)


def test_a_hidden_screen_reads_nothing_until_it_is_shown(world: GapsWorld) -> None:
    world.window.hide()
    before = world.feed.latest
    world.ask(lambda app: gaps.ignore(app, [world.model.key_at(0)]))
    world.qtbot.waitUntil(lambda: world.feed._count_stale)
    QApplication.processEvents()
    assert world.feed.latest is before
    world.window.show()
    world.until(lambda: world.feed.latest is not before)


def test_an_error_stands_on_the_screen(world: GapsWorld) -> None:
    world.feed.fill_months(("1901-01", "1901-02"), world.months.types())
    world.until(lambda: world.cards.message.isVisible())
    assert "No open gap" in world.cards.message.accessibleName()
    world.cards.close_message.click()
    assert not world.cards.message.isVisible()


# --------------------------------------------------------------------------------------------------- in the window


def test_the_rail_leads_to_gaps_and_its_strips_stay_there(face: Face, demo: DemoServer, damaged: Path) -> None:
    face.use_demo(demo)
    session = face.open(damaged)
    window, contents = session.window, face.contents
    assert not contents.gap_cards.isVisible()
    window.show_screen(GAPS)
    face.until(lambda: contents.gaps.latest is not None)
    assert contents.gap_cards.isVisible() and not contents.gap_fill.isVisible()
    for width, height in ((1600, 1000), (1100, 700)):
        window.resize(width, height)
        QApplication.processEvents()
        assert contents.gap_cards.width() <= window.width()
        for card in contents.gap_cards.cards.values():
            assert card.width() >= card.minimumSizeHint().width()
    window.show_screen(QUEUE)
    assert not contents.gap_cards.isVisible()
