"""Who may ask: programs of this computer that have the token, and no web page of anybody else's.

Before anything else sees a request, its Host must be this server's own (a name rebound to 127.0.0.1 is not), its
Origin, where a browser sends one, too, and its token right. Nothing is ever allowed to other origins: there is no
CORS.
"""

import hashlib
import hmac
import json

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdvg_desktop.api.docs import PAGE_PATH, PAGE_POLICY

MAX_BODY = 1_000_000
_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
NAMES = ("127.0.0.1", "localhost", "[::1]")


class Guard:
    """Wraps the application; what it refuses never reaches it."""

    def __init__(self, inner: ASGIApp, token: str, port: int) -> None:
        self._inner = inner
        self._token = _digest(token.encode())
        hosts = [f"{name}:{port}" for name in NAMES]
        self._hosts = {host.encode() for host in (*hosts, *(NAMES if port == 80 else ()))}
        self._origins = {b"http://" + host for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on with headers that keep answers out of caches."""
        if scope["type"] != "http":
            return
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        refusal = self._refusal(scope["path"], headers)
        if refusal is not None:
            await _answer(send, *refusal)
            return
        policy = PAGE_POLICY if scope["path"] == PAGE_PATH else b"default-src 'none'; frame-ancestors 'none'"

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [*_HEADERS, (b"content-security-policy", policy)]
                message = {**message, "headers": [*message.get("headers", ()), *own]}
            await send(message)

        read = 0

        async def receive_some() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY:
                raise HTTPException(_TOO_LARGE[0], _TOO_LARGE[2])
            return message

        await self._inner(scope, receive_some, send_on)

    def _refusal(self, path: str, headers: dict[bytes, list[bytes]]) -> tuple[int, str, str, str] | None:
        if [one.lower() for one in headers.get(b"host", [])] not in [[host] for host in self._hosts]:
            return 403, "Not from here", "The Host of the request is not this server's own.", _ASK_HERE
        if any(origin.lower() not in self._origins for origin in headers.get(b"origin", [])):
            return 403, "Not from here", "Web pages of other origins may not use the control API.", _ASK_HERE
        if any(one not in (b"same-origin", b"none") for one in headers.get(b"sec-fetch-site", [])):
            return 403, "Not from here", "Web pages of other sites may not use the control API.", _ASK_HERE
        if path == PAGE_PATH:  # holds nothing of the library; what it shows it asks for, with the token
            return None
        if not self._knows(headers.get(b"authorization", [])):
            return 401, "Token needed", "The request has no valid token.", "Send it as: Authorization: Bearer TOKEN."
        try:
            length = int(headers.get(b"content-length", [b"0"])[0])
        except ValueError:
            length = MAX_BODY + 1
        return _TOO_LARGE if length > MAX_BODY else None

    def _knows(self, given: list[bytes]) -> bool:
        """Whether there is one Authorization with the token. Digests are compared, in constant time."""
        scheme, _, token = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        return hmac.compare_digest(_digest(token.strip()), self._token) and scheme.lower() == b"bearer"


_ASK_HERE = "Ask by http://127.0.0.1 and the port, from a program and not from a web page."
_TOO_LARGE = (413, "Too much", f"A request may have {MAX_BODY:,} bytes.", "Send less.")


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


async def _answer(send: Send, status: int, title: str, message: str, hint: str) -> None:
    body = json.dumps({"error": {"title": title, "message": message, "hint": hint}}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *_HEADERS,
    ]
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="gdvg"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
