"""A control API that runs over a demo server, on its own thread, and who asks it things."""

import asyncio
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from gdvg_desktop.api.server import serve
from gdvg_desktop.app import App
from gdvg_desktop.commands import scheduled
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.core.secrets import SecretStore
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.store.db import READERS
from tests.support.library import app_on, until

T = TypeVar("T")
TOKEN = "test-token-of-the-control-api-0123456789"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Reply:
    """An answer: status, headers by lower-case name, and the document."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Client:
    """Asks one server, with the right token unless told otherwise."""

    port: int
    token: str | None = TOKEN

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request. Header names are written with _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        data = None
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.root + path, data=data, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Reply(answer.status, _lower(answer.headers), answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, _lower(error.headers), error.read().decode())

    def get(self, path: str) -> Any:
        """The document of a good answer."""
        return self._good(self.ask("GET", path))

    def post(self, path: str, body: Any = None) -> Any:
        """The document of a good answer."""
        return self._good(self.ask("POST", path, body))

    @staticmethod
    def _good(answer: Reply) -> Any:
        assert answer.status < 300, answer
        return answer.json


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@dataclass(frozen=True)
class Served:
    """A running program with its API: the client, and a way to run commands in its loop."""

    client: Client
    app: App
    loop: asyncio.AbstractEventLoop

    def run(self, command: Callable[[App], Coroutine[Any, Any, T]]) -> T:
        """Run a command in the program."""
        return asyncio.run_coroutine_threadsafe(command(self.app), self.loop).result(60)


@contextmanager
def served(demo: DemoServer, folder: Path, *, own_thread: bool = False, **changes: Any) -> Iterator[Served]:
    """A program with engine, schedule and API on a thread of its own."""
    port = free_port()
    ready, stop = threading.Event(), asyncio.Event()
    found: list[Served] = []
    trouble: list[BaseException] = []

    async def live() -> None:
        async with app_on(demo, folder, api_enabled=True, api_port=port, **changes) as app:
            app.secrets = SecretStore({"GDVG_API_TOKEN": TOKEN})
            tasks = [asyncio.create_task(scheduled.work(app)), asyncio.create_task(serve(app, own_thread=own_thread))]
            try:
                await until(lambda: answers(port), "a server")
                await _start_readers(app)
                found.append(Served(Client(port), app, asyncio.get_running_loop()))
                ready.set()
                await stop.wait()
            finally:
                for task in tasks:
                    task.cancel()
                for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                    if isinstance(outcome, Exception):
                        trouble.append(outcome)

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:
            trouble.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="program")
    thread.start()
    ready.wait(30)
    try:
        if not found:
            raise AssertionError(f"the program did not start: {trouble}")
        yield found[0]
    finally:
        if found:
            found[0].loop.call_soon_threadsafe(stop.set)
        thread.join(30)
    assert not trouble, trouble


async def _start_readers(app: App) -> None:
    """Have all reader threads running: one that came with a later read would look like left behind by a test."""
    together = threading.Barrier(READERS)
    await asyncio.gather(*(app.store.read(lambda _db: together.wait(10)) for _ in range(READERS)))


def answers(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as asking:
        asking.settimeout(1)
        return asking.connect_ex(("127.0.0.1", port)) == 0


def settled(client: Client) -> None:
    """Wait until every job has ended, those that others have queued among them."""
    ends = time.monotonic() + 30
    while not all(JobState(one["state"]).finished for one in client.get("/api/import/jobs")["jobs"]):
        assert time.monotonic() < ends
        time.sleep(0.05)
