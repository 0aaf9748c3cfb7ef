"""The Remote workflow page of the settings: how the sync at GitHub stands, steering it, its last runs and its set-up.

GitHub is asked when the page is shown, after each act and on Refresh; never while the page is hidden.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import remote, remote_follow
from gdvg_desktop.commands.remote import Dispatched, RemoteStatus
from gdvg_desktop.commands.remote_follow import RemoteProblem
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.dialogs.remote_runs import RemoteRuns
from gdvg_desktop.ui.dialogs.remote_token import RemoteToken
from gdvg_desktop.ui.dialogs.setting_editors import SettingRow
from gdvg_desktop.ui.host import Call, Host
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.buttons import Button, IconButton
from gdvg_desktop.ui.widgets.held_focus import HeldFocus
from gdvg_desktop.ui.widgets.labels import Paragraph, SectionHeader
from gdvg_desktop.ui.widgets.messages import InlineMessage

_WHERE = ("github_repository", "github_workflow", "github_branch")


class RemotePage(QWidget):
    """All of it in one column; `rows` are the settings among it. What is typed counts once it is applied."""

    def __init__(self, host: Host, rows: tuple[SettingRow, ...]) -> None:
        super().__init__()
        self._host, self._rows = host, rows
        self._busy = False
        self._held = HeldFocus(self)
        self._reading: Call | None = None
        self.status: RemoteStatus | None = None
        self.badge = Badge(self.tr("Not asked yet"), Accent.SLATE, "circle-dashed")
        self.said = Paragraph("", Role.HINT)
        self.pause = Button(self.tr("Pause"), icon="pause")
        self.pause.clicked.connect(lambda: self._steer(remote.pause, self.tr("Paused. A run under way goes on.")))
        self.resume = Button(self.tr("Resume"), icon="play")
        self.resume.clicked.connect(lambda: self._steer(remote.resume, self.tr("It runs again.")))
        self.run = Button(self.tr("Run now"), icon="zap")
        self.run.clicked.connect(self._on_run)
        self.refresh = IconButton("refresh-cw", self.tr("Ask GitHub again"))
        self.refresh.clicked.connect(self.read)
        self.message, self.behind = InlineMessage(), InlineMessage(Accent.AMBER)
        self.message.hide()
        self.behind.hide()
        self.runs = RemoteRuns()
        self.runs.cancel_asked.connect(self._on_cancel)
        self.token = RemoteToken(host)
        self.token.changed.connect(self.read)
        self._build()
        for row in rows:
            row.edited.connect(self._on_edited)
        host.opened.connect(self._on_opened)
        self._show_buttons()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        state = QHBoxLayout()
        state.setSpacing(8)
        state.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignVCenter)
        state.addWidget(self.said, 1, Qt.AlignmentFlag.AlignVCenter)
        for button in (self.run, self.pause, self.resume, self.refresh):
            state.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addWidget(self._head(self.tr("State")))
        column.addLayout(state)
        column.addWidget(self.behind)
        column.addWidget(self.message)
        column.addWidget(self._head(self.tr("Last runs")))
        column.addWidget(self.runs)
        column.addWidget(self._head(self.tr("Where it is")))
        for row in self._rows:
            if row.field.name in _WHERE:
                column.addWidget(row)
        column.addWidget(self.token)
        column.addWidget(self._head(self.tr("Pausing")))
        for row in self._rows:
            if row.field.name not in _WHERE:
                column.addWidget(row)

    def _head(self, text: str) -> SectionHeader:
        return SectionHeader(text, role=Role.HINT_STRONG, rule=True)

    # reading ---------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.status is None and not self._busy:
            self._on_opened()

    def _on_opened(self) -> None:
        if self.isVisible():
            self.token.read()
            self.read()

    def read(self) -> None:
        """Ask GitHub how the workflow stands."""
        if self._host.app is None:
            return
        self._set_busy(True)
        self.badge.set_badge(self.tr("Asking"), Accent.SLATE, "loader-circle")
        if self._reading is not None:  # its answer may come after this one's
            self._reading.cancel()
        self._reading = self._host.call(self, _look, self._on_read, self._fail)

    def _on_read(self, found: tuple[RemoteStatus, RemoteProblem | None]) -> None:
        self.status, behind = found
        status = self.status
        self._set_busy(False)
        words, accent, icon = self._state(status)
        self.badge.set_badge(words, accent, icon)
        self.said.set_text(self._sentence(status))
        none = "" if status.state is not None else self.tr("They are shown here once GitHub can be asked.")
        self.runs.set_runs(status.runs, none)
        self.behind.setVisible(behind is not None)
        if behind is not None:
            again = self.tr("It is tried again by itself until both agree.")
            self.behind.set_message(Accent.AMBER, f"{behind.words} {again}", lead=self.tr("It does not follow."))

    def _state(self, status: RemoteStatus) -> tuple[str, Accent, str]:
        if not status.configured:
            return self.tr("Not set up"), Accent.SLATE, "circle-dashed"
        if status.paused is None:
            return self.tr("Not known"), Accent.RED, "circle-alert"
        if status.paused:
            return self.tr("Paused"), Accent.AMBER, "circle-pause"
        return self.tr("Active"), Accent.GREEN, "circle-play"

    def _sentence(self, status: RemoteStatus) -> str:
        if status.problem is not None:
            return status.problem
        name = self.tr("{0} in {1}.").format(status.workflow, status.repository)
        return f"{name} {status.why_paused}".strip()

    # acting ----------------------------------------------------------------------------------------------------

    def _steer(self, act: Callable[[App], Awaitable[None]], done: str) -> None:
        self._set_busy(True)
        self._tell(Accent.BLUE, self.tr("Asking GitHub"))
        self._host.call(self, act, lambda _nothing: self._acted(done), self._fail)

    def _on_run(self) -> None:
        self._set_busy(True)
        self._tell(Accent.BLUE, self.tr("Asking GitHub"))
        self._host.call(self, remote.dispatch, self._on_started, self._fail)

    def _on_started(self, started: Dispatched) -> None:
        if started.run_id is not None:
            self._acted(self.tr("Run {0} is queued.").format(started.run_id))
        else:
            self._acted(self.tr("A run was asked for; it appears in a few seconds."))

    def _on_cancel(self, run_id: int) -> None:
        done = self.tr("Run {0} is being cancelled.").format(run_id)
        self._steer(lambda app: remote.cancel(app, run_id), done)

    def _acted(self, text: str) -> None:
        self._tell(Accent.GREEN, text)
        self.read()

    def _fail(self, error: GdvgError) -> None:
        self._set_busy(False)
        self._tell(Accent.RED, str(error), error.title)

    def _tell(self, accent: Accent, text: str, lead: str = "") -> None:
        self.message.set_message(accent, text, lead=lead)
        self.message.show()

    # buttons ---------------------------------------------------------------------------------------------------

    def applied(self, values: dict[str, Any]) -> None:
        """Settings were saved: ask about the workflow that is meant now."""
        if any(row.field.name in values for row in self._rows):
            self.message.hide()
            if self.isVisible():
                self.read()
            else:
                self.status = None
        self._show_buttons()

    def on_remote_changed(self) -> None:
        """It was steered from elsewhere, or followed the schedule, or could not."""
        if self.isVisible() and not self._busy:
            self.read()

    def _on_edited(self) -> None:
        self._show_buttons()

    def _unsaved(self) -> bool:
        app = self._host.app
        return app is not None and any(
            row.editor.value() != getattr(app.settings, row.field.name) for row in self._rows if row.editor.isEnabled()
        )

    def _set_busy(self, busy: bool) -> None:
        """While GitHub is asked nothing else is begun; an act and the look that follows it are one."""
        before, self._busy = self._busy, busy
        if busy and not before:
            self._held.hold((self.run, self.pause, self.resume, self.refresh))
        self._show_buttons()
        if busy and not before:
            self._held.let_go()
        elif before and not busy:
            self._held.give_back(self.pause if self.resume.isHidden() else self.resume)

    def _show_buttons(self) -> None:
        status, unsaved = self.status, self._unsaved()
        known = status is not None and status.paused is not None
        paused = status is not None and bool(status.paused)
        self.pause.setVisible(not paused)
        self.resume.setVisible(paused)
        for button in (self.pause, self.resume, self.run):
            button.setEnabled(known and not unsaved and not self._busy)
            button.setToolTip(self.tr("Apply what you changed first.") if unsaved else "")
        self.refresh.setEnabled(not self._busy)


async def _look(app: App) -> tuple[RemoteStatus, RemoteProblem | None]:
    return await remote.status(app), await remote_follow.problem(app)
