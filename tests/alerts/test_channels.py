"""The channels against real receivers: HTTP and SMTP servers on this machine, and a notification service on a bus."""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import apprise as apprise_module
import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from dbus_fast import Message as BusMessage
from dbus_fast.aio import MessageBus

from gdvg_desktop.alerts import channels
from gdvg_desktop.alerts.channels import Apprise, ChannelError, Heartbeat, Message, Webhook, scrub
from gdvg_desktop.alerts.desktop import Desktop
from gdvg_desktop.core import credentials
from gdvg_desktop.core.events import Bus, Event, LinkAsked
from tests.support.library import until

AT = 1_795_262_400_000
MESSAGE = Message("error", "The library is damaged", "Put a backup back.", "error", AT, "settings:database", "Row 3.")
SECRET = "s3same-0pen-0815"
NAME = "org.freedesktop.Notifications"


@pytest.fixture(autouse=True)
def apprises_threads() -> Iterator[None]:
    """Apprise keeps its threads as long as the program runs; a test does not."""
    yield
    pool = apprise_module.apprise._shared_executor
    if pool is not None:
        apprise_module.apprise._shared_executor = None
        pool.shutdown()


@dataclass
class Receiver:
    """An HTTP server that keeps what it is sent."""

    port: int = 0
    status: int = 200
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append((head[0], headers, body))
        await self.may_answer.wait()
        writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def http() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    receiver.may_answer.set()
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


async def test_a_webhook_posts_the_message_with_its_authorization(http: Receiver) -> None:
    digest = Message("digest", "Two", "", "warning", AT, "alerts", items=(MESSAGE, MESSAGE))
    await Webhook().send(f"http://127.0.0.1:{http.port}/hook?a=1 Bearer {SECRET}", digest)
    ((line, headers, body),) = http.requests
    assert line == "POST /hook?a=1 HTTP/1.1" and headers["authorization"] == f"Bearer {SECRET}"
    document = json.loads(body)
    assert document["app"] == "GDVG Desktop" and document["at"] == "2026-11-21T12:00:00+00:00"
    assert [one["why"] for one in document["items"]] == ["Row 3.", "Row 3."]
    assert (document["event"], document["severity"], document["rule"]) == ("digest", "warning", None)


async def test_a_webhook_says_why_it_failed_and_not_where(http: Receiver) -> None:
    http.status = 503
    with pytest.raises(ChannelError, match=r"answered 503"):
        await Webhook().send(f"http://127.0.0.1:{http.port}/{SECRET}", MESSAGE)
    with pytest.raises(ChannelError) as failed:
        await Webhook().send(f"http://127.0.0.1:9/{SECRET}", MESSAGE)
    assert "cannot be reached" in str(failed.value) and SECRET not in str(failed.value)


async def test_a_webhook_that_does_not_come_to_an_end_is_left(http: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "SEND_S", 0.2)
    http.may_answer.clear()
    for channel in (Webhook(), Heartbeat()):
        with pytest.raises(ChannelError, match="did not answer in time"):
            await channel.send(f"http://127.0.0.1:{http.port}/{SECRET}", MESSAGE)
    http.may_answer.set()


async def test_a_heartbeat_is_a_get(http: Receiver) -> None:
    await Heartbeat().send(f"http://127.0.0.1:{http.port}/beat/{SECRET}", MESSAGE)
    assert http.requests[0][0] == f"GET /beat/{SECRET} HTTP/1.1"
    http.status = 404
    with pytest.raises(ChannelError, match="404"):
        await Heartbeat().send(f"http://127.0.0.1:{http.port}/beat", MESSAGE)


