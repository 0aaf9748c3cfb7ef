"""What stands before every route: credentials first, then the rate limit, then whatever fault was drawn, all
counted. TMDb refuses a bad key before it looks at the path, and so does this. The routes behind know nothing of
it."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import time
from collections import deque
from contextlib import suppress
from random import Random
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdvg_desktop.demo.faults import EVERY_KEY, Fault, Faults
from gdvg_desktop.demo.stats import Stats, detail_key
from gdvg_desktop.demo.wire import error

_V3_KEY = re.compile(r"[0-9a-f]{32}")
_V4_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head>\n<body><h1>{0}</h1><hr></body></html>\n"


def credential(query_string: bytes, authorization: str) -> str | None:
    """The well-shaped credential of a request: a v4 token as Bearer or a v3 key as api_key. A v3 key as Bearer
    is none (TMDb: 401)."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer" and token:
        return token if _V4_TOKEN.fullmatch(token) else None
    key = parse_qs(query_string.decode("latin-1")).get("api_key", [""])[-1]
    return key if _V3_KEY.fullmatch(key) else None


class Gate:
    """ASGI application around the routes. Needs `scope["state"]` to hold the connection's transport and the set
    of open ones, which DemoProtocol in server.py puts there."""

    def __init__(self, routes: ASGIApp, faults: Faults, stats: Stats, seed: int, seen_credentials: set[str]) -> None:
        self._routes = routes
        self._faults = faults
        self._stats = stats
        self._rng = Random(f"faults {seed}")
        self._accepted: deque[float] = deque()
        self._seen_credentials = seen_credentials

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith("/_demo/"):
            await self._routes(scope, receive, send)
        elif self._faults.refuse:
            await _reset(scope, receive)
        elif path == "/3" or path.startswith("/3/"):
            await self._api(scope, receive, send)
        else:
            self._stats.by_kind["exports" if path.startswith("/p/") else "images"] += 1
            await self._routes(scope, receive, send)

    async def _api(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        self._stats.arrived(path, time.monotonic(), len(scope["state"]["connections"]))
        status: int | None = None
        whole = False

        async def counted(message: Message) -> None:
            nonlocal status, whole
            if message["type"] == "http.response.start":
                status = message["status"]
            elif not message.get("more_body", False):
                # Counted before it goes out, so that whoever has the answer finds it in the numbers.
                whole = True
                self._stats.finished(path, status)
            await send(message)

        try:
            await self._answer(scope, receive, counted)
        finally:
            if not whole:
                self._stats.finished(path, None)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        faults = self._faults
        refusal = self._refusal(Request(scope))
        fault = faults.draw(self._rng) if refusal is None else None
        if faults.latency_ms:
            await asyncio.sleep(faults.latency_ms / 1000)
        if fault is not None:
            self._stats.faults[fault.value] += 1
        if refusal is None and fault is None and detail_key(scope["path"]) in _prefixed(faults.always_500):
            refusal = error(11)
        if refusal is None and fault is not None:
            refusal = self._faulty_answer(fault)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif fault is None:
            await self._routes(scope, receive, send)
        elif fault is Fault.RESET:
            await _reset(scope, receive)
        elif fault is Fault.HANG:
            with suppress(TimeoutError):
                await asyncio.wait_for(_disconnected(receive), faults.hang_s)
            await _reset(scope, receive)
        else:
            await self._cut(scope, receive, send, broken_promise=fault is Fault.CUT_BODY)

    def _refusal(self, request: Request) -> Response | None:
        """The 401 or 429 this request has earned, if any."""
        given = credential(request.scope["query_string"], request.headers.get("authorization", ""))
        if given is None or given in self._faults.revoked or EVERY_KEY in self._faults.revoked:
            return error(7)
        self._seen_credentials.add(given)
        limit = self._faults.rate_limit
        if not limit:
            return None
        now = time.monotonic()
        while self._accepted and self._accepted[0] <= now - 1:
            self._accepted.popleft()
        if len(self._accepted) < limit:
            self._accepted.append(now)
            return None
        return self._too_many(1 if self._faults.limit_header else None, limit)

    def _too_many(self, retry_after_s: int | None, limit: int = 40) -> Response:
        self._stats.sent_too_many(time.monotonic(), retry_after_s or 0)
        headers = None if retry_after_s is None else {"retry-after": str(retry_after_s)}
        return error(25, f"Your request count ({limit + 1}) is over the allowed limit of ({limit}).", headers)

    def _faulty_answer(self, fault: Fault) -> Response | None:
        """The whole answer of a fault, None for those that need the connection itself."""
        match fault:
            case Fault.TOO_MANY:
                return self._too_many(self._faults.retry_after_s)
            case Fault.TOO_MANY_BARE:
                return self._too_many(None)
            case Fault.TOO_MANY_ZERO:
                return self._too_many(0)
            case Fault.ERROR_500:
                return error(11)
            case Fault.ERROR_503:
                return error(9)
            case Fault.ERROR_504:
                return error(24)
            case Fault.HTML_502:
                return Response(_PAGE.format("502 Bad Gateway"), 502, media_type="text/html")
            case Fault.HTML_403:
                return Response(_PAGE.format("403 Forbidden"), 403, media_type="text/html")
            case Fault.HTML_200:
                return Response(_PAGE.format("Welcome to the guest network"), 200, media_type="text/html")
            case Fault.NOT_JSON:
                return Response("backend fetch in progress", 200, media_type="application/json")
            case _:
                return None

    async def _cut(self, scope: Scope, receive: Receive, send: Send, broken_promise: bool) -> None:
        """Make the real answer and send half of it: under the full Content-Length (then close), or as if it
        were all."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        if not broken_promise:
            plain = [
                (name, value) for name, value in scope["headers"] if name not in (b"accept-encoding", b"if-none-match")
            ]
            scope = {**scope, "headers": plain}
        await self._routes(scope, receive, keep)
        start, body = messages[0], b"".join(message["body"] for message in messages[1:])
        half = body[: len(body) // 2]
        length = len(body) if broken_promise else len(half)
        start["headers"] = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        start["headers"].append((b"content-length", b"%d" % length))
        await send(start)
        await send({"type": "http.response.body", "body": half, "more_body": broken_promise})
        if broken_promise:
            _transport(scope).close()
            await _disconnected(receive)


def _prefixed(titles: set[str]) -> set[str | None]:
    return {title.strip("/") for title in titles}


def _transport(scope: Scope) -> asyncio.Transport:
    transport = scope["state"]["transport"]
    assert isinstance(transport, asyncio.Transport)
    return transport


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _reset(scope: Scope, receive: Receive) -> None:
    """End the connection with a TCP reset, nothing sent."""
    transport = _transport(scope)
    own: socket.socket = transport.get_extra_info("socket")
    with suppress(OSError):
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _disconnected(receive)
