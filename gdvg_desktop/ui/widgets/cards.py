"""Cards: the plain card, the stat card of Overview and the number tile of Import and the job inspector."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QEnterEvent, QKeyEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.ui.theme import set_role, theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.labels import ElidedLabel, Fact, FactLine, Figure, IconLabel, StatusDot, label
from gdvg_desktop.ui.widgets.layouts import CardGrid
from gdvg_desktop.ui.widgets.paint import HOVER_MS, Fade, antialiased, box, focus_ring, shadow
from gdvg_desktop.ui.widgets.progress import SLIM, ProgressBar

CARD_RADIUS, PANEL_RADIUS = 12, 8
SHADOW_BLUR, SHADOW_DROP = 8, 3


class Card(QFrame):
    """A card with a flat two-stop gradient and a 1 px border. Put a layout in it.

    `sunken` draws it as a well (alerts, counters); `chosen` as the selected one of several.
    """

    def __init__(
        self, *, radius: int = PANEL_RADIUS, sunken: bool = False, padding: int = 16, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._radius, self._sunken, self._chosen = radius, sunken, False
        self.setContentsMargins(padding, padding, padding, padding)

    def set_chosen(self, chosen: bool) -> None:
        """Draw it as the selected card."""
        self._chosen = chosen
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect())
        if self._chosen:
            box(painter, area, self._radius, theme.color("selection_flat"), theme.color("fill_blue"))
        elif self._sunken:
            box(painter, area, self._radius, theme.color("bg_sunken"), theme.color("border_subtle"))
        else:
            gradient = QLinearGradient(area.topLeft(), area.bottomLeft())
            gradient.setColorAt(0, theme.color("card_top"))
            gradient.setColorAt(1, theme.color("card_bottom"))
            box(painter, area, self._radius, QBrush(gradient), theme.color("border_subtle"))
        if self.hasFocus():
            focus_ring(painter, area, self._radius, theme.color("focus"))
        painter.end()


class StatCard(Card):
    """One headline figure, 128 high: name and icon, value with unit, a bar, facts. Enter or click opens it."""

    activated = Signal()

    def __init__(self, name: str, icon: str, accent: Accent = Accent.BLUE, parent: QWidget | None = None) -> None:
        super().__init__(radius=CARD_RADIUS, padding=0, parent=parent)
        self._name, self._icon_name, self._accent = name, icon, accent
        self._hover = Fade(self, HOVER_MS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._icon = IconLabel(icon, 18, f"text_{accent.value}")
        self._dot = StatusDot(accent, 10)
        self._dot.hide()
        self._value = Figure("", Role.STAT)
        self._unit = Figure("", Role.QUIET)
        self._unit.setContentsMargins(0, 0, 0, 4)  # onto the base line of the large figure
        self._bar = ProgressBar(SLIM, accent)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(4)
        self._build(label(name, Role.HINT))

    def _build(self, name: QLabel) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(17, 16, 17, 14)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.addWidget(name)
        head.addStretch(1)
        head.addWidget(self._icon)
        column.addLayout(head)
        value = QHBoxLayout()
        value.setSpacing(8)
        value.addWidget(self._dot)
        value.addWidget(self._value)
        value.addWidget(self._unit, 0, Qt.AlignmentFlag.AlignBottom)
        value.addStretch(1)
        column.addSpacing(3)
        column.addLayout(value)
        column.addSpacing(5)
        self._bar_box = QWidget()  # goes with the bar, so that two lines of facts fit in its place
        around = QVBoxLayout(self._bar_box)
        around.setContentsMargins(0, 3, 0, 10)
        around.addWidget(self._bar)
        column.addWidget(self._bar_box)
        column.addLayout(self._facts)
        column.addStretch(1)

    def set_value(self, value: str, unit: str = "", *, dot: Accent | None = None) -> None:
        """The headline and the quiet words after it; `dot` puts a state's dot in front."""
        self._value.set_text(value)
        self._unit.set_text(unit)
        self._dot.setVisible(dot is not None)
        if dot is not None:
            self._dot.set_accent(dot)
        self._describe()

    def set_accent(self, accent: Accent, icon: str = "") -> None:
        """Change the colour of the icon (and the icon): the state changed."""
        self._icon.set_icon(icon or self._icon_name, f"text_{accent.value}")

    def set_quiet(self, icon: str = "") -> None:
        """Draw the icon in grey: nothing to tell yet."""
        self._icon.set_icon(icon or self._icon_name, "text_secondary")

    def set_bar(self, parts: Sequence[tuple[Accent, float]] | None, total: float = 0) -> None:
        """The bar's parts of `total`; None takes the bar away."""
        self._bar_box.setVisible(parts is not None)
        if parts is not None:
            self._bar.set_parts(parts, total)

    def set_facts(self, *lines: Sequence[Fact]) -> None:
        """The facts, one sequence a line."""
        while self._facts.count() > len(lines):
            item = self._facts.takeAt(self._facts.count() - 1)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for index, facts in enumerate(lines):
            item = self._facts.itemAt(index)
            line = item.widget() if item is not None else None
            if isinstance(line, FactLine):
                line.set_facts(facts)
            else:
                self._facts.addWidget(FactLine(facts))
        self._describe(lines)

    def _describe(self, lines: Sequence[Sequence[Fact]] | None = None) -> None:
        if lines is not None:
            self.setAccessibleDescription("; ".join(fact.spoken() for line in lines for fact in line))
        self.setAccessibleName(f"{self._name}: {self._value.text()} {self._unit.text()}".strip())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, theme_of(self).px(128))

    def sizeHint(self) -> QSize:
        return QSize(320, max(theme_of(self).px(128), super().sizeHint().height()))

    def heightForWidth(self, width: int) -> int:
        return max(theme_of(self).px(128), super().heightForWidth(width))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.activated.emit()
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.activated.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover.to(1.0)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover.to(0.0)
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._hover.value and not self.hasFocus():
            theme = theme_of(self)
            edge = theme.color("border_control")
            edge.setAlphaF(self._hover.value)
            painter = antialiased(self)
            box(painter, QRectF(self.rect()), CARD_RADIUS, None, edge)
            painter.end()


