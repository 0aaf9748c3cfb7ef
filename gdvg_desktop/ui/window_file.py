"""The file that remembers how the window stood and looked. It holds nothing a user would miss.

The look is a copy of two settings: the window is painted before anything that could read the settings file is loaded.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

log = logging.getLogger(__name__)
_LAYOUT, _THEME, _STILL = "layout", "theme", "reduced_motion"


@dataclass(frozen=True, slots=True)
class WindowMemory:
    """Window geometry and dock layouts as `MainWindow.layout_state` gives them, and the look in force."""

    layout: Mapping[str, bytes] = field(default_factory=dict)
    theme: str = "system"
    reduced_motion: bool = False


def read_window(path: Path) -> WindowMemory:
    """What `write_window` wrote; the defaults when there is none or it cannot be read."""
    stored = QSettings(str(path), QSettings.Format.IniFormat)
    if stored.status() != QSettings.Status.NoError:
        log.warning("The remembered window in %s cannot be read", path)
        return WindowMemory()
    layout = {}
    stored.beginGroup(_LAYOUT)
    for name in stored.childKeys():
        value = stored.value(name)
        if isinstance(value, QByteArray):
            layout[name] = bytes(value.data())
    stored.endGroup()
    theme = stored.value(_THEME, "system")
    return WindowMemory(layout, str(theme), str(stored.value(_STILL, "false")) == "true")


def write_window(path: Path, memory: WindowMemory) -> None:
    """Replace the file. A folder that cannot be written to is logged: a layout is not worth an error."""
    stored = QSettings(str(path), QSettings.Format.IniFormat)
    stored.clear()
    for name, value in memory.layout.items():
        stored.setValue(f"{_LAYOUT}/{name}", QByteArray(value))
    stored.setValue(_THEME, memory.theme)
    stored.setValue(_STILL, memory.reduced_motion)
    stored.sync()
    if stored.status() != QSettings.Status.NoError:
        log.warning("The window could not be remembered in %s", path)
