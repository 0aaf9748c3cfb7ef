"""Posters come from memory, disk or the host, in that order; offline costs nothing and harms nothing."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QColor, QImage, QPixmap
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands.images import ImageSource
from gdvg_desktop.core.credentials import CredentialStore
from gdvg_desktop.core.events import Bus
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.poster_files import MAX_AGE_S, PosterFiles
from gdvg_desktop.ui.posters import CONNECTIONS, FIRST_PAUSE_S, LineGuard, PosterMemory, Posters


def png(width: int = 185, colour: str = "#336699") -> bytes:
    image = QImage(width, width * 3 // 2, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


class ImageHost:
    """An image host on loopback that counts, and fails as told."""

    def __init__(self) -> None:
        host = self
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.status, self.type, self.body = 200, "image/png", png()
        self.most_at_once = 0
        self.hold: threading.Event | None = None
        self._at_once = 0
        self._lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with host._lock:
                    host.asked.append(self.path)
                    host.headers.append(dict(self.headers))
                    host._at_once += 1
                    host.most_at_once = max(host.most_at_once, host._at_once)
                if host.hold is not None:
                    host.hold.wait(10)
                with host._lock:
                    host._at_once -= 1
                self.send_response(host.status)
                self.send_header("Content-Type", host.type)
                self.send_header("Content-Length", str(len(host.body)))
                self.end_headers()
                self.wfile.write(host.body)

            def log_message(self, *_args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.source = ImageSource(f"http://127.0.0.1:{self._server.server_port}/t/p/")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="image host")
        self._thread.start()

    def close(self) -> None:
        if self.hold is not None:
            self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Now:
    """A clock set by hand."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def posters(qtbot: QtBot, tmp_path: Path, now: Now) -> Iterator[Posters]:
    host = Host(Paths(tmp_path), Settings(), Bus(), CredentialStore())  # never started: the source is given by hand
    made = Posters(host, tmp_path / "posters", guard=LineGuard(now))
    yield made
    made.close()


@pytest.fixture
def image_host(posters: Posters) -> Iterator[ImageHost]:
    host = ImageHost()
    posters.use_source(host.source)
    yield host
    posters.close()  # its connections first, or the host waits for them
    host.close()


def wait_for(qtbot: QtBot, posters: Posters, path: str, width: int = 56) -> QPixmap:
    qtbot.waitUntil(lambda: posters.poster(path, width) is not None)
    found = posters.poster(path, width)
    assert found is not None
    return found


def test_a_poster_is_fetched_once_in_the_smallest_size_that_is_sharp(
    qtbot: QtBot, posters: Posters, image_host: ImageHost
) -> None:
    assert posters.poster("/a.jpg", 120) is None
    pixmap = wait_for(qtbot, posters, "/a.jpg", 120)
    assert pixmap.width() == 120
    assert image_host.asked == ["/t/p/w154/a.jpg"]
    assert "Authorization" not in image_host.headers[0]
    assert image_host.headers[0]["User-Agent"].startswith("GDVG-Desktop/")


def test_the_next_start_takes_it_from_disk(
    qtbot: QtBot, posters: Posters, image_host: ImageHost, tmp_path: Path, now: Now
) -> None:
    wait_for(qtbot, posters, "/a.jpg")
    host = Host(Paths(tmp_path), Settings(), Bus(), CredentialStore())
    later = Posters(host, tmp_path / "posters", guard=LineGuard(now))
    try:
        wait_for(qtbot, later, "/a.jpg")
    finally:
        later.close()
    assert len(image_host.asked) == 1


def test_at_most_six_connections_are_open(qtbot: QtBot, posters: Posters, image_host: ImageHost) -> None:
    image_host.hold = threading.Event()
    paths = [f"/{n}.jpg" for n in range(30)]
    for path in paths:
        posters.poster(path, 56)
    qtbot.waitUntil(lambda: len(image_host.asked) == CONNECTIONS)
    image_host.hold.set()
    for path in paths:
        wait_for(qtbot, posters, path)
    assert image_host.most_at_once == CONNECTIONS
    assert sorted(image_host.asked) == sorted(f"/t/p/w92{path}" for path in paths)


def test_a_poster_the_host_does_not_have_is_asked_for_once(
    qtbot: QtBot, posters: Posters, image_host: ImageHost
) -> None:
    image_host.status, image_host.type, image_host.body = 404, "text/html", b"<h1>not found</h1>"
    posters.poster("/gone.jpg", 56)
    qtbot.waitUntil(lambda: len(image_host.asked) == 1)
    image_host.status, image_host.type, image_host.body = 200, "image/png", png()
    wait_for(qtbot, posters, "/here.jpg")  # one missing poster does not stop the others
    assert posters.poster("/gone.jpg", 56) is None
    wait_for(qtbot, posters, "/here2.jpg")
    assert "/t/p/w92/gone.jpg" not in image_host.asked[1:]


