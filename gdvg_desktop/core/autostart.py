"""Starting at login: one small interface, and what stands for it on Linux, macOS and Windows.

Linux     a .desktop file in the XDG autostart folder
macOS     a LaunchAgent
Windows   a value of the user's Run key

Whether it is on is asked of the system every time: the user may have switched it off there.
"""

import contextlib
import hashlib
import os
import plistlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from gdvg_desktop.core.errors import StorageError
from gdvg_desktop.core.paths import default_data_dir

NAME = "gdvg-desktop"
TITLE = "GDVG Desktop"
MINIMISED = "--minimised"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
_SPECIAL = frozenset(" \t\n\"'\\><~|&;$*?#()`")  # what the desktop entry specification has quoted


class Autostart(Protocol):
    """An entry that starts one command at login. `enable` and `disable` raise StorageError when they cannot."""

    def is_enabled(self) -> bool:
        """Whether the system will start it."""
        ...

    def enable(self) -> None:
        """Have it started at every login; an entry that is there already is replaced."""
        ...

    def disable(self) -> None:
        """Have it started no more; nothing happens when it is not."""
        ...


def login_start(
    data_dir: Path, *, platform: str = sys.platform, environ: Mapping[str, str] | None = None, registry: Any = None
) -> Autostart:
    """The entry for the window on one data folder; each folder has its own.

    `registry` is Windows' `winreg` or what takes its place.
    """
    source = os.environ if environ is None else environ
    name, command = entry_name(data_dir), window_command(data_dir, environ=source)
    if platform == "win32":
        return RunKey(name, command, registry)
    home = Path(source.get("HOME") or Path.home())
    if platform == "darwin":
        return LaunchAgent(name, command, home / "Library" / "LaunchAgents")
    config = source.get("XDG_CONFIG_HOME", "").strip()
    folder = Path(config) if config and Path(config).is_absolute() else home / ".config"
    return DesktopEntry(name, command, folder / "autostart")


def entry_name(data_dir: Path) -> str:
    """What an entry is called: plain for the usual data folder, with a mark of its own for any other."""
    if _same(data_dir, default_data_dir()):
        return NAME
    return f"{NAME}-{hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:8]}"


def window_command(data_dir: Path, *, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What starts the window of this installation in the tray."""
    source = os.environ if environ is None else environ
    program = Path(sys.executable)
    script = program.with_name(f"{NAME}.exe" if sys.platform == "win32" else NAME)
    if source.get("APPIMAGE"):
        command: tuple[str, ...] = (source["APPIMAGE"],)
    elif getattr(sys, "frozen", False):
        command = (str(program),)
    elif script.exists():
        command = (str(script),)
    else:
        command = (str(program), "-c", "from gdvg_desktop.__main__ import window; window()")
    folder = () if _same(data_dir, default_data_dir()) else ("--data-dir", str(data_dir.resolve()))
    return (*command, MINIMISED, *folder)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


# ------------------------------------------------------------------------------------------------------ Linux


class DesktopEntry:
    """XDG autostart: `<folder>/<name>.desktop`."""

    def __init__(self, name: str, command: Sequence[str], folder: Path) -> None:
        self._command = command
        self.path = folder / f"{name}.desktop"

    def is_enabled(self) -> bool:
        try:
            lines = [line.strip() for line in self.path.read_text(encoding="utf-8").splitlines()]
        except (OSError, UnicodeDecodeError):
            return False
        # desktops switch an entry off by a key of their own instead of removing the file
        return "Hidden=true" not in lines and "X-GNOME-Autostart-enabled=false" not in lines

    def enable(self) -> None:
        entry = (
            "[Desktop Entry]",
            "Type=Application",
            "Version=1.0",
            f"Name={TITLE}",
            "Comment=Keeps the local mirror of TMDb complete",
            f"Exec={' '.join(map(desktop_quoted, self._command))}",
            f"Icon={NAME}",
            "Terminal=false",
            "StartupNotify=false",
            "X-GNOME-Autostart-enabled=true",
        )
        _write(self.path, ("\n".join(entry) + "\n").encode())

    def disable(self) -> None:
        _remove(self.path)


def desktop_quoted(word: str) -> str:
    """One word of an Exec line, as the desktop entry specification quotes it, within a string value."""
    plain = word.replace("%", "%%")
    if not set(plain) & _SPECIAL and plain:
        return plain
    escaped = "".join(f"\\{one}" if one in '"`$\\' else one for one in plain)
    # the value of a key is a string, in which a backslash is written twice
    return '"' + escaped.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t") + '"'


# ------------------------------------------------------------------------------------------------------ macOS


class LaunchAgent:
    """launchd: `<folder>/org.gdvg.<name>.plist`, read at login."""

    def __init__(self, name: str, command: Sequence[str], folder: Path) -> None:
        self._command = command
        self._label = f"org.gdvg.{name}"
        self.path = folder / f"{self._label}.plist"

    def is_enabled(self) -> bool:
        try:
            entry = plistlib.loads(self.path.read_bytes())
        except (OSError, plistlib.InvalidFileException, ValueError):
            return False
        return bool(entry.get("RunAtLoad")) and not entry.get("Disabled", False)

    def enable(self) -> None:
        entry = {
            "Label": self._label,
            "ProgramArguments": list(self._command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
            "LimitLoadToSessionType": "Aqua",
        }
        _write(self.path, plistlib.dumps(entry))

    def disable(self) -> None:
        _remove(self.path)


# ---------------------------------------------------------------------------------------------------- Windows


class RunKey:
    """A value below HKEY_CURRENT_USER's Run key. `registry` is `winreg` unless a test gives its own."""

    def __init__(self, name: str, command: Sequence[str], registry: Any = None) -> None:
        if registry is None:
            import winreg as registry
        self._name, self._command, self._registry = name, command, registry

    def is_enabled(self) -> bool:
        reg = self._registry
        try:
            with reg.OpenKey(reg.HKEY_CURRENT_USER, RUN_KEY) as key:
                value, _kind = reg.QueryValueEx(key, self._name)
        except OSError:
            return False
        return bool(value)

    def enable(self) -> None:
        reg = self._registry
        try:
            with reg.CreateKeyEx(reg.HKEY_CURRENT_USER, RUN_KEY, 0, reg.KEY_SET_VALUE) as key:
                reg.SetValueEx(key, self._name, 0, reg.REG_SZ, subprocess.list2cmdline(self._command))
        except OSError as error:
            raise _refused("the registry", error) from None

    def disable(self) -> None:
        reg = self._registry
        try:
            with reg.OpenKey(reg.HKEY_CURRENT_USER, RUN_KEY, 0, reg.KEY_SET_VALUE) as key:
                reg.DeleteValue(key, self._name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _refused("the registry", error) from None


# ------------------------------------------------------------------------------------------------------ files


def _write(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise _refused(str(path), error) from None


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(str(path), error) from None


def _refused(place: str, error: OSError) -> StorageError:
    return StorageError(
        f"Starting at login cannot be changed in {place}: {error.strerror or error}.",
        "Change it in the system's own settings.",
    )
