"""Text widgets: labels in a type role, text that ends in an ellipsis, wrapped text, facts and rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from gdvg_desktop.ui.theme import font, set_role, theme_of
from gdvg_desktop.ui.tokens import TYPE, Accent, Role, Theme
from gdvg_desktop.ui.widgets.paint import antialiased, box, dot, draw_icon


def label(text: str, role: Role = Role.BODY, *, accent: Accent | None = None, parent: QWidget | None = None) -> QLabel:
    """A one-line label in a type role."""
    result = QLabel(text, parent)
    result.setTextFormat(Qt.TextFormat.PlainText)
    set_role(result, role, accent=accent)
    return result


class Figure(QLabel):
    """A one-line text in a type role that changes often, such as a count.

    Its size is fixed to what the text takes: of a plain QLabel Qt lays out every ancestor anew with each text, up to
    the window, though figures of one length are of one width.
    """

    def __init__(
        self, text: str = "", role: Role = Role.BODY, *, accent: Accent | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self, role, accent=accent)
        self._fit()

    def set_text(self, text: str) -> bool:
        """Change the text. Returns whether it takes other room now."""
        self.setText(text)
        return self._fit()

    def _fit(self) -> bool:
        self.ensurePolished()
        text = self.fontMetrics().size(Qt.TextFlag.TextSingleLine, self.text())  # a hint never shrinks below a minimum
        size = text.grownBy(self.contentsMargins())
        changed = size != self.minimumSize()
        self.setFixedSize(size)
        return changed

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()


def escape(text: str) -> str:
    """Plain text as rich text shows it. (The `html` module loads a table of names the first paint would wait for.)"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Paragraph(QLabel):
    """Wrapped plain text at its role's line height (a QLabel alone sets lines too tight)."""

    def __init__(self, text: str = "", role: Role = Role.HINT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plain, self._lead, self._role = "", "", role
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        set_role(self, role)
        self.set_text(text)

    def set_text(self, text: str, *, lead: str = "") -> None:
        """Show plain text, line breaks kept, after a bold lead if there is one."""
        self._plain, self._lead = text, lead
        self._render()

    def plain_text(self) -> str:
        """The text as given."""
        return self._plain

    def _render(self) -> None:
        line = theme_of(self).px(TYPE[self._role].line)
        body = escape(self._plain).replace("\n", "<br>")
        if self._lead:
            body = f'<span style="font-weight:600">{escape(self._lead)}</span> {body}'
        self.setText(f'<p style="margin:0; line-height:{line}px">{body}</p>' if body else "")

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._render()
        super().changeEvent(event)


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis when there is no room; then the whole text is its tooltip."""

    def __init__(self, text: str = "", role: Role = Role.BODY, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self, role)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._cut = False

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.contentsRect()
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(area, self.alignment() | Qt.TextFlag.TextSingleLine, shown)
        painter.end()
        cut = shown != self.text()
        if cut != self._cut:
            self._cut = cut
            self.setToolTip(self.text() if cut else "")


class SplitLine(QFrame):
    """A 1 px rule, lying or standing."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Horizontal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        lying = orientation == Qt.Orientation.Horizontal
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(free if lying else fixed, fixed if lying else free)
        if lying:
            self.setFixedHeight(1)
        else:
            self.setFixedWidth(1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme_of(self).color("border_strong"))
        painter.end()


class SectionHeader(QWidget):
    """A section's name at the left, a hint beside it and any widgets at the right; `rule` draws a line between."""

    def __init__(
        self,
        title: str,
        hint: str = "",
        *,
        role: Role = Role.STRONG,
        rule: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.title = label(title, role)
        self.hint = label(hint, Role.HINT)
        self.hint.setVisible(bool(hint))
        self._row.addWidget(self.title)
        self._row.addWidget(self.hint)
        if rule:
            self._row.addWidget(SplitLine(), 1)
        else:
            self._row.addStretch(1)

    def set_hint(self, text: str) -> None:
        """Change the hint; empty hides it."""
        self.hint.setText(text)
        self.hint.setVisible(bool(text))

    def add_right(self, widget: QWidget) -> None:
        """Put a widget at the right end."""
        self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)


class IconLabel(QWidget):
    """An icon alone, in a theme colour. It tells nothing by itself: put the word beside it."""

    def __init__(self, name: str, size: int = 16, token: str = "text_secondary", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._token, self._size = name, token, size
        self._fit()

    def _fit(self) -> None:
        size = theme_of(self).px(self._size)
        self.setFixedSize(size, size)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._fit()
        super().changeEvent(event)

    def set_icon(self, name: str, token: str) -> None:
        """Change icon and colour (a token name)."""
        self._name, self._token = name, token
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = antialiased(self)
        token = self._token if self.isEnabled() else "text_disabled"
        draw_icon(painter, self._name, self.rect(), theme_of(self).color(token))
        painter.end()


@dataclass(frozen=True, slots=True)
class Fact:
    """A quiet word and a strong figure: "Movies 1,012,440". `note` follows quietly.

    `accent` puts a coloured square in front; `icon` an icon; `value_accent` colours the figure; `right` sets it at
    the right end of the line.
    """

    label: str
    value: str = ""
    note: str = ""
    accent: Accent | None = None
    icon: str = ""
    value_accent: Accent | None = None
    right: bool = False
    label_width: int = 0

    def spoken(self) -> str:
        """The fact as one phrase."""
        return " ".join(part for part in (self.label, self.value, self.note) if part)


class FactLine(QWidget):
    """Facts on one line, going on to further lines where the room ends. It never cuts a figure."""

    GAP = 16

    def __init__(
        self,
        facts: Sequence[Fact] = (),
        *,
        role: Role = Role.HINT,
        align_right: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._measured: dict[Fact, tuple[Theme, list[tuple[str, float, int, QColor]]]] = {}
        self._role, self._align_right = role, align_right
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_facts(facts)

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Replace the facts."""
        if tuple(facts) == self._facts:
            return
        before = self._room()
        self._facts = tuple(facts)
        self._measured.clear()
        self.setAccessibleName(", ".join(fact.spoken() for fact in facts))
        if self._room() != before:
            self.updateGeometry()
        self.update()

    def _room(self) -> tuple[QSize, QSize, int]:
        """All that a layout asks for."""
        return self.sizeHint(), self.minimumSizeHint(), self.heightForWidth(self.width())

    def _mark(self, theme: Theme, fact: Fact) -> float:
        if fact.accent is not None:
            return theme.px(8) + 6
        return theme.px(14) + 6 if fact.icon else 0

    def _runs(self, theme: Theme, fact: Fact) -> list[tuple[str, float, int, QColor]]:
        """Texts with width, weight and colour, measured once: layouts ask again and again."""
        known = self._measured.get(fact)
        if known is None or known[0] is not theme:
            known = self._measured[fact] = theme, self._measure(theme, fact)
        return known[1]

    def _measure(self, theme: Theme, fact: Fact) -> list[tuple[str, float, int, QColor]]:
        quiet = theme.color("text_secondary")
        strong = theme.accent_text(fact.value_accent) if fact.value_accent else theme.color("text_primary")
        texts = [(fact.label, 400, quiet), (fact.value, 500, strong), (fact.note, 400, quiet)]
        runs = []
        for text, weight, colour in texts:
            if text:
                width = QFontMetricsF(font(theme, self._role, weight=weight)).horizontalAdvance(text)
                runs.append((text, width, weight, colour))
        if runs and fact.label and fact.label_width:
            text, width, weight, colour = runs[0]
            runs[0] = (text, max(width, theme.px(fact.label_width)), weight, colour)
        return runs

    def _width(self, theme: Theme, fact: Fact) -> float:
        runs = self._runs(theme, fact)
        return self._mark(theme, fact) + sum(run[1] for run in runs) + 6 * max(len(runs) - 1, 0)

    def _lines(self, theme: Theme, width: int) -> list[list[tuple[float, Fact]]]:
        """The facts with their x, line by line."""
        lines: list[list[tuple[float, Fact]]] = [[]]
        x, limit = 0.0, float(width)
        for fact in self._facts:
            need = self._width(theme, fact)
            if x > 0 and x + need > limit:
                lines.append([])
                x, limit = 0.0, float(width)
            if fact.right:
                limit -= need
                lines[-1].append((max(limit, 0.0), fact))
                limit -= self.GAP
            else:
                lines[-1].append((x, fact))
                x += need + self.GAP
        if self._align_right:
            return [self._pushed(theme, line, width) for line in lines]
        return lines

    def _pushed(self, theme: Theme, line: list[tuple[float, Fact]], width: int) -> list[tuple[float, Fact]]:
        """The line moved to the right end."""
        if not line:
            return line
        end = line[-1][0] + self._width(theme, line[-1][1])
        return [(x + max(width - end - 1, 0), fact) for x, fact in line]

    def heightForWidth(self, width: int) -> int:
        theme = theme_of(self)
        return len(self._lines(theme, width)) * theme.px(TYPE[self._role].line)

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        width = sum(self._width(theme, fact) + self.GAP for fact in self._facts)
        return QSize(round(width + 1), theme.px(TYPE[self._role].line))

    def minimumSizeHint(self) -> QSize:
        theme = theme_of(self)
        widest = max((self._width(theme, fact) for fact in self._facts), default=0)
        return QSize(round(widest + 1), theme.px(TYPE[self._role].line))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        height = theme.px(TYPE[self._role].line)
        for row, line in enumerate(self._lines(theme, self.width())):
            for x, fact in line:
                self._paint_fact(painter, theme, fact, QRectF(x, row * height, self.width(), height))
        painter.end()

    def _paint_fact(self, painter: QPainter, theme: Theme, fact: Fact, area: QRectF) -> None:
        x, middle = area.x(), area.center().y()
        if fact.accent is not None:
            size = theme.px(8)
            box(painter, QRectF(x, middle - size / 2, size, size), 2, theme.fill(fact.accent))
        elif fact.icon:
            size = theme.px(14)
            draw_icon(painter, fact.icon, QRectF(x, middle - size / 2, size, size), theme.color("text_secondary"))
        x += self._mark(theme, fact)
        for text, width, weight, colour in self._runs(theme, fact):
            painter.setFont(font(theme, self._role, weight=weight))
            painter.setPen(colour)
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
            painter.drawText(QRectF(x, area.y(), width + 2, area.height()), flags, text)
            x += width + 6

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)


class StatusDot(QWidget):
    """A coloured dot; the word stands beside it."""

    def __init__(self, accent: Accent = Accent.SLATE, diameter: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._accent, self._diameter = accent, diameter
        self.setFixedSize(diameter, diameter)

    def set_accent(self, accent: Accent) -> None:
        """Change the state's colour."""
        self._accent = accent
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = antialiased(self)
        center = QPointF(self.width() / 2, self.height() / 2)
        dot(painter, center, self._diameter, theme_of(self).fill(self._accent))
        painter.end()
