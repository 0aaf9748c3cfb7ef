"""What the computer is like: made-up trees of /proc and /sys, a NetworkManager on a bus of its own, quiet hours."""

import sys
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.schedule import conditions
from gdvg_desktop.schedule.conditions import QuietHours, Surroundings, hindrances, quiet_hours
from gdvg_desktop.schedule.planner import Hindrance
from gdvg_desktop.schedule.zone import WINDOWS, known, local_zone
from gdvg_desktop.store.schedule import Task
from tests.support.network_manager import can_run, network_manager

HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
DEFAULT = "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
LOCAL = "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
V6_DEFAULT = f"{'0' * 32} 00 {'0' * 32} 00 fe80{'0' * 28} 00000400 00000001 00000000 00000003     eth0\n"
V6_REJECT = f"{'0' * 32} 00 {'0' * 32} 00 {'0' * 32} ffffffff 00000001 00000000 00200200       lo\n"


def task(*, on_network: bool = True, on_mains: bool = False, unmetered: bool = False) -> Task:
    return Task(
        "delta", "sync.delta", {}, "0 * * * *", "UTC", True, "run_once", on_network, on_mains, unmetered, 0, 0, None,
        None, 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("v4", "v6", "online"),
    [
        (HEAD + LOCAL + DEFAULT, "", True),
        (HEAD + LOCAL, V6_REJECT, False),
        (HEAD, V6_REJECT + V6_DEFAULT, True),
        (HEAD, None, False),
        (None, None, None),
    ],
)
def test_a_default_route_is_a_network(tmp_path: Path, v4: str | None, v6: str | None, online: bool | None) -> None:
    for name, text in (("route", v4), ("ipv6_route", v6)):
        if text is not None:
            (tmp_path / name).write_text(text, encoding="ascii")
    assert conditions.routed(tmp_path) is online


@pytest.mark.parametrize(
    ("supplies", "on_mains"),
    [
        ({"AC": {"type": "Mains", "online": "1"}, "BAT0": {"type": "Battery", "status": "Charging"}}, True),
        ({"AC": {"type": "Mains", "online": "0"}, "BAT0": {"type": "Battery", "status": "Discharging"}}, False),
        ({"ucsi": {"type": "USB", "online": "1"}, "BAT0": {"type": "Battery", "status": "Discharging"}}, True),
        ({"BAT0": {"type": "Battery", "status": "Full"}}, True),
        ({"BAT0": {"type": "Battery", "status": "Discharging"}}, False),
        ({"hid": {"type": "Battery", "status": "Discharging", "scope": "Device"}}, None),  # a mouse
        ({}, True),  # a computer without a battery
    ],
)
def test_mains_power_by_what_the_kernel_lists(
    tmp_path: Path, supplies: dict[str, dict[str, str]], on_mains: bool | None
) -> None:
    for name, files in supplies.items():
        (tmp_path / name).mkdir()
        for file, text in files.items():
            (tmp_path / name / file).write_text(f"{text}\n", encoding="utf-8")
    assert conditions.linux_mains(tmp_path) is on_mains
    assert conditions.linux_mains(tmp_path / "none") is None


@pytest.mark.skipif(not can_run(), reason="needs dbus-daemon (packaging/apt-ci.txt)")
def test_network_manager_tells_network_and_metering(monkeypatch: pytest.MonkeyPatch) -> None:
    with network_manager() as (address, fake):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        assert conditions.network_manager() == conditions.NetworkManager(online=True, metered=False)
        fake.state, fake.metered = 20, 1  # disconnected; metered
        assert conditions.network_manager() == conditions.NetworkManager(online=False, metered=True)
        fake.state, fake.metered = 50, 3  # this computer only; guessed to be metered
        assert conditions.network_manager() == conditions.NetworkManager(online=False, metered=True)
        fake.state, fake.metered = 0, 0  # neither is known
        assert conditions.network_manager() == conditions.NetworkManager()
    assert conditions.network_manager() == conditions.NetworkManager()  # the bus is gone


