"""What goes on while the window is closed, joined to the tray: its facts, its menu, and the start in the background."""

from datetime import datetime

from PySide6.QtCore import QObject, QTimer

from gdvg_desktop.commands.overview import Overview
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.docks.overview import exact_percent
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.models.schedule_words import paused_words, soon
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.schedule_feed import ScheduleFeed
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.tray import Tray, TrayFacts

BY = "tray"
TOLD_MS = 1000


class Background(QObject):
    """Keeps the tray's icon true and does what its menu asks."""

    def __init__(
        self, window: MainWindow, host: Host, feed: OverviewFeed, schedule: ScheduleFeed, tray: Tray, *, demo: bool
    ) -> None:
        super().__init__(window)
        self._window, self._host, self._feed = window, host, feed
        self._schedule, self._tray, self._demo = schedule, tray, demo
        self._alerts = 0
        self._waits_for_tray = False
        feed.changed.connect(self.refresh)
        schedule.changed.connect(self.refresh)
        tray.opened.connect(window.bring_back)
        tray.pause_asked.connect(lambda hours: pause_schedule(schedule, hours, BY))
        tray.resume_asked.connect(lambda: schedule.resume(BY))
        tray.quit_asked.connect(window.quit)
        schedule.failed.connect(self._on_failed)
        tray.came.connect(self._on_tray)
        self._rate = QTimer(self)  # the rate changes between the feed's hints
        self._rate.setInterval(TOLD_MS)
        self._rate.timeout.connect(self._on_second)
        self._rate.start()
        self.refresh()

    def stop(self) -> None:
        """The window is closing: leave the tray."""
        self._rate.stop()
        self._tray.close()

    def start_hidden(self) -> None:
        """The program was started in the background: hide the window, or leave it minimised until there is a tray."""
        self._tray.look()
        if self._tray.available:
            self._window.hide()
        else:
            self._waits_for_tray = True
            self._window.showMinimized()

    def set_alerts(self, count: int) -> None:
        """How many alerts wait for the user."""
        self._alerts = count
        self.refresh()

    def refresh(self) -> None:
        """Tell the tray how things stand."""
        self._tray.show_facts(self._facts(self._feed.latest))

    def _facts(self, found: Overview | None) -> TrayFacts:
        news, app = self._schedule.latest, self._host.app
        paused = next_run = ""
        if news is not None and news.pause.paused:
            paused = paused_words(news.pause, news.now_ms)
        elif news is not None and news.next_run is not None:
            next_run = soon(news.next_run[1], datetime.fromtimestamp(news.now_ms / 1000).astimezone())
        if found is None:
            return TrayFacts(next_run=next_run, paused=paused, alerts=self._alerts, demo=self._demo)
        lead = found.running[0] if found.running else None
        share = lead.done / lead.total if lead is not None and lead.phase == "fetch" and lead.total else None
        coverage = found.coverage
        return TrayFacts(
            running=len(found.running),
            share=share,
            rate=app.client.status().pacer.rate if app is not None and found.running else 0.0,
            coverage=exact_percent(coverage.held / coverage.known) if coverage is not None and coverage.known else "",
            next_run=next_run,
            paused=paused,
            queued=len(found.running) + found.waiting + found.paused,
            alerts=self._alerts,
            demo=self._demo,
        )

    def _on_second(self) -> None:
        if self._feed.latest is not None and self._feed.latest.running:
            self.refresh()

    def _on_tray(self) -> None:
        """The panel came after the program: what was to be in the background goes there now."""
        if self._waits_for_tray and self._window.isMinimized():
            self._window.hide()
        self._waits_for_tray = False
        self.refresh()

    def _on_failed(self, error: GdvgError) -> None:
        """A wish of the menu could not be met; with the window open it says so itself."""
        if not self._window.isVisible():
            self._tray.show_message(Accent.RED, error.title, str(error))


def pause_schedule(schedule: ScheduleFeed, hours: int, by: str) -> None:
    """Pause for so many hours; 0 is until tomorrow, -1 until resumed."""
    if hours > 0:
        schedule.pause_for(hours, by)
    elif hours == 0:
        schedule.pause_until_tomorrow(by)
    else:
        schedule.pause(by)
