"""The program in a real tray: of a window manager's panel (XEmbed) and of one on the bus (StatusNotifier)."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from dbus_fast.aio.message_bus import MessageBus

from gdvg_desktop.core.settings import Settings, load_settings, save_settings
from tests.e2e.test_window import PROGRAM
from tests.support import desktop as desktops
from tests.support.command_line import environment_of
from tests.support.desktop import Desktop, desktop, notifier_panel, until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="trays of Linux"),
    pytest.mark.skipif(bool(desktops.missing()), reason=f"needs {desktops.missing()} (packaging/apt-ci.txt)"),
    pytest.mark.timeout(180),
]
TITLE = "GDVG Desktop"
QUESTION = "Keep working in the tray"
CLOSE = "alt+F4"


@contextmanager
def program(screen: Desktop, folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The window on a folder, without a demo server behind it: nothing has to be fetched."""
    environment = environment_of("http://127.0.0.1:9/3", "http://127.0.0.1:9/p/exports") | screen.environment
    environment["TMDB_API_KEY"] = "0123456789abcdef" * 2
    with subprocess.Popen(
        [*PROGRAM, "--data-dir", str(folder), *options], env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def paused(folder: Path) -> bool:
    """Whether the schedule is paused, as the library's file says."""
    with closing(sqlite3.connect(f"file:{folder / 'library.db'}?mode=ro", uri=True)) as file:
        row = file.execute("SELECT value FROM fact WHERE name = 'schedule_pause'").fetchone()
    return bool(row and json.loads(row[0])["paused"])


def closes_into_tray(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    save_settings(folder / "settings.toml", Settings(on_close="tray", wizard_done=True), {})


@pytest.mark.skipif(bool(desktops.missing(desktops.TRAY)), reason="needs trayer (packaging/apt-ci.txt)")
def test_the_first_close_asks_and_the_icon_brings_the_window_back(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with desktop(tray=True) as screen:
        empty = screen.tray_size()
        with program(screen, folder) as process:
            until(lambda: screen.visible(TITLE), "the window")
            until(lambda: screen.tray_size()[0] > empty[0] and screen.tray_size()[0] >= 16, "the icon in the tray")
            screen.focus(TITLE)
            screen.press(CLOSE)
            screen.focus(QUESTION)
            screen.press("Return")  # the usual answer: keep working in the tray
            until(lambda: not screen.visible(TITLE), "the window hidden")
            assert process.poll() is None
            screen.click_tray(1)
            screen.focus(TITLE)
            screen.press(CLOSE)
            until(lambda: not screen.visible(TITLE), "the window hidden without a question")
            assert load_settings(folder / "settings.toml", {}).on_close == "tray"
            screen.click_tray(3)
            until(lambda: screen.menu(), "the menu")
            screen.press("o")
            until(lambda: screen.visible(TITLE), "the window, by the menu")
            screen.click_tray(3)
            until(lambda: screen.menu(), "the menu")
            screen.press("p", "r")  # Pause schedule, Until I resume
            until(lambda: paused(folder), "the schedule paused")
            screen.click_tray(3)
            until(lambda: screen.menu(), "the menu")
            screen.press("r")  # Resume schedule
            until(lambda: not paused(folder), "the schedule resumed")
            screen.click_tray(3)
            until(lambda: screen.menu(), "the menu")
            screen.press("q")
            _out, stderr = process.communicate(timeout=30)
            assert process.returncode == 0 and stderr == ""
        until(lambda: screen.tray_size()[0] <= empty[0] or screen.tray_size()[0] < 16, "the icon gone")


@pytest.mark.skipif(bool(desktops.missing(desktops.TRAY)), reason="needs trayer (packaging/apt-ci.txt)")
def test_started_minimised_it_is_in_the_tray_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    closes_into_tray(folder)
    with desktop(tray=True) as screen, program(screen, folder, "--minimised") as process:
        until(lambda: screen.tray_size()[0] >= 16, "the icon in the tray")
        until(lambda: (folder / "library.db").exists(), "the library")
        assert not screen.visible(TITLE)
        screen.click_tray(1)
        until(lambda: screen.visible(TITLE), "the window")
        process.send_signal(signal.SIGTERM)
        _out, stderr = process.communicate(timeout=30)
        assert process.returncode == 0 and stderr == ""


def test_without_a_tray_the_window_is_minimised_and_never_hidden(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    closes_into_tray(folder)
    with desktop(tray=False) as screen, program(screen, folder, "--minimised") as process:
        managed = until(lambda: screen.windows(TITLE, hidden=True), "a window in the task bar")
        until(lambda: (folder / "library.db").exists(), "the library")
        assert not screen.visible(TITLE)
        screen.tool("windowactivate", managed[-1])
        until(lambda: screen.visible(TITLE), "the window, from the task bar")
        screen.focus(TITLE)
        screen.press(CLOSE)
        until(lambda: not screen.visible(TITLE), "the window minimised")
        assert process.poll() is None
        screen.tool("windowactivate", managed[-1])
        screen.focus(TITLE)
        screen.press(CLOSE)  # closed once more: meant for good
        process.communicate(timeout=30)
        assert process.returncode == 0


# --------------------------------------------------------------------------------------------- StatusNotifier


@pytest.fixture
async def panel(tmp_path: Path) -> AsyncIterator[tuple[Desktop, MessageBus, Any, subprocess.Popen[str], Path]]:
    """A desktop whose panel is on the bus, and the program in it, closing into the tray."""
    folder = tmp_path / "data"
    closes_into_tray(folder)
    with desktop(tray=False) as screen:
        async with notifier_panel(screen.environment["DBUS_SESSION_BUS_ADDRESS"]) as (bus, watcher):
            with program(screen, folder) as process:
                await eventually(lambda: bool(watcher.items), "the icon on the bus")
                yield screen, bus, watcher, process, folder
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                    await asyncio.to_thread(process.communicate, timeout=30)


async def eventually(condition: Any, what: str) -> Any:
    """`until`, with the loop going on meanwhile."""
    return await asyncio.to_thread(until, condition, what)


async def menu_of(bus: MessageBus, item: Any, name: str) -> tuple[Any, dict[str, int]]:
    """The menu on the bus and its entries by their words."""
    path = await item.get_menu()
    tree = await bus.introspect(name, path)
    menu = bus.get_proxy_object(name, path, tree).get_interface("com.canonical.dbusmenu")
    entries: dict[str, int] = {}

    def walk(node: Any) -> None:
        number, properties, children = node
        shown = properties.get("visible") is None or properties["visible"].value
        if "label" in properties and shown:
            entries[properties["label"].value.replace("_", "")] = number
        for child in children:
            walk(child.value)

    for parent in [0]:
        _revision, layout = await menu.call_get_layout(parent, -1, [])
        walk(layout)
    return menu, entries


async def item_of(bus: MessageBus, name: str) -> Any:
    tree = await bus.introspect(name, "/StatusNotifierItem")
    return bus.get_proxy_object(name, "/StatusNotifierItem", tree).get_interface("org.kde.StatusNotifierItem")


async def click(menu: Any, number: int) -> None:
    from dbus_fast import Variant

    await menu.call_event(number, "clicked", Variant("i", 0), 0)


async def test_a_panel_on_the_bus_shows_state_and_menu_and_steers(panel: Any) -> None:
    screen, bus, watcher, process, folder = panel
    (name,) = watcher.items
    item = await item_of(bus, name)
    assert await item.get_title() == TITLE or await item.get_id()
    _icon, _pixmaps, title, text = await item.get_tool_tip()
    assert "Nothing is running" in f"{title}\n{text}"
    sizes = {(width, height) for width, height, _data in await item.get_icon_pixmap()}
    assert (22, 22) in sizes and all(width == height for width, height in sizes)
    idle = {(w, h): bytes(data) for w, h, data in await item.get_icon_pixmap()}
    menu, entries = await menu_of(bus, item, name)
    assert {"Nothing is running", "Open GDVG Desktop", "Sync now", "Pause schedule", "Quit"} <= entries.keys()
    assert {"For 1 hour", "Until tomorrow", "Until I resume"} <= entries.keys()
    assert "Resume schedule" not in entries
    await eventually(lambda: screen.visible(TITLE), "the window")
    await asyncio.to_thread(screen.focus, TITLE)
    await asyncio.to_thread(screen.press, CLOSE)
    await eventually(lambda: not screen.visible(TITLE), "the window hidden")
    await item.call_activate(0, 0)
    await eventually(lambda: screen.visible(TITLE), "the window back")
    told = asyncio.Event()
    item.on_new_icon(told.set)
    await click(menu, entries["Until I resume"])
    await eventually(lambda: paused(folder), "the schedule paused")

    await told.wait()
    _icon, _pixmaps, title, text = await item.get_tool_tip()
    assert "Schedule paused" in f"{title}\n{text}"
    held = {(w, h): bytes(data) for w, h, data in await item.get_icon_pixmap()}
    assert held.keys() == idle.keys() and all(held[size] != idle[size] for size in idle)
    menu, entries = await menu_of(bus, item, name)
    assert "Resume schedule" in entries and "Pause schedule" not in entries
    await click(menu, entries["Quit"])
    _out, stderr = await asyncio.to_thread(process.communicate, timeout=30)
    assert process.returncode == 0 and stderr == ""


async def test_when_the_panel_goes_a_hidden_window_comes_back_to_the_task_bar(panel: Any) -> None:
    screen, bus, _watcher, process, _folder = panel
    await eventually(lambda: screen.visible(TITLE), "the window")
    await asyncio.to_thread(screen.focus, TITLE)
    window = screen.windows(TITLE)[-1]
    await asyncio.to_thread(screen.press, CLOSE)
    await eventually(lambda: not screen.visible(TITLE), "the window hidden")
    await bus.release_name(desktops.WATCHER)

    def from_the_task_bar() -> bool:
        # the window manager heeds it for the windows it knows, not for hidden ones
        screen.tool(
            "windowactivate", window
        )  # the window manager heeds it for windows it knows, hidden ones it does not
        return screen.visible(TITLE)

    await eventually(from_the_task_bar, "the window in the task bar")
    assert process.poll() is None


async def test_a_panel_that_comes_later_gets_the_icon(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    closes_into_tray(folder)
    with desktop(tray=False) as screen, program(screen, folder, "--minimised") as process:
        await eventually(lambda: screen.tool("search", "--name", f"^{TITLE}"), "the window, minimised")
        async with notifier_panel(screen.environment["DBUS_SESSION_BUS_ADDRESS"]) as (bus, watcher):
            await eventually(lambda: bool(watcher.items), "the icon on the bus")
            assert not screen.visible(TITLE)
            item = await item_of(bus, watcher.items[0])
            await item.call_activate(0, 0)
            await eventually(lambda: screen.visible(TITLE), "the window")
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.communicate, timeout=30)
    assert process.returncode == 0
