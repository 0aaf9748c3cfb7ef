"""The heat map: where months lie, how it is steered, what it tells, and what it draws again."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.widgets.heat_map import (
    BINS,
    HeatLegend,
    HeatMap,
    Telling,
    bin_of,
    month_of,
    year_month,
)

pytestmark = pytest.mark.usefixtures("themed")
MARCH = month_of(2003, 3)
NOW = month_of(2006, 10)


def tell(month: int) -> Telling:
    year, number = year_month(month)
    return Telling(f"{number}/{year}", [], f"month {number} of {year}")


@pytest.fixture
def heat(qtbot: QtBot) -> HeatMap:
    made = HeatMap("Coverage", tell)
    qtbot.addWidget(made)
    made.resize(400, 260)
    every = {month_of(year, month): 0.0 for year in range(2000, 2007) for month in range(1, 13)}
    every[MARCH] = 0.72
    del every[month_of(2001, 5)]
    made.set_months(every, range(2000, 2007), NOW)
    made.show()
    qtbot.waitExposed(made)
    return made


def centre(heat: HeatMap, month: int) -> QPoint:
    return heat.cell_rect(month).center()


def colour(heat: HeatMap, month: int) -> QColor:
    spot = heat.cell_rect(month).topLeft() + QPoint(3, 3)
    return heat.grab().toImage().pixelColor(spot)


@pytest.mark.parametrize(
    ("share", "level"), [(0.0, 0), (0.05, 0), (0.051, 1), (0.15, 1), (0.3, 2), (0.5, 3), (0.72, 4), (0.76, 5), (1.0, 5)]
)
def test_a_share_falls_into_the_first_bin_that_reaches_it(share: float, level: int) -> None:
    assert bin_of(share) == level
    assert BINS[level] >= share


def test_months_are_painted_by_their_share_and_unasked_ones_are_hollow(heat: HeatMap) -> None:
    theme = theme_of(heat)
    assert colour(heat, MARCH) == theme.heat(4)
    assert colour(heat, month_of(2003, 4)) == theme.heat(0)
    unasked, future = colour(heat, month_of(2001, 5)), colour(heat, month_of(2006, 12))
    assert unasked not in [theme.heat(level) for level in range(6)]
    assert future not in [theme.heat(level) for level in range(6)]


def test_every_point_of_a_cell_is_its_month(heat: HeatMap) -> None:
    for month in (month_of(2000, 1), MARCH, month_of(2006, 12)):
        spot = centre(heat, month)
        assert heat.month_at(spot.x(), spot.y()) == month
    assert heat.month_at(2, 2) == -1


def test_arrow_keys_move_by_month_and_year_and_stop_at_now(heat: HeatMap, qtbot: QtBot) -> None:
    heat.select(MARCH, MARCH)
    heat.setFocus()
    for key, goal in (
        (Qt.Key.Key_Right, month_of(2004, 3)),
        (Qt.Key.Key_Down, month_of(2004, 4)),
        (Qt.Key.Key_Left, month_of(2003, 4)),
        (Qt.Key.Key_Up, MARCH),
        (Qt.Key.Key_Home, month_of(2000, 1)),
        (Qt.Key.Key_Up, month_of(2000, 1)),
        (Qt.Key.Key_Left, month_of(2000, 1)),
        (Qt.Key.Key_End, NOW),
        (Qt.Key.Key_Down, NOW),
    ):
        qtbot.keyClick(heat, key)
        assert heat.current() == goal, key
        assert heat.selection() == (goal, goal)


def test_enter_asks_to_fill_and_shift_extends(heat: HeatMap, qtbot: QtBot) -> None:
    heat.select(MARCH, MARCH)
    qtbot.keyClick(heat, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert heat.selection() == (MARCH, month_of(2004, 3))
    assert "13 months selected" in heat.accessibleName()
    with qtbot.waitSignal(heat.activated):
        qtbot.keyClick(heat, Qt.Key.Key_Return)


def test_a_drag_selects_a_range_in_either_direction(heat: HeatMap) -> None:
    drag(heat, month_of(2004, 6), MARCH)
    assert heat.selection() == (MARCH, month_of(2004, 6))
    drag(heat, MARCH, month_of(2006, 12))
    assert heat.selection() == (MARCH, NOW)  # what has not begun is left out


def drag(heat: HeatMap, start: int, end: int) -> None:
    left = Qt.MouseButton.LeftButton
    steps = (
        (QEvent.Type.MouseButtonPress, start, left),
        (QEvent.Type.MouseMove, end, Qt.MouseButton.NoButton),
        (QEvent.Type.MouseButtonRelease, end, left),
    )
    for kind, month, button in steps:
        spot = centre(heat, month).toPointF()
        held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else left
        event = QMouseEvent(kind, spot, heat.mapToGlobal(spot), button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(heat, event)


def test_a_month_that_has_not_begun_cannot_be_chosen(heat: HeatMap, qtbot: QtBot) -> None:
    heat.select(MARCH, MARCH)
    qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=centre(heat, month_of(2006, 12)))
    assert heat.current() == MARCH


def test_the_current_month_is_spoken(heat: HeatMap) -> None:
    assert heat.accessibleName() == "Coverage"
    heat.select(MARCH, MARCH)
    assert heat.accessibleName() == "month 3 of 2003"


def test_only_changed_cells_are_drawn_again(heat: HeatMap, monkeypatch: pytest.MonkeyPatch) -> None:
    heat.grab()
    drawn: list[int] = []
    whole = HeatMap._draw_cell
    monkeypatch.setattr(
        HeatMap,
        "_draw_cell",
        lambda self, painter, theme, month: (drawn.append(month), whole(self, painter, theme, month)),
    )
    shares = {month_of(year, month): 0.0 for year in range(2000, 2007) for month in range(1, 13)}
    shares[MARCH] = 0.2
    del shares[month_of(2001, 5)]
    heat.set_months(shares, range(2000, 2007), NOW)
    assert drawn == [MARCH]
    assert colour(heat, MARCH) == theme_of(heat).heat(2)
    assert drawn == [MARCH]


def test_a_card_tells_of_the_month_under_the_mouse(heat: HeatMap, qtbot: QtBot) -> None:
    at, nothing = QPointF(centre(heat, MARCH)), Qt.MouseButton.NoButton
    # sent to the widget itself: a real pointer tells of no move where another test has left it
    move = QMouseEvent(
        QEvent.Type.MouseMove, at, heat.mapToGlobal(at), nothing, nothing, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(heat, move)
    qtbot.waitUntil(heat._tip.isVisible)
    assert heat.rect().contains(heat._tip.geometry())


def test_the_legend_names_hollow_cells_only_when_there_are_some(qtbot: QtBot) -> None:
    legend = HeatLegend("Missing")
    qtbot.addWidget(legend)
    assert legend.texts() == ["0 to 5%", "15%", "30%", "50%", "75%", "100%"]
    legend.set_unasked(True)
    assert legend.texts()[-1] == "not asked yet"
    assert "not asked yet" in legend.accessibleName()
