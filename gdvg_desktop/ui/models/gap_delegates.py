"""How the cells of the gaps table are painted: check box, score with its factors, and the ground of marked rows."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from gdvg_desktop.ui.theme import font
from gdvg_desktop.ui.tokens import Accent, Role, Theme
from gdvg_desktop.ui.widgets.progress import SLIM, paint_bar
from gdvg_desktop.ui.widgets.tables import BadgeDelegate, CellDelegate, CellRole, TextDelegate
from gdvg_desktop.ui.widgets.toggles import paint_check

Index = QModelIndex | QPersistentModelIndex
MARK = 16


class MarkedGround(CellDelegate):
    """A marked row has the ground of a selected one: the marks are the selection here."""

    def _paint_ground(
        self, painter: QPainter, theme: Theme, option: QStyleOptionViewItem, rect: QRect, index: Index
    ) -> None:
        marked = index.sibling(index.row(), 0).data(Qt.ItemDataRole.CheckStateRole)
        if marked == Qt.CheckState.Checked:
            option.state |= QStyle.StateFlag.State_Selected
        else:
            option.state &= ~QStyle.StateFlag.State_Selected
        super()._paint_ground(painter, theme, option, rect, index)


class MarkDelegate(MarkedGround):
    """The check box of a row."""

    def paint_cell(self, painter: QPainter, theme: Theme, area: QRectF, index: Index, *, enabled: bool) -> None:
        size = theme.px(MARK)
        box = QRectF(round(area.center().x() - size / 2), round(area.center().y() - size / 2), size, size)
        state = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole) or Qt.CheckState.Unchecked)
        paint_check(painter, box, theme, state, enabled=enabled)


class GapTextDelegate(MarkedGround, TextDelegate):
    """Text on the ground of a marked row."""


class GapBadgeDelegate(MarkedGround, BadgeDelegate):
    """A badge on the ground of a marked row."""


class ScoreDelegate(MarkedGround):
    """The score, a slim bar of it, and the two factors; the factors give way first, then the bar."""

    BAR = 72

    def paint_cell(self, painter: QPainter, theme: Theme, area: QRectF, index: Index, *, enabled: bool) -> None:
        text = str(index.data() or "")
        if not text:
            return
        painter.setFont(font(theme, Role.STRONG))
        painter.setPen(theme.color("text_primary" if enabled else "text_disabled"))
        width = QFontMetricsF(painter.font()).horizontalAdvance("100.0") + 1
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(area.x(), area.y(), width, area.height()), middle, text)
        x = area.x() + width + 4
        second = str(index.data(CellRole.SECOND) or "")
        painter.setFont(font(theme, Role.HINT))
        need = QFontMetricsF(painter.font()).horizontalAdvance("100 × 0.00")
        with_factors = area.right() - x >= 40 + 10 + need
        bar = min(theme.px(self.BAR), area.right() - x - (need + 10 if with_factors else 0))
        if bar < 16:
            return
        share = min(max(float(index.data(CellRole.SHARE) or 0.0), 0.0), 1.0)
        groove = QRectF(x, round(area.center().y() - SLIM / 2), bar, SLIM)
        paint_bar(painter, groove, theme, [(Accent.BLUE, share)])
        if with_factors:
            painter.setPen(theme.color("text_secondary"))
            painter.drawText(QRectF(groove.right() + 10, area.y(), need + 4, area.height()), middle, second)
