"""What Run detail shows of planned runs that did not run: why, for when they were planned, and what came after."""

from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gdvg_desktop.commands.missed_runs import MissedDetail
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.store.runs import Result
from gdvg_desktop.ui.models import run_words
from gdvg_desktop.ui.phrases import counted, number
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.labels import ElidedLabel, Paragraph, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.messages import InlineMessage

translate = QCoreApplication.translate


class MissedPage(ScrollColumn):
    """Shows what `show_missed` is given. `run_asked(str)` names the task that is to run now."""

    run_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(spacing=10, parent=parent)
        self._task = ""
        self._shown: tuple[int, int | None] = (0, None)
        column = self.column
        column.setContentsMargins(16, 16, 16, 16)
        head = QHBoxLayout()
        head.setSpacing(8)
        self.name = ElidedLabel("", Role.SECTION)
        self.name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.badge = Badge()
        self.when = label("", Role.HINT)
        head.addWidget(self.name)
        head.addWidget(self.badge)
        head.addStretch(1)
        head.addWidget(self.when)
        column.addLayout(head)
        self.reason = InlineMessage(Accent.AMBER)
        column.addWidget(self.reason)
        self.answer = InlineMessage(Accent.BLUE)
        self.answer.hide()
        column.addWidget(self.answer)
        self._planned_title = label("", Role.STRONG)
        column.addWidget(self._planned_title)
        self.planned = Paragraph("", Role.BODY)
        column.addWidget(self.planned)
        self.after = Paragraph("", Role.HINT)
        column.addWidget(self.after)
        column.addStretch(1)
        buttons = QHBoxLayout()
        self.run_now = Button(self.tr("Run now"), icon="play", small=True)
        self.run_now.clicked.connect(lambda: self.run_asked.emit(self._task))
        buttons.addWidget(self.run_now)
        buttons.addStretch(1)
        column.addLayout(buttons)

    def show_missed(self, detail: MissedDetail) -> None:
        """Show a missed run."""
        run, now_ms = detail.run, round(datetime.now(UTC).timestamp() * 1000)
        if (run.key, detail.ran_at) != self._shown:
            self._shown = run.key, detail.ran_at
            self.answer.hide()
        self._task = run.row.task
        self.name.setText(run.name)
        look = run_words.badge(Result.MISSED)
        self.badge.set_badge(run_words.missed(run), look.accent, look.icon)
        self.when.setText(run_words.planned_span(run))
        lead = counted(
            run.row.count, self.tr("This planned run did not start."), self.tr("{0} planned runs did not start.")
        )
        self.reason.set_message(Accent.AMBER, run_words.missed_because(run.row.reason), lead=lead)
        self._planned_title.setText(self.tr("Planned for"))
        shown = [run_words.when(at, now_ms) for at in detail.moments]
        earlier = run.row.count - len(shown)
        if earlier > 0:
            shown.append(self.tr("and {0} before").format(number(earlier)))
        self.planned.set_text(", ".join(shown))
        if detail.ran_at is not None:
            self.after.set_text(self.tr("It ran next: {0}.").format(run_words.when(detail.ran_at, now_ms)))
        else:
            self.after.set_text(self.tr("It has not run since."))
        self.run_now.setEnabled(detail.scheduled)

    def say_asked(self) -> None:
        """The task is to run now."""
        self.answer.set_message(Accent.BLUE, self.tr("It is to run now."))
        self.answer.show()

    def show_error(self, error: GdvgError) -> None:
        """It could not be asked to run."""
        self.answer.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
        self.answer.show()
