"""The cron controller in the window's frame: the toolbar's button, the Sync menu's entries, the strip's next run."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence

from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.actions import MenuKey
from gdvg_desktop.ui.background import pause_schedule
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.models.schedule_words import paused_sentence, soon
from gdvg_desktop.ui.phrases import local, utc
from gdvg_desktop.ui.schedule_feed import ScheduleFeed, ScheduleNews
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.tray import pause_choices

BY = "window"
UNTIL_RESUMED = -1


class ScheduleBar(QObject):
    """`settings_asked()` is the menu's way on."""

    settings_asked = Signal()

    def __init__(self, window: MainWindow, feed: ScheduleFeed) -> None:
        super().__init__(window)
        self._window, self._feed = window, feed
        self.toggle = QAction(self.tr("&Pause schedule"), window)
        self.toggle.setShortcut(QKeySequence("Ctrl+Shift+P"))
        self.toggle.triggered.connect(self._on_toggle)
        self.edit = QAction(self.tr("Sche&dule…"), window)
        self.edit.triggered.connect(self.settings_asked)
        for action in (self.toggle, self.edit):
            window.add_menu_action(MenuKey.SYNC, action)
        self.button = window.toolbar.pause
        self.button.set_ways(pause_choices())
        self.button.pause_asked.connect(lambda hours: pause_schedule(feed, hours, BY))
        self.button.resume_asked.connect(lambda: feed.resume(BY))
        for part in (self.button, self.toggle):
            part.setEnabled(False)  # until there is a library
        feed.changed.connect(self._show)
        feed.failed.connect(self._on_failed)

    def _on_toggle(self) -> None:
        if self.button.paused:
            self._feed.resume(BY)
        else:
            pause_schedule(self._feed, UNTIL_RESUMED, BY)

    def _show(self, news: ScheduleNews) -> None:
        for part in (self.button, self.toggle):
            part.setEnabled(True)
        pause = news.pause
        hint = paused_sentence(pause, news.now_ms) if pause.paused else ""
        self.button.set_paused(pause.paused, hint)
        self.toggle.setText(self.tr("&Resume schedule") if pause.paused else self.tr("&Pause schedule"))
        if pause.paused:
            self._window.status.set_next_run(self.tr("paused"), hint)
            return
        coming = news.next_run
        if coming is None:
            self._window.status.set_next_run(self.tr("none"), self.tr("No task of the schedule is switched on."))
            return
        task, at = coming
        detail = f"{task.title}, {utc(round(at.timestamp() * 1000))}"
        self._window.status.set_next_run(soon(at, local(news.now_ms)), detail)

    def _on_failed(self, error: GdvgError) -> None:
        self._window.toast(Accent.RED, error.title, str(error))
