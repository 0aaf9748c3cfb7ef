"""A dock with the window's own title bar: icon, name or paired tabs, meta text, extra widgets, float and close."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from gdvg_desktop.ui import icons
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.buttons import IconButton
from gdvg_desktop.ui.widgets.labels import ElidedLabel, IconLabel, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.paint import antialiased
from gdvg_desktop.ui.widgets.tab_order import follow_layouts

TITLE_HEIGHT = 33  # 32 and the top border
RADIUS = 8


class DockTitleBar(QWidget):
    """The 32 px bar. Dragging it moves the dock and a double click floats it, both done by QDockWidget itself."""

    float_asked = Signal()
    close_asked = Signal()

    def __init__(self, icon: str, title: str, tabs: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._focused = False
        self.tabs: QTabBar | None = None
        self._name: tuple[QWidget, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(1 if tabs else 13, 1, 5, 0)
        row.setSpacing(8)
        if tabs:
            self.tabs = QTabBar(self)
            self.tabs.setAccessibleName(title)
            self.tabs.setDrawBase(False)
            self.tabs.setUsesScrollButtons(False)
            self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
            for name in tabs:
                self.tabs.addTab(name)
            row.addWidget(self.tabs)
        else:
            self._name = (IconLabel(icon, 16), label(title, Role.STRONG))
            for part in self._name:
                row.addWidget(part)
        self._meta = ElidedLabel("", Role.HINT)
        self._meta.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._meta, 1)
        self._extras = QHBoxLayout()
        self._extras.setSpacing(8)
        row.addLayout(self._extras)
        self._float = IconButton("picture-in-picture-2", self.tr("Float {0}").format(title), small=True, quiet=True)
        self._float.clicked.connect(self.float_asked)
        self._close = IconButton("x", self.tr("Close {0}").format(title), small=True, quiet=True)
        self._close.clicked.connect(self.close_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        buttons.addWidget(self._float)
        buttons.addWidget(self._close)
        row.addSpacing(4)
        row.addLayout(buttons)

    def set_meta(self, text: str) -> None:
        """The quiet text at the right."""
        self._meta.setText(text)

    def add_widget(self, widget: QWidget) -> None:
        """Put a widget between the meta text and the buttons."""
        self._extras.addWidget(widget)
        QWidget.setTabOrder(self._float, widget)  # made later than the buttons it stands before
        QWidget.setTabOrder(widget, self._float)

    def has_controls(self) -> bool:
        """Whether there is more to it than float and close, which a tab of the window offers as well."""
        return self.tabs is not None or self._extras.count() > 0

    def set_named(self, named: bool) -> None:
        """Show icon and name, or leave them to a tab of the window."""
        for part in self._name:
            part.setVisible(named)

    def set_focused(self, focused: bool) -> None:
        """Draw the focus line on the top edge."""
        if focused != self._focused:
            self._focused = focused
            self.update()

    def set_floating(self, floating: bool, title: str) -> None:
        """Name the float button by what it does now."""
        text = self.tr("Dock {0}") if floating else self.tr("Float {0}")
        self._float.set_label(text.format(title))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme_of(self).px(TITLE_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, theme_of(self).px(TITLE_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect())
        path = _top_rounded(area.adjusted(0.5, 0.5, -0.5, 0), RADIUS)
        painter.fillPath(path, theme.color("bg_dock_title"))
        painter.setPen(QPen(theme.color("border_subtle"), 1))
        painter.drawPath(path)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(0, area.bottom() - 1, area.width(), 1), theme.color("border_subtle"))
        if self._focused:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRect(QRectF(0, 0, area.width(), 2))
            painter.fillPath(_top_rounded(area, RADIUS), theme.color("focus"))
        painter.end()


def _top_rounded(area: QRectF, radius: float) -> QPainterPath:
    """A box whose upper corners are round and whose bottom is open to what follows."""
    path = QPainterPath()
    path.moveTo(area.left(), area.bottom())
    path.lineTo(area.left(), area.top() + radius)
    path.arcTo(QRectF(area.left(), area.top(), 2 * radius, 2 * radius), 180, -90)
    path.lineTo(area.right() - radius, area.top())
    path.arcTo(QRectF(area.right() - 2 * radius, area.top(), 2 * radius, 2 * radius), 90, -90)
    path.lineTo(area.right(), area.bottom())
    return path


class DockBody(QWidget):
    """The surface under the title bar, with the dock's lower corners and border."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect()).adjusted(0.5, 0, -0.5, -0.5)
        painter.translate(0, self.height())
        painter.scale(1, -1)
        path = _top_rounded(QRectF(area.x(), 0.5, area.width(), area.height()), RADIUS)
        painter.fillPath(path, theme.color("bg_surface"))
        painter.setPen(QPen(theme.color("border_subtle"), 1))
        painter.drawPath(path)
        painter.end()


def _scrolling(content: QWidget) -> ScrollColumn:
    area = ScrollColumn()
    area.column.addWidget(content)
    return area