class StatGrid(CardGrid):
    """Stat cards with a shadow each.

    It lies behind the cards as a still picture: an effect on a card would be blurred anew with each figure that
    changes, which takes ten times as long as all else in the card.
    """

    def paintEvent(self, _event: QPaintEvent) -> None:
        color = theme_of(self).color("shadow_card")
        painter = QPainter(self)
        for card in self.cards:
            picture = shadow(card.size(), CARD_RADIUS, SHADOW_BLUR, color, self.devicePixelRatioF())
            painter.drawPixmap(card.pos() + QPoint(-SHADOW_BLUR, SHADOW_DROP - SHADOW_BLUR), picture)
        painter.end()


class NumberTile(Card):
    """A small card with a name, a figure and a hint, and an icon at the top right."""

    def __init__(
        self,
        name: str,
        icon: str = "",
        accent: Accent = Accent.SLATE,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(padding=0, parent=parent)
        self._name = name
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 11, 12, 12)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.addWidget(label(name, Role.HINT))
        head.addStretch(1)
        if icon:
            token = "text_secondary" if accent is Accent.SLATE else f"text_{accent.value}"
            head.addWidget(IconLabel(icon, 16, token))
        column.addLayout(head)
        column.addStretch(1)
        self._value = Figure("", Role.TILE)
        self._hint = ElidedLabel("", Role.HINT)
        column.addWidget(self._value, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._hint)

    def set_value(self, value: str, hint: str = "") -> None:
        """The figure and what it means."""
        self._value.set_text(value)
        self._hint.setText(hint)
        self.setAccessibleName(f"{self._name}: {value}")
        self.setAccessibleDescription(hint)


class CountTile(Card):
    """A sunken well with a coloured figure over its name, as in the job inspector."""

    def __init__(self, name: str, accent: Accent | None = None, parent: QWidget | None = None) -> None:
        super().__init__(sunken=True, padding=0, parent=parent)
        self._name, self._accent, self._quiet = name, accent, False
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(0)
        self._value = Figure("0", Role.NUMBER, accent=accent)
        column.addWidget(self._value, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(label(name, Role.HINT))

    def set_value(self, value: str, *, quiet: bool = False) -> None:
        """The figure, already formatted. A `quiet` one, such as no failures, leaves out the colour."""
        self._value.set_text(value)
        if quiet != self._quiet:
            self._quiet = quiet
            set_role(self._value, Role.NUMBER, accent=None if quiet else self._accent)
        self.setAccessibleName(f"{self._name}: {value}")
