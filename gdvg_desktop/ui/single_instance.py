"""One window a data folder: a second start hands its arguments to the first, which comes to the front.

The first listens at a local socket of its user, named after the folder. A socket left by a program that was killed
answers nobody and is replaced. Nothing of this is needed for the first paint, so it is loaded after it, except where a
socket is there already.
"""

import logging
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCryptographicHash, QLockFile, QObject, Signal

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger(__name__)

CONNECT_MS = 1000
ANSWER_MS = 5000
CLAIM_MS = 10_000
MOST_BYTES = 65_536
TOKEN = "XDG_ACTIVATION_TOKEN"  # Wayland: what lets a window come to the front
_DONE = b"ok\n"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a second start wanted: a screen to show ("" for the present one), or to stay in the background."""

    screen: str = ""
    minimised: bool = False
    token: str = ""


class SingleInstance(QObject):
    """`wished(Wish)` comes in the first process for every later start on the same folder."""

    wished = Signal(object)

    def __init__(self, data_dir: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.address = address_of(data_dir)
        self._server: QLocalServer | None = None

    def hand_over(self, wish: Wish) -> bool:
        """Give a wish to the window that is open on this folder; False when there is none, or it is closing just now.

        A window that is busy is waited for; it will do as wished once it can.
        """
        if sys.platform != "win32" and not Path(self.address).exists():
            return False
        import json  # late, as the next: a first start does not need them

        from PySide6.QtNetwork import QLocalSocket

        _let_come_forward()
        socket = QLocalSocket()
        socket.connectToServer(self.address)
        if not socket.waitForConnected(CONNECT_MS):
            return False
        socket.write(json.dumps(asdict(wish)).encode() + b"\n")
        socket.waitForBytesWritten(ANSWER_MS)
        answered = socket.waitForReadyRead(ANSWER_MS) and bytes(socket.readLine().data()) == _DONE
        if not answered:
            if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
                return False
            log.warning("The window that is open does not answer")
        socket.disconnectFromServer()
        return True

    def listen(self) -> bool:
        """Become the one window of the folder; False when another one is. May be called again."""
        from PySide6.QtNetwork import QLocalServer  # late: after the first paint

        if self._server is not None:
            return True
        lock = QLockFile(lock_of(self.address))
        lock.tryLock(CLAIM_MS)  # two starts at once: only one of them may take a dead socket away
        try:
            if self._answers():
                return False
            server = QLocalServer(self)
            server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
            QLocalServer.removeServer(self.address)
            if not server.listen(self.address):
                log.warning("Another start cannot be noticed: %s", server.errorString())
                server.deleteLater()
                return True
        finally:
            lock.unlock()
        server.newConnection.connect(self._on_connection)
        self._server = server
        return True

    def close(self) -> None:
        """Listen no more; who is about to hand a wish over is told that nobody takes it."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None

    def _answers(self) -> bool:
        from PySide6.QtNetwork import QLocalSocket

        if sys.platform != "win32" and not Path(self.address).exists():
            return False
        socket = QLocalSocket()
        socket.connectToServer(self.address)
        alive = socket.waitForConnected(CONNECT_MS)
        socket.abort()
        return alive

    def _on_connection(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.setReadBufferSize(MOST_BYTES)
            socket.readyRead.connect(lambda socket=socket: self._on_bytes(socket))
            socket.disconnected.connect(socket.deleteLater)
            self._on_bytes(socket)

    def _on_bytes(self, socket: "QLocalSocket") -> None:
        if self._server is None:
            socket.abort()
            return
        if not socket.canReadLine():
            if socket.bytesAvailable() >= MOST_BYTES:
                socket.abort()
            return
        wish = read_wish(bytes(socket.readLine().data()))
        if wish is None:
            socket.abort()
            return
        socket.write(_DONE)
        socket.flush()
        socket.disconnectFromServer()
        if wish.token:
            os.environ[TOKEN] = wish.token  # Qt takes it from there when the window asks to come forward
        self.wished.emit(wish)


def read_wish(line: bytes) -> Wish | None:
    """What another start sent; None for anything that is no wish."""
    import json  # late: see `SingleInstance.hand_over`

    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    screen, minimised, token = found.get("screen", ""), found.get("minimised", False), found.get("token", "")
    if not (isinstance(screen, str) and isinstance(minimised, bool) and isinstance(token, str)):
        return None
    return Wish(screen, minimised, token)


def address_of(data_dir: Path) -> str:
    """The local socket of a data folder: a path in the user's runtime folder, or Windows' name of a pipe."""
    folder = os.path.normcase(data_dir.resolve()).encode()
    digest = QCryptographicHash.hash(folder, QCryptographicHash.Algorithm.Sha256)  # Qt's, because it is loaded already
    mark = bytes(digest.toHex().data()).decode()[:16]
    name = f"gdvg-desktop-{mark}"
    if sys.platform == "win32":
        return f"{name}-{os.environ.get('USERNAME', '')}"
    return str(_runtime_dir() / name)


def lock_of(address: str) -> str:
    """The lock held for the moment in which a window claims the address."""
    folder = Path(tempfile.gettempdir()) if sys.platform == "win32" else Path(address).parent
    return str(folder / f"{Path(address).name}.lock")


def _runtime_dir() -> Path:
    """A folder only this user can reach, with a path short enough for a socket in it."""
    given = os.environ.get("XDG_RUNTIME_DIR", "").strip()
    if given and Path(given).is_dir():
        return Path(given)
    own = Path(tempfile.gettempdir()) / f"gdvg-{os.getuid() if sys.platform != 'win32' else ''}"
    own.mkdir(mode=0o700, exist_ok=True)
    owner = own.stat()
    if sys.platform != "win32" and (owner.st_uid != os.getuid() or owner.st_mode & 0o077 or own.is_symlink()):
        return Path(tempfile.mkdtemp(prefix="gdvg-"))  # somebody else took the name: be alone rather than trust it
    return own


def _let_come_forward() -> None:
    """Windows lets a program raise its window only if the one in front allows it."""
    if sys.platform == "win32":
        import ctypes

        any_process = -1
        ctypes.windll.user32.AllowSetForegroundWindow(any_process)