async def test_apprise_reaches_a_receiver_over_http(http: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await Apprise().send(f"json://user:{SECRET}@127.0.0.1:{http.port}/x", MESSAGE)
    ((line, headers, body),) = http.requests
    document = json.loads(body)
    assert line.startswith("POST /x") and headers["authorization"].startswith("Basic ")
    assert (document["title"], document["type"]) == ("The library is damaged", "failure")
    assert document["message"].replace("\r\n", "\n") == "Put a backup back.\n\nRow 3."
    http.status = 500
    with pytest.raises(ChannelError) as failed:
        await Apprise().send(f"json://user:{SECRET}@127.0.0.1:{http.port}/x", MESSAGE)
    assert "500" in str(failed.value), failed.value
    with pytest.raises(ChannelError) as failed:
        await Apprise().send(f"json://user:{SECRET}@127.0.0.1:9/x", MESSAGE)
    assert str(failed.value) != "" and SECRET not in f"{failed.value} {caplog.text}"


async def test_waiting_for_others_is_not_counted_as_not_answering(
    http: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    apprise, address = Apprise(), f"json://127.0.0.1:{http.port}/x"
    await apprise.send(address, MESSAGE)
    monkeypatch.setattr(channels, "SEND_S", 1.0)
    async with apprise._turn:
        waiting = asyncio.create_task(apprise.send(address, MESSAGE))
        await asyncio.wait({waiting}, timeout=1.5)  # longer than it may take once it has its turn
        assert not waiting.done()
    await waiting
    assert len(http.requests) == 2


async def test_what_was_given_up_while_it_waited_is_not_sent_any_more(
    http: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, address = Apprise(), Apprise(), f"json://127.0.0.1:{http.port}"
    await first.send(f"{address}/first", MESSAGE)
    http.may_answer.clear()  # a service that takes the message and is slow to say so
    slow = asyncio.create_task(first.send(f"{address}/slow", MESSAGE))
    await until(lambda: len(http.requests) == 2, "the slow message")
    monkeypatch.setattr(channels, "SEND_S", 0.1)
    with pytest.raises(TimeoutError):
        await second.send(f"{address}/late", MESSAGE)
    http.may_answer.set()
    await slow
    await asyncio.get_running_loop().shutdown_default_executor()  # all threads have come to their end
    assert [line.split()[1] for line, _, _ in http.requests] == ["/first", "/slow"]


@dataclass
class Mailbox:
    """What an SMTP server was given."""

    port: int = 0
    refuses: bool = False
    mails: list[tuple[list[str], bytes]] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refuses:
            return "554 Mailbox is full"
        self.mails.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.fixture
async def smtp() -> AsyncIterator[Mailbox]:
    mailbox = Mailbox()

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == SECRET.encode())

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, authenticator=check, auth_require_tls=False, hostname="localhost"), "127.0.0.1", 0
    )
    mailbox.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mailbox


def mail_to(port: int, password: str = SECRET) -> str:
    return f"mailto://me:{password}@127.0.0.1:{port}?from=gdvg@example.org&to=you@example.org&smtp=127.0.0.1"


async def test_apprise_sends_a_mail(smtp: Mailbox) -> None:
    await Apprise().send(mail_to(smtp.port), MESSAGE)
    ((to, content),) = smtp.mails
    mail = message_from_bytes(content)
    assert to == ["you@example.org"] and mail["Subject"] == "The library is damaged"
    text = b"".join(part.get_payload(decode=True) or b"" for part in mail.walk() if not part.is_multipart()).decode()
    assert "Put a backup back." in text and "Row 3." in text


