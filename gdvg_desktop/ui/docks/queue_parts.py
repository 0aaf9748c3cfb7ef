"""Parts of the queue dock: how many jobs are in which state, and the question before a job is cancelled."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui.phrases import counted, number
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Paragraph, StatusDot, label
from gdvg_desktop.ui.widgets.popups import Popup


class StateDots(QWidget):
    """A dot, a number and a word for every state some job is in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for state, accent, word in (
            (JobState.RUNNING, Accent.BLUE, self.tr("running")),
            (JobState.PENDING, Accent.SLATE, self.tr("pending")),
            (JobState.PAUSED, Accent.AMBER, self.tr("paused")),
            (JobState.INTERRUPTED, Accent.AMBER, self.tr("interrupted")),
            (JobState.FAILED, Accent.RED, self.tr("failed")),
        ):
            part = QWidget()
            line = QHBoxLayout(part)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(8)
            figure = label("", Role.STRONG)
            line.addWidget(StatusDot(accent))
            line.addWidget(figure)
            line.addWidget(label(word))
            part.hide()
            row.addWidget(part)
            self._parts[state] = (part, figure)

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Count the jobs."""
        for state, (part, figure) in self._parts.items():
            count = sum(job.state is state for job in jobs)
            figure.setText(number(count))
            part.setVisible(count > 0)


class ConfirmCancel(Popup):
    """Asks whether a job is really given up. `confirmed()` is yes; Esc, a click elsewhere and Keep are no."""

    confirmed = Signal()

    def __init__(self, job: Job, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Cancel job"))
        here = job.added + job.updated
        left = counted(job.left, self.tr("{0} title is left out"), self.tr("{0} titles are left out"))
        stay = counted(
            here, self.tr("{0} imported title stays in the library"), self.tr("{0} imported titles stay in the library")
        )
        sentence = self.tr("{0}; {1}.").format(stay, left) if job.total else self.tr("Nothing was imported yet.")
        self.setAccessibleDescription(sentence)
        title = Paragraph(self.tr("Cancel {0}?").format(job.name), Role.STRONG)
        text = Paragraph(sentence, Role.HINT)
        for part in (title, text):
            part.setFixedWidth(280)
            self.body.addWidget(part)
        self._keep = Button(self.tr("Keep job"), small=True)
        self._cancel = Button(self.tr("Cancel job"), kind=ButtonKind.DANGER, small=True)
        self._keep.clicked.connect(self.close)
        self._cancel.clicked.connect(self._on_cancel)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self._keep)
        row.addWidget(self._cancel)
        self.body.addSpacing(4)
        self.body.addLayout(row)

    def open_under(self, control: QWidget) -> None:
        super().open_under(control)
        self._keep.setFocus()

    def _on_cancel(self) -> None:
        self.close()
        self.confirmed.emit()
