"""Where both programs begin: `gdvg` (command line) and `gdvg-desktop` (window)."""

import gc
import sys
from pathlib import Path
from typing import Any

from gdvg_desktop import __version__


def command_line() -> None:
    """Run the command line."""
    from gdvg_desktop.cli.main import main  # late: the window must not pay for typer and rich

    sys.exit(main(sys.argv[1:]))


def window() -> None:
    """Open the window."""
    gc.disable()  # loading makes no garbage worth a pause; `ui.collector` collects once there is a window
    from gdvg_desktop.ui.main import WindowOptions, run_window  # late: the command line must not load Qt

    sys.exit(run_window(WindowOptions(**_window_options()) if len(sys.argv) > 1 else WindowOptions()))


def _window_options() -> dict[str, Any]:
    """What the arguments ask for, by the names of `WindowOptions`."""
    import argparse  # late: most starts have no arguments, and the first paint would wait for it

    parser = argparse.ArgumentParser(
        prog="gdvg-desktop",
        description="A complete, self-healing local mirror of TMDb. A second start on the same data folder brings the "
        "window to the front that is open already.",
    )
    parser.add_argument("--data-dir", type=Path, help="the data folder (default: GDVG_DATA_DIR, then the user's own)")
    parser.add_argument("--demo", action="store_true", help="open a made-up catalogue in a data folder of its own")
    parser.add_argument("--minimised", action="store_true", help="start in the tray; without a tray, minimised")
    parser.add_argument("--screen", default="", help="the screen to show: overview, import, queue, gaps, library, ...")
    parser.add_argument("--version", action="version", version=f"GDVG Desktop {__version__}")
    return vars(parser.parse_args())


if __name__ == "__main__":
    command_line()
