"""What tests/conftest.py promises: each test is kept apart from the machine, and leaving something behind fails it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import keyring
import pytest

from tests.support.network import LoopbackOnly, OutsideLoopback
from tests.support.secret_service import MemoryKeyring

CHECKOUT = Path(__file__).parent.parent

LEAKY_TESTS = """
import asyncio, socket, threading
import pytest

released = threading.Event()

@pytest.fixture(scope="module", autouse=True)
def release():
    yield
    released.set()

def test_leaves_a_thread():
    threading.Thread(target=released.wait, name="forgotten").start()

async def forgotten_task():
    await asyncio.Event().wait()

async def test_leaves_a_task():
    test_leaves_a_task.task = asyncio.create_task(forgotten_task())

def test_swallows_the_guard():
    try:
        socket.create_connection(("192.0.2.1", 80))
    except RuntimeError:
        pass

def test_leaves_a_socket():
    socket.socket()

def test_cleans_up_after_itself():
    thread = threading.Thread(target=int)
    thread.start()
"""


def test_what_a_test_leaves_behind_fails_it(tmp_path: Path) -> None:
    leaky = tmp_path / "test_leaky.py"
    leaky.write_text(LEAKY_TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", CHECKOUT / "pyproject.toml", leaky],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    assert "Threads still running: forgotten" in done.stdout
    assert "Tasks still running" in done.stdout and "forgotten_task" in done.stdout
    assert "Reached for hosts outside loopback: 192.0.2.1" in done.stdout
    assert "ResourceWarning: unclosed" in done.stdout
    assert "1 failed, 4 passed, 3 errors" in done.stdout


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.com"])
def test_a_host_outside_loopback_is_refused_before_anything_is_sent(host: str) -> None:
    guard = LoopbackOnly()  # one of its own, so that the suite's does not count this
    with pytest.MonkeyPatch.context() as patch:
        guard.install(patch)
        with pytest.raises(OutsideLoopback, match=host):
            socket.create_connection((host, 80))
    assert guard.violations == [host]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_open(host: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection((host, server.getsockname()[1])) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_an_invalid_host_does_not_resolve() -> None:
    with pytest.raises(socket.gaierror):
        socket.create_connection(("nowhere.invalid", 80))


def test_home_is_empty_and_our_settings_are_gone(home: Path) -> None:
    assert Path.home() == home
    assert [path.name for path in home.iterdir()] == ["run"]
    assert not [name for name in os.environ if name.startswith(("GDVG_", "TMDB_"))]


def test_the_keyring_is_in_memory_and_children_have_none(memory_keyring: MemoryKeyring) -> None:
    keyring.set_password("service", "user", "secret")
    assert memory_keyring.passwords == {("service", "user"): "secret"}
    assert "NoKeyringError" in password_of_a_child().stderr


def test_the_real_keyring_is_there_when_asked_for(real_keyring: None) -> None:
    assert keyring.get_password("service", "user") is None
    keyring.set_password("service", "user", "geheim-äöü")
    assert keyring.get_password("service", "user") == "geheim-äöü"
    assert password_of_a_child().stdout == ascii("geheim-äöü")


def password_of_a_child() -> subprocess.CompletedProcess[str]:
    """A child process that looks into its keyring."""
    code = "import keyring, sys; sys.stdout.write(ascii(keyring.get_password('service', 'user')))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
