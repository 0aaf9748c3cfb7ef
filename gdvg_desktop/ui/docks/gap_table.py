"""Gaps by priority: a table of any length with its filters, marks, and what can be done about the marked ones."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import gaps
from gdvg_desktop.commands.gaps import Explanation, FillRequest, GapFilter, GapSummary
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import GapKind, GapStatus, JobKind, JobState
from gdvg_desktop.store.gaps import KINDS, of_key
from gdvg_desktop.ui import icons, phrases
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.dialogs.gap_explanation import TMDB_PAGE, GapExplanation
from gdvg_desktop.ui.docks.gap_view import GapsView
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import gap_words
from gdvg_desktop.ui.models.gap_feed import Calm, GapFeed, GapWork
from gdvg_desktop.ui.models.gaps import SORTS, Column, GapsModel, all_kinds, one_each
from gdvg_desktop.ui.models.titles import key_of
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.labels import label
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage
from gdvg_desktop.ui.widgets.search_field import SearchField
from gdvg_desktop.ui.widgets.tables import TableFrame

if TYPE_CHECKING:
    from gdvg_desktop.ui.models.gaps import Keys

translate = QCoreApplication.translate
TYPING_MS = 200
AT_ONCE = 1_000  # rows ignored in one transaction
MOST_COPIED = 100_000
SCORES = (0, 20, 40, 60, 80)
NARROW = 860
FIND_WIDTH = 200


class GapTableDock(DockPanel):
    """See the module. `choose_kind` lists one kind of gaps, as a card of the screen asks for."""

    KEY = "gap_table"

    def __init__(self, host: Host, bridge: Bridge, feed: GapFeed, parent: QWidget | None = None) -> None:
        super().__init__(self.KEY, translate("GapTableDock", "Gaps by priority"), "list-ordered", parent=parent)
        self._host, self._feed = host, feed
        self._kind: GapKind | None = None
        self._status: GapStatus | None = GapStatus.OPEN
        self._score = 0
        self._order, self._falling = "score", True
        self._anew = True  # whether the next list is another one, to be shown from its top
        self._listed = False
        self._acts_beside = False
        self._explanation: GapExplanation | None = None
        self.model = GapsModel(host)
        self.model.setParent(self)
        self.table = GapsView(self.model)
        self._build()
        self._refresh = Refresh(self, host, self._work, self._on_list, self._on_failed)
        self._calm = Calm(self)
        self._calm.due.connect(self._refresh.ask)
        for hint in (bridge.gaps_changed, bridge.titles_changed, bridge.library_replaced):
            hint.connect(self._calm.hint)
        feed.changed.connect(self._show_summary)
        feed.work_changed.connect(self._show_work)
        feed.join(self)
        self._connect()
        self._refresh.ask()

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.analyze = Button(self.tr("Analyze now"), icon="scan-search", kind=ButtonKind.GHOST, small=True)
        self.add_title_widget(self.analyze)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._message = InlineMessage(Accent.RED)
        self._message.hide()
        column.addWidget(self._message)
        self._tools = QWidget()
        tools = QVBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(8)
        self._filters, self._acts = QHBoxLayout(), QHBoxLayout()
        tools.addLayout(self._filters)
        tools.addLayout(self._acts)
        self._build_filters()
        self._build_acts()
        column.addWidget(self._tools)
        column.addWidget(self._build_stack(), 1)
        self.set_content(body)

    def _build_filters(self) -> None:
        row = self._filters
        row.setSpacing(8)
        self._kind_button = Button("", icon="list-filter", small=True, chevron=True)
        self._status_button = Button("", small=True, chevron=True)
        self._score_button = Button("", small=True, chevron=True)
        self.field = SearchField(self.tr("Find title or ID"))
        self.field.setProperty("small", True)
        self.field.setFixedWidth(theme_of(self).px(FIND_WIDTH))
        for widget in (self._kind_button, self._status_button, self._score_button, self.field):
            row.addWidget(widget)
        row.addStretch(1)
        self._say_filters()

    def _build_acts(self) -> None:
        row = self._acts
        row.setSpacing(8)
        self._count = label("", Role.HINT)
        self.ignore = Button(self.tr("Ignore"), icon="eye-off", kind=ButtonKind.GHOST, small=True)
        self.fill_marked = Button("", icon="wrench", small=True)
        self.fill_all = Button(self.tr("Fill all open gaps"), icon="play", kind=ButtonKind.PRIMARY, small=True)
        self._act_widgets = (self._count, self.ignore, self.fill_marked, self.fill_all)
        for widget in self._act_widgets:
            row.addWidget(widget)
        self._on_marked(0)
        self.fill_all.setEnabled(False)

    def _build_stack(self) -> QStackedWidget:
        self._frame = TableFrame(self.table)
        self._start = Button(self.tr("Analyze now"), icon="scan-search", kind=ButtonKind.PRIMARY)
        self._never = EmptyState(
            "scan-search",
            self.tr("No analysis yet"),
            self.tr("An analysis compares TMDb's export, release months and popular titles with the library."),
            self._start,
        )
        self._whole = EmptyState(
            "circle-check",
            self.tr("Nothing is missing"),
            self.tr("Every title the scope wants is in the library, and complete as far as TMDb knows it."),
        )
        every = Button(self.tr("Show them"), icon="list-filter")
        every.clicked.connect(lambda: self.choose_status(None))
        self._settled = EmptyState("eye-off", self.tr("No gap is open"), "", every)
        clear = Button(self.tr("Clear all filters"), icon="x")
        clear.clicked.connect(self.clear_filters)
        self._nothing = EmptyState(
            "search",
            self.tr("No gap matches"),
            self.tr("Take a filter away, or search for another title or ID."),
            clear,
        )
        self._reading = EmptyState("loader-circle", self.tr("Reading the gaps"), "")
        self._stack = QStackedWidget()
        for page in (self._reading, self._frame, self._never, self._whole, self._settled, self._nothing):
            self._stack.addWidget(page)
        return self._stack

    def _connect(self) -> None:
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._list_anew)
        self.field.text_edited.connect(lambda _text: self._typing.start())
        self.field.submitted.connect(lambda _text: self._into_table())
        self.field.left_down.connect(self._into_table)
        find = QAction(self.tr("Filter gaps"), self)
        find.setShortcut(QKeySequence("Ctrl+F"))
        find.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.triggered.connect(lambda: self.field.setFocus(Qt.FocusReason.ShortcutFocusReason))
        self.addAction(find)
        self._kind_button.clicked.connect(self._open_kinds)
        self._status_button.clicked.connect(self._open_statuses)
        self._score_button.clicked.connect(self._open_scores)
        self.model.marked.connect(self._on_marked)
        self.model.failed.connect(self._on_failed)
        self.table.opened.connect(self.explain)
        self.table.menu_asked.connect(self._open_menu)
        self.table.horizontalHeader().sortIndicatorChanged.connect(self._on_sort)
        self.analyze.clicked.connect(self._feed.analyze)
        self._start.clicked.connect(self._feed.analyze)
        self.fill_all.clicked.connect(lambda: self._feed.fill(FillRequest()))
        self.fill_marked.clicked.connect(self._fill_marked)
        self.ignore.clicked.connect(self._ignore_marked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_acts()

    def _place_acts(self) -> None:
        """What is done about gaps stands beside the filters while there is room, else under them."""
        beside = self.width() >= theme_of(self).px(NARROW)
        if beside == self._acts_beside:
            return
        self._acts_beside = beside
        before, home = (self._acts, self._filters) if beside else (self._filters, self._acts)
        for widget in self._act_widgets:
            before.removeWidget(widget)
        while self._acts.count():
            self._acts.takeAt(0)
        if not beside:
            home.addStretch(1)
        for widget in self._act_widgets:
            home.addWidget(widget)

    # filters ---------------------------------------------------------------------------------------------------

    def chosen(self) -> GapFilter:
        """What is listed."""
        kinds = KINDS if self._kind is None else (self._kind,)
        return GapFilter(kinds=kinds, status=self._status, min_score=float(self._score), text=self.field.text().strip())

    def choose_kind(self, kind: GapKind | None) -> None:
        """List one kind of gaps, or all."""
        self._kind = kind
        self._say_filters()
        self._list_anew()

    def show_kind(self, kind: GapKind) -> None:
        """List one kind of gaps and put the keyboard there, as a card asks for."""
        self.show()
        self.raise_()
        self.choose_kind(kind)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def choose_status(self, status: GapStatus | None) -> None:
        """List gaps of a status, or all."""
        self._status = status
        self._say_filters()
        self._on_marked(self.model.marked_count())
        self._list_anew()

    def choose_score(self, score: int) -> None:
        """List gaps from a score on."""
        self._score = score
        self._say_filters()
        self._list_anew()

    def clear_filters(self) -> None:
        """Every open gap."""
        self._kind, self._status, self._score = None, GapStatus.OPEN, 0
        self.field.clear()
        self._say_filters()
        self._list_anew()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say_filters(self) -> None:
        kind = self.tr("all") if self._kind is None else gap_words.kind_name(self._kind).lower()
        self._kind_button.setText(self.tr("Gap type: {0}").format(kind))
        status = self.tr("all") if self._status is None else gap_words.status_name(self._status)
        self._status_button.setText(self.tr("Status: {0}").format(status))
        self._score_button.setText(self._score_words(self._score))
        for button in (self._kind_button, self._status_button, self._score_button):
            button.updateGeometry()

    def _score_words(self, score: int) -> str:
        return self.tr("Score {0} and above").format(score) if score else self.tr("Score: any")

    def _choices(self, button: Button, choices: list[tuple[str, bool, Callable[[], None]]]) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        for text, on, act in choices:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(on)
            action.triggered.connect(lambda _on=False, do=act: do())
            group.addAction(action)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _open_kinds(self) -> None:
        one: list[tuple[str, bool, Callable[[], None]]] = [
            (self.tr("All"), self._kind is None, lambda: self.choose_kind(None))
        ]
        one += [
            (gap_words.kind_name(kind), kind is self._kind, lambda kind=kind: self.choose_kind(kind))  # type: ignore[misc]
            for kind in GapKind
        ]
        self._choices(self._kind_button, one)

    def _open_statuses(self) -> None:
        every: list[tuple[str, bool, Callable[[], None]]] = [
            (gap_words.status_name(one).capitalize(), one is self._status, lambda one=one: self.choose_status(one))  # type: ignore[misc]
            for one in GapStatus
        ]
        every.append((self.tr("All"), self._status is None, lambda: self.choose_status(None)))
        self._choices(self._status_button, every)

    def _open_scores(self) -> None:
        self._choices(
            self._score_button,
            [
                (self._score_words(score), score == self._score, lambda score=score: self.choose_score(score))  # type: ignore[misc]
                for score in SCORES
            ],
        )

    # the list --------------------------------------------------------------------------------------------------

    def _list_anew(self) -> None:
        self._anew = True
        self._refresh.ask_anew()

    def _on_sort(self, section: int, order: Qt.SortOrder) -> None:
        if section == Column.CHECK:
            return
        self._order, self._falling = SORTS[Column(section)], order == Qt.SortOrder.DescendingOrder
        self._list_anew()

    def _work(self) -> Callable[[App], Awaitable["Keys"]]:
        chosen, order, falling = self.chosen(), self._order, self._falling

        async def work(app: App) -> "Keys":
            keys = await gaps.gap_ids(app, chosen, order=order, falling=falling)
            return keys if len(chosen.kinds) == 1 else await asyncio.to_thread(one_each, keys)

        return work

    def _on_list(self, keys: "Keys") -> None:
        self._calm.answered()
        self._message.hide()
        anew, self._anew = self._anew, False
        current, top = self.table.current_key(), self.table.rows_in_view()
        seen = [self.model.key_at(row) for row in top]
        self.model.show_list(keys)
        if anew:
            self.table.scrollToTop()
            if self.table.hasFocus():
                self.table.choose(0)
        else:
            self._return_to(seen, current, top.start)
        self._listed = True
        self._show_page()

    def _return_to(self, seen: list[int], current: int, first: int) -> None:
        """After a refresh the same rows stand at the top and the same one is current, as far as they are still there.

        A current row that went is followed by the next one. A list that was at its top stays there: that is where the
        next best gaps come in.
        """
        if first > 0:
            place = next((row for key in seen if (row := self.model.row_of(key)) >= 0), -1)
            if place >= 0:
                self.table.scrollTo(self.model.index(place, Column.TITLE), self.table.ScrollHint.PositionAtTop)
        if current >= 0 and self.model.rowCount():
            at = seen.index(current) if current in seen else 0
            near = (current, *seen[at + 1 :], *reversed(seen[:at]))
            row = next((row for key in near if (row := self.model.row_of(key)) >= 0), first)
            self.table.choose(min(row, self.model.rowCount() - 1))

    def _show_page(self) -> None:
        summary = self._feed.latest
        if self.model.rowCount():
            page: QWidget = self._frame
        elif not self._listed or summary is None:
            page = self._reading
        elif self.chosen() != GapFilter():
            page = self._nothing
        elif summary.analysed_at is None:
            page = self._never
        else:
            page = self._settled if self._say_settled(summary) else self._whole
        if self._stack.currentWidget() is not page:
            focused = self.table.hasFocus()
            self._stack.setCurrentWidget(page)
            if focused and page is not self._frame:
                self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        for one in (self._tools, self.analyze):
            one.setVisible(page is not self._never and page is not self._reading)

    def _say_settled(self, found: GapSummary) -> bool:
        """Whether gaps are left that nothing is done about, with how many."""
        ignored = sum(one.ignored for one in found.by_kind.values())
        gave_up = sum(one.gave_up for one in found.by_kind.values())
        parts = []
        if ignored:
            parts.append(phrases.counted(ignored, self.tr("{0} gap is ignored"), self.tr("{0} gaps are ignored")))
        if gave_up:
            parts.append(phrases.counted(gave_up, self.tr("{0} was given up"), self.tr("{0} were given up")))
        text = self.tr("Not everything is here: {0}.").format(", ".join(parts))
        self._settled.set_text(self.tr("No gap is open"), text)
        return bool(parts)

    def _into_table(self) -> None:
        if self.model.rowCount():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_failed(self, error: GdvgError) -> None:
        self._calm.answered()
        self._message.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
        self._message.show()

    # figures ---------------------------------------------------------------------------------------------------

    def _show_summary(self, found: GapSummary) -> None:
        parts = []
        if found.missing_titles or found.incomplete_titles or found.analysed_at is not None:
            missing = phrases.counted(found.missing_titles, self.tr("{0} missing title"), self.tr("{0} missing titles"))
            incomplete = self.tr("{0} incomplete").format(phrases.number(found.incomplete_titles))
            parts.append(f"{missing}, {incomplete}")
        if found.analysed_at is not None:
            parts.append(self.tr("last analysis {0}").format(gap_words.instant(found.analysed_at)))
        self.set_meta(" · ".join(parts))
        self.fill_all.setEnabled(found.total > 0)
        self._show_page()

    def _show_work(self, work: GapWork | None) -> None:
        analysing = work is not None and work.job.kind is JobKind.ANALYZE and work.job.state is JobState.RUNNING
        for button in (self.analyze, self._start):
            button.setEnabled(not analysing)
            button.setText(self.tr("Analysing") if analysing else self.tr("Analyze now"))
            button.updateGeometry()

    def _on_marked(self, count: int) -> None:
        self._count.setText(self.tr("{0} selected").format(phrases.number(count)) if count else "")
        self.fill_marked.setText(
            self.tr("Fill selected ({0})").format(phrases.number(count)) if count else self.tr("Fill selected")
        )
        if not count and (self.ignore.hasFocus() or self.fill_marked.hasFocus()):
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)  # or the next key press would fill all gaps
        for button in (self.ignore, self.fill_marked):
            button.setEnabled(count > 0)
        open_ones = self._status is GapStatus.OPEN or self._status is None
        self.ignore.setText(self.tr("Ignore") if open_ones else self.tr("No longer ignore"))
        self.ignore.set_icon("eye-off" if open_ones else "eye")
        self.fill_marked.updateGeometry()

    # acting ----------------------------------------------------------------------------------------------------

    def _fill_marked(self) -> None:
        self._fill_rows(self.model.marked_keys())
        self.model.mark_all(False)

    def _fill_rows(self, keys: tuple[int, ...]) -> None:
        """Queue a fill of rows; all open rows are asked for by what they have in common, not one by one."""
        chosen = self.chosen()
        if not keys:
            return
        if len(keys) == self.model.rowCount() and chosen.status is GapStatus.OPEN and not chosen.text:
            self._feed.fill(FillRequest(kinds=chosen.kinds, min_score=chosen.min_score))
        else:
            self._feed.fill(FillRequest(keys=keys))

    def _ignore_marked(self) -> None:
        keys = self.model.marked_keys()
        self.set_ignored(keys, self._status is GapStatus.OPEN or self._status is None)
        self.model.mark_all(False)

    def set_ignored(self, keys: tuple[int, ...], ignored: bool) -> None:
        """Ignore gaps, or take them back."""
        if not keys:
            return
        steer = gaps.ignore if ignored else gaps.unignore
        whole = self._kind is None  # then a row stands for all gaps of its title

        async def work(app: App) -> None:
            for start in range(0, len(keys), AT_ONCE):  # the library's writer is held for a moment only
                part = keys[start : start + AT_ONCE]
                await steer(app, all_kinds(part) if whole else part)

        self._host.call(self, work, lambda _done: self._refresh.ask(), self._on_failed)

    def explain(self, key: int) -> None:
        """Tell everything that is known of a row's title."""
        title_id, kind = of_key(key)
        shown = None if self._kind is None else kind
        media_type, tmdb_id = key_of(title_id)
        row = self.model.row_of(key)
        gap = self.model.gap_at(row) if row >= 0 else None
        name = gap_words.title_name(gap) if gap is not None else f"{gap_words.type_name(media_type)} {tmdb_id}"
        dialog = GapExplanation(media_type, tmdb_id, kind, name, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fill_asked.connect(lambda: self._feed.fill(FillRequest(keys=(key,))))
        dialog.ignore_asked.connect(lambda ignored: self.set_ignored((key,), ignored))
        dialog.destroyed.connect(self._on_explained)
        self._explanation = dialog

        def then(found: Explanation) -> None:
            if self._explanation is dialog:
                dialog.show_explanation(found)

        def failed(error: GdvgError) -> None:
            if self._explanation is dialog:
                dialog.show_error(error.title, f"{error.message} {error.hint}".strip())

        self._host.call(dialog, lambda app: gaps.explain(app, media_type, tmdb_id, shown), then, failed)
        dialog.open()

    @property
    def explanation(self) -> GapExplanation | None:
        """The explanation that is open."""
        return self._explanation

    def _on_explained(self) -> None:
        self._explanation = None

    def _open_menu(self, key: int, spot: QPoint) -> None:
        menu = self.make_menu(key)
        menu.popup(spot)

    def make_menu(self, key: int) -> QMenu:
        """What can be done about one row, or about the marked ones when it is one of them."""
        theme = theme_of(self)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        row = self.model.row_of(key)
        marked = row >= 0 and self.model.is_marked(row)
        keys = self.model.marked_keys() if marked else (key,)
        gap = self.model.gap_at(row) if row >= 0 else None
        is_open = gap is None or gap.status is GapStatus.OPEN
        media_type, tmdb_id = key_of(of_key(key)[0])
        count = f" ({phrases.number(len(keys))})" if len(keys) > 1 else ""
        menu.addAction(icons.icon(theme, "info"), self.tr("Explain this gap"), lambda: self.explain(key))
        menu.addSeparator()
        menu.addAction(icons.icon(theme, "wrench"), self.tr("Fill") + count, lambda: self._fill_rows(keys))
        menu.addAction(
            icons.icon(theme, "eye-off" if is_open else "eye"),
            (self.tr("Ignore") if is_open else self.tr("No longer ignore")) + count,
            lambda: self.set_ignored(keys, is_open),
        )
        menu.addSeparator()
        menu.addAction(
            icons.icon(theme, "copy"),
            self.tr("Copy ID") if len(keys) == 1 else self.tr("Copy IDs"),
            lambda: copy_ids(keys),
        )
        menu.addAction(
            icons.icon(theme, "external-link"),
            self.tr("Open on TMDb"),
            lambda: QDesktopServices.openUrl(QUrl(TMDB_PAGE.format(media_type.value, tmdb_id))),
        )
        return menu


def copy_ids(keys: Sequence[int]) -> None:
    """Put the titles of these rows on the clipboard, one a line: movie/603."""
    titles = (key_of(of_key(key)[0]) for key in keys[:MOST_COPIED])
    QGuiApplication.clipboard().setText("\n".join(f"{kind.value}/{number}" for kind, number in titles))
