"""Charts over days: stacked bars and lines, drawn by pyqtgraph.

A chart takes plain numbers, describes itself to screen readers, tells the nearest point on hover or with the arrow
keys, and hands out the same data as a table. pyqtgraph is loaded when the first chart gets data.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role, Theme
from gdvg_desktop.ui.widgets.chart_parts import TipCard
from gdvg_desktop.ui.widgets.chart_table import ChartTable
from gdvg_desktop.ui.widgets.labels import Fact
from gdvg_desktop.ui.widgets.paint import antialiased, focus_ring

SERIES_ORDER = (Accent.BLUE, Accent.PURPLE, Accent.SLATE, Accent.GREEN, Accent.AMBER, Accent.RED)
BAR_SHARE = 0.62
HEADROOM = 1.05
MAX_DOTS = 30
LABEL_ROOM = 34


@dataclass(frozen=True, slots=True)
class Series:
    """A named row of values, one for each label; None where there is none (the line breaks, the bar is left out)."""

    name: str
    accent: Accent
    values: tuple[float | None, ...]


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Three to five round tick values from at most `low` to at least `high`."""
    span = max(high - low, 1e-9)
    raw = span / (most - 1)
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 1.5, 2, 2.5, 3, 5, 10) if factor * power >= raw * 0.999)
    start = floor(low / step + 1e-9) * step
    count = max(ceil((high - start) / step - 1e-9), 2)
    return [round(start + i * step, 10) for i in range(count + 1)]


