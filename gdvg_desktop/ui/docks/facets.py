"""The facets of the library: how many of the found titles have each value, and boxes that change the query.

It reads counts through the same search the table shows, after the table has its answer.
"""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands import imports, titles
from gdvg_desktop.commands.imports import Choices
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.library import Condition, Facets, TitleFilter
from gdvg_desktop.ui.docks.facet_parts import FacetSection, FacetValue, YearHistogram
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import query_text
from gdvg_desktop.ui.models.library_search import LibrarySearch
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.labels import label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.messages import InlineMessage

translate = QCoreApplication.translate

MOST_WIDE = 320
TABLE_FIRST_MS = 150


def condition_name(condition: str) -> str:
    """A state of titles in words."""
    return {
        Condition.COMPLETE: translate("FacetsDock", "Complete"),
        Condition.NO_OVERVIEW: translate("FacetsDock", "No overview"),
        Condition.NO_POSTER: translate("FacetsDock", "No poster"),
        Condition.STALE: translate("FacetsDock", "Older than 150 days"),
        Condition.TOMBSTONE: translate("FacetsDock", "Deleted at TMDb"),
    }[Condition(condition)]


class FacetsDock(DockPanel):
    """Type, origin country, release year, completeness and genre of what the search found."""

    KEY = "facets"

    def __init__(self, host: Host, search: LibrarySearch, parent: QWidget | None = None) -> None:
        super().__init__(self.KEY, translate("FacetsDock", "Facets"), "list-filter", parent=parent)
        self._host, self._search = host, search
        self._names: Choices | None = None
        self._facets: Facets | None = None
        self._build()
        self._measure()
        self._refresh: Refresh[Facets] = Refresh(
            self, host, lambda: lambda app: titles.facets(app, search.chosen), self._on_facets, self._on_failed
        )
        self._soon = QTimer(self)  # while somebody types, the table has the machine to itself
        self._soon.setSingleShot(True)
        self._soon.setInterval(TABLE_FIRST_MS)
        self._soon.timeout.connect(self._refresh.ask_anew)
        search.found.connect(self._soon.start)
        search.text_changed.connect(self._on_query)
        host.opened.connect(self._read_names)
        host.opened.connect(self._refresh.ask)
        self._read_names()
        self._refresh.ask()

    def _build(self) -> None:
        scroll = ScrollColumn(spacing=16)
        column = scroll.column
        column.setContentsMargins(0, 0, 4, 0)
        self._message = InlineMessage(Accent.RED)
        self._message.hide()
        column.addWidget(self._message)
        self.types = FacetSection(self.tr("Type"), len(MediaType))
        self.countries = FacetSection(self.tr("Origin country"))
        self.conditions = FacetSection(self.tr("Completeness"), len(Condition))
        self.genres = FacetSection(self.tr("Genre"))
        self.years = YearHistogram()
        for part in (self.types, self.countries, self._build_years(), self.conditions, self.genres):
            column.addWidget(part)
        column.addStretch(1)
        self.set_content(scroll)
        self.types.toggled.connect(lambda one: self._change(query_text.toggle_type, MediaType(one)))
        self.countries.toggled.connect(lambda one: self._change(query_text.toggle_country, one))
        self.conditions.toggled.connect(lambda one: self._change(query_text.toggle_condition, one))
        self.genres.toggled.connect(lambda one: self._change(query_text.toggle_genre, one))
        self.years.chosen.connect(lambda first, last: self._change(query_text.set_years, first, last))

    def _change(self, edit: Callable[..., TitleFilter], *values: object) -> None:
        self._search.choose(edit(self._search.chosen, *values))

    def _measure(self) -> None:
        """Names and counts need no more room than this; what a wide window has is the table's."""
        self.setMaximumWidth(theme_of(self).px(MOST_WIDE))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._measure()
        super().changeEvent(event)

    def _build_years(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(label(self.tr("Release year"), Role.STRONG))
        head.addStretch(1)
        words = label("", Role.BODY)
        words.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.years.range_shown.connect(words.setText)
        head.addWidget(words)
        column.addLayout(head)
        column.addWidget(self.years)
        return part

    # reading ---------------------------------------------------------------------------------------------------

    def _on_query(self) -> None:
        """Boxes follow the query at once, counts when the table has its answer, or now if no table is seen."""
        self._show()
        if not self._search.awake:
            self._refresh.ask_anew()

    def _read_names(self) -> None:
        if self._host.app is not None and self._names is None:
            self._host.call(self, imports.choices, self._on_names)

    def _on_names(self, names: Choices) -> None:
        self._names = names
        self._show()

    def _on_facets(self, facets: Facets) -> None:
        self._message.hide()
        self._facets = facets
        self._show()

    def _on_failed(self, problem: GdvgError) -> None:
        self._message.set_message(Accent.RED, str(problem), lead=problem.title)
        self._message.show()

    # showing ---------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        facets, chosen = self._facets, self._search.chosen
        if facets is None:
            return
        types = chosen.media_types
        words = {MediaType.MOVIE: self.tr("Movies"), MediaType.TV: self.tr("TV series")}
        self.types.set_values(
            [
                FacetValue(one.value, words[one], facets.media_types.get(one, 0), not types or one in types)
                for one in MediaType
            ]
        )
        names = self._names.countries if self._names is not None else {}
        self.countries.set_values(
            _chosen_first(
                FacetValue(code, names.get(code, code), facets.countries.get(code, 0), code in chosen.countries)
                for code in dict.fromkeys((*chosen.countries, *facets.countries))
            )
        )
        self.years.set_years(facets.years, chosen.year_from, chosen.year_to)
        self.conditions.set_values(
            [
                FacetValue(
                    one.value, condition_name(one), facets.completeness.get(one, 0), chosen.completeness == one.value
                )
                for one in Condition
                if one is not Condition.TOMBSTONE or facets.completeness.get(one) or chosen.completeness == one.value
            ]
        )
        known = {name.casefold() for name in facets.genres}
        asked = [name.title() for name in chosen.genres if name.casefold() not in known]
        self.genres.set_values(
            _chosen_first(
                FacetValue(name, name, facets.genres.get(name, 0), query_text.has_genre(chosen, name))
                for name in (*facets.genres, *asked)
            )
        )


def _chosen_first(values: Iterable[FacetValue]) -> list[FacetValue]:
    return sorted(values, key=lambda one: not one.checked)