@pytest.mark.parametrize(("status", "content_type"), [(200, "text/html"), (503, "text/plain"), (302, "text/html")])
def test_a_host_in_trouble_is_left_alone_and_then_tried_once(
    qtbot: QtBot, posters: Posters, image_host: ImageHost, now: Now, status: int, content_type: str
) -> None:
    good = image_host.body
    image_host.status, image_host.type, image_host.body = status, content_type, b"<html>log in</html>"
    posters.poster("/a.jpg", 56)
    qtbot.waitUntil(lambda: posters.poster("/a.jpg", 56) is None and posters._guard.closed)
    asked = len(image_host.asked)
    for n in range(20):
        posters.poster(f"/{n}.jpg", 56)
    qtbot.waitUntil(lambda: not posters._wishes and not posters._under_way)
    assert len(image_host.asked) == asked
    image_host.status, image_host.type, image_host.body = 200, "image/png", good
    now.at += FIRST_PAUSE_S + 1
    wait_for(qtbot, posters, "/a.jpg")
    wait_for(qtbot, posters, "/3.jpg")


def test_a_host_that_is_not_there_is_quiet(qtbot: QtBot, posters: Posters) -> None:
    posters.use_source(ImageSource("http://127.0.0.1:9/t/p/"))
    posters.poster("/a.jpg", 56)
    qtbot.waitUntil(lambda: posters._guard.closed)
    assert posters.poster("/a.jpg", 56) is None


def test_a_damaged_file_on_disk_is_fetched_again(
    qtbot: QtBot, posters: Posters, image_host: ImageHost, tmp_path: Path
) -> None:
    PosterFiles(tmp_path / "posters").write("w92", "/a.jpg", b"no image")
    wait_for(qtbot, posters, "/a.jpg")
    assert len(image_host.asked) == 1


def test_memory_stays_within_its_bound(qtbot: QtBot) -> None:
    memory = PosterMemory(max_bytes=100 * 150 * 4 * 3)
    for n in range(10):
        memory.put((f"/{n}", 100), QPixmap(100, 150))
        memory.get(("/0", 100))
    assert memory.bytes <= 100 * 150 * 4 * 3
    assert memory.get(("/0", 100)) is not None, "what is used stays"
    assert memory.get(("/5", 100)) is None


def test_the_guard_doubles_its_pause_and_lets_one_try_through(now: Now) -> None:
    guard = LineGuard(now)
    assert guard.may_ask() and guard.may_ask()
    guard.failed()
    guard.failed()  # the second of the two that went out together
    for pause in (30, 60, 120, 240, 480, 600, 600):
        now.at += pause - 1
        assert not guard.may_ask()
        now.at += 2
        assert guard.may_ask()
        assert not guard.may_ask()
        guard.failed()
    now.at += 601
    assert guard.may_ask()
    assert guard.worked() and guard.may_ask() and not guard.worked()


def test_the_folder_stays_within_its_bound_and_lets_the_oldest_go(tmp_path: Path, now: Now) -> None:
    files = PosterFiles(tmp_path / "posters", max_bytes=1_000, now=now)
    for n in range(20):
        now.at += 1
        files.write("w92", f"/{n}.jpg", bytes(100))
        assert sum(file.stat().st_size for file in (tmp_path / "posters").iterdir()) <= 1_000
    assert files.read("w92", "/19.jpg") == bytes(100)
    assert files.read("w92", "/0.jpg") is None
    now.at += MAX_AGE_S + 1
    assert files.read("w92", "/19.jpg") is None
    files.prune()
    assert list((tmp_path / "posters").iterdir()) == []


def test_a_path_from_outside_cannot_leave_the_folder(tmp_path: Path) -> None:
    files = PosterFiles(tmp_path / "posters")
    files.write("w92", "/../../outside.jpg", b"x")
    assert [file.parent for file in tmp_path.rglob("*.img")] == [tmp_path / "posters"]


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="needs a folder that may not be written")
def test_a_folder_that_may_not_be_written_costs_no_poster(
    qtbot: QtBot, posters: Posters, image_host: ImageHost, tmp_path: Path
) -> None:
    (tmp_path / "posters").mkdir(mode=0o500)
    wait_for(qtbot, posters, "/a.jpg")


def test_a_folder_that_is_a_file_costs_no_poster(
    qtbot: QtBot, posters: Posters, image_host: ImageHost, tmp_path: Path
) -> None:
    (tmp_path / "posters").write_text("in the way")
    wait_for(qtbot, posters, "/a.jpg")
