"""Starting at login: what each system finds, and that it is asked of the system."""

import configparser
import plistlib
import re
import sys
from pathlib import Path
from types import TracebackType

import pytest

from gdvg_desktop.core import autostart
from gdvg_desktop.core.autostart import (
    RUN_KEY,
    DesktopEntry,
    LaunchAgent,
    RunKey,
    desktop_quoted,
    entry_name,
    login_start,
    window_command,
)
from gdvg_desktop.core.errors import StorageError
from gdvg_desktop.core.paths import default_data_dir


class FakeKey:
    """An open registry key."""

    def __init__(self, values: dict[str, tuple[str, int]]) -> None:
        self.values = values

    def __enter__(self) -> "FakeKey":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass


class FakeRegistry:
    """What `winreg` offers and `RunKey` uses, in memory."""

    HKEY_CURRENT_USER, KEY_SET_VALUE, REG_SZ = 1, 2, 1

    def __init__(self, *, locked: bool = False) -> None:
        self.keys: dict[str, dict[str, tuple[str, int]]] = {}
        self.locked = locked

    def OpenKey(self, root: int, path: str, _reserved: int = 0, access: int = 0) -> FakeKey:
        if root != self.HKEY_CURRENT_USER or path not in self.keys:
            raise FileNotFoundError(path)
        if self.locked and access:
            raise PermissionError(13, "Access is denied")
        return FakeKey(self.keys[path])

    def CreateKeyEx(self, root: int, path: str, reserved: int, access: int) -> FakeKey:
        self.keys.setdefault(path, {})
        return self.OpenKey(root, path, reserved, access)

    def QueryValueEx(self, key: FakeKey, name: str) -> tuple[str, int]:
        if name not in key.values:
            raise FileNotFoundError(name)
        return key.values[name]

    def SetValueEx(self, key: FakeKey, name: str, _reserved: int, kind: int, value: str) -> None:
        key.values[name] = (value, kind)

    def DeleteValue(self, key: FakeKey, name: str) -> None:
        if name not in key.values:
            raise FileNotFoundError(name)
        del key.values[name]


