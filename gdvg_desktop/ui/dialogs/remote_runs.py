"""The last runs of the remote workflow, a line each: how it went, when and why it ran, and its page at GitHub."""

from functools import partial

from PySide6.QtCore import QCoreApplication, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands.remote import RemoteRun
from gdvg_desktop.ui.dialogs.backup_section import when
from gdvg_desktop.ui.phrases import utc
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind, IconButton
from gdvg_desktop.ui.widgets.labels import Paragraph

translate = QCoreApplication.translate

RESULT_WIDTH = 104


def result(one: RemoteRun) -> tuple[str, Accent, str]:
    """How a run went, as a badge: word, colour and icon. A result that is not known keeps GitHub's word."""
    if one.under_way:
        if one.status == "in_progress":
            return translate("RemoteRuns", "Running"), Accent.BLUE, "loader-circle"
        return translate("RemoteRuns", "Waiting"), Accent.BLUE, "clock"
    failed = (translate("RemoteRuns", "Failed"), Accent.RED, "circle-x")
    known = {
        "success": (translate("RemoteRuns", "Succeeded"), Accent.GREEN, "circle-check"),
        "failure": failed,
        "startup_failure": failed,
        "timed_out": (translate("RemoteRuns", "Timed out"), Accent.RED, "timer"),
        "cancelled": (translate("RemoteRuns", "Cancelled"), Accent.SLATE, "ban"),
        "skipped": (translate("RemoteRuns", "Skipped"), Accent.SLATE, "circle-slash"),
    }
    word = (one.conclusion or one.status).replace("_", " ").capitalize()[:24]
    return known.get(one.conclusion or "", (word, Accent.SLATE, "circle-question-mark"))


def reason(one: RemoteRun) -> str:
    """What started a run."""
    known = {
        "schedule": translate("RemoteRuns", "by its schedule"),
        "workflow_dispatch": translate("RemoteRuns", "by hand or from here"),
        "push": translate("RemoteRuns", "by a push"),
    }
    return known.get(one.event, one.event.replace("_", " ")[:24])


class RemoteRuns(QWidget):
    """`cancel_asked(int)` carries the number of a run that is to end."""

    cancel_asked = Signal(object)  # larger than Qt's int

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[int, IconButton] = {}
        self.cancels: dict[int, Button] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._list = QWidget()
        self._column.addWidget(self._list)
        self.set_runs((), self.tr("They are shown here once GitHub was asked."))

    def set_runs(self, runs: tuple[RemoteRun, ...], none: str = "") -> None:
        """Show these, newest first; `none` is said when there is none."""
        fresh = QWidget()
        column = QVBoxLayout(fresh)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.links, self.cancels = {}, {}
        for one in runs:
            column.addWidget(self._line(one))
        if not runs:
            column.addWidget(Paragraph(none or self.tr("It has not run yet."), Role.HINT))
        self._column.replaceWidget(self._list, fresh)
        self._list.deleteLater()
        self._list = fresh

    def _line(self, one: RemoteRun) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        word, accent, icon = result(one)
        cell = QWidget()
        cell.setFixedWidth(theme_of(self).px(RESULT_WIDTH))
        inner = QHBoxLayout(cell)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(Badge(word, accent, icon))
        inner.addStretch(1)
        row.addWidget(cell)
        number = self.tr("Run {0}").format(one.number if one.number is not None else one.id)
        at = when(one.created_at) if one.created_at is not None else ""
        facts = Paragraph(" · ".join(part for part in (number, at, reason(one)) if part), Role.HINT)
        if one.created_at is not None:
            facts.setToolTip(utc(one.created_at))
        row.addWidget(facts, 1, Qt.AlignmentFlag.AlignVCenter)
        holder.setAccessibleName(f"{number}: {word}")
        if one.under_way:
            cancel = Button(self.tr("Cancel"), kind=ButtonKind.GHOST, small=True)
            cancel.setAccessibleName(self.tr("Cancel {0}").format(number))
            cancel.clicked.connect(partial(self._on_cancel, one.id))
            self.cancels[one.id] = cancel
            row.addWidget(cancel)
        if one.url:
            link = IconButton("external-link", self.tr("Open {0} at GitHub").format(number), small=True)
            link.clicked.connect(partial(self._open, one.url))
            self.links[one.id] = link
            row.addWidget(link)
        return holder

    def _on_cancel(self, run_id: int, _checked: bool = False) -> None:
        self.cancel_asked.emit(run_id)

    def _open(self, url: str, _checked: bool = False) -> None:
        QDesktopServices.openUrl(QUrl(url))
