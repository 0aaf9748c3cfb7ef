"""Notifications of the operating system: on Linux over D-Bus with a button and a click, elsewhere by the tray icon."""

import asyncio
import html
import logging
import sys
from typing import TYPE_CHECKING, Any

from gdvg_desktop.alerts.channels import TIMEOUT_S, ChannelError, Message
from gdvg_desktop.core.events import Bus, LinkAsked, Notified

if TYPE_CHECKING:
    from jeepney.io.asyncio import DBusRouter

log = logging.getLogger(__name__)

_NAME, _PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
_URGENCY = {"error": 2, "warning": 1, "info": 0}
_REMEMBERED = 50


class Desktop:
    """Shows messages on this desktop. A click, or the button, publishes LinkAsked with the message's link."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._linux: _Notifications | None = _Notifications(bus) if sys.platform == "linux" else None

    async def send(self, address: str, message: Message) -> None:
        if self._linux is None:
            self._bus.publish(Notified(message.title, message.body, message.severity, message.link))
            return
        await self._linux.notify(message)

    async def close(self) -> None:
        if self._linux is not None:
            await self._linux.close()


class _Notifications:
    """One connection to the session bus, opened with the first message and anew when it has gone."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._router: DBusRouter | None = None
        self._links: dict[int, str] = {}
        self._listening: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def notify(self, message: Message) -> None:
        """Show a message. Raises ChannelError when there is no desktop to show it on."""
        from jeepney import DBusErrorResponse  # late: only Linux has it

        try:
            async with asyncio.timeout(TIMEOUT_S):
                number = await self._notify(message)
        except TimeoutError:
            await self.close()
            raise ChannelError("The desktop's notification service did not answer.") from None
        except DBusErrorResponse as error:
            await self.close()
            raise ChannelError(f"The desktop shows no notifications: {error.name}.") from None
        except Exception as error:  # jeepney raises what its socket and its authentication raise, and KeyError
            await self.close()
            raise ChannelError(
                f"There is no desktop session to show notifications on ({type(error).__name__})."
            ) from None
        self._links[number] = message.link
        while len(self._links) > _REMEMBERED:
            self._links.pop(next(iter(self._links)))

    async def _notify(self, message: Message) -> int:
        from jeepney import DBusAddress, new_method_call  # late, see notify
        from jeepney.wrappers import unwrap_msg

        if self._listening is None or self._listening.done():
            await self.close()
            self._ready.clear()
            self._listening = asyncio.create_task(self._listen(), name="desktop-notifications")
            ready = asyncio.create_task(self._ready.wait())
            await asyncio.wait((ready, self._listening), return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if self._listening.done():
                self._listening.result()
        assert self._router is not None
        actions = ["default", "Open", "open", "Open"] if message.link else []
        hints: dict[str, Any] = {
            "urgency": ("y", _URGENCY.get(message.severity, 1)),
            "desktop-entry": ("s", "gdvg-desktop"),
        }
        values = ("GDVG Desktop", 0, "gdvg-desktop", message.title, html.escape(message.body), actions, hints, -1)
        call = new_method_call(DBusAddress(_PATH, _NAME, _NAME), "Notify", "susssasa{sv}i", values)
        return int(unwrap_msg(await self._router.send_and_get_reply(call))[0])

    async def _listen(self) -> None:
        """Hold the connection open and hear what is clicked."""
        from jeepney import MatchRule, message_bus  # late, see notify
        from jeepney.io.asyncio import Proxy, open_dbus_router

        rule = MatchRule(type="signal", interface=_NAME, member="ActionInvoked", path=_PATH)
        async with open_dbus_router(bus="SESSION") as router:
            await Proxy(message_bus, router).AddMatch(rule)
            with router.filter(rule, bufsize=20) as clicks:
                self._router = router
                self._ready.set()
                while True:
                    number, _action = (await clicks.get()).body
                    link = self._links.pop(number, "")
                    if link:
                        self._bus.publish(LinkAsked(link))

    async def close(self) -> None:
        """Give the connection back."""
        listening, self._listening, self._router = self._listening, None, None
        if listening is not None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
