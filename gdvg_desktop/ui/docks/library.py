"""The library: search as you type over a table of any length, filters as chips, export.

The list under the user's eyes never moves by itself: titles that come in are announced and shown when asked for.
"""

from itertools import islice
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.commands import imports
from gdvg_desktop.commands.imports import Choices
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.store.library import TitleFilter
from gdvg_desktop.ui import icons, phrases
from gdvg_desktop.ui.docks.facets import condition_name
from gdvg_desktop.ui.docks.library_export import ExportStrip
from gdvg_desktop.ui.docks.titles_table import TitlesTable
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import query_text
from gdvg_desktop.ui.models.library_search import Found, LibrarySearch, Order
from gdvg_desktop.ui.models.titles import SORTS, Column, TitlesModel, key_of
from gdvg_desktop.ui.posters import Posters
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import KeyCap
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.chips import Chip, ChipKind
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.flow import FlowLayout
from gdvg_desktop.ui.widgets.labels import label
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage
from gdvg_desktop.ui.widgets.search_field import SearchField, shortcut_text
from gdvg_desktop.ui.widgets.tables import TableFrame

MOST_COPIED = 100_000
NARROW = 620


class LibraryDock(DockPanel):
    """`title_chosen(media type, tmdb id)` follows the current row; `title_opened(...)` is Enter on it.
    `import_asked()` comes from the empty library, `resync_asked(list of title.id)` from R in the table."""

    KEY = "library"
    title_chosen = Signal(str, int)
    title_opened = Signal(str, int)
    import_asked = Signal()
    resync_asked = Signal(object)

    def __init__(self, host: Host, search: LibrarySearch, posters: Posters, parent: QWidget | None = None) -> None:
        super().__init__(self.KEY, QCoreApplication.translate("LibraryDock", "Library"), "library", parent=parent)
        self._host, self._search = host, search
        self._names: Choices | None = None
        self.model = TitlesModel(host, posters)
        self.model.setParent(self)
        self.table = TitlesTable(self.model)
        self.field = SearchField(self.tr("Search titles, or origin:kr year:2015..2026 type:tv genre:drama"))
        self.find_action = self._shortcut(self.tr("Find in library"), QKeySequence("Ctrl+F"))
        self._build()
        self._connect(posters)
        self._show_query()

    def _shortcut(self, text: str, keys: QKeySequence) -> QAction:
        action = QAction(text, self)
        action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.addAction(action)
        return action

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.field, 1)
        self._view_button = Button(self.tr("Columns"), icon="columns-3")
        self._export_button = Button(self.tr("Export"), icon="file-down", chevron=True)
        top.addWidget(self._view_button)
        top.addWidget(self._export_button)
        column.addLayout(top)
        self._chips = QWidget()
        self._chip_row = FlowLayout(self._chips, gap=8)
        column.addWidget(self._chips)
        self._message = InlineMessage(Accent.RED)
        self._message.hide()
        column.addWidget(self._message)
        self.export_strip = ExportStrip(self._host)
        column.addWidget(self.export_strip)
        column.addWidget(self._build_stack(), 1)
        column.addLayout(self._build_footer())
        self.set_content(content)

    def _build_stack(self) -> QStackedWidget:
        self._stack = QStackedWidget()
        self._frame = TableFrame(self.table)
        start = Button(self.tr("New import"), icon="download")
        start.clicked.connect(self.import_asked)
        self._empty = EmptyState(
            "library",
            self.tr("The library is empty"),
            self.tr("Titles appear here as soon as an import has fetched them."),
            start,
            large=True,
        )
        clear = Button(self.tr("Clear all filters"), icon="x")
        clear.clicked.connect(self._clear)
        self._nothing = EmptyState(
            "search",
            self.tr("Nothing found"),
            self.tr("No title of the library matches. Use fewer words or take a filter away."),
            clear,
        )
        self._reading = EmptyState("loader-circle", self.tr("Reading the library"), "")
        for page in (self._reading, self._frame, self._empty, self._nothing):
            self._stack.addWidget(page)
        return self._stack

    def _build_footer(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._position = label("", Role.HINT)
        self._newer = Button("", icon="refresh-cw", small=True)
        self._newer.hide()
        row.addWidget(self._position)
        row.addWidget(self._newer)
        row.addStretch(1)
        self._hints = QWidget()
        hints = QHBoxLayout(self._hints)
        hints.setContentsMargins(0, 0, 0, 0)
        hints.setSpacing(6)
        copy = shortcut_text(QKeySequence(QKeySequence.StandardKey.Copy))
        for keys, act in (
            (self.tr("Enter"), self.tr("open")),
            ("R", self.tr("re-sync")),
            (copy, self.tr("copy IDs")),
        ):
            hints.addWidget(KeyCap(keys))
            hints.addWidget(label(act, Role.HINT))
        row.addWidget(self._hints)
        return row

    def _connect(self, posters: Posters) -> None:
        search = self._search
        self.field.text_edited.connect(search.type_text)
        self.field.text_edited.connect(self._show_chips)
        self.field.left_down.connect(self._into_table)
        self.field.submitted.connect(lambda _text: self._into_table())
        self.find_action.triggered.connect(self.focus_search)
        search.text_changed.connect(self._show_query)
        search.found.connect(self._on_found)
        search.failed.connect(self._on_failed)
        search.newer.connect(self._on_newer)
        search.counted.connect(self._on_counted)
        search.stored.connect(self.model.mark_stale)
        self.model.failed.connect(self._on_failed)
        self.table.view_moved.connect(self._show_position)
        self.table.current_moved.connect(self._on_current)
        self.table.opened.connect(self._on_opened)
        self.table.letters.connect(self._on_letters)
        self.table.copy_asked.connect(self.copy_ids)
        self.table.resync_asked.connect(self.resync)
        self.table.horizontalHeader().sortIndicatorChanged.connect(self._on_sort)
        posters.arrived.connect(self.table.viewport().update)
        self._newer.clicked.connect(search.refresh)
        self._view_button.clicked.connect(self._open_view_menu)
        self._export_button.clicked.connect(self._open_export_menu)
        self._host.opened.connect(self._read_names)
        self._read_names()

    # the query -------------------------------------------------------------------------------------------------

    def focus_search(self) -> None:
        """Put the cursor into the search field, ready to type another query."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def search_for(self, text: str) -> None:
        """Show what a query finds, as if it were typed into the field."""
        self.field.setText(text)
        self._search.type_text(text)
        self._show_chips()

    def _show_query(self) -> None:
        if self.field.text() != self._search.text:
            self.field.setText(self._search.text)
        self._show_chips()

    def _show_chips(self) -> None:
        while (item := self._chip_row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        parts = query_text.parts(self._search.chosen)
        for part in parts:
            chip = Chip(self._part_name(part), ChipKind.FILTER)
            chip.removed.connect(lambda without=part.without: self._remove(without))
            self._chip_row.addWidget(chip)
        if parts:
            clear = Button(self.tr("Clear all"), kind=ButtonKind.LINK)
            clear.clicked.connect(self._clear)
            self._chip_row.addWidget(clear)
        self._chips.setVisible(bool(parts))
        self._chips.updateGeometry()

    def _remove(self, without: TitleFilter) -> None:
        self._search.choose(without)
        first = self._chip_row.itemAt(0)
        target = first.widget() if first is not None else None
        (target or self.field).setFocus(Qt.FocusReason.OtherFocusReason)

    def _clear(self) -> None:
        self._search.set_text("")
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _part_name(self, part: query_text.Part) -> str:
        match part.kind:
            case "type":
                return self.tr("Movies") if part.value == "movie" else self.tr("TV series")
            case "country" if self._names is not None:
                return self._names.countries.get(part.value, part.value)
            case "years":
                first, dots, last = part.value.partition("..")
                if not dots:
                    return first
                if first and last:
                    return self.tr("{0} to {1}").format(first, last)
                return self.tr("from {0}").format(first) if first else self.tr("to {0}").format(last)
            case "condition":
                return condition_name(part.value)
            case "id":
                return self.tr("ID {0}").format(part.value)
            case "genre":
                return part.value.title() if part.value.islower() else part.value
            case _:
                return part.value

    def _read_names(self) -> None:
        if self._host.app is not None and self._names is None:
            self._host.call(self, imports.choices, self._on_names)

    def _on_names(self, names: Choices) -> None:
        self._names = names
        self._show_chips()

    # answers ---------------------------------------------------------------------------------------------------

    def _on_found(self, found: Found) -> None:
        self._message.hide()
        current = self.table.current_id() if found.again else 0
        top = self.table.rows_in_view().start if found.again else 0
        top_id = self.model.id_at(top) if found.again and self.model.rowCount() else 0
        self.model.show_list(found.ids, found.first)
        if found.again:
            self._return_to(current, top_id)
        else:
            self.table.scrollToTop()
        empty_page = self._nothing if found.chosen != TitleFilter() else self._empty
        self._stack.setCurrentWidget(self._frame if len(found.ids) else empty_page)
        self._export_button.setEnabled(bool(len(found.ids)))
        self._show_note()
        self._show_position()

    def _return_to(self, current: int, top: int) -> None:
        """After a refresh: the same title at the top and the same one chosen, if they are still in the list."""
        row = self.model.row_of(top) if top else -1
        if row >= 0:
            self.table.scrollTo(self.model.index(row, 0), self.table.ScrollHint.PositionAtTop)
        row = self.model.row_of(current) if current else -1
        if row >= 0:
            self.table.choose(row)

    def _on_failed(self, problem: GdvgError) -> None:
        self._message.set_message(Accent.RED, str(problem), lead=problem.title)
        self._message.show()

    def _on_counted(self, _total: int) -> None:
        self._show_note()

    def _show_note(self) -> None:
        found, total = self._search.answer, self._search.total
        if found is None:
            return
        count = phrases.number(len(found.ids))
        taken = self.tr("{0} ms").format(phrases.number(max(1, round(found.seconds * 1000))))
        if total is None or found.chosen == TitleFilter():
            self.field.set_note(self.tr("{0} in {1}").format(count, taken))
        else:
            self.field.set_note(self.tr("{0} of {1} in {2}").format(count, phrases.number(total), taken))

    def _on_newer(self, new: int) -> None:
        self._newer.setVisible(new > 0)
        self._newer.setText(self.tr("{0} new, refresh").format(phrases.number(new)))
        self._newer.setAccessibleName(self.tr("{0} new titles match. Refresh the list.").format(phrases.number(new)))

    def _show_position(self) -> None:
        rows, count = self.table.rows_in_view(), self.model.rowCount()
        text = ""
        if len(rows):
            first, last, whole = (phrases.number(one) for one in (rows[0] + 1, rows[-1] + 1, count))
            text = self.tr("Rows {0} to {1} of {2}").format(first, last, whole)
        self._position.setText(text)

    # the table -------------------------------------------------------------------------------------------------

    def _into_table(self) -> None:
        if self.model.rowCount():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            if not self.table.currentIndex().isValid():
                self.table.go_to(0)

    def _on_letters(self, letters: str) -> None:
        self.focus_search()
        self.field.setText(letters)
        self.field.text_edited.emit(letters)

    def _on_current(self, title_id: int) -> None:
        if title_id:
            media_type, number = key_of(title_id)
            self.title_chosen.emit(media_type.value, number)

    def _on_opened(self, title_id: int) -> None:
        media_type, number = key_of(title_id)
        self.title_opened.emit(media_type.value, number)

    def resync(self) -> None:
        """Ask that the selected titles, or else the current one, are fetched again."""
        chosen = [self.model.id_at(row) for row in islice(self.table.selected_rows(), MOST_COPIED)]
        self.resync_asked.emit([one for one in chosen or [self.table.current_id()] if one])

    def copy_ids(self) -> None:
        """Put the keys of the selected titles on the clipboard, one a line: movie/603."""
        count = self.table.selected_count()
        if count > MOST_COPIED:
            most = phrases.number(MOST_COPIED)
            self._message.set_message(
                Accent.AMBER,
                self.tr("At most {0} IDs can be copied at once. Export the titles to get more.").format(most),
                lead=self.tr("Too many titles"),
            )
            self._message.show()
            return
        keys = [key_of(self.model.id_at(row)) for row in self.table.selected_rows()]
        if keys:
            QGuiApplication.clipboard().setText("\n".join(f"{kind.value}/{number}" for kind, number in keys))

    def _on_sort(self, section: int, order: Qt.SortOrder) -> None:
        column = Column(section)
        self._search.sort_by(Order(SORTS[column], order == Qt.SortOrder.DescendingOrder))

    # menus -----------------------------------------------------------------------------------------------------

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _open_view_menu(self) -> None:
        """Which columns are shown, and the order, for those who do not click headers."""
        menu = self._menu()
        for column in Column:
            if column is not Column.TITLE:
                action = menu.addAction(self.model.column_name(column))
                action.setCheckable(True)
                action.setChecked(self.table.column_shown(column))
                action.toggled.connect(lambda on, one=column: self.table.set_column_shown(one, on))
        menu.addSeparator()
        sorting = menu.addMenu(self.tr("Sort by"))
        group = QActionGroup(sorting)
        header = self.table.horizontalHeader()
        for column in Column:
            action = sorting.addAction(self.model.column_name(column))
            action.setCheckable(True)
            action.setChecked(header.sortIndicatorSection() == column)
            action.triggered.connect(lambda _on=False, one=column: self._sort_from_menu(one))
            group.addAction(action)
        menu.popup(self._view_button.mapToGlobal(self._view_button.rect().bottomLeft()))

    def _sort_from_menu(self, column: Column) -> None:
        """Another column starts in its usual direction; the same one turns round."""
        header = self.table.horizontalHeader()
        order = Qt.SortOrder(self.model.headerData(column, header.orientation(), Qt.ItemDataRole.InitialSortOrderRole))
        if header.sortIndicatorSection() == column and header.sortIndicatorOrder() == order:
            falling = order == Qt.SortOrder.DescendingOrder
            order = Qt.SortOrder.AscendingOrder if falling else Qt.SortOrder.DescendingOrder
        header.setSortIndicator(column, order)

    def _open_export_menu(self) -> None:
        menu = self._menu()
        theme = theme_of(self)
        for form, text in (("jsonl", self.tr("JSON lines…")), ("csv", self.tr("CSV…"))):
            action = menu.addAction(icons.icon(theme, "file-text"), text)
            action.triggered.connect(lambda _on=False, one=form: self._export(one))
        menu.popup(self._export_button.mapToGlobal(self._export_button.rect().bottomLeft()))

    def _export(self, form: str) -> None:
        answer = self._search.answer
        if answer is not None:
            self.export_strip.choose_file(form, answer.chosen, len(answer.ids), Path.home())

    # showing ---------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._search.wake()
        elif event.type() == QEvent.Type.Hide:
            self._search.rest()
        elif event.type() == QEvent.Type.Resize:
            narrow = self.width() < theme_of(self).px(NARROW)
            self._view_button.set_compact(narrow)
            self._export_button.set_compact(narrow)
            self._hints.setVisible(not narrow)
        return bool(super().event(event))
