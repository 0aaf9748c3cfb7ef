"""One data folder open in a window, from the first paint to the last stored title.

open      data folder, the look of last time, the window's frame with rail and toolbar: shown at once
load      after the first paint: the log, and off the GUI thread everything heavy, while that thread builds nothing
furnish   settings, docks, feeds and dialogs; the host opens the library in its own thread meanwhile
close     layout saved, engine stopped and shut, the demo's process ended, the log closed
"""

import importlib
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from shiboken6 import delete

from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.paths import default_data_dir, open_paths
from gdvg_desktop.ui.application import Application
from gdvg_desktop.ui.crash import CrashReporter
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.screens import screens
from gdvg_desktop.ui.theme import ThemeFollower
from gdvg_desktop.ui.window_file import WindowMemory, read_window, write_window

if TYPE_CHECKING:
    from gdvg_desktop.core.settings import Settings
    from gdvg_desktop.ui.contents import Contents

log = logging.getLogger(__name__)
HEAVY = ("gdvg_desktop.commands", "keyring", "gdvg_desktop.ui.contents", "pyqtgraph")


class Next(StrEnum):
    """What comes after a session."""

    QUIT = "quit"
    DEMO = "demo"
    OWN = "own"


class Session(QObject):
    """Opens the window at once. When all is over `app.finish` is called: then `next` says what follows, and `release`
    is to be called once Qt's loop has ended. Raises GdvgError when the data folder cannot be used.

    `painted()` comes after the first paint, `ready()` when the docks stand. `settings` are there from then on.
    """

    painted = Signal()
    ready = Signal()
    _loaded = Signal()
    _load_failed = Signal(object)

    def __init__(
        self,
        app: Application,
        theme: ThemeFollower,
        crashes: CrashReporter,
        *,
        data_dir: Path | None,
        demo: bool,
        minimised: bool = False,
    ) -> None:
        super().__init__()
        self._app, self._theme, self._crashes, self.demo = app, theme, crashes, demo
        self.next = Next.QUIT
        self.exit_code = 0
        self._closing = False
        self.contents: Contents | None = None
        self._loading: threading.Thread | None = None
        self.paths = open_paths(data_dir if data_dir is not None else default_data_dir(demo=demo))
        self._log_handlers: list[logging.Handler] = []
        self.settings: Settings
        memory = read_window(self.paths.layout)
        self._look = (memory.theme, memory.reduced_motion)
        self._apply_look(*self._look)
        self.window = MainWindow((), screens())
        self.window.set_demo(demo)
        self.window.restore_layout(memory.layout)
        self.window.closed.connect(self._on_closed)
        app.quit_asked.connect(self.window.quit)
        app.end_demanded.connect(self._end)
        self._loaded.connect(self._furnish, Qt.ConnectionType.QueuedConnection)
        self._load_failed.connect(crashes.report, Qt.ConnectionType.QueuedConnection)
        self._minimised = minimised
        if minimised:
            QTimer.singleShot(0, self, self._load)  # nothing is painted before there is a tray to know of
        else:
            _AfterFirstPaint(self.window, self._load)
            self.window.show()

    def _apply_look(self, theme: str, reduced_motion: bool) -> None:
        self._look = (theme, reduced_motion)
        self._theme.choose(theme, motion=not reduced_motion)

    # after the first paint -------------------------------------------------------------------------------------

    def _load(self) -> None:
        if self._closing:
            return
        from gdvg_desktop.core.log import start_logging  # late, as all that the first paint does not need

        self._log_handlers = start_logging(self.paths.logs)
        self.painted.emit()
        self._loading = threading.Thread(target=self._import_heavy, name="loading", daemon=True)
        self._loading.start()

    def _import_heavy(self) -> None:
        try:
            for name in HEAVY:
                importlib.import_module(name)
            # Not a moment before: the charts' library goes through every class of PySide6, which makes them on first
            # sight and crashes when the GUI thread builds the docks meanwhile.
            self._loaded.emit()
        except Exception as error:
            log.exception("A part of the program cannot be loaded")
            self._load_failed.emit(error)

    def _furnish(self) -> None:
        if self._closing:
            self._finish()
            return
        from gdvg_desktop.core.settings import load_settings  # late: loaded after the first paint, see `_import_heavy`
        from gdvg_desktop.ui.contents import Contents

        try:
            self.settings = load_settings(self.paths.settings)
        except GdvgError as error:
            self._tell(error)
            return
        self._apply_look(self.settings.theme, self.settings.reduced_motion)
        self.contents = Contents(self)
        self.contents.closed.connect(self._finish)
        self.contents.guard.stayed.connect(self._stay)
        if self._minimised:
            self.contents.background.start_hidden()
        self.ready.emit()

    def _tell(self, error: GdvgError) -> None:
        """There is nothing to open the library with; the user can only mend it and start again."""
        from gdvg_desktop.ui.tokens import Accent  # late, see `_import_heavy`
        from gdvg_desktop.ui.widgets.messages import InlineMessage

        log.error("%s: %s", error.title, error)
        self.window.bring_back()
        self.exit_code = error.exit_code
        banner = InlineMessage(Accent.RED, str(error), lead=error.title)
        self.window.add_banner(banner)
        banner.show()

    # the end ---------------------------------------------------------------------------------------------------

    def restart(self, following: Next) -> None:
        """Close this window and open another data folder in its place."""
        self.next = following
        self.window.quit()  # or asks first what should become of running imports

    def _stay(self) -> None:
        self.next = Next.QUIT

    def switch(self) -> None:
        """From the user's own library to the demo, or back."""
        self.restart(Next.OWN if self.demo else Next.DEMO)

    def wish(self, screen: str) -> None:
        """Another start on the same folder: come to the front, at a screen if it named one."""
        if self._closing:
            return
        self.window.bring_back()
        if screen in self.window.screen_names():
            self.window.show_screen(screen)

    def crashed(self, error: BaseException) -> None:
        """A bug somewhere below: show its report."""
        self._crashes.report(error)

    def change_settings(self, **values: object) -> None:
        """Follow settings that were saved."""
        self.settings = replace(self.settings, **values)  # type: ignore[arg-type]
        self._apply_look(self.settings.theme, self.settings.reduced_motion)

    def _end(self) -> None:
        if self.contents is not None:
            self.contents.guard.close_now()
        else:
            self.window.close()

    def _on_closed(self) -> None:
        if self._closing:
            return
        self._closing = True
        self.window.setUpdatesEnabled(False)  # what is still told to the docks must not be painted any more
        write_window(self.paths.layout, WindowMemory(self.window.layout_state(), *self._look))
        if self.contents is not None:
            self.contents.close()
        elif self._loading is None or not self._loading.is_alive():
            self._finish()

    def _finish(self) -> None:
        QTimer.singleShot(0, self._app.finish)

    def release(self) -> None:
        """Give back what is left, after Qt's loop has ended."""
        if self._loading is not None:
            self._loading.join()
        if self.contents is not None:
            self.contents.release()
        self._app.quit_asked.disconnect(self.window.quit)
        self._app.end_demanded.disconnect(self._end)
        delete(self.window)
        if self._log_handlers:
            from gdvg_desktop.core.log import stop_logging  # late, see `_load`

            stop_logging(self._log_handlers)


class _AfterFirstPaint(QObject):
    """Calls something once, when the window has been painted for the first time."""

    def __init__(self, window: MainWindow, then: Callable[[], None]) -> None:
        super().__init__(window)
        self._then = then
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._then)
        return super().eventFilter(watched, event)