def short_number(value: float) -> str:
    """45000 as "45k", for axes."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


class Chart(QWidget):
    """What line and bar chart share: the empty state, the plot, hover, keys and the table of the data."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._empty = ""
        self._labels: tuple[str, ...] = ()
        self._label_at: tuple[int, ...] = ()
        self._series: tuple[Series, ...] = ()
        self._format: Callable[[float], str] = short_number
        self._plot: Any = None
        self._at = -1
        self._frame: tuple[object, ...] = ()
        self._drawn: list[Any] = []
        self._tip = TipCard(self)
        self._table: ChartTable | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_empty(self, sentence: str) -> None:
        """No data: faint grid lines and one sentence on what will appear."""
        self._empty, self._labels, self._series = sentence, (), ()
        self._hide_tip()
        self.show_as_table(False)
        if self._plot is not None:
            self._plot.hide()
        self.setAccessibleDescription(sentence)
        self.update()

    def _take(self, labels: Sequence[str], series: Sequence[Series]) -> None:
        """Keep the data and redraw everything: a chart changes at most once a second."""
        for one in series:
            if len(one.values) != len(labels):
                raise ValueError(f"{one.name}: {len(one.values)} values for {len(labels)} labels")
        if not self._empty and (tuple(labels), tuple(series)) == (self._labels, self._series):
            return
        self._empty = ""
        self._labels, self._series = tuple(labels), tuple(series)
        self._hide_tip()
        self.setAccessibleDescription(self.summary())
        self._redraw()
        self._fill_table()

    def table(self) -> list[list[str]]:
        """The data as rows of text; the first row holds the column names."""
        head = ["", *(one.name for one in self._series)]
        rows = [[name, *self._cells(i)] for i, name in enumerate(self._labels)]
        return [head, *rows]

    def summary(self) -> str:
        """The chart in one sentence for those who do not see it."""
        parts = []
        for one in self._series:
            known = [value for value in one.values if value is not None]
            if known:
                low, high, last = (self._format(value) for value in (min(known), max(known), known[-1]))
                parts.append(self.tr("{0} from {1} to {2}, last {3}").format(one.name, low, high, last))
        return "; ".join(parts)

    def showing_table(self) -> bool:
        """Whether the table stands in the chart's place."""
        return self._table is not None and not self._table.isHidden()

    def show_as_table(self, wanted: bool) -> None:
        """Put a table of the same data in the chart's place, or take it away. Without data there is none."""
        wanted = wanted and bool(self._labels)
        if wanted == self.showing_table():
            return
        if self._table is None:
            self._table = ChartTable(self._name, self)
            self._column.addWidget(self._table)
        self._hide_tip()
        self._table.setVisible(wanted)
        self._plot.setVisible(not wanted)
        self._fill_table()
        (self._table if wanted else self).setFocus()

    def _fill_table(self) -> None:
        if self._table is not None and self.showing_table():
            self._plot.hide()
            self._table.fill(self.table())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self._labels:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = self.showing_table()
        text = self.tr("Show as chart") if shown else self.tr("Show as table")
        menu.addAction(text, lambda: self.show_as_table(not shown))
        menu.popup(event.globalPos())

    def _cells(self, index: int) -> list[str]:
        values = [one.values[index] for one in self._series]
        return ["" if value is None else self._format(value) for value in values]

    # the plot --------------------------------------------------------------------------------------------------

    def _redraw(self) -> None:
        theme = theme_of(self)
        if self._plot is None:
            self._plot = self._make_plot()
        ticks = self._ticks()
        frame = (theme, self._labels, self._label_at, tuple(ticks), [self._format(value) for value in ticks])
        if frame != self._frame:
            self._frame = frame
            self._draw_frame(theme, ticks)
        for old in self._drawn:
            self._plot.removeItem(old)
        self._drawn = []
        self._draw(theme)
        self._plot.setVisible(not self.showing_table())

    def _add(self, item: Any) -> None:
        """Put a piece of the data into the plot; it goes with the next data."""
        self._plot.addItem(item)
        self._drawn.append(item)

    def _draw_frame(self, theme: Theme, ticks: list[float]) -> None:
        """What changes seldom: axes, grid lines and the range."""
        plot = self._plot
        plot.clear()
        self._drawn = []
        item = plot.getPlotItem()
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setPen(None)
            axis.setTextPen(theme.color("text_secondary"))
            axis.setTickFont(font(theme, Role.AXIS))
            axis.setStyle(tickLength=0, tickAlpha=0, hideOverlappingLabels=False, tickTextOffset=8)
        item.getAxis("left").setTicks([[(value, self._format(value)) for value in ticks]])
        widest = max(QFontMetricsF(font(theme, Role.AXIS)).horizontalAdvance(self._format(value)) for value in ticks)
        item.getAxis("left").setWidth(round(widest) + 16)
        item.getAxis("bottom").setHeight(theme.px(24))
        self._set_labels()
        for value in ticks:
            plot.addItem(_line(self._pg(), value, self._pg().mkPen(theme.color("grid"), width=1)))
        low, high = ticks[0], ticks[-1]
        pad = (high - low) * (HEADROOM - 1)
        plot.setXRange(-0.5, len(self._labels) - 0.5, padding=0)
        plot.setYRange(low, high + pad, padding=0)

    def _set_labels(self) -> None:
        """The labels asked for, or as many as fit."""
        theme = theme_of(self)
        # a label under the last point needs room at its right
        self._plot.getPlotItem().layout.setContentsMargins(0, 0, 12 if self._label_at else 0, 0)
        if self._label_at:
            chosen = [(i, self._labels[i]) for i in self._label_at]
            self._plot.getPlotItem().getAxis("bottom").setTicks([chosen])
            return
        metrics = QFontMetricsF(font(theme, Role.AXIS))
        need = max([metrics.horizontalAdvance(name) for name in self._labels] + [0]) + 12
        room = max(self.width() - 60, 60)
        step = max(ceil(need * len(self._labels) / room), 1)
        ticks = [(i, name) for i, name in enumerate(self._labels) if (len(self._labels) - 1 - i) % step == 0]
        self._plot.getPlotItem().getAxis("bottom").setTicks([ticks])

    def _pg(self) -> Any:
        # Loaded late: importing it takes as long as the rest of the window, and an empty chart needs none of it.
        import pyqtgraph

        return pyqtgraph

    def _make_plot(self) -> Any:
        plot = self._pg().PlotWidget(self, background=None)
        plot.setAntialiasing(False)
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        plot.viewport().setMouseTracking(True)
        plot.viewport().installEventFilter(self)
        plot.getPlotItem().getViewBox().setDefaultPadding(0)
        self._column.addWidget(plot)
        return plot

    def _ticks(self) -> list[float]:
        raise NotImplementedError

    def _draw(self, theme: Theme) -> None:
        raise NotImplementedError

    # hover and keys --------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QMouseEvent) and kind == QEvent.Type.MouseMove and self._labels:
            x = self._plot.getPlotItem().getViewBox().mapSceneToView(event.position()).x()
            self._point_at(min(max(round(x), 0), len(self._labels) - 1))
        elif kind == QEvent.Type.Leave:
            self._hide_tip()
        elif kind == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is not None and self._labels:
            start = self._at if self._at >= 0 else (len(self._labels) if step < 0 else -1)
            self._point_at(min(max(start + step, 0), len(self._labels) - 1))
            return
        if event.key() == Qt.Key.Key_Escape and self._at >= 0:
            self._hide_tip()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._hide_tip()
        super().focusOutEvent(event)

    def _point_at(self, index: int) -> None:
        """Show the card of one label."""
        self._at = index
        lines = [
            Fact(one.name, cell, accent=one.accent)
            for one, cell in zip(self._series, self._cells(index), strict=True)
            if cell
        ]
        if not lines:
            self._hide_tip()
            return
        view = self._plot.getPlotItem().getViewBox()
        spot = view.mapViewToScene(QPointF(index, view.viewRange()[1][1]))
        self._tip.tell(self._labels[index], lines)
        x = spot.x() + 12 if spot.x() + self._tip.width() + 16 < self.width() else spot.x() - self._tip.width() - 12
        self._tip.move(round(max(x, 0)), 4)
        self._tip.show()
        self._tip.raise_()
        self.setAccessibleDescription(f"{self._labels[index]}: " + ", ".join(fact.spoken() for fact in lines))

    def _hide_tip(self) -> None:
        self._at = -1
        self._tip.hide()

    # painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        if self._empty:
            self._paint_empty(painter, theme)
        if self.hasFocus():
            focus_ring(painter, QRectF(self.rect()), 6, theme.color("focus"))
        painter.end()

    def _paint_empty(self, painter: QPainter, theme: Theme) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(theme.color("grid"), 1))
        for row in range(5):
            y = round(6 + row * (self.height() - 34) / 4)
            painter.drawLine(24, y, self.width(), y)
        painter.setFont(font(theme, Role.HINT))
        painter.setPen(theme.color("text_secondary"))
        area = QRectF(24, 0, self.width() - 24, self.height() - 22)
        words = painter.boundingRect(area, Qt.AlignmentFlag.AlignCenter, self._empty).adjusted(-12, -4, 12, 4)
        painter.fillRect(words, theme.color("card_bottom"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._empty)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._plot is not None and self._labels:
            self._set_labels()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange and self._labels:
            self._redraw()
        super().changeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(320, 144)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, theme_of(self).px(112))


