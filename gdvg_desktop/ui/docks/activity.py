"""The live log of all jobs together, since this window was opened."""

import time

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.core.events import JobLogged
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.log_view import LogLevel, LogLine, LogView
from gdvg_desktop.ui.widgets.messages import EmptyState
from gdvg_desktop.ui.widgets.segmented import Segmented
from gdvg_desktop.ui.widgets.toggles import CheckBox


def log_line(event: JobLogged) -> LogLine:
    """An engine's line as the view shows it, in local time."""
    clock = time.strftime("%H:%M:%S", time.localtime(event.at))
    return LogLine(clock, LogLevel(event.level.upper()), event.text)


class Activity(QWidget):
    """Newest line first, filtered by level, copied as shown."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = LogView(self.tr("Live log of all jobs"))
        self._levels = Segmented(
            [("all", self.tr("All")), ("warnings", self.tr("Warnings")), ("errors", self.tr("Errors"))],
            small=True,
            name=self.tr("Lines shown"),
        )
        self._levels.chosen.connect(self.view.set_levels)
        self._follow = CheckBox(self.tr("Follow newest"))
        self._follow.setChecked(True)
        self._follow.toggled.connect(self.view.set_following)
        self.view.following_changed.connect(self._follow.setChecked)
        copy = Button(self.tr("Copy"), icon="copy", kind=ButtonKind.GHOST, small=True)
        copy.clicked.connect(self.view.copy)
        self._pages = QStackedWidget()
        self._pages.addWidget(
            EmptyState("file-text", self.tr("Nothing has happened yet"), self.tr("What jobs do appears here."))
        )
        self._pages.addWidget(self.view)
        head = QHBoxLayout()
        head.addWidget(self._levels)
        head.addWidget(self._follow)
        head.addStretch(1)
        head.addWidget(copy)
        head.setSpacing(16)
        self._bar = QWidget()
        self._bar.setLayout(head)
        head.setContentsMargins(0, 0, 0, 0)
        self._bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._bar)
        column.addWidget(self._pages, 1)
        bridge.job_logged.connect(self._on_logged)

    def _on_logged(self, events: tuple[JobLogged, ...]) -> None:
        self._bar.show()
        self._pages.setCurrentIndex(1)
        self.view.append(log_line(event) for event in events)
