"""A second start of the program on a folder that is open: one window, in front, and nothing else."""

import contextlib
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_window import PROGRAM, query, window
from tests.support import desktop as desktops
from tests.support.command_line import CommandLine, environment_of
from tests.support.demo_process import DemoProcess
from tests.support.desktop import Desktop, desktop, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGTERM")
TITLE = "GDVG Desktop"


def environment(**more: str) -> dict[str, str]:
    given = environment_of("http://127.0.0.1:9/3", "http://127.0.0.1:9/p/exports") | {"QT_QPA_PLATFORM": "offscreen"}
    return given | {"TMDB_API_KEY": "0123456789abcdef" * 2} | more


def start(folder: Path, given: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to end by itself."""
    return subprocess.run(
        [*PROGRAM, "--data-dir", str(folder), *options],
        env=given,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def listening(given: dict[str, str]) -> bool:
    return any(one.is_socket() for one in Path(given["XDG_RUNTIME_DIR"]).glob("gdvg-desktop-*"))


def answers(given: dict[str, str]) -> bool:
    """Whether anybody is at the socket; one that was killed left it behind."""
    for path in Path(given["XDG_RUNTIME_DIR"]).glob("gdvg-desktop-*"):
        with socket.socket(socket.AF_UNIX) as talk, contextlib.suppress(OSError):
            talk.connect(str(path))
            return True
    return False


def test_the_second_start_ends_at_once_and_the_first_goes_on(tmp_path: Path, home: Path) -> None:
    given = environment(XDG_RUNTIME_DIR=str(home / "run"))
    with window(tmp_path / "data", given) as first:
        until(lambda: listening(given), "the first listening")
        again = start(tmp_path / "data", given, "--screen", "queue")
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
        assert first.poll() is None
        with window(tmp_path / "other", given) as other:
            until(lambda: len(list((home / "run").glob("gdvg-desktop-*"))) >= 2, "the other one listening")
            other.send_signal(signal.SIGTERM)
            other.communicate(timeout=30)
        first.send_signal(signal.SIGTERM)
        _out, stderr = first.communicate(timeout=30)
    assert first.returncode == 0 and stderr == ""
    assert not listening(given)


def test_after_a_kill_the_next_start_takes_over(tmp_path: Path, home: Path) -> None:
    given = environment(XDG_RUNTIME_DIR=str(home / "run"))
    with window(tmp_path / "data", given) as first:
        until(lambda: listening(given), "the first listening")
        first.kill()
        first.communicate()
        assert listening(given)
        with window(tmp_path / "data", given) as second:
            until(lambda: answers(given), "the second listening")
            assert start(tmp_path / "data", given).returncode == 0
            assert second.poll() is None
            second.send_signal(signal.SIGTERM)
            _out, stderr = second.communicate(timeout=30)
    assert second.returncode == 0 and stderr == ""


def test_a_start_while_the_first_still_stores_its_work_opens_a_window_that_takes_over(
    tmp_path: Path, home: Path
) -> None:
    folder = tmp_path / "data"
    with DemoProcess(movies=120, series=30) as demo:
        given = demo.environment(
            XDG_RUNTIME_DIR=str(home / "run"), QT_QPA_PLATFORM="offscreen", GDVG_REQUESTS_PER_SECOND="10"
        )
        CommandLine(folder, given).run("import", "start", "--queue")
        with window(folder, given) as first:
            until(lambda: listening(given), "the first listening")
            until(lambda: query(folder, "SELECT 1 FROM job WHERE added > 0"), "an import under way")
            demo.order(latency_ms=6000)
            before = demo.detail_requests()
            until(lambda: demo.detail_requests() > before, "a title on the wire")
            first.send_signal(signal.SIGTERM)
            until(lambda: not listening(given), "the window closing")
            with window(folder, given) as second:
                assert first.poll() is None
                until(lambda: answers(given), "the second listening")
                _out, stderr = first.communicate(timeout=30)
                assert (first.returncode, stderr) == (0, "")
                demo.order(latency_ms=0)
                until(lambda: query(folder, "SELECT 1 FROM job WHERE state = 'running'"), "the second working")
                assert second.poll() is None
                second.send_signal(signal.SIGTERM)
                _out, stderr = second.communicate(timeout=30)
        assert (second.returncode, stderr) == (0, "")


@pytest.mark.skipif(bool(desktops.missing()), reason=f"needs {desktops.missing()} (packaging/apt-ci.txt)")
def test_the_second_start_raises_the_first_window_unless_it_was_to_be_minimised(tmp_path: Path) -> None:
    with desktop(tray=False) as screen:
        given = environment() | screen.environment
        with window(tmp_path / "data", given, "--minimised") as first:
            until(lambda: screen.windows(TITLE, hidden=True), "the window, minimised")
            until(lambda: listening(given), "the first listening")
            assert start(tmp_path / "data", given, "--minimised").returncode == 0
            assert not screen.visible(TITLE)
            assert start(tmp_path / "data", given, "--screen", "library").returncode == 0
            until(lambda: screen.visible(TITLE), "the window in front")
            assert _managed(screen) == 1
            first.send_signal(signal.SIGTERM)
            _out, stderr = first.communicate(timeout=30)
    assert first.returncode == 0 and stderr == ""


def _managed(screen: Desktop) -> int:
    return len(screen.windows(TITLE))