def _line(pg: Any, value: float, pen: Any) -> Any:
    """A horizontal grid line behind the data."""
    line = pg.InfiniteLine(pos=value, angle=0, pen=pen)
    line.setZValue(-10)
    return line


class StackedBars(Chart):
    """One bar a label, its series stacked in the order given."""

    def set_data(
        self, labels: Sequence[str], series: Sequence[Series], *, number: Callable[[float], str] = short_number
    ) -> None:
        """`number` writes a value on the axis and in the card. Lengths must match, else ValueError."""
        self._format = number
        self._take(labels, series)

    def _totals(self) -> list[float]:
        return [sum(one.values[i] or 0.0 for one in self._series) for i in range(len(self._labels))]

    def _ticks(self) -> list[float]:
        return nice_ticks(0.0, max([*self._totals(), 1.0]), most=4)

    def _draw(self, theme: Theme) -> None:
        base = [0.0] * len(self._labels)
        pen = QPen(theme.color("bg_surface"), 1)
        pen.setCosmetic(True)
        for one in self._series:
            here = [i for i, value in enumerate(one.values) if value]
            if not here:
                continue
            heights = [float(one.values[i] or 0.0) for i in here]
            self._add(
                self._pg().BarGraphItem(
                    x=here,
                    y0=[base[i] for i in here],
                    height=heights,
                    width=BAR_SHARE,
                    brush=theme.fill(one.accent),
                    pen=pen,
                )
            )
            for i, height in zip(here, heights, strict=True):
                base[i] += height


class LineChart(Chart):
    """Straight lines, broken where values are missing, with dots up to 30 points and a 10 % fill under the first."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._target: tuple[float, str] | None = None
        self._range: tuple[float, float] | None = None
        self._dots = True

    def set_data(
        self,
        labels: Sequence[str],
        series: Sequence[Series],
        *,
        number: Callable[[float], str] = short_number,
        target: tuple[float, str] | None = None,
        value_range: tuple[float, float] | None = None,
        dots: bool = True,
        label_at: Sequence[int] = (),
    ) -> None:
        """`target` is a value and its label, drawn dashed; `value_range` fixes the axis (for percentages).

        `label_at` are the labels written under the axis; without it as many as fit.
        """
        self._label_at = tuple(label_at)
        self._format, self._target, self._range, self._dots = number, target, value_range, dots
        self._take(labels, series)

    def _ticks(self) -> list[float]:
        if self._range is not None:
            return nice_ticks(*self._range, most=5)
        known = [value for one in self._series for value in one.values if value is not None]
        return nice_ticks(0.0, max([*known, 1.0]), most=4)

    def _draw(self, theme: Theme) -> None:
        pg = self._pg()
        floor_value = self._ticks()[0]
        for number, one in enumerate(self._series):
            color = theme.fill(one.accent)
            for xs, ys in _pieces(one.values):
                fill = {}
                if number == 0:
                    ground = theme.fill(one.accent)
                    ground.setAlphaF(0.10)
                    fill = {"fillLevel": floor_value, "brush": ground}
                curve = pg.PlotCurveItem(xs, ys, pen=pg.mkPen(color, width=2), antialias=True, **fill)
                self._add(curve)
                if self._dots and len(self._labels) <= MAX_DOTS:
                    self._add(pg.ScatterPlotItem(xs, ys, size=6, pen=None, brush=color, antialias=True))
        if self._target is not None:
            self._draw_target(theme, *self._target)

    def _draw_target(self, theme: Theme, value: float, name: str) -> None:
        pg = self._pg()
        pen = pg.mkPen(theme.fill(Accent.AMBER), width=1, style=Qt.PenStyle.DashLine)
        self._add(_line(pg, value, pen))
        text = pg.TextItem(name, color=theme.color("text_secondary"), anchor=(0, 1))
        text.setFont(font(theme, Role.AXIS))
        text.setPos(-0.5, value)
        self._add(text)


def _pieces(values: Sequence[float | None]) -> list[tuple[list[int], list[float]]]:
    """Unbroken runs of known values as x and y."""
    pieces: list[tuple[list[int], list[float]]] = []
    open_run = False
    for i, value in enumerate(values):
        if value is None:
            open_run = False
            continue
        if not open_run:
            pieces.append(([], []))
            open_run = True
        pieces[-1][0].append(i)
        pieces[-1][1].append(float(value))
    return pieces
