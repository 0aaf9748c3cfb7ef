"""What stands around charts: header, legend and the card beside a point; and a distribution as painted bars."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.labels import Fact, FactLine, label
from gdvg_desktop.ui.widgets.paint import antialiased, box


class ChartHeader(QWidget):
    """A chart's name and hint at the left, legend or figure at the right."""

    def __init__(self, title: str, hint: str = "", right: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(label(title, Role.STRONG), 0, top)
        hints = label(hint, Role.HINT)
        hints.setContentsMargins(0, 3, 0, 0)
        row.addWidget(hints, 0, top)
        row.addStretch(1)
        if right is not None:
            column = QVBoxLayout()
            column.setContentsMargins(0, 2, 0, 0)  # onto the line of the title
            column.addWidget(right)
            row.addLayout(column, 100)


class Legend(FactLine):
    """The names of series with their colours."""

    def __init__(self, series: Sequence[tuple[str, Accent]] = (), parent: QWidget | None = None) -> None:
        super().__init__((), align_right=True, parent=parent)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_series(series)

    def set_series(self, series: Sequence[tuple[str, Accent]]) -> None:
        """Names and colours, in the order drawn."""
        self.set_facts([Fact(name, accent=accent) for name, accent in series])


class TipCard(QWidget):
    """The card beside the nearest point."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(13, 8, 13, 8)
        self._column.setSpacing(2)
        self._title = label("", Role.HINT_STRONG)
        self._column.addWidget(self._title)
        self._lines: list[FactLine] = []
        self.hide()

    def tell(self, title: str, facts: Sequence[Fact]) -> None:
        self._title.setText(title)
        for line in self._lines:
            self._column.removeWidget(line)
            line.deleteLater()
        self._lines = [FactLine([fact]) for fact in facts]
        widest = self._title.sizeHint().width()
        height = 18 + self._title.sizeHint().height()
        for line in self._lines:
            self._column.addWidget(line)
            widest = max(widest, line.sizeHint().width())
            height += line.sizeHint().height() + 2
        self.resize(widest + 28, height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        box(painter, QRectF(self.rect()), 8, theme.color("bg_popup"), theme.color("border_popup"))
        painter.end()


@dataclass(frozen=True, slots=True)
class Share:
    """One row of a distribution."""

    name: str
    count: int
    accent: Accent


class ShareBars(QWidget):
    """A distribution as horizontal bars with count and share, largest scale first given. No donuts."""

    ROW = 28

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Share, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_rows(self, rows: Sequence[Share]) -> None:
        """Replace the rows; they are drawn in the order given."""
        self._rows = tuple(rows)
        self.setAccessibleDescription("; ".join(" ".join(cells) for cells in self.table()[1:]))
        self.updateGeometry()
        self.update()

    def table(self) -> list[list[str]]:
        """Name, count and share, with column names first."""
        total = sum(row.count for row in self._rows) or 1
        locale = self.locale()
        rows = [[row.name, locale.toString(row.count), f"{row.count / total:.0%}"] for row in self._rows]
        return [["", self.tr("Count"), self.tr("Share")], *rows]

    def sizeHint(self) -> QSize:
        return QSize(280, theme_of(self).px(self.ROW) * max(len(self._rows), 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        names = QFontMetricsF(font(theme, Role.HINT))
        name_width = max([names.horizontalAdvance(row.name) for row in self._rows] + [0]) + 8
        figure_width, share_width = theme.px(48), theme.px(40)
        room = max(self.width() - name_width - figure_width - share_width, 24)
        most = max([row.count for row in self._rows] + [1])
        height = theme.px(self.ROW)
        middle = Qt.AlignmentFlag.AlignVCenter
        for number, (row, cells) in enumerate(zip(self._rows, self.table()[1:], strict=True)):
            y = number * height
            painter.setFont(font(theme, Role.HINT))
            painter.setPen(theme.color("text_body"))
            painter.drawText(QRectF(0, y, name_width, height), middle, row.name)
            bar = QRectF(name_width, y + (height - 14) / 2, room * row.count / most, 14)
            painter.fillRect(bar, theme.fill(row.accent))
            painter.setPen(theme.color("text_secondary"))
            end = QRectF(self.width() - share_width, y, share_width, height)
            painter.drawText(end, middle | Qt.AlignmentFlag.AlignRight, cells[2])
            painter.setFont(font(theme, Role.HINT, weight=600))
            painter.setPen(theme.color("text_primary"))
            figure = QRectF(bar.right() + 6, y, figure_width, height)
            painter.drawText(figure, middle, cells[1])
        painter.end()
