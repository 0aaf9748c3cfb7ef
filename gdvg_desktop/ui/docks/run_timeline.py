"""The phases of a run on a line of time, with the incidents on them. Long pauses are cut out, or work would be a dot.

Left and Right go from bar to bar, and what the mouse shows in a tooltip is said of the bar reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gdvg_desktop.commands.history import RunDetail
from gdvg_desktop.store.runs import Incident, IncidentRow, PhaseRow
from gdvg_desktop.ui.models import run_words
from gdvg_desktop.ui.phrases import clock_time, duration
from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role, Theme
from gdvg_desktop.ui.widgets.paint import antialiased, focus_ring

ROW, BAR, AXIS = 24, 15, 24
LABELS, END = 104, 24
INSET = 5  # clear of the focus ring
LEAST = 3.0  # the width of the shortest phase
CUT = 0.08  # pauses longer than this share of the work are cut to
CUT_PX = 20.0
TICK_PX = 64
LEAST_WORDS = 60.0  # words cut shorter than this say nothing
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_ORDER = ("plan", "list", "order", "fetch", "retry", "close")
_QUIET = (Incident.PAUSED, Incident.INTERRUPTED)  # they are the gaps between the bars


@dataclass(frozen=True, slots=True)
class Mark:
    """One bar: a phase, or an incident on one. `text` is what is said of it."""

    rect: QRectF
    accent: Accent
    text: str
    incident: bool


class Stretch:
    """A line of time on so many pixels, with long pauses cut to `CUT_PX`. Instants are unix milliseconds."""

    def __init__(self, spans: Sequence[tuple[int, int]], left: float, width: float) -> None:
        self.pieces: list[tuple[int, int]] = []
        worked = sum(end - start for start, end in spans)
        for start, end in sorted(spans):
            if self.pieces and start - self.pieces[-1][1] <= worked * CUT:
                self.pieces[-1] = (self.pieces[-1][0], max(end, self.pieces[-1][1]))
            else:
                self.pieces.append((start, end))
        self._left = left
        total = max(1, sum(end - start for start, end in self.pieces))
        self.scale = max(1.0, width - CUT_PX * (len(self.pieces) - 1)) / total  # pixels a millisecond

    def x(self, at: int) -> float:
        """Where an instant is; one in a cut is at its beginning."""
        x = self._left
        for start, end in self.pieces:
            if at <= end:
                return x + max(0, at - start) * self.scale
            x += (end - start) * self.scale + CUT_PX
        return x - CUT_PX

    def cuts(self) -> list[tuple[float, int]]:
        """The middle of every cut, and how many milliseconds it leaves out."""
        return [
            (self.x(before[1]) + CUT_PX / 2, after[0] - before[1])
            for before, after in zip(self.pieces, self.pieces[1:], strict=False)
        ]

    def ticks(self, room: float) -> list[tuple[float, int, bool]]:
        """Round instants with their place, `room` pixels apart at least; the last says whether seconds matter."""
        wanted = room / self.scale / 1000
        step = next((one for one in STEPS_S if one >= wanted), STEPS_S[-1]) * 1000
        found: list[tuple[float, int, bool]] = []
        for start, end in self.pieces:
            for at in range(-(-start // step) * step, end + 1, step):
                x = self.x(at)
                if not found or x - found[-1][0] >= room * 0.9:
                    found.append((x, at, step < 60_000))
        return found


class RunTimeline(QWidget):
    """Show a run with `show_run`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detail: RunDetail | None = None
        self._at = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Phases of the run"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_run(self, detail: RunDetail | None) -> None:
        """Show another run, or how the same one stands now."""
        self._detail = detail
        self.setAccessibleDescription(". ".join(mark.text.replace("\n", ", ") for mark in self.marks()))
        self.updateGeometry()
        self.update()

    # laying out ------------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """The phases that have a row, in the order of work."""
        seen = {phase.phase for phase in self._phases()}
        return [one for one in _ORDER if one in seen] + sorted(seen - set(_ORDER))

    def _phases(self) -> tuple[PhaseRow, ...]:
        return self._detail.phases if self._detail is not None else ()

    def _ended(self, at: int | None) -> int:
        return at if at is not None else self._detail.now_ms if self._detail is not None else 0

    def _stretch(self) -> Stretch:
        left = theme_of(self).px(LABELS)
        spans = [(phase.started_at, max(self._ended(phase.ended_at), phase.started_at + 1)) for phase in self._phases()]
        return Stretch(spans, left, self.width() - left - END)

    def marks(self) -> list[Mark]:
        """Every bar with its place, phases before the incidents on them, in the order of time."""
        if not self._phases():
            return []
        line, names = self._stretch(), self.names()
        found: list[tuple[int, Mark]] = []
        for phase in self._phases():
            rect = self._bar(line, names.index(phase.phase), phase.started_at, self._ended(phase.ended_at))
            accent = run_words.PHASE_ACCENTS.get(phase.phase, Accent.SLATE)
            found.append((phase.started_at, Mark(rect, accent, self._phase_text(phase), False)))
        for one in self._detail.incidents if self._detail is not None else ():
            row = self._row_at(one, names)
            if row is None:
                continue
            rect = self._bar(line, row, one.started_at, self._ended(one.ended_at))
            accent = run_words.INCIDENT_ACCENTS[one.kind]
            found.append((one.started_at, Mark(rect, accent, self._incident_text(one), True)))
        return [mark for _, mark in sorted(found, key=lambda pair: (pair[1].incident, pair[0]))]

    def _row_at(self, one: IncidentRow, names: list[str]) -> int | None:
        """The row of the phase an incident happened in; None for a pause, which is seen as a gap."""
        if one.kind in _QUIET:
            return None
        inside = [p for p in self._phases() if p.started_at <= one.started_at <= self._ended(p.ended_at) + 2000]
        return names.index(inside[-1].phase) if inside else None

    def _bar(self, line: Stretch, row: int, start: int, end: int) -> QRectF:
        theme = theme_of(self)
        x = line.x(start)
        y = row * theme.px(ROW) + (theme.px(ROW) - BAR) / 2
        return QRectF(x, y, max(LEAST, line.x(end) - x), BAR)

    def _phase_text(self, phase: PhaseRow) -> str:
        end = self._ended(phase.ended_at)
        span = self._span(phase.started_at, phase.ended_at)
        took = duration((end - phase.started_at) / 1000)
        return f"{run_words.phase_name(phase.phase)}, {took}\n{span}"

    def _incident_text(self, one: IncidentRow) -> str:
        return f"{run_words.incident(one)}\n{self._span(one.started_at, one.ended_at)}"

    def _span(self, start: int, end: int | None) -> str:
        begun = clock_time(start, seconds=True)
        if end is None:
            return self.tr("since {0}").format(begun)
        ended = clock_time(end, seconds=True)
        return begun if begun == ended else self.tr("{0} to {1}").format(begun, ended)

    def sizeHint(self) -> QSize:
        theme = theme_of(self)
        return QSize(480, max(1, len(self.names())) * theme.px(ROW) + theme.px(AXIS))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    # painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        if not self._phases():
            painter.end()
            return
        line = self._stretch()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_grid(painter, theme, line)
        self._paint_names(painter, theme)
        marks = self.marks()
        for mark in marks:
            painter.fillRect(mark.rect, theme.fill(mark.accent))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_words(painter, theme, marks)
        if self.hasFocus():
            target = marks[self._at].rect if 0 <= self._at < len(marks) else QRectF(self.rect())
            focus_ring(painter, target.adjusted(-3, -3, 3, 3) if self._at >= 0 else target, 4, theme.color("focus"))
        painter.end()

    def _paint_grid(self, painter: QPainter, theme: Theme, line: Stretch) -> None:
        foot = len(self.names()) * theme.px(ROW)
        painter.setFont(font(theme, Role.AXIS))
        metrics = QFontMetricsF(painter.font())
        for x, at, seconds in line.ticks(theme.px(TICK_PX)):
            painter.fillRect(QRectF(round(x), 0, 1, foot + 2), theme.color("grid"))
            text = clock_time(at, seconds=seconds)
            width = metrics.horizontalAdvance(text)
            left = min(max(x - width / 2, 0), self.width() - width)
            painter.setPen(theme.color("text_secondary"))
            painter.drawText(QRectF(left, foot + 4, width + 2, theme.px(16)), Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QPen(theme.color("border_control"), 1, Qt.PenStyle.DashLine))
        for x, _left_out in line.cuts():
            painter.drawLine(QPointF(round(x), 0), QPointF(round(x), foot))

    def _paint_names(self, painter: QPainter, theme: Theme) -> None:
        painter.setFont(font(theme, Role.AXIS))
        painter.setPen(theme.color("text_body"))
        width = theme.px(LABELS) - 8 - INSET
        for row, name in enumerate(self.names()):
            area = QRectF(INSET, row * theme.px(ROW), width, theme.px(ROW))
            text = QFontMetricsF(painter.font()).elidedText(
                run_words.phase_name(name), Qt.TextElideMode.ElideRight, width
            )
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_words(self, painter: QPainter, theme: Theme, marks: list[Mark]) -> None:
        """What happened, beside the incident it is about, and what the retry brought."""
        painter.setFont(font(theme, Role.AXIS, weight=600))
        taken: dict[float, float] = {}  # by row: how far its last words go
        for mark in marks:
            if mark.incident:
                self._paint_incident(painter, theme, mark, marks, taken)
        retry = next((mark for mark in marks if not mark.incident and mark.accent is Accent.AMBER), None)
        if retry is None or self._detail is None or not self._detail.totals.errors:
            return
        painter.setFont(font(theme, Role.AXIS))
        painter.setPen(theme.color("text_body"))
        text = run_words.recovered(self._detail.totals)
        width = QFontMetricsF(painter.font()).horizontalAdvance(text)
        x = retry.rect.x() - width - 8
        if x < theme.px(LABELS):
            x = retry.rect.right() + 8
        painter.drawText(QRectF(x, retry.rect.y(), width + 2, BAR), Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_incident(
        self, painter: QPainter, theme: Theme, mark: Mark, marks: list[Mark], taken: dict[float, float]
    ) -> None:
        """The words of one incident: on its bar where they fit, else after it, shortened where they must."""
        metrics = QFontMetricsF(painter.font())
        text, row = mark.text.split("\n")[0], mark.rect.y()
        width = metrics.horizontalAdvance(text)
        spot = QPointF(mark.rect.center().x(), row + 1)
        bar = next((one.rect for one in marks if not one.incident and one.rect.contains(spot)), mark.rect)
        start = max(mark.rect.right() + 6, taken.get(row, 0.0))
        rooms = [(start, bar.right() - 6 - start, True), (bar.right() + 6, self.width() - bar.right() - 6, False)]
        if row not in taken:
            rooms.append((max(bar.x() + 6, mark.rect.x() - 6 - width), mark.rect.x() - 12 - bar.x(), True))
        x, room, inside = next((one for one in rooms if one[1] >= width), max(rooms, key=lambda one: one[1]))
        if room < min(width, LEAST_WORDS):
            return
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, min(width, room) + 1)
        taken[row] = x + min(width, room) + 12
        painter.setPen(theme.color(("bg_sunken" if theme.dark else "primary_text") if inside else "text_body"))
        painter.drawText(QRectF(x, row, min(width, room) + 2, BAR), Qt.AlignmentFlag.AlignVCenter, shown)

    # mouse and keys --------------------------------------------------------------------------------------------

    def mark_at(self, spot: QPointF) -> Mark | None:
        """The bar under a point, an incident before the phase it is on."""
        hits = [mark for mark in self.marks() if mark.rect.adjusted(-2, -4, 2, 4).contains(spot)]
        return hits[-1] if hits else None

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            mark = self.mark_at(QPointF(event.pos()))
            cut = next((ms for x, ms in self._stretch().cuts() if abs(x - event.pos().x()) < CUT_PX / 2), None)
            if mark is not None:
                QToolTip.showText(event.globalPos(), mark.text, self)
            elif cut is not None:
                QToolTip.showText(event.globalPos(), self.tr("{0} without work").format(duration(cut / 1000)), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        marks = sorted(self.marks(), key=lambda mark: mark.rect.x())
        if step is None or not marks:
            super().keyPressEvent(event)
            return
        every = self.marks()
        now = marks.index(every[self._at]) if 0 <= self._at < len(every) else -1 if step > 0 else len(marks)
        mark = marks[min(max(now + step, 0), len(marks) - 1)]
        self._at = every.index(mark)
        self.setAccessibleDescription(mark.text.replace("\n", ", "))
        QToolTip.showText(self.mapToGlobal(mark.rect.bottomLeft().toPoint()), mark.text, self)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._at = -1
        self.update()
