"""Closing the window: into the tray, to the task bar until work is done, or for good; asked once, remembered, done."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from gdvg_desktop.commands import settings
from gdvg_desktop.ui.dialogs.question import Question
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.phrases import counted
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.tray import Tray

ASK, STOP, MINIMISE, TRAY = "ask", "stop", "minimise", "tray"


class ClosingGuard(QObject):
    """`choice` is the setting `on_close`; `decided(str)` carries an answer that is to be remembered.

    Closing may hide the window in the tray; quitting (`MainWindow.quit`) never does unless that is the answer given.
    The window is hidden only while the tray's icon is there, and comes back when the icon goes.
    """

    decided = Signal(str)
    stayed = Signal()  # the window does not close now, as was asked

    def __init__(self, window: MainWindow, host: Host, feed: OverviewFeed, tray: Tray, choice: str) -> None:
        super().__init__(window)
        self._window, self._host, self._feed, self._tray = window, host, feed, tray
        self.choice = choice
        self.question: Question | None = None
        self._leaving = self._waiting = self._kept = False
        window.set_close_guard(self.may_close)
        feed.changed.connect(self._on_overview)
        tray.went.connect(self._on_tray_gone)

    def may_close(self) -> bool:
        """Whether the window may close now; if not, the question is open or the window is out of the way."""
        quitting, working = self._window.quitting, self._working()
        if self._leaving or self.choice == STOP:
            return True
        if quitting:
            if not working:
                return True
            if self.choice == MINIMISE:
                return self._minimised_before() or self._wait()
            return self._ask(working=True, quitting=True)
        if self.choice == TRAY:
            return self.hide() if self._tray.available else self._kept_minimised()
        if self.choice == ASK and (self._tray.available or working):
            return self._ask(working=working, quitting=False)
        if self.choice == MINIMISE and working:
            return self._minimised_before() or self._wait()
        return True

    def close_now(self) -> None:
        """Close without a question; what runs is stored and goes on at the next start."""
        self._leaving = True
        self._window.close()

    def hide(self) -> bool:
        """Put the window into the tray; everything goes on. False, for `may_close`."""
        self._window.hide()
        self.stayed.emit()
        return False

    def _working(self) -> bool:
        """Whether this process has running jobs; another process's go on by themselves."""
        found = self._feed.latest
        return self._host.app is not None and self._host.is_engine and found is not None and bool(found.running)

    def _minimised_before(self) -> bool:
        """Brought back from the task bar and closed again: meant for good."""
        return self._waiting and not self._window.isMinimized()

    def _kept_minimised(self) -> bool:
        """The tray is gone, so the task bar takes its place; closed once more, from there or on screen, it is meant."""
        if self._kept:
            return True
        self._kept = True
        self._window.showMinimized()
        self.stayed.emit()
        return False

    def _on_tray_gone(self) -> None:
        """Never hidden without a way back."""
        if not self._window.isVisible() and not self._leaving:
            self._kept = self.choice == TRAY
            self._window.showMinimized()

    # the question ----------------------------------------------------------------------------------------------

    def _ask(self, *, working: bool, quitting: bool) -> bool:
        """Open the question, or bring the open one to the front. False, for `may_close`."""
        if self.question is not None:
            self._window.bring_back()
            self.question.raise_()
            return False
        stay = (TRAY, self.tr("Keep working in the tray"))
        if not self._tray.available:
            stay = (MINIMISE, self.tr("Stay minimised until it is done"))
        offered = not (quitting and self._tray.available)  # what quitting means is no choice about closing
        leave = (STOP, self.tr("Stop and close") if working else self.tr("Quit"))
        self.question = Question(
            Accent.BLUE,
            self._title(working),
            self._text(working),
            (stay, leave) if not self._tray.available else (leave, stay),
            remember=self.tr("Do this every time (Settings, Schedule)") if offered else "",
            parent=self._window,
        )
        self.question.remember.setChecked(offered)
        self.question.answered.connect(self._on_answer)
        self.question.finished.connect(self._forget)
        self.question.rejected.connect(self.stayed)
        if self._window.isMinimized() or not self._window.isVisible():
            self._window.bring_back()
        self.question.open()
        return False

    def _title(self, working: bool) -> str:
        if not working:
            return self.tr("Keep working in the tray?")
        running = len(self._feed.latest.running) if self._feed.latest is not None else 0
        return counted(running, self.tr("{0} import is running"), self.tr("{0} imports are running"))

    def _text(self, working: bool) -> str:
        if working:
            return self.tr(
                "Nothing is lost either way: what was fetched is stored, and what is stopped goes on at the next start."
            )
        return self.tr(
            "The schedule keeps the mirror complete while the program runs. A click on its icon in the tray brings "
            "the window back."
        )

    def _forget(self) -> None:
        self.question = None

    def _on_answer(self, answer: str, remember: bool) -> None:
        if remember:
            self.choice = answer
            self.save(on_close=answer)
            self.decided.emit(answer)
        if answer == STOP:
            self.close_now()
        elif answer == TRAY and self._tray.available:
            self.hide()
        else:
            self._wait()

    def _wait(self) -> bool:
        self._waiting = True
        self._window.showMinimized()
        self.stayed.emit()
        return False

    def _on_overview(self) -> None:
        """The last job ended while the window waited for it."""
        if self._waiting and not self._working():
            self._waiting = False
            if self._window.isMinimized():
                self.close_now()

    def save(self, **values: Any) -> None:
        """Keep settings that were decided by the way."""
        self._host.call(self, lambda app: settings.change(app, **values))
