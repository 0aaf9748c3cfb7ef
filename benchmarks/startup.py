"""How much longer our window takes to its first paint than an empty PySide6 main window of the same size.

    python benchmarks/startup.py [--runs N] [--accept RATIO]

Each run is a process of its own, timed from before it is started until its window has been painted; the two kinds take
turns. Ours starts as `gdvg-desktop` does, on a data folder that has been used before. Only the ratio means something.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

EMPTY = """
import os, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, done)

def done():
    print(time.monotonic(), flush=True)
    os._exit(0)

app = QApplication([])
window = Window()
window.resize(1600, 1000)
window.show()
app.exec()
"""

OURS = """
import os, sys, time
from gdvg_desktop.__main__ import window
from gdvg_desktop.ui.session import Session

def done(_session):
    print(time.monotonic(), flush=True)
    os._exit(0)

Session._load = done  # called when the first paint is over; what it begins belongs to nobody's first paint
os.environ["GDVG_DATA_DIR"] = sys.argv[1]
sys.argv = ["gdvg-desktop"]
window()
"""


def once(program: str, folder: str) -> float:
    """Seconds from the start of the process to its first paint. The clock is the machine's, one for all processes."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its byte code
    environment["PYTHONPYCACHEPREFIX"] = f"{folder}/bytecode"
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, f"{folder}/data"], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"A window did not open:\n{done.stderr}")
    return float(done.stdout.split()[-1]) - began


def main() -> int:
    """Print the medians and their ratio; 1 when it is not accepted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--accept", type=float, default=2.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for program in (EMPTY, OURS):  # byte code, font cache and data folder are there from now on
            once(program, folder)
        pairs = [(once(EMPTY, folder), once(OURS, folder)) for _ in range(options.runs)]
    empty, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(mine / floor for floor, mine in pairs)
    print(f"empty window {empty:.3f} s, ours {ours:.3f} s")
    print(f"start-up ratio {ratio:.2f} (goal 1.5, accept {options.accept:g})")
    return 0 if ratio <= options.accept else 1


if __name__ == "__main__":
    sys.exit(main())
