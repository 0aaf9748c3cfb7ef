"""Every component in one picture, for comparing with the design: `python -m gdvg_desktop.ui.gallery --screenshot FILE`.

A tool for whoever works on the look; the program itself does not use it. Texts are examples and not translated.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from gdvg_desktop.ui.theme import apply_theme, theme_of
from gdvg_desktop.ui.tokens import THEMES, Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind, IconButton
from gdvg_desktop.ui.widgets.cards import Card, CountTile, NumberTile, StatCard
from gdvg_desktop.ui.widgets.charts import Series, StackedBars
from gdvg_desktop.ui.widgets.chips import Chip, ChipKind
from gdvg_desktop.ui.widgets.dock_panel import DockTitleBar
from gdvg_desktop.ui.widgets.fields import FormField, SpinBox
from gdvg_desktop.ui.widgets.labels import Fact, IconLabel, label
from gdvg_desktop.ui.widgets.log_view import LogLevel, LogLine, LogView
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage
from gdvg_desktop.ui.widgets.month_picker import MonthPicker
from gdvg_desktop.ui.widgets.paint import antialiased, box
from gdvg_desktop.ui.widgets.progress import ROW, ProgressBar
from gdvg_desktop.ui.widgets.search_field import SearchField
from gdvg_desktop.ui.widgets.segmented import Segmented
from gdvg_desktop.ui.widgets.tables import CellRole, TableFrame, TableView
from gdvg_desktop.ui.widgets.toasts import Toast
from gdvg_desktop.ui.widgets.toggles import CheckBox, RadioButton, Switch

WIDTH, HEIGHT = 1600, 1000
SETTLE_MS = 400

_TOKENS = (
    *("bg_window", "bg_popup", "bg_raised_hover", "text_primary", "text_secondary"),
    *("fill_blue", "fill_green", "fill_amber", "fill_red", "fill_purple"),
    *("bg_sunken", "bg_surface", "bg_raised", "text_body", "border_control"),
    *("primary", "focus", "text_green", "text_amber", "text_red"),
)
_ICONS = (
    *("layout-dashboard", "download", "list-ordered", "library", "settings", "refresh-cw", "pause", "play"),
    *("triangle-alert", "circle-check", "gauge", "database-zap", "search", "key-round"),
)


class _Swatch(QWidget):
    """One token as a patch."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token
        self.setFixedSize(88, 32)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        box(painter, self.rect(), 6, theme.color(self._token), theme.color("border_strong"))
        painter.end()


