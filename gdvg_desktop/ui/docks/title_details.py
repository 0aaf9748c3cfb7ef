"""Everything the library holds of one title, beside the table it was chosen in."""

import time
from datetime import date

from PySide6.QtCore import QCoreApplication, QDate, QLocale, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import titles
from gdvg_desktop.core.clock import utc_day
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.changes import FieldChange, Snapshot
from gdvg_desktop.store.library import TitleDetail
from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.docks.title_history import ChangesSection
from gdvg_desktop.ui.docks.title_parts import CastSection, CompletenessSection, IdLine, IdsSection, PosterBox
from gdvg_desktop.ui.host import Call, Host
from gdvg_desktop.ui.models.import_choices import language_name
from gdvg_desktop.ui.posters import Posters
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.chips import Chip, ChipKind
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.flow import FlowLayout
from gdvg_desktop.ui.widgets.labels import IconLabel, Paragraph, SplitLine, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage

translate = QCoreApplication.translate

LEAST_WIDE = 320
REST_MS = 80  # going through the table with the arrow keys asks only where it rests
TMDB_PAGE = "https://www.themoviedb.org/{0}/{1}"
_ID_NAMES = {
    "imdb": "IMDb",
    "tvdb": "TVDB",
    "wikidata": "Wikidata",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "twitter": "X",
    "tvrage": "TVRage",
}


