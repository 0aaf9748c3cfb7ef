"""The ways a message can leave: the desktop, a webhook, and everything apprise speaks.

A channel sends one message to one address or raises ChannelError with the reason in plain words. Addresses are
secrets; no reason, log line or event holds a part of one.
"""

import asyncio
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from gdvg_desktop import __version__
from gdvg_desktop.core.credentials import hide, redact
from gdvg_desktop.core.errors import UsageError

TIMEOUT_S = 10.0
SEND_S = 45.0  # for one message as a whole
DESKTOP, WEBHOOK, APPRISE, HEARTBEAT = "desktop", "webhook", "apprise", "heartbeat"
CHANNELS = (DESKTOP, WEBHOOK, APPRISE, HEARTBEAT)
_HTTP = ("http", "https")
_NAMED_HOSTS = ("mailto", "mailtos", "json", "jsons", "xml", "xmls", "form", "forms", "http", "https", "ntfy", "ntfys")
_TOPIC_ALONE = ("ntfy", "ntfys")  # their host, when nothing follows it, is the topic, and whoever knows it can listen
_LEAST_CHARS = 4  # a part of an address shorter than this is no secret, and would blot out ordinary words
_LONG_CODE, _LONG_WORD = 8, 12  # from which length on a part is taken for a secret wherever it stands


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `items` are the messages gathered in it, `link` names where it leads; `at` is unix ms."""

    event: str
    title: str
    text: str
    severity: str
    at: int
    link: str = ""
    why: str = ""
    rule: str = ""
    alert_id: int | None = None
    items: tuple["Message", ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The payload of a webhook (docs/alerts.md)."""
        document: dict[str, Any] = {
            "app": "GDVG Desktop",
            "version": __version__,
            "event": self.event,
            "severity": self.severity,
            "title": self.title,
            "text": self.text,
            "why": self.why or None,
            "rule": self.rule or None,
            "alert_id": self.alert_id,
            "at": datetime.fromtimestamp(self.at / 1000, UTC).isoformat(timespec="seconds"),
        }
        if self.items:
            document["items"] = [one.as_json() for one in self.items]
        return document

    @property
    def body(self) -> str:
        """Everything after the title, for people."""
        parts = [self.text, self.why]
        parts += [f"{one.title}\n{one.body}" for one in self.items]
        return "\n\n".join(part for part in parts if part)


class ChannelError(Exception):
    """A message could not be sent; its text says why, without any part of the address."""


class Channel(Protocol):
    """A way for messages to leave."""

    async def send(self, address: str, message: Message) -> None:
        """Send or raise ChannelError, or TimeoutError after SEND_S; waiting for others to be sent is not counted."""

    async def close(self) -> None:
        """Let go of what is held open."""


