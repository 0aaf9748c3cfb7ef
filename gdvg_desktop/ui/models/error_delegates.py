"""The cells of failures: two lines of text, and the two painted buttons of a row."""

from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from gdvg_desktop.store.errors import Failure
from gdvg_desktop.ui.models.error_words import REVIEWED
from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role, Theme
from gdvg_desktop.ui.widgets.paint import box, dot
from gdvg_desktop.ui.widgets.tables import PAD, CellDelegate, CellRole, Index

translate = QCoreApplication.translate
BUTTON = 24
_LINE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine


class Act(StrEnum):
    """What a row's buttons do."""

    RETRY = "retry"
    VIEW = "view"
    SKIP = "skip"


def act_words(act: Act) -> str:
    """What a button says; the menu says the same."""
    return {
        Act.RETRY: translate("Error", "Retry"),
        Act.VIEW: translate("Error", "View"),
        Act.SKIP: translate("Error", "Skip"),
    }[act]


def main_act(failure: Failure) -> Act:
    """The act of a row's raised button: what another try alone seldom mends is to be looked at first."""
    return Act.VIEW if failure.category in REVIEWED else Act.RETRY


class TwoLineDelegate(CellDelegate):
    """The text, and `CellRole.SECOND` under it; with `CellRole.ACCENT` a dot leads the second line.

    `strong` draws the text in the weight of titles, `mono` the second line as ids are.
    """

    def __init__(self, parent: QWidget, *, strong: bool = False, mono: bool = False) -> None:
        super().__init__(parent)
        self._strong, self._mono = strong, mono

    def paint_cell(self, painter: QPainter, theme: Theme, area: QRectF, index: Index, *, enabled: bool) -> None:
        text, second = str(index.data() or ""), str(index.data(CellRole.SECOND) or "")
        wanted = index.data(Qt.ItemDataRole.TextAlignmentRole)
        side = Qt.AlignmentFlag.AlignRight if wanted is not None else Qt.AlignmentFlag.AlignLeft
        quiet = bool(index.data(CellRole.QUIET)) or not enabled
        token = "text_secondary" if quiet else "text_primary" if self._strong else "text_body"
        painter.setFont(font(theme, Role.BODY, weight=500 if self._strong and not quiet else 400))
        painter.setPen(theme.color(token))
        first, last = theme.px(20), theme.px(16)
        top = area.y() + (area.height() - (first + last if second else first)) / 2
        self._line(painter, QRectF(area.x(), top, area.width(), first), text, side)
        if not second:
            return
        under = QRectF(area.x(), top + first, area.width(), last)
        accent = index.data(CellRole.ACCENT)
        if accent:
            size = theme.px(7)
            dot(painter, QPointF(under.x() + size / 2, under.center().y()), size, theme.fill(Accent(accent)))
            under.setLeft(under.x() + size + 5)
        painter.setFont(font(theme, Role.LOG) if self._mono else font(theme, Role.AXIS))
        painter.setPen(theme.color("text_secondary"))
        self._line(painter, under, second, side)

    @staticmethod
    def _line(painter: QPainter, area: QRectF, text: str, side: Qt.AlignmentFlag) -> None:
        shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, side | _LINE, shown)


class ActionDelegate(CellDelegate):
    """A raised button and a quiet one, set from the right. `hovered` is (row, act) under the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hovered: tuple[int, Act] | None = None
        self.pressed = False

    def buttons(self, theme: Theme, cell: QRectF, failure: Failure) -> list[tuple[Act, QRectF]]:
        """The buttons of a row with their places in the view."""
        metrics = QFontMetricsF(font(theme, Role.HINT, weight=500))
        x, height = cell.right() - PAD, theme.px(BUTTON)
        y = round(cell.center().y() - height / 2)
        found = []
        for act, pad in ((Act.SKIP, 7), (main_act(failure), 9)):
            width = metrics.horizontalAdvance(act_words(act)) + 2 * pad
            x -= width
            found.append((act, QRectF(x, y, width, height)))
            x -= 4
        return list(reversed(found))

    def width(self) -> int:
        """Room the buttons need at most."""
        theme = theme_of(self)
        metrics = QFontMetricsF(font(theme, Role.HINT, weight=500))
        wide = max(metrics.horizontalAdvance(act_words(act)) for act in (Act.RETRY, Act.VIEW))
        return round(wide + metrics.horizontalAdvance(act_words(Act.SKIP)) + 2 * 9 + 2 * 7 + 4 + 2 * PAD + 2)

    def paint_cell(self, painter: QPainter, theme: Theme, area: QRectF, index: Index, *, enabled: bool) -> None:
        failure = index.model().failure_at(index.row())  # type: ignore[attr-defined]
        if failure is None:
            return
        painter.setFont(font(theme, Role.HINT, weight=500))
        for act, rect in self.buttons(theme, area.adjusted(-PAD, 0, PAD, 0), failure):
            here = self.hovered == (index.row(), act)
            if act is not Act.SKIP:
                end = "_pressed" if here and self.pressed else "_hover" if here else ""
                box(painter, rect, 6, theme.color(f"bg_raised{end}"), theme.color("border_strong"))
            elif here:
                box(painter, rect, 6, theme.color("pressed" if self.pressed else "hover"))
            painter.setPen(theme.color("text_primary" if enabled else "text_disabled"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, act_words(act))
