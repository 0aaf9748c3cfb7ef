"""One window a data folder: who comes second hands over and leaves, and nothing dead stands in the way."""

import os
import socket
import stat
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.ui.single_instance import SingleInstance, Wish, address_of, read_wish

SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from gdvg_desktop.ui.single_instance import SingleInstance, Wish
app = QCoreApplication([])
sys.exit(0 if SingleInstance(Path(sys.argv[1])).hand_over(Wish("queue", False, "token")) else 3)
"""


def second(folder: Path) -> QProcess:
    """A process of its own that hands a wish over."""
    process = QProcess()
    process.start(sys.executable, ["-c", SECOND, str(folder)])
    return process


def ended(qtbot: QtBot, process: QProcess) -> int:
    qtbot.waitUntil(lambda: process.state() == QProcess.ProcessState.NotRunning, timeout=20_000)
    return process.exitCode()


def test_a_second_process_hands_its_wish_to_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    assert not first.hand_over(Wish()) and first.listen() and first.listen()
    wishes: list[Wish] = []
    first.wished.connect(wishes.append)
    assert ended(qtbot, second(tmp_path)) == 0
    assert wishes == [Wish("queue", False, "token")]
    assert os.environ.pop("XDG_ACTIVATION_TOKEN") == "token"
    first.close()
    assert ended(qtbot, second(tmp_path)) == 3


def test_a_window_that_closes_takes_no_wish_from_who_had_reached_it(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    assert first.listen()
    wishes: list[Wish] = []
    first.wished.connect(wishes.append)
    server = first._server
    assert server is not None
    server.newConnection.disconnect(first._on_connection)  # reached, and nothing was read of it yet
    process = second(tmp_path)
    assert server.waitForNewConnection(20_000)[0]
    first.close()
    assert ended(qtbot, process) == 3
    assert wishes == []


def test_other_folders_are_other_instances(qapp: QApplication, tmp_path: Path) -> None:
    one, other = SingleInstance(tmp_path / "a"), SingleInstance(tmp_path / "a-demo")
    assert one.address != other.address
    assert one.listen() and other.listen()
    assert address_of(tmp_path / "b" / ".." / "a") == one.address
    one.close()
    other.close()


def test_a_folder_that_is_claimed_is_not_claimed_again(qapp: QApplication, tmp_path: Path) -> None:
    first, late = SingleInstance(tmp_path), SingleInstance(tmp_path)
    assert first.listen()
    assert not late.listen()
    first.close()
    assert late.listen()
    late.close()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Windows end with their process")
def test_a_socket_left_by_a_crash_is_replaced_and_private(qapp: QApplication, tmp_path: Path) -> None:
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(address_of(tmp_path))
    dead.listen()
    dead.close()  # as kill -9 leaves it: the name is there, nobody listens
    instance = SingleInstance(tmp_path)
    assert not instance.hand_over(Wish())
    assert instance.listen()
    assert stat.S_IMODE(Path(instance.address).stat().st_mode) & 0o077 == 0
    instance.close()
    assert not Path(instance.address).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a folder of POSIX")
def test_without_a_runtime_folder_it_is_a_private_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = Path(address_of(tmp_path)).parent
    assert folder == tmp_path / f"gdvg-{os.getuid()}" and stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)  # others could put a socket there
    assert Path(address_of(tmp_path)).parent != folder


@pytest.mark.parametrize(
    "line",
    [b"", b"no json\n", b"[]\n", b'{"screen": 3}\n', b'{"minimised": "yes"}\n', b'{"token": null}\n', b"\xff\xfe\n"],
)
def test_what_is_no_wish_is_not_taken_for_one(line: bytes) -> None:
    assert read_wish(line) is None


def test_rubbish_at_the_socket_ends_the_talk_and_nothing_else(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    assert first.listen()
    wishes: list[Wish] = []
    first.wished.connect(wishes.append)
    for rubbish in (b"{}{}\n", b"x" * 200_000):
        talk = QLocalSocket()
        talk.connectToServer(first.address)
        assert talk.waitForConnected(1000)
        talk.write(rubbish)
        qtbot.waitUntil(
            lambda talk=talk: talk.state() == QLocalSocket.LocalSocketState.UnconnectedState, timeout=10_000
        )
    assert wishes == []
    assert ended(qtbot, second(tmp_path)) == 0
    assert len(wishes) == 1
    os.environ.pop("XDG_ACTIVATION_TOKEN", None)
    first.close()
