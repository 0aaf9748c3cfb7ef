"""The table of the window: header 32, rows with rules, selection and current line, and its delegates.

Models are the docks' own. Cells are painted, never widgets. A cell's extras travel in item roles: see `CellRole`.
"""

from enum import IntEnum

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role, Theme
from gdvg_desktop.ui.widgets.badges import badge_size, paint_badge
from gdvg_desktop.ui.widgets.paint import antialiased, box, draw_icon
from gdvg_desktop.ui.widgets.progress import SLIM, paint_bar

HEADER_HEIGHT, ROW_HEIGHT, COMPACT_HEIGHT, POSTER_HEIGHT = 32, 32, 26, 44
PAD = 8

Index = QModelIndex | QPersistentModelIndex


class CellRole(IntEnum):
    """Item roles the delegates read, beside DisplayRole and TextAlignmentRole."""

    SECOND = Qt.ItemDataRole.UserRole + 101  # str: quiet second text, such as the original title
    ACCENT = Qt.ItemDataRole.UserRole + 102  # Accent: colour of badge, bar or text
    ICON = Qt.ItemDataRole.UserRole + 103  # str: icon name
    SHARE = Qt.ItemDataRole.UserRole + 104  # float from 0 to 1, for bars
    POSTER = Qt.ItemDataRole.UserRole + 105  # QPixmap, or None while it is not there
    QUIET = Qt.ItemDataRole.UserRole + 106  # bool: draw the text in the secondary colour


class TableView(QTableView):
    """A QTableView that draws rules, hover, selection and the current row itself. `row_height` in logical pixels."""

    def __init__(self, *, row_height: int = ROW_HEIGHT, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row_height = row_height
        self._hover_row = -1
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setAlternatingRowColors(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegate(TextDelegate(self))
        self.verticalHeader().hide()
        self.setHorizontalHeader(TableHeader(self))
        self._measure()

    def _measure(self) -> None:
        theme = theme_of(self)
        header = self.verticalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(16)
        header.setDefaultSectionSize(max(theme.px(self._row_height), self._row_height))
        self.horizontalHeader().setFixedHeight(theme.px(HEADER_HEIGHT))

    def hover_row(self) -> int:
        """The row under the mouse, or -1."""
        return self._hover_row

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._set_hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._set_hover(-1)

    def _set_hover(self, row: int) -> None:
        if row == self._hover_row:
            return
        old, self._hover_row = self._hover_row, row
        for changed in (old, row):
            if changed >= 0:
                y, height = self.rowViewportPosition(changed), self.rowHeight(changed)
                self.viewport().update(0, y, self.viewport().width(), height)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        index = self.currentIndex()
        if not index.isValid() or not self.hasFocus():
            return
        theme = theme_of(self)
        top, height = self.rowViewportPosition(index.row()), self.rowHeight(index.row())
        painter = QPainter(self.viewport())
        color = theme.color("focus")
        width = self.viewport().width()
        painter.fillRect(0, top, width, 1, color)
        painter.fillRect(0, top + height - 1, width, 1, color)
        painter.fillRect(0, top, 2, height, color)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._measure()


class TableHeader(QHeaderView):
    """The header row: sort arrow left of the label, label aligned as its column, a rule below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(False)
        self.setSectionsClickable(True)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setMinimumSectionSize(40)

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        theme = theme_of(self)
        painter.fillRect(rect, theme.color("bg_dock_title"))
        painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, theme.color("border_strong"))
        model = self.model()
        if model is None:
            return
        text = str(model.headerData(logical, self.orientation(), Qt.ItemDataRole.DisplayRole) or "")
        wanted = model.headerData(logical, self.orientation(), Qt.ItemDataRole.TextAlignmentRole)
        right = wanted is not None and bool(Qt.AlignmentFlag(wanted) & Qt.AlignmentFlag.AlignRight)
        sorted_here = self.isSortIndicatorShown() and self.sortIndicatorSection() == logical
        area = QRectF(rect).adjusted(PAD, 0, -PAD, -1)
        painter.setFont(font(theme, Role.HINT, weight=500))
        width = QFontMetricsF(painter.font()).horizontalAdvance(text)
        arrow = theme.px(12) + 6 if sorted_here else 0
        x = max(area.right() - width - arrow, area.x()) if right else area.x()
        if sorted_here:
            down = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            mark = QRectF(x, area.center().y() - theme.px(12) / 2, theme.px(12), theme.px(12))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw_icon(painter, "arrow-down" if down else "arrow-up", mark, theme.color("text_secondary"))
            x += arrow
        painter.setPen(theme.color("text_primary" if sorted_here else "text_secondary"))
        room = area.right() - x + 1
        shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, room)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(QRectF(x, area.y(), room, area.height()), flags, shown)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.color("bg_dock_title"))
        bottom = self.viewport().height() - 1
        painter.fillRect(0, bottom, self.viewport().width(), 1, theme.color("border_strong"))
        painter.end()
        super().paintEvent(event)


class TableFrame(QFrame):
    """The rounded 1 px frame around a table; the table is its one child."""

    def __init__(self, table: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = table
        table.setParent(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.setGeometry(self.rect().adjusted(1, 1, -1, -1))
        self.table.show()

    def sizeHint(self) -> QSize:
        return self.table.sizeHint() + QSize(2, 2)

    def minimumSizeHint(self) -> QSize:
        return self.table.minimumSizeHint() + QSize(2, 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        box(painter, QRectF(self.rect()), 8, theme.color("bg_surface"), theme.color("border_subtle"))
        painter.end()


class CellDelegate(QStyledItemDelegate):
    """What all cells share: the row's ground and rule. A subclass draws the content in `paint_cell`."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = theme_of(self)
        rect = QRect(option.rect)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing, False)
        self._paint_ground(painter, theme, option, rect, index)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        self.paint_cell(painter, theme, QRectF(rect.adjusted(PAD, 0, -PAD, -1)), index, enabled=enabled)
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, theme: Theme, option: QStyleOptionViewItem, rect: QRect, index: Index
    ) -> None:
        view = option.widget
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("selection"))
        elif isinstance(view, TableView) and view.hover_row() == index.row():
            painter.fillRect(rect, theme.color("hover"))
        painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, theme.color("border_subtle"))

    def paint_cell(self, painter: QPainter, theme: Theme, area: QRectF, index: Index, *, enabled: bool) -> None:
        """Draw the content inside `area`, the cell without its padding and rule."""
        raise NotImplementedError

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics = QFontMetricsF(font(theme_of(self), Role.BODY))
        text = str(index.data() or "")
        return QSize(round(metrics.horizontalAdvance(text)) + 2 * PAD + 2, super().sizeHint(option, index).height())


