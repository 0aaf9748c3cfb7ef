"""The settings dialog: pages built from what `core.settings` declares, a search over them, Apply, OK and Cancel."""

from dataclasses import dataclass, fields
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gdvg_desktop.commands import settings as command
from gdvg_desktop.core.autostart import Autostart
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.core.settings import Settings, env_sources
from gdvg_desktop.ui.dialogs.about import AboutPage
from gdvg_desktop.ui.dialogs.api_page import SWITCH, ApiPage
from gdvg_desktop.ui.dialogs.database_page import DatabasePage
from gdvg_desktop.ui.dialogs.frame import SideDialog
from gdvg_desktop.ui.dialogs.key_section import KeySection
from gdvg_desktop.ui.dialogs.mirror_page import MirrorPage
from gdvg_desktop.ui.dialogs.notifications_page import NotificationsPage
from gdvg_desktop.ui.dialogs.remote_page import RemotePage
from gdvg_desktop.ui.dialogs.schedule_page import SchedulePage
from gdvg_desktop.ui.dialogs.setting_editors import SettingRow
from gdvg_desktop.ui.dialogs.side_list import SideList
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Paragraph, SectionHeader, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.messages import InlineMessage
from gdvg_desktop.ui.widgets.search_field import SearchField

CONNECTION, SCHEDULE, MIRROR, APPEARANCE = "connection", "schedule", "mirror", "appearance"
DATABASE, ABOUT = "database", "about"
REMOTE = "remote"
NOTIFICATIONS = "alerts"
API = "api"