@pytest.mark.skipif(not can_run(), reason="needs dbus-daemon (packaging/apt-ci.txt)")
async def test_the_whole_look_takes_networkmanagers_word_first(monkeypatch: pytest.MonkeyPatch) -> None:
    with network_manager() as (address, fake):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        fake.state, fake.metered = 40, 1
        found = await conditions.look_around()
    assert (found.online, found.metered) == (False, True)


def test_only_what_a_task_asks_for_and_what_is_known_hinders_it() -> None:
    bad = Surroundings(online=False, on_mains=False, metered=True)
    assert hindrances(task(on_network=False), bad) == frozenset()
    wants_all = task(on_mains=True, unmetered=True)
    assert hindrances(wants_all, bad) == {Hindrance.OFFLINE, Hindrance.ON_BATTERY, Hindrance.METERED}
    assert hindrances(wants_all, Surroundings()) == frozenset()


@pytest.mark.skipif(sys.platform == "win32", reason="a script stands for pmset")
@pytest.mark.parametrize(
    ("said", "on_mains"), [("'AC Power'", True), ("'Battery Power'", False), ("'something else'", None)]
)
def test_macos_says_where_its_power_comes_from(tmp_path: Path, said: str, on_mains: bool | None) -> None:
    program = tmp_path / "pmset"
    program.write_text(f'#!/bin/sh\necho "Now drawing from {said}"\necho " -InternalBattery-0"\n', encoding="utf-8")
    program.chmod(0o755)
    assert conditions.mac_mains(str(program)) is on_mains
    assert conditions.mac_mains(str(tmp_path / "none")) is None


def test_quiet_hours_over_midnight_in_the_computers_zone() -> None:
    quiet = quiet_hours("22:30", "06:00")
    assert quiet is not None
    assert quiet.hold(datetime(2026, 1, 1, 22, 0, tzinfo=UTC), "Europe/Vienna")  # 23:00 there
    assert not quiet.hold(datetime(2026, 1, 1, 21, 0, tzinfo=UTC), "Europe/Vienna")
    assert not quiet.hold(datetime(2026, 1, 1, 5, 0, tzinfo=UTC), "Europe/Vienna")  # 06:00: over
    assert quiet_hours("", "06:00") is None and quiet_hours("06:00", "6:00") is None
    for wrong in ("24:00", "6", "six:30", "12:60", "-1:00"):
        with pytest.raises(UsageError):
            quiet_hours(wrong, "06:00")


@given(st.times(), st.times(), st.datetimes(timezones=st.just(UTC)))
def test_a_moment_is_in_the_hours_or_in_those_between_them(begins: time, ends: time, at: datetime) -> None:
    if begins != ends:
        assert QuietHours(begins, ends).hold(at, "UTC") != QuietHours(ends, begins).hold(at, "UTC")


@pytest.mark.skipif(sys.platform == "win32", reason="/etc is not of Windows")
def test_the_zone_comes_from_tz_then_the_link_then_the_name_then_utc(tmp_path: Path) -> None:
    assert local_zone({"TZ": "Asia/Seoul"}, tmp_path) == "Asia/Seoul"
    assert local_zone({"TZ": ":/usr/share/zoneinfo/Europe/Paris"}, tmp_path) == "Europe/Paris"
    assert local_zone({"TZ": "CET-1CEST"}, tmp_path) == "UTC"  # no zone's name: its rules cannot be kept
    assert local_zone({}, tmp_path) == "UTC"
    (tmp_path / "timezone").write_text("America/Denver\n", encoding="utf-8")
    assert local_zone({}, tmp_path) == "America/Denver"
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Europe/Vienna")
    assert local_zone({}, tmp_path) == "Europe/Vienna"


def test_every_zone_of_windows_is_one() -> None:
    assert all(known(name) for name in WINDOWS.values())
