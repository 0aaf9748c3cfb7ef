"""`gdvg demo serve` as a user starts it: it says where it listens, answers there and ends when asked."""

import signal
import sys
import urllib.request

import pytest

from tests.support.command_line import CommandLine


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process there")
def test_the_demo_serves_until_it_is_stopped(gdvg: CommandLine) -> None:
    with gdvg.start("demo", "serve", "--port", "0") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = next(word for word in line.split() if word.startswith("http"))
        with urllib.request.urlopen(url.rsplit("/", 1)[0] + "/_demo/stats", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 0
