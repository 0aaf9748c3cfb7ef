"""The watch where it runs: beside the engine, over real channels."""

import asyncio
import json
from pathlib import Path

from gdvg_desktop.commands import alerts, scheduled
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.store import damage
from tests.support.library import app_on, until


async def test_an_alert_leaves_the_process_that_has_the_engine(demo: DemoServer, tmp_path: Path) -> None:
    bodies: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        bodies.append(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 204 OK\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, app_on(demo, tmp_path) as app:
        await alerts.add_target(app, "Hook", "webhook", f"http://127.0.0.1:{port}/hook")
        await app.store.write(lambda db: damage.note(db, ["row 3 missing"], 1))
        work = asyncio.create_task(scheduled.work(app))
        try:
            await until(lambda: bodies, "the message")
            await until(alerts_sent(app), "the note that it was sent")
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
    assert json.loads(bodies[0])["rule"] == "library_damaged"


def alerts_sent(app):  # type: ignore[no-untyped-def]
    async def sent() -> bool:
        return (await alerts.targets(app))[0].last_ok_at is not None

    return sent
