"""Closing the window while imports run: asked once, remembered, done."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from gdvg_desktop.commands import settings
from gdvg_desktop.ui.dialogs.question import Question
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.phrases import counted
from gdvg_desktop.ui.tokens import Accent

ASK, STOP, MINIMISE = "ask", "stop", "minimise"


class ClosingGuard(QObject):
    """`choice` is the setting `on_close`; `decided(str)` carries an answer that is to be remembered."""

    decided = Signal(str)
    stayed = Signal()  # the window does not close now, as was asked

    def __init__(self, window: MainWindow, host: Host, feed: OverviewFeed, choice: str) -> None:
        super().__init__(window)
        self._window, self._host, self._feed = window, host, feed
        self.choice = choice
        self.question: Question | None = None
        self._leaving = self._waiting = False
        window.set_close_guard(self.may_close)
        feed.changed.connect(self._on_overview)

    def may_close(self) -> bool:
        """Whether the window may close now; if not, the question is open or the window waits minimised."""
        if self._leaving or not self._working() or self.choice == STOP:
            return True
        if self.choice == MINIMISE:
            if self._waiting and not self._window.isMinimized():  # brought back and closed again: meant for good
                return True
            self._wait()
        else:
            self._ask()
        return False

    def close_now(self) -> None:
        """Close without a question; what runs is stored and goes on at the next start."""
        self._leaving = True
        self._window.close()

    def _working(self) -> bool:
        """Whether this process has running jobs; another process's go on by themselves."""
        found = self._feed.latest
        return self._host.app is not None and self._host.is_engine and found is not None and bool(found.running)

    def _ask(self) -> None:
        if self.question is not None:
            self.question.raise_()
            return
        running = len(self._feed.latest.running) if self._feed.latest is not None else 0
        self.question = Question(
            Accent.BLUE,
            counted(running, self.tr("{0} import is running"), self.tr("{0} imports are running")),
            self.tr(
                "Nothing is lost either way: what was fetched is stored, and what is stopped goes on at the next start."
            ),
            ((MINIMISE, self.tr("Stay minimised until it is done")), (STOP, self.tr("Stop and close"))),
            remember=self.tr("Do this every time (Settings, Appearance)"),
            parent=self._window,
        )
        self.question.remember.setChecked(True)
        self.question.answered.connect(self._on_answer)
        self.question.finished.connect(self._forget)
        self.question.rejected.connect(self.stayed)
        self._window.showNormal() if self._window.isMinimized() else None
        self.question.open()

    def _forget(self) -> None:
        self.question = None

    def _on_answer(self, answer: str, remember: bool) -> None:
        if remember:
            self.choice = answer
            self.save(on_close=answer)
            self.decided.emit(answer)
        if answer == STOP:
            self.close_now()
        else:
            self._wait()

    def _wait(self) -> None:
        self._waiting = True
        self._window.showMinimized()
        self.stayed.emit()

    def _on_overview(self) -> None:
        """The last job ended while the window waited for it."""
        if self._waiting and not self._working():
            self._waiting = False
            if self._window.isMinimized():
                self.close_now()

    def save(self, **values: Any) -> None:
        """Keep settings that were decided by the way."""
        self._host.call(self, lambda app: settings.change(app, **values))
