"""Charts: ticks, data as a table, keys, the empty state; and the small painted ones."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from gdvg_desktop.ui.tokens import DARK, Accent
from gdvg_desktop.ui.widgets.chart_parts import Legend, Share, ShareBars, TipCard
from gdvg_desktop.ui.widgets.charts import LineChart, Series, StackedBars, nice_ticks, short_number
from gdvg_desktop.ui.widgets.sparkline import Sparkline

pytestmark = pytest.mark.usefixtures("themed")
DAYS = ("Mon", "Tue", "Wed")
MOVIES = Series("Movies", Accent.BLUE, (18_000.0, None, 20_000.0))
TV = Series("TV", Accent.PURPLE, (3_000.0, None, 4_000.0))


@pytest.fixture
def bars(qtbot) -> StackedBars:
    chart = StackedBars("Import volume")
    qtbot.addWidget(chart)
    chart.resize(400, 200)
    chart.set_data(DAYS, [MOVIES, TV])
    chart.show()
    qtbot.waitUntil(chart.isVisible)
    return chart


@given(st.floats(min_value=0.001, max_value=1e9))
def test_ticks_cover_the_values_in_few_round_steps(high: float) -> None:
    ticks = nice_ticks(0.0, high, most=4)
    assert ticks[0] == 0.0
    assert ticks[-1] >= high * 0.999
    assert 3 <= len(ticks) <= 6
    assert ticks == sorted(set(ticks))


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (15_000, "15k"), (1_500_000, "1.5M"), (99.5, "99.5")])
def test_axis_numbers_are_short(value: float, text: str) -> None:
    assert short_number(value) == text


def test_bars_are_drawn_in_the_colours_of_their_series(bars: StackedBars) -> None:
    image = bars.grab().toImage()
    seen = {image.pixelColor(x, y).name() for x in range(0, 400, 2) for y in range(0, 200, 2)}
    assert {DARK.fill_blue, DARK.fill_purple} <= seen


def test_a_chart_hands_out_its_data_and_a_summary(bars: StackedBars) -> None:
    assert bars.table() == [["", "Movies", "TV"], ["Mon", "18k", "3k"], ["Tue", "", ""], ["Wed", "20k", "4k"]]
    assert bars.accessibleDescription() == "Movies from 18k to 20k, last 20k; TV from 3k to 4k, last 4k"


def test_arrow_keys_tell_one_day_after_another(qtbot, bars: StackedBars) -> None:
    card = bars.findChild(TipCard)
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    assert card.isVisible()
    assert bars.accessibleDescription() == "Mon: Movies 18k, TV 3k"
    qtbot.keyClick(bars, Qt.Key.Key_End)
    qtbot.keyClick(bars, Qt.Key.Key_Escape)
    assert not card.isVisible()


def test_the_table_takes_the_place_of_the_chart_and_back(bars: StackedBars) -> None:
    bars.show_as_table(True)
    assert bars.showing_table()
    bars.set_data(DAYS, [MOVIES])
    assert bars.showing_table()
    bars.show_as_table(False)
    assert not bars.showing_table()


def test_values_and_labels_must_match(qtbot) -> None:
    chart = StackedBars("Import volume")
    qtbot.addWidget(chart)
    with pytest.raises(ValueError, match="Movies: 3 values for 1 labels"):
        chart.set_data(("Mon",), [MOVIES])


def test_a_line_breaks_where_a_day_has_no_value(qtbot) -> None:
    chart = LineChart("Success rate")
    qtbot.addWidget(chart)
    chart.resize(400, 200)
    series = Series("Success", Accent.GREEN, (99.9, None, 98.7))
    chart.set_data(
        DAYS, [series], number=lambda value: f"{value:g}%", target=(99.0, "Target 99%"), value_range=(98.0, 100.0)
    )
    chart.show()
    image = chart.grab().toImage()
    middle = {image.pixelColor(x, y).name() for x in range(215, 235) for y in range(150)}
    assert DARK.fill_green not in middle
    assert chart.table()[1] == ["Mon", "99.9%"]


def test_an_empty_chart_says_what_will_appear(qtbot, bars: StackedBars) -> None:
    bars.set_empty("Daily totals appear after the first run")
    assert bars.accessibleDescription() == "Daily totals appear after the first run"
    assert bars.table() == [[""]]
    bars.show_as_table(True)
    assert not bars.showing_table()
    bars.set_data(DAYS, [MOVIES])
    assert len(bars.table()) == 4


def test_pyqtgraph_is_not_loaded_before_a_chart_has_data() -> None:
    program = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([])\n"
        "from gdvg_desktop.ui.widgets.charts import StackedBars\n"
        "chart = StackedBars('x'); chart.set_empty('y'); chart.grab()\n"
        "assert 'pyqtgraph' not in sys.modules and 'numpy' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_distribution_gives_count_and_share(qtbot) -> None:
    chart = ShareBars("Errors")
    qtbot.addWidget(chart)
    chart.set_rows([Share("Network", 231, Accent.AMBER), Share("Server", 77, Accent.RED)])
    assert chart.table() == [["", "Count", "Share"], ["Network", "231", "75%"], ["Server", "77", "25%"]]
    chart.resize(400, chart.sizeHint().height())
    image = chart.grab().toImage()
    assert DARK.fill_amber in {image.pixelColor(x, 14).name() for x in range(400)}


def test_a_legend_names_series(qtbot) -> None:
    legend = Legend([("Movies", Accent.BLUE), ("TV", Accent.PURPLE)])
    qtbot.addWidget(legend)
    assert legend.accessibleName() == "Movies, TV"


@pytest.mark.parametrize("values", [[], [1.0], [0.0, 0.0], [3.0, 9.0, 1.0]])
def test_a_sparkline_draws_any_values(qtbot, values: list[float]) -> None:
    line = Sparkline("Rate")
    qtbot.addWidget(line)
    line.set_values(values)
    image = line.grab().toImage()
    assert line.sizeHint().width() == 64
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert (len(seen) > 1) == (len(values) > 1)
