"""A notification of the program on a real notification daemon, and the click on it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gdvg_desktop.core.settings import Settings, save_settings
from tests.e2e.test_window import PROGRAM
from tests.support import desktop as desktops
from tests.support.command_line import CommandLine
from tests.support.demo_process import DemoProcess
from tests.support.desktop import desktop, until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the notification service of Linux"),
    pytest.mark.skipif(
        bool(desktops.missing(*desktops.NOTIFICATIONS)),
        reason=f"needs {desktops.missing(*desktops.NOTIFICATIONS)} (packaging/apt-ci.txt)",
    ),
    pytest.mark.timeout(180),
]
TITLE = "GDVG Desktop"


def test_a_finished_run_is_told_and_a_click_opens_the_window(demo: DemoProcess, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    save_settings(folder / "settings.toml", Settings(wizard_done=True), {})
    with desktop(tray=False, notifications=True) as screen:
        environment = demo.environment(GDVG_REQUESTS_PER_SECOND="0") | screen.environment
        gdvg = CommandLine(folder, environment)
        target = gdvg.json(
            "alerts", "targets", "add", "This desktop", "--channel", "desktop", "--event", "run_finished"
        )
        gdvg.run("alerts", "targets", "test", str(target["id"]))
        until(lambda: screen.notifications("count", "displayed") == "1", "the test message")
        assert screen.notified() == [
            (TITLE, "Test from GDVG Desktop", "Notifications to This desktop get through."),
        ]
        with subprocess.Popen(
            [*PROGRAM, "--data-dir", str(folder), "--minimised"], env=environment, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                until(lambda: screen.windows(TITLE, hidden=True), "the window in the task bar")
                assert not screen.visible(TITLE)
                gdvg.run("import", "start", "--type", "tv", "--from", "2020", "--queue")
                until(lambda: screen.notifications("count", "displayed") == "1", "the message of the finished run")
                screen.notifications("action")
                until(lambda: screen.visible(TITLE), "the window, by the click")
                app, title, body = screen.notified()[0]
                assert app == TITLE and "finished" in title and "added" in body
                process.send_signal(signal.SIGTERM)
                _out, stderr = process.communicate(timeout=30)
                assert process.returncode == 0 and stderr == ""
            finally:
                process.kill()
