"""The window face: what starts in which order, and what is undone at the end.

    application   QApplication, translations
    session       one data folder: theme, the window's empty frame, painted first; then everything heavy
    signals       of the system, heard from the first paint on
    loop          until the window is closed and the engine has stored and shut everything
    again         when the session ended to open another data folder (the demo)

`Session` holds what belongs to one data folder.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.application import Application
from gdvg_desktop.ui.collector import GuiCollector
from gdvg_desktop.ui.crash import CrashReporter
from gdvg_desktop.ui.session import Next, Session
from gdvg_desktop.ui.theme import ThemeFollower

if TYPE_CHECKING:
    from gdvg_desktop.ui.quit_signals import QuitSignals


SWITCH_S = 0.001  # how long the window may wait for a thread of the engine that is computing; Python's own is 5 ms


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """What the command line asked for. `data_dir` None is the usual folder; `demo` opens the made-up catalogue."""

    data_dir: Path | None = None
    demo: bool = False


def run_window(options: WindowOptions) -> int:
    """Open the window and stay until it is closed. Returns the exit code; must be called in the main thread."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    app = Application()
    theme = ThemeFollower(app)
    collector = GuiCollector(app)
    session: Session | None = None
    signals: QuitSignals | None = None

    def listen() -> None:
        nonlocal signals
        from gdvg_desktop.ui.quit_signals import QuitSignals  # late: until the first paint there is nothing to store

        signals = signals or QuitSignals(app)

    crashes = CrashReporter(lambda: session.window if session is not None else None)
    demo = options.demo
    try:
        while True:
            session = Session(app, theme, crashes, data_dir=_folder(options, demo=demo), demo=demo)
            session.painted.connect(listen)
            session.ready.connect(collector.settle)
            app.exec()
            session.release()
            if session.next is Next.QUIT:
                return session.exit_code
            demo = session.next is Next.DEMO
    except GdvgError as error:  # the data folder or the settings cannot be used: there is nothing to open a window on
        sys.stderr.write(f"{error.title}: {error}\n")
        return error.exit_code
    finally:
        sys.setswitchinterval(before)
        collector.close()
        crashes.close()
        if signals is not None:
            signals.close()


def _folder(options: WindowOptions, *, demo: bool) -> Path | None:
    """The folder asked for belongs to what was asked for; the demo opened from it lies beside it."""
    if demo == options.demo or options.data_dir is None:
        return options.data_dir if demo == options.demo else None
    return options.data_dir.with_name(f"{options.data_dir.name}-demo") if demo else None
