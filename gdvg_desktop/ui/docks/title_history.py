"""What changed of a title, in the title panel: its latest changes in words, and what it said on an earlier day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from PySide6.QtCore import QCoreApplication, QDate, QEvent, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QDateEdit, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.store.changes import KEPT_MS, FieldChange, Snapshot
from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.docks.title_parts import Section, empty
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import ElidedLabel, Paragraph, label
from gdvg_desktop.ui.widgets.messages import InlineMessage
from gdvg_desktop.ui.widgets.paint import antialiased, draw_icon

translate = QCoreApplication.translate

FIRST_FIELDS = 6
NAME_WIDTH = 104
_LONG = 160  # characters of a value shown; the whole is its tooltip
_MANY = 8  # entries of a list shown by name


class DateField(QDateEdit):
    """A day, typed or stepped with the arrow keys; days that cannot be chosen cannot be entered."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDisplayFormat("d MMM yyyy")
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setTextMargins(8, 0, 0, 0)
        self._fit()

    def _fit(self) -> None:
        theme = theme_of(self)
        widest = self.fontMetrics().horizontalAdvance("30 Sept 2026")
        self.setFixedSize(widest + theme.px(48), theme.px(32))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # scrolling the panel must not change it

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = antialiased(self)
        area = QRectF(self.width() - 22, (self.height() - 14) / 2, 14, 14)  # what a click there does: a step up or down
        draw_icon(painter, "chevrons-up-down", area, theme_of(self).color("text_secondary"))
        painter.end()


