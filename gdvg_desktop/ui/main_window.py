"""The main window: menu, toolbar, rail, docks in saved arrangements, status strip.

It gets its docks and screens as data and knows nothing of what they show. The shell can be painted before there are
docks: `furnish` hands them in later. Plain values come in through methods, what the user asks for goes out as signals;
`ui.contents` joins the two to the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QMainWindow, QMenu, QVBoxLayout, QWidget

from gdvg_desktop.ui import actions, icons
from gdvg_desktop.ui.actions import MenuKey, WindowActions, menu_titles
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Theme
from gdvg_desktop.ui.widgets.dock_host import DockHost
from gdvg_desktop.ui.widgets.rail import Rail
from gdvg_desktop.ui.widgets.status_strip import StatusStrip
from gdvg_desktop.ui.widgets.tab_order import follow_layouts
from gdvg_desktop.ui.widgets.toolbar import Toolbar

if TYPE_CHECKING:  # the first paint has neither docks nor toasts
    from gdvg_desktop.ui.widgets.dock_panel import DockPanel
    from gdvg_desktop.ui.widgets.toasts import Action, Toast, ToastStack

MIN_WIDTH, MIN_HEIGHT = 1100, 700
NARROW_BELOW, SHORT_BELOW = 1280, 820
MENU_HEIGHT = 32
_GEOMETRY = "window"
_SIZES = ("", "@narrow", "@short", "@narrow@short")


@dataclass(frozen=True, slots=True)
class ScreenSpec:
    """One rail item: an arrangement of the docks.

    `arrange` places the docks on the host it is given; `main` is the dock Esc returns to; `header` and `footer` are
    strips shown over and under the docks on this screen only; `leads` fills the toolbar's main action blue here.
    """

    name: str
    title: str
    icon: str
    arrange: Callable[[DockHost], None]
    main: str
    header: QWidget | None = None
    footer: QWidget | None = None
    leads: bool = False


class MainWindow(QMainWindow):
    """See the module. `screen_changed(str)` follows the rail; `closed()` comes after the last close event."""

    search_edited = Signal(str)
    search_submitted = Signal(str)
    new_import_asked = Signal()
    sync_asked = Signal(str)  # one of actions.SYNC_ACTIONS
    settings_asked = Signal()
    about_asked = Signal()
    screen_changed = Signal(str)
    closed = Signal()
    _built = False  # Qt sends style changes while the constructor still runs

    def __init__(
        self, docks: Sequence[DockPanel], screens: Sequence[ScreenSpec], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("GDVG Desktop")
        self.setMinimumSize(MIN_WIDTH, MIN_HEIGHT)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._screens = {screen.name: screen for screen in screens}
        self._screen = ""
        self._banners = 0
        self._layouts: dict[str, bytes] = {}
        self._close_guard: Callable[[], bool] = lambda: True
        self.quitting = False  # while `quit` asks the guard: a window that quits is not to hide instead
        self._actions = WindowActions(self, self._handlers())
        self.host = DockHost(docks)
        self.rail = Rail()
        self.toolbar = Toolbar(self._actions[actions.SEARCH], self._actions[actions.SYNC_NOW], "refresh-cw")
        self.status = StatusStrip()
        self._menus: dict[MenuKey, QMenu] = {}
        self._build(screens)
        self._fill_menus()
        self._connect()
        self._toasts: ToastStack | None = None
        self._built = True
        self._restyle()
        self.resize(1600, 1000)
        self.show_screen(screens[0].name)

    # building --------------------------------------------------------------------------------------------------

    def _handlers(self) -> dict[str, Callable[[], object]]:
        return {
            actions.NEW_IMPORT: self.new_import_asked.emit,
            actions.SETTINGS: self.settings_asked.emit,
            actions.QUIT: self.quit,
            actions.SEARCH: self._focus_search,
            actions.NEXT_PANEL: lambda: self._step_panel(1),
            actions.PREVIOUS_PANEL: lambda: self._step_panel(-1),
            actions.RESET_LAYOUT: self.reset_layout,
            actions.ABOUT: self.about_asked.emit,
            **{key: partial(self.sync_asked.emit, key) for key in actions.SYNC_ACTIONS},
        }

    def _build(self, screens: Sequence[ScreenSpec]) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.host, 1)
        for screen in screens:
            self.rail.add_screen(screen.name, screen.title, screen.icon)
            self._add_strips(column, screen)
        self.rail.add_item("settings", self.tr("Settings"), "settings")
        self._middle = column
        root = QWidget()
        root.setObjectName("screen")
        grid = QGridLayout(root)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self.toolbar, 0, 0, 1, 2)
        grid.addWidget(self.rail, 1, 0)
        grid.addWidget(middle, 1, 1)
        grid.addWidget(self.status, 2, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        self.setCentralWidget(root)
        root.setFocus()  # Tab starts at the first control, and no ring stands out before that

    def _add_strips(self, column: QVBoxLayout, screen: ScreenSpec) -> None:
        if screen.header is not None:
            column.insertWidget(column.indexOf(self.host), _Foot(screen.header, top=8, bottom=0))
            screen.header.hide()
        if screen.footer is not None:
            column.addWidget(_Foot(screen.footer))
            screen.footer.hide()

    def furnish(self, docks: Sequence[DockPanel], screens: Sequence[ScreenSpec]) -> None:
        """Give a window that was painted without docks its docks; `screens` are the same ones, now with arrangements.

        Saved layouts may be handed in before (`restore_layout`); they are used here.
        """
        self.host.add_docks(docks)
        self._screens = {screen.name: screen for screen in screens}
        for screen in screens:
            self._add_strips(self._middle, screen)
        for dock in docks:
            self._menus[MenuKey.WINDOW].insertAction(self._dock_rule, dock.toggleViewAction())
            dock.escaped.connect(self._to_main_dock)
        self._show_strips()
        self._lay_out()
        self._draw_icons(theme_of(self))

    def add_banner(self, banner: QWidget) -> None:
        """Put a message that concerns every screen above the docks; show it while it holds."""
        banner.hide()
        self._middle.insertWidget(self._banners, _Foot(banner, top=8, bottom=0))
        self._banners += 1

    def _fill_menus(self) -> None:
        for key, title in menu_titles().items():
            menu = QMenu(title, self)
            self._menus[key] = menu
            self.menuBar().addMenu(menu)
        for number, screen in enumerate(self._screens.values(), start=1):
            action = QAction(screen.title, self)
            action.setObjectName(f"screen_{screen.name}")
            action.setProperty("icon", screen.icon)
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
            action.triggered.connect(lambda _checked=False, name=screen.name: self.show_screen(name))
            self._menus[MenuKey.VIEW].addAction(action)
        for dock in self.host.docks():
            self._menus[MenuKey.WINDOW].addAction(dock.toggleViewAction())
        self._dock_rule = self._menus[MenuKey.WINDOW].addSeparator()
        for key, menu in self._menus.items():
            menu.addActions(self._actions.of_menu(key))
            menu.menuAction().setVisible(not menu.isEmpty())

    def _connect(self) -> None:
        self.rail.screen_asked.connect(self.show_screen)
        self.rail.item_asked.connect(lambda _name: self.settings_asked.emit())
        self.toolbar.searched.connect(self.search_edited)
        self.toolbar.submitted.connect(self.search_submitted)
        for dock in self.host.docks():
            dock.escaped.connect(self._to_main_dock)

    def add_menu_action(self, menu: MenuKey, action: QAction) -> None:
        """Put a dock's action into a menu; its shortcut then works as the action's own context says."""
        before = next((own for own in self._actions.of_menu(menu)), None)
        self._menus[menu].insertAction(before, action) if before else self._menus[menu].addAction(action)
        self._menus[menu].menuAction().setVisible(True)

    # screens and layouts ---------------------------------------------------------------------------------------

    def screen_name(self) -> str:
        """The present screen."""
        return self._screen

    def screen_names(self) -> tuple[str, ...]:
        """All screens, in the order of the rail."""
        return tuple(self._screens)

    def show_screen(self, name: str) -> None:
        """Put the docks where this screen last had them, or where it wants them the first time."""
        if name == self._screen:
            return
        typing = self.toolbar.search.hasFocus()  # a search from the toolbar leads here while it is typed
        self._remember()
        self._screen = name
        self._show_strips()
        self._lay_out()
        screen = self._screens[name]
        self.rail.choose(name)
        self.toolbar.set_leading(screen.leads)
        if self.host.docks() and self.isActiveWindow() and not typing:
            self.host.dock(screen.main).take_focus()
        self.screen_changed.emit(name)

    def _show_strips(self) -> None:
        for name, screen in self._screens.items():
            for strip in (screen.header, screen.footer):
                if strip is not None:
                    strip.setVisible(name == self._screen)

    def _layout_key(self) -> str:
        return self._screen + _SIZES[self.host.narrow + 2 * self.host.short]

    def _remember(self) -> None:
        if self._screen and self.host.docks():
            self._layouts[self._layout_key()] = self.host.save()

    def _lay_out(self) -> None:
        """Restore the screen's saved layout, or arrange it anew when there is none or it does not fit."""
        if not self.host.docks():
            return
        self.setUpdatesEnabled(False)
        try:
            self._settle_sizes()
            saved = self._layouts.get(self._layout_key())
            if saved is None or not self.host.restore(saved):
                self.host.clear()
                self._screens[self._screen].arrange(self.host)
        finally:
            self.setUpdatesEnabled(True)

    def _settle_sizes(self) -> None:
        """Give the dock host its final size before docks are sized in it, also while the window is not shown yet."""
        for widget in (self, self.centralWidget(), self.host.parentWidget()):
            layout = widget.layout() if widget is not None else None
            if layout is not None:
                layout.activate()

    def reset_layout(self) -> None:
        """The present screen as it was meant to be, every dock back in its place."""
        self._layouts.pop(self._layout_key(), None)
        self._lay_out()

    def layout_state(self) -> dict[str, bytes]:
        """Window geometry and each screen's docks, to be kept and handed to `restore_layout` next time."""
        self._remember()
        return {**self._layouts, _GEOMETRY: bytes(self.saveGeometry().data())}

    def restore_layout(self, state: Mapping[str, bytes]) -> None:
        """Take back what `layout_state` gave. Bytes that do not fit are left out."""
        known = {name + end for name in self._screens for end in _SIZES}
        self._layouts = {key: value for key, value in state.items() if key in known}
        if _GEOMETRY in state:
            self.restoreGeometry(QByteArray(state[_GEOMETRY]))
        self._set_size(*self._size_class())
        self._lay_out()

    # small windows ---------------------------------------------------------------------------------------------

    def _size_class(self) -> tuple[bool, bool]:
        """Whether the window is narrow and short for the text in it."""
        theme = theme_of(self)
        return self.width() < theme.px(NARROW_BELOW), self.height() < theme.px(SHORT_BELOW)

    def _set_size(self, narrow: bool, short: bool) -> None:
        self.host.narrow, self.host.short = narrow, short
        self.toolbar.set_narrow(narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refit()

    def _refit(self) -> None:
        """Change to the arrangement for this size when a border is crossed."""
        size = self._size_class()
        if size == (self.host.narrow, self.host.short):
            return
        self._remember()
        self._set_size(*size)
        if self._screen:
            self._lay_out()

    # keyboard --------------------------------------------------------------------------------------------------

    def _focus_search(self) -> None:
        self.toolbar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.toolbar.search.selectAll()

    def _step_panel(self, step: int) -> None:
        docks = self.host.open_docks()
        if not docks:
            return
        at = next((i for i, dock in enumerate(docks) if dock.holds_focus()), -1 if step > 0 else 0)
        docks[(at + step) % len(docks)].take_focus()

    def _to_main_dock(self) -> None:
        dock = self.host.dock(self._screens[self._screen].main)
        dock.show()
        dock.activateWindow() if dock.isFloating() else self.activateWindow()
        dock.take_focus()

    def focusNextPrevChild(self, following: bool) -> bool:
        follow_layouts(self)
        return super().focusNextPrevChild(following)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._to_main_dock()
            return
        super().keyPressEvent(event)

    # values in -------------------------------------------------------------------------------------------------

    def set_demo(self, demo: bool) -> None:
        """Say in toolbar and window title that this is the demo catalogue."""
        self.toolbar.set_demo(demo)
        self.setWindowTitle(self.tr("GDVG Desktop (DEMO)") if demo else "GDVG Desktop")

    def set_count(self, screen: str, count: int, *, urgent: bool = False) -> None:
        """The number at a rail item."""
        self.rail.set_count(screen, count, urgent=urgent)

    def toast(self, accent: Accent, title: str, sentence: str, *acts: Action) -> Toast:
        """Short news at the top right."""
        return self.toasts.show_toast(accent, title, sentence, *acts)

    @property
    def toasts(self) -> ToastStack:
        """The toasts on screen; made when the first one comes."""
        if self._toasts is None:
            from gdvg_desktop.ui.widgets.toasts import ToastStack  # late: the first paint needs none

            self._toasts = ToastStack(self, top=MENU_HEIGHT + self.toolbar.sizeHint().height() - 8)
        return self._toasts

    def set_close_guard(self, guard: Callable[[], bool]) -> None:
        """`guard()` is asked on every close; False keeps the window open (and the guard deals with it)."""
        self._close_guard = guard

    def quit(self) -> None:
        """Close for good, where closing may mean to stay in the background; the guard may still ask."""
        self.quitting = True
        try:
            self.close()
        finally:
            self.quitting = False

    def bring_back(self) -> None:
        """Show the window in front, however it was hidden."""
        state = self.windowState()
        if state & Qt.WindowState.WindowMinimized:
            self.setWindowState(state & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    # window events ---------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._close_guard():
            event.ignore()
            return
        super().closeEvent(event)
        self.closed.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._built:
            self._restyle()
            self._refit()

    def _restyle(self) -> None:
        """What the style sheet cannot do: heights, and icons drawn in the theme's colours.

        Before there are docks it is the first paint that counts, and no menu is open yet.
        """
        theme = theme_of(self)
        self.menuBar().setFixedHeight(theme.px(MENU_HEIGHT))
        if self.host.docks():
            self._draw_icons(theme)

    def _draw_icons(self, theme: Theme) -> None:
        self.setWindowIcon(icons.app_icon(theme))
        self._actions.refresh_icons()
        for action in self._menus[MenuKey.VIEW].actions():
            name = action.property("icon")
            if name:
                action.setIcon(icons.icon(theme, name))


class _Foot(QWidget):
    """Keeps a strip or a banner in line with the docks; it takes no room while what it holds is hidden."""

    def __init__(self, held: QWidget, *, top: int = 0, bottom: int = 8) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, top, 8, bottom)
        column.addWidget(held)
        held.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.setVisible(event.type() == QEvent.Type.ShowToParent)
        return super().eventFilter(watched, event)