class _Rows(QAbstractTableModel):
    """The table of the design."""

    ROWS = (
        ("Rest", "0", "Completed", Accent.GREEN),
        ("Hover", "9", "Completed", Accent.GREEN),
        ("Selected", "412", "With errors", Accent.AMBER),
        ("Selected and focused", "37", "Running", Accent.BLUE),
        ("Plain", "-", "Paused", Accent.SLATE),
    )
    HEAD = ("State", "Errors", "Result")

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.ROWS)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.HEAD)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.ROWS[index.row()][index.column()]
        if role == CellRole.ACCENT and index.column() == 2:
            return self.ROWS[index.row()][3]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 1:
            return Qt.AlignmentFlag.AlignRight
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.HEAD[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 1:
            return Qt.AlignmentFlag.AlignRight
        return None


def _row(*widgets: QWidget, gap: int = 8) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(gap)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return holder


def _column(*widgets: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return column


def _swatches() -> QWidget:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(2)
    for number, token in enumerate(_TOKENS):
        line, column = divmod(number, 5)
        grid.addWidget(_Swatch(token), line * 2, column)
        grid.addWidget(label(token, Role.AXIS), line * 2 + 1, column)
    return holder


def _progress(name: str, accent: Accent, share: float, figure: str) -> QWidget:
    bar = ProgressBar(ROW, accent, name=name)
    bar.set_share(share, 1.0)
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    word = label(name, Role.BODY)
    word.setFixedWidth(theme_of().px(70))
    row.addWidget(word)
    row.addWidget(bar, 1)
    row.addWidget(label(figure, Role.STRONG))
    return holder


def _left() -> QVBoxLayout:
    title = _row(label("GDVG Desktop components", Role.TITLE), label("Sizes in logical px", Role.HINT), gap=16)
    types = _row(label("1,204,318", Role.STAT), label("28/36", Role.HINT), label("Dialog title", Role.TITLE), gap=16)
    more = _row(
        label("Section", Role.SECTION),
        label("Row title", Role.ROW_TITLE),
        label("Body", Role.BODY),
        label("Hint", Role.HINT),
        label("Axis", Role.AXIS),
        gap=16,
    )
    log = LogView()
    log.setFixedHeight(68)
    log.append(
        [
            LogLine("13:12:05", LogLevel.WARN, "429 from /tv/236235, waiting 2 s"),
            LogLine("13:12:06", LogLevel.OK, "A made-up title (2024) imported"),
        ]
    )
    unknown = ProgressBar(ROW, name="Unknown total")
    unknown.set_unknown()
    split = ProgressBar(ROW, name="Split")
    split.set_parts([(Accent.BLUE, 84), (Accent.PURPLE, 16)], 100)
    card = StatCard("Total content", "clapperboard")
    card.set_value("1,204,318", "titles in the mirror")
    card.set_bar([(Accent.BLUE, 84), (Accent.PURPLE, 16)], 100)
    card.set_facts(
        [Fact("Movies", "1,012,440", accent=Accent.BLUE), Fact("TV series", "191,878", accent=Accent.PURPLE)]
    )
    tile = NumberTile("New titles", "circle-plus", Accent.GREEN)
    tile.set_value("2,323", "Will be imported")
    failed = CountTile("Failed", Accent.RED)
    failed.set_value("12")
    return _column(
        title,
        _swatches(),
        types,
        more,
        log,
        _row(*(IconLabel(name, 20, "text_body") for name in _ICONS), gap=14),
        _progress("Running", Accent.BLUE, 0.51, "51%"),
        _progress("Complete", Accent.GREEN, 1.0, "100%"),
        _progress("Paused", Accent.AMBER, 0.22, "22%"),
        split,
        unknown,
        card,
        _row(tile, failed),
    )


def _buttons() -> list[QWidget]:
    pressed = Button("Sync", icon="refresh-cw", kind=ButtonKind.PRIMARY)
    pressed.setDown(True)
    off = Button("Sync", icon="refresh-cw", kind=ButtonKind.PRIMARY)
    off.setEnabled(False)
    held = Button("Pause", icon="pause")
    held.setDown(True)
    dull = Button("Pause", icon="pause")
    dull.setEnabled(False)
    return [
        _row(
            Button("Sync", icon="refresh-cw", kind=ButtonKind.PRIMARY),
            pressed,
            Button("Start import", icon="play", kind=ButtonKind.PRIMARY, keys="Ctrl Enter"),
            off,
            gap=12,
        ),
        _row(Button("Pause", icon="pause"), held, dull, Button("Reset", kind=ButtonKind.LINK), gap=12),
        _row(
            Button("Ghost", icon="copy", kind=ButtonKind.GHOST),
            Button("Delete", icon="trash-2", kind=ButtonKind.DANGER),
            IconButton("ellipsis", "More", kind=ButtonKind.NEUTRAL),
            Button("Small", icon="download", small=True),
            Button("Menu", icon="list-filter", small=True, chevron=True),
            gap=12,
        ),
    ]


def _inputs() -> list[QWidget]:
    month = MonthPicker("From", "Any month", 1900, 2030)
    month.set_value("2024-01")
    focused = QLineEdit("Focused")
    focused.setObjectName("focused")
    wrong = FormField("", QLineEdit("1874-13"))
    wrong.set_error("Month must be 1 to 12")
    switch_on, mixed, ticked, radio = Switch(name="On"), CheckBox("Mixed"), CheckBox("On"), RadioButton()
    switch_on.setChecked(True)
    ticked.setChecked(True)
    mixed.setTristate(True)
    mixed.setCheckState(Qt.CheckState.PartiallyChecked)
    radio.setChecked(True)
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, 100)
    slider.setValue(86)
    number = SpinBox(0, 100, name="Priority")
    number.setValue(86)
    fields = QWidget()
    grid = QHBoxLayout(fields)
    grid.setContentsMargins(0, 0, 0, 0)
    for widget in (month, focused, wrong):
        grid.addWidget(widget, 1, Qt.AlignmentFlag.AlignTop)
    search = SearchField("Search titles", keys="Ctrl K")
    toggles = _row(switch_on, Switch(name="Off"), ticked, mixed, CheckBox("Off"), radio, RadioButton())
    return [fields, toggles, _row(slider, number), search]


def _chips() -> list[QWidget]:
    states = (
        ("Running", Accent.BLUE, "play"),
        ("Completed", Accent.GREEN, "check"),
        ("Paused", Accent.AMBER, "pause"),
        ("Failed", Accent.RED, "circle-x"),
        ("Pending", Accent.SLATE, "clock"),
        ("Popularity", Accent.PURPLE, ""),
    )
    return [
        _row(
            Chip("Drama"),
            Chip("Korea", checked=True),
            Chip("2015 to 2026", ChipKind.FILTER),
            Chip("More", ChipKind.OPENER),
            Chip("TV series", ChipKind.FACT),
        ),
        _row(*(Badge(*state) for state in states), gap=9),
        _row(
            Segmented([("movie", "Movies"), ("tv", "TV series"), ("all", "Both")], name="Type"),
            Segmented([("all", "All"), ("new", "New")], small=True, name="Show"),
        ),
    ]


def _middle() -> QVBoxLayout:
    chart = StackedBars("Titles per day")
    labels = ("16", "17", "18", "19", "20", "21")
    chart.set_data(
        labels,
        [
            Series("Movies", Accent.BLUE, (18, 20, 17, 22, 19, 12)),
            Series("TV", Accent.PURPLE, (5, 4, 6, 5, 4, 3)),
            Series("Updated", Accent.SLATE, (8, 6, 9, 7, 14, 5)),
        ],
    )
    card = Card()
    inner = QVBoxLayout(card)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.addWidget(chart)
    card.setFixedHeight(150)
    toasts = [
        Toast(Accent.GREEN, "Import finished", "866 imported, 12 failed.", (("View titles", chart.update),)),
        Toast(Accent.RED, "TMDb rejected the key", "Replace it to go on."),
    ]
    return _column(*_buttons(), *_inputs(), *_chips(), card, *toasts)


def _right() -> QVBoxLayout:
    docked, focused = DockTitleBar("heart-pulse", "Docked", ()), DockTitleBar("heart-pulse", "Has keyboard focus", ())
    focused.set_focused(True)
    table = TableView(name="States")
    table.setModel(_Rows(table))
    table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    table.selectRow(2)
    frame = TableFrame(table)
    frame.setFixedHeight(194)
    empty = Card()
    inner = QVBoxLayout(empty)
    inner.setContentsMargins(0, 0, 0, 0)
    action = Button("New import", icon="plus", small=True)
    inner.addWidget(EmptyState("list-ordered", "The queue is empty", "Imports wait here in priority order.", action))
    message = InlineMessage(
        Accent.BLUE,
        "Every matching title is imported. Popular titles arrive first, so a paused import already holds the ones"
        " people look for.",
        lead="This sets the order, not a filter.",
        icon="arrow-down-wide-narrow",
    )
    warning = InlineMessage(Accent.AMBER, "Paused by you at 11:47. It keeps its place.")
    tabs = DockTitleBar("activity", "Analytics", ("Analytics", "Live log"))
    return _column(docked, focused, tabs, frame, empty, message, warning)


class Gallery(QWidget):
    """All components in three columns."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Components")
        columns = QHBoxLayout(self)
        columns.setContentsMargins(32, 24, 32, 24)
        columns.setSpacing(40)
        for build in (_left, _middle, _right):
            columns.addLayout(build(), 1)
        self.resize(WIDTH, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme_of(self).bg_window))
        painter.end()


def main() -> int:
    """Show the gallery, or save it as a picture and leave."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--screenshot", type=Path, help="save a picture and leave")
    parser.add_argument("--theme", choices=sorted(THEMES), default="dark")
    parser.add_argument("--text-scale", type=float, default=1.0)
    arguments = parser.parse_args()
    app = QApplication([])
    apply_theme(app, replace(THEMES[arguments.theme], text_scale=arguments.text_scale))
    gallery = Gallery()
    gallery.show()
    focused = gallery.findChild(QLineEdit, "focused")
    if focused is not None:
        focused.setFocus()
    if arguments.screenshot is not None:
        target = str(arguments.screenshot)
        QTimer.singleShot(SETTLE_MS, lambda: (gallery.grab().save(target), app.quit()))
    return app.exec()


if __name__ == "__main__":
    raise SystemExit(main())
