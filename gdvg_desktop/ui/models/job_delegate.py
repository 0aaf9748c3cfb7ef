"""Paints the queue's rows and knows where their buttons are. No widgets: a queue of any length costs what is seen."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gdvg_desktop.ui.models.job_buttons import RowButton, lay_out, paint_button
from gdvg_desktop.ui.models.queue_model import ROW
from gdvg_desktop.ui.models.queue_rows import Act, QueueRow, RowKind
from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role, Theme
from gdvg_desktop.ui.widgets.badges import badge_size, paint_badge
from gdvg_desktop.ui.widgets.paint import box, draw_icon, focus_ring
from gdvg_desktop.ui.widgets.progress import ROW as BAR_HEIGHT
from gdvg_desktop.ui.widgets.progress import paint_bar

Index = QModelIndex | QPersistentModelIndex
JOB_HEIGHT, WAITING_HEIGHT, HEAD_HEIGHT, DONE_HEIGHT, GAP = 96, 64, 40, 36, 8
RADIUS = 8
_TEXT_X = 66  # where badge and bar begin, after grip and order
_NAME_X = 99  # from there to the name
_COUNT_WIDTH = 150  # the figure beside the bar
_LINE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_RIGHT = _LINE | Qt.AlignmentFlag.AlignRight


class JobDelegate(QStyledItemDelegate):
    """Paints a `QueueRow`. `hovered` and `pressed` are (job id, act) of a button, `phase` moves the unknown stripe."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered: tuple[int, Act] | None = None
        self.pressed: tuple[int, Act] | None = None
        self.phase = 0.5

    # geometry ------------------------------------------------------------------------------------------------------

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        row: QueueRow = index.data(ROW)
        theme = theme_of(self)
        height = {RowKind.HEAD: HEAD_HEIGHT, RowKind.DONE: DONE_HEIGHT}.get(
            row.kind, JOB_HEIGHT if row.bar else WAITING_HEIGHT
        )
        return QSize(200, theme.px(height) + (GAP if row.kind is RowKind.JOB else 0))

    @staticmethod
    def card(rect: QRect, row: QueueRow) -> QRectF:
        """The row's box inside its item."""
        return QRectF(rect).adjusted(0, 0, 0, -GAP if row.kind is RowKind.JOB else 0)

    def buttons(self, rect: QRect, row: QueueRow) -> list[RowButton]:
        """The row's buttons with their places."""
        return lay_out(theme_of(self), self.card(rect, row), row)

    # painting ------------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: QueueRow = index.data(ROW)
        theme = theme_of(self)
        card = self.card(option.rect, row)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        buttons = self.buttons(option.rect, row)
        left = min((button.rect.x() for button in buttons), default=card.right())
        if row.kind is RowKind.JOB:
            self._paint_card(painter, theme, card, selected=selected, focused=focused)
            self._paint_job(painter, theme, card, row, left)
        else:
            _paint_section(painter, theme, card, row, selected=selected, focused=focused)
            if row.kind is RowKind.HEAD:
                self._paint_head(painter, theme, card, row)
            else:
                self._paint_done(painter, theme, card, row, left)
        for button in buttons:
            spot = (row.job_id, button.act)
            paint_button(painter, theme, button, hovered=self.hovered == spot, pressed=self.pressed == spot)
        painter.restore()

    def _paint_card(self, painter: QPainter, theme: Theme, card: QRectF, *, selected: bool, focused: bool) -> None:
        if selected:
            box(painter, card, RADIUS, theme.color("selection_flat"), theme.color("fill_blue"))
        else:
            gradient = QLinearGradient(card.topLeft(), card.bottomLeft())
            gradient.setColorAt(0, theme.color("card_top"))
            gradient.setColorAt(1, theme.color("card_bottom"))
            box(painter, card, RADIUS, QBrush(gradient), theme.color("border_subtle"))
        if focused:
            focus_ring(painter, card, RADIUS, theme.color("focus"))

    def _paint_job(self, painter: QPainter, theme: Theme, card: QRectF, row: QueueRow, left: float) -> None:
        x, right = card.x() + theme.px(_TEXT_X), left - theme.px(32)
        height = theme.px(20)
        lines = (23, 48, 73) if row.bar else (22, 43, 43)
        first, middle, last = (QRectF(x, card.y() + theme.px(y) - height / 2, right - x, height) for y in lines)
        self._paint_order(painter, theme, card, row)
        self._paint_name(painter, theme, first, row)
        if row.bar:
            self._paint_progress(painter, theme, middle, row)
            end = self._paint_counts(painter, theme, last, row)
            self._paint_notes(painter, theme, last.adjusted(end - last.x() + 16, 0, 0, 0), row)
        else:
            self._paint_waiting(painter, theme, last, row)

    def _paint_order(self, painter: QPainter, theme: Theme, card: QRectF, row: QueueRow) -> None:
        size = theme.px(16)
        middle = card.center().y()
        if row.place >= 0:
            grip = QRectF(card.x() + theme.px(8), middle - size / 2, size, size)
            draw_icon(painter, "grip-vertical", grip, theme.color("text_secondary"))
            number = QRectF(card.x() + theme.px(28), middle - size, theme.px(24), 2 * size)
            _text(
                painter, number, str(row.place + 1), font(theme, Role.STRONG), theme.color("text_primary"), centre=True
            )

    def _paint_name(self, painter: QPainter, theme: Theme, area: QRectF, row: QueueRow) -> None:
        size = badge_size(theme, row.badge.text, row.badge.icon)
        place = QRectF(area.x(), round(area.center().y() - size.height() / 2), size.width(), size.height())
        paint_badge(painter, place, theme, *row.badge)
        x = area.x() + max(theme.px(_NAME_X), size.width() + 12)
        area = QRectF(x, area.y(), area.right() - x, area.height())
        end = _text(painter, area, row.name, font(theme, Role.ROW_TITLE), theme.color("text_primary"))
        rest = area.adjusted(end - area.x() + 12, 0, 0, 0)
        if rest.width() > 40:
            _text(painter, rest, row.scope, font(theme, Role.HINT), theme.color("text_secondary"))

    def _paint_progress(self, painter: QPainter, theme: Theme, area: QRectF, row: QueueRow) -> None:
        strong = font(theme, Role.BODY, weight=500)
        width = max(theme.px(_COUNT_WIDTH), QFontMetricsF(strong).horizontalAdvance(row.progress) + 16)
        bar = QRectF(area.x(), area.center().y() - BAR_HEIGHT / 2, max(area.width() - width, 24), BAR_HEIGHT)
        if row.share is None:
            self._paint_stripe(painter, theme, bar, row)
        else:
            paint_bar(painter, bar, theme, [(row.badge.accent, row.share)])
        figure = area.adjusted(bar.width() + 8, 0, 0, 0)
        painter.setFont(strong)
        painter.setPen(theme.color("text_primary"))
        painter.drawText(figure, _RIGHT, row.progress)

    def _paint_stripe(self, painter: QPainter, theme: Theme, bar: QRectF, row: QueueRow) -> None:
        paint_bar(painter, bar, theme, ())
        width = bar.width() * 0.3
        x = bar.x() - width + (bar.width() + width) * self.phase
        track = QPainterPath()
        track.addRoundedRect(bar, bar.height() / 2, bar.height() / 2)
        painter.save()
        painter.setClipPath(track, Qt.ClipOperation.IntersectClip)
        painter.fillRect(QRectF(x, bar.y(), width, bar.height()), theme.fill(row.badge.accent))
        painter.restore()

    def _paint_counts(self, painter: QPainter, theme: Theme, area: QRectF, row: QueueRow) -> float:
        """The figures in their colours; returns where they end."""
        x, size = area.x(), theme.px(14)
        painter.setFont(font(theme, Role.HINT))
        for count in row.counts:
            quiet = count.accent is Accent.SLATE
            color = theme.color("text_secondary") if quiet else theme.accent_text(count.accent)
            width = QFontMetricsF(painter.font()).horizontalAdvance(count.text)
            if x + size + 6 + width > area.right():
                break
            draw_icon(painter, count.icon, QRectF(x, area.center().y() - size / 2, size, size), color)
            painter.setFont(font(theme, Role.HINT))
            painter.setPen(color)
            painter.drawText(QRectF(x + size + 4, area.y(), width + 2, area.height()), _LINE, count.text)
            x += size + 4 + width + 16
        return x - 16

    def _paint_notes(self, painter: QPainter, theme: Theme, area: QRectF, row: QueueRow) -> None:
        """What is said at the right end: quiet, then emphasised."""
        bold, plain = font(theme, Role.HINT_STRONG), font(theme, Role.HINT)
        if row.strong:
            painter.setFont(bold)
            painter.setPen(theme.color("text_primary"))
            painter.drawText(area, _RIGHT, row.strong)
            area = area.adjusted(0, 0, -QFontMetricsF(bold).horizontalAdvance(row.strong) - 16, 0)
        painter.setFont(plain)
        painter.setPen(theme.color("text_secondary"))
        shown = QFontMetricsF(plain).elidedText(row.note, Qt.TextElideMode.ElideRight, max(area.width(), 0))
        painter.drawText(area, _RIGHT, shown)

    def _paint_waiting(self, painter: QPainter, theme: Theme, area: QRectF, row: QueueRow) -> None:
        quiet = theme.color("text_secondary")
        if row.progress:
            painter.setFont(font(theme, Role.HINT))
            painter.setPen(quiet)
            painter.drawText(area, _RIGHT, row.progress)
            area = area.adjusted(0, 0, -QFontMetricsF(painter.font()).horizontalAdvance(row.progress) - 16, 0)
        end = _text(painter, area, row.note, font(theme, Role.HINT), quiet)
        if row.strong:
            rest = area.adjusted(end - area.x() + 4, 0, 0, 0)
            _text(painter, rest, row.strong, font(theme, Role.HINT_STRONG), theme.color("text_primary"))

    def _paint_head(self, painter: QPainter, theme: Theme, card: QRectF, row: QueueRow) -> None:
        size = theme.px(16)
        mark = QRectF(card.x() + 14, card.center().y() - size / 2, size, size)
        draw_icon(painter, "chevron-right" if row.folded else "chevron-down", mark, theme.color("text_secondary"))
        area = QRectF(mark.right() + 8, card.y(), card.width(), card.height())
        end = _text(painter, area, row.name, font(theme, Role.STRONG), theme.color("text_primary"))
        rest = area.adjusted(end - area.x() + 8, 0, 0, 0)
        _text(painter, rest, row.note, font(theme, Role.HINT), theme.color("text_secondary"))

    def _paint_done(self, painter: QPainter, theme: Theme, card: QRectF, row: QueueRow, left: float) -> None:
        size = badge_size(theme, row.badge.text, row.badge.icon)
        x = card.x() + 16
        place = QRectF(x, round(card.center().y() - size.height() / 2), size.width(), size.height())
        paint_badge(painter, place, theme, *row.badge)
        hint, quiet = font(theme, Role.HINT), theme.color("text_secondary")
        right = left - 24
        when = QFontMetricsF(hint).horizontalAdvance(row.strong)
        name_x = x + max(theme.px(104), size.width() + 12)
        note_x = card.x() + max(card.width() * 0.415, theme.px(280))
        name = QRectF(name_x, card.y(), note_x - name_x - 16, card.height())
        _text(painter, name, row.name, font(theme, Role.BODY, weight=500), theme.color("text_primary"))
        _text(painter, QRectF(note_x, card.y(), right - when - 16 - note_x, card.height()), row.note, hint, quiet)
        painter.setFont(hint)
        painter.setPen(quiet)
        painter.drawText(QRectF(name_x, card.y(), right - name_x, card.height()), _RIGHT, row.strong)

    # renaming ------------------------------------------------------------------------------------------------------

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(self.tr("Name of the job"))
        editor.setMaxLength(200)
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        row: QueueRow = index.data(ROW)
        theme = theme_of(self)
        card = self.card(option.rect, row)
        x = theme.px(_TEXT_X + _NAME_X) - 10 if row.kind is RowKind.JOB else theme.px(104)
        top = 7 if row.kind is RowKind.JOB else 2
        editor.setGeometry(round(card.x() + x), round(card.y() + top), theme.px(320), theme.px(32))


