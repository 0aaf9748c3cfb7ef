"""Telling systemd how a service stands, as sd_notify does: a datagram to the socket it names in the environment."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping

READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"


def notify(*lines: str, environ: Mapping[str, str] | None = None) -> bool:
    """Send lines to whoever started us, if they listen; False when nobody does. Never raises and never blocks."""
    source = os.environ if environ is None else environ
    address = source.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return False
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)
        channel.sendto("\n".join(lines).encode(), address)
        return True
    return False


def watchdog_s(environ: Mapping[str, str] | None = None) -> float | None:
    """How often a sign of life is wanted of this process, halved as sd_watchdog_enabled(3) advises; None when not."""
    source = os.environ if environ is None else environ
    wanted, process = source.get("WATCHDOG_USEC", ""), source.get("WATCHDOG_PID", "")
    if not wanted.isdigit() or not int(wanted) or (process and process != str(os.getpid())):
        return None
    return int(wanted) / 2_000_000


async def signs_of_life() -> None:
    """Give a sign of life for as long as this loop turns, where one is wanted."""
    every = watchdog_s()
    while every is not None:
        notify(ALIVE)
        await asyncio.sleep(every)
