"""What every verb shares: opening the app, running one coroutine, printing, and exit codes.

Human output goes to stdout, progress and errors to stderr; with `--json` stdout holds exactly one JSON document: the
result, or `{"error": {"title", "message", "hint"}}` when there is none.
"""

import asyncio
import json
import logging
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console

from gdvg_desktop.app import App, open_app
from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.core.log import start_logging, stop_logging
from gdvg_desktop.core.paths import default_data_dir, open_paths
from gdvg_desktop.core.settings import Settings, load_settings

T = TypeVar("T")
EXIT_UNEXPECTED = 1
EXIT_INTERRUPTED = 130
PIPE_WIDTH = 10_000


class Interrupted(Exception):
    """The user pressed Ctrl-C or the system asked us to end; the state is saved."""


@dataclass(slots=True)
class Session:
    """The options before the verb, and where output goes."""

    data_dir: Path | None = None
    as_json: bool = False
    out: Console = None  # type: ignore[assignment]
    err: Console = None  # type: ignore[assignment]
    answered: bool = False  # True when stdout has what it is to hold

    def __post_init__(self) -> None:
        # without markup: a title or a job may be named [/] and is printed as it is
        # in a pipe or a file no column is cut short: whoever reads there has no width
        width = None if sys.stdout.isatty() else PIPE_WIDTH
        self.out = Console(highlight=False, soft_wrap=True, markup=False, width=width)
        self.err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)

    @asynccontextmanager
    async def app(self, *, engine: bool = False, key_wait_s: float | None = None, **changes: Any) -> AsyncIterator[App]:
        """The app on this session's data folder, as `open_app` gives it; `changes` override settings for this run."""
        paths = open_paths(self.data_dir or default_data_dir())
        settings = load_settings(paths.settings)
        handlers = start_logging(paths.logs, stderr=False)
        try:
            async with open_app(paths, _with(settings, changes), engine=engine, key_wait_s=key_wait_s) as app:
                yield app
        finally:
            stop_logging(handlers)

    def emit(self, document: Any) -> None:
        """Print the one JSON document of this run."""
        self.answered = True
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

    def run(self, work: Callable[[], Coroutine[Any, Any, int]]) -> NoReturn:
        """Run a verb and end with its exit code. Known errors become one clear sentence on stderr."""
        raise typer.Exit(self._run(work))

    def _run(self, work: Callable[[], Coroutine[Any, Any, int]]) -> int:
        try:
            return asyncio.run(_with_signals(work))
        except GdvgError as error:
            return self.fail(error)
        except BaseExceptionGroup as group:
            known = group.subgroup(GdvgError)
            if known is None:
                return self.crash(group)
            first: BaseException = known
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            assert isinstance(first, GdvgError)
            return self.fail(first)
        except (Interrupted, KeyboardInterrupt):
            message, hint = "What was fetched is stored.", "Start it again to go on."
            self.err.print(f"Interrupted. {message} {hint}")
            self.answer_error("Interrupted", message, hint)
            return EXIT_INTERRUPTED
        except BrokenPipeError:
            sys.stderr.close()
            return 1
        except Exception as error:
            return self.crash(error)

    def fail(self, error: GdvgError) -> int:
        """Say what happened and what to do; returns the exit code."""
        title, message, hint = redact(error.title), redact(error.message), redact(error.hint)
        self.err.print(f"{title}: {message}", style="red")
        if hint:
            self.err.print(hint)
        self.answer_error(title, message, hint)
        return error.exit_code

    def crash(self, error: BaseException) -> int:
        """Say what a bug left behind, without secrets; returns the exit code."""
        self.err.print(redact("".join(traceback.format_exception(error))))
        self.answer_error("Unexpected error", redact(str(error)), "Please report it with what stderr says.")
        return EXIT_UNEXPECTED

    def answer_error(self, title: str, message: str, hint: str) -> None:
        """With `--json`: print the error as the document of this run, unless it has one already."""
        if self.as_json and not self.answered:
            self.emit({"error": {"title": title, "message": message, "hint": hint}})


def whole_number(text: str) -> int:
    """Read a whole number of an option, naming what is none."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is not a whole number.") from None


def check_limit(limit: int) -> None:
    """Raises UsageError for a number of rows that cannot be shown."""
    if limit < 1:
        raise UsageError(f"A limit of {limit} is not accepted.", "Use 1 or more.")


def _with(settings: Settings, changes: dict[str, Any]) -> Settings:
    from dataclasses import replace

    return replace(settings, **{name: value for name, value in changes.items() if value is not None})


async def _with_signals(work: Callable[[], Awaitable[int]]) -> int:
    """Turn SIGINT and SIGTERM into a cancellation, so that what is held is stored before we end."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work())
    interrupted = False

    def stop() -> None:
        nonlocal interrupted
        interrupted = True
        task.cancel()

    names = (signal.SIGINT, signal.SIGTERM)
    if sys.platform == "win32":  # its loops have no add_signal_handler
        previous = {name: signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop)) for name in names}
    else:
        for name in names:
            loop.add_signal_handler(name, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if interrupted:
            raise Interrupted from None
        raise
    finally:
        if sys.platform == "win32":
            for name, handler in previous.items():
                signal.signal(name, handler)
        else:
            for name in names:
                loop.remove_signal_handler(name)
        logging.getLogger("asyncio").setLevel(logging.WARNING)
