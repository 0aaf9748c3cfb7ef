"""What the computer is like just now: on a network, on mains power, on a line that costs by volume; and quiet hours.

Nothing is sent to find out. What cannot be known hinders nothing: an unknown network counts as there, unknown power as
mains, an unknown line as free.
"""

import asyncio
import logging
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from gdvg_desktop.core.settings import clock_time
from gdvg_desktop.schedule.planner import Hindrance
from gdvg_desktop.store.schedule import Task

log = logging.getLogger(__name__)

BUS_TIMEOUT_S = 2.0
_NM, _NM_PATH = "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager"
_NM_UNKNOWN, _NM_CONNECTED_SITE = 0, 60  # NMState
_NM_METERED = (1, 3)  # NMMetered: yes, guessed yes
_ROUTE_UP, _ROUTE_REJECT = 0x1, 0x200


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the computer is like; None where it cannot be known."""

    online: bool | None = None
    on_mains: bool | None = None
    metered: bool | None = None


@dataclass(frozen=True, slots=True)
class NetworkManager:
    """What Linux's NetworkManager says; None where it does not say."""

    online: bool | None = None
    metered: bool | None = None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day to another, perhaps over midnight, in the computer's zone."""

    begins: time
    ends: time

    def hold(self, moment: datetime, zone: str) -> bool:
        """Whether an aware moment lies in them."""
        at = moment.astimezone(ZoneInfo(zone)).time()
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


def quiet_hours(begins: str, ends: str) -> QuietHours | None:
    """Read two times written HH:MM; None when either is empty or both are the same. Raises UsageError."""
    first, last = clock_time(begins), clock_time(ends)
    return None if first is None or last is None or first == last else QuietHours(first, last)


def hindrances(task: Task, around: Surroundings) -> frozenset[Hindrance]:
    """Which of a task's own conditions are not met."""
    found = set[Hindrance]()
    if task.on_network and around.online is False:
        found.add(Hindrance.OFFLINE)
    if task.on_mains and around.on_mains is False:
        found.add(Hindrance.ON_BATTERY)
    if task.unmetered and around.metered is True:
        found.add(Hindrance.METERED)
    return frozenset(found)


async def look_around() -> Surroundings:
    """Look at this computer, in a thread."""
    return await asyncio.to_thread(surroundings)


def surroundings() -> Surroundings:
    """Look at this computer; takes at most a few seconds."""
    if sys.platform == "win32":
        return Surroundings(on_mains=windows_mains())
    if sys.platform == "darwin":
        return Surroundings(on_mains=mac_mains())
    manager = network_manager()
    online = manager.online if manager.online is not None else routed(Path("/proc/net"))
    return Surroundings(online, linux_mains(Path("/sys/class/power_supply")), manager.metered)


# ------------------------------------------------------------------------------------------------------ Linux


def routed(proc_net: Path) -> bool | None:
    """Whether a default route of IPv4 or IPv6 leads out of this computer; None when the tables cannot be read."""
    try:
        v4 = (proc_net / "route").read_text(encoding="ascii").splitlines()[1:]
    except (OSError, UnicodeDecodeError):
        return None
    for line in v4:
        parts = line.split()
        if len(parts) >= 8 and parts[1] == parts[7] == "00000000" and _leads_out(parts[0], int(parts[3], 16)):
            return True
    try:
        v6 = (proc_net / "ipv6_route").read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    for line in v6:
        parts = line.split()
        if len(parts) >= 10 and parts[:2] == ["0" * 32, "00"] and _leads_out(parts[9], int(parts[8], 16)):
            return True
    return False


def _leads_out(interface: str, flags: int) -> bool:
    return interface != "lo" and bool(flags & _ROUTE_UP) and not flags & _ROUTE_REJECT


def linux_mains(power_supply: Path) -> bool | None:
    """Whether a mains adapter is plugged in; without any, whether no battery is being emptied. None when unknown."""
    adapters, batteries = [], []
    try:
        supplies = sorted(power_supply.iterdir())
    except OSError:
        return None
    for supply in supplies:
        kind = _text(supply / "type")
        if kind in ("Mains", "USB") and _text(supply / "online"):
            adapters.append(_text(supply / "online") != "0")
        elif kind == "Battery" and _text(supply / "scope") != "Device":  # not that of a mouse
            batteries.append(_text(supply / "status"))
    if any(adapters) or not batteries:
        return True if adapters or not supplies else None
    return "Discharging" not in batteries


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def network_manager() -> NetworkManager:
    """Ask NetworkManager over the system's bus; nothing is known where it does not run."""
    if sys.platform != "linux":
        return NetworkManager()
    from jeepney import DBusAddress, Properties  # late: 30 ms nobody needs who has no schedule
    from jeepney.io.blocking import open_dbus_connection
    from jeepney.wrappers import DBusErrorResponse, unwrap_msg

    properties = Properties(DBusAddress(_NM_PATH, bus_name=_NM, interface=_NM))
    found: dict[str, int] = {}
    try:
        with open_dbus_connection("SYSTEM") as connection:
            for name in ("State", "Metered"):
                reply = connection.send_and_get_reply(properties.get(name), timeout=BUS_TIMEOUT_S)
                found[name] = int(unwrap_msg(reply)[0][1])
    except (OSError, DBusErrorResponse, TimeoutError, ValueError, IndexError, KeyError, EOFError) as error:
        log.debug("NetworkManager does not answer: %s", type(error).__name__)
    state, metered = found.get("State", _NM_UNKNOWN), found.get("Metered")
    return NetworkManager(
        online=None if state == _NM_UNKNOWN else state >= _NM_CONNECTED_SITE,
        metered=None if not metered else metered in _NM_METERED,
    )


# --------------------------------------------------------------------------------------------- other systems


def windows_mains() -> bool | None:
    """Windows' GetSystemPowerStatus."""
    if sys.platform != "win32":
        return None
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("line", ctypes.c_ubyte),
            ("flag", ctypes.c_ubyte),
            ("percent", ctypes.c_ubyte),
            ("reserved", ctypes.c_ubyte),
            ("life", ctypes.c_ulong),
            ("full", ctypes.c_ulong),
        )

    status = Status()
    if not ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status)):
        return None
    return {0: False, 1: True}.get(status.line)


def mac_mains(program: str = "/usr/bin/pmset") -> bool | None:
    """What `pmset -g batt` says on its first line: Now drawing from 'AC Power'."""
    try:
        said = subprocess.run([program, "-g", "batt"], capture_output=True, text=True, timeout=5, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    first = said.partition("\n")[0]
    return True if "AC Power" in first else False if "Battery Power" in first else None
