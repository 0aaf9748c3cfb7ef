"""The four kinds of gaps as cards over the gaps screen: how many, what they are, and a button that fills them."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.commands.gaps import FillRequest, GapSummary
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import GapKind
from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import gap_words
from gdvg_desktop.ui.models.gap_feed import GapFeed
from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, IconButton
from gdvg_desktop.ui.widgets.cards import CARD_RADIUS, Card
from gdvg_desktop.ui.widgets.labels import ElidedLabel, IconLabel, label
from gdvg_desktop.ui.widgets.layouts import CardGrid
from gdvg_desktop.ui.widgets.messages import InlineMessage
from gdvg_desktop.ui.widgets.paint import HOVER_MS, Fade, antialiased, box

HEIGHT = 112
LEAST = 228


class GapCard(Card):
    """One kind: `activated()` is Enter or a click on the card, `fill_asked()` its button."""

    activated = Signal()
    fill_asked = Signal()

    def __init__(self, kind: GapKind, parent: QWidget | None = None) -> None:
        super().__init__(radius=CARD_RADIUS, padding=0, parent=parent)
        self.kind = kind
        self._name = gap_words.kind_name(kind)
        self._lines = ("", "")
        self._hover = Fade(self, HOVER_MS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        accent = gap_words.ACCENTS[kind]
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(IconLabel(gap_words.ICONS[kind], 16, f"text_{accent.value}"))
        head.addWidget(label(self._name, Role.STRONG))
        head.addStretch(1)
        self.fill = Button(self.tr("Fill"), small=True)
        self.fill.clicked.connect(self.fill_asked)
        self.fill.setAccessibleName(self.tr("Fill {0} gaps").format(self._name.lower()))
        head.addWidget(self.fill)
        value = QHBoxLayout()
        value.setSpacing(8)
        self._value = label("", Role.TILE)
        self._unit = label("", Role.HINT)
        self._unit.setContentsMargins(0, 0, 0, 5)  # onto the base line of the figure
        value.addWidget(self._value)
        value.addWidget(self._unit, 0, Qt.AlignmentFlag.AlignBottom)
        value.addStretch(1)
        self._facts = ElidedLabel("", Role.HINT)
        column = QVBoxLayout(self)
        column.setContentsMargins(17, 13, 16, 13)
        column.setSpacing(0)
        column.addLayout(head)
        column.addSpacing(4)
        column.addLayout(value)
        column.addSpacing(3)
        column.addWidget(self._facts)
        column.addStretch(1)

    def set_figures(self, value: str, unit: str, facts: str, *, short: str = "", can_fill: bool) -> None:
        """The count with its unit, and one line of facts; `short` is what of them stays in a narrow card."""
        self._value.setText(value)
        self._unit.setText(unit)
        self._lines = (facts, short or facts)
        self._fit_facts()
        if not can_fill and self.fill.hasFocus():
            self.setFocus()
        self.fill.setEnabled(can_fill)
        self.setAccessibleName(f"{self._name}: {value} {unit}".strip())
        self.setAccessibleDescription(f"{facts}. {self.tr('Enter lists them.')}" if facts else "")

    def _fit_facts(self) -> None:
        """The whole line where it fits."""
        facts, short = self._lines
        room = self.width() - 34
        fits = QFontMetricsF(font(theme_of(self), Role.HINT)).horizontalAdvance(facts) <= room
        self._facts.setText(facts if fits else short)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_facts()

    def value_text(self) -> str:
        """The count as shown."""
        return self._value.text()

    def facts_text(self) -> str:
        """The line of facts as shown."""
        return self._facts.text()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme_of(self).px(LEAST - 8), theme_of(self).px(HEIGHT))

    def sizeHint(self) -> QSize:
        return QSize(320, theme_of(self).px(HEIGHT))

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
            edge = theme_of(self).color("border_control")
            edge.setAlphaF(self._hover.value)
            painter = antialiased(self)
            box(painter, QRectF(self.rect()), CARD_RADIUS, None, edge)
            painter.end()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)


class GapCards(QWidget):
    """The strip of cards. `kind_chosen(GapKind)` asks for the list of that kind. Errors of the screen stand over it."""

    kind_chosen = Signal(object)

    def __init__(self, host: Host, feed: GapFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host, self._feed = host, feed
        self.cards = {kind: GapCard(kind) for kind in GapKind}
        for kind, card in self.cards.items():
            card.activated.connect(lambda chosen=kind: self.kind_chosen.emit(chosen))
            card.fill_asked.connect(lambda chosen=kind: feed.fill(FillRequest(kinds=(chosen,))))
        self.message = InlineMessage(Accent.RED)
        self.close_message = IconButton("x", self.tr("Close message"), small=True)
        self.close_message.clicked.connect(self.message.hide)
        self.message.add_action(self.close_message)
        self.message.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.message)
        column.addWidget(CardGrid(list(self.cards.values()), least=LEAST, gap=8))
        feed.changed.connect(self._show)
        feed.failed.connect(self._fail)
        feed.started.connect(lambda _job, _new: self.message.hide())
        feed.join(self)
        for card in self.cards.values():
            card.set_figures("–", "", self.tr("Opening the library"), can_fill=False)

    def _fail(self, error: GdvgError) -> None:
        self.message.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
        self.message.show()

    def _show(self, found: GapSummary) -> None:
        units = {
            GapKind.SEQUENTIAL: (self.tr("missing ID"), self.tr("missing IDs")),
            GapKind.POPULARITY: (self.tr("popular title"), self.tr("popular titles")),
            GapKind.TEMPORAL: (self.tr("by release date"), self.tr("by release date")),
            GapKind.METADATA: (self.tr("incomplete title"), self.tr("incomplete titles")),
        }
        for kind, card in self.cards.items():
            count = found.by_kind[kind].open
            if found.analysed_at is None and not count:
                card.set_figures("–", units[kind][1], self.tr("Not analysed yet"), can_fill=False)
                continue
            unit = units[kind][0 if count == 1 else 1]
            facts, short = self._facts(kind, found)
            card.set_figures(phrases.number(count), unit, facts, short=short, can_fill=bool(count))

    def _facts(self, kind: GapKind, found: GapSummary) -> tuple[str, str]:
        """One line of facts, and a shorter one for a narrow card."""
        short = ""
        match kind:
            case GapKind.SEQUENTIAL:
                text = self.tr("In the TMDb export, not in the library")
            case GapKind.POPULARITY:
                text = self.tr("Above {0} in popularity").format(phrases.decimal(found.popular_threshold, 0))
                if found.analysed_at is not None:
                    short = text
                    text += self.tr(" · checked {0}").format(gap_words.instant(found.analysed_at))
            case GapKind.TEMPORAL:
                if found.months_below is None:
                    text = self.tr("Months have not been compared yet")
                else:
                    text = phrases.counted(
                        found.months_below,
                        self.tr("{0} month short of what TMDb lists"),
                        self.tr("{0} months short of what TMDb lists"),
                    )
                    short = phrases.counted(found.months_below, self.tr("{0} month short"), self.tr("{0} months short"))
            case GapKind.METADATA:
                text, short = self._fields()
        return text, short

    def _fields(self) -> tuple[str, str]:
        """What a complete title has, by the settings: the first few of it."""
        app = self._host.app
        wanted = app.settings.required_fields if app is not None else ()
        names = [gap_words.field_name(field) for field in wanted]
        if not names:
            return self.tr("No field is required"), ""
        few = [*names[:2], self.tr("others")]
        if len(names) > 3:
            names = [*names[:2], self.tr("other fields")]
        words = (self.tr("Have no {0}").format(gap_words.joined(one, self.tr("{0} or {1}"))) for one in (names, few))
        long, short = words
        return long, short
