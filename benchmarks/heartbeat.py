"""How evenly the window's loop beats while 40 titles a second are imported, against the same loop with nothing to do.

    python benchmarks/heartbeat.py [--rounds N] [--seconds N] [--accept RATIO]

The real window is open on the overview, against a demo server that is a process of its own. A 4 ms timer on the GUI
thread notes when it fires; phases of rest and of import take turns, and so do processes with the engine on a thread of
its own and on the window's loop. The smoother of the two is what we ship (`ui.contents.DEFAULT_LOOP`).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

from gdvg_desktop.commands import imports, jobs
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.ui.application import Application
from gdvg_desktop.ui.collector import GuiCollector
from gdvg_desktop.ui.contents import DEFAULT_LOOP, ON_GUI_THREAD
from gdvg_desktop.ui.crash import CrashReporter
from gdvg_desktop.ui.main import SWITCH_S
from gdvg_desktop.ui.session import Session
from gdvg_desktop.ui.theme import ThemeFollower

BEAT_MS = 4
RATE = 40
SETTLE_MS = 3000
FRAME_MS = 33.0


class Beats(QObject):
    """Notes the milliseconds between two beats, by phase."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: dict[str, list[float]] = {"idle": [], "import": []}
        self._phase = ""
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def enter(self, phase: str) -> None:
        """Note beats for a phase; "" notes none."""
        self._phase, self._last = phase, 0.0
        self._timer.start() if phase else self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        if self._last:
            self.gaps[self._phase].append(1000 * (now - self._last))
        self._last = now


class Course(QObject):
    """Rest, import, rest, import ... in one window, then the end."""

    def __init__(self, session: Session, beats: Beats, rounds: int, seconds: float) -> None:
        super().__init__()
        self._session, self._beats = session, beats
        self._seconds = seconds
        self._steps: list[Callable[[], int]] = [step for _ in range(rounds) for step in (self._rest, self._work)]
        self._steps.append(self._end)
        self._job = 0
        session.ready.connect(lambda: session.contents.host.opened.connect(self._begin))  # type: ignore[union-attr]

    def _ask(self, work: Any, then: Callable[[Any], None] | None = None) -> None:
        assert self._session.contents is not None
        self._session.contents.host.call(self, work, then)

    def _begin(self) -> None:
        self._ask(lambda app: imports.start(app, ImportRequest()), self._on_started)

    def _on_started(self, answer: Any) -> None:
        self._job = answer[0].id
        QTimer.singleShot(SETTLE_MS, self._pause_and_go)  # listed and under way: charts are loaded by now

    def _pause_and_go(self) -> None:
        self._ask(lambda app: jobs.pause(app, self._job))
        QTimer.singleShot(SETTLE_MS, self._next)

    def _next(self) -> None:
        length = self._steps.pop(0)()
        if length:
            QTimer.singleShot(length, self._next)

    def _rest(self) -> int:
        self._ask(lambda app: jobs.pause(app, self._job))
        QTimer.singleShot(SETTLE_MS, lambda: self._beats.enter("idle"))
        return self._phase_end()

    def _work(self) -> int:
        self._beats.enter("")
        self._ask(lambda app: jobs.resume(app, self._job))
        QTimer.singleShot(SETTLE_MS, lambda: self._beats.enter("import"))
        return self._phase_end()

    def _phase_end(self) -> int:
        self._beats.enter("")
        return SETTLE_MS + round(1000 * self._seconds)

    def _end(self) -> int:
        self._beats.enter("")
        assert self._session.contents is not None
        self._session.contents.guard.close_now()
        return 0


def child(folder: Path, rounds: int, seconds: float) -> None:
    """One window's course; prints its gaps as JSON."""
    sys.setswitchinterval(SWITCH_S)
    app = Application()
    crashes = CrashReporter(lambda: None)
    collector = GuiCollector(app)
    session = Session(app, ThemeFollower(app), crashes, data_dir=folder, demo=False)
    session.ready.connect(collector.settle)
    beats = Beats()
    course = Course(session, beats, rounds, seconds)
    app.exec()
    session.release()
    collector.close()
    crashes.close()
    del course
    print(json.dumps(beats.gaps))


@contextmanager
def demo_server() -> Iterator[str]:
    """A demo without a rate limit; gives its address."""
    command = [sys.executable, "-m", "gdvg_desktop.demo", "--rate-limit", "0", "--movies", "9000", "--series", "4000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def measure(url: str, loop: str, options: argparse.Namespace) -> dict[str, list[float]]:
    """The gaps of one process."""
    environment = {
        "QT_QPA_PLATFORM": "offscreen",
        **os.environ,
        "GDVG_TMDB_URL": url,
        "GDVG_EXPORTS_URL": f"{url.rsplit('/', 1)[0]}/p/exports",
        "GDVG_REQUESTS_PER_SECOND": str(RATE),
        "TMDB_API_KEY": "d" * 32,
        "GDVG_ENGINE_LOOP": loop,
    }
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--child", folder, "--rounds", "2", "--seconds", str(options.seconds)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout:
        raise SystemExit(f"The window failed:\n{done.stderr}")
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def share(gaps: list[float], part: float) -> float:
    """The gap that `part` of all gaps do not exceed."""
    return sorted(gaps)[min(int(part * len(gaps)), len(gaps) - 1)]


def report(loop: str, gaps: dict[str, list[float]]) -> tuple[float, bool]:
    """Print one loop's figures; returns the ratio of p99 and whether no beat was too late."""
    for phase in ("idle", "import"):
        own = gaps[phase]
        figures = f"p50 {share(own, 0.5):6.2f}  p99 {share(own, 0.99):6.2f}  worst {max(own):6.2f} ms"
        late = sum(gap > FRAME_MS for gap in own)
        print(f"{loop:7} {phase:7} {figures}  {len(own)} beats, {late} over {FRAME_MS:g} ms")
    bound = max(FRAME_MS, max(gaps["idle"]))
    return share(gaps["import"], 0.99) / share(gaps["idle"], 0.99), max(gaps["import"]) <= bound


def main() -> int:
    """Print both loops' figures; 1 when the one we ship is not accepted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--accept", type=float, default=1.5)
    parser.add_argument("--child", type=Path)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.rounds, options.seconds)
        return 0
    gaps: dict[str, dict[str, list[float]]] = {loop: {"idle": [], "import": []} for loop in ON_GUI_THREAD}
    with demo_server() as url:
        for _ in range(options.rounds):
            for loop, found in gaps.items():
                for phase, more in measure(url, loop, options).items():
                    found[phase] += more
    ratios = {}
    for loop, found in gaps.items():
        ratio, smooth = report(loop, found)
        ratios[loop] = ratio
        print(f"{loop:7} heartbeat ratio {ratio:.2f} (goal 1.3), {'no' if smooth else 'some'} beat too late")
    print(f"shipped: {DEFAULT_LOOP}")
    return 0 if ratios[DEFAULT_LOOP] <= options.accept else 1


if __name__ == "__main__":
    sys.exit(main())