async def test_a_mail_that_is_not_taken_says_why(smtp: Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    wrong = "wr0ng-passw0rd-77"
    with pytest.raises(ChannelError) as failed:
        await Apprise().send(mail_to(smtp.port, wrong), MESSAGE)
    assert smtp.mails == [] and len(str(failed.value)) > 20
    smtp.refuses = True
    with pytest.raises(ChannelError) as full:
        await Apprise().send(mail_to(smtp.port), MESSAGE)
    assert "full" in str(full.value), full.value
    for secret in (wrong, SECRET):
        assert secret not in f"{failed.value} {full.value} {caplog.text}"


async def test_discords_addresses_are_understood_and_hidden() -> None:
    address = "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"
    assert channels.check_address("apprise", f" {address}\n") == address
    said = scrub(
        f"POST to https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js: 404 {address}", address
    )
    assert "4174216298" not in said and "JHMHI8" not in said and "404" in said


@pytest.mark.parametrize(
    ("address", "secret"),
    [
        ("https://hooks.example.org/services/abcdefghijklmnop", "abcdefghijklmnop"),
        ("https://hooks.example.org/hook Bearer openthedoor", "openthedoor"),
        ("mailtos://user:correct@example.org", "correct"),
        ("mailtos://example.org?user=me&pass=cor%72ect2&to=you@example.org", "correct2"),
        ("ntfys://mysecrettopic", "mysecrettopic"),
        ("ntfy://ntfy.example.org/mysecrettopic", "mysecrettopic"),
        ("discord://1234567/aBcDeFgH%2Fxyz12345", "aBcDeFgH/xyz12345"),
    ],
)
def test_an_address_is_kept_out_of_every_log(address: str, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_SECRETS", set())
    channels.keep_secret(address)
    assert credentials.redact(f"Sending to {address} now") == "Sending to [hidden] now"
    assert secret not in credentials.redact(f"It answered: {secret} is not known")
    assert secret not in scrub(f"It answered: {secret} is not known", address)
    words = "The services of example.org and ntfy.example.org take no message"
    assert credentials.redact(words) == words


# ------------------------------------------------------------------------------------------------- desktop


class Service:
    """A notification service as a desktop has one, on a bus."""

    def __init__(self, bus: MessageBus) -> None:
        self.shown: list[dict[str, Any]] = []
        self._bus = bus

    def answer(self, call: BusMessage) -> BusMessage | None:
        if call.interface != NAME or call.member != "Notify":
            return None
        app, _number, _icon, title, body, acts, hints, _life = call.body
        urgency = hints["urgency"].value
        self.shown.append({"app": app, "title": title, "body": body, "acts": acts, "urgency": urgency})
        return BusMessage.new_method_return(call, "u", [len(self.shown)])

    async def click(self, number: int, action: str) -> None:
        path = "/org/freedesktop/Notifications"
        await self._bus.send(BusMessage.new_signal(path, NAME, "ActionInvoked", "us", [number, action]))


BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@pytest.fixture
def session_bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A bus without the services of this computer: none of its notification daemons is started by a message."""
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("no dbus-daemon here")
    config = tmp_path / "bus.conf"
    config.write_text(BUS)
    with subprocess.Popen(
        [program, f"--config-file={config}", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        env=os.environ | {"LC_ALL": "C"},
    ) as bus:
        assert bus.stdout is not None
        address = bus.stdout.readline().decode().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address
        bus.terminate()


@pytest.fixture
async def desktop_service(session_bus: str) -> AsyncIterator[Service]:
    bus = await MessageBus(bus_address=session_bus).connect()
    service = Service(bus)
    bus.add_message_handler(service.answer)
    await bus.request_name(NAME)
    yield service
    bus.disconnect()
    with contextlib.suppress(Exception):
        await bus.wait_for_disconnect()


async def test_the_desktop_shows_a_message_and_a_click_leads_to_it(desktop_service: Service) -> None:
    asked: list[Event] = []
    bus = Bus()
    bus.subscribe(asked.append)
    desktop = Desktop(bus)
    try:
        await desktop.send("", MESSAGE)
        await desktop.send("", Message("info", "A & B <i>", "", "info", AT))
        first, second = desktop_service.shown
        assert (first["app"], first["title"]) == ("GDVG Desktop", "The library is damaged")
        assert first["body"] == "Put a backup back.\n\nRow 3." and first["urgency"] == 2
        assert first["acts"] == ["default", "Open", "open", "Open"]
        assert second["acts"] == [] and second["title"] == "A & B <i>" and second["urgency"] == 0
        await desktop_service.click(2, "default")
        await desktop_service.click(1, "open")
        await until(lambda: asked, "the click")
        assert asked == [LinkAsked("settings:database")]
    finally:
        await desktop.close()


async def test_a_desktop_without_notifications_says_so(session_bus: str) -> None:
    desktop = Desktop(Bus())
    try:
        with pytest.raises(ChannelError, match="shows no notifications"):
            await desktop.send("", MESSAGE)
    finally:
        await desktop.close()


async def test_without_a_session_there_is_no_desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    desktop = Desktop(Bus())
    try:
        with pytest.raises(ChannelError, match="no desktop session"):
            await desktop.send("", MESSAGE)
    finally:
        await desktop.close()