def _text(painter: QPainter, area: QRectF, text: str, face: QFont, color: QColor, *, centre: bool = False) -> float:
    """Draw one line, shortened to the room; returns where it ends."""
    metrics = QFontMetricsF(face)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(area.width(), 0))
    painter.setFont(face)
    painter.setPen(color)
    painter.drawText(area, _LINE | Qt.AlignmentFlag.AlignHCenter if centre else _LINE, shown)
    return area.x() + metrics.horizontalAdvance(shown)


def _paint_section(
    painter: QPainter, theme: Theme, card: QRectF, row: QueueRow, *, selected: bool, focused: bool
) -> None:
    """A slice of the finished section's card: round at its ends, a rule between rows."""
    top = row.kind is RowKind.HEAD
    bottom = row.last or (top and row.folded)
    whole = card.adjusted(0.5, 0.5 if top else -RADIUS, -0.5, -0.5 if bottom else RADIUS)
    painter.save()
    painter.setClipRect(card, Qt.ClipOperation.IntersectClip)
    painter.setBrush(theme.color("selection_flat" if selected else "card_bottom"))
    painter.setPen(QPen(theme.color("border_subtle"), 1))
    painter.drawRoundedRect(whole, RADIUS, RADIUS)
    if not bottom:
        line = theme.color("border_subtle")
        painter.fillRect(QRectF(card.x() + 1, card.bottom() - 1, card.width() - 2, 1), line)
    painter.restore()
    if focused:
        focus_ring(painter, card, RADIUS if top and bottom else 4, theme.color("focus"))


def hit(buttons: Sequence[RowButton], spot: QPointF) -> Act | None:
    """The act of the button under a point."""
    return next((button.act for button in buttons if button.rect.contains(spot)), None)
