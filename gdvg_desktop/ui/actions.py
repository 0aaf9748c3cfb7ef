"""The window's own actions: text, icon and shortcut of everything the menus and the toolbar share.

Actions of a dock (preview, start, pause a job) belong to the dock; it hands them to `MainWindow.add_menu_action`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from gdvg_desktop.ui import icons
from gdvg_desktop.ui.theme import theme_of

translate = QCoreApplication.translate


class MenuKey(StrEnum):
    """The menus in their order. One without actions is not shown."""

    FILE = "file"
    EDIT = "edit"
    VIEW = "view"
    SYNC = "sync"
    LIBRARY = "library"
    WINDOW = "window"
    HELP = "help"


def menu_titles() -> dict[MenuKey, str]:
    """The menus' names in the user's language, in order."""
    return {
        MenuKey.FILE: translate("Actions", "&File"),
        MenuKey.EDIT: translate("Actions", "&Edit"),
        MenuKey.VIEW: translate("Actions", "&View"),
        MenuKey.SYNC: translate("Actions", "&Sync"),
        MenuKey.LIBRARY: translate("Actions", "&Library"),
        MenuKey.WINDOW: translate("Actions", "&Window"),
        MenuKey.HELP: translate("Actions", "&Help"),
    }


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action: stable key, text with its mnemonic, shortcut in portable form, icon name, menu."""

    key: str
    text: str
    shortcut: str
    icon: str
    menu: MenuKey
    role: QAction.MenuRole = QAction.MenuRole.NoRole


NEW_IMPORT = "new_import"
SETTINGS = "settings"
QUIT = "quit"
SEARCH = "search"
SYNC_NOW = "sync_now"
START_MIRROR = "start_mirror"
CHANGES_SYNC = "changes_sync"
ANALYZE_GAPS = "analyze_gaps"
FILL_GAPS = "fill_gaps"
SHORT_LIST = "short_list"
REFRESH_OLD = "refresh_old"
SYNC_ACTIONS = (SYNC_NOW, START_MIRROR, CHANGES_SYNC, ANALYZE_GAPS, FILL_GAPS, SHORT_LIST, REFRESH_OLD)
NEXT_PANEL = "next_panel"
PREVIOUS_PANEL = "previous_panel"
RESET_LAYOUT = "reset_layout"
ABOUT = "about"


def action_specs() -> tuple[ActionSpec, ...]:
    """The window's actions in menu order, their texts in the user's language."""
    return (
        ActionSpec(NEW_IMPORT, translate("Actions", "&New import"), "Ctrl+N", "plus", MenuKey.FILE),
        ActionSpec(
            SETTINGS,
            translate("Actions", "&Settings…"),
            "Ctrl+,",
            "settings",
            MenuKey.FILE,
            QAction.MenuRole.PreferencesRole,
        ),
        ActionSpec(QUIT, translate("Actions", "&Quit"), "Ctrl+Q", "log-out", MenuKey.FILE, QAction.MenuRole.QuitRole),
        ActionSpec(SYNC_NOW, translate("Actions", "S&ync now"), "F5", "refresh-cw", MenuKey.SYNC),
        ActionSpec(START_MIRROR, translate("Actions", "Start &mirror"), "", "database", MenuKey.SYNC),
        ActionSpec(CHANGES_SYNC, translate("Actions", "&Changes sync"), "", "git-compare", MenuKey.SYNC),
        ActionSpec(ANALYZE_GAPS, translate("Actions", "&Analyze gaps"), "", "scan-search", MenuKey.SYNC),
        ActionSpec(FILL_GAPS, translate("Actions", "&Fill gaps"), "", "calendar-check", MenuKey.SYNC),
        ActionSpec(SHORT_LIST, translate("Actions", "Update a short &list…"), "", "list-ordered", MenuKey.SYNC),
        ActionSpec(REFRESH_OLD, translate("Actions", "Refresh &old titles"), "", "rotate-ccw", MenuKey.SYNC),
        ActionSpec(SEARCH, translate("Actions", "&Search titles"), "Ctrl+K", "search", MenuKey.LIBRARY),
        ActionSpec(NEXT_PANEL, translate("Actions", "&Next panel"), "F6", "", MenuKey.WINDOW),
        ActionSpec(PREVIOUS_PANEL, translate("Actions", "&Previous panel"), "Shift+F6", "", MenuKey.WINDOW),
        ActionSpec(RESET_LAYOUT, translate("Actions", "&Reset layout"), "", "rotate-ccw", MenuKey.WINDOW),
        ActionSpec(
            ABOUT,
            translate("Actions", "&About GDVG Desktop"),
            "",
            "info",
            MenuKey.HELP,
            QAction.MenuRole.AboutRole,
        ),
    )


class WindowActions:
    """The QActions of `action_specs` by key, owned by `window`; without icons until `refresh_icons`."""

    def __init__(self, window: QWidget, handlers: dict[str, Callable[[], object]]) -> None:
        self._window = window
        self._actions: dict[str, QAction] = {}
        self._specs = action_specs()
        for spec in self._specs:
            action = QAction(spec.text, window)
            action.setObjectName(spec.key)
            action.setMenuRole(spec.role)
            if spec.shortcut:
                action.setShortcut(QKeySequence(spec.shortcut))
            action.triggered.connect(lambda _checked=False, run=handlers[spec.key]: run())
            window.addAction(action)
            self._actions[spec.key] = action

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def of_menu(self, menu: MenuKey) -> list[QAction]:
        """The actions of one menu, in order."""
        return [self._actions[spec.key] for spec in self._specs if spec.menu is menu]

    def refresh_icons(self) -> None:
        """Draw the icons in the present theme's colours."""
        theme = theme_of(self._window)
        for spec in self._specs:
            if spec.icon:
                self._actions[spec.key].setIcon(icons.icon(theme, spec.icon))
