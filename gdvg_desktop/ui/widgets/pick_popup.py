"""A popup to search a long list and tick several of its lines, as for countries and genres."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.badges import KeyCap
from gdvg_desktop.ui.widgets.labels import SplitLine, label
from gdvg_desktop.ui.widgets.paint import box
from gdvg_desktop.ui.widgets.popups import Popup
from gdvg_desktop.ui.widgets.search_field import SearchField
from gdvg_desktop.ui.widgets.toggles import paint_check

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a pick list: its value, name, a short code before it ("" for none) and a figure at the right."""

    value: str
    name: str
    code: str = ""
    figure: str = ""


class _OptionModel(QAbstractListModel):
    """The options with their ticks."""

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.options: list[Option] = []
        self.picked: set[str] = set()

    def fill(self, options: Sequence[Option], picked: set[str]) -> None:
        self.beginResetModel()
        self.options, self.picked = list(options), set(picked)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.options)

    def flags(self, index: Index) -> Qt.ItemFlag:
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return base | Qt.ItemFlag.ItemIsUserCheckable if index.isValid() else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        option = self.options[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return option.name
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if option.value in self.picked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.UserRole:
            return option
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return " ".join(part for part in (option.code, option.figure) if part)
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        option = self.options[index.row()]
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self.picked.add(option.value)
        else:
            self.picked.discard(option.value)
        self.dataChanged.emit(index, index, [role])
        self.changed.emit()
        return True


class _OptionFilter(QSortFilterProxyModel):
    """Options whose name or code holds the typed text; names that begin with it come first."""

    def __init__(self, source: _OptionModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.needle = ""
        self._source = source
        self.setSourceModel(source)
        self.sort(0)

    def look_for(self, text: str) -> None:
        self.beginFilterChange()
        self.needle = text.strip().casefold()
        self.endFilterChange()
        self.invalidate()

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:
        option = self._source.options[row]
        return self.needle in option.name.casefold() or self.needle == option.code.casefold()

    def lessThan(self, left: Index, right: Index) -> bool:
        def key(index: Index) -> tuple[bool, int]:
            starts = self._source.options[index.row()].name.casefold().startswith(self.needle)
            return (bool(self.needle) and not starts, index.row())

        return key(left) < key(right)


class _OptionDelegate(QStyledItemDelegate):
    """Tick, code, name with the typed part in bold, figure at the right."""

    def __init__(self, proxy: _OptionFilter, parent: QWidget) -> None:
        super().__init__(parent)
        self._proxy = proxy

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(200, theme_of(self).px(32))

    def paint(self, painter: QPainter, style: QStyleOptionViewItem, index: Index) -> None:
        theme = theme_of(self)
        option: Option = index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(style.rect)
        if style.state & QStyle.StateFlag.State_Selected:
            box(painter, area, 4, theme.color("selection"))
        elif style.state & QStyle.StateFlag.State_MouseOver:
            box(painter, area, 4, theme.color("hover"))
        mark = QRectF(area.x() + 8, area.center().y() - 8, 16, 16)
        paint_check(painter, mark, theme, Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)))
        x = mark.right() + 8
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        if option.code:
            painter.setFont(font(theme, Role.LOG))
            painter.setPen(theme.color("text_secondary"))
            width = theme.px(32)
            painter.drawText(QRectF(x, area.y(), width, area.height()), middle, option.code)
            x += width
        painter.setFont(font(theme, Role.HINT))
        painter.setPen(theme.color("text_secondary"))
        end = area.right() - 8
        painter.drawText(
            QRectF(x, area.y(), end - x, area.height()), middle | Qt.AlignmentFlag.AlignRight, option.figure
        )
        end -= QFontMetricsF(painter.font()).horizontalAdvance(option.figure) + 8
        self._paint_name(painter, option.name, QRectF(x, area.y(), end - x, area.height()))
        painter.restore()

    def _paint_name(self, painter: QPainter, name: str, area: QRectF) -> None:
        theme = theme_of(self)
        at = name.casefold().find(self._proxy.needle) if self._proxy.needle else -1
        cut = at + len(self._proxy.needle)
        parts = [(name, False)] if at < 0 else [(name[:at], False), (name[at:cut], True), (name[cut:], False)]
        x = area.x()
        for text, strong in parts:
            painter.setFont(font(theme, Role.BODY, weight=600 if strong else 400))
            painter.setPen(theme.color("text_primary" if strong else "text_body"))
            room = max(area.right() - x, 0)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(room) + 1)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
            painter.drawText(QRectF(x, area.y(), room + 2, area.height()), flags, shown)
            x += QFontMetricsF(painter.font()).horizontalAdvance(text)


