"""`gdvg demo ...`: the made-up catalogue on this machine, served as a process of its own."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from gdvg_desktop.cli import imports
from gdvg_desktop.cli.session import Session
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.paths import default_data_dir

cli = typer.Typer(no_args_is_help=True)
DEMO_KEY = "d" * 32  # any well-shaped key opens the demo


@cli.command("serve")
def serve(
    port: Annotated[int, typer.Option("--port", help="The port on 127.0.0.1; 0 takes a free one.")] = 8765,
    rate: Annotated[int, typer.Option("--rate-limit", help="Requests a second it allows; 0 for no limit.")] = 40,
) -> None:
    """Serve the demo catalogue until stopped."""
    # a process of its own: the demo shares nothing with the program it plays TMDb for
    command = [sys.executable, "-m", "gdvg_desktop.demo", "--port", str(port), "--rate-limit", str(rate)]
    try:
        raise typer.Exit(subprocess.run(command, check=False).returncode)
    except KeyboardInterrupt:
        raise typer.Exit from None


@cli.command("import")
def import_all(context: typer.Context) -> None:
    """Import the whole demo catalogue into the demo's own data folder."""
    session: Session = context.obj
    if session.data_dir is None:
        session.data_dir = default_data_dir(demo=True)
    with running_demo() as url:
        os.environ["GDVG_TMDB_URL"] = url
        os.environ["GDVG_EXPORTS_URL"] = url.rsplit("/", 1)[0] + "/p/exports"
        os.environ["TMDB_API_KEY"] = DEMO_KEY
        os.environ.setdefault("GDVG_REQUESTS_PER_SECOND", "40")  # what the demo allows, as TMDb does
        session.err.print(f"Importing the demo catalogue into {session.data_dir}")
        imports.start(context)


@contextlib.contextmanager
def running_demo() -> Iterator[str]:
    """A demo server as a child process; gives its API address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gdvg_desktop.demo", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().split()
        if not line:
            raise GdvgError("The demo server did not start.", "Try: gdvg demo serve.")
        yield next(word for word in line if word.startswith("http"))
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