def ink(theme: Theme, index: Index, *, enabled: bool) -> QColor:
    """The colour of a cell's text."""
    if not enabled or not index.flags() & Qt.ItemFlag.ItemIsEnabled:
        return theme.color("text_disabled")
    accent = index.data(CellRole.ACCENT)
    if accent:
        return theme.accent_text(Accent(accent))
    return theme.color("text_secondary" if index.data(CellRole.QUIET) else "text_body")


class TextDelegate(CellDelegate):
    """Text, aligned as the model says (numbers to the right), with an icon in front if the model names one."""

    def __init__(self, parent: QWidget | None = None, *, role: Role = Role.BODY) -> None:
        super().__init__(parent)
        self._role = role

    def paint_cell(self, painter: QPainter, theme: Theme, area: QRectF, index: Index, *, enabled: bool) -> None:
        color = ink(theme, index, enabled=enabled)
        name = index.data(CellRole.ICON)
        if name:
            size = theme.px(14)
            draw_icon(painter, name, QRectF(area.x(), area.center().y() - size / 2, size, size), color)
            area = area.adjusted(size + 8, 0, 0, 0)
        painter.setFont(font(theme, self._role))
        painter.setPen(color)
        wanted = index.data(Qt.ItemDataRole.TextAlignmentRole)
        align = Qt.AlignmentFlag(wanted) if wanted is not None else Qt.AlignmentFlag.AlignLeft
        align = (align & Qt.AlignmentFlag.AlignHorizontal_Mask) | Qt.AlignmentFlag.AlignVCenter
        text = painter.fontMetrics().elidedText(
            str(index.data() or ""), Qt.TextElideMode.ElideRight, round(area.width())
        )
        painter.drawText(area, align | Qt.TextFlag.TextSingleLine, text)