class TitleDetailsDock(DockPanel):
    """`show_title` follows the table; `open_title` also brings the panel to the front and gives it the keyboard.

    `resync_asked(title.id)` is its button, or R in the panel.
    """

    KEY = "title_details"
    resync_asked = Signal(object)

    def __init__(self, host: Host, bridge: Bridge, posters: Posters, parent: QWidget | None = None) -> None:
        super().__init__(self.KEY, translate("TitleDetailsDock", "Title details"), "panel-right", parent=parent)
        self._host = host
        self._wanted: tuple[str, int] | None = None
        self.shown: TitleDetail | None = None
        self.setMinimumWidth(LEAST_WIDE)
        self._build(posters)
        self._refresh: Refresh[TitleDetail] = Refresh(self, host, self._work, self._on_detail, self._on_failed)
        self._history: Call | None = None
        self._past: Call | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._refresh.ask_anew)
        bridge.titles_changed.connect(self._on_stored)
        bridge.library_replaced.connect(self._refresh.ask)

    # what is shown ---------------------------------------------------------------------------------------------

    def show_title(self, media_type: str, tmdb_id: int) -> None:
        """Show a title when this choice has rested for a moment."""
        if self._wanted != (media_type, tmdb_id):
            self._wanted = (media_type, tmdb_id)
            self._rest.start()

    def open_title(self, media_type: str, tmdb_id: int) -> None:
        """Show a title now, in front, with the keyboard."""
        self._wanted = (media_type, tmdb_id)
        self._rest.stop()
        self.show()
        self.raise_()
        self._refresh.ask_anew()
        self._page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _work(self):  # type: ignore[no-untyped-def]
        wanted = self._wanted
        return None if wanted is None else lambda app: titles.show(app, *wanted)

    def _on_stored(self, ids: frozenset[int]) -> None:
        if self._wanted is not None:
            media_type, number = self._wanted
            if number * 2 + (media_type == MediaType.TV) in ids:
                self._refresh.ask()

    def _on_failed(self, problem: GdvgError) -> None:
        self.shown = None
        self._message.set_message(Accent.AMBER, str(problem), lead=problem.title)
        self._stack.setCurrentWidget(self._trouble)

    # building --------------------------------------------------------------------------------------------------

    def _build(self, posters: Posters) -> None:
        self._stack = QStackedWidget()
        self._nothing = EmptyState(
            "panel-right",
            self.tr("No title chosen"),
            self.tr("Choose a title in the library to see what is held of it."),
        )
        self._trouble = QWidget()
        column = QVBoxLayout(self._trouble)
        column.setContentsMargins(0, 0, 0, 0)
        self._message = InlineMessage(Accent.AMBER)
        column.addWidget(self._message)
        column.addStretch(1)
        self._scroll = ScrollColumn(spacing=16)
        self._fill(posters, self._scroll.column)
        for page in (self._nothing, self._trouble, self._scroll):
            self._stack.addWidget(page)
        self.set_content(self._stack)

    def _fill(self, posters: Posters, column: QVBoxLayout) -> None:
        column.setContentsMargins(0, 0, 4, 0)
        self.banner = InlineMessage(Accent.AMBER)
        self._successor = Button("", kind=ButtonKind.LINK)
        self._successor.clicked.connect(self.open_successor)
        self._successor.hide()
        self.banner.add_action(self._successor)
        self.banner.hide()
        column.addWidget(self.banner)
        head = QHBoxLayout()
        head.setSpacing(16)
        self._poster = PosterBox(posters)
        head.addWidget(self._poster, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(self._build_head(), 1)
        column.addLayout(head)
        self._overview = Paragraph("", Role.BODY)
        self._overview.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._language = label("", Role.HINT)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._overview)
        words.addWidget(self._language)
        column.addLayout(words)
        self.completeness = CompletenessSection()
        self.cast = CastSection()
        self.ids = IdsSection()
        self.ids.copied.connect(lambda text: self.set_meta(self.tr("{0} copied").format(text)))
        self._cast_rule = SplitLine()
        self.changes = ChangesSection()
        self.changes.day_chosen.connect(self._ask_day)
        lower = (SplitLine(), self.ids, SplitLine(), self.changes)
        for widget in (SplitLine(), self.completeness, self._cast_rule, self.cast, *lower):
            column.addWidget(widget)
        column.addStretch(1)
        self._provenance = Paragraph("", Role.HINT)
        column.addWidget(self._provenance)

    def _build_head(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        self._title = Paragraph("", Role.TITLE)
        self._subtitle = Paragraph("", Role.QUIET)
        for one in (self._title, self._subtitle):
            one.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._genres = QWidget()
        self._genre_row = FlowLayout(self._genres, gap=8)
        rating = QHBoxLayout()
        rating.setSpacing(4)
        self._star = IconLabel("star", 16, "text_amber")
        self._rating = label("", Role.STRONG)
        self._votes = label("", Role.QUIET)
        for part in (self._star, self._rating, self._votes):
            rating.addWidget(part)
        rating.addStretch(1)
        self._extent = Paragraph("", Role.HINT)
        self._page = Button(self.tr("TMDb"), icon="external-link")
        self._page.setAccessibleName(self.tr("Open the page of this title on TMDb"))
        self._page.setToolTip(self.tr("Open the page of this title on TMDb"))
        self._page.clicked.connect(self.open_page)
        self._resync = Button(self.tr("Re-sync"), icon="refresh-cw")
        self._resync.setToolTip(self.tr("Fetch this title from TMDb again (R)"))
        self._resync.clicked.connect(self.resync)
        keys = QShortcut(QKeySequence("R"), self)
        keys.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keys.activated.connect(self.resync)
        ways = QWidget()
        flow = FlowLayout(ways, gap=8)
        flow.addWidget(self._page)
        flow.addWidget(self._resync)
        for widget in (self._title, self._subtitle, self._genres):
            column.addWidget(widget)
        column.addLayout(rating)
        column.addWidget(self._extent)
        column.addWidget(ways)
        column.addStretch(1)
        return column

    # showing ---------------------------------------------------------------------------------------------------

    def _on_detail(self, one: TitleDetail) -> None:
        another = self.shown is None or self.shown.id != one.id
        self.shown = one
        if another:
            self.set_meta("")
            self._scroll.verticalScrollBar().setValue(0)
            self.changes.set_title(one.created_at, round(time.time() * 1000))
        self._ask_history(one)
        self._show_deletion(one)
        name = one.title or one.original_title or self.tr("Without a title")
        movie = one.media_type is MediaType.MOVIE
        self._poster.set_poster(one.poster_path, "film" if movie else "tv", self.tr("Poster of {0}").format(name))
        self._title.set_text(name)
        kind = self.tr("Movie") if movie else self.tr("TV series")
        original = one.original_title if one.original_title != name else None
        self._subtitle.set_text(" · ".join(str(part) for part in (original, one.year, kind) if part))
        self._show_genres(one.genres)
        self._show_rating(one)
        extent = _extent(one)
        self._extent.set_text(extent)
        self._extent.setVisible(bool(extent))
        self._show_overview(one)
        self.completeness.set_points(one.points)
        if another:
            self.cast.set_people(one.cast)
            self._cast_rule.setVisible(bool(one.cast))
        self.ids.set_ids(_ids(one))
        self._provenance.set_text(_provenance(one))
        self._provenance.setToolTip(phrases.utc(one.fetched_at))
        self._stack.setCurrentWidget(self._scroll)

    def _show_genres(self, genres: tuple[str, ...]) -> None:
        while (item := self._genre_row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for name in genres:
            self._genre_row.addWidget(Chip(name, ChipKind.FACT))
        self._genres.setVisible(bool(genres))
        self._genres.updateGeometry()

    def _show_rating(self, one: TitleDetail) -> None:
        rated = bool(one.vote_average)
        self._star.setVisible(rated)
        self._rating.setVisible(rated)
        self._rating.setText(phrases.decimal(one.vote_average or 0.0))
        votes = phrases.counted(one.vote_count or 0, self.tr("{0} vote"), self.tr("{0} votes"))
        self._votes.setText(votes if rated else self.tr("Not rated yet"))

    def _show_overview(self, one: TitleDetail) -> None:
        self._overview.set_text(one.overview or self.tr("TMDb has no overview of this title."))
        asked = self._host.app.settings.languages[0] if self._host.app is not None else ""
        other = one.overview_language if one.overview else None
        if other and asked and _same(other) != _same(asked):
            text = self.tr("In {0}: TMDb has no overview in {1}.")
            self._language.setText(text.format(language_name(_same(other)), language_name(_same(asked))))
            self._language.show()
        else:
            self._language.hide()

    def _show_deletion(self, one: TitleDetail) -> None:
        deletion = one.deletion
        self.banner.setVisible(deletion is not None)
        if deletion is None:
            return
        text = self.tr("Found on {0}; the export of {1} does not name it either.")
        text = text.format(_day(deletion.gone_at), phrases.day(date.fromisoformat(deletion.export_date), "d MMM yyyy"))
        if deletion.data_until is not None:
            text = f"{text} {self.tr('What is held of it is kept until {0}.').format(_day(deletion.data_until))}"
        self.banner.set_message(Accent.AMBER, text, lead=self.tr("Deleted at TMDb."), icon="trash-2")
        self._successor.setVisible(deletion.successor_id is not None)
        if deletion.successor_id is not None:
            name = deletion.successor or f"{deletion.successor_type}/{deletion.successor_id}"
            self._successor.setText(self.tr("Now: {0}").format(name))
            self._successor.setToolTip(self.tr("The title that has its IMDb ID now"))

    def open_successor(self) -> None:
        """Show the title that has a deleted one's IMDb id now: here, or on TMDb when the library does not hold it."""
        deletion = self.shown.deletion if self.shown is not None else None
        if deletion is None or deletion.successor_id is None or deletion.successor_type is None:
            return
        if deletion.successor is not None:
            self.open_title(deletion.successor_type.value, deletion.successor_id)
        else:
            page = TMDB_PAGE.format(deletion.successor_type.value, deletion.successor_id)
            QDesktopServices.openUrl(QUrl(page))

    # earlier days ----------------------------------------------------------------------------------------------

    def _ask_history(self, one: TitleDetail) -> None:
        if self._history is not None:
            self._history.cancel()
        kind, number = one.media_type.value, one.tmdb_id

        async def work(app: App) -> list[FieldChange]:
            return await titles.changes(app, kind, number)

        self._history = self._host.call(self, work, self.changes.set_changes, lambda _problem: None)

    def _ask_day(self, day: date) -> None:
        one = self.shown
        if one is None:
            return
        if self._past is not None:
            self._past.cancel()
        kind, number = one.media_type.value, one.tmdb_id

        async def work(app: App) -> tuple[Snapshot, Snapshot]:
            today = utc_day(app.clock.now())
            return await titles.as_of(app, kind, number, day), await titles.as_of(app, kind, number, today)

        self._past = self._host.call(
            self,
            work,
            lambda both: self.changes.set_snapshot(*both),
            lambda problem: self.changes.set_trouble(str(problem)),
        )

    def resync(self) -> None:
        """Ask that the title shown is fetched again."""
        if self.shown is not None:
            self.resync_asked.emit(self.shown.id)

    def open_page(self) -> None:
        """Open the title's page on TMDb in the browser."""
        if self.shown is not None:
            QDesktopServices.openUrl(QUrl(TMDB_PAGE.format(self.shown.media_type.value, self.shown.tmdb_id)))


def _day(millis: int) -> str:
    return phrases.day(phrases.local(millis).date(), "d MMM yyyy")


def _same(code: str) -> str:
    return code.partition("-")[0].lower()


def _extent(one: TitleDetail) -> str:
    """How long a movie is, or how many seasons and episodes a series has, and its status."""
    parts = []
    if one.number_of_seasons:
        one_season = translate("TitleDetailsDock", "{0} season")
        parts.append(phrases.counted(one.number_of_seasons, one_season, translate("TitleDetailsDock", "{0} seasons")))
    if one.number_of_episodes:
        one_episode = translate("TitleDetailsDock", "{0} episode")
        many = translate("TitleDetailsDock", "{0} episodes")
        parts.append(phrases.counted(one.number_of_episodes, one_episode, many))
    if one.runtime:
        parts.append(phrases.duration(one.runtime * 60))
    if one.status:
        parts.append(one.status)
    return ", ".join(parts)


def _ids(one: TitleDetail) -> list[IdLine]:
    known = dict(one.external_ids)
    if one.imdb_id:
        known.setdefault("imdb", one.imdb_id)
    order = [source for source in _ID_NAMES if source in known]
    order += [source for source in known if source not in _ID_NAMES]
    lines = [IdLine("TMDb", f"{one.media_type.value}/{one.tmdb_id}")]
    return lines + [IdLine(_ID_NAMES.get(source, source), known[source]) for source in order]


def _provenance(one: TitleDetail) -> str:
    """When it was fetched and by which job, and when it first came."""
    now_ms = round(time.time() * 1000)
    if phrases.local(one.fetched_at).date() == phrases.local(now_ms).date():
        when = translate("TitleDetailsDock", "{0} today").format(phrases.clock_time(one.fetched_at))
    else:
        when = phrases.moment(one.fetched_at, now_ms)
    if one.job_name:
        synced = translate("TitleDetailsDock", "Synced {0} by {1}.").format(when, one.job_name)
    else:
        synced = translate("TitleDetailsDock", "Synced {0}.").format(when)
    came = phrases.local(one.created_at)
    first = QLocale().toString(QDate(came.year, came.month, came.day), "d MMM yyyy")
    if one.checked_at > one.fetched_at:
        confirmed = phrases.moment(one.checked_at, now_ms)
        synced = f"{synced} {translate('TitleDetailsDock', 'Confirmed {0}.').format(confirmed)}"
    return f"{synced} {translate('TitleDetailsDock', 'First imported {0}.').format(first)}"
