"""A desktop of a test's own: a screen nobody sees, a window manager, a session bus, and a tray of either kind.

XEmbed      trayer, as on plain X11
notifier    a small StatusNotifierWatcher on the bus, as KDE's panel and GNOME's extension have
"""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from dbus_fast import PropertyAccess
from dbus_fast.aio.message_bus import MessageBus
from dbus_fast.service import ServiceInterface, dbus_property, method

T = TypeVar("T")
TOOLS = ("Xvfb", "openbox", "xdotool", "dbus-daemon")
TRAY = "trayer"
NOTIFICATIONS = ("dunst", "dunstctl")
PATIENCE_S = 30.0
NARROWEST = 100
SMALLEST = 350  # narrower than any window of the program and wider than its menu
WATCHER = "org.kde.StatusNotifierWatcher"


def missing(*more: str) -> list[str]:
    """The programs this needs and the machine lacks."""
    return [name for name in (*TOOLS, *more) if shutil.which(name) is None]


class Desktop:
    """A running desktop. `environment` leads programs to it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def tool(self, *words: str) -> str:
        """What xdotool answers; "" when it finds nothing."""
        return subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, check=False
        ).stdout.strip()

    def windows(self, title: str, *, hidden: bool = False) -> list[str]:
        """The windows on screen whose title begins so, or all; menus and the icon have it too, but are none."""
        found = self.tool("search", *([] if hidden else ["--onlyvisible"]), "--name", f"^{title}").split()
        return [window for window in found if self.size(window)[0] >= SMALLEST]

    def menu(self) -> bool:
        """Whether a menu is open: a narrow window of its own without a frame."""
        found = self.tool("search", "--onlyvisible", "--maxdepth", "1", "--name", ".*").split()
        sizes = [self.size(window) for window in found]
        return any(NARROWEST < width < SMALLEST and height > NARROWEST for width, height in sizes)

    def size(self, window: str) -> tuple[int, int]:
        """Width and height of a window; 0 for one that is gone."""
        said = self.tool("getwindowgeometry", "--shell", window).splitlines()
        found = dict(line.split("=", 1) for line in said if "=" in line)
        return int(found.get("WIDTH", 0)), int(found.get("HEIGHT", 0))

    def visible(self, title: str) -> bool:
        """Whether such a window is on screen."""
        return bool(self.windows(title))

    def press(self, *keys: str) -> None:
        """Press keys one after another, in the window that has the keyboard."""
        for key in keys:
            self.tool("key", "--clearmodifiers", key)

    def focus(self, title: str) -> None:
        """Give a window the keyboard, and wait until it has it."""
        until(lambda: self.windows(title), f"a window {title}")
        self.tool("windowactivate", "--sync", self.windows(title)[-1])
        until(lambda: self.tool("getactivewindow", "getwindowname").startswith(title), f"{title} in front")

    def tray_size(self) -> tuple[int, int]:
        """Width and height of the tray's panel; it is one pixel wide while nothing is in it."""
        window = self.tool("search", "--class", "trayer").split()
        return self.size(window[-1]) if window else (0, 0)

    def notifications(self, *words: str) -> str:
        """What the notification daemon answers; "" before it has begun."""
        return subprocess.run(
            ["dunstctl", *words], env=self.environment, capture_output=True, text=True, check=False
        ).stdout.strip()

    def notified(self) -> list[tuple[str, str, str]]:
        """Take down every notification on screen; program, title and text of all there were, newest first."""
        self.notifications("close-all")
        shown = json.loads(self.notifications("history"))["data"][0]
        return [tuple(one[name]["data"] for name in ("appname", "summary", "body")) for one in shown]

    def click_tray(self, button: int) -> None:
        """Click the one icon of the tray: 1 is the left button, 3 the right."""
        width, height = self.tray_size()
        self.tool("mousemove", "--sync", str(width // 2), str(height // 2))
        self.tool("click", str(button))


def until(condition: Callable[[], T], what: str) -> T:
    """Wait for something to become true; returns what it was."""
    ends = time.monotonic() + PATIENCE_S
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > ends:
            raise AssertionError(f"{what}: it did not come in {PATIENCE_S:g} s")
        time.sleep(0.05)


@contextlib.contextmanager
def desktop(*, tray: bool, notifications: bool = False) -> Iterator[Desktop]:
    """A desktop, with an XEmbed tray and a notification daemon if wanted."""
    with tempfile.TemporaryDirectory(prefix="gdvg-") as folder, contextlib.ExitStack() as stack:
        runtime = Path(folder) / "run"
        runtime.mkdir(mode=0o700)
        environment = os.environ | {"XDG_RUNTIME_DIR": str(runtime), "QT_QPA_PLATFORM": "xcb", "HOME": folder}
        for name in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "DESKTOP_SESSION"):
            environment.pop(name, None)
        environment["DISPLAY"] = f":{_screen(stack, environment)}"
        environment["DBUS_SESSION_BUS_ADDRESS"] = _first_line(
            stack, ["dbus-daemon", "--session", "--nofork", "--print-address=1"], environment
        )
        found = Desktop(environment)
        _begin(stack, ["openbox", "--sm-disable"], environment)
        until(lambda: found.tool("get_num_desktops"), "the window manager")
        if tray:
            place = ["--edge", "top", "--align", "left", "--widthtype", "request", "--height", "32"]
            _begin(stack, [TRAY, *place, "--SetDockType", "true", "--expand", "false"], environment)
            until(lambda: found.tool("search", "--class", "trayer"), "the tray")
        if notifications:
            _begin(stack, ["dunst"], environment)
            until(lambda: found.notifications("is-paused"), "the notification daemon")
        yield found


def _screen(stack: contextlib.ExitStack, environment: dict[str, str]) -> str:
    """Start Xvfb on a number it chooses itself."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1700x1100x24", "-nolisten", "tcp", "-noreset"]
    stack.enter_context(_running(command, environment, pass_fds=(writing,)))
    os.close(writing)
    with os.fdopen(reading) as pipe:
        return pipe.readline().strip()


def _first_line(stack: contextlib.ExitStack, command: list[str], environment: dict[str, str]) -> str:
    process = stack.enter_context(_running(command, environment))
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


def _begin(stack: contextlib.ExitStack, command: list[str], environment: dict[str, str]) -> None:
    stack.enter_context(_running(command, environment))


@contextlib.contextmanager
def _running(
    command: list[str], environment: dict[str, str], pass_fds: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=10)


class Watcher(ServiceInterface):
    """What a panel offers tray icons: `items` are the addresses of those that came."""

    def __init__(self) -> None:
        super().__init__(WATCHER)
        self.items: list[str] = []

    @method()
    def RegisterStatusNotifierItem(self, service: "s") -> None:  # type: ignore[name-defined]  # noqa: F821
        self.items.append(service)

    @method()
    def RegisterStatusNotifierHost(self, service: "s") -> None:  # type: ignore[name-defined]  # noqa: F821
        pass

    @dbus_property(access=PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> "as":  # type: ignore[valid-type]  # noqa: F722
        return self.items

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> "b":  # type: ignore[name-defined]  # noqa: F821
        return True

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> "i":  # type: ignore[name-defined]  # noqa: F821
        return 0


@contextlib.asynccontextmanager
async def notifier_panel(address: str):  # type: ignore[no-untyped-def]
    """A panel on a bus; yields the bus and the watcher."""
    bus = await MessageBus(bus_address=address).connect()
    watcher = Watcher()
    bus.export("/StatusNotifierWatcher", watcher)
    await bus.request_name(WATCHER)
    try:
        yield bus, watcher
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
