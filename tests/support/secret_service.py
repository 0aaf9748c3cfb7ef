"""Keyrings for tests: one in memory, and the real Secret Service of Linux on a private bus.

Tests get the one in memory by themselves. A test about the real one asks for the fixture `real_keyring`.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """Holds passwords for one test."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.passwords.pop((service, username), None) is None:
            raise PasswordDeleteError("No such password.")


def can_run() -> bool:
    """Whether this machine has what `secret_service` starts."""
    return bool(shutil.which("dbus-daemon") and shutil.which("gnome-keyring-daemon"))


@contextlib.contextmanager
def secret_service() -> Iterator[dict[str, str]]:
    """An unlocked, empty gnome-keyring on a session bus of its own; yields the environment that leads to it."""
    # A short path, because a socket's path may have 107 characters.
    with tempfile.TemporaryDirectory(prefix="gdvg-") as folder, contextlib.ExitStack() as stack:
        home = Path(folder)
        runtime = home / "run"
        runtime.mkdir(mode=0o700)
        environment = os.environ | {
            "HOME": folder,
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_RUNTIME_DIR": str(runtime),
        }
        environment.pop("PYTHON_KEYRING_BACKEND", None)
        bus = stack.enter_context(_running(["dbus-daemon", "--session", "--nofork", "--print-address=1"], environment))
        assert bus.stdout is not None
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        daemon = stack.enter_context(
            _running(
                ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"],
                environment,
                first_input=b"test\n",
            )
        )
        assert daemon.stdout is not None
        daemon.stdout.readline()  # it names its control socket once it is unlocked
        yield environment


@contextlib.contextmanager
def _running(
    command: list[str], environment: dict[str, str], first_input: bytes = b""
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(first_input)
        process.stdin.close()
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=10)
