"""Progress bars: 6 px in cards, 8 in rows, 12 as a headline. Colour is the state; a number always stands beside."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QHideEvent, QPainter, QPainterPath, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Theme
from gdvg_desktop.ui.widgets.paint import BAR_MS, Fade, antialiased

SLIM, ROW, HEADLINE = 6, 8, 12
_STEPS = 10_000
_SMALL = 4  # px


def paint_bar(painter: QPainter, rect: QRectF, theme: Theme, parts: Sequence[tuple[Accent, float]]) -> None:
    """A track with parts (accent, share of the whole from 0 to 1) laid one after another, for widgets and delegates."""
    radius = rect.height() / 2
    track = QPainterPath()
    track.addRoundedRect(rect, radius, radius)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillPath(track, theme.color("track"))
    painter.setClipPath(track)
    x = rect.x()
    for accent, share in parts:
        width = rect.width() * share
        painter.fillRect(QRectF(x, rect.y(), width, rect.height()), theme.fill(accent))
        x += width
    painter.restore()


class ProgressBar(QProgressBar):
    """A painted bar. `name` is what it measures, for screen readers: "K-Drama 2024 import"."""

    def __init__(
        self, height: int = ROW, accent: Accent = Accent.BLUE, *, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._height, self._accent = height, accent
        self._parts: tuple[tuple[Accent, float], ...] = ()
        self._growth = Fade(self, BAR_MS)
        self._stripe = QVariantAnimation(self)
        self._stripe.setStartValue(0.0)
        self._stripe.setEndValue(1.0)
        self._stripe.setDuration(1600)
        self._stripe.setLoopCount(-1)
        self._stripe.valueChanged.connect(lambda _value: self.update())
        self.setRange(0, _STEPS)
        self.setValue(0)
        self.setTextVisible(False)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_accent(self, accent: Accent, state: str = "") -> None:
        """The colour of the state, with the state's word for screen readers."""
        self._accent = accent
        if state:
            self.setAccessibleDescription(state)
        self.update()

    def set_share(self, done: float, total: float) -> None:
        """One part: `done` of `total`. A total of 0 shows an empty bar."""
        share = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0
        self._parts = ()
        self._known(share)

    def set_parts(self, parts: Sequence[tuple[Accent, float]], total: float) -> None:
        """Several parts of `total`, laid one after another."""
        whole = max(total, sum(amount for _accent, amount in parts))
        shares = [(accent, amount / whole if whole > 0 else 0.0) for accent, amount in parts]
        self._parts = tuple(shares)
        self._known(sum(share for _accent, share in shares))

    def set_unknown(self) -> None:
        """The total is not known: a moving stripe, or a still one when motion is reduced."""
        self._parts = ()
        self.setRange(0, 0)
        self._run_stripe()
        self.update()

    def _known(self, share: float) -> None:
        self._stripe.stop()
        self.setUpdatesEnabled(False)  # QProgressBar would paint at once, card and all; the value is for screen readers
        self.setRange(0, _STEPS)
        self.setValue(round(share * _STEPS))
        self.setUpdatesEnabled(True)
        self._growth.to(share)
        if abs(share - self._growth.value) * self.width() < _SMALL:
            self._growth.finish()  # running jobs move every second: a glide over so little is work nobody sees
        self.update()

    def _run_stripe(self) -> None:
        moving = self.maximum() == 0 and self.isVisible() and theme_of(self).motion
        if moving and self._stripe.state() != QVariantAnimation.State.Running:
            self._stripe.start()
        elif not moving:
            self._stripe.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_stripe()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stripe.stop()

    def sizeHint(self) -> QSize:
        return QSize(120, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self._height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(0, (self.height() - self._height) / 2, self.width(), self._height)
        if self.maximum() == 0:
            self._paint_stripe(painter, theme, area)
        else:
            paint_bar(painter, area, theme, self._shown_parts())
        painter.end()

    def _shown_parts(self) -> list[tuple[Accent, float]]:
        """The parts at the bar's present growth."""
        if not self._parts:
            return [(self._accent, self._growth.value)]
        goal = self._growth.goal
        factor = self._growth.value / goal if goal > 0 else 0.0
        return [(accent, share * factor) for accent, share in self._parts]

    def _paint_stripe(self, painter: QPainter, theme: Theme, area: QRectF) -> None:
        paint_bar(painter, area, theme, ())
        running = self._stripe.state() == QVariantAnimation.State.Running
        where = float(self._stripe.currentValue()) if running else 0.5
        width = area.width() * 0.3
        x = area.x() - width + (area.width() + width) * where
        track = QPainterPath()
        track.addRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setClipPath(track)
        painter.fillRect(QRectF(x, area.y(), width, area.height()), theme.fill(self._accent))