class BadgeDelegate(CellDelegate):
    """A badge with the cell's text, `CellRole.ACCENT` and `CellRole.ICON`."""

    def paint_cell(self, painter: QPainter, theme: Theme, area: QRectF, index: Index, *, enabled: bool) -> None:
        text = str(index.data() or "")
        if not text:
            return
        icon = str(index.data(CellRole.ICON) or "")
        size = badge_size(theme, text, icon)
        y = round(area.center().y() - size.height() / 2)
        rect = QRectF(area.x(), y, min(size.width(), area.width()), size.height())
        paint_badge(painter, rect, theme, text, Accent(index.data(CellRole.ACCENT) or Accent.SLATE), icon)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        size = badge_size(theme_of(self), str(index.data() or ""), str(index.data(CellRole.ICON) or ""))
        return QSize(size.width() + 2 * PAD, super().sizeHint(option, index).height())


class BarDelegate(CellDelegate):
    """A slim bar of `CellRole.SHARE` in `CellRole.ACCENT`, with the cell's text at its right."""

    TEXT_WIDTH = 40

    def paint_cell(self, painter: QPainter, theme: Theme, area: QRectF, index: Index, *, enabled: bool) -> None:
        share = float(index.data(CellRole.SHARE) or 0.0)
        accent = Accent(index.data(CellRole.ACCENT) or Accent.GREEN)
        text_width = theme.px(self.TEXT_WIDTH)
        width = max(area.width() - text_width - 8, 16)
        bar = QRectF(area.x(), round(area.center().y() - SLIM / 2), width, SLIM)
        paint_bar(painter, bar, theme, [(accent, min(max(share, 0.0), 1.0))])
        painter.setFont(font(theme, Role.HINT))
        complete = accent is Accent.GREEN or not enabled
        painter.setPen(theme.color("text_secondary") if complete else theme.accent_text(accent))
        where = QRectF(bar.right() + 8, area.y(), text_width, area.height())
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, str(index.data() or ""))


class PosterDelegate(CellDelegate):
    """A small poster, the title, and a quiet second text (`CellRole.SECOND`) after it; the second gives way first."""

    def paint_cell(self, painter: QPainter, theme: Theme, area: QRectF, index: Index, *, enabled: bool) -> None:
        height = area.height() - 6
        frame = QRectF(area.x(), area.y() + 3, round(height * 2 / 3), height)
        poster = index.data(CellRole.POSTER)
        if isinstance(poster, QPixmap) and not poster.isNull():
            paint_poster(painter, frame, poster)
        else:
            box(painter, frame, 4, theme.color("bg_raised"), theme.color("border_subtle"))
            mark = frame.adjusted(
                frame.width() / 2 - 6, frame.height() / 2 - 6, 6 - frame.width() / 2, 6 - frame.height() / 2
            )
            draw_icon(painter, str(index.data(CellRole.ICON) or "image"), mark, theme.color("text_secondary"))
        x = frame.right() + 12
        strong = font(theme, Role.BODY, weight=500)
        title = str(index.data() or "")
        metrics = QFontMetricsF(strong)
        room = area.right() - x
        shown = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.setFont(strong)
        painter.setPen(theme.color("text_primary" if enabled else "text_disabled"))
        painter.drawText(QRectF(x, area.y(), room, area.height()), flags, shown)
        x += metrics.horizontalAdvance(shown) + 8
        second = str(index.data(CellRole.SECOND) or "")
        if second and area.right() - x > 24:
            painter.setFont(font(theme, Role.BODY))
            painter.setPen(theme.color("text_secondary"))
            rest = QFontMetricsF(painter.font()).elidedText(second, Qt.TextElideMode.ElideRight, area.right() - x)
            painter.drawText(QRectF(x, area.y(), area.right() - x, area.height()), flags, rest)


def paint_poster(painter: QPainter, frame: QRectF, poster: QPixmap, radius: float = 4) -> None:
    """A poster filling `frame`, its overhang cut off evenly, with rounded corners."""
    ratio = poster.devicePixelRatio()
    width, height = poster.width() / ratio, poster.height() / ratio
    scale = max(frame.width() / width, frame.height() / height)
    cut = QRectF(0, 0, frame.width() / scale * ratio, frame.height() / scale * ratio)
    cut.moveCenter(QPointF(poster.width() / 2, poster.height() / 2))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    path = QPainterPath()
    path.addRoundedRect(frame, radius, radius)
    painter.setClipPath(path)
    painter.drawPixmap(frame, poster, cut)
    painter.restore()