class PickPopup(Popup):
    """Search and tick. Typing filters, Up and Down move, Space ticks, Enter ticks and closes, Esc closes.

    `picked(list[str])` carries the values in option order after every change.
    """

    picked = Signal(list)
    WIDTH, ROWS = 320, 6

    def __init__(self, parent: QWidget, *, placeholder: str, figures: str = "") -> None:
        super().__init__(parent)
        self._model = _OptionModel(self)
        self._proxy = _OptionFilter(self._model, self)
        self._search = SearchField(placeholder)
        self._search.text_edited.connect(self._on_search)
        self._search.installEventFilter(self)
        self._list = QListView()
        self._list.setAccessibleName(placeholder)
        self._list.setModel(self._proxy)
        self._list.setItemDelegate(_OptionDelegate(self._proxy, self))
        self._list.setMouseTracking(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setUniformItemSizes(True)
        self._list.clicked.connect(self._toggle)
        self._model.changed.connect(self._on_changed)
        self.body.addWidget(self._search)
        self.body.addWidget(self._list)
        self.body.addWidget(SplitLine())
        self.body.addLayout(self._footer(figures))

    def _footer(self, figures: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(label(figures, Role.HINT))
        row.addStretch(1)
        for keys, act in ((self.tr("Space"), self.tr("select")), (self.tr("Esc"), self.tr("close"))):
            row.addWidget(KeyCap(keys))
            row.addWidget(label(act, Role.HINT))
        return row

    def set_options(self, options: Sequence[Option], picked: Sequence[str] = ()) -> None:
        """Fill the list; `picked` are the values ticked."""
        self._model.fill(options, set(picked))
        self._note()

    def values(self) -> list[str]:
        """The ticked values in option order."""
        return [option.value for option in self._model.options if option.value in self._model.picked]

    def open_under(self, control: QWidget) -> None:
        self._search.clear()
        self._on_search("")
        theme = theme_of(self)
        self._list.setFixedSize(theme.px(self.WIDTH) - 16, theme.px(32) * self.ROWS)
        super().open_under(control)
        self._search.setFocus()

    def _on_search(self, text: str) -> None:
        self._proxy.look_for(text)
        if self._proxy.rowCount():
            self._list.setCurrentIndex(self._proxy.index(0, 0))
        self._note()

    def _note(self) -> None:
        shown, total = self._proxy.rowCount(), len(self._model.options)
        note = self.tr("{0} of {1}").format(shown, total)
        self._search.set_note(note)

    def _toggle(self, index: Index) -> None:
        checked = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) == Qt.CheckState.Checked
        value = Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked
        self._proxy.setData(index, value, Qt.ItemDataRole.CheckStateRole)

    def _on_changed(self) -> None:
        self.picked.emit(self.values())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._steer(event) or super().eventFilter(watched, event)
        return super().eventFilter(watched, event)

    def _steer(self, event: QKeyEvent) -> bool:
        """Keys typed in the search field that belong to the list."""
        index = self._list.currentIndex()
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            row = index.row() + (1 if key == Qt.Key.Key_Down else -1)
            if 0 <= row < self._proxy.rowCount():
                self._list.setCurrentIndex(self._proxy.index(row, 0))
            return True
        if key == Qt.Key.Key_Space and index.isValid():
            self._toggle(index)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if index.isValid():
                self._toggle(index)
            self.close()
            return True
        if key == Qt.Key.Key_Escape:
            self.close()
            return True
        return False
