"""The parts of the preview: five figures, and the sample table with its filter."""

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QVBoxLayout, QWidget

from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.kinds import Freshness, MediaType
from gdvg_desktop.sync.preview import Preview
from gdvg_desktop.ui.models.import_sample import Column, SampleModel
from gdvg_desktop.ui.models.import_words import requests_hint, time_words
from gdvg_desktop.ui.phrases import counted, decimal, number
from gdvg_desktop.ui.posters import Posters
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.cards import NumberTile
from gdvg_desktop.ui.widgets.labels import SectionHeader
from gdvg_desktop.ui.widgets.layouts import CardGrid
from gdvg_desktop.ui.widgets.segmented import Segmented
from gdvg_desktop.ui.widgets.tables import POSTER_HEIGHT, BadgeDelegate, PosterDelegate, TableFrame, TableView

translate = QCoreApplication.translate

_WIDTHS = {
    Column.TYPE: 72,
    Column.COUNTRY: 80,
    Column.RELEASED: 96,
    Column.POPULARITY: 104,
    Column.RATING: 72,
    Column.STATUS: 116,
}
_DROPPED = ((760, Column.COUNTRY), (700, Column.RATING), (560, Column.TYPE), (480, Column.RELEASED))
_TILE_LEAST = 152


class PreviewTiles(CardGrid):
    """Matches, new titles, duplicates, requests and time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._matches = NumberTile(translate("Import", "Estimated matches"), "scan-search")
        self._new = NumberTile(translate("Import", "New titles"), "circle-plus", Accent.GREEN)
        self._held = NumberTile(translate("Import", "Duplicates"), "copy", Accent.AMBER)
        self._requests = NumberTile(translate("Import", "Requests needed"), "gauge", Accent.BLUE)
        self._time = NumberTile(translate("Import", "At current rate"), "timer")
        tiles = [self._matches, self._new, self._held, self._requests, self._time]
        super().__init__(tiles, least=_TILE_LEAST, parent=parent)

    def show_preview(self, preview: Preview, jobs_ahead: int | None) -> None:
        """Fill the tiles."""
        about = "" if preview.exact else "~"
        self._matches.set_value(f"{about}{number(preview.estimated)}", _types(preview))
        self._new.set_value(number(preview.new), self.tr("Will be imported"))
        if preview.updates:
            held = counted(preview.updates, self.tr("{0} is fetched again"), self.tr("{0} are fetched again"))
        else:
            held = self.tr("Already here, skipped") if preview.duplicates else self.tr("None is here yet")
        self._held.set_value(number(preview.duplicates), held)
        self._requests.set_value(number(preview.requests), requests_hint(preview))
        self._time.set_value(time_words(preview), self._pace(preview, jobs_ahead))

    def _pace(self, preview: Preview, jobs_ahead: int | None) -> str:
        rate = self.tr("{0} req/s").format(decimal(preview.rate)) if preview.rate else self.tr("no rate limit set")
        if not jobs_ahead:
            return rate
        return f"{rate}, " + counted(jobs_ahead, self.tr("{0} job ahead"), self.tr("{0} jobs ahead"))


def _types(preview: Preview) -> str:
    parts = []
    for media_type, count in preview.by_type.items():
        if media_type is MediaType.MOVIE:
            parts.append(counted(count.estimated, translate("Import", "{0} movie"), translate("Import", "{0} movies")))
        else:
            parts.append(translate("Import", "{0} TV").format(number(count.estimated)))
    return ", ".join(parts)


class SampleSection(QWidget):
    """The header with its filter, and the table."""

    def __init__(self, posters: Posters | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = SampleModel(posters)
        self.model.setParent(self)
        self._head = SectionHeader(self.tr("Sample"))
        self.which = Segmented(
            [("all", self.tr("All")), ("new", self.tr("New")), ("held", self.tr("Duplicates"))],
            small=True,
            name=self.tr("Sample titles shown"),
        )
        self.which.chosen.connect(self.model.show_only)
        self._head.add_right(self.which)
        self.table = TableView(row_height=POSTER_HEIGHT, name=self.tr("Sample titles"))
        self.table.setModel(self.model)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setItemDelegateForColumn(Column.TITLE, PosterDelegate(self.table))
        self.table.setItemDelegateForColumn(Column.STATUS, BadgeDelegate(self.table))
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setMinimumHeight(160)
        header = self.table.horizontalHeader()
        header.setSectionsClickable(False)
        header.setSectionResizeMode(Column.TITLE, QHeaderView.ResizeMode.Stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._head)
        column.addWidget(TableFrame(self.table), 1)
        self._fit()

    def show_preview(self, preview: Preview, request: ImportRequest) -> None:
        """Fill the table; the sort arrow stands only where one column alone makes the order."""
        updates = any(one.freshness is Freshness.UPDATE for one in preview.sample)
        self.which.setTabText(2, self.tr("Updates") if updates else self.tr("Duplicates"))
        count = len(preview.sample)
        self._head.set_hint(
            counted(count, self.tr("first title in fetch order"), self.tr("first {0} titles in fetch order"))
        )
        self.model.fill(preview.sample, request.countries[0] if len(request.countries) == 1 else "")
        header = self.table.horizontalHeader()
        by = {100: (Column.POPULARITY, True), 50: (Column.RELEASED, True), 0: (Column.POPULARITY, False)}.get(
            request.priority
        )
        header.setSortIndicatorShown(by is not None)
        if by is not None:
            order = Qt.SortOrder.DescendingOrder if by[1] else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(by[0], order)
        self.table.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "table"):
            self._fit()

    def _fit(self) -> None:
        """Fixed columns at the text's scale; where the room is short the less important ones give way."""
        theme = theme_of(self)
        header = self.table.horizontalHeader()
        for column, width in _WIDTHS.items():
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, theme.px(width))
        for least, column in _DROPPED:
            self.table.setColumnHidden(column, self.width() < theme.px(least))
        height = max(theme.px(POSTER_HEIGHT), POSTER_HEIGHT) - 7  # the rule and 3 px above and below
        self.model.poster_width = round(round(height * 2 / 3) * self.devicePixelRatioF())
