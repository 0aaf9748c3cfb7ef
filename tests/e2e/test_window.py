"""The window as a program: it ends in order on a signal of the system, stores what it holds, and cleans up its demo."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.command_line import environment_of
from tests.support.demo_process import DemoProcess, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGTERM")
PROGRAM = [sys.executable, "-c", "from gdvg_desktop.__main__ import window; window()"]


@contextmanager
def window(folder: Path, environment: dict[str, str], *options: str) -> Iterator[subprocess.Popen[str]]:
    """A running window; killed if it is still there at the end."""
    with subprocess.Popen(
        [*PROGRAM, "--data-dir", str(folder), *options], env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def query(folder: Path, sql: str) -> list[tuple[object, ...]]:
    """What the library holds, looked at from outside; [] while there is none."""
    try:
        file = sqlite3.connect(f"file:{folder / 'library.db'}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return []
    try:
        return file.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        file.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stores_the_work_and_ends_the_window(tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "data"
    with DemoProcess(movies=300, series=100) as demo:
        environment = {**demo.environment(), "GDVG_REQUESTS_PER_SECOND": "60", "QT_QPA_PLATFORM": "offscreen"}
        queued = subprocess.run(
            [sys.executable, "-m", "gdvg_desktop", "--data-dir", str(folder), "import", "start", "--queue"],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert queued.returncode == 0, queued.stderr
        with window(folder, environment) as process:
            until(lambda: query(folder, "SELECT count(*) FROM title")[0][0] > 20, "an import under way")
            process.send_signal(how)
            _out, stderr = process.communicate(timeout=30)
        assert process.returncode == 0
        assert stderr == ""
        state, total, added = query(folder, "SELECT state, total, added FROM job")[0]
        assert state == "interrupted" and 20 < int(str(added)) < int(str(total))
        assert query(folder, "SELECT count(*) FROM title") == [(added,)]


def test_the_demos_process_ends_with_the_window(tmp_path: Path) -> None:
    environment = {**environment_of("", ""), "QT_QPA_PLATFORM": "offscreen"}
    for name in ("GDVG_TMDB_URL", "GDVG_EXPORTS_URL", "TMDB_API_KEY"):
        environment.pop(name, None)
    folder = tmp_path / "demo"
    with window(folder, environment, "--demo") as process:
        until(
            lambda: query(folder, "SELECT 1 FROM job LIMIT 1") == [] and (folder / "library.db").exists(), "a library"
        )
        children = until(lambda: _children(process.pid), "the demo's process")
        process.send_signal(signal.SIGTERM)
        _out, stderr = process.communicate(timeout=30)
    assert process.returncode == 0 and stderr == ""
    assert not [pid for pid in children if _alive(pid)]


def test_a_data_folder_that_cannot_be_is_told_and_touches_nothing(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    with window(file, {**os.environ, "QT_QPA_PLATFORM": "offscreen"}) as process:
        _out, stderr = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"The data folder {file} is a file." in stderr
    assert file.read_text(encoding="utf-8") == "mine"


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in listed.read_text().split()] if listed.exists() else []


def _alive(pid: int) -> bool:
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
