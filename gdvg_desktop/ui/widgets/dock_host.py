"""The inner main window that holds the docks, and the words in which a screen arranges them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QMenu, QTabBar, QTabWidget, QWidget

if TYPE_CHECKING:  # the host is painted before there are docks
    from gdvg_desktop.ui.widgets.dock_panel import DockPanel

STATE_VERSION = 1
MARGIN = 8
_END = b"\0"
_TOP = Qt.DockWidgetArea.TopDockWidgetArea
_DOWN, _ACROSS = Qt.Orientation.Vertical, Qt.Orientation.Horizontal


class DockHost(QMainWindow):
    """Holds every dock of the window. A screen's `arrange(host)` places those it wants; the others stay closed.

    `narrow` is true below 1280 px: an inspector then goes behind its main dock as a tab. `short` is true below 820 px:
    a screen of several rows then puts its last one behind another. `arrangement_changed()` tells that the user moved,
    closed or opened something.
    """

    arrangement_changed = Signal()

    def __init__(self, docks: Sequence[DockPanel], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setDocumentMode(True)
        self.narrow = False
        self.short = False
        self._docks: dict[str, DockPanel] = {}
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._settled)
        self.add_docks(docks)

    def add_docks(self, docks: Sequence[DockPanel]) -> None:
        """Take more docks in, closed until an arrangement places them."""
        for dock in docks:
            self._docks[dock.objectName()] = dock
            self.addDockWidget(_TOP, dock)
            dock.hide()
            dock.visibilityChanged.connect(self._settle.start)
            dock.topLevelChanged.connect(self._settle.start)
            dock.dockLocationChanged.connect(self._settle.start)

    def dock(self, key: str) -> DockPanel:
        """A dock by its key; KeyError for one that does not exist."""
        return self._docks[key]

    def docks(self) -> list[DockPanel]:
        """All docks in the order registered."""
        return list(self._docks.values())

    # the words of an arrangement -------------------------------------------------------------------------------

    def place(self, key: str) -> None:
        """The first dock of a screen; it fills the room until others take some."""
        dock = self._docks[key]
        self.addDockWidget(_TOP, dock)
        dock.show()

    def below(self, key: str, other: str) -> None:
        """Under another dock."""
        self._split(key, other, _DOWN)

    def beside(self, key: str, other: str) -> None:
        """To the right of another dock."""
        self._split(key, other, _ACROSS)

    def behind(self, key: str, other: str) -> None:
        """As a tab behind another dock."""
        dock, front = self._docks[key], self._docks[other]
        self.addDockWidget(_TOP, dock)
        self.tabifyDockWidget(front, dock)
        dock.show()
        front.raise_()

    def inspector(self, key: str, main: str) -> None:
        """To the right of the main dock, or behind it in a narrow window."""
        if self.narrow:
            self.behind(key, main)
        else:
            self.beside(key, main)

    def widths(self, **px: int) -> None:
        """Widths of docks that stand side by side; Qt keeps to their proportion."""
        self._sizes(px, _ACROSS)

    def heights(self, **px: int) -> None:
        """Heights of docks that stand one over the other."""
        self._sizes(px, _DOWN)

    def _split(self, key: str, other: str, orientation: Qt.Orientation) -> None:
        dock = self._docks[key]
        self.addDockWidget(_TOP, dock)
        self.splitDockWidget(self._docks[other], dock, orientation)
        dock.show()

    def _sizes(self, px: dict[str, int], orientation: Qt.Orientation) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()
        docks = [self._docks[key] for key in px]
        self.resizeDocks(docks, list(px.values()), orientation)

    # whole arrangements ----------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Close every dock and take it out of the layout, so that an arrangement starts from nothing."""
        for dock in self._docks.values():
            if dock.isFloating():
                dock.setFloating(False)
            self.removeDockWidget(dock)

    def save(self) -> bytes:
        """Where every dock is: the keys of the open ones, then Qt's own bytes.

        Qt opens docks its bytes do not mention, so who was open has to be kept beside them.
        """
        keys = ",".join(key for key, dock in self._docks.items() if self._open(dock))
        return keys.encode() + _END + bytes(self.saveState(STATE_VERSION).data())

    def restore(self, state: bytes) -> bool:
        """Put every dock where `save` found it; False (and nothing usable) when the bytes do not fit."""
        keys, _end, layout = state.partition(_END)
        was_open = set(keys.decode(errors="replace").split(","))
        if not was_open & set(self._docks) or not self.restoreState(QByteArray(layout), STATE_VERSION):
            return False
        for key, dock in self._docks.items():
            if key not in was_open:
                dock.hide()
        return any(self._open(dock) for dock in self._docks.values())

    @staticmethod
    def _open(dock: DockPanel) -> bool:
        return dock.toggleViewAction().isChecked()

    def open_docks(self) -> list[DockPanel]:
        """The docks in front, in reading order: those a user goes through with F6."""
        shown = [dock for dock in self._docks.values() if dock.isVisible() and not dock.visibleRegion().isEmpty()]

        def where(dock: DockPanel) -> tuple[bool, int, int]:
            spot = dock.mapToGlobal(QPoint(0, 0))
            return dock.isFloating(), spot.y(), spot.x()

        return sorted(shown, key=where)

    # tabbed docks ----------------------------------------------------------------------------------------------

    def _settled(self) -> None:
        """After docks moved: those that share a place are named by the tab bar, the others by their own bar."""
        for dock in self._docks.values():
            others = [one for one in self.tabifiedDockWidgets(dock) if self._open(one)]  # type: ignore[arg-type]
            dock.set_tabbed(bool(others) and not dock.isFloating() and self._open(dock))
        for bar in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if bar.contextMenuPolicy() != Qt.ContextMenuPolicy.CustomContextMenu:
                bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
                bar.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                bar.customContextMenuRequested.connect(lambda spot, tabs=bar: self._on_tab_menu(tabs, spot))
        self.arrangement_changed.emit()

    def _on_tab_menu(self, bar: QTabBar, spot: QPoint) -> None:
        """Float and close for a dock whose own title bar is put away."""
        index = bar.tabAt(spot)
        if index < 0:
            index = bar.currentIndex()
        title = bar.tabText(index)
        dock = next((one for one in self._docks.values() if one.windowTitle() == title), None)
        if dock is None:
            return
        menu = QMenu(bar)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Float {0}").format(title), lambda: dock.setFloating(True))
        menu.addAction(self.tr("Close {0}").format(title), dock.close)
        menu.popup(bar.mapToGlobal(spot))
