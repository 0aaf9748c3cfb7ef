"""Every test starts alone and leaves nothing behind.

Alone: an empty home folder, no setting of ours and no proxy in the environment, a keyring in memory, Qt without a
screen unless QT_QPA_PLATFORM says otherwise, and sockets to loopback only. Nothing behind: a thread or a task that
outlives its test fails it. (Unclosed sockets and files fail through pytest's warnings, which are errors.)
"""

import asyncio
import inspect
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import keyring
import keyring.backends.SecretService
import pytest

from tests.support.network import LoopbackOnly
from tests.support.secret_service import MemoryKeyring, can_run, secret_service

# Read by Qt when it starts, so set before any test imports it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LC_ALL"] = "C.UTF-8"  # numbers and dates look the same on every machine
for name in ("QT_STYLE_OVERRIDE", "QT_QPA_PLATFORMTHEME", "QT_SCALE_FACTOR", "QT_FONT_DPI"):
    os.environ.pop(name, None)

# A run begun in the background inherits that the interrupt key is ignored; the programs under test would, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

OURS = ("GDVG_", "TMDB_", "XDG_")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
FORCED_COLOUR = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS")  # each makes typer write colour codes into a pipe
LEAVING_S = 2.0  # how long a thread or task that was told to stop may take


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make `no_leaked_tasks` the outermost fixture of every async test, so that it is undone last."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
            item.fixturenames.insert(0, "no_leaked_tasks")


@pytest.fixture(scope="session")
def _guard() -> Iterator[LoopbackOnly]:
    guard = LoopbackOnly()
    with pytest.MonkeyPatch.context() as patch:
        guard.install(patch)
        yield guard


@pytest.fixture(autouse=True)
def loopback_only(_guard: LoopbackOnly) -> Iterator[None]:
    """Sockets reach this machine only."""
    yield
    reached, _guard.violations = _guard.violations, []
    if reached:
        pytest.fail(f"Reached for hosts outside loopback: {', '.join(reached)}")


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    # Dummy threads stand for threads Python did not start (Qt's); they say nothing about whether those still run.
    # asyncio_ threads belong to a loop's default executor and end when pytest-asyncio closes that loop, after this.
    started = [t for t in threading.enumerate() if t not in before and not t.name.startswith(("Dummy-", "asyncio_"))]
    for thread in started:
        thread.join(LEAVING_S)
    left = [thread.name for thread in started if thread.is_alive()]
    if left:
        pytest.fail(f"Threads still running: {', '.join(left)}")


@pytest.fixture
async def no_leaked_tasks() -> AsyncIterator[None]:
    """Fail an async test that leaves a task running. Part of every async test."""
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        _, left = await asyncio.wait(left, timeout=LEAVING_S)
    if left:
        pytest.fail(f"Tasks still running: {', '.join(str(task.get_coro()) for task in left)}")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, in a clean environment that child processes inherit."""
    for variable in os.environ:
        if variable.startswith(OURS) or variable.lower() in PROXIES or variable in FORCED_COLOUR:
            monkeypatch.delenv(variable)
    folder = tmp_path_factory.mktemp("home")
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    if sys.platform == "win32":
        monkeypatch.setenv("USERPROFILE", str(folder))
        monkeypatch.setenv("APPDATA", str(folder / "AppData" / "Roaming"))
        monkeypatch.setenv("LOCALAPPDATA", str(folder / "AppData" / "Local"))
    return folder


@pytest.fixture(autouse=True)
def memory_keyring(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    """The keyring of this test, empty and in memory. Child processes find none."""
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return backend


@pytest.fixture
def real_keyring(memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A real Secret Service, unlocked and empty, for this process and its children; Linux only."""
    if not can_run():
        pytest.skip("needs dbus and gnome-keyring (packaging/apt-ci.txt)")
    with secret_service() as environment:
        monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
        for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
            monkeypatch.setenv(name, environment[name])
        keyring.set_keyring(keyring.backends.SecretService.Keyring())
        yield
        keyring.set_keyring(memory_keyring)