class ChangesSection(Section):
    """The changes of one title and a day to look back to. `day_chosen(date)` asks for what it said at its end."""

    day_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(translate("ChangesSection", "Changes"), parent)
        self._changes: Sequence[FieldChange] = ()
        self._all = False
        self._today = datetime.now(UTC).date()
        self._more = Button("", kind=ButtonKind.LINK)
        self._more.clicked.connect(self._on_more)
        self._more.hide()
        self.head.addWidget(self._more)
        self._nothing = label(self.tr("Nothing has changed since it came."), Role.HINT)
        self.column.addWidget(self._nothing)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self.column.addLayout(self._rows)
        self._build_day()

    def _build_day(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        words = label(self.tr("As of"), Role.HINT)
        self.day = DateField()
        self.day.setAccessibleName(self.tr("Show this title as of a day"))
        self.day.setToolTip(self.tr("Earlier states are kept for 180 days; the day ends at midnight UTC"))
        self.day.dateChanged.connect(self._on_day)
        words.setBuddy(self.day)
        self.back = Button(self.tr("Back to today"), kind=ButtonKind.LINK)
        self.back.clicked.connect(lambda: self.day.setDate(_qt(self._today)))
        row.addWidget(words)
        row.addWidget(self.day)
        row.addWidget(self.back)
        row.addStretch(1)
        self.column.addLayout(row)
        self.then = QWidget()
        self._then = QGridLayout(self.then)
        self._then.setContentsMargins(0, 0, 0, 0)
        self._then.setHorizontalSpacing(8)
        self._then.setVerticalSpacing(4)
        self._then.setColumnStretch(1, 1)
        self._trouble = InlineMessage(Accent.AMBER)
        self.column.addWidget(self._trouble)
        self.column.addWidget(self.then)
        self._show_day(False)

    # ------------------------------------------------------------------------------------------------- changes

    def set_title(self, created_at: int, now_ms: int) -> None:
        """Another title, which came into the library at an instant: show no changes yet, and today."""
        self._all = False
        self._today = _utc_day(now_ms)
        first = max(_utc_day(created_at), _utc_day(now_ms - KEPT_MS) + timedelta(days=1))
        with QSignalBlocker(self.day):
            self.day.setDateRange(_qt(min(first, self._today)), _qt(self._today))
            self.day.setDate(_qt(self._today))
        self._show_day(False)
        self.set_changes(())

    def set_changes(self, changes: Sequence[FieldChange]) -> None:
        """Show what changed, the latest first."""
        self._changes = changes
        empty(self._rows)
        shown = changes if self._all else changes[:FIRST_FIELDS]
        for (at, job), some in groupby(shown, key=lambda one: (one.at, one.job_name)):
            when = phrases.moment(at, round(datetime.now(UTC).timestamp() * 1000))
            head = label(" · ".join(part for part in (when, job) if part), Role.HINT)
            head.setToolTip(phrases.utc(at))
            if self._rows.count():
                self._rows.addSpacing(4)
            self._rows.addWidget(head)
            for one in some:
                self._rows.addWidget(_line(field_name(one.field), change_text(one)))
        self._nothing.setVisible(not changes)
        self._more.setVisible(len(changes) > FIRST_FIELDS)
        every = self.tr("All {0}").format(phrases.number(len(changes)))
        self._more.setText(self.tr("Show fewer") if self._all else every)

    def _on_more(self) -> None:
        self._all = not self._all
        self.set_changes(self._changes)

    # ------------------------------------------------------------------------------------------------ a past day

    def _on_day(self, chosen: QDate) -> None:
        day = chosen.toPython()
        assert isinstance(day, date)
        if day >= self._today:
            self._show_day(False)
        else:
            self.day_chosen.emit(day)

    def _show_day(self, on: bool, trouble: str = "") -> None:
        self.then.setVisible(on)
        self.back.setVisible(on or bool(trouble))
        self._trouble.setVisible(bool(trouble))
        if trouble:
            self._trouble.set_message(Accent.AMBER, trouble)

    def set_trouble(self, text: str) -> None:
        """Say why a day cannot be shown."""
        self._show_day(False, text)

    def set_snapshot(self, then: Snapshot, now: Snapshot) -> None:
        """Show what the title said then; where that is not what it says now, today's value stands under it."""
        empty(self._then)
        names = [*then.values, *then.lists, *(one for one in (*now.values, *now.lists) if one not in _known(then))]
        order = {name: place for place, name in enumerate(_WORDS)}
        names.sort(key=lambda name: (order.get(name.split("/")[0], len(order)), name))
        for place, name in enumerate(names):
            was, today = _value(then, name), _value(now, name)
            if name not in _ALWAYS and was == today:
                continue
            word = ElidedLabel(field_name(name), Role.HINT_STRONG)
            word.setFixedWidth(theme_of(self).px(NAME_WIDTH))
            self._then.addWidget(word, place, 0, Qt.AlignmentFlag.AlignTop)
            text = was or self.tr("nothing")
            if was != today:
                text = f"{text}\n{self.tr('today: {0}').format(today or self.tr('nothing'))}"
            value = Paragraph(text, Role.HINT)
            value.setAccessibleName(f"{field_name(name)}: {text}")
            self._then.addWidget(value, place, 1)
        self._show_day(True)


# shown of every earlier day; other fields only where they differ from today
_ALWAYS = frozenset({"title", "original_title", "release_date", "status", "runtime", "overview", "genres"})


def _known(one: Snapshot) -> set[str]:
    return {*one.values, *one.lists}


def _value(one: Snapshot, name: str) -> str:
    if name in one.lists:
        return _listed(one.words(name))
    return value_text(name, one.values.get(name))


def _line(name: str, text: str) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    word = ElidedLabel(name, Role.HINT_STRONG)
    word.setFixedWidth(theme_of(line).px(NAME_WIDTH))
    row.addWidget(word, 0, Qt.AlignmentFlag.AlignTop)
    shown = "\n".join(part if len(part) <= 2 * _LONG else f"{part[: 2 * _LONG]} …" for part in text.split("\n"))
    value = Paragraph(shown, Role.HINT)
    if shown != text:
        value.setToolTip(text)
    row.addWidget(value, 1)
    line.setAccessibleName(f"{name}: {text}")
    return line


# --------------------------------------------------------------------------------------------------------- in words


def change_text(one: FieldChange) -> str:
    """A change in words: old and new, or what came, went and was altered, each on a line of its own."""
    if one.expired:
        return translate("ChangesSection", "Values older than 180 days are not kept.")
    if not one.is_list:
        nothing = translate("ChangesSection", "nothing")
        return f"{value_text(one.field, one.old) or nothing} → {value_text(one.field, one.new) or nothing}"
    parts = (("+", one.added), ("\u2212", one.removed), ("~", one.altered))
    return "\n".join(f"{sign} {_listed(words)}" for sign, words in parts if words)


def _listed(words: Sequence[str]) -> str:
    text = ", ".join(words[:_MANY])
    if len(words) > _MANY:
        text += translate("ChangesSection", " and {0} more").format(phrases.number(len(words) - _MANY))
    return text


def value_text(name: str, value: str | None) -> str:
    """A plain value in words; "" for none. Long texts are cut."""
    if value is None:
        return ""
    if name in ("adult", "softcore", "video", "in_production"):
        return translate("ChangesSection", "yes") if value == "1" else translate("ChangesSection", "no")
    if name == "runtime" and value.isdigit():
        return phrases.duration(int(value) * 60)
    if name in ("budget", "revenue") and value.isdigit():
        return f"${phrases.number(int(value))}"
    return value if len(value) <= _LONG else f"{value[:_LONG]} …"


_WORDS = {
    "title": "Title", "original_title": "Original title", "release_date": "Date", "last_air_date": "Last aired",
    "status": "Status", "runtime": "Runtime", "overview": "Overview", "tagline": "Tagline", "genres": "Genres",
    "original_language": "Original language", "title_language": "Title in", "overview_language": "Overview in",
    "language": "Asked in", "homepage": "Homepage", "tv_type": "Type", "in_production": "In production",
    "adult": "Adult", "softcore": "Softcore", "video": "Video", "budget": "Budget", "revenue": "Revenue",
    "number_of_seasons": "Seasons", "number_of_episodes": "Episodes", "last_episode_id": "Last episode",
    "next_episode_id": "Next episode", "collection_id": "Collection", "imdb_id": "IMDb ID", "poster_path": "Poster",
    "backdrop_path": "Backdrop", "sort_title": "Sorted as", "completeness": "Completeness",
    "origin_countries": "Origin countries", "production_countries": "Production countries",
    "spoken_languages": "Spoken languages", "broadcast_languages": "Broadcast languages",
    "episode_lengths": "Episode lengths", "companies": "Companies", "networks": "Networks", "keywords": "Keywords",
    "credits": "Cast and crew", "images": "Images", "videos": "Videos", "alternative_titles": "Alternative titles",
    "translations": "Translations", "releases": "Releases", "release_descriptors": "Content descriptors",
    "content_ratings": "Age ratings", "rating_descriptors": "Content descriptors", "watch_offers": "Where to watch",
    "watch_links": "Watch page", "seasons": "Seasons", "episodes": "Episodes", "external_ids": "External IDs",
}  # fmt: skip
_PARTS = {
    "title": "title", "name": "name", "overview": "overview", "tagline": "tagline", "homepage": "homepage",
    "runtime": "runtime", "air_date": "air date", "poster_path": "poster", "episode_count": "episodes",
}  # fmt: skip


def field_name(name: str) -> str:
    """A field in words: `translations/de-DE/overview` is "de-DE: overview"."""
    base, _, rest = name.partition("/")
    if not rest:
        return translate("ChangesSection", _WORDS.get(base, base))
    key, _, part = rest.rpartition("/")
    if base == "external_ids":
        return translate("ChangesSection", "{0} ID").format({"imdb": "IMDb", "tvdb": "TVDB"}.get(part, part.title()))
    word = translate("ChangesSection", _PARTS.get(part, part))
    if base == "seasons":
        return translate("ChangesSection", "Season {0}: {1}").format(key, word)
    return f"{key}: {word}"


def _utc_day(millis: int) -> date:
    return datetime.fromtimestamp(millis / 1000, UTC).date()


def _qt(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