class Webhook:
    """POSTs `Message.as_json`. The address is a URL, and after a space what the Authorization header is to hold."""

    async def send(self, address: str, message: Message) -> None:
        import httpx  # late: nothing at start-up needs it

        url, header = split_webhook(address)
        headers = {"User-Agent": f"GDVG-Desktop/{__version__}"} | ({"Authorization": header} if header else {})
        try:
            async with asyncio.timeout(SEND_S), httpx.AsyncClient(timeout=TIMEOUT_S) as client:
                answer = await client.post(url, json=message.as_json(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise ChannelError(_reason(error, address)) from None
        if not answer.is_success:
            raise ChannelError(f"The receiver answered {answer.status_code}.")

    async def close(self) -> None:
        pass


class Heartbeat:
    """GETs a URL after a good run, for a service that tells when that stops."""

    async def send(self, address: str, message: Message) -> None:
        import httpx  # late, see Webhook

        try:
            async with asyncio.timeout(SEND_S), httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=True) as client:
                answer = await client.get(address, headers={"User-Agent": f"GDVG-Desktop/{__version__}"})
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise ChannelError(_reason(error, address)) from None
        if not answer.is_success:
            raise ChannelError(f"The heartbeat service answered {answer.status_code}.")

    async def close(self) -> None:
        pass


class Apprise:
    """Discord, e-mail and whatever else apprise knows, by apprise's own addresses. It runs in a thread.

    Apprise says only that it failed; the reason is what it logged meanwhile, so one message is sent at a time. Here
    they wait for their turn before their time runs. A thread whose time is over cannot be ended: it may still be
    sending when the next has its turn, which then waits for it in a thread of its own.
    """

    _one_at_a_time = threading.Lock()  # across all threads: what is logged belongs to whoever is sending

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def send(self, address: str, message: Message) -> None:
        given_up = threading.Event()
        async with self._turn:
            try:
                async with asyncio.timeout(SEND_S):
                    await asyncio.to_thread(self._send, address, message, given_up)
            finally:
                given_up.set()

    def _send(self, address: str, message: Message, given_up: threading.Event) -> None:
        import apprise  # late: 0.4 s

        kinds = {"error": apprise.NotifyType.FAILURE, "warning": apprise.NotifyType.WARNING}
        with self._one_at_a_time, _heard() as lines:
            if given_up.is_set():  # it was told to have failed and will be tried again: sent now it would come twice
                return
            sender = apprise.Apprise()
            if not sender.add(address):
                raise ChannelError("apprise does not understand this address.")
            kind = kinds.get(message.severity, apprise.NotifyType.INFO)
            if not sender.notify(title=message.title, body=message.body or message.title, notify_type=kind):
                raise ChannelError(scrub(_told(lines), address))

    async def close(self) -> None:
        pass


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Everything apprise logs, kept from the program's own log: its lines can hold addresses."""
    lines: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING or "xception" in record.getMessage():
                lines.append(record.getMessage())

    logger, listener = logging.getLogger("apprise"), Listener(logging.DEBUG)
    level, logger.propagate = logger.level, False
    logger.setLevel(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    logger.addHandler(listener)
    try:
        yield lines
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)


def _told(lines: list[str]) -> str:
    return " ".join(lines[-2:]) or "The service did not take the message."


# ------------------------------------------------------------------------------------------------ addresses


def check_address(channel: str, address: str) -> str:
    """The address tidied. Raises UsageError, without repeating it, when it cannot be one of this channel."""
    address = " ".join(address.split())
    if channel == DESKTOP:
        return ""
    if not address:
        raise UsageError("No address was given.", "Paste the address messages are to go to.")
    if channel in (WEBHOOK, HEARTBEAT):
        try:
            parts = urlsplit(split_webhook(address)[0])
            good = parts.scheme in _HTTP and bool(parts.hostname)
        except ValueError:
            good = False
        if not good:
            raise UsageError("This is not an http or https address.", "Paste the whole address, with https://.")
        return address
    import apprise  # late: 0.4 s

    with _heard():
        understood = apprise.Apprise().add(address)
    if not understood:
        raise UsageError(
            "apprise does not understand this address.",
            "Its forms are such as mailtos://user:password@example.org or discord://id/token.",
        )
    return address


def split_webhook(address: str) -> tuple[str, str]:
    """A webhook's URL, and what its Authorization header is to hold ("" for none)."""
    url, _, header = address.strip().partition(" ")
    return url, header.strip()


def keep_secret(address: str) -> None:
    """Take the telling parts of an address out of every log from now on: the whole of it, its passwords, and what is
    too long or too odd to be an ordinary word."""
    url, header = split_webhook(address)
    surely = {address, url, header, *header.split()[-1:], *_passwords(url)}
    for part in _parts(address):
        is_word = re.search(r"[0-9A-Z_-]", part) is None
        if part in surely or len(part) >= (_LONG_WORD if is_word else _LONG_CODE):
            hide(part)


def scrub(text: str, address: str) -> str:
    """A text without any part of an address but its host where that is no secret; one line, no links."""
    for part in sorted(_parts(address), key=len, reverse=True):
        text = text.replace(part, "[hidden]")
    return " ".join(redact(text).split())[:400]


def _parts(address: str) -> set[str]:
    """The pieces of an address as they are written and as they are meant; its host where that is no secret left out."""
    url, header = split_webhook(address)
    rest = url.partition("://")[2]
    pieces = set(re.split(r"[/:@?&=,;#]", rest)) | set(header.split()) | {url, address, header} | _passwords(url)
    pieces |= {unquote(one) for one in pieces}
    return {one for one in pieces - _hosts(url) if len(one) >= _LEAST_CHARS}


def _hosts(url: str) -> set[str]:
    """The host in both its spellings where it is one: apprise's addresses often have a token in its place."""
    try:
        parts = urlsplit(url)
        topic = parts.scheme in _TOPIC_ALONE and not parts.path.strip("/")
        if topic or parts.scheme not in _NAMED_HOSTS:
            return set()
        return {parts.hostname or "", parts.netloc.rpartition("@")[2].partition(":")[0]}
    except ValueError:
        return set()


def _passwords(url: str) -> set[str]:
    """The password of an address, before the host or, as apprise also takes it, in the query."""
    try:
        parts = urlsplit(url)
        found = {
            parts.password or "",
            *(value for name, value in parse_qsl(parts.query) if name in ("pass", "password")),
        }
    except ValueError:
        return set()
    return found | {unquote(one) for one in found}


def _reason(error: Exception, address: str) -> str:
    words = {
        "ConnectError": "The receiver cannot be reached",
        "ConnectTimeout": "The receiver did not answer in time",
        "ReadTimeout": "The receiver did not answer in time",
        "TimeoutError": "The receiver did not answer in time",
    }
    name = type(error).__name__
    return f"{words.get(name, name)}: {scrub(str(error), address)}".removesuffix(": ")
