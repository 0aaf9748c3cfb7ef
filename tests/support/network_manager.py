"""A system bus of its own with a NetworkManager on it that says what a test wants. Linux with dbus-daemon only."""

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dbus_fast import BusType
from dbus_fast.aio import MessageBus
from dbus_fast.constants import PropertyAccess
from dbus_fast.service import ServiceInterface, dbus_property

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={path}</listen>
  <policy context="default"><allow send_destination="*"/><allow own="*"/><allow receive_sender="*"/></policy>
</busconfig>
"""


class FakeNetworkManager(ServiceInterface):
    """`state` is an NMState (70: connected to the internet), `metered` an NMMetered (1: yes)."""

    def __init__(self) -> None:
        super().__init__("org.freedesktop.NetworkManager")
        self.state = 70
        self.metered = 2

    @dbus_property(access=PropertyAccess.READ)
    def State(self) -> "u":  # type: ignore[name-defined]  # noqa: F821
        return self.state

    @dbus_property(access=PropertyAccess.READ)
    def Metered(self) -> "u":  # type: ignore[name-defined]  # noqa: F821
        return self.metered


def can_run() -> bool:
    """Whether this machine has what `network_manager` starts."""
    return bool(shutil.which("dbus-daemon"))


@contextlib.contextmanager
def network_manager() -> Iterator[tuple[str, FakeNetworkManager]]:
    """Yields the address of the bus and the fake on it, which answers from a thread of its own."""
    with tempfile.TemporaryDirectory(prefix="gdvg-") as folder:
        config = Path(folder) / "bus.conf"
        config.write_text(_CONFIG.format(path=Path(folder) / "bus"), encoding="utf-8")
        command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as bus:
            assert bus.stdout is not None
            address = bus.stdout.readline().strip()
            fake, answering, over = FakeNetworkManager(), threading.Event(), threading.Event()
            thread = threading.Thread(target=lambda: asyncio.run(_answer(address, fake, answering, over)))
            thread.start()
            try:
                assert answering.wait(20)
                yield address, fake
            finally:
                over.set()
                thread.join(10)
                bus.terminate()


async def _answer(address: str, fake: Any, answering: threading.Event, over: threading.Event) -> None:
    bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
    bus.export("/org/freedesktop/NetworkManager", fake)
    await bus.request_name("org.freedesktop.NetworkManager")
    answering.set()
    await asyncio.to_thread(over.wait)
    bus.disconnect()
    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
