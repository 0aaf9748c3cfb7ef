"""The strip at the window's foot: leading job, rate, queue, database size, next run, UTC clock, the data's source."""

from PySide6.QtCore import QDateTime, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.labels import ElidedLabel, Figure, IconLabel, SplitLine, StatusDot, label
from gdvg_desktop.ui.widgets.layouts import FittingBar
from gdvg_desktop.ui.widgets.progress import SLIM, ProgressBar

STRIP_HEIGHT = 32
NAME_WIDTH = 200  # how much of a job's name stays before lesser items give way
_MINUTE_MS = 60_000


class _Segment(QWidget):
    """A rule, an icon, a quiet word and a strong figure."""

    def __init__(self, icon: str, word: str = "", *, strong: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        rule = SplitLine(Qt.Orientation.Vertical)
        rule.setFixedHeight(16)
        row.addWidget(rule)
        row.addSpacing(6)
        if icon:
            row.addWidget(IconLabel(icon, 14))
        self._word = label(word, Role.HINT)
        self._word.setVisible(bool(word))
        self._figure = Figure("", Role.HINT_STRONG if strong else Role.HINT)
        row.addWidget(self._word)
        row.addWidget(self._figure)

    def set_figure(self, text: str) -> bool:
        """The figure. Returns whether it takes other room now."""
        return self._figure.set_text(text)


class StatusStrip(FittingBar):
    """Plain values in; nothing here is interactive."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(STRIP_HEIGHT, parent)
        self.setAccessibleName(self.tr("Status"))
        self._dot = StatusDot(Accent.SLATE, 8)
        self._name = ElidedLabel("", Role.HINT_STRONG)
        self._name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._counts = Figure("", Role.HINT)
        self._bar = ProgressBar(SLIM)
        self._bar.setFixedWidth(96)
        self._more = label("", Role.HINT)
        self._rate = _Segment("activity")
        self._queue = _Segment("layers", self.tr("Queue"))
        self._database = _Segment("database", self.tr("Database"))
        self._next = _Segment("calendar-clock", self.tr("Next run"))
        self._clock = _Segment("", strong=False)
        self._source = _Segment("", strong=False)
        self._source.set_figure(self.tr("Data from TMDb"))
        self._build()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)
        self._tick()
        self.set_idle(self.tr("Nothing is running"))

    def _build(self) -> None:
        row = self.row
        row.setContentsMargins(16, 1, 20, 0)
        for widget in (self._dot, self._name, self._counts, self._bar, self._more):
            row.addWidget(widget)
        row.addStretch(1)
        row.addSpacing(12)
        for segment in (self._rate, self._queue, self._database, self._next, self._clock, self._source):
            row.addWidget(segment)
            row.addSpacing(4)
        self.droppable = [self._more, self._source, self._clock, self._rate, self._queue, self._database, self._next]
        for unused in (self._rate, self._queue, self._database, self._next):
            self.want(unused, False)

    def set_idle(self, sentence: str) -> None:
        """No job is running."""
        self._dot.set_accent(Accent.SLATE)
        self._name.setText(self.tr("Idle"))
        self._name.setMinimumWidth(0)
        self._counts.set_text(sentence)
        self._bar.hide()
        self.want(self._more, False)
        self.fit()

    def set_job(self, name: str, counts: str, share: float | None, *, accent: Accent, more: str = "") -> None:
        """The leading job: name, "456 of 890", done share from 0 to 1 (None: not known yet) and "+1 more running"."""
        started = self._bar.isHidden() or name != self._name.text()
        self._dot.set_accent(accent)
        self._bar.set_accent(accent)
        self._name.setText(name)
        width = self._name.fontMetrics().horizontalAdvance(name) + 4
        self._name.setMinimumWidth(min(width, theme_of(self).px(NAME_WIDTH)))
        changed = self._counts.set_text(counts)
        self._bar.setAccessibleName(name)
        self._bar.show()
        if share is None:
            self._bar.set_unknown()
        else:
            self._bar.set_share(share, 1.0)
        self._more.setText(more)
        self.want(self._more, bool(more))
        if started or changed:
            self.fit()

    def set_rate(self, text: str) -> None:
        """ "38.4 req/s"; empty hides it."""
        self._show(self._rate, text)

    def set_queue(self, text: str) -> None:
        """ "33,907 requests" or "empty"; "" hides it."""
        self._show(self._queue, text)

    def set_database(self, text: str) -> None:
        """ "9.84 GB"; "" hides it."""
        self._show(self._database, text)

    def set_next_run(self, text: str, hint: str = "") -> None:
        """ "18:00" or "paused"; "" hides it. `hint` says what and the instant in UTC."""
        self._next.setToolTip(hint)
        self._show(self._next, text)

    def _show(self, segment: _Segment, text: str) -> None:
        changed = segment.set_figure(text)
        self.want(segment, bool(text))
        if changed:
            self.fit()

    def _tick(self) -> None:
        now = QDateTime.currentDateTimeUtc()
        self._clock.set_figure(self.tr("{0} UTC").format(now.toString("HH:mm")))
        self._timer.start(_MINUTE_MS - now.time().msecsSinceStartOfDay() % _MINUTE_MS)

    def clock_label(self) -> QLabel:
        """The clock's label, for tests and tooltips."""
        return self._clock.findChildren(QLabel)[-1]

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg_bar"))
        painter.fillRect(0, 0, self.width(), 1, theme.color("border_subtle"))
        painter.end()
