"""The live log of the job inspected: lines of this process, newest first, by level, to copy or to open in full."""

from datetime import UTC, datetime

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands import jobs
from gdvg_desktop.core.events import JobLogged
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.host import Call, Host
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Paragraph
from gdvg_desktop.ui.widgets.log_view import LogLevel, LogLine, LogView
from gdvg_desktop.ui.widgets.segmented import Segmented
from gdvg_desktop.ui.widgets.toggles import CheckBox


class JobLogPage(QWidget):
    """The log with what belongs under it. `levels` is its filter, to be placed by the owner."""

    def __init__(self, host: Host, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._job_id = 0
        self._call: Call | None = None
        self._held: list[JobLogged] = []  # lines that came while the earlier ones were being read
        self._read_lines: dict[int, JobLogged] = {}  # by identity: the bridge brings the latest of them once more
        self.levels = Segmented(
            [("all", self.tr("All")), ("warnings", self.tr("Warnings")), ("errors", self.tr("Errors"))],
            small=True,
            name=self.tr("Log levels"),
        )
        self.view = LogView(self.tr("Live log"))
        self.levels.chosen.connect(self.view.set_levels)
        self._elsewhere = Paragraph(
            self.tr("Another process works on the queue. Its log lines are in the full log."), Role.HINT
        )
        self._elsewhere.hide()
        self._follow = CheckBox(self.tr("Follow newest"))
        self._follow.setChecked(True)
        self._follow.toggled.connect(self.view.set_following)
        self.view.following_changed.connect(self._follow.setChecked)
        copy = Button(self.tr("Copy"), icon="copy", kind=ButtonKind.GHOST, small=True)
        copy.clicked.connect(self.view.copy)
        full = Button(self.tr("Open full log"), icon="file-text", kind=ButtonKind.GHOST, small=True)
        full.clicked.connect(self._open_folder)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._follow)
        foot.addStretch(1)
        foot.addWidget(copy)
        foot.addWidget(full)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._elsewhere)
        column.addWidget(self.view, 1)
        column.addLayout(foot)
        bridge.job_logged.connect(self._on_logged)
        host.opened.connect(self._read)

    def show_job(self, job_id: int) -> None:
        """Show the log of another job; 0 shows none."""
        self._job_id = job_id
        self._read()

    def _read(self) -> None:
        if self._call is not None:
            self._call.cancel()
            self._call = None
        self.view.clear()
        self._held, self._read_lines = [], {}
        job_id = self._job_id
        if job_id and self._host.app is not None:
            self._elsewhere.setVisible(not self._host.is_engine)
            self._call = self._host.call(self, lambda app: jobs.log_lines(app, job_id), self._on_lines)

    def _on_lines(self, lines: list[JobLogged]) -> None:
        """What was said before. The bridge hands on the very same events, gathered, so before or after this."""
        self._call = None
        self._read_lines = {id(line): line for line in lines}
        held, self._held = self._held, []
        self._add(lines)
        self._add(self._unread(held))

    def _on_logged(self, lines: tuple[JobLogged, ...]) -> None:
        mine = [line for line in lines if line.job_id == self._job_id]
        if self._call is not None:
            self._held.extend(mine)
        else:
            self._add(self._unread(mine))

    def _unread(self, lines: list[JobLogged]) -> list[JobLogged]:
        return [line for line in lines if id(line) not in self._read_lines]

    def _add(self, lines: list[JobLogged]) -> None:
        if lines:
            self.view.append([_line(line) for line in lines])

    def _open_folder(self) -> None:
        if self._host.app is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._host.app.paths.logs)))


def _line(event: JobLogged) -> LogLine:
    at = datetime.fromtimestamp(event.at, UTC).astimezone()
    return LogLine(f"{at:%H:%M:%S}", LogLevel(event.level.upper()), event.text)
