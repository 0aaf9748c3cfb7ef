"""Where both programs begin: `gdvg` (command line) and `gdvg-desktop` (window)."""

import gc
import sys
from pathlib import Path

from gdvg_desktop import __version__


def command_line() -> None:
    """Run the command line."""
    from gdvg_desktop.cli.main import main  # late: the window must not pay for typer and rich

    sys.exit(main(sys.argv[1:]))


def window() -> None:
    """Open the window."""
    gc.disable()  # loading makes no garbage worth a pause; `ui.collector` collects once there is a window
    data_dir, demo = _window_options() if len(sys.argv) > 1 else (None, False)
    from gdvg_desktop.ui.main import WindowOptions, run_window  # late: the command line must not load Qt

    sys.exit(run_window(WindowOptions(data_dir, demo)))


def _window_options() -> tuple[Path | None, bool]:
    """The data folder and whether to open the demo, from the arguments."""
    import argparse  # late: most starts have no arguments, and the first paint would wait for it

    parser = argparse.ArgumentParser(prog="gdvg-desktop", description="A complete, self-healing local mirror of TMDb.")
    parser.add_argument("--data-dir", type=Path, help="the data folder (default: GDVG_DATA_DIR, then the user's own)")
    parser.add_argument("--demo", action="store_true", help="open a made-up catalogue in a data folder of its own")
    parser.add_argument("--version", action="version", version=f"GDVG Desktop {__version__}")
    options = parser.parse_args()
    return options.data_dir, options.demo


if __name__ == "__main__":
    command_line()
