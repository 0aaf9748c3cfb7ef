"""The schedule for the window's frame: what comes next and whether it is paused, read once for all who show it."""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from gdvg_desktop.app import App
from gdvg_desktop.commands import schedule
from gdvg_desktop.commands.schedule import PauseState, TaskView
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.host import Call, Host

LOOK_MS = 2000  # another program may pause the schedule, and its rows are all that tells
MINUTE_MS, HOUR_MS = 60_000, 3_600_000


@dataclass(frozen=True, slots=True)
class ScheduleNews:
    """The tasks and the pause, as read at `now_ms` (unix milliseconds)."""

    tasks: tuple[TaskView, ...]
    pause: PauseState
    now_ms: int

    @property
    def next_run(self) -> tuple[TaskView, datetime] | None:
        """The task that starts first and when (aware, UTC); None when none is switched on."""
        coming = [(one, one.next_runs[0]) for one in self.tasks if one.next_runs]
        return min(coming, key=lambda pair: pair[1]) if coming else None


class ScheduleFeed(QObject):
    """`changed(ScheduleNews)` comes whenever something shown may have changed; `failed(GdvgError)` when steering fails.

    `by` is who pauses or resumes through here: the window or the tray.
    """

    changed = Signal(object)
    failed = Signal(object)

    def __init__(self, host: Host, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._call: Call | None = None
        self._again = False
        self.latest: ScheduleNews | None = None
        bridge.schedule_changed.connect(self.ask)
        bridge.library_replaced.connect(self.ask)
        host.opened.connect(self.ask)
        host.crashed.connect(self._on_crash)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._glance)
        self._timer.start()
        self.ask()

    def ask(self) -> None:
        """Read it anew."""
        if self._call is not None:
            self._again = True
            return
        if self._host.app is not None:
            self._call = self._host.call(self, _read, self._on_read, self._on_failed)

    def _glance(self) -> None:
        """Look at the pause alone; at everything once a minute, because what comes next moves with the time."""
        if self._call is None and self._host.app is not None:
            self._host.call(self, _look, self._on_look)

    def _on_look(self, found: tuple[PauseState, int]) -> None:
        pause, now_ms = found
        if self.latest is None or self.latest.pause != pause or self.latest.now_ms // MINUTE_MS != now_ms // MINUTE_MS:
            self.ask()

    def stop(self) -> None:
        """Ask no more: the window is closing."""
        self._timer.stop()
        if self._call is not None:
            self._call.cancel()

    def pause_for(self, hours: int, by: str = "window") -> None:
        """Pause all scheduled work for so many hours."""

        async def work(app: App) -> PauseState:
            return await schedule.pause(app, to_millis(app.clock.now()) + hours * HOUR_MS, by)

        self._host.call(self, work, self._on_steered, self.failed.emit)

    def pause_until_tomorrow(self, by: str = "window") -> None:
        """Pause all scheduled work until the next midnight here."""

        async def work(app: App) -> PauseState:
            return await schedule.pause(app, schedule.tomorrow_ms(app), by)

        self._host.call(self, work, self._on_steered, self.failed.emit)

    def pause(self, by: str = "window") -> None:
        """Pause all scheduled work until somebody resumes it."""
        self._host.call(self, lambda app: schedule.pause(app, None, by), self._on_steered, self.failed.emit)

    def resume(self, by: str = "window") -> None:
        """Let scheduled work go on."""
        self._host.call(self, lambda app: schedule.resume(app, by), self._on_steered, self.failed.emit)

    def _on_steered(self, _state: PauseState) -> None:
        self.ask()

    def _on_read(self, found: ScheduleNews) -> None:
        self._call = None
        before = self.latest
        self.latest = found
        if before != found:
            self.changed.emit(found)
        self._once_more()

    def _on_failed(self, _error: GdvgError) -> None:
        self._call = None
        self._once_more()

    def _on_crash(self, _error: object) -> None:
        self._call = None  # a call that ends on a bug answers nobody

    def _once_more(self) -> None:
        if self._again:
            self._again = False
            self.ask()


async def _read(app: App) -> ScheduleNews:
    tasks = tuple(await schedule.tasks(app))
    return ScheduleNews(tasks, await schedule.pause_state(app), to_millis(app.clock.now()))


async def _look(app: App) -> tuple[PauseState, int]:
    return await schedule.pause_state(app), to_millis(app.clock.now())