class DockPanel(QDockWidget):
    """A panel that moves, nests, tabs, floats, closes and comes back from the Window menu.

    `key` is its stable name in saved layouts. With `tabs`, the title bar holds paired tabs in place of icon and name,
    and `add_page` fills them in order; otherwise `set_content` gives the one content. The body has 16 px padding unless
    `padding` says otherwise. Meta text and widgets, such as a range switch, sit at the right of the title bar.
    With `fit_height` the panel is never taller than its content. `escaped()` is Esc in a floating panel.
    """

    tab_changed = Signal(int)
    escaped = Signal()

    def __init__(
        self,
        key: str,
        title: str,
        icon: str,
        *,
        tabs: Sequence[str] = (),
        padding: int = 16,
        fit_height: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, parent)
        self.setObjectName(key)
        self.icon_name = icon
        self.setAccessibleName(title)
        self._bar = DockTitleBar(icon, title, tabs, self)
        self._bar.float_asked.connect(lambda: self.setFloating(not self.isFloating()))
        self._bar.close_asked.connect(self.close)
        self._hidden_bar = QWidget(self)
        self._hidden_bar.setFixedHeight(0)
        self.setTitleBarWidget(self._bar)
        self._body = DockBody(self)
        if fit_height:
            self._body.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._box = QVBoxLayout(self._body)
        self._box.setContentsMargins(padding + 1, padding, padding + 1, padding + 1)
        self._pages: QStackedWidget | None = None
        self.setWidget(self._body)
        if self._bar.tabs is not None:
            self._pages = QStackedWidget(self._body)
            self._box.addWidget(self._pages)
            self._bar.tabs.currentChanged.connect(self._on_tab)
        self.topLevelChanged.connect(lambda floating: self._bar.set_floating(floating, title))
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)
        self.toggleViewAction().toggled.connect(self._mark)
        self._mark()

    def _mark(self) -> None:
        """Tick the dock's menu item with the theme's own check mark while it is open."""
        action = self.toggleViewAction()
        action.setIcon(icons.icon(theme_of(self), "check") if action.isChecked() else QIcon())

    def set_content(self, content: QWidget, *, scroll: bool = False) -> None:
        """The panel's one content; with `scroll` it scrolls where the panel is too small for it."""
        self._box.addWidget(_scrolling(content) if scroll else content)

    def add_page(self, content: QWidget, *, scroll: bool = False) -> None:
        """The content of the next paired tab. Raises ValueError for a panel without tabs."""
        if self._pages is None:
            raise ValueError(f"the dock {self.objectName()} has no tabs")
        self._pages.addWidget(_scrolling(content) if scroll else content)

    def show_page(self, index: int) -> None:
        """Turn to a paired tab."""
        if self._bar.tabs is not None:
            self._bar.tabs.setCurrentIndex(index)

    def page_index(self) -> int:
        """The paired tab shown, 0 without tabs."""
        return self._bar.tabs.currentIndex() if self._bar.tabs is not None else 0

    def set_tab_text(self, index: int, text: str) -> None:
        """Rename a paired tab, for example to add a count."""
        if self._bar.tabs is not None:
            self._bar.tabs.setTabText(index, text)

    def _on_tab(self, index: int) -> None:
        if self._pages is not None:
            self._pages.setCurrentIndex(index)
        self.tab_changed.emit(index)

    def set_meta(self, text: str) -> None:
        """The quiet text in the title bar: "Updated 2 s ago"."""
        self._bar.set_meta(text)

    def add_title_widget(self, widget: QWidget) -> None:
        """Put a widget into the title bar, 24 high at most."""
        self._bar.add_widget(widget)

    def title_bar(self) -> DockTitleBar:
        """The title bar, also while tabbed docks hide it."""
        return self._bar

    def set_tabbed(self, tabbed: bool) -> None:
        """While the dock shares its place with others the tab bar names it.

        Its own bar is put away then, unless there are controls in it that are nowhere else.
        """
        self._bar.set_named(not tabbed)
        away = tabbed and not self._bar.has_controls()
        wanted = self._hidden_bar if away else self._bar
        if self.titleBarWidget() is not wanted:
            self.setTitleBarWidget(wanted)
            self._bar.setVisible(not away)

    def take_focus(self) -> None:
        """Give the keyboard to the first control of the panel."""
        self.raise_()
        target = self._first_focus(self._body) or self._first_focus(self._bar)
        if target is not None:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _first_focus(self, root: QWidget) -> QWidget | None:
        for child in root.findChildren(QWidget):
            wanted = child.focusPolicy() & Qt.FocusPolicy.TabFocus
            if wanted and child.isEnabled() and child.isVisibleTo(root) and child.focusProxy() is None:
                return child
        return None

    def holds_focus(self) -> bool:
        """Whether the focus is inside this panel."""
        widget = QApplication.focusWidget()
        return widget is not None and (widget is self or self.isAncestorOf(widget))

    def _on_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        self._bar.set_focused(now is not None and self.isAncestorOf(now))

    def focusNextPrevChild(self, following: bool) -> bool:
        if self.isWindow():
            follow_layouts(self)
        return super().focusNextPrevChild(following)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isFloating():
            self.escaped.emit()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_box"):
            self.updateGeometry()
            self._mark()
        super().changeEvent(event)
