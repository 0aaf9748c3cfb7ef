"""Writes every screen, filled from the demo catalogue, at the sizes of the design.

    python -m tests.e2e.screenshots docs/screenshots [--variants]

With `--variants` also in the other themes and on a small screen, for looking at. The real window runs offscreen against
a demo server of its own. A course is a generator: each `yield` gives a condition that must hold before it goes on, so
nothing waits longer than it has to.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import cast

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QWidget

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage, imports, jobs
from gdvg_desktop.commands.gaps import FillRequest
from gdvg_desktop.commands.history import Run
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.commands.missed_runs import MissedRun
from gdvg_desktop.core.kinds import GapKind
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.ui.application import Application
from gdvg_desktop.ui.contents import Contents
from gdvg_desktop.ui.crash import CrashReporter
from gdvg_desktop.ui.dialogs.settings import SCHEDULE, SettingsDialog
from gdvg_desktop.ui.dialogs.wizard import KEY, SCOPE, Wizard
from gdvg_desktop.ui.dialogs.wizard import SCHEDULE as WIZARD_SCHEDULE
from gdvg_desktop.ui.docks.errors import ErrorsDock
from gdvg_desktop.ui.docks.gap_months import GapMonthsDock
from gdvg_desktop.ui.docks.gap_table import GapTableDock
from gdvg_desktop.ui.docks.history import HistoryDock
from gdvg_desktop.ui.docks.import_filters import ImportFiltersDock
from gdvg_desktop.ui.docks.library import LibraryDock
from gdvg_desktop.ui.docks.queue import QueueDock
from gdvg_desktop.ui.screens import GAPS, HISTORY, IMPORT, LIBRARY, OVERVIEW, QUEUE
from gdvg_desktop.ui.session import Session
from gdvg_desktop.ui.theme import ThemeFollower
from tests.e2e import alerts_demo, history_demo
from tests.e2e.gaps_demo import prepare
from tests.support.library import KEY as DEMO_KEY

SIZE, SMALL = (1600, 1000), (1100, 700)
POLL_MS = 50
PATIENCE_S = 90.0
KOREAN = ImportRequest("all", ("KR", "US"), "2024-01", "2024-12", ("Drama", "Romance"), priority=86)
JOBS = (
    ImportRequest("movie", (), "2015", limit=1500, name="Films since 2015"),
    ImportRequest("movie", ("JP",), "1980", "2026", name="Japanese films"),
    ImportRequest("tv", ("KR",), "2010", "2026", ("Drama",), name="K-Drama since 2010"),
    ImportRequest("tv", ("JP",), None, None, ("Animation",), name="Anime"),
)
Course = Generator[Callable[[], bool], None, None]


class Photographer:
    """Runs a course of one session and saves pictures of its window."""

    def __init__(self, session: Session, folder: Path, *, variants: bool) -> None:
        self._session, self._folder, self._variants = session, folder, variants
        self._course: Course | None = None
        self._ready: Callable[[], bool] = lambda: False
        self._since = 0.0
        self.failure = ""
        self._timer = QTimer()
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._step)

    @property
    def contents(self) -> Contents:
        """The docks and dialogs, once they stand."""
        assert self._session.contents is not None
        return self._session.contents

    def run(self, course: Course) -> None:
        """Begin; the window closes at the end."""
        self._course, self._ready, self._since = course, (lambda: self._session.contents is not None), time.monotonic()
        self._timer.start()

    def _step(self) -> None:
        assert self._course is not None
        if not self._ready():
            if time.monotonic() - self._since < PATIENCE_S:
                return
            self.failure = "a screen did not come in time"
        else:
            try:
                self._ready, self._since = next(self._course), time.monotonic()
                return
            except StopIteration:
                pass
        self._timer.stop()
        self.contents.guard.close_now()

    def save(self, name: str, *, over: QWidget | None = None) -> None:
        """The window as it stands, with a popup painted over it where one is open."""
        picture = self._session.window.grab()
        if over is not None:
            painter = QPainter(picture)
            at = over.mapToGlobal(QPoint(0, 0)) - self._session.window.mapToGlobal(QPoint(0, 0))
            painter.drawPixmap(at, over.grab())
            painter.end()
        picture.save(str(self._folder / f"{name}.png"))

    def save_variants(self, name: str) -> Course:
        """The window in the other themes and on a small screen, where variants are wanted."""
        if not self._variants:
            return
        window = self._session.window
        for theme in ("light", "contrast", "dark"):
            self._session.change_settings(theme=theme)
            yield pause(0.7)
            if theme != "dark":
                self.save(f"{name}-{theme}")
        window.resize(*SMALL)
        yield pause(0.7)
        self.save(f"{name}-small")
        window.resize(*SIZE)
        yield pause(0.7)

    def save_widget(self, widget: QWidget, name: str) -> None:
        """A dialog by itself."""
        widget.grab().save(str(self._folder / f"{name}.png"))


def pause(seconds: float) -> Callable[[], bool]:
    """A condition that holds after a while, for what settles by itself: posters, charts, counters."""
    ends = time.monotonic() + seconds
    return lambda: time.monotonic() >= ends


def demo_course(photographer: Photographer, session: Session) -> Course:
    """A fresh demo, a preview, a queue with work in it, the library, the settings."""
    contents, window = photographer.contents, session.window
    window.resize(*SIZE)
    yield lambda: contents.host.app is not None and contents.feed.latest is not None
    yield pause(1)
    photographer.save("09b-overview-empty")

    window.show_screen(IMPORT)
    filters = cast(ImportFiltersDock, contents.docks[ImportFiltersDock.KEY])
    filters.set_request(KOREAN)
    yield pause(0.5)
    contents.draft.ask_preview()
    yield lambda: contents.draft.preview is not None
    yield pause(2)
    photographer.save("02-import")

    started: list[int] = []

    async def start_all(app: App) -> list[int]:
        return [(await imports.start(app, request))[0].id for request in JOBS]

    contents.host.call(contents, start_all, started.extend)
    window.show_screen(QUEUE)
    queue = cast(QueueDock, contents.docks[QueueDock.KEY])
    yield lambda: contents.feed.latest is not None and contents.feed.latest.titles > 120
    contents.host.call(contents, lambda app: jobs.pause(app, started[1]))
    yield lambda: contents.feed.latest is not None and contents.feed.latest.titles > 260
    queue.choose(started[0])
    yield pause(1)
    photographer.save("03-queue")

    window.show_screen(LIBRARY)
    library = cast(LibraryDock, contents.docks[LibraryDock.KEY])
    yield pause(1)
    library.search_for("origin:kr year:2010..2026")
    yield pause(1)
    library.table.choose(1)
    yield pause(3)
    for toast in window.toasts.toasts():
        toast.leave()
    yield pause(0.5)
    photographer.save("06-library")

    window.show_screen(OVERVIEW)
    read: list[object] = []
    contents.host.call(contents, coverage.read_exports, read.append)
    yield lambda: bool(read)
    yield pause(3)
    for toast in window.toasts.toasts():
        toast.leave()
    yield pause(0.5)
    photographer.save("01-overview")
    session.change_settings(theme="light")
    yield pause(1)
    photographer.save("09a-overview-light")
    session.change_settings(theme="contrast")
    yield pause(1)
    photographer.save("09c-overview-high-contrast")
    session.change_settings(theme="dark")

    contents.open_settings()
    yield lambda: QApplication.activeModalWidget() is not None or bool(window.findChildren(SettingsDialog))
    dialog = window.findChildren(SettingsDialog)[0]
    yield pause(1)
    photographer.save_widget(dialog, "08-settings")
    dialog.show_page(SCHEDULE)
    yield lambda: bool(dialog.schedule.cards)
    photographer.save_widget(dialog, "08-schedule")
    dialog.schedule.cards["backup"].edit.click()
    yield pause(1)
    if dialog.schedule.dialog is not None:
        photographer.save_widget(dialog.schedule.dialog, "08-schedule-task")
        dialog.schedule.dialog.reject()
    dialog.show_page("about")
    yield pause(0.5)
    photographer.save_widget(dialog, "08-about")
    dialog.close()
    yield pause(0.5)


def gaps_course(photographer: Photographer, session: Session) -> Course:
    """The gaps of a prepared library, a fill at work, and why one title is missing."""
    contents, window = photographer.contents, session.window
    window.resize(*SIZE)
    yield lambda: contents.host.app is not None and contents.feed.latest is not None
    window.show_screen(GAPS)
    table = cast(GapTableDock, contents.docks[GapTableDock.KEY])
    months = cast(GapMonthsDock, contents.docks[GapMonthsDock.KEY])
    yield lambda: table.model.rowCount() > 0 and months.heat.current() >= 0
    for rows in (range(3), range(4, 5)):
        table.model.mark(rows, True)
    table.table.setFocus()
    table.table.choose(2)
    table.explain(table.model.key_at(0))
    yield lambda: table.explanation is not None and bool(table.explanation.lines)
    yield pause(0.3)
    if table.explanation is not None:
        photographer.save_widget(table.explanation, "04-gaps-explanation")
        table.explanation.close()
    yield from photographer.save_variants("04-gaps")
    contents.gaps.fill(FillRequest(kinds=(GapKind.METADATA,)))
    yield lambda: contents.gaps.work is not None and contents.gaps.work.job.done > 60
    photographer.save("04-gaps")


def history_course(photographer: Photographer, session: Session) -> Course:
    """A week of runs beside two at work, the detail of one, and what failed."""
    contents, window = photographer.contents, session.window
    window.resize(*SIZE)
    yield lambda: contents.host.app is not None and contents.feed.latest is not None

    async def start_two(app: App) -> None:
        for request in (JOBS[0], JOBS[3]):
            await imports.start(app, request)

    contents.host.call(contents, start_two)
    window.show_screen(HISTORY)
    runs = cast(HistoryDock, contents.docks[HistoryDock.KEY])
    failures = cast(ErrorsDock, contents.docks[ErrorsDock.KEY])
    yield lambda: contents.feed.latest is not None and contents.feed.latest.titles > 60
    named = [
        run for row in range(runs.model.rowCount()) if isinstance(run := runs.model.run_at(row), Run) and run.job.failed
    ]
    runs.table.choose(runs.model.row_of(named[-1].key))
    failures.table.setFocus()
    yield pause(1)
    photographer.save("05-history")
    yield from photographer.save_variants("05-history")
    missed = [run for row in range(runs.model.rowCount()) if isinstance(run := runs.model.run_at(row), MissedRun)]
    if missed:
        runs.table.choose(runs.model.row_of(missed[0].key))
        yield pause(0.7)
        photographer.save("05-history-missed")
    first = failures.model.failure_at(0)
    if first is not None:
        failures.view(first)
        yield lambda: failures.dialog is not None
    if failures.dialog is not None:
        photographer.save_widget(failures.dialog, "05-history-failure")
        failures.dialog.close()
    yield pause(0.5)


def alerts_course(photographer: Photographer, session: Session) -> Course:
    """Three alerts on the overview of a week of runs, the popup under the bell, and the page of the settings."""
    contents, window = photographer.contents, session.window
    window.resize(*SIZE)
    yield lambda: contents.host.app is not None and contents.alerts.now_ms > 0
    contents.host.call(contents, alerts_demo.raise_some)
    yield lambda: len(contents.alerts.open) == 3
    yield pause(1)
    photographer.save("01-alerts-toasts")
    for toast in window.toasts.toasts():
        toast.leave()
    yield pause(0.5)
    photographer.save("01-alerts")
    yield from photographer.save_variants("01-alerts")
    contents.bell.open()
    yield pause(0.7)
    photographer.save_widget(contents.bell.centre, "01-alerts-bell")
    contents.bell.centre.close()
    added: list[object] = []
    contents.host.call(contents, alerts_demo.add_targets, added.append)
    yield lambda: bool(added)
    dialog = contents.open_settings("alerts")
    yield lambda: len(dialog.notifications.targets.cards) == 3
    yield pause(0.7)
    photographer.save_widget(dialog, "08-notifications")
    dialog.notifications.targets.add.click()
    yield pause(0.5)
    photographer.save_widget(dialog, "08-notifications-add")
    dialog.pages.currentWidget().ensureWidgetVisible(dialog.notifications.rules.rows["freshness"])  # type: ignore[attr-defined]
    yield pause(0.5)
    photographer.save_widget(dialog, "08-notifications-rules")
    dialog.close()
    yield pause(0.5)


def wizard_course(photographer: Photographer, session: Session) -> Course:
    """The first start, without a key."""
    contents = photographer.contents
    session.window.resize(*SIZE)
    yield lambda: bool(session.window.findChildren(Wizard))
    wizard = session.window.findChildren(Wizard)[0]
    wizard.show_step(KEY)
    yield pause(1)
    photographer.save_widget(wizard, "07a-wizard-key")
    wizard.show_step(SCOPE)
    yield pause(1)
    photographer.save_widget(wizard, "07b-wizard-scope")
    wizard.show_step(WIZARD_SCHEDULE)
    yield lambda: ", then " in wizard.schedule.changes.accessibleName()
    photographer.save_widget(wizard, "07c-wizard-schedule")
    wizard.close()
    yield lambda: contents.host.app is not None


COURSES: dict[str, Callable[[Photographer, Session], Course]] = {
    "demo": demo_course,
    "gaps": gaps_course,
    "history": history_course,
    "alerts": alerts_course,
    "wizard": wizard_course,
}


def take(folder: Path, part: str, *, variants: bool = False) -> str:
    """One session's pictures; returns what went wrong, or ""."""
    with tempfile.TemporaryDirectory() as data, contextlib.ExitStack() as stack:
        if part in ("gaps", "history", "alerts"):
            server = stack.enter_context(DemoServer(DemoOptions()))
            server.faults.rate_limit = 0
            if part == "gaps":
                prepare(server, Path(data))
            else:
                history_demo.prepare(Path(data))
            os.environ |= {
                "GDVG_TMDB_URL": server.url,
                "GDVG_EXPORTS_URL": server.exports_url,
                "TMDB_API_KEY": DEMO_KEY,
            }
        app = Application()
        crashes = CrashReporter(lambda: None)
        session = Session(app, ThemeFollower(app), crashes, data_dir=Path(data), demo=part == "demo")
        photographer = Photographer(session, folder, variants=variants)

        def begin() -> None:
            session.change_settings(theme="dark", reduced_motion=True)
            photographer.run(COURSES[part](photographer, session))

        session.ready.connect(begin)
        app.exec()
        session.release()
    crashes.close()
    return photographer.failure


def main() -> int:
    """Write all pictures; 1 when one could not be taken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", choices=tuple(COURSES), help="one part only; each part needs a process of its own")
    parser.add_argument("--variants", action="store_true", help="other themes and a small screen too")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.part is None:
        return max(subprocess.run(_again(options, part), check=False).returncode for part in COURSES)
    os.environ["GDVG_REQUESTS_PER_SECOND"] = "40"
    if options.part == "wizard":
        os.environ.pop("TMDB_API_KEY", None)
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    failure = take(options.folder, options.part, variants=options.variants)
    if failure:
        print(failure, file=sys.stderr)  # noqa: T201
    return int(bool(failure))


def _again(options: argparse.Namespace, part: str) -> list[str]:
    command = [sys.executable, "-m", "tests.e2e.screenshots", str(options.folder), "--part", part]
    return [*command, "--variants"] if options.variants else command


if __name__ == "__main__":
    sys.exit(main())
