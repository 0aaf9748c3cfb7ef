"""Cards, bars, facts and text that adapts."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gdvg_desktop.ui.theme import apply_theme
from gdvg_desktop.ui.tokens import DARK, LIGHT, Accent, Role
from gdvg_desktop.ui.widgets.cards import CountTile, NumberTile, StatCard, StatGrid
from gdvg_desktop.ui.widgets.labels import ElidedLabel, Fact, FactLine, Figure, Paragraph
from gdvg_desktop.ui.widgets.layouts import CardGrid
from gdvg_desktop.ui.widgets.progress import HEADLINE, ProgressBar

pytestmark = pytest.mark.usefixtures("themed")


def _pixel(widget: QWidget, x: int, y: int) -> str:
    return widget.grab().toImage().pixelColor(x, y).name()


def test_a_stat_card_is_128_high_and_opens_on_enter_and_click(qtbot) -> None:
    card = StatCard("Total content", "clapperboard")
    qtbot.addWidget(card)
    card.set_value("1,204,318", "titles in the mirror")
    card.set_bar([(Accent.BLUE, 3), (Accent.PURPLE, 1)], 4)
    card.set_facts([Fact("Movies", "903,238", accent=Accent.BLUE), Fact("TV series", "301,080")])
    card.resize(330, card.heightForWidth(330))
    card.show()
    assert card.height() == 128
    with qtbot.waitSignal(card.activated):
        qtbot.keyClick(card, Qt.Key.Key_Return)
    with qtbot.waitSignal(card.activated):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert card.accessibleName() == "Total content: 1,204,318 titles in the mirror"
    assert card.accessibleDescription() == "Movies 903,238; TV series 301,080"


def test_a_stat_card_grows_rather_than_cut_its_facts(qtbot) -> None:
    card = StatCard("Total content", "clapperboard")
    qtbot.addWidget(card)
    card.set_value("1", "title")
    card.set_bar(None)
    card.set_facts(*[[Fact(f"Line {i}", "1")] for i in range(6)])
    assert card.heightForWidth(300) > 128


def test_stat_cards_throw_a_shadow_of_the_theme_in_force(qtbot, qapp) -> None:
    cards = [StatCard(str(i), "gauge") for i in range(2)]
    grid = StatGrid(cards)
    qtbot.addWidget(grid)
    grid.resize(800, 128)
    grid.show()
    middle = cards[0].geometry().right() + 8
    beside = cards[0].geometry().right() + 2
    for theme in (DARK, LIGHT):
        apply_theme(qapp, theme)
        image = grid.grab().toImage()
        assert image.pixelColor(beside, 64).lightness() < image.pixelColor(middle, 4).lightness()


def test_tiles_tell_name_and_figure(qtbot) -> None:
    tile, count = NumberTile("New titles", "circle-plus", Accent.GREEN), CountTile("Failed", Accent.RED)
    for widget in (tile, count):
        qtbot.addWidget(widget)
    tile.set_value("2,323", "Will be imported")
    count.set_value("12")
    assert (tile.accessibleName(), tile.accessibleDescription()) == ("New titles: 2,323", "Will be imported")
    assert count.accessibleName() == "Failed: 12"


def test_a_bar_shows_its_share_in_its_colour(qtbot) -> None:
    bar = ProgressBar(HEADLINE, Accent.AMBER, name="Import")
    qtbot.addWidget(bar)
    bar.resize(200, 12)
    bar.set_share(50, 100)
    assert _pixel(bar, 90, 6) == DARK.fill_amber
    assert _pixel(bar, 110, 6) == DARK.track
    face = QAccessible.queryAccessibleInterface(bar)
    assert face.role() == QAccessible.Role.ProgressBar
    assert bar.value() / bar.maximum() == 0.5


def test_a_bar_stacks_its_parts(qtbot) -> None:
    bar = ProgressBar(HEADLINE)
    qtbot.addWidget(bar)
    bar.resize(200, 12)
    bar.set_parts([(Accent.BLUE, 50), (Accent.PURPLE, 25)], 100)
    assert [_pixel(bar, x, 6) for x in (50, 125, 180)] == [DARK.fill_blue, DARK.fill_purple, DARK.track]


@pytest.mark.parametrize(("done", "total", "value"), [(0, 0, 0), (5, 0, 0), (-1, 10, 0), (20, 10, 10_000)])
def test_a_bar_takes_odd_numbers(qtbot, done: float, total: float, value: int) -> None:
    bar = ProgressBar()
    qtbot.addWidget(bar)
    bar.set_share(done, total)
    assert bar.value() == value


def test_an_unknown_total_is_a_stripe_that_rests_without_motion(qtbot) -> None:
    bar = ProgressBar(HEADLINE)
    qtbot.addWidget(bar)
    bar.resize(200, 12)
    bar.set_unknown()
    bar.show()
    assert (bar.minimum(), bar.maximum()) == (0, 0)
    assert _pixel(bar, 100, 6) == DARK.fill_blue
    assert _pixel(bar, 10, 6) == DARK.track
    bar.set_share(1, 1)
    assert _pixel(bar, 10, 6) == DARK.fill_blue


def test_facts_break_the_line_where_the_room_ends(qtbot) -> None:
    line = FactLine([Fact("Movies", "1,012,440"), Fact("TV series", "191,878"), Fact("Resets in", "10 h", right=True)])
    qtbot.addWidget(line)
    assert line.heightForWidth(2000) == 16
    assert line.heightForWidth(line.minimumSizeHint().width()) == 48
    assert line.accessibleName() == "Movies 1,012,440, TV series 191,878, Resets in 10 h"


def test_a_cut_label_tells_the_whole_text_in_its_tooltip(qtbot) -> None:
    label = ElidedLabel("A very long name of an import that cannot fit")
    qtbot.addWidget(label)
    label.resize(80, 20)
    label.grab()
    assert label.toolTip() == label.text()
    label.resize(800, 20)
    label.grab()
    assert label.toolTip() == ""


class _Box(QWidget):
    """Counts how often it was asked to lay itself out."""

    asked = 0

    def event(self, event: QEvent) -> bool:
        self.asked += event.type() == QEvent.Type.LayoutRequest
        return super().event(event)


def test_a_figure_asks_for_other_room_only_where_its_text_takes_it(qtbot, themed) -> None:
    box = _Box()
    row = QHBoxLayout(box)
    figure = Figure("1,204", Role.STAT)
    row.addWidget(figure)
    row.addStretch(1)
    qtbot.addWidget(box)
    box.resize(400, 60)
    box.show()
    qtbot.waitUntil(lambda: figure.width() == figure.minimumWidth())
    QCoreApplication.sendPostedEvents()
    width, box.asked = figure.width(), 0
    assert not figure.set_text("9,871")  # figures are of one width
    QCoreApplication.sendPostedEvents()
    assert figure.text() == "9,871" and box.asked == 0
    assert figure.set_text("12,041")
    qtbot.waitUntil(lambda: figure.width() > width)
    assert figure.set_text("7")
    qtbot.waitUntil(lambda: figure.width() < width)
    height = figure.height()
    apply_theme(themed, replace(DARK, motion=False, text_scale=1.5))
    qtbot.waitUntil(lambda: figure.height() > height)


def test_a_paragraph_shows_markup_as_text(qtbot) -> None:
    paragraph = Paragraph("")
    qtbot.addWidget(paragraph)
    paragraph.set_text("<b>bold</b> & co\nnext", lead="Lead.")
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; co<br>next" in paragraph.text()
    assert paragraph.plain_text() == "<b>bold</b> & co\nnext"


@pytest.mark.parametrize(("width", "columns"), [(1200, 4), (1000, 2), (500, 1)])
def test_cards_stand_in_fewer_columns_when_narrow(qtbot, width: int, columns: int) -> None:
    grid = CardGrid([StatCard(str(i), "gauge") for i in range(4)])
    qtbot.addWidget(grid)
    grid.resize(QSize(width, 400))
    grid.show()
    assert grid.columns() == columns