# What is changed most comes first; fields not named here follow in the order declared.
_FIRST = ("requests_per_second", "max_attempts", "languages", "max_connections", "timeout_s", "proxy")
_AT_START = frozenset({"tmdb_url", "exports_url", "proxy", "languages", "max_connections"})


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the dialog: its rows, empty for one that is no list of settings."""

    key: str
    rows: tuple[SettingRow, ...]
    words: str = ""  # what else a search finds it by


class SettingsDialog(SideDialog):
    """`applied(dict)` carries the values that were saved; `key_changed()` follows the key."""

    applied = Signal(object)
    key_changed = Signal()

    def __init__(
        self,
        host: Host,
        settings: Settings,
        *,
        page: str = CONNECTION,
        login: Autostart | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(208, parent)
        self._host, self._settings = host, settings
        self._closing = False
        self.setWindowTitle(self.tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(860, 648)
        self.key = KeySection(host)
        self.key.changed.connect(self.key_changed)
        self.search = SearchField(self.tr("Find a setting"))
        self.search.text_edited.connect(self._on_search)
        self.list = SideList(self.tr("Pages"))
        self._message = InlineMessage()
        self._message.hide()
        self.side.setContentsMargins(8, 12, 9, 12)
        self.side.setSpacing(8)
        self.none = Paragraph(self.tr("Nothing is found by these words."), Role.HINT)
        self.none.hide()
        self.side.addWidget(self.search)
        self.side.addWidget(self.none)
        self.side.addWidget(self.list, 1)
        connection, appearance = self._rows(CONNECTION), self._rows(APPEARANCE)
        mirror, database = self._rows(MIRROR), self._rows(DATABASE)
        schedule = self._rows(SCHEDULE)
        self.schedule = SchedulePage(host, schedule, login)
        self.mirror, self.database = MirrorPage(host, mirror), DatabasePage(host, database)
        remote = self._rows(REMOTE)
        self.remote = RemotePage(host, remote)
        self.applied.connect(self.remote.applied)
        api = tuple(row for row in self._rows(API) if row.field.name != SWITCH)
        self.api = ApiPage(host, api, env_sources().get(SWITCH, ""))
        self.api.switched.connect(lambda on: self.applied.emit({SWITCH: on}))
        self.applied.connect(self.api.applied)
        self.finished.connect(self.database.end)
        notifications = self._rows(NOTIFICATIONS)
        self.notifications = NotificationsPage(host, settings, notifications)
        self.applied.connect(self.notifications.applied)
        self._pages = (
            Page(CONNECTION, connection),
            Page(SCHEDULE, schedule, self.tr("cron tasks pause run now start at login tray background next run")),
            Page(MIRROR, mirror, self.tr("scope what it holds everything countries")),
            Page(
                NOTIFICATIONS,
                notifications,
                self.tr(
                    "alerts channels Discord e-mail mail webhook desktop heartbeat test rules threshold mute quiet"
                ),
            ),
            Page(APPEARANCE, appearance),
            Page(
                DATABASE,
                database,
                self.tr("file size check audit mend backup back up restore snapshot compare reset purge TMDb data"),
            ),
            Page(REMOTE, remote, self.tr("GitHub Actions token runs pause resume state")),
            Page(API, api, self.tr("HTTP REST scripts token port documentation events")),
            Page(ABOUT, ()),
        )
        self._add_page("plug", self.tr("Connection"), self._connection(connection))
        self._add_page("calendar-clock", self.tr("Schedule"), [self.schedule])
        self._add_page("layers", self.tr("Mirror"), [self.mirror])
        self._add_page("bell", self.tr("Notifications"), [self.notifications])
        self._add_page("palette", self.tr("Appearance"), list(appearance))
        self._add_page("database", self.tr("Database"), [self.database])
        self._add_page("globe", self.tr("Remote workflow"), [self.remote])
        self._add_page("server", self.tr("Control API"), [self.api])
        self._add_page("info", self.tr("About"), [AboutPage()], stretch=True)
        self._fill_bar()
        self.list.currentRowChanged.connect(self._on_page)
        self.show_page(page)
        self._on_edited()

    # building --------------------------------------------------------------------------------------------------

    def _rows(self, page: str) -> tuple[SettingRow, ...]:
        locked = env_sources()
        found = [one for one in fields(Settings) if one.metadata["page"] == page]
        found.sort(key=lambda one: _FIRST.index(one.name) if one.name in _FIRST else len(_FIRST))
        rows = []
        for one in found:
            row = SettingRow(one, lambda: self._settings, locked.get(one.name, ""))
            row.editor.set_value(getattr(self._settings, one.name))
            row.edited.connect(self._on_edited)
            rows.append(row)
        return tuple(rows)

    def _connection(self, rows: tuple[SettingRow, ...]) -> list[QWidget]:
        own = [row for row in rows if row.field.name in _FIRST[:3]]
        rest = [row for row in rows if row not in own]
        self._heads = (
            SectionHeader(self.tr("TMDb"), role=Role.HINT_STRONG, rule=True),
            SectionHeader(self.tr("Network"), role=Role.HINT_STRONG, rule=True),
        )
        return [self._heads[0], self.key, *own, self._heads[1], *rest]

    def _add_page(self, icon: str, title: str, parts: list[QWidget], *, stretch: bool = False) -> None:
        page = ScrollColumn(spacing=14)
        page.column.setContentsMargins(24, 20, 24, 20)
        page.column.addWidget(label(title, Role.TITLE))
        for part in parts:
            page.column.addWidget(part, 1 if stretch else 0)
        if not stretch:
            page.column.addStretch(1)
        self.pages.addWidget(page)
        self.list.add(title, icon)

    def _fill_bar(self) -> None:
        self.bar.setContentsMargins(16, 0, 16, 0)
        self.defaults = Button(self.tr("Restore defaults"), icon="rotate-ccw", kind=ButtonKind.GHOST)
        self.defaults.clicked.connect(self._on_defaults)
        self.cancel = Button(self.tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.apply = Button(self.tr("Apply"))
        self.apply.clicked.connect(lambda: self._save(close=False))
        self.ok = Button(self.tr("OK"), kind=ButtonKind.PRIMARY)
        self.ok.clicked.connect(lambda: self._save(close=True))
        holder = QVBoxLayout()
        holder.addStretch(1)
        holder.addWidget(self._message)
        holder.addStretch(1)
        self.bar.addWidget(self.defaults)
        self.bar.addLayout(holder, 1)
        for button in (self.cancel, self.apply, self.ok):
            self.bar.addWidget(button)

    def _on_page(self, index: int) -> None:
        self.pages.setCurrentIndex(index)
        self.defaults.setVisible(bool(self._pages[index].rows))

    def show_page(self, key: str) -> None:
        """Turn to a page: "connection", "mirror", "appearance", "database" or "about"."""
        self.list.setCurrentRow(next(i for i, page in enumerate(self._pages) if page.key == key))

    def replace_key(self) -> None:
        """Open on the field for another key."""
        self.show_page(CONNECTION)
        self.key.open_form()

    def row(self, name: str) -> SettingRow:
        """The row of a setting; KeyError for one that is not shown."""
        for page in self._pages:
            for row in page.rows:
                if row.field.name == name:
                    return row
        raise KeyError(name)

    # search ----------------------------------------------------------------------------------------------------

    def _on_search(self, text: str) -> None:
        needle = text.strip().casefold()
        first = -1
        for index, page in enumerate(self._pages):
            hits = [row for row in page.rows if row.matches(needle)]
            for row in page.rows:  # a page that is found by what else is on it is shown whole
                row.setVisible(not hits or row in hits)
            named = needle in self.list.item(index).text().casefold() or (needle and needle in page.words.casefold())
            if page.key == CONNECTION:
                key_hit = needle in self.tr("TMDb key token keyring").casefold()
                whole = not hits and not key_hit
                self.key.setVisible(key_hit or whole)
                self._heads[0].setVisible(key_hit or whole or any(row.field.name in _FIRST[:3] for row in hits))
                self._heads[1].setVisible(not hits or any(row.field.name not in _FIRST[:3] for row in hits))
                named = named or key_hit
            found = bool(hits or named)
            self.list.item(index).setHidden(not found)
            if found and first < 0:
                first = index
        self.none.setVisible(first < 0)
        if first >= 0 and self.list.item(self.list.currentRow()).isHidden():
            self.list.setCurrentRow(first)

    # values ----------------------------------------------------------------------------------------------------

    def _all_rows(self) -> list[SettingRow]:
        return [row for page in self._pages for row in page.rows]

    def changes(self) -> dict[str, Any]:
        """What differs from the settings in force. Raises UsageError for text that is no value."""
        found = {}
        for row in self._all_rows():
            value = row.editor.value()
            if row.editor.isEnabled() and value != getattr(self._settings, row.field.name):
                found[row.field.name] = value
        return found

    def _on_edited(self) -> None:
        self._message.hide()
        try:
            self.apply.setEnabled(bool(self.changes()))
        except UsageError:
            self.apply.setEnabled(False)

    def _on_defaults(self) -> None:
        default = Settings()
        page = self._pages[self.list.currentRow()]
        for row in page.rows:
            if row.editor.isEnabled():
                row.editor.set_value(getattr(default, row.field.name))
                row.check()
        self._on_edited()

    def _save(self, *, close: bool) -> None:
        wrong = [row for row in self._all_rows() if row.editor.isEnabled() and not row.check()]
        if wrong:
            self.show_page(next(page.key for page in self._pages if wrong[0] in page.rows))
            wrong[0].editor.focus_widget().setFocus()
            return
        values = self.changes()
        if not values:
            if close:
                self.accept()
            return
        self._closing = close
        self._host.call(
            self, lambda app: command.change(app, **values), lambda changed: self._on_saved(changed, values), self._fail
        )

    def _on_saved(self, settings: Settings, values: dict[str, Any]) -> None:
        self._settings = settings
        self.applied.emit(values)
        if self._closing:
            self.accept()
            return
        self._on_edited()
        later = _AT_START & values.keys()
        text = self.tr("Saved. Some of it counts from the next start.") if later else self.tr("Saved.")
        self._message.set_message(Accent.GREEN, text)
        self._message.show()

    def _fail(self, error: GdvgError) -> None:
        self._message.set_message(Accent.RED, str(error))
        self._message.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.list.setFocus() if self.search.hasFocus() and self.search.text() else self.ok.click()
            return
        super().keyPressEvent(event)
