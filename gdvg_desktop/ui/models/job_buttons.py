"""The painted buttons of queue rows: where they are and how they look."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from gdvg_desktop.ui.models.queue_rows import Act, QueueRow
from gdvg_desktop.ui.theme import font
from gdvg_desktop.ui.tokens import Role, Theme
from gdvg_desktop.ui.widgets.paint import box, draw_icon

translate = QCoreApplication.translate

HEIGHT = 24
_PAD, _ICON, _GAP = 9, 14, 6
_ICONS = {
    Act.PAUSE: "pause",
    Act.RESUME: "play",
    Act.BURY: "trash-2",
    Act.KEEP: "shield-check",
    Act.RETRY: "rotate-ccw",
    Act.RAISE: "arrow-up",
    Act.CANCEL: "x",
    Act.MORE: "ellipsis",
    Act.CLEAR: "",
}
_RAISED = (Act.PAUSE, Act.RESUME, Act.BURY, Act.KEEP, Act.RETRY, Act.RAISE)


@dataclass(frozen=True, slots=True)
class RowButton:
    """A button of a row: its act and its place in the view. `raised` has a fill, others show one under the mouse."""

    act: Act
    text: str
    rect: QRectF
    raised: bool


def act_words(act: Act) -> str:
    """What a button says; the menu and tooltips say the same."""
    return {
        Act.PAUSE: translate("Queue", "Pause"),
        Act.RESUME: translate("Queue", "Resume"),
        Act.BURY: translate("Queue", "Mark as deleted"),
        Act.KEEP: translate("Queue", "Keep everything"),
        Act.RETRY: translate("Queue", "Retry"),
        Act.RAISE: translate("Queue", "Raise"),
        Act.CANCEL: translate("Queue", "Cancel"),
        Act.MORE: translate("Queue", "More"),
        Act.FOLD: translate("Queue", "Fold"),
        Act.CLEAR: translate("Queue", "Clear finished"),
    }[act]


def _width(theme: Theme, act: Act, text: str) -> float:
    if act is Act.MORE:
        return theme.px(HEIGHT)
    width = QFontMetricsF(font(theme, Role.HINT, weight=500)).horizontalAdvance(text) + 2 * _PAD
    return width + (theme.px(_ICON) + _GAP if _ICONS[act] else 0)


def lay_out(theme: Theme, card: QRectF, row: QueueRow) -> list[RowButton]:
    """The buttons of a row, set from the right. The whole head folds, but for its button."""
    found: list[RowButton] = []
    height = theme.px(HEIGHT)
    x = card.right() - 16
    for act in reversed(row.acts):
        if act is Act.FOLD:
            found.append(
                RowButton(act, act_words(act), QRectF(card.x(), card.y(), x - 8 - card.x(), card.height()), False)
            )
            continue
        text = act_words(act)
        width = _width(theme, act, text)
        x -= width
        rect = QRectF(x, round(card.center().y() - height / 2), width, height)
        found.append(RowButton(act, text, rect, raised=act in _RAISED))
        x -= 8
    return list(reversed(found))


def paint_button(painter: QPainter, theme: Theme, button: RowButton, *, hovered: bool, pressed: bool) -> None:
    """Draw a button in its state. Folding is shown by the row's chevron."""
    if button.act is Act.FOLD:
        return
    if button.raised:
        end = "_pressed" if pressed else "_hover" if hovered else ""
        box(painter, button.rect, 6, theme.color(f"bg_raised{end}"), theme.color("border_strong"))
    elif hovered or pressed:
        box(painter, button.rect, 6, theme.color("pressed" if pressed else "hover"))
    ink: QColor = theme.color("text_primary")
    icon, size = _ICONS[button.act], theme.px(_ICON)
    middle = button.rect.center()
    if button.act is Act.MORE:
        draw_icon(painter, icon, QRectF(middle.x() - size / 2, middle.y() - size / 2, size, size), ink)
        return
    x = button.rect.x() + _PAD
    if icon:
        draw_icon(painter, icon, QRectF(x, middle.y() - size / 2, size, size), ink)
        x += size + _GAP
    painter.setFont(font(theme, Role.HINT, weight=500))
    painter.setPen(ink)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
    painter.drawText(QRectF(x, button.rect.y(), button.rect.right() - x, button.rect.height()), flags, button.text)
