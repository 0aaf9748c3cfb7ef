"""The demo server as a process of its own, for tests that stop it, start it again or count what a killed client asked.

Its counters and its truth are read over its control routes; waiting is polling them with an end.
"""

import json
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Self

from tests.support.command_line import environment_of

PATIENCE_S = 30.0
POLL_S = 0.02


def until(condition: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """Poll until the condition gives something true, and return that. Fails, naming `what`, when it never does."""
    ends = time.monotonic() + patience_s
    while not (found := condition()):
        assert time.monotonic() < ends, f"never came: {what}"
        time.sleep(POLL_S)
    return found


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class DemoProcess(AbstractContextManager["DemoProcess"]):
    """`with DemoProcess(movies=100, series=50, latency_ms=5) as demo`; `stop` and `start` keep the port.

    No rate limit unless one is given. A stopped server forgets its counters.
    """

    def __init__(self, *, movies: int, series: int, rate_limit: int = 0, **options: float) -> None:
        self._port = free_port()
        chosen = {"movies": movies, "series": series, "rate_limit": rate_limit, **options}
        self._options = [part for name, value in chosen.items() for part in (f"--{name.replace('_', '-')}", str(value))]
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def start(self) -> None:
        """Answer on the port; returns once it does."""
        command = [sys.executable, "-m", "gdvg_desktop.demo", "--port", str(self._port), *self._options]
        process = self._running.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        self._running.callback(process.kill)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == self.url

    def stop(self) -> None:
        """End at once, as a machine that lost its power."""
        self._running.close()

    @property
    def url(self) -> str:
        return f"{self._root}/3"

    @property
    def _root(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def environment(self, **changes: str) -> dict[str, str]:
        """What `gdvg` needs to take this for TMDb."""
        return environment_of(self.url, f"{self._root}/p/exports", **changes)

    def stats(self) -> Any:
        """The counters, as gdvg_desktop.demo.stats names them."""
        return self._control("stats")

    def truth(self, **wanted: str) -> set[tuple[str, int]]:
        """The (type, id) an import must deliver; names as the control route takes them, `from_` for from."""
        query = urllib.parse.urlencode({name.rstrip("_"): value for name, value in wanted.items()})
        return {(kind, tmdb_id) for kind, tmdb_id in self._control(f"truth?{query}")}

    def asked(self) -> dict[str, int]:
        """Detail requests so far by title, once nothing is on the wire any more."""
        quiet = until(lambda: (now := self.stats())["in_flight"] == 0 and now, "an idle server")
        return dict(quiet["detail_requests"])

    def detail_requests(self) -> int:
        """How many detail requests have arrived."""
        return sum(self.stats()["detail_requests"].values())

    def order(self, **actions: Any) -> Any:
        """Set switches and change the catalogue, as gdvg_desktop.demo.control takes it; what was done."""
        body = json.dumps(actions).encode()
        request = urllib.request.Request(f"{self._root}/_demo/faults", data=body, method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def _control(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self._root}/_demo/{path}", timeout=10) as answer:
            return json.load(answer)
