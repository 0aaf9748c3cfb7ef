"""The table: sizes, keys, and what delegates draw."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QPixmap, QStandardItem, QStandardItemModel
from PySide6.QtTest import QAbstractItemModelTester

from gdvg_desktop.ui.tokens import DARK, Accent
from gdvg_desktop.ui.widgets.chart_table import ChartTable
from gdvg_desktop.ui.widgets.tables import (
    POSTER_HEIGHT,
    BadgeDelegate,
    BarDelegate,
    CellRole,
    PosterDelegate,
    TableFrame,
    TableView,
)

pytestmark = pytest.mark.usefixtures("themed")


@pytest.fixture
def table(qtbot) -> TableView:
    view = TableView(row_height=POSTER_HEIGHT, name="Titles")
    model = QStandardItemModel(3, 4, view)
    model.setHorizontalHeaderLabels(["Title", "Status", "Complete", "Popularity"])
    poster = QPixmap(40, 60)
    poster.fill(DARK.color("fill_red"))
    for row in range(3):
        cells = [QStandardItem(text) for text in (f"Title {row}", "New", "100%", "214.6")]
        cells[0].setData(poster, CellRole.POSTER)
        cells[0].setData("原題", CellRole.SECOND)
        cells[1].setData(Accent.GREEN, CellRole.ACCENT)
        cells[1].setData("plus", CellRole.ICON)
        cells[2].setData(1.0, CellRole.SHARE)
        cells[3].setTextAlignment(Qt.AlignmentFlag.AlignRight)
        for column, cell in enumerate(cells):
            model.setItem(row, column, cell)
    view.setModel(model)
    view.setItemDelegateForColumn(0, PosterDelegate(view))
    view.setItemDelegateForColumn(1, BadgeDelegate(view))
    view.setItemDelegateForColumn(2, BarDelegate(view))
    qtbot.addWidget(view)
    view.resize(700, 220)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    return view


def _colours(table: TableView, row: int, column: int) -> set[str]:
    image = table.viewport().grab(table.visualRect(table.model().index(row, column))).toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_header_and_rows_have_their_heights(table: TableView) -> None:
    assert table.horizontalHeader().height() == 32
    assert table.rowHeight(0) == POSTER_HEIGHT
    assert table.accessibleName() == "Titles"


def test_delegates_draw_poster_badge_and_bar(table: TableView) -> None:
    assert DARK.fill_red in _colours(table, 0, 0)
    assert DARK.badge_green in _colours(table, 0, 1)
    assert DARK.fill_green in _colours(table, 0, 2)


def test_the_current_row_is_lined_only_while_the_table_has_the_focus(table: TableView) -> None:
    table.setCurrentIndex(table.model().index(1, 0))
    table.setFocus()
    assert DARK.focus in _colours(table, 1, 3)
    assert DARK.focus not in _colours(table, 0, 3)
    table.clearFocus()
    assert DARK.focus not in _colours(table, 1, 3)


def test_arrow_keys_move_by_rows(qtbot, table: TableView) -> None:
    table.setCurrentIndex(table.model().index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert table.currentIndex().row() == 1
    assert {index.row() for index in table.selectionModel().selectedRows()} == {1}


def test_the_mouse_marks_the_row_under_it(qtbot, table: TableView) -> None:
    qtbot.mouseMove(table.viewport(), table.visualRect(table.model().index(2, 1)).center())
    assert table.hover_row() == 2


def test_a_missing_poster_is_drawn_as_a_place_for_one(table: TableView) -> None:
    table.model().setData(table.model().index(0, 0), None, CellRole.POSTER)
    colours = _colours(table, 0, 0)
    assert DARK.fill_red not in colours
    assert DARK.bg_raised in colours


def test_a_frame_keeps_the_table_inside_its_border(qtbot) -> None:
    frame = TableFrame(TableView())
    qtbot.addWidget(frame)
    frame.resize(300, 200)
    frame.show()
    assert frame.table.geometry().getRect() == (1, 1, 298, 198)


def test_chart_rows_become_a_proper_model(qtbot) -> None:
    table = ChartTable("Import volume")
    qtbot.addWidget(table)
    QAbstractItemModelTester(table.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)
    table.fill([["", "Movies"], ["Mon", "12"], ["Tue", "9"]])
    model = table.model()
    assert (model.rowCount(QModelIndex()), model.columnCount(QModelIndex())) == (2, 2)
    assert model.index(1, 0).data() == "Tue"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Movies"
