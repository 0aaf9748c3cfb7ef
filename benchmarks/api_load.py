"""200 requests a second of the control API for half a minute while 40 titles a second are imported: no error may come,
and the window's loop must go on beating.

    python benchmarks/api_load.py [--seconds N] [--requests N] [--accept RATIO]

The real window is open on the overview, against a demo server; whoever asks is a process of its own, with ten
connections. The loop's beats are compared with those of the same window at rest in the same run, before and after, and
with those of the import alone.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtCore import QTimer

from benchmarks.heartbeat import RATE, SETTLE_MS, Beats, Course, demo_server, share
from gdvg_desktop.commands import jobs
from gdvg_desktop.ui.application import Application
from gdvg_desktop.ui.collector import GuiCollector
from gdvg_desktop.ui.crash import CrashReporter
from gdvg_desktop.ui.main import SWITCH_S
from gdvg_desktop.ui.session import Session
from gdvg_desktop.ui.theme import ThemeFollower

TOKEN = "b" * 43
ASKER = Path(__file__).with_name("api_asker.py")


class Loaded(Course):
    """Rest, import, import with requests, rest again."""

    def __init__(self, session: Session, beats: Beats, seconds: float, requests: int, port: int) -> None:
        super().__init__(session, beats, 1, seconds)
        self._requests, self._port = requests, port
        self.asking: subprocess.Popen[str] | None = None
        self._beats.gaps["asked"] = []
        self._steps = [self._rest_short, self._work, self._asked, self._rest_short, self._end]

    def _rest_short(self) -> int:
        self._beats.enter("")
        self._ask(lambda app: jobs.pause(app, self._job))
        QTimer.singleShot(SETTLE_MS, lambda: self._beats.enter("idle"))
        return SETTLE_MS + round(1000 * self._seconds / 2)

    def _asked(self) -> int:
        self._beats.enter("")
        command = [sys.executable, str(ASKER), str(self._port), TOKEN, str(self._requests)]
        command.append(str(self._seconds + SETTLE_MS / 1000))
        self.asking = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        QTimer.singleShot(SETTLE_MS, lambda: self._beats.enter("asked"))
        return self._phase_end()


def child(folder: Path, seconds: float, requests: int, port: int) -> None:
    """One window's course; prints its gaps, and what came of the requests, as JSON."""
    sys.setswitchinterval(SWITCH_S)
    app = Application()
    crashes = CrashReporter(lambda: None)
    collector = GuiCollector(app)
    session = Session(app, ThemeFollower(app), crashes, data_dir=folder, demo=False)
    session.ready.connect(collector.settle)
    beats = Beats()
    course = Loaded(session, beats, seconds, requests, port)
    app.exec()
    assert course.asking is not None
    said, _ = course.asking.communicate(timeout=30)
    session.release()
    collector.close()
    crashes.close()
    del course
    print(json.dumps({"gaps": beats.gaps, "asked": json.loads(said)}))


def main() -> int:
    """Print the figures; 1 when a request failed, too few were asked, or the loop was held up."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--accept", type=float, default=1.5)
    parser.add_argument("--child", type=Path)
    parser.add_argument("--port", type=int, default=18790)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.seconds, options.requests, options.port)
        return 0
    with demo_server() as url, tempfile.TemporaryDirectory() as folder:
        environment = {
            "QT_QPA_PLATFORM": "offscreen",
            **os.environ,
            "GDVG_TMDB_URL": url,
            "GDVG_EXPORTS_URL": f"{url.rsplit('/', 1)[0]}/p/exports",
            "GDVG_REQUESTS_PER_SECOND": str(RATE),
            "TMDB_API_KEY": "d" * 32,
            "GDVG_API_ENABLED": "true",
            "GDVG_API_PORT": str(options.port),
            "GDVG_API_TOKEN": TOKEN,
        }
        command = [sys.executable, __file__, "--child", folder, "--seconds", str(options.seconds)]
        command += ["--requests", str(options.requests), "--port", str(options.port)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout:
        raise SystemExit(f"The window failed:\n{done.stderr}")
    found = json.loads(done.stdout.splitlines()[-1])
    gaps, asked = found["gaps"], found["asked"]
    for phase, words in (("idle", "at rest"), ("import", "import"), ("asked", "import and requests")):
        own = gaps[phase]
        figures = f"p50 {share(own, 0.5):6.2f}  p99 {share(own, 0.99):6.2f}  worst {max(own):6.2f} ms"
        print(f"{words:20} {figures}  {len(own)} beats")
    failed = sum(count for status, count in asked["statuses"].items() if status != "200")
    print(
        f"{asked['rate']:.0f} requests a second: p50 {asked['p50']:.1f}  p99 {asked['p99']:.1f}  "
        f"worst {asked['worst']:.0f} ms; answers {asked['statuses']}"
    )
    ratio, alone = (share(gaps[phase], 0.99) / share(gaps["idle"], 0.99) for phase in ("asked", "import"))
    print(f"the import alone {alone:.2f}")
    print(f"heartbeat ratio under requests {ratio:.2f} (goal {options.accept:g}), {failed} requests failed (goal 0)")
    enough = asked["rate"] >= 0.95 * options.requests
    return 0 if ratio <= options.accept and not failed and enough else 1


if __name__ == "__main__":
    sys.exit(main())
