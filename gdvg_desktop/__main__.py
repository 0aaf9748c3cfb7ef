"""Where both programs begin: `gdvg` (command line) and `gdvg-desktop` (window)."""

import sys


def command_line() -> None:
    """Run the command line."""
    from gdvg_desktop.cli.main import main  # late: the window must not pay for typer and rich

    sys.exit(main(sys.argv[1:]))


def window() -> None:
    """Open the window."""
    from gdvg_desktop.ui.main import main  # late: the command line must not load Qt

    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    command_line()
