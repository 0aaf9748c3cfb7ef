"""The list of pages at the left of the settings: icon and name, one chosen."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.paint import box, draw_icon, focus_ring

_ICON = Qt.ItemDataRole.UserRole
_HEIGHT = 36


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, theme_of(self).px(_HEIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = theme_of(self)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect).adjusted(0, 2, 0, -2)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            box(painter, area, 6, theme.color("selection_flat"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            box(painter, area, 6, theme.color("hover"))
        size = theme.px(16)
        mark = QRectF(area.x() + 12, area.center().y() - size / 2, size, size)
        draw_icon(painter, str(index.data(_ICON)), mark, theme.color("text_blue" if chosen else "text_secondary"))
        painter.setFont(font(theme, Role.BODY, weight=600 if chosen else 400))
        painter.setPen(theme.color("text_primary" if chosen else "text_body"))
        words = QRectF(mark.right() + 8, area.y(), area.right() - mark.right() - 16, area.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, str(index.data()))
        view = option.widget
        if chosen and isinstance(view, QWidget) and view.hasFocus():
            focus_ring(painter, area, 6, theme.color("focus"))
        painter.restore()


class SideList(QListWidget):
    """Up and Down choose."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_Delegate(self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)

    def add(self, name: str, icon: str) -> None:
        """Add a page."""
        item = QListWidgetItem(name)
        item.setData(_ICON, icon)
        self.addItem(item)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.scheduleDelayedItemsLayout()
