"""A server that answers with the very bytes a test gives, for faults no web framework would send."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came: its target (absolute when it came as to a proxy), headers in lower case."""

    target: str
    headers: dict[str, str]
    connection: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def params(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query)


Act = Callable[[asyncio.StreamWriter], Awaitable[None]]
Script = Callable[[Received], Act]


class RawServer:
    """Answers each request with what `script` makes of it. `received` keeps them all, `busiest` the most at once."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.received: list[Received] = []
        self.busiest = 0
        self._busy = 0
        self._connections = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/3"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self._connections += 1
        number = self._connections
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                    request = Received(head[0].split(" ")[1], headers, number)
                    self.received.append(request)
                    self._busy += 1
                    self.busiest = max(self.busiest, self._busy)
                    try:
                        await self.script(request)(writer)
                        await writer.drain()
                    finally:
                        self._busy -= 1
        finally:
            self._tasks.discard(task)
            self._writers.discard(writer)
            writer.close()


def send(status: int, body: bytes, *, kind: str = "application/json;charset=utf-8", **headers: str) -> Act:
    """An answer with its right length. Header names are given with underscores."""
    lines = [f"HTTP/1.1 {status} Reason", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def ok(content: Any) -> Act:
    """200 with JSON."""
    return send(200, json.dumps(content).encode())


def said(status: int, code: int, message: str = "Said so.", **headers: str) -> Act:
    """An error in TMDb's shape."""
    body = json.dumps({"success": False, "status_code": code, "status_message": message}).encode()
    return send(status, body, **headers)


def raw(data: bytes) -> Act:
    """These bytes; the connection stays open."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return act


def then_close(data: bytes) -> Act:
    """These bytes, then the end of the connection."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return act


def reset(data: bytes = b"") -> Act:
    """These bytes, then a reset."""

    async def act(writer: asyncio.StreamWriter) -> None:
        if data:
            writer.write(data)
            await writer.drain()
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return act


def hang(data: bytes = b"") -> Act:
    """These bytes, then nothing for ever."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await asyncio.Event().wait()

    return act
