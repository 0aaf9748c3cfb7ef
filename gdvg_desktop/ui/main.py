"""The window face: what starts in which order, and what is undone at the end.

    application   QApplication, translations
    session       one data folder: theme, the window's empty frame, painted first; then everything heavy
    instance      a window that is open on the folder already takes over the wish; looked for before, claimed after
    signals       of the system, heard from the first paint on
    loop          until the window is closed and the engine has stored and shut everything
    again         when the session ended to open another data folder (the demo)

`Session` holds what belongs to one data folder.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.paths import default_data_dir
from gdvg_desktop.ui.application import Application
from gdvg_desktop.ui.collector import GuiCollector
from gdvg_desktop.ui.crash import CrashReporter
from gdvg_desktop.ui.session import Next, Session
from gdvg_desktop.ui.single_instance import TOKEN, SingleInstance, Wish
from gdvg_desktop.ui.theme import ThemeFollower

if TYPE_CHECKING:
    from gdvg_desktop.ui.quit_signals import QuitSignals


SWITCH_S = 0.001  # how long the window may wait for a thread of the engine that is computing; Python's own is 5 ms


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """What the command line asked for. `data_dir` None is the usual folder; `demo` opens the made-up catalogue.

    `minimised` starts in the tray, `screen` names the one to begin with.
    """

    data_dir: Path | None = None
    demo: bool = False
    minimised: bool = False
    screen: str = ""


def run_window(options: WindowOptions) -> int:
    """Open the window and stay until it is closed. Returns the exit code; must be called in the main thread."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    app = Application()
    theme = ThemeFollower(app)
    collector = GuiCollector(app)
    session: Session | None = None
    signals: QuitSignals | None = None
    instance: SingleInstance | None = None
    wish = Wish(options.screen, options.minimised, os.environ.get(TOKEN, ""))

    def begun() -> None:
        nonlocal signals
        from gdvg_desktop.ui.quit_signals import QuitSignals  # late: until the first paint there is nothing to store

        signals = signals or QuitSignals(app)
        assert instance is not None and session is not None
        if not instance.listen() and instance.hand_over(wish):  # two starts at once, and the other one was faster
            app.end_demanded.emit()

    def on_wish(asked: Wish) -> None:
        if session is not None and not asked.minimised:
            session.wish(asked.screen)

    crashes = CrashReporter(lambda: session.window if session is not None else None)
    demo, minimised = options.demo, options.minimised
    try:
        while True:
            folder = _folder(options, demo=demo) or default_data_dir(demo=demo)
            instance = SingleInstance(folder)
            if instance.hand_over(wish):
                return session.exit_code if session is not None else 0
            instance.wished.connect(on_wish)
            session = Session(app, theme, crashes, data_dir=folder, demo=demo, minimised=minimised)
            session.painted.connect(begun)
            # while the engine stores what it holds nobody can be shown this window: a new start opens its own
            session.window.closed.connect(instance.close)
            session.ready.connect(collector.settle)
            if options.screen and not minimised:
                session.ready.connect(lambda session=session: session.wish(options.screen))
            app.exec()
            instance.close()
            session.release()
            if session.next is Next.QUIT:
                return session.exit_code
            demo, minimised = session.next is Next.DEMO, False
    except GdvgError as error:  # the data folder or the settings cannot be used: there is nothing to open a window on
        sys.stderr.write(f"{error.title}: {error}\n")
        return error.exit_code
    finally:
        sys.setswitchinterval(before)
        collector.close()
        crashes.close()
        if instance is not None:
            instance.close()
        if signals is not None:
            signals.close()


def _folder(options: WindowOptions, *, demo: bool) -> Path | None:
    """The folder asked for belongs to what was asked for; the demo opened from it lies beside it."""
    if demo == options.demo or options.data_dir is None:
        return options.data_dir if demo == options.demo else None
    return options.data_dir.with_name(f"{options.data_dir.name}-demo") if demo else None