def entry_of(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return dict(parser["Desktop Entry"])


def exec_words(value: str) -> list[str]:
    """An Exec line read as the specification says: string escapes first, then quotes, then %%."""
    plain = value.replace("\\\\", "\\")
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|([^ ]+)', plain)
    return [(re.sub(r"\\(.)", r"\1", quoted) or bare).replace("%%", "%") for quoted, bare in found]


def test_on_linux_it_is_an_entry_that_desktops_read(tmp_path: Path) -> None:
    entry = login_start(tmp_path / "data", platform="linux", environ={"XDG_CONFIG_HOME": str(tmp_path / "config")})
    assert isinstance(entry, DesktopEntry) and not entry.is_enabled()
    entry.enable()
    assert entry.is_enabled()
    assert entry.path.parent == tmp_path / "config" / "autostart"
    found = entry_of(entry.path)
    assert found["Type"] == "Application" and found["Name"] == "GDVG Desktop"
    words = exec_words(found["Exec"])
    assert words[-3:] == ["--minimised", "--data-dir", str((tmp_path / "data").resolve())]
    entry.enable()
    assert [one.name for one in entry.path.parent.iterdir()] == [entry.path.name]
    entry.disable()
    entry.disable()
    assert not entry.is_enabled() and not entry.path.exists()


@pytest.mark.parametrize("off", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_an_entry_the_desktop_switched_off_is_off(tmp_path: Path, off: str) -> None:
    entry = DesktopEntry("gdvg-desktop", ("gdvg-desktop",), tmp_path)
    entry.enable()
    text = entry.path.read_text(encoding="utf-8").replace("X-GNOME-Autostart-enabled=true\n", "")
    entry.path.write_text(f"{text}{off}\n", encoding="utf-8")
    assert not entry.is_enabled()
    entry.enable()
    assert entry.is_enabled()


@pytest.mark.parametrize("word", ["plain", "with space", 'quo"te', "100%", "back\\slash", "$HOME`x`", "", "semi;colon"])
def test_any_path_survives_the_exec_line(tmp_path: Path, word: str) -> None:
    DesktopEntry("one", ("/bin/true", word), tmp_path).enable()
    assert exec_words(entry_of(tmp_path / "one.desktop")["Exec"]) == ["/bin/true", word]
    assert "\n" not in desktop_quoted("two\nlines")


def test_the_specifications_folder_is_the_home_folders_without_a_variable(tmp_path: Path) -> None:
    for environ in ({"HOME": str(tmp_path)}, {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "relative"}):
        entry = login_start(tmp_path / "data", platform="linux", environ=environ)
        assert isinstance(entry, DesktopEntry) and entry.path.parent == tmp_path / ".config" / "autostart"


def test_on_macos_it_is_a_launch_agent(tmp_path: Path) -> None:
    agent = login_start(tmp_path / "data", platform="darwin", environ={"HOME": str(tmp_path)})
    assert isinstance(agent, LaunchAgent) and not agent.is_enabled()
    agent.enable()
    assert agent.path.parent == tmp_path / "Library" / "LaunchAgents" and agent.is_enabled()
    entry = plistlib.loads(agent.path.read_bytes())
    assert entry["RunAtLoad"] is True and entry["Label"] == agent.path.stem
    assert entry["ProgramArguments"][-3:] == ["--minimised", "--data-dir", str((tmp_path / "data").resolve())]
    agent.path.write_bytes(plistlib.dumps(entry | {"Disabled": True}))
    assert not agent.is_enabled()
    agent.path.write_bytes(b"broken")
    assert not agent.is_enabled()
    agent.disable()
    assert not agent.path.exists()


def test_on_windows_it_is_a_value_of_the_run_key(tmp_path: Path) -> None:
    registry = FakeRegistry()
    entry = login_start(tmp_path / "da ta", platform="win32", environ={}, registry=registry)
    assert isinstance(entry, RunKey) and not entry.is_enabled()
    entry.disable()
    entry.enable()
    ((name, (command, kind)),) = registry.keys[RUN_KEY].items()
    assert entry.is_enabled() and name.startswith("gdvg-desktop") and kind == registry.REG_SZ
    assert command.endswith(f'--minimised --data-dir "{(tmp_path / "da ta").resolve()}"')
    entry.disable()
    assert not entry.is_enabled() and registry.keys[RUN_KEY] == {}


def test_a_refusal_is_a_known_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be changed"):
        DesktopEntry("one", ("true",), tmp_path / "file" / "autostart").enable()
    registry = FakeRegistry(locked=True)
    registry.keys[RUN_KEY] = {"one": ("true", 1)}
    for act in (RunKey("one", ("true",), registry).enable, RunKey("one", ("true",), registry).disable):
        with pytest.raises(StorageError, match="Access is denied"):
            act()


def test_each_data_folder_has_an_entry_of_its_own(tmp_path: Path) -> None:
    assert entry_name(default_data_dir()) == "gdvg-desktop"
    assert window_command(default_data_dir())[-1] == "--minimised"
    names = {entry_name(tmp_path / one) for one in ("a", "b")}
    assert len(names) == 2 and all(one.startswith("gdvg-desktop-") for one in names)


def test_the_command_is_that_of_this_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = default_data_dir()
    assert window_command(folder, environ={"APPIMAGE": "/opt/gdvg.AppImage"}) == ("/opt/gdvg.AppImage", "--minimised")
    program = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(program))
    assert window_command(folder, environ={})[:2] == (str(program), "-c")
    script = tmp_path / ("gdvg-desktop.exe" if sys.platform == "win32" else "gdvg-desktop")
    script.write_text("", encoding="utf-8")
    assert window_command(folder, environ={}) == (str(script), autostart.MINIMISED)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert window_command(folder, environ={}) == (str(program), "--minimised")
