"""The sample of a preview as table rows: the first titles in fetch order, each new, duplicate or to be updated."""

from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QPersistentModelIndex, Qt

from gdvg_desktop.core.kinds import Freshness, MediaType
from gdvg_desktop.sync.preview import PreviewTitle
from gdvg_desktop.ui.phrases import decimal, month
from gdvg_desktop.ui.posters import Posters
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.tables import CellRole

translate = QCoreApplication.translate
Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    """The columns in their order."""

    TITLE = 0
    TYPE = 1
    COUNTRY = 2
    RELEASED = 3
    POPULARITY = 4
    RATING = 5
    STATUS = 6


@dataclass(frozen=True, slots=True)
class _Badge:
    text: str
    accent: Accent
    icon: str


class SampleModel(QAbstractTableModel):
    """The titles of a sample, all or only some. `poster_width` is in device pixels."""

    def __init__(self, posters: Posters | None = None) -> None:
        super().__init__()
        self._posters = posters
        self._all: tuple[PreviewTitle, ...] = ()
        self._shown: list[PreviewTitle] = []
        self._which = "all"
        self._country = ""
        self.poster_width = 25
        if posters is not None:
            posters.arrived.connect(self._on_posters)

    def fill(self, titles: tuple[PreviewTitle, ...], country: str = "") -> None:
        """Show another sample. TMDb lists movies without countries: `country`, the only one asked for, stands in."""
        self._all, self._country = titles, country
        self._refilter()

    def show_only(self, which: str) -> None:
        """ "all", "new", or "held" for titles the library holds."""
        self._which = which
        self._refilter()

    def _refilter(self) -> None:
        self.beginResetModel()
        self._shown = [one for one in self._all if self._which == "all" or self._is_new(one) == (self._which == "new")]
        self.endResetModel()

    @staticmethod
    def _is_new(title: PreviewTitle) -> bool:
        return title.freshness is Freshness.NEW

    def title(self, row: int) -> PreviewTitle:
        """The title of a row."""
        return self._shown[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section in (Column.POPULARITY, Column.RATING) else None
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            Column.TITLE: translate("Import", "Title"),
            Column.TYPE: translate("Import", "Type"),
            Column.COUNTRY: translate("Import", "Country"),
            Column.RELEASED: translate("Import", "Released"),
            Column.POPULARITY: translate("Import", "Popularity"),
            Column.RATING: translate("Import", "Rating"),
            Column.STATUS: translate("Import", "Status"),
        }[Column(section)]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        title, column = self._shown[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(title, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column in (Column.POPULARITY, Column.RATING) else None
        if column is Column.TITLE:
            return self._title_data(title, role)
        if column is Column.STATUS:
            badge = _badge(title.freshness)
            return {CellRole.ACCENT: badge.accent, CellRole.ICON: badge.icon}.get(role)  # type: ignore[call-overload]
        return None

    def _title_data(self, title: PreviewTitle, role: int) -> object:
        if role == CellRole.SECOND and title.original_title != title.title:
            return title.original_title
        if role == CellRole.ICON:
            return "film" if title.media_type is MediaType.MOVIE else "tv"
        if role == CellRole.POSTER and self._posters is not None:
            return self._posters.poster(title.poster_path, self.poster_width)
        if role == Qt.ItemDataRole.ToolTipRole:
            return title.title
        return None

    def _text(self, title: PreviewTitle, column: Column) -> str:
        match column:
            case Column.TITLE:
                return title.title
            case Column.TYPE:
                is_movie = title.media_type is MediaType.MOVIE
                return translate("Import", "Movie") if is_movie else translate("Import", "TV")
            case Column.COUNTRY:
                return ", ".join(title.countries) or self._country
            case Column.RELEASED:
                return month(title.date)
            case Column.POPULARITY:
                return "" if title.popularity is None else decimal(title.popularity)
            case Column.RATING:
                return "" if not title.vote_average else decimal(title.vote_average)
            case Column.STATUS:
                return _badge(title.freshness).text

    def _on_posters(self) -> None:
        if self._shown:
            last = self.index(len(self._shown) - 1, Column.TITLE)
            self.dataChanged.emit(self.index(0, Column.TITLE), last, [CellRole.POSTER])


def _badge(freshness: Freshness) -> _Badge:
    return {
        Freshness.NEW: _Badge(translate("Import", "New"), Accent.GREEN, "plus"),
        Freshness.DUPLICATE: _Badge(translate("Import", "Duplicate"), Accent.AMBER, "copy"),
        Freshness.UPDATE: _Badge(translate("Import", "Update"), Accent.SLATE, "refresh-cw"),
    }[freshness]
